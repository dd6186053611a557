//! Lists of documents: each is a walk along an index, a page at a time.

use super::column::{corrupt, row, rows};
use super::condition::{Conditions, stored};
use super::plan::{Catalog, Choice, Wanted};
use crate::store::page::{Order, Position};
use crate::store::{Comparison, Cursor, DocumentQuery, Page, PageRequest, StoreError, Test};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row, params_from_iter};
use voltapile_platform::book::Kind;

/// Values of [`Comparison::IsOneOf`] that are walked side by side, so that the list stays in order; more are looked for
/// along the way.
const MERGED_MAX: usize = 16;

/// Documents that are found and sorted at most, rather than met along a walk: some milliseconds of work.
const SORTED_MAX: i64 = 4000;

/// Steps of a walk that are counted beforehand; of a longer one the whole table is taken for its length.
const COUNTED_MAX: i64 = 50_000;

/// Times that sorting what is found must be shorter than the whole walk to be preferred for that alone.
const WORST_WALK: i64 = 16;

/// Documents that are passed over in an index while one is read from the table.
const PASSED_PER_READ: i64 = 32;

/// A page of the JSON of documents.
pub(super) fn list(
    db: &Connection,
    catalog: &Catalog,
    kind: Kind,
    query: &DocumentQuery,
    page: &PageRequest,
) -> Result<Page<String>, StoreError> {
    let list = List::new(catalog, kind, query)?;
    let behind = page.after_position(kind, list.order)?;
    if list.is_empty() {
        return Ok(Page { items: Vec::new(), next_cursor: None });
    }
    // One view of the documents, whichever way they change between two statements.
    let snapshot = db.unchecked_transaction()?;
    let mut found = Vec::new();
    for (section, behind) in list.sections(behind.as_ref()) {
        let missing = page.fetch() - i64::try_from(found.len()).unwrap_or(i64::MAX);
        if missing > 0 {
            let path = list.path(section);
            let path = list.shorter(db, section, path, page.fetch())?.unwrap_or(path);
            let (sql, mut values) = list.statement(path, section, behind)?;
            values.push(Value::Integer(missing));
            found.extend(rows(db, &sql, params_from_iter(values), found_in)?);
        }
    }
    drop(snapshot);
    let page = Page::cut(page, found, |last| Cursor::after_position(kind, list.order, &last.position));
    Ok(page.map(|found| found.body))
}

/// What a list is ordered by.
fn order_of(kind: Kind, query: &DocumentQuery) -> Result<Order, StoreError> {
    let is_range = |test: &&Test| matches!(test.comparison, Comparison::From(_) | Comparison::Before(_));
    let range = query.tests.iter().find(is_range);
    let (field, descending) = query.sort.unwrap_or((range.map_or("id", |test| test.field), kind.is_numbered()));
    if field != "id" && !kind.fields().contains(&field) {
        return Err(StoreError::BadQuery { reason: format!("{} have no {field}", kind.table()) });
    }
    Ok(Order { field, descending })
}

/// A part of a list: documents without what it is ordered by are walked apart, because no index walks across null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// The list is ordered by id.
    All,
    /// Documents with a value.
    With,
    /// Documents without.
    Without,
}

/// A way through a section.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path<'a> {
    chosen: Option<Choice<'a>>,
    /// The list of values of which each is walked by itself, side by side, so that the section stays in order.
    merged: Option<&'a Test>,
}

/// A document found.
struct Found {
    position: Position,
    body: String,
}

/// A list and how it is walked.
pub(super) struct List<'a> {
    catalog: &'a Catalog,
    kind: Kind,
    query: &'a DocumentQuery,
    order: Order,
}

impl<'a> List<'a> {
    /// A list of what a query asks for.
    pub(super) fn new(catalog: &'a Catalog, kind: Kind, query: &'a DocumentQuery) -> Result<Self, StoreError> {
        Ok(Self { catalog, kind, query, order: order_of(kind, query)? })
    }

    /// Whether nothing can be in it: SQLite takes no index for a comparison with no value.
    fn is_empty(&self) -> bool {
        let takes_nothing = |test: &Test| matches!(&test.comparison, Comparison::IsOneOf(values) if values.is_empty());
        self.query.tests.iter().any(takes_nothing)
    }

    /// What is left behind a position, in order: each section and where in it to begin.
    pub(super) fn sections<'p>(&self, behind: Option<&'p Position>) -> Vec<(Section, Option<&'p Position>)> {
        if self.order.field == "id" {
            return vec![(Section::All, behind)];
        }
        let sections =
            if self.order.descending { [Section::With, Section::Without] } else { [Section::Without, Section::With] };
        let current = behind.map(|position| if position.value.is_null() { Section::Without } else { Section::With });
        let left = sections.into_iter().skip_while(|section| current.is_some_and(|current| current != *section));
        let left = left.filter(|section| *section == Section::With || !self.needs_value());
        left.map(|section| (section, behind.filter(|_| current == Some(section)))).collect()
    }

    /// Whether no document without what the list is ordered by can be in it: they may be many to look through in vain.
    fn needs_value(&self) -> bool {
        self.query.tests.iter().filter(|test| test.field == self.order.field).any(|test| match &test.comparison {
            Comparison::Is(value) => !value.is_null(),
            Comparison::IsOneOf(values) => !values.contains(&serde_json::Value::Null),
            Comparison::IsSet | Comparison::From(_) | Comparison::Before(_) | Comparison::Begins(_) => true,
        })
    }

    /// The index to walk in a section: in order, a page at a time.
    pub(super) fn path(&self, section: Section) -> Path<'a> {
        let chosen = self.catalog.choose(self.kind, &self.wanted(section));
        let is_entered = |test: &&Test| chosen.is_some_and(|chosen| chosen.is_entered_by(test.field));
        Path { chosen, merged: self.merged().filter(is_entered) }
    }

    /// Another index that leads to so few documents that sorting them takes less than walking past those in between.
    fn shorter(
        &self,
        db: &Connection,
        section: Section,
        path: Path<'a>,
        fetch: i64,
    ) -> Result<Option<Path<'a>>, StoreError> {
        let wanted = self.wanted(section);
        let mut steps = None;
        for other in self.catalog.others(self.kind, &wanted, path.chosen.as_ref()) {
            let found = self.count(db, section, other, SORTED_MAX + 1)?;
            if found > SORTED_MAX {
                continue;
            }
            let steps = match steps {
                Some(steps) => steps,
                None => *steps.insert(self.steps(db, section, path)?),
            };
            let shown = path.chosen.is_some_and(|chosen| chosen.shows(&wanted.tested));
            let reads_per_found = if shown { PASSED_PER_READ } else { 1 };
            let sorting = found.saturating_mul(reads_per_found);
            // A page's share of all that is found takes as large a share of the walk; but the walk may meet none of it.
            let is_usually_shorter = found.saturating_mul(sorting) < fetch.saturating_mul(steps);
            if is_usually_shorter || sorting.saturating_mul(WORST_WALK) < steps {
                return Ok(Some(Path { chosen: Some(other), merged: None }));
            }
        }
        Ok(None)
    }

    /// How long a path is.
    fn steps(&self, db: &Connection, section: Section, path: Path<'_>) -> Result<i64, StoreError> {
        if let Some(chosen) = path.chosen {
            let counted = self.count(db, section, chosen, COUNTED_MAX)?;
            if counted < COUNTED_MAX {
                return Ok(counted);
            }
        }
        let sql = format!("SELECT max(rowid) FROM {}", self.kind.table());
        Ok(row(db, &sql, [], |row| Ok(row.get::<_, Option<i64>>(0)?))?.flatten().unwrap_or(0))
    }

    /// How many documents an index leads to by itself, at most `most`.
    fn count(&self, db: &Connection, section: Section, chosen: Choice<'_>, most: i64) -> Result<i64, StoreError> {
        let field = self.order.field;
        let mut conditions = Conditions::new(self.kind);
        if chosen.is_entered_by("operator") {
            conditions.owner(self.query.owner.as_ref())?;
        }
        // What the list is ordered by is looked at as well, where the index has it.
        let is_sort = |tested: &str| tested == field && chosen.shows(&[field]);
        let tests = self.query.tests.iter().filter(|test| chosen.is_entered_by(test.field) || is_sort(test.field));
        tests.into_iter().try_for_each(|test| conditions.test(test))?;
        match section {
            Section::With if chosen.shows(&[field]) => conditions.push(&format!("\"{field}\" IS NOT NULL"), []),
            Section::Without if chosen.shows(&[field]) => conditions.push(&format!("\"{field}\" IS NULL"), []),
            _ => {}
        }
        let (table, index, sql) = (self.kind.table(), chosen.name, conditions.sql());
        let sql = format!("SELECT count(*) FROM (SELECT 1 FROM {table} INDEXED BY {index} WHERE {sql} LIMIT {most})");
        let count = row(db, &sql, params_from_iter(conditions.into_values()), |row| Ok(row.get::<_, i64>(0)?))?;
        Ok(count.unwrap_or(0))
    }

    /// The SQL of a section and its values, all but the limit.
    pub(super) fn statement(
        &self,
        path: Path<'_>,
        section: Section,
        behind: Option<&Position>,
    ) -> Result<(String, Vec<Value>), StoreError> {
        let mut sql = String::new();
        let mut values = Vec::new();
        match path.merged {
            Some(Test { field, comparison: Comparison::IsOneOf(alternatives) }) => {
                let mut walked = Vec::new();
                for alternative in alternatives {
                    let value = stored(self.kind, field, alternative)?;
                    if walked.contains(&value) {
                        continue;
                    }
                    walked.push(value);
                    let alternative = Test { field, comparison: Comparison::Is(alternative.clone()) };
                    let instead = path.merged.map(|test| (test, &alternative));
                    self.arm(section, behind, path.chosen, instead, &mut sql, &mut values)?;
                }
            }
            _ => self.arm(section, behind, path.chosen, None, &mut sql, &mut values)?,
        }
        let direction = if self.order.descending { "DESC" } else { "ASC" };
        let by = if section == Section::With { format!("2 {direction}, 1") } else { "1".to_owned() };
        sql.push_str(&format!(" ORDER BY {by} {direction} LIMIT ?"));
        Ok((sql, values))
    }

    /// The first list of values to compare with, if each of them may be walked by itself.
    fn merged(&self) -> Option<&'a Test> {
        let is_list = |test: &&Test| matches!(test.comparison, Comparison::IsOneOf(_));
        let is_short = |test: &&Test| match &test.comparison {
            Comparison::IsOneOf(values) => values.len() <= MERGED_MAX,
            _ => false,
        };
        self.query.tests.iter().find(is_list).filter(is_short)
    }

    /// What is asked of an index.
    fn wanted(&self, section: Section) -> Wanted<'a> {
        let (merged, tests) = (self.merged(), &self.query.tests);
        let (mut equal, mut ranges, mut set, mut tested) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        if self.query.owner.is_some() && self.kind != Kind::Operator {
            equal.push(("operator", false));
            tested.push("operator");
        }
        for test in tests {
            tested.push(test.field);
            match &test.comparison {
                Comparison::Is(value) => equal.push((test.field, value.is_null())),
                Comparison::IsOneOf(values) if merged.is_some_and(|merged| std::ptr::eq(merged, test)) => {
                    equal.push((test.field, values.iter().any(serde_json::Value::is_null)));
                }
                Comparison::From(_) | Comparison::Before(_) => ranges.push(test.field),
                Comparison::IsSet => set.push(test.field),
                Comparison::IsOneOf(_) | Comparison::Begins(_) => {}
            }
        }
        if section == Section::Without {
            equal.push((self.order.field, true));
        }
        let sort = if section == Section::With { self.order.field } else { "id" };
        Wanted { equal, sort, ranges, set, tested }
    }

    /// Adds one SELECT: of all that is asked for, or with one test in place of another.
    fn arm(
        &self,
        section: Section,
        behind: Option<&Position>,
        chosen: Option<Choice<'_>>,
        instead: Option<(&Test, &Test)>,
        sql: &mut String,
        values: &mut Vec<Value>,
    ) -> Result<(), StoreError> {
        let field = self.order.field;
        let mut conditions = Conditions::new(self.kind);
        conditions.owner(self.query.owner.as_ref())?;
        for test in &self.query.tests {
            match instead {
                Some((replaced, alternative)) if std::ptr::eq(replaced, test) => conditions.test(alternative)?,
                _ => conditions.test(test)?,
            }
        }
        match section {
            Section::All => {}
            Section::With => conditions.push(&format!("\"{field}\" IS NOT NULL"), []),
            Section::Without => conditions.push(&format!("\"{field}\" IS NULL"), []),
        }
        if let Some(position) = behind {
            let beyond = if self.order.descending { "<" } else { ">" };
            let id = stored(self.kind, "id", &serde_json::Value::String(position.id.clone()));
            let id = id.map_err(|_| StoreError::BadCursor)?;
            if section == Section::With {
                let value = plain(&position.value)?;
                conditions.push(&format!("(\"{field}\", id) {beyond} (?, ?)"), [value, id]);
            } else {
                conditions.push(&format!("id {beyond} ?"), [id]);
            }
        }
        if !sql.is_empty() {
            sql.push_str(" UNION ALL ");
        }
        let sorted = if section == Section::With { format!("\"{field}\"") } else { "NULL".to_owned() };
        let (table, indexed) = (self.kind.table(), indexed(chosen));
        sql.push_str(&format!("SELECT id, {sorted}, body FROM {table}{indexed} WHERE {}", conditions.sql()));
        values.extend(conditions.into_values());
        Ok(())
    }
}

/// An index as SQL demands it.
fn indexed(chosen: Option<Choice<'_>>) -> String {
    chosen.map(|chosen| format!(" INDEXED BY {}", chosen.name)).unwrap_or_default()
}

/// A cursor's value as the column holds it.
fn plain(value: &serde_json::Value) -> Result<Value, StoreError> {
    match value {
        serde_json::Value::String(text) => Ok(Value::Text(text.clone())),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Ok(Value::Integer(integer)),
            (None, Some(real)) => Ok(Value::Real(real)),
            (None, None) => Err(StoreError::BadCursor),
        },
        _ => Err(StoreError::BadCursor),
    }
}

fn found_in(row: &Row<'_>) -> Result<Found, StoreError> {
    let text = |value: ValueRef<'_>| value.as_str().map(ToOwned::to_owned).map_err(|error| corrupt(row, "id", error));
    let id = match row.get_ref(0)? {
        ValueRef::Integer(id) => id.to_string(),
        other => text(other)?,
    };
    let value = match row.get_ref(1)? {
        ValueRef::Null => serde_json::Value::Null,
        ValueRef::Integer(integer) => integer.into(),
        ValueRef::Real(real) => real.into(),
        other => text(other)?.into(),
    };
    Ok(Found { position: Position { value, id }, body: row.get(2)? })
}

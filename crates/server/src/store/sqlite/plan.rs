//! Which index a list of documents walks.
//!
//! SQLite keeps no statistics here, and without them takes any equality for a narrow one: a list of an operator's orders
//! with some card might walk all orders of the operator. So the store says itself which index it is to be: one that has
//! the list's order and, as far as there is one, only documents of the list. Where that would leave out too few, it first
//! counts whether another index leads to so few documents that they are quickly sorted.

use super::column::rows;
use crate::store::StoreError;
use rusqlite::Connection;
use std::cmp::Reverse;
use std::collections::HashMap;
use voltapile_platform::book::Kind;

/// Fields of which one value is shared by few documents, the narrowest first: worth finding all of them and sorting,
/// where no index has them in the right order.
const NARROW: [&str; 16] = [
    "record",
    "transaction_number",
    "hash",
    "key",
    "open_key",
    "open_on",
    "open_pile",
    "group",
    "order",
    "logical_number",
    "number",
    "vin",
    "card",
    "account",
    "pile",
    "abnormal_reason",
];

/// Indexes that are tried besides the chosen one.
const OTHERS_MAX: usize = 3;

/// The indexes that there are.
#[derive(Debug)]
pub(super) struct Catalog(HashMap<&'static str, Vec<Index>>);

#[derive(Debug)]
struct Index {
    name: String,
    columns: Vec<String>,
    /// Leaves out documents without the first column.
    is_partial: bool,
}

/// What a list asks of an index.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    /// Fields that are compared with one value at a time, and whether that is null.
    pub(super) equal: Vec<(&'a str, bool)>,
    /// What the list is ordered by before the id; not null in this list. `id` where it is ordered by nothing else.
    pub(super) sort: &'a str,
    /// Fields that are compared with the ends of a range.
    pub(super) ranges: Vec<&'a str>,
    /// Fields that must be something.
    pub(super) set: Vec<&'a str>,
    /// Every field that is looked at.
    pub(super) tested: Vec<&'a str>,
}

/// An index to walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Its columns.
    columns: &'a [String],
    /// By how many of them it is entered.
    entered: usize,
}

impl<'a> Choice<'a> {
    /// Whether it is entered by a field.
    pub(super) fn is_entered_by(&self, field: &str) -> bool {
        self.entry().iter().any(|column| column == field)
    }

    /// Whether it has every one of some fields, so that documents which do not fit are passed over without being read.
    pub(super) fn shows(&self, fields: &[&str]) -> bool {
        fields.iter().all(|field| self.columns.iter().any(|column| column == field))
    }

    fn entry(&self) -> &'a [String] {
        self.columns.get(..self.entered).unwrap_or_default()
    }
}

/// How good an index is for a list: the greater, the better.
type Rank = (Reverse<usize>, bool, usize, usize);

/// Of the table itself, walked by id.
const TABLE: Rank = (Reverse(NARROW.len()), true, 0, 0);

impl Catalog {
    /// Reads which indexes a database has.
    pub(super) fn read(db: &Connection) -> Result<Self, StoreError> {
        let sql = "SELECT list.name, list.partial, info.name FROM pragma_index_list(?1) AS list, \
                   pragma_index_xinfo(list.name) AS info \
                   WHERE list.origin = 'c' AND info.key ORDER BY list.name, info.seqno";
        let mut catalog = HashMap::new();
        for kind in Kind::ALL {
            let mut indexes: Vec<Index> = Vec::new();
            let columns = rows(db, sql, [kind.table()], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?, row.get::<_, String>(2)?))
            })?;
            for (name, is_partial, column) in columns {
                match indexes.last_mut().filter(|last| last.name == name) {
                    Some(last) => last.columns.push(column),
                    None => indexes.push(Index { name, is_partial, columns: vec![column] }),
                }
            }
            if kind.is_numbered() {
                // The id is the table's row number, which ends every index.
                indexes.iter_mut().for_each(Index::end_with_id);
            }
            catalog.insert(kind.table(), indexes);
        }
        Ok(Self(catalog))
    }

    /// The index to walk; `None` to walk the table by id, or to leave it to SQLite.
    pub(super) fn choose(&self, kind: Kind, wanted: &Wanted<'_>) -> Option<Choice<'_>> {
        let indexes = self.0.get(kind.table())?;
        let ranked = indexes.iter().filter_map(|index| Some((index.rank(wanted)?, index)));
        let (rank, index) = ranked.max_by_key(|(rank, _)| *rank)?;
        if wanted.sort == "id" && rank <= TABLE {
            return None;
        }
        Some(index.entered_by(rank.2))
    }

    /// Indexes that lead to the list's documents by fields that the chosen one does not, most fields first. What they
    /// lead to has to be sorted.
    pub(super) fn others(&self, kind: Kind, wanted: &Wanted<'_>, chosen: Option<&Choice<'_>>) -> Vec<Choice<'_>> {
        let is_known = |column: &str| chosen.is_some_and(|chosen| chosen.is_entered_by(column));
        let is_new = |column: &String| column != wanted.sort && !is_known(column);
        let indexes = self.0.get(kind.table()).map(Vec::as_slice).unwrap_or_default();
        let entered = indexes.iter().filter_map(|index| index.entry(wanted));
        let mut others: Vec<Choice<'_>> = entered.filter(|other| other.entry().iter().any(is_new)).collect();
        others.sort_by_key(|other| Reverse(other.entered));
        others.truncate(OTHERS_MAX);
        others
    }
}

impl Index {
    fn end_with_id(&mut self) {
        if !self.columns.iter().any(|column| column == "id") {
            self.columns.push("id".to_owned());
        }
    }

    fn entered_by(&self, entered: usize) -> Choice<'_> {
        Choice { name: &self.name, columns: &self.columns, entered }
    }

    /// By which columns it can be entered: those that are compared with a value, and then one with a range; or the one
    /// without which documents are not in it.
    fn entry(&self, wanted: &Wanted<'_>) -> Option<Choice<'_>> {
        let value = |column: &String| wanted.equal.iter().find(|(field, _)| field == column);
        let equal = self.columns.iter().take_while(|column| value(column).is_some()).count();
        let is_range = self.columns.get(equal).is_some_and(|next| wanted.ranges.iter().any(|field| field == next));
        let is_set =
            self.is_partial && self.columns.first().is_some_and(|first| wanted.set.iter().any(|field| field == first));
        let columns = (equal + usize::from(is_range)).max(usize::from(is_set));
        let is_null = self.columns.first().and_then(value).is_some_and(|(_, is_null)| *is_null);
        (columns > 0 && !(self.is_partial && is_null)).then(|| self.entered_by(columns))
    }

    /// `None` where walking it would not help.
    fn rank(&self, wanted: &Wanted<'_>) -> Option<Rank> {
        let is_equal = |column: &&String| wanted.equal.iter().any(|(field, _)| field == *column);
        let entered_by = self.columns.iter().take_while(is_equal).count();
        let first = self.columns.first()?;
        if self.is_partial {
            let has_value = wanted.equal.iter().any(|(field, is_null)| field == first && !is_null);
            let is_sort = entered_by == 0 && first == wanted.sort;
            if !has_value && !is_sort {
                return None;
            }
        }
        let (entry, rest) = self.columns.split_at_checked(entered_by)?;
        let is_sorted = match rest {
            [next, ..] if next == "id" => wanted.sort == "id",
            [next, then, ..] => next == wanted.sort && then == "id",
            _ => false,
        };
        // Any number of documents may be without a field.
        let is_null = |column: &String| wanted.equal.iter().any(|(field, is_null)| field == column && *is_null);
        let narrowness = |column: &String| NARROW.iter().position(|narrow| narrow == column && !is_null(column));
        let narrowest = entry.iter().filter_map(narrowness).min();
        if !is_sorted && narrowest.is_none() {
            return None;
        }
        let shown = wanted.tested.iter().filter(|field| rest.iter().any(|column| column == *field)).count();
        Some((Reverse(narrowest.unwrap_or(NARROW.len())), is_sorted, entered_by, shown))
    }
}

//! The books over a connection in a transaction, and units of work on them.

use super::column::{execute, row, rows};
use super::condition::{Conditions, stored};
use super::writer::Undo;
use super::{SqliteStore, documents, events, record_list};
use crate::store::{
    Answer, BookStore, Comparison, DocumentQuery, EventQuery, OnWork, Page, PageRequest, Rejected, StoreError,
    StoredEvent, StoredRecord, Test, Work,
};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use std::sync::Arc;
use voltapile_platform::book::{Books, BooksError, FieldSpan, Kind};
use voltapile_platform::event::Event;

impl BookStore for SqliteStore {
    fn submit_work(&self, work: Work, on_durable: OnWork) -> Result<(), Box<Rejected<(Work, OnWork)>>> {
        match self.writer.try_reserve() {
            Ok(place) => {
                place.submit(Undo::Savepoint, move |db| run(db, work), on_durable);
                Ok(())
            }
            Err(error) => Err(Box::new(Rejected { error, item: (work, on_durable) })),
        }
    }

    fn work(&self, work: Work) -> Answer<()> {
        self.writer.call(move |db| run(db, work))
    }

    fn document(&self, kind: Kind, id: String) -> Answer<Option<String>> {
        self.readers.call(move |db| read(db, kind, &id))
    }

    fn documents(&self, kind: Kind, query: DocumentQuery, page: PageRequest) -> Answer<Page<String>> {
        let catalog = Arc::clone(&self.catalog);
        self.readers.call(move |db| documents::list(db, &catalog, kind, &query, &page))
    }

    fn all_documents(&self, kind: Kind, only: Option<(&'static str, Vec<serde_json::Value>)>) -> Answer<Vec<String>> {
        self.readers.call(move |db| {
            let mut conditions = Conditions::new(kind);
            if let Some((field, values)) = only {
                conditions.test(&Test { field, comparison: Comparison::IsOneOf(values) })?;
            }
            let sql = format!("SELECT body FROM {} WHERE {} ORDER BY id", kind.table(), conditions.sql());
            bodies(db, &sql, conditions.into_values())
        })
    }

    fn events(&self, query: EventQuery, limit: usize) -> Answer<Vec<StoredEvent>> {
        self.readers.call(move |db| events::list(db, &query, limit))
    }

    fn last_event(&self) -> Answer<i64> {
        self.readers.call(events::last)
    }

    fn unjudged_records(&self, limit: usize) -> Answer<Vec<StoredRecord>> {
        self.readers.call(move |db| record_list::unjudged(db, limit))
    }
}

/// Does a unit of work; the writer undoes what it wrote when it fails.
fn run(db: &Connection, work: Work) -> Result<(), StoreError> {
    Ok(work(&mut SqliteBooks { db })?)
}

/// The books as a transaction sees and changes them.
struct SqliteBooks<'a> {
    db: &'a Connection,
}

impl Books for SqliteBooks<'_> {
    fn read(&mut self, kind: Kind, id: &str) -> Result<Option<String>, BooksError> {
        Ok(read(self.db, kind, id)?)
    }

    fn write(&mut self, kind: Kind, id: &str, body: String) -> Result<(), BooksError> {
        let corrupt = |reason: String| BooksError::Corrupt { kind, id: id.to_owned(), reason };
        let Some(key) = key(kind, id) else {
            return Err(corrupt(format!("{id:?} is no number")));
        };
        let document = serde_json::from_str(&body).map_err(|error| corrupt(error.to_string()))?;
        Ok(put(self.db, kind, key, body, fields_of(kind, &document)?)?)
    }

    fn remove(&mut self, kind: Kind, id: &str) -> Result<bool, BooksError> {
        let sql = format!("DELETE FROM {} WHERE id = ?1", kind.table());
        match key(kind, id) {
            Some(key) => Ok(execute(self.db, &sql, [key])? > 0),
            None => Ok(false),
        }
    }

    fn search(
        &mut self,
        kind: Kind,
        field: &'static str,
        value: &serde_json::Value,
        limit: usize,
    ) -> Result<Vec<String>, BooksError> {
        let test = Test { field, comparison: Comparison::Is(value.clone()) };
        Ok(first(self.db, kind, &[test], "id", limit)?)
    }

    fn search_span(
        &mut self,
        kind: Kind,
        field: &'static str,
        value: &serde_json::Value,
        span: &FieldSpan,
        limit: usize,
    ) -> Result<Vec<String>, BooksError> {
        let within = |comparison| Test { field: span.field, comparison };
        let tests = [
            Test { field, comparison: Comparison::Is(value.clone()) },
            within(Comparison::From(span.from.to_string().into())),
            within(Comparison::Before(span.before.to_string().into())),
        ];
        Ok(first(self.db, kind, &tests, span.field, limit)?)
    }

    fn next_number(&mut self, kind: Kind) -> Result<u64, BooksError> {
        let sql = "INSERT INTO sequences (name, last) VALUES (?1, 1)
             ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last";
        let number = row(self.db, sql, [kind.table()], |row| Ok(row.get::<_, i64>(0)?))?;
        // From 1 on; the statement always answers.
        Ok(number.and_then(|number| u64::try_from(number).ok()).unwrap_or(1))
    }

    fn mark_judged(&mut self, record: i64) -> Result<(), BooksError> {
        execute(self.db, "UPDATE records SET judged = 1 WHERE id = ?1", [record])?;
        Ok(())
    }

    fn append(&mut self, event: &Event) -> Result<(), BooksError> {
        Ok(events::append(self.db, event)?)
    }
}

fn read(db: &Connection, kind: Kind, id: &str) -> Result<Option<String>, StoreError> {
    let sql = format!("SELECT body FROM {} WHERE id = ?1", kind.table());
    match key(kind, id) {
        Some(key) => row(db, &sql, [key], |row| Ok(row.get(0)?)),
        None => Ok(None),
    }
}

/// Puts a document. Of one that is there only the fields that differ are written, because each of them costs its indexes:
/// an order has two dozen, and most of what happens to it changes one or two.
fn put(db: &Connection, kind: Kind, key: Value, body: String, fields: Vec<Value>) -> Result<(), StoreError> {
    let (table, names) = (kind.table(), quoted(kind.fields()));
    let known = row(db, &format!("SELECT {names} FROM {table} WHERE id = ?1"), [&key], |row| {
        Ok((0..fields.len()).map(|index| row.get(index)).collect::<Result<Vec<Value>, _>>()?)
    })?;
    let mut values = vec![key, Value::Text(body)];
    let sql = match known {
        None => {
            values.extend(fields);
            let places = vec!["?"; values.len()].join(", ");
            format!("INSERT INTO {table} (id, body, {names}) VALUES ({places})")
        }
        Some(known) => {
            let mut changes = String::new();
            let named = kind.fields().iter().zip(fields).zip(known);
            for ((name, field), _) in named.filter(|((_, field), known)| field != known) {
                changes.push_str(&format!(", \"{name}\" = ?"));
                values.push(field);
            }
            format!("UPDATE {table} SET body = ?2{changes} WHERE id = ?1")
        }
    };
    execute(db, &sql, params_from_iter(values))?;
    Ok(())
}

/// What the columns of a document's fields hold.
fn fields_of(kind: Kind, document: &serde_json::Value) -> Result<Vec<Value>, StoreError> {
    let field = |name: &&str| stored(kind, name, document.get(name).unwrap_or(&serde_json::Value::Null));
    kind.fields().iter().map(field).collect()
}

fn quoted(names: &[&str]) -> String {
    format!("\"{}\"", names.join("\", \""))
}

/// The first documents that pass some tests, in an order.
fn first(db: &Connection, kind: Kind, tests: &[Test], order: &str, limit: usize) -> Result<Vec<String>, StoreError> {
    let (sql, mut values) = statement(kind, tests, order)?;
    values.push(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
    bodies(db, &sql, values)
}

/// The statement for that, which lacks its limit.
pub(super) fn statement(kind: Kind, tests: &[Test], order: &str) -> Result<(String, Vec<Value>), StoreError> {
    let mut conditions = Conditions::new(kind);
    for test in tests {
        conditions.test(test)?;
    }
    let sql = format!("SELECT body FROM {} WHERE {} ORDER BY \"{order}\" LIMIT ?", kind.table(), conditions.sql());
    Ok((sql, conditions.into_values()))
}

fn bodies(db: &Connection, sql: &str, values: Vec<Value>) -> Result<Vec<String>, StoreError> {
    rows(db, sql, params_from_iter(values), |row| Ok(row.get(0)?))
}

/// An id as the column holds it; `None` where a kind with numbers has no such id.
fn key(kind: Kind, id: &str) -> Option<Value> {
    stored(kind, "id", &serde_json::Value::String(id.to_owned())).ok()
}

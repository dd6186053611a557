//! The books of the world: maps with indexes and an undo log.
//!
//! A unit of work is kept or undone as a whole, and what a kept one changed is handed to the checker, so that every
//! commit can be looked at without reading everything again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use serde_json::Value;
use voltapile_platform::book::{Books, BooksError, Document, Kind, from_json};
use voltapile_platform::event::{Event, EventType};
use voltapile_platform::identity::PileCode;

/// Fields of which no two documents of a kind may have the same value; a store has an index for each.
const UNIQUE: [(Kind, &str); 5] = [
    (Kind::Order, "open_on"),
    (Kind::Alarm, "open_key"),
    (Kind::Command, "key"),
    (Kind::Card, "physical_number"),
    (Kind::Operator, "tcec_id"),
];

/// A document's id; numbers sort by size.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Key(u64, Rc<str>);

impl Key {
    fn new(kind: Kind, id: &str) -> Self {
        let number = if kind.is_numbered() { id.parse().unwrap_or(0) } else { 0 };
        Self(number, id.into())
    }
}

#[derive(Debug)]
struct Stored {
    body: Rc<str>,
    /// Values of the searchable fields that have one.
    fields: Vec<(&'static str, String)>,
}

/// A document that a unit of work wrote or removed.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) kind: Kind,
    pub(crate) before: Option<Rc<str>>,
    pub(crate) after: Option<Rc<str>>,
}

impl Change {
    pub(crate) fn read<T: Document>(body: Option<&Rc<str>>) -> Option<T> {
        body.map(|body| from_json(T::KIND, "", body).unwrap_or_else(|error| panic!("{error}: {body}")))
    }
}

/// What a unit of work left.
#[derive(Debug, Default)]
pub(crate) struct Commit {
    pub(crate) changes: Vec<Change>,
    /// Events with their number within their pile.
    pub(crate) events: Vec<(u64, Event)>,
    pub(crate) judged: Vec<i64>,
}

/// The books.
#[derive(Debug, Default)]
pub(crate) struct WorldBooks {
    documents: BTreeMap<Kind, BTreeMap<Key, Stored>>,
    index: HashMap<(Kind, &'static str), HashMap<String, BTreeSet<Key>>>,
    numbers: BTreeMap<Kind, u64>,
    event_numbers: BTreeMap<PileCode, u64>,
    /// What each document was before the unit of work that runs.
    undo: Vec<(Kind, Key, Option<Rc<str>>)>,
    fresh_numbers: Vec<Kind>,
    fresh_events: Vec<(u64, Event)>,
    fresh_judged: Vec<i64>,
    /// For tests of the checker: events of this type are lost.
    pub(crate) swallows: Option<EventType>,
}

impl WorldBooks {
    /// Keeps the unit of work.
    pub(crate) fn commit(&mut self) -> Commit {
        let mut first: BTreeMap<(Kind, Key), Option<Rc<str>>> = BTreeMap::new();
        let mut order = Vec::new();
        for (kind, key, before) in self.undo.drain(..) {
            first.entry((kind, key.clone())).or_insert_with(|| {
                order.push((kind, key));
                before
            });
        }
        let mut commit = Commit {
            changes: Vec::new(),
            events: std::mem::take(&mut self.fresh_events),
            judged: std::mem::take(&mut self.fresh_judged),
        };
        self.fresh_numbers.clear();
        for (kind, key) in order {
            let before = first.remove(&(kind, key.clone())).flatten();
            let after = self.stored(kind, &key).map(|stored| Rc::clone(&stored.body));
            if before != after {
                commit.changes.push(Change { kind, before, after });
            }
        }
        commit
    }

    /// Undoes the unit of work.
    pub(crate) fn roll_back(&mut self) {
        while let Some((kind, key, before)) = self.undo.pop() {
            self.replace(kind, &key, before);
        }
        for kind in self.fresh_numbers.drain(..) {
            if let Some(number) = self.numbers.get_mut(&kind) {
                *number -= 1;
            }
        }
        for (_, event) in self.fresh_events.drain(..) {
            if let Some(number) = event.pile.and_then(|pile| self.event_numbers.get_mut(&pile)) {
                *number -= 1;
            }
        }
        self.fresh_judged.clear();
    }

    /// Every document of a type, in the order of their ids.
    pub(crate) fn all<T: Document>(&self) -> Vec<T> {
        let stored = self.documents.get(&T::KIND).into_iter().flat_map(BTreeMap::values);
        stored.map(|stored| from_json(T::KIND, "", &stored.body).unwrap_or_else(|error| panic!("{error}"))).collect()
    }

    /// Documents whose field has a value.
    pub(crate) fn with<T: Document>(&self, field: &'static str, value: impl Into<Value>) -> Vec<T> {
        let keys = self.index.get(&(T::KIND, field)).and_then(|index| index.get(&value.into().to_string()));
        let stored = keys.into_iter().flatten().filter_map(|key| self.stored(T::KIND, key));
        stored.map(|stored| from_json(T::KIND, "", &stored.body).unwrap_or_else(|error| panic!("{error}"))).collect()
    }

    /// One document, outside of any unit of work.
    pub(crate) fn look<T: Document>(&self, id: &T::Id) -> Option<T> {
        let stored = self.stored(T::KIND, &Key::new(T::KIND, &id.to_string()))?;
        Some(from_json(T::KIND, "", &stored.body).unwrap_or_else(|error| panic!("{error}")))
    }

    /// Bodies of a kind; only those that the unit of work has written, where that is asked.
    pub(crate) fn bodies(&self, kind: Kind, fresh: bool) -> Vec<Value> {
        let written = |key: &Key| self.undo.iter().any(|(of, written, _)| *of == kind && written == key);
        let stored = self.documents.get(&kind).into_iter().flatten().filter(|(key, _)| !fresh || written(key));
        stored.map(|(_, stored)| serde_json::from_str(&stored.body).unwrap_or_default()).collect()
    }

    fn stored(&self, kind: Kind, key: &Key) -> Option<&Stored> {
        self.documents.get(&kind)?.get(key)
    }

    fn replace(&mut self, kind: Kind, key: &Key, body: Option<Rc<str>>) -> Option<Rc<str>> {
        let documents = self.documents.entry(kind).or_default();
        let fields = body.as_ref().map_or_else(Vec::new, |body| searchable(kind, body));
        let before = match body {
            Some(body) => documents.insert(key.clone(), Stored { body, fields: fields.clone() }),
            None => documents.remove(key),
        };
        for (field, value) in before.iter().flat_map(|before| &before.fields) {
            if let Some(keys) = self.index.get_mut(&(kind, *field)).and_then(|index| index.get_mut(value)) {
                keys.remove(key);
            }
        }
        for (field, value) in fields {
            self.index.entry((kind, field)).or_default().entry(value).or_default().insert(key.clone());
        }
        before.map(|before| before.body)
    }

    fn must_be_unique(&self, kind: Kind, key: &Key, body: &str) -> Result<(), BooksError> {
        if !UNIQUE.iter().any(|(unique, _)| *unique == kind) {
            return Ok(());
        }
        for (field, value) in searchable(kind, body) {
            let others = self.index.get(&(kind, field)).and_then(|index| index.get(&value));
            let taken = others.is_some_and(|others| others.iter().any(|other| other != key));
            if taken && UNIQUE.contains(&(kind, field)) {
                return Err(BooksError::Backend(format!("{kind:?}.{field} {value} is there twice").into()));
            }
        }
        Ok(())
    }
}

/// A document's searchable fields that are not null.
fn searchable(kind: Kind, body: &str) -> Vec<(&'static str, String)> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let value = |field: &&'static str| Some((*field, body.get(*field).filter(|value| !value.is_null())?.to_string()));
    kind.fields().iter().filter_map(value).collect()
}

impl Books for WorldBooks {
    fn read(&mut self, kind: Kind, id: &str) -> Result<Option<String>, BooksError> {
        Ok(self.stored(kind, &Key::new(kind, id)).map(|stored| stored.body.to_string()))
    }

    fn write(&mut self, kind: Kind, id: &str, body: String) -> Result<(), BooksError> {
        let key = Key::new(kind, id);
        self.must_be_unique(kind, &key, &body)?;
        let before = self.replace(kind, &key, Some(body.into()));
        self.undo.push((kind, key, before));
        Ok(())
    }

    fn remove(&mut self, kind: Kind, id: &str) -> Result<bool, BooksError> {
        let key = Key::new(kind, id);
        let before = self.replace(kind, &key, None);
        let was_there = before.is_some();
        self.undo.push((kind, key, before));
        Ok(was_there)
    }

    fn search(
        &mut self,
        kind: Kind,
        field: &'static str,
        value: &Value,
        limit: usize,
    ) -> Result<Vec<String>, BooksError> {
        if !kind.fields().contains(&field) {
            return Err(BooksError::Backend(format!("{field} is no field of {kind:?}").into()));
        }
        let keys = self.index.get(&(kind, field)).and_then(|index| index.get(&value.to_string()));
        let found = keys.into_iter().flatten().filter_map(|key| self.stored(kind, key));
        Ok(found.take(limit).map(|stored| stored.body.to_string()).collect())
    }

    fn next_number(&mut self, kind: Kind) -> Result<u64, BooksError> {
        let number = self.numbers.entry(kind).or_default();
        *number += 1;
        self.fresh_numbers.push(kind);
        Ok(*number)
    }

    fn mark_judged(&mut self, record: i64) -> Result<(), BooksError> {
        if !self.fresh_judged.contains(&record) {
            self.fresh_judged.push(record);
        }
        Ok(())
    }

    fn append(&mut self, event: &Event) -> Result<(), BooksError> {
        if self.swallows == Some(event.event_type) {
            return Ok(());
        }
        let number = match event.pile {
            Some(pile) => {
                let number = self.event_numbers.entry(pile).or_default();
                *number += 1;
                *number
            }
            None => 0,
        };
        self.fresh_events.push((number, event.clone()));
        Ok(())
    }
}

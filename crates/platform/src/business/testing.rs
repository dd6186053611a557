//! Books on maps, and what else a test of the business needs: for this crate's tests and, with the feature `testing`,
//! for others'.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Business, BusinessError, Presence, Reaction, Rules};
use crate::book::{Books, BooksError, Document, Kind};
use crate::event::{Event, EventType};
use crate::identity::{OrderId, PileCode};
use crate::order::{Order, Progress};
use crate::timestamp::Timestamp;

/// Books in memory. What must be there once ([`UNIQUE`]) is checked, as a store's indexes do.
#[derive(Debug, Clone, Default)]
pub struct MemoryBooks {
    documents: BTreeMap<Kind, BTreeMap<Key, String>>,
    numbers: BTreeMap<Kind, u64>,
    judged: BTreeSet<i64>,
    events: Vec<Event>,
}

/// Fields of which no two documents of a kind may have the same value other than null.
pub const UNIQUE: [(Kind, &str); 3] = [(Kind::Order, "open_on"), (Kind::Alarm, "open_key"), (Kind::Command, "key")];

/// A document's id; numbers sort by size.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u64, String);

impl Key {
    fn new(kind: Kind, id: &str) -> Self {
        let number = if kind.is_numbered() { id.parse().unwrap_or(0) } else { 0 };
        Self(number, id.to_owned())
    }
}

impl MemoryBooks {
    /// Empty books.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Every event, oldest first.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The types of all events, oldest first.
    #[must_use]
    pub fn event_types(&self) -> Vec<EventType> {
        self.events.iter().map(|event| event.event_type).collect()
    }

    /// Whether a transaction record was marked as judged.
    #[must_use]
    pub fn is_judged(&self, record: i64) -> bool {
        self.judged.contains(&record)
    }

    /// Every document of a type, in the order of their ids.
    ///
    /// # Errors
    /// When one is corrupt.
    pub fn all<T: Document>(&self) -> Result<Vec<T>, BooksError> {
        let bodies = self.documents.get(&T::KIND).into_iter().flat_map(BTreeMap::values);
        bodies.map(|body| crate::book::from_json(T::KIND, "", body)).collect()
    }

    fn check_unique(&self, kind: Kind, key: &Key, body: &Value) -> Result<(), BooksError> {
        for field in UNIQUE.iter().filter(|(unique, _)| *unique == kind).map(|(_, field)| *field) {
            let Some(value) = body.get(field).filter(|value| !value.is_null()) else { continue };
            for (other, text) in self.documents.get(&kind).into_iter().flatten() {
                if other != key && parse(kind, text)?.get(field) == Some(value) {
                    return Err(BooksError::Backend(format!("{kind:?}.{field} {value} is there twice").into()));
                }
            }
        }
        Ok(())
    }
}

fn parse(kind: Kind, body: &str) -> Result<Value, BooksError> {
    crate::book::from_json(kind, "", body)
}

impl Books for MemoryBooks {
    fn read(&mut self, kind: Kind, id: &str) -> Result<Option<String>, BooksError> {
        Ok(self.documents.get(&kind).and_then(|documents| documents.get(&Key::new(kind, id))).cloned())
    }

    fn write(&mut self, kind: Kind, id: &str, body: String) -> Result<(), BooksError> {
        let key = Key::new(kind, id);
        self.check_unique(kind, &key, &parse(kind, &body)?)?;
        self.documents.entry(kind).or_default().insert(key, body);
        Ok(())
    }

    fn remove(&mut self, kind: Kind, id: &str) -> Result<bool, BooksError> {
        let documents = self.documents.get_mut(&kind);
        Ok(documents.is_some_and(|documents| documents.remove(&Key::new(kind, id)).is_some()))
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
        let mut found = Vec::new();
        for body in self.documents.get(&kind).into_iter().flat_map(BTreeMap::values) {
            if found.len() < limit && parse(kind, body)?.get(field) == Some(value) {
                found.push(body.clone());
            }
        }
        Ok(found)
    }

    fn next_number(&mut self, kind: Kind) -> Result<u64, BooksError> {
        let number = self.numbers.entry(kind).or_default();
        *number += 1;
        Ok(*number)
    }

    fn mark_judged(&mut self, record: i64) -> Result<(), BooksError> {
        self.judged.insert(record);
        Ok(())
    }

    fn append(&mut self, event: &Event) -> Result<(), BooksError> {
        self.events.push(event.clone());
        Ok(())
    }
}

/// Connections as a test wants them.
#[derive(Debug, Clone, Default)]
pub struct FixedPresence {
    /// Piles that are connected.
    pub online: BTreeSet<PileCode>,
    /// Piles that charge.
    pub busy: BTreeSet<PileCode>,
    /// How far charges have come.
    pub progress: BTreeMap<OrderId, Progress>,
}

impl Presence for FixedPresence {
    fn is_online(&self, pile: PileCode) -> bool {
        self.online.contains(&pile)
    }

    fn is_idle(&self, pile: PileCode) -> bool {
        !self.busy.contains(&pile)
    }

    fn progress(&self, order: &Order) -> Option<Progress> {
        self.progress.get(&order.id).copied()
    }
}

/// Books, rules, connections and a clock to do units of work on.
#[derive(Debug, Clone)]
pub struct Bench {
    /// The books.
    pub books: MemoryBooks,
    /// What to go by.
    pub rules: Rules,
    /// Who is connected.
    pub presence: FixedPresence,
    /// Now.
    pub now: Timestamp,
    /// What the units of work done so far asked for; a test may take from it.
    pub reaction: Reaction,
}

impl Bench {
    /// Empty books at a moment.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            books: MemoryBooks::new(),
            rules: Rules::default(),
            presence: FixedPresence::default(),
            now,
            reaction: Reaction::default(),
        }
    }

    /// One unit of work: kept, and its reaction added to what there is, when it succeeds; undone when it fails.
    ///
    /// # Errors
    /// What the work fails with.
    pub fn work<T>(
        &mut self,
        work: impl FnOnce(&mut Business<'_>) -> Result<T, BusinessError>,
    ) -> Result<T, BusinessError> {
        let mut books = self.books.clone();
        let mut business = Business {
            books: &mut books,
            rules: &self.rules,
            presence: &self.presence,
            now: self.now,
            reaction: Reaction::default(),
        };
        let done = work(&mut business)?;
        let Reaction { dispatch, orders, ended, due } = business.reaction;
        self.reaction.dispatch.extend(dispatch);
        self.reaction.orders.extend(orders);
        self.reaction.ended.extend(ended);
        self.reaction.due.extend(due);
        self.books = books;
        Ok(done)
    }

    /// Puts a document, outside of any rule.
    ///
    /// # Errors
    /// When it breaks a unique field.
    pub fn put<T: Document>(&mut self, document: &T) -> Result<(), BooksError> {
        let books: &mut dyn Books = &mut self.books;
        books.put(document)
    }

    /// A document.
    ///
    /// # Errors
    /// When it is corrupt.
    pub fn get<T: Document>(&mut self, id: &T::Id) -> Result<Option<T>, BooksError> {
        let books: &mut dyn Books = &mut self.books;
        books.get(id)
    }

    /// Lets time pass.
    pub fn pass_seconds(&mut self, seconds: i64) {
        self.now = self.now.plus_seconds(seconds);
    }
}

//! The business's books in a store: units of work, documents, events.

use serde::Serialize;
use serde_json::Value;
use voltapile_platform::book::{Books, BooksError, Kind};
use voltapile_platform::event::EventType;
use voltapile_platform::identity::{OperatorId, PileCode};
use voltapile_platform::timestamp::Timestamp;

use super::{Answer, Page, PageRequest, Rejected, StoreError, StoredRecord};

/// A unit of work: what it writes becomes durable together, or not at all. Runs where the store writes, so it must be
/// quick and must not wait for anything.
pub type Work = Box<dyn FnOnce(&mut dyn Books) -> Result<(), Undone> + Send>;

/// Why a unit of work is to be undone.
#[derive(Debug, thiserror::Error)]
pub enum Undone {
    /// By its own decision; answered as [`StoreError::Refused`].
    #[error("the work refused itself")]
    Refused,
    /// The books failed.
    #[error(transparent)]
    Failed(#[from] BooksError),
}

/// Called once a unit of work is durable, or was undone.
pub type OnWork = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// The books.
pub trait BookStore: Send + Sync {
    /// Queues a unit of work without waiting and calls `on_durable` once it is safe, or was undone. Work is done in the
    /// order in which it is queued.
    ///
    /// `on_durable` runs on the store's writer thread: it must be quick and must not block.
    ///
    /// # Errors
    /// Gives both back when the queue is full or the store is closed.
    fn submit_work(&self, work: Work, on_durable: OnWork) -> Result<(), Box<Rejected<(Work, OnWork)>>>;

    /// Does a unit of work; waits for room in the queue and for the commit.
    fn work(&self, work: Work) -> Answer<()>;

    /// The JSON of one document.
    fn document(&self, kind: Kind, id: String) -> Answer<Option<String>>;

    /// The JSON of documents: by id, numbered ones newest first, unless the query sorts otherwise. Where it does not,
    /// but asks for a range of a field, by that field, the same way round: so that the range can be walked.
    ///
    /// Documents without the field come before all others. Where the field is the same, the ids decide.
    fn documents(&self, kind: Kind, query: DocumentQuery, page: PageRequest) -> Answer<Page<String>>;

    /// The JSON of every document of a kind whose field has one of some values: what is loaded at start.
    fn all_documents(&self, kind: Kind, only: Option<(&'static str, Vec<Value>)>) -> Answer<Vec<String>>;

    /// Events behind a number, oldest first, at most `limit`.
    fn events(&self, query: EventQuery, limit: usize) -> Answer<Vec<StoredEvent>>;

    /// The number of the newest event; 0 before the first.
    fn last_event(&self) -> Answer<i64>;

    /// Transaction records that the business has not judged, oldest first, at most `limit`.
    fn unjudged_records(&self, limit: usize) -> Answer<Vec<StoredRecord>>;
}

/// Which documents.
#[derive(Debug, Clone, Default)]
pub struct DocumentQuery {
    /// Only an operator's, and of operators only itself; `None` for everybody's.
    pub owner: Option<OperatorId>,
    /// All of these must hold.
    pub tests: Vec<Test>,
    /// A field of [`Kind::fields`], or `id`, and whether the greatest comes first.
    pub sort: Option<(&'static str, bool)>,
}

/// A demand on a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// One of [`Kind::fields`], or `id`.
    pub field: &'static str,
    /// How it is compared.
    pub comparison: Comparison,
}

/// How a field is compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Comparison {
    /// It is this; `null` finds documents without it.
    Is(Value),
    /// It is something.
    IsSet,
    /// It is one of these.
    IsOneOf(Vec<Value>),
    /// It is this or greater.
    From(Value),
    /// It is less.
    Before(Value),
    /// It begins so, ASCII letters in either case.
    Begins(String),
}

/// Which events.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    /// Only those behind this number.
    pub after: i64,
    /// Only of one pile.
    pub pile: Option<PileCode>,
    /// Only an operator's; `None` for everybody's.
    pub owner: Option<OperatorId>,
    /// Only of these types; empty for all.
    pub types: Vec<EventType>,
}

/// An event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredEvent {
    /// Its number among all; grows with time.
    pub id: i64,
    /// Its number among its pile's, from 1 without gaps.
    pub number: Option<u64>,
    /// What it tells of.
    pub event_type: EventType,
    /// When it happened.
    pub at: Timestamp,
    /// The pile it concerns.
    pub pile: Option<PileCode>,
    /// Whose it is.
    pub operator: Option<OperatorId>,
    /// What it is about, as a path below `/api/v1`.
    pub subject: String,
    /// The state it tells of.
    pub data: Value,
}

//! What must survive: a trait per need, one adapter per database, one suite that every adapter passes.
//!
//! The traits can be made into objects (`Arc<dyn Store>`), so that a configuration chooses the database. A method that
//! waits returns an [`Answer`]; nothing happens before it is awaited. What an answer says is durable: a write is
//! answered after its commit has reached the disk.

mod book;
mod error;
mod page;
mod record;
mod series;
mod session;
pub mod sqlite;

#[cfg(test)]
mod conformance;

pub use book::{BookStore, Comparison, DocumentQuery, EventQuery, OnWork, StoredEvent, Test, Undone, Work};
pub use error::{Fault, Rejected, StoreError};
pub use page::{Cursor, PAGE_LIMIT_MAX, Page, PageRequest};
pub use record::{NewRecord, OnDurable, RecordFilter, RecordId, RecordOutcome, RecordVariant, StoredRecord};
pub use series::{BmsMessage, Sample, SeriesStore};
pub use session::{Session, SessionChange, SessionFilter, SessionId};

use std::future::Future;
use std::pin::Pin;
use voltapile_platform::identity::{PileCode, TransactionNumber};
use voltapile_platform::pile::WaitingPile;
use voltapile_platform::timestamp::Timestamp;

/// What a store will have done or found.
pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>>;

/// Everything the server keeps.
pub trait Store: WaitingStore + RecordStore + SessionStore + TokenStore + BookStore + SeriesStore {
    /// Finishes what is queued, commits it and lets go of the database. Whatever comes later is answered with
    /// [`StoreError::Closed`].
    fn close(&self) -> Answer<()>;
}

/// Piles that knocked and are not registered.
pub trait WaitingStore: Send + Sync {
    /// Waiting piles by code.
    fn waiting_piles(&self, page: PageRequest) -> Answer<Page<WaitingPile>>;

    /// One waiting pile.
    fn waiting_pile(&self, code: PileCode) -> Answer<Option<WaitingPile>>;

    /// Notes attempts to log in, each with its own `attempts` to add. A pile that is registered by now is left out.
    /// Beyond [`WAITING_MAX`] piles, those that were silent the longest are forgotten.
    fn note_waiting(&self, attempts: Vec<WaitingPile>) -> Answer<()>;

    /// Forgets a waiting pile; whether it was waiting. A pile that is put into the books stops waiting by that alone, in
    /// the same unit of work.
    fn forget_waiting(&self, code: PileCode) -> Answer<bool>;
}

/// Waiting piles that are remembered: anyone who reaches the port can invent codes.
pub const WAITING_MAX: u32 = 10_000;

/// Transaction records.
pub trait RecordStore: Send + Sync {
    /// Queues a record without waiting and calls `on_durable` once it is safe, or has failed.
    ///
    /// `on_durable` runs on the store's writer thread: it must be quick and must not block.
    ///
    /// # Errors
    /// Gives the record back when the queue is full ([`StoreError::Full`]) or the store is closed. `on_durable` is
    /// then dropped without being called. When full, stop reading the peer and await
    /// [`store_record`](Self::store_record).
    fn submit_record(&self, record: NewRecord, on_durable: OnDurable) -> Result<(), Box<Rejected<NewRecord>>>;

    /// Stores a record; waits for room in the queue and for the commit.
    fn store_record(&self, record: NewRecord) -> Answer<RecordOutcome>;

    /// Records, those received last first.
    fn records(&self, filter: RecordFilter, page: PageRequest) -> Answer<Page<StoredRecord>>;

    /// One record.
    fn record(&self, id: RecordId) -> Answer<Option<StoredRecord>>;

    /// The records of a transaction number, oldest first. Several when piles or connectors share a number.
    fn records_of_transaction(&self, number: TransactionNumber) -> Answer<Vec<StoredRecord>>;

    /// What else was sent under a record's key, oldest first; at most the first 500.
    fn record_variants(&self, id: RecordId) -> Answer<Vec<RecordVariant>>;
}

/// Connections of piles: when, from where, why they ended. Of each pile at least the newest 1000 are kept; older ones
/// are forgotten in time.
pub trait SessionStore: Send + Sync {
    /// An id that no session has had.
    fn next_session_id(&self) -> SessionId;

    /// Queues changes without waiting for their commit; a failure is logged.
    ///
    /// # Errors
    /// Gives the changes back when the queue is full or the store is closed.
    fn submit_sessions(&self, changes: Vec<SessionChange>) -> Result<(), Rejected<Vec<SessionChange>>>;

    /// Stores changes in one commit.
    fn store_sessions(&self, changes: Vec<SessionChange>) -> Answer<()>;

    /// Closes every session that is still open, for one reason. Returns how many there were: after a crash, at start.
    fn close_all_sessions(&self, now: Timestamp, reason: String) -> Answer<u64>;

    /// Sessions, newest first.
    fn sessions(&self, filter: SessionFilter, page: PageRequest) -> Answer<Page<Session>>;
}

/// The secret that guards the API, as a hash.
pub trait TokenStore: Send + Sync {
    /// The hash of the administrator's token, once one is set.
    fn admin_token_hash(&self) -> Answer<Option<TokenHash>>;

    /// Sets or replaces it; `None` forgets it.
    fn set_admin_token_hash(&self, hash: Option<TokenHash>) -> Answer<()>;
}

/// SHA-256 of a bearer token.
pub type TokenHash = [u8; 32];

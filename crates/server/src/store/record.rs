//! A transaction record on its way into the store and out of it.

use super::StoreError;
use serde::{Serialize, Serializer};
use voltapile_platform::identity::{ConnectorNumber, OperatorId, PileCode, TransactionNumber};
use voltapile_platform::record::{RecordReading, RecordState, TransactionRecord};
use voltapile_platform::timestamp::Timestamp;

/// A record as it came from a pile.
///
/// Its key is pile, transaction number and connector. Where the number is zero or the body could not be read, the
/// body's SHA-256 belongs to the key as well: two bills without a number are two bills, and a damaged copy never takes
/// the place of a good one.
#[derive(Debug, Clone)]
pub struct NewRecord {
    /// When the platform received it.
    pub received_at: Timestamp,
    /// The pile that sent it; need not be registered.
    pub pile_code: PileCode,
    /// The connector, 0 where it could not be read.
    pub connector: ConnectorNumber,
    /// The transaction number, zero where it could not be read.
    pub transaction_number: TransactionNumber,
    /// The protocol that it came by.
    pub protocol: &'static str,
    /// The frame's type or the message's command number.
    pub frame_type: u16,
    /// The whole body as it came.
    pub raw: Vec<u8>,
    /// What could be made of it.
    pub reading: RecordReading,
}

/// What became of a record; each means that it may be acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordOutcome {
    /// It is new and stored.
    Stored(RecordId),
    /// It was stored before; counted.
    Duplicate(RecordId),
    /// Another body was stored under its key before. The first stays the record, this one is kept beside it.
    DuplicateDiffers(RecordId),
}

impl RecordOutcome {
    /// The record that is stored under its key.
    #[must_use]
    pub const fn record(self) -> RecordId {
        match self {
            Self::Stored(id) | Self::Duplicate(id) | Self::DuplicateDiffers(id) => id,
        }
    }
}

/// Called once a record is durable, or could not be made so.
pub type OnDurable = Box<dyn FnOnce(Result<RecordOutcome, StoreError>) + Send>;

/// A record's number in the store; grows with time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RecordId(pub i64);

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredRecord {
    /// Its number in the store.
    pub id: RecordId,
    /// When it was first received.
    pub received_at: Timestamp,
    /// When it was last received.
    pub last_received_at: Timestamp,
    /// How often it was received again, with the same body or another.
    pub duplicates: u32,
    /// How many other bodies were sent under its key.
    pub variants: u32,
    /// The pile that sent it.
    pub pile_code: PileCode,
    /// The connector, 0 where it could not be read.
    pub connector: ConnectorNumber,
    /// The transaction number, zero where it could not be read.
    pub transaction_number: TransactionNumber,
    /// The protocol that it came by.
    pub protocol: String,
    /// The frame's type or the message's command number.
    pub frame_type: u16,
    /// The whole body as it came; hex digits in JSON.
    #[serde(serialize_with = "as_hex")]
    pub raw: Vec<u8>,
    /// What could be made of it; in JSON `state`, and `parsed` or `unreadable_reason`.
    #[serde(flatten, serialize_with = "as_reading")]
    pub reading: RecordReading,
}

/// Another body that was sent under the key of a stored record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordVariant {
    /// When it was first received.
    pub received_at: Timestamp,
    /// The frame's type or the message's command number.
    pub frame_type: u16,
    /// The whole body as it came; hex digits in JSON.
    #[serde(serialize_with = "as_hex")]
    pub raw: Vec<u8>,
    /// What could be made of it.
    pub parsed: Option<Box<TransactionRecord>>,
}

/// Which records to list. The default lists all.
#[derive(Debug, Clone, Default)]
pub struct RecordFilter {
    /// Of one pile.
    pub pile_code: Option<PileCode>,
    /// Of an operator's piles, as they are today; `None` for everybody's.
    pub owner: Option<OperatorId>,
    /// Of one transaction number.
    pub transaction_number: Option<TransactionNumber>,
    /// Readable ones, or those that are not.
    pub state: Option<RecordState>,
    /// First received then or later.
    pub received_from: Option<Timestamp>,
    /// First received before.
    pub received_to: Option<Timestamp>,
}

fn as_hex<S: Serializer>(raw: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&raw.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn as_reading<S: Serializer>(reading: &RecordReading, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Shown<'a> {
        state: RecordState,
        #[serde(skip_serializing_if = "Option::is_none")]
        parsed: Option<&'a voltapile_platform::record::TransactionRecord>,
        #[serde(skip_serializing_if = "Option::is_none")]
        unreadable_reason: Option<&'a str>,
    }
    let (parsed, unreadable_reason) = match reading {
        RecordReading::Parsed(parsed) => (Some(parsed.as_ref()), None),
        RecordReading::Unreadable { reason } => (None, Some(reason.as_str())),
    };
    Shown { state: reading.state(), parsed, unreadable_reason }.serialize(serializer)
}

//! Whoever watches what passes between virtual piles and their platform: an interactive page, a capture, a checker.

use voltapile_protocol::layout::Direction;
use voltapile_protocol::ykc::field::PileCode;

use crate::fault::Fault;
pub use crate::frames::{SentRecord, Sold};
use crate::model::{KeyFlaw, Moment, TransactionNumber};

/// Watches lines. Called from the piles' tasks as things happen, so it must be quick and never wait.
pub trait Observer: Send + Sync {
    /// A connection was made; the addresses of both ends are the pile's and the platform's.
    fn connected(&self, pile: PileCode, now: Moment, ends: Ends);

    /// Bytes passed: exactly what one write or read moved, after line faults have had their way with it. What a fault of
    /// the link writes on connections that the pile has left is not told.
    fn passed(&self, pile: PileCode, now: Moment, direction: Direction, bytes: &[u8]);

    /// The connection ended, and why.
    fn disconnected(&self, pile: PileCode, now: Moment, reason: &str);

    /// The pile did or learned something, as it really was. Nobody needs to listen.
    fn did(&self, _pile: PileCode, _now: Moment, _deed: &Deed<'_>) {}
}

/// What a pile did or learned, before faults of the line had their way with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed<'a> {
    /// It played a fault of the menu.
    FaultPlayed(Fault),
    /// The platform took its login.
    LoginAccepted,
    /// It did not take its login, because the answer has not its key.
    KeyRefused(KeyFlaw),
    /// It sent a heartbeat.
    HeartbeatSent,
    /// A heartbeat was answered.
    HeartbeatAnswered,
    /// A connector began to charge.
    ChargeBegan {
        /// Its number.
        connector: u8,
        /// The charge's.
        transaction_number: TransactionNumber,
    },
    /// It charges no more.
    ChargeEnded {
        /// The charge's number.
        transaction_number: TransactionNumber,
        /// Energy when the pile last looked, 1e-4 kWh; the record may tell of a little more.
        energy: u32,
    },
    /// It sent a record, for the first time or again.
    RecordSent {
        /// The record, whichever frame of its version brings it.
        record: &'a SentRecord,
        /// The body of that frame.
        body: &'a [u8],
    },
    /// It told a record again because it was asked for it (402, 422).
    RecordTold {
        /// The record.
        record: &'a SentRecord,
        /// The body of that frame.
        body: &'a [u8],
    },
    /// The platform answered a record.
    RecordAnswered {
        /// The charge's number.
        transaction_number: TransactionNumber,
        /// Whether the platform has it.
        is_taken: bool,
    },
}

/// Both ends of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ends {
    /// The pile's address.
    pub pile: std::net::SocketAddr,
    /// The platform's.
    pub platform: std::net::SocketAddr,
}

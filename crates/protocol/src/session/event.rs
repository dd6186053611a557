//! What the platform's sessions of all protocols tell their driver.

use super::CloseReason;
use crate::layout::DecodeError;

/// The body of a transaction record, read or not.
#[derive(Debug, Clone, PartialEq)]
pub enum RecordBody<M> {
    /// Every field could be read.
    Read(M),
    /// The body is too short or its layout is not known.
    Unreadable(Option<DecodeError>),
}

/// What became due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadlineEvent<C> {
    /// A pile has been silent long enough to be shown as offline.
    PileSilent(C),
    /// A pile's clock is to be set.
    ClockSync(C),
    /// A request was not answered in time.
    RequestTimedOut {
        /// The pile that was asked.
        pile: C,
        /// Token of the request.
        token: u64,
    },
    /// Close the connection.
    Close(CloseReason),
}

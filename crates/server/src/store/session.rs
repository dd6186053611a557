//! Connections of piles, as history.

use serde::Serialize;
use voltapile_platform::identity::PileCode;
use voltapile_platform::timestamp::Timestamp;

/// A session's number; grows with time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SessionId(pub i64);

/// One connection of one pile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Its number.
    pub id: SessionId,
    /// The pile that logged in.
    pub pile_code: PileCode,
    /// Address and port it came from.
    pub peer: String,
    /// When it logged in.
    pub opened_at: Timestamp,
    /// When it ended; `None` while it lasts.
    pub closed_at: Option<Timestamp>,
    /// Why it ended; `None` while it lasts.
    pub close_reason: Option<String>,
}

/// Something that happened to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionChange {
    /// A pile logged in.
    Opened {
        /// From [`next_session_id`](super::SessionStore::next_session_id).
        id: SessionId,
        /// The pile.
        pile_code: PileCode,
        /// Address and port it came from.
        peer: String,
        /// When.
        at: Timestamp,
    },
    /// The session ended. Unknown and closed sessions are left as they are.
    Closed {
        /// The session.
        id: SessionId,
        /// When.
        at: Timestamp,
        /// Why, in a stable word.
        reason: String,
    },
}

/// Which sessions to list. The default lists all.
#[derive(Debug, Clone, Default)]
pub struct SessionFilter {
    /// Of one pile.
    pub pile_code: Option<PileCode>,
    /// Those that last, or those that ended.
    pub open: Option<bool>,
}

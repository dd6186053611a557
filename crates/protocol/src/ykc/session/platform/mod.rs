//! The platform's end of a connection.
//!
//! [`Connection`] joins framer and session: bytes in, events out. It answers by itself what needs no decision (the
//! heartbeat); everything else is an [`Event`] whose answer the driver makes with [`Session::reply`]. It knows which
//! piles speak on the connection, keeps their deadlines, and matches answers to what the platform asked.

mod connection;
mod event;
mod session;
mod subject;

#[cfg(test)]
mod tests;

pub use connection::Connection;
pub use event::{DeadlineEvent, Event, RecordBody, ReplyTo};
pub use session::{LoginError, PILES_MAX, Session};

pub use crate::session::{CloseReason, Settings};

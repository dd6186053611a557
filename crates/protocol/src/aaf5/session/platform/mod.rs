//! The platform's end of a connection.
//!
//! [`Connection`] joins framer and session: bytes in, events out. It answers by itself what needs no decision
//! (heartbeats, status, alarms, battery data, how a start went); everything else is an [`Event`] whose answer the driver
//! makes with [`Session::reply`]. It knows the pile of the connection, keeps its deadlines, and matches answers to what
//! the platform asked.

mod connection;
mod deadline;
mod event;
mod record;
mod session;
mod sign_in;
mod subject;

#[cfg(test)]
mod tests;

pub use connection::Connection;
pub use event::{DeadlineEvent, Event, RecordBody, ReplyTo};
pub use session::Session;
pub use sign_in::{SignInAnswer, SignInError};

pub use crate::session::{CloseReason, Settings};

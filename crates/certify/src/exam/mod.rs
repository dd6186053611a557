//! The contract between an exam and whoever gives it connections and a clock; and what the exams of all protocols have in
//! common.

pub(crate) mod exchange;
pub(crate) mod pile;
pub(crate) mod rule;
pub(crate) mod talk;

use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::time::Tick;

use crate::report::Report;

/// A connection of an exam, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct ConnectionId(pub u16);

/// What an exam is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input<'a> {
    /// A connection was made: one that the exam dialled, or one that the examined pile dialled.
    Opened(ConnectionId),
    /// A dial failed; why.
    NotOpened(ConnectionId, String),
    /// Bytes came.
    Bytes(ConnectionId, &'a [u8]),
    /// The other side ended the connection, or (`true`) the line broke.
    Closed(ConnectionId, bool),
    /// A person says that what was asked of them is done.
    Done,
    /// A person says that it can't be done here: what depends on it stays unseen.
    Skipped,
}

/// What an exam wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Dial the examined platform.
    Dial(ConnectionId),
    /// Send bytes.
    Send(ConnectionId, Vec<u8>),
    /// End a connection.
    Close(ConnectionId),
    /// Say which part of the exam begins now, and how far it is: step and steps.
    Progress(Bilingual, usize, usize),
    /// Ask a person to do something at the pile (plug in, swipe a card); the exam goes on by itself once it sees it.
    Ask(Bilingual),
    /// Tell a person something that is worth knowing while the exam goes on.
    Tell(Bilingual),
}

/// An exam: a state machine without sockets and clock. Whoever drives it carries out the effects after each call.
pub trait Exam {
    /// Takes what happened.
    fn handle(&mut self, now: Tick, input: Input<'_>, effects: &mut Vec<Effect>);

    /// Does what is due by now; the first call begins the exam.
    fn handle_deadline(&mut self, now: Tick, effects: &mut Vec<Effect>);

    /// When [`handle_deadline`](Self::handle_deadline) wants to be called next; `None` once the exam is over.
    fn next_deadline(&self) -> Option<Tick>;

    /// Somebody breaks the exam off: it says its last words, so that what is examined is left as it was found, and is
    /// over soon.
    fn break_off(&mut self, now: Tick, effects: &mut Vec<Effect>);

    /// What is known by now: also before the end, when somebody breaks it off.
    fn report(&self) -> Report;
}

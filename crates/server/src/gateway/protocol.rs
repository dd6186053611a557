//! What a connection needs of a protocol's adapter.

use std::time::Instant;

use voltapile_platform::identity::PileCode;
use voltapile_protocol::time::Tick;

use super::link::Letter;
use crate::capture::Aboard;

/// Whether a connection goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// It goes on.
    Continue,
    /// It ends once what is to be written is written; the word says why.
    Close(&'static str),
    /// The same, but the peer is heard out for a moment: closing on bytes that nobody read resets the connection, and a
    /// modem then throws away the refusal that it has not handed to its pile yet.
    Refuse(&'static str),
}

/// One connection's protocol: bytes, letters and moments in, bytes out.
pub(super) trait Protocol: Send {
    /// Takes bytes from the pile.
    fn handle_bytes(&mut self, now: Tick, bytes: &[u8], out: &mut Vec<u8>) -> Flow;

    /// Takes a letter from elsewhere in the server.
    fn handle_letter(&mut self, now: Tick, letter: Letter, out: &mut Vec<u8>) -> Flow;

    /// When [`handle_deadlines`](Self::handle_deadlines) is to be called at the latest.
    fn next_deadline(&self) -> Tick;

    /// Does all that is due.
    fn handle_deadlines(&mut self, now: Tick, out: &mut Vec<u8>) -> Flow;

    /// Whether nothing must be read for now: the store cannot take more.
    fn is_paused(&self) -> bool;

    /// Sees what is about to be written: to count it and to show it to those who watch.
    fn sees_written(&self, out: &[u8]);

    /// Counts the time from reading to writing.
    fn answered(&self, read_at: Instant);

    /// The connection has ended.
    fn closed(&mut self, reason: &'static str);

    /// A pile to name the connection by in the log.
    fn name(&self) -> Option<PileCode>;

    /// Who is on the line, for those who capture it.
    fn aboard(&self) -> &impl Aboard;
}

//! The adapter of AA F5 (盛弘): its events become calls of the core, the core's answers become its messages.
//!
//! A connection has one pile: the messages about tariffs name none. A concentrator (设备类型 1) is such a pile, with the
//! outlets of those behind it as its connectors. Old firmware that opens a connection for each outlet and writes `A`, `B`
//! behind the pile's code is registered as so many piles with one connector.

mod desk;
mod downlink;
mod errand;
mod keys;
mod outcome;
mod record;
mod settings;
mod start;
mod tariff;
mod translate;
mod uplink;
mod white_list;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use voltapile_platform::identity::PileCode;
use voltapile_protocol::aaf5::session::platform::{self, DeadlineEvent};
use voltapile_protocol::time::Tick;

use super::Gateway;
use super::link::{Letter, PileLink};
use super::protocol::{Flow, Protocol};
use crate::capture::Aboard;
use desk::Desk;
pub use keys::{AesKeys, AesKeysError};

/// One AA F5 connection.
pub(super) struct Aaf5Connection {
    connection: platform::Connection,
    desk: Desk,
}

const _: () = assert!(size_of::<Aaf5Connection>() <= 640, "an idle pile has a budget of 3 KiB in all");

impl Aaf5Connection {
    pub(super) fn new(gateway: &Arc<Gateway>, link: Arc<PileLink>, peer: SocketAddr, now: Tick) -> Self {
        let connection = platform::Connection::new(Arc::clone(&gateway.session), now);
        Self { connection, desk: Desk::new(Arc::clone(gateway), link, peer) }
    }

    pub(super) fn set_peer(&mut self, peer: SocketAddr) {
        self.desk.peer = peer;
    }

    /// Counts what the framer has skipped since the last time.
    fn count_skipped(&mut self) {
        let skipped = self.connection.take_skipped();
        if skipped.bytes > 0 {
            self.desk.count_skipped(skipped, "bad_checksum");
        }
    }

    fn handle_due(&mut self, now: Tick, due: DeadlineEvent, out: &mut Vec<u8>) -> Flow {
        match due {
            DeadlineEvent::PileSilent(_) => self.desk.silent(()),
            DeadlineEvent::ClockSync(_) => self.desk.sync_clock(now, self.connection.session(), out),
            DeadlineEvent::RequestTimedOut { token, .. } => {
                self.desk.unanswered(now, self.connection.session(), token, out);
            }
            DeadlineEvent::Close(reason) => return Flow::Close(reason.name()),
        }
        Flow::Continue
    }
}

impl Protocol for Aaf5Connection {
    fn handle_bytes(&mut self, now: Tick, bytes: &[u8], out: &mut Vec<u8>) -> Flow {
        let Self { connection, desk, .. } = self;
        let verdict = connection
            .handle_bytes(now, bytes, out, |session, event, frame, out| desk.handle(now, session, event, frame, out));
        self.count_skipped();
        match verdict {
            Ok(()) => self.desk.take_flow(),
            Err(reason) => {
                tracing::info!(peer = %self.desk.peer, reason = reason.name(), "gave up on a peer");
                Flow::Close(reason.name())
            }
        }
    }

    fn handle_letter(&mut self, now: Tick, letter: Letter, out: &mut Vec<u8>) -> Flow {
        let session = self.connection.session();
        match letter {
            Letter::Command(command) => self.desk.command(now, session, &command, out),
            Letter::StartDecided { token, decision } => {
                self.desk.start_decided(session, token, decision.as_deref(), out);
            }
            Letter::WorkForbidden => self.desk.forbid_work(now, session, out),
            Letter::Lose(pile, joined) => {
                return self.desk.lose(pile, joined).map_or(Flow::Continue, |((), flow)| flow);
            }
            Letter::Kept { token, kept } => self.desk.record_kept(now, session, token, kept, out),
        }
        Flow::Continue
    }

    fn next_deadline(&self) -> Tick {
        let next = self.connection.next_deadline();
        self.desk.own.errands.next_deadline().map_or(next, |deadline| next.min(deadline))
    }

    fn handle_deadlines(&mut self, now: Tick, out: &mut Vec<u8>) -> Flow {
        loop {
            let Self { connection, desk, .. } = self;
            let due = connection.handle_deadline(now, out, |session, event, frame, out| {
                desk.handle(now, session, event, frame, out);
            });
            self.count_skipped();
            let flow = match due {
                Some(due) => self.handle_due(now, due, out),
                None => {
                    self.desk.errands_due(now);
                    return self.desk.take_flow();
                }
            };
            if flow != Flow::Continue {
                return flow;
            }
        }
    }

    fn is_paused(&self) -> bool {
        self.desk.is_paused()
    }

    fn sees_written(&self, out: &[u8]) {
        self.desk.sees_written(out);
    }

    fn answered(&self, read_at: Instant) {
        self.desk.answered(read_at);
    }

    fn closed(&mut self, reason: &'static str) {
        self.desk.closed(reason);
    }

    fn name(&self) -> Option<PileCode> {
        self.desk.name()
    }

    fn aboard(&self) -> &impl Aboard {
        &self.desk
    }
}

#[cfg(test)]
mod tests;

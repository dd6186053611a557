//! The adapter of 云快充: its events become calls of the core, the core's answers become its messages. Nothing else in
//! the server knows both sides.

mod answers;
mod bms;
mod desk;
mod downlink;
mod keys;
mod outcome;
mod start;
mod tariff;
mod translate;
mod uplink;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use voltapile_platform::identity::PileCode;
use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::session::platform::{self, DeadlineEvent};

use super::Gateway;
use super::link::{Letter, PileLink};
use super::protocol::{Flow, Protocol};
use crate::capture::Aboard;
use desk::Desk;
pub use keys::{Keys, KeysError};

/// One YKC connection.
pub(super) struct YkcConnection {
    connection: platform::Connection,
    desk: Desk,
}

impl YkcConnection {
    pub(super) fn new(gateway: &Arc<Gateway>, link: Arc<PileLink>, peer: SocketAddr, now: Tick) -> Self {
        let mut connection = platform::Connection::new(Arc::clone(&gateway.session), now);
        connection.session().set_cipher(gateway.ykc_keys.of_strangers());
        Self { connection, desk: Desk::new(Arc::clone(gateway), link, peer) }
    }

    pub(super) fn set_peer(&mut self, peer: SocketAddr) {
        self.desk.peer = peer;
    }

    /// Counts what the framer has skipped since the last time.
    fn count_skipped(&mut self) {
        let skipped = self.connection.take_skipped();
        if skipped.bytes > 0 {
            self.desk.count_skipped(skipped, "bad_crc");
        }
    }

    fn handle_due(&mut self, now: Tick, due: DeadlineEvent, out: &mut Vec<u8>) -> Flow {
        match due {
            DeadlineEvent::PileSilent(pile) => {
                self.desk.silent(pile);
                Flow::Continue
            }
            DeadlineEvent::ClockSync(pile) => {
                self.desk.sync_clock(now, self.connection.session(), pile, out);
                Flow::Continue
            }
            DeadlineEvent::RequestTimedOut { pile, token } => {
                self.desk.unanswered(pile, token);
                Flow::Continue
            }
            DeadlineEvent::Close(reason) => Flow::Close(reason.name()),
        }
    }
}

impl Protocol for YkcConnection {
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
        match letter {
            Letter::Command(command) => {
                self.desk.command(now, self.connection.session(), &command, out);
                Flow::Continue
            }
            Letter::StartDecided { token, decision } => {
                self.desk.start_decided(self.connection.session(), token, decision.as_deref(), out);
                Flow::Continue
            }
            // A pile remembers what 0x52 told it.
            Letter::WorkForbidden => Flow::Continue,
            Letter::Lose(pile, session) => self.desk.let_go(self.connection.session(), pile, session),
            Letter::Kept { token, kept } => {
                self.desk.acknowledge(self.connection.session(), token, kept, out);
                Flow::Continue
            }
        }
    }

    fn next_deadline(&self) -> Tick {
        self.connection.next_deadline()
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
                None => return self.desk.take_flow(),
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

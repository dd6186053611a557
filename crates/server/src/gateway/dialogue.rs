//! One connection in its protocol: the session that hears and speaks, and the desk that deals with what was said.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use voltapile_platform::identity::PileCode;
use voltapile_protocol::session::{Connection, DeadlineEvent, FrameOf, PlatformSession};
use voltapile_protocol::time::Tick;

use super::Gateway;
use super::aaf5::Aaf5;
use super::desk::Desk;
use super::link::{Letter, PileLink};
use super::protocol::{Flow, Protocol};
use super::ykc::Ykc;
use crate::capture::Aboard;

/// What a protocol's adapter brings along.
pub(super) trait Tongue: Sized + Send {
    /// The protocol.
    const PROTOCOL: voltapile_protocol::Protocol;
    /// What metrics call frames whose check sum does not hold.
    const BAD_CHECK: &'static str;
    /// The session that hears and speaks it.
    type Session: PlatformSession<Framing: Send> + Send;
    /// A pile's code as its frames have it.
    type Code: Copy + PartialEq + Send;
    /// What the answer to a start needs.
    type Start: Send;
    /// What the answer to a record needs.
    type Record: Send;
    /// What else it remembers of a connection.
    type Own: Default + Send;

    /// Tells the session of a new connection what the settings say.
    fn begin(_session: &mut Self::Session, _gateway: &Gateway) {}

    /// Deals with what a frame said. `frame` is not there where the peer speaks a relative of the protocol.
    fn hear(
        desk: &mut Desk<Self>,
        now: Tick,
        session: &mut Self::Session,
        event: EventOf<'_, Self>,
        frame: Option<&FrameOf<'_, Self::Session>>,
        out: &mut Vec<u8>,
    );

    /// Deals with a letter.
    fn read(desk: &mut Desk<Self>, now: Tick, session: &mut Self::Session, letter: Letter, out: &mut Vec<u8>) -> Flow;

    /// Deals with what has become due of the session.
    fn due(desk: &mut Desk<Self>, now: Tick, session: &mut Self::Session, due: DueOf<Self>, out: &mut Vec<u8>) -> Flow;

    /// The moment that the desk itself waits for.
    fn next_deadline(_own: &Self::Own) -> Option<Tick> {
        None
    }

    /// Deals with what has become due of the desk itself.
    fn desk_due(_desk: &mut Desk<Self>, _now: Tick) {}

    /// Counts the frames about to be written and shows them to those who watch.
    fn sees_written(desk: &Desk<Self>, out: &[u8]);
}

/// What a tongue's session says of a frame.
pub(super) type EventOf<'a, T> = <<T as Tongue>::Session as PlatformSession>::Event<'a>;
/// What becomes due of a tongue's session.
pub(super) type DueOf<T> = DeadlineEvent<<<T as Tongue>::Session as PlatformSession>::PileCode>;

/// One connection whose protocol is known.
pub(super) struct Dialogue<T: Tongue> {
    connection: Connection<T::Session>,
    desk: Desk<T>,
}

const _: () = assert!(size_of::<Dialogue<Ykc>>() <= 384, "an idle pile has a budget of 3 KiB in all");
const _: () = assert!(size_of::<Dialogue<Aaf5>>() <= 576, "an idle pile has a budget of 3 KiB in all");

impl<T: Tongue> Dialogue<T> {
    pub(super) fn new(gateway: &Arc<Gateway>, link: Arc<PileLink>, peer: SocketAddr, now: Tick) -> Self {
        let mut connection = Connection::<T::Session>::new(Arc::clone(&gateway.session), now);
        T::begin(connection.session(), gateway);
        Self { connection, desk: Desk::new(Arc::clone(gateway), link, peer) }
    }

    pub(super) const fn set_peer(&mut self, peer: SocketAddr) {
        self.desk.peer = peer;
    }

    /// Counts what the framer has skipped since the last time.
    fn count_skipped(&mut self) {
        let skipped = self.connection.take_skipped();
        if skipped.bytes > 0 {
            self.desk.count_skipped(skipped);
        }
    }
}

impl<T: Tongue> Protocol for Dialogue<T> {
    fn handle_bytes(&mut self, now: Tick, bytes: &[u8], out: &mut Vec<u8>) -> Flow {
        let Self { connection, desk } = self;
        let verdict = connection
            .handle_bytes(now, bytes, out, |session, event, frame, out| T::hear(desk, now, session, event, frame, out));
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
        T::read(&mut self.desk, now, self.connection.session(), letter, out)
    }

    fn next_deadline(&self) -> Tick {
        let next = self.connection.next_deadline();
        T::next_deadline(&self.desk.own).map_or(next, |deadline| next.min(deadline))
    }

    fn handle_deadlines(&mut self, now: Tick, out: &mut Vec<u8>) -> Flow {
        loop {
            let Self { connection, desk } = self;
            let due = connection.handle_deadline(now, out, |session, event, frame, out| {
                T::hear(desk, now, session, event, frame, out);
            });
            self.count_skipped();
            let Some(due) = due else {
                T::desk_due(&mut self.desk, now);
                return self.desk.take_flow();
            };
            let flow = T::due(&mut self.desk, now, self.connection.session(), due, out);
            if flow != Flow::Continue {
                return flow;
            }
        }
    }

    fn is_paused(&self) -> bool {
        self.desk.is_paused()
    }

    fn sees_written(&self, out: &[u8]) {
        T::sees_written(&self.desk, out);
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

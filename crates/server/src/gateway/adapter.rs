//! The adapter of a connection: of the protocol that its peer's first frame shows, or none before.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use voltapile_platform::identity::PileCode;
use voltapile_protocol::Protocol as Spoken;
use voltapile_protocol::session::CloseReason;
use voltapile_protocol::time::Tick;

use super::Gateway;
use super::aaf5::Aaf5;
use super::dialogue::Dialogue;
use super::link::{Letter, PileLink};
use super::opening::{Decision, Opening};
use super::protocol::{Flow, Protocol};
use super::ykc::Ykc;
use crate::capture::Aboard;

/// A connection's adapter. Each behind a pointer of its own: none pays for the size of another.
pub(super) enum Adapter {
    /// Nobody knows yet.
    Opening(Box<Entrance>),
    /// 云快充.
    Ykc(Box<Dialogue<Ykc>>),
    /// AA F5.
    Aaf5(Box<Dialogue<Aaf5>>),
}

/// Where peers wait whose protocol is not known.
pub(super) struct Entrance {
    gateway: Arc<Gateway>,
    link: Arc<PileLink>,
    peer: SocketAddr,
    /// The only protocol that is spoken here.
    pinned: Option<Spoken>,
    opening: Opening,
}

impl Adapter {
    pub(super) fn new(
        gateway: &Arc<Gateway>,
        link: Arc<PileLink>,
        peer: SocketAddr,
        pinned: Option<Spoken>,
        now: Tick,
    ) -> Self {
        let gateway = Arc::clone(gateway);
        Self::Opening(Box::new(Entrance { gateway, link, peer, pinned, opening: Opening::new(now) }))
    }

    pub(super) fn set_peer(&mut self, peer: SocketAddr) {
        match self {
            Self::Opening(entrance) => entrance.peer = peer,
            Self::Ykc(ykc) => ykc.set_peer(peer),
            Self::Aaf5(aaf5) => aaf5.set_peer(peer),
        }
    }

    /// Hands the connection to a protocol, with all that the peer has said.
    fn enter(&mut self, decision: Decision, out: &mut Vec<u8>) -> Flow {
        let Self::Opening(entrance) = self else { return Flow::Continue };
        let spoken = match decision {
            Decision::Speaks(spoken) => spoken,
            Decision::Likely(spoken) => entrance.pinned.unwrap_or(spoken),
        };
        if let Some(pinned) = entrance.pinned.filter(|pinned| *pinned != spoken) {
            let (peer, spoken, pinned) = (entrance.peer, spoken.name(), pinned.name());
            tracing::info!(%peer, spoken, pinned, "refused a peer: its protocol is not spoken at this address");
            return Flow::Close("other_protocol");
        }
        let opening = std::mem::replace(&mut entrance.opening, Opening::new(Tick(0)));
        let (opened, fed) = (opening.opened(), opening.fed());
        let (gateway, link, peer) = (&entrance.gateway, Arc::clone(&entrance.link), entrance.peer);
        *self = match spoken {
            Spoken::Ykc => Self::Ykc(Box::new(Dialogue::new(gateway, link, peer, opened))),
            Spoken::Aaf5 => Self::Aaf5(Box::new(Dialogue::new(gateway, link, peer, opened))),
        };
        // As of when they came: what has waited for its end since then has waited.
        self.handle_bytes(fed, &opening.into_bytes(), out)
    }
}

impl Protocol for Adapter {
    fn handle_bytes(&mut self, now: Tick, bytes: &[u8], out: &mut Vec<u8>) -> Flow {
        match self {
            Self::Opening(entrance) => {
                let settings = &entrance.gateway.session;
                match entrance.opening.handle_bytes(now, bytes, settings) {
                    Some(decision) => self.enter(decision, out),
                    None => Flow::Continue,
                }
            }
            Self::Ykc(ykc) => ykc.handle_bytes(now, bytes, out),
            Self::Aaf5(aaf5) => aaf5.handle_bytes(now, bytes, out),
        }
    }

    fn handle_letter(&mut self, now: Tick, letter: Letter, out: &mut Vec<u8>) -> Flow {
        match self {
            Self::Opening(_) => Flow::Continue,
            Self::Ykc(ykc) => ykc.handle_letter(now, letter, out),
            Self::Aaf5(aaf5) => aaf5.handle_letter(now, letter, out),
        }
    }

    fn next_deadline(&self) -> Tick {
        match self {
            Self::Opening(entrance) => entrance.opening.next_deadline(&entrance.gateway.session),
            Self::Ykc(ykc) => ykc.next_deadline(),
            Self::Aaf5(aaf5) => aaf5.next_deadline(),
        }
    }

    fn handle_deadlines(&mut self, now: Tick, out: &mut Vec<u8>) -> Flow {
        match self {
            Self::Opening(entrance) => {
                let settings = &entrance.gateway.session;
                if now < entrance.opening.next_deadline(settings) {
                    return Flow::Continue;
                }
                if now >= entrance.opening.opened() + settings.first_frame_within {
                    return Flow::Close(CloseReason::NoValidFrame.name());
                }
                let decision = entrance.opening.decide();
                match self.enter(decision, out) {
                    Flow::Continue => self.handle_deadlines(now, out),
                    end => end,
                }
            }
            Self::Ykc(ykc) => ykc.handle_deadlines(now, out),
            Self::Aaf5(aaf5) => aaf5.handle_deadlines(now, out),
        }
    }

    fn is_paused(&self) -> bool {
        match self {
            Self::Opening(_) => false,
            Self::Ykc(ykc) => ykc.is_paused(),
            Self::Aaf5(aaf5) => aaf5.is_paused(),
        }
    }

    fn sees_written(&self, out: &[u8]) {
        match self {
            Self::Opening(_) => {}
            Self::Ykc(ykc) => ykc.sees_written(out),
            Self::Aaf5(aaf5) => aaf5.sees_written(out),
        }
    }

    fn answered(&self, read_at: Instant) {
        match self {
            Self::Opening(_) => {}
            Self::Ykc(ykc) => ykc.answered(read_at),
            Self::Aaf5(aaf5) => aaf5.answered(read_at),
        }
    }

    fn closed(&mut self, reason: &'static str) {
        match self {
            Self::Opening(entrance) => {
                let skipped = &entrance.gateway.core.metrics.skipped_bytes;
                skipped.fetch_add(entrance.opening.kept() as u64, Relaxed);
            }
            Self::Ykc(ykc) => ykc.closed(reason),
            Self::Aaf5(aaf5) => aaf5.closed(reason),
        }
    }

    fn name(&self) -> Option<PileCode> {
        match self {
            Self::Opening(_) => None,
            Self::Ykc(ykc) => ykc.name(),
            Self::Aaf5(aaf5) => aaf5.name(),
        }
    }

    fn aboard(&self) -> &impl Aboard {
        self
    }
}

impl Aboard for Adapter {
    fn piles(&self) -> impl Iterator<Item = PileCode> {
        let (ykc, aaf5) = match self {
            Self::Opening(_) => (None, None),
            Self::Ykc(ykc) => (Some(ykc.aboard()), None),
            Self::Aaf5(aaf5) => (None, Some(aaf5.aboard())),
        };
        ykc.into_iter().flat_map(Aboard::piles).chain(aaf5.into_iter().flat_map(Aboard::piles))
    }

    fn have_one_operator(&self) -> bool {
        match self {
            Self::Opening(_) => true,
            Self::Ykc(ykc) => ykc.aboard().have_one_operator(),
            Self::Aaf5(aaf5) => aaf5.aboard().have_one_operator(),
        }
    }
}

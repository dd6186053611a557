//! What is known of a pile in memory: its registration, its connection, and the latest of what it said.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::broadcast;
use voltapile_platform::command::Command;
use voltapile_platform::enrolment::Registration;
use voltapile_platform::identity::{ConnectorNumber, OperatorId, PileCode};
use voltapile_platform::pace::Pace;
use voltapile_platform::pile::Pile;
use voltapile_platform::tariff::TariffId;
use voltapile_platform::timestamp::Timestamp;
use voltapile_protocol::time::Tick;

use super::backlog::Backlog;
use super::connector::ConnectorLive;
use crate::store::SessionId;

/// Frames that a slow reader of a live tail may be behind before it misses some.
const TAP_CAPACITY: usize = 256;
/// Latest messages that are kept per pile.
const LATEST_MAX: usize = 64;

/// A registered pile.
#[derive(Debug)]
pub struct PileLive {
    /// Its code.
    pub code: PileCode,
    /// When it was last heard, on the server's monotonic clock; 0 for never. See [`Core::last_seen`](super::Core).
    last_heard: AtomicU64,
    tapped: AtomicBool,
    state: Mutex<Live>,
}

const _: () = assert!(size_of::<PileLive>() <= 272, "kept per registered pile: memory of an idle pile is budgeted");

/// What changes of a pile.
#[derive(Debug, Default)]
pub struct Live {
    /// Whether it may log in.
    pub enabled: bool,
    /// Whose it is.
    pub operator: Option<OperatorId>,
    /// Its model, which names what it does differently.
    pub model: Option<Box<str>>,
    /// The row of the quirk table, where the model is not its name.
    pub profile: Option<Box<str>>,
    /// The tariff it is to charge by: its own or its station's.
    pub tariff: Option<TariffId>,
    /// Its connection, while it lasts.
    pub attachment: Option<Attachment>,
    /// What it said of itself at its latest login.
    pub declared: Option<Box<Declared>>,
    /// Its connectors, as far as it spoke of them.
    pub connectors: Vec<ConnectorLive>,
    /// What is wrong with the whole pile by its latest word, in stable words; `None` until it said something.
    pub(super) faults: Option<Box<[&'static str]>>,
    /// The latest message of each other kind.
    pub latest: Vec<LatestMessage>,
    tap: Option<broadcast::Sender<TappedFrame>>,
}

/// The connection of a pile.
#[derive(Debug)]
pub struct Attachment {
    /// The way to it.
    pub link: Arc<dyn Link>,
    /// Its number in the store.
    pub session: SessionId,
    /// Where it comes from.
    pub peer: SocketAddr,
    /// Since when.
    pub since: Timestamp,
}

/// What the platform can ask of a connection from outside.
pub trait Link: std::fmt::Debug + Send + Sync {
    /// Sends a command to its pile.
    fn command(&self, command: Command);

    /// Its work that waits for room in the store.
    fn backlog(&self) -> &Backlog;

    /// Looks again whether it may go on.
    fn wake(&self);

    /// Its pile was told not to work before it logged in here.
    fn forbid_work(&self);

    /// A newer login lives elsewhere: let the pile go, and close when it was the only one.
    fn lose(&self, pile: PileCode, session: SessionId);
}

/// What a pile says of itself when it logs in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Declared {
    /// The protocol it speaks.
    pub protocol: &'static str,
    /// The protocol's version as the pile names it; not reliable.
    pub protocol_version: Box<str>,
    /// `dc` or `ac`, where known.
    pub pile_type: Cow<'static, str>,
    /// How many connectors it says it has.
    pub connector_count: u8,
    /// Its program's version.
    pub firmware_version: Box<str>,
    /// How it is connected.
    pub network: Cow<'static, str>,
    /// Number of its SIM card.
    pub iccid: Box<str>,
    /// Mobile network of its SIM card.
    pub carrier: Cow<'static, str>,
    /// How fast it does things, by its protocol.
    #[serde(skip)]
    pub pace: Pace,
}

/// The latest message of one kind, kept as it came.
#[derive(Debug, Clone)]
pub struct LatestMessage {
    /// Frame type, or command number.
    pub frame_type: u16,
    /// Connector that it speaks of, 0 for the whole pile.
    pub connector: ConnectorNumber,
    /// When it was received.
    pub received_at: Timestamp,
    /// The whole frame.
    pub frame: Box<[u8]>,
}

/// A frame as it passed by, for live tails.
#[derive(Debug, Clone)]
pub struct TappedFrame {
    /// When.
    pub at: Timestamp,
    /// Whether the platform sent it.
    pub sent: bool,
    /// The whole frame.
    pub frame: Arc<[u8]>,
}

impl PileLive {
    pub(super) fn new(code: PileCode) -> Self {
        Self { code, last_heard: AtomicU64::new(0), tapped: AtomicBool::new(false), state: Mutex::default() }
    }

    /// What changes of it.
    pub fn state(&self) -> MutexGuard<'_, Live> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the enrolment needs to know of a pile that was found, or not.
    pub(super) fn registration(pile: Option<&Self>) -> Registration {
        match pile {
            None => Registration::Unknown,
            Some(pile) if pile.state().enabled => Registration::Enabled,
            Some(_) => Registration::Disabled,
        }
    }

    /// Takes over what was registered. A pile that was switched off loses its connection.
    pub(super) fn update(&self, pile: &Pile, tariff: Option<TariffId>) {
        let mut state = self.state();
        state.enabled = pile.enabled;
        state.operator.clone_from(&pile.operator);
        state.model = pile.model.as_deref().map(Box::from);
        state.profile = pile.profile.as_deref().map(Box::from);
        state.tariff = tariff;
        drop(state);
        if !pile.enabled {
            self.switch_off();
        }
    }

    /// May no longer log in; a connection lets it go.
    pub(super) fn switch_off(&self) {
        let mut state = self.state();
        state.enabled = false;
        let joined = state.attachment.as_ref().map(|joined| (Arc::clone(&joined.link), joined.session));
        drop(state);
        if let Some((link, session)) = joined {
            link.lose(self.code, session);
        }
    }

    /// The protocol that it speaks, as far as it logged in since the server started.
    #[must_use]
    pub fn protocol(&self) -> Option<&'static str> {
        self.state().declared.as_ref().map(|declared| declared.protocol)
    }

    /// Notes a sign of life.
    pub fn heard_from(&self, now: Tick) {
        self.last_heard.store(now.0.max(1), Relaxed);
    }

    /// When it was last heard.
    pub(super) fn last_heard(&self) -> Option<Tick> {
        Some(self.last_heard.load(Relaxed)).filter(|tick| *tick > 0).map(Tick)
    }

    pub(super) fn attach(&self, attachment: Attachment, declared: Declared, now: Tick) -> Option<Attachment> {
        self.heard_from(now);
        self.begin_anew();
        let mut state = self.state();
        state.faults = None;
        state.declared = Some(Box::new(declared));
        state.attachment.replace(attachment)
    }

    pub(super) fn detach(&self, session: SessionId) -> bool {
        let mut state = self.state();
        let is_ours = state.attachment.as_ref().is_some_and(|attachment| attachment.session == session);
        if is_ours {
            state.attachment = None;
        }
        is_ours
    }

    /// Keeps what is wrong with the whole pile; whether that is news on this connection.
    pub(super) fn keep_faults(&self, faults: &[&'static str]) -> bool {
        let mut state = self.state();
        let is_news = state.faults.as_deref() != Some(faults);
        if is_news {
            state.faults = Some(faults.into());
        }
        is_news
    }

    /// Keeps a message as the latest of its kind. Where a pile has invented too many kinds, the oldest makes room.
    pub fn keep_latest(&self, message: LatestMessage) {
        let mut state = self.state();
        let same =
            |kept: &&mut LatestMessage| kept.frame_type == message.frame_type && kept.connector == message.connector;
        if let Some(kept) = state.latest.iter_mut().find(same) {
            *kept = message;
        } else if state.latest.len() < LATEST_MAX {
            // Most piles send two or three kinds: room is made for one more, not for twice as many.
            state.latest.reserve_exact(1);
            state.latest.push(message);
        } else if let Some(oldest) = state.latest.iter_mut().min_by_key(|kept| kept.received_at) {
            *oldest = message;
        }
    }

    /// Whether somebody watches the pile's frames.
    #[must_use]
    pub fn is_tapped(&self) -> bool {
        self.tapped.load(Relaxed)
    }

    /// Watches the pile's frames from now on.
    pub fn tap(&self) -> broadcast::Receiver<TappedFrame> {
        let mut state = self.state();
        self.tapped.store(true, Relaxed);
        match &state.tap {
            Some(tap) => tap.subscribe(),
            None => {
                let (sender, receiver) = broadcast::channel(TAP_CAPACITY);
                state.tap = Some(sender);
                receiver
            }
        }
    }

    /// Shows a frame to those who watch; the tap closes when nobody does.
    pub fn show(&self, frame: TappedFrame) {
        let mut state = self.state();
        let nobody = state.tap.as_ref().is_none_or(|tap| tap.send(frame).is_err());
        if nobody {
            state.tap = None;
            self.tapped.store(false, Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_pile_invents_does_not_keep_out_what_it_says_later() {
        let pile = PileLive::new(PileCode::new("32010600000001").unwrap());
        for kind in 0..200 {
            let connector = ConnectorNumber(kind);
            let received_at = Timestamp::from_unix_ms(i64::from(kind));
            pile.keep_latest(LatestMessage { frame_type: 0x19, connector, received_at, frame: Box::new([kind]) });
        }
        let state = pile.state();
        assert_eq!(state.latest.len(), LATEST_MAX);
        assert!(state.latest.iter().all(|kept| usize::from(kept.connector.0) >= 200 - LATEST_MAX));
    }
}

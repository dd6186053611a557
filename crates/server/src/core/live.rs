//! What is known of a pile in memory: its registration, its connection, and the latest of what it said.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::broadcast;
use voltapile_platform::business::OrderBrief;
use voltapile_platform::command::Command;
use voltapile_platform::enrolment::Registration;
use voltapile_platform::identity::{ConnectorNumber, PileCode};
use voltapile_platform::order::OrderState;
use voltapile_platform::pile::Pile;
use voltapile_platform::tariff::{TariffId, TariffNumber};
use voltapile_platform::telemetry::{ConnectorState, Telemetry};
use voltapile_platform::timestamp::Timestamp;
use voltapile_protocol::time::Tick;

use crate::store::SessionId;

/// Frames that a slow reader of a live tail may be behind before it misses some.
const TAP_CAPACITY: usize = 256;
/// Connectors that are kept per pile; a pile that invents more gains nothing.
const CONNECTORS_MAX: usize = 32;
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

/// What changes of a pile.
#[derive(Debug, Default)]
pub struct Live {
    /// Whether it may log in.
    pub enabled: bool,
    /// Its model, which names what it does differently.
    pub model: Option<Box<str>>,
    /// The row of the quirk table, where the model is not its name.
    pub profile: Option<Box<str>>,
    /// The tariff it is to charge by: its own or its station's.
    pub tariff: Option<TariffId>,
    /// The number of the tariff that it last said it runs.
    pub reported_tariff: Option<TariffNumber>,
    /// Its connection, while it lasts.
    pub attachment: Option<Attachment>,
    /// What it said of itself at its latest login.
    pub declared: Option<Box<Declared>>,
    /// Its connectors, as far as it spoke of them.
    pub connectors: Vec<ConnectorLive>,
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

    /// Holds the connection up, or lets it go on: nothing is read while it is held up more often than let go.
    fn hold(&self, up: bool);

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
}

/// A connector as it was last heard of.
#[derive(Debug, Clone, Serialize)]
pub struct ConnectorLive {
    /// Its number, from 1.
    pub number: ConnectorNumber,
    /// Whether its latest heartbeat reports a fault.
    pub heartbeat_fault: Option<bool>,
    /// When its state last changed.
    pub state_since: Option<Timestamp>,
    /// Its latest telemetry.
    pub telemetry: Option<Telemetry>,
    /// Its latest telemetry while it charged, until the next charge.
    #[serde(skip)]
    pub last_charging: Option<Box<Telemetry>>,
    /// The order that holds it, or the latest one that waits for its record.
    #[serde(skip)]
    pub order: Option<OrderBrief>,
}

/// What was known of a connector before it spoke.
#[derive(Debug, Default)]
pub(super) struct Before {
    pub(super) telemetry: Option<Telemetry>,
    pub(super) order: Option<OrderBrief>,
    pub(super) last_charging: Option<Telemetry>,
}

/// The latest message of one kind, kept as it came.
#[derive(Debug, Clone)]
pub struct LatestMessage {
    /// Frame type.
    pub frame_type: u8,
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
        let mut state = self.state();
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

    /// Keeps a connector's telemetry; gives back what was known before.
    pub(super) fn keep_telemetry(&self, number: ConnectorNumber, telemetry: Telemetry) -> Before {
        let mut known = Before::default();
        self.with_connector(number, |connector| {
            let before = connector.telemetry.replace(telemetry);
            if before.as_ref().map(|before| before.state) != Some(telemetry.state) {
                connector.state_since = Some(telemetry.received_at);
            }
            let last_charging = connector.last_charging.as_deref().copied();
            known = Before { telemetry: before, order: connector.order, last_charging };
            if telemetry.state == ConnectorState::Charging {
                match &mut connector.last_charging {
                    Some(last) => **last = telemetry,
                    None => connector.last_charging = Some(Box::new(telemetry)),
                }
            }
        });
        known
    }

    /// Keeps what the gateway must know of an order: while it holds its connector, and then while it waits for its
    /// record, unless the next one holds it by then.
    pub(super) fn keep_order(&self, brief: OrderBrief) {
        self.with_connector(brief.connector, |connector| {
            let is_same = connector.order.is_some_and(|order| order.order == brief.order);
            let waits = brief.state == OrderState::AwaitingRecord && (is_same || connector.order.is_none());
            if brief.holds_connector || waits {
                connector.order = Some(brief);
            } else if is_same {
                connector.order = None;
                connector.last_charging = None;
            }
        });
    }

    /// The order that holds a connector, or the latest one that waits for its record there.
    pub(super) fn order_on(&self, number: ConnectorNumber) -> Option<OrderBrief> {
        self.state().connectors.iter().find(|connector| connector.number == number)?.order
    }

    /// Keeps what a heartbeat says of a connector.
    pub fn keep_heartbeat(&self, number: ConnectorNumber, fault: bool) {
        self.with_connector(number, |connector| connector.heartbeat_fault = Some(fault));
    }

    fn with_connector(&self, number: ConnectorNumber, change: impl FnOnce(&mut ConnectorLive)) {
        let mut state = self.state();
        if let Some(connector) = state.connectors.iter_mut().find(|connector| connector.number == number) {
            return change(connector);
        }
        if state.connectors.len() < CONNECTORS_MAX {
            let mut connector = ConnectorLive {
                number,
                heartbeat_fault: None,
                state_since: None,
                telemetry: None,
                last_charging: None,
                order: None,
            };
            change(&mut connector);
            state.connectors.reserve_exact(1);
            state.connectors.push(connector);
            state.connectors.sort_by_key(|connector| connector.number);
        }
    }

    /// Keeps a message as the latest of its kind. Where a pile has invented too many kinds, the oldest makes room.
    pub fn keep_latest(&self, message: LatestMessage) {
        let mut state = self.state();
        let same =
            |kept: &&mut LatestMessage| kept.frame_type == message.frame_type && kept.connector == message.connector;
        if let Some(kept) = state.latest.iter_mut().find(same) {
            *kept = message;
        } else if state.latest.len() < LATEST_MAX {
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

//! The whole pile: its session with the platform and its connectors.

use std::ops::RangeInclusive;

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Cp56Time;
use voltapile_protocol::ykc::Frame;
use voltapile_protocol::ykc::code::{ExecuteMode, PileType, RemoteStartFailure, WorkPermission};
use voltapile_protocol::ykc::field::{PileCode, TariffId};
use voltapile_protocol::ykc::message::Message;
use voltapile_protocol::ykc::session::pile::{PileEvent, PileSession, PileTariff, RECORDS_MAX};

use super::car::Car;
use super::charge::stop;
use super::clock::{Moment, unix_ms};
use super::connector::{Connector, later};
use super::rng::Rng;
use super::setup::{ModelOptions, PileSetup};

/// Records that may wait for the platform before nobody starts a charge any more.
const RECORDS_WAITING_MAX: usize = RECORDS_MAX / 2;

/// What the runner does with the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Link {
    /// Goes on.
    Keep,
    /// Closes it and dials again.
    Close,
}

/// What all connectors of a pile share.
#[derive(Debug)]
pub(super) struct PileState {
    pub(super) pile_code: PileCode,
    pub(super) is_dc: bool,
    pub(super) max_power_w: u32,
    pub(super) speed: u32,
    pub(super) walk_ins: bool,
    pub(super) tariff: Option<PileTariff>,
    is_locked: bool,
    power_percent: u8,
    /// What the platform's clock is ahead of ours.
    clock_ahead_ms: i64,
    reboots_when_idle: bool,
}

impl PileState {
    pub(super) fn allowed_power_w(&self) -> u64 {
        u64::from(self.max_power_w) * u64::from(self.power_percent) / 100
    }

    /// The wall clock as the pile sees it.
    fn moment(&self, now: Moment) -> Moment {
        Moment { tick: now.tick, unix_ms: now.unix_ms.saturating_add_signed(self.clock_ahead_ms) }
    }
}

/// What a connector works with.
pub(super) struct Context<'a> {
    pub(super) session: &'a mut PileSession,
    pub(super) state: &'a PileState,
    pub(super) rng: &'a mut Rng,
    /// Now, by the pile's own clock.
    pub(super) now: Moment,
    pub(super) out: &'a mut Vec<u8>,
}

impl Context<'_> {
    /// Sends a message; what a pile has to say while it is offline is lost, but for its records.
    pub(super) fn tell(&mut self, message: &Message) {
        let _lost_when_offline = self.session.send(message, self.out);
    }

    /// Why nobody may start a charge; `None` when they may.
    pub(super) fn refusal(&self) -> Option<RemoteStartFailure> {
        if self.state.is_locked || self.state.reboots_when_idle {
            return Some(RemoteStartFailure::Disabled);
        }
        if self.session.unconfirmed_records() >= RECORDS_WAITING_MAX {
            return Some(RemoteStartFailure::DeviceFault);
        }
        self.state.tariff.is_none().then_some(RemoteStartFailure::Tariff)
    }

    pub(super) fn may_charge(&self) -> bool {
        self.refusal().is_none()
    }

    /// When somebody who takes so many simulated seconds is ready.
    pub(super) fn think(&mut self, simulated_s: RangeInclusive<u64>) -> Tick {
        let ms = self.rng.within(simulated_s) * 1_000 / u64::from(self.state.speed);
        later(self.now.tick, ms.max(1))
    }

    pub(super) fn new_car(&mut self) -> Car {
        if self.state.is_dc { Car::for_dc(self.rng) } else { Car::for_ac(self.rng) }
    }
}

/// A pile with its connectors and the cars at them.
#[derive(Debug)]
pub struct VirtualPile {
    session: PileSession,
    state: PileState,
    connectors: Vec<Connector>,
    rng: Rng,
}

impl VirtualPile {
    /// A pile that is switched on but not connected. It comes from the factory without a tariff, whatever number the
    /// setup has.
    #[must_use]
    pub fn new(mut setup: PileSetup, options: ModelOptions) -> Self {
        setup.config.tariff_id = TariffId::default();
        let pile_code = setup.config.pile_code;
        let code = pile_code.0.iter().fold(0, |code, byte| (code << 8) | u64::from(*byte));
        let mut rng = Rng::new(options.seed ^ Rng::new(code).next_u64());
        let connectors = (1..=setup.config.connector_count).map(|number| Connector::new(number, &mut rng)).collect();
        let state = PileState {
            pile_code,
            is_dc: setup.config.pile_type != PileType::Ac,
            max_power_w: setup.max_power_w,
            speed: options.speed.max(1),
            walk_ins: setup.walk_ins,
            tariff: None,
            is_locked: false,
            power_percent: 100,
            clock_ahead_ms: 0,
            reboots_when_idle: false,
        };
        Self { session: PileSession::new(setup.config), state, connectors, rng }
    }

    /// The pile's end of the connection.
    #[must_use]
    pub const fn session(&self) -> &PileSession {
        &self.session
    }

    /// Connectors that charge now.
    #[must_use]
    pub fn charging(&self) -> usize {
        self.connectors.iter().filter(|connector| connector.is_charging()).count()
    }

    /// A connection stands: logs in.
    pub fn connect(&mut self, now: Moment, out: &mut Vec<u8>) {
        self.session.connect(now.tick, out);
    }

    /// The connection is gone; charges go on, and their records wait.
    pub fn disconnected(&mut self) {
        self.session.disconnect();
    }

    /// When [`handle_deadline`](Self::handle_deadline) wants to be called next.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Tick> {
        let connectors = self.connectors.iter().map(|connector| connector.next_deadline(self.state.speed));
        connectors.chain([self.session.next_deadline()]).flatten().min()
    }

    /// Does what is due by now.
    pub fn handle_deadline(&mut self, now: Moment, out: &mut Vec<u8>) -> Link {
        if let Some(event) = self.session.handle_deadline(now.tick, out)
            && self.handle_event(now, event, out) == Link::Close
        {
            return Link::Close;
        }
        self.each(now, out, Connector::handle_deadline);
        if self.state.reboots_when_idle && self.charging() == 0 { self.reboot() } else { Link::Keep }
    }

    /// Takes a frame of the platform.
    pub fn handle_frame(&mut self, now: Moment, frame: &Frame<'_>, out: &mut Vec<u8>) -> Link {
        match self.session.handle_frame(now.tick, frame, out) {
            Some(event) => self.handle_event(now, event, out),
            None => Link::Keep,
        }
    }

    fn handle_event(&mut self, now: Moment, event: PileEvent, out: &mut Vec<u8>) -> Link {
        match event {
            PileEvent::LoggedIn => self.each(now, out, Connector::logged_in),
            PileEvent::LoginRefused | PileEvent::LinkDead => {
                self.session.disconnect();
                return Link::Close;
            }
            PileEvent::TariffChanged(tariff) => self.state.tariff = Some(*tariff),
            PileEvent::RealtimeWanted { connector } => self.on(connector, now, out, Connector::report),
            PileEvent::ClockSet(time) => self.set_clock(now, time),
            PileEvent::WorkParametersSet { permission, max_power_percent } => {
                self.state.is_locked = permission == WorkPermission::Locked;
                self.state.power_percent = max_power_percent.clamp(1, 100);
                if self.state.is_locked {
                    self.each(now, out, |connector, cx| _ = connector.stop(cx, stop::SYSTEM));
                }
            }
            PileEvent::PowerLimited { connector, watts } => {
                self.on(connector, now, out, |connector, _| connector.power_limit_w = Some(watts));
            }
            PileEvent::Reboot(ExecuteMode::WhenIdle) => self.state.reboots_when_idle = true,
            PileEvent::Reboot(_) => {
                self.each(now, out, |connector, cx| _ = connector.stop(cx, stop::SYSTEM));
                return self.reboot();
            }
            PileEvent::Request(request) => self.handle_request(now, &request, out),
            PileEvent::TariffConfirmed | PileEvent::RecordConfirmed { .. } | PileEvent::Answer(_) => {}
        }
        Link::Keep
    }

    /// A restart costs the connection; the tariff and the records are in flash.
    fn reboot(&mut self) -> Link {
        self.state.reboots_when_idle = false;
        self.session.disconnect();
        Link::Close
    }

    fn set_clock(&mut self, now: Moment, time: Cp56Time) {
        if let Some(civil) = time.civil() {
            let ahead = i128::from(unix_ms(civil)) - i128::from(now.unix_ms);
            self.state.clock_ahead_ms = i64::try_from(ahead).unwrap_or_default();
        }
    }

    /// Lets every connector act.
    fn each(&mut self, now: Moment, out: &mut Vec<u8>, mut act: impl FnMut(&mut Connector, &mut Context<'_>)) {
        let Self { session, state, connectors, rng } = self;
        for connector in connectors {
            act(connector, &mut Context { session, state, rng, now: state.moment(now), out });
        }
    }

    /// Lets one connector act, if there is one of that number.
    pub(super) fn on<R>(
        &mut self,
        number: u8,
        now: Moment,
        out: &mut Vec<u8>,
        act: impl FnOnce(&mut Connector, &mut Context<'_>) -> R,
    ) -> R
    where
        R: Default,
    {
        let Self { session, state, connectors, rng } = self;
        let index = usize::from(number).wrapping_sub(1);
        let Some(connector) = connectors.get_mut(index) else { return R::default() };
        act(connector, &mut Context { session, state, rng, now: state.moment(now), out })
    }

    /// Charges by another tariff from now on.
    pub(super) fn adopt_tariff(&mut self, tariff: PileTariff) {
        self.session.adopt_tariff(tariff.id);
        self.state.tariff = Some(tariff);
    }

    /// Sends a message of the whole pile.
    pub(super) fn tell(&mut self, message: &Message, out: &mut Vec<u8>) {
        let _lost_when_offline = self.session.send(message, out);
    }
}

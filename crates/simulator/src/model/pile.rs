//! The whole pile: its session with the platform and its connectors.

use std::time::Duration;

use voltapile_protocol::Protocol;
use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::field::PileCode;

use super::aes_key::KeyFlaw;
use super::charge::End;
use super::clock::Moment;
use super::connector::Connector;
use super::context::{Context, PileState};
use super::errand::Errand;
use super::held_records::HeldRecords;
use super::record::Record;
use super::rng::Rng;
use super::setup::{ModelOptions, PileSetup};
use super::tongue::{Heard, Tongue};
use super::update::Update;
use crate::frames::{Frames, frames_of};

/// What the runner does with the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Link {
    /// Goes on.
    Keep,
    /// Closes it and dials again.
    Close,
}

/// A pile with its connectors and the cars at them.
#[derive(Debug)]
pub struct VirtualPile {
    pub(super) tongue: Tongue,
    pub(super) state: PileState,
    pub(super) connectors: Vec<Connector>,
    rng: Rng,
    pub(super) held: HeldRecords,
    pub(super) update: Option<Update>,
    /// What the runner has not taken yet.
    pub(super) errand: Option<Errand>,
    /// What stands before the pile code in its QR codes.
    pub(super) qr_prefix: Option<String>,
    /// Why it did not take the last login, until the runner asks.
    key_flaw: Option<KeyFlaw>,
}

impl VirtualPile {
    /// A pile that is switched on but not connected. It comes from the factory without a tariff, whatever number the
    /// setup has.
    #[must_use]
    pub fn new(setup: PileSetup, options: ModelOptions) -> Self {
        let code = setup.config.pile_code.0.iter().fold(0, |code, byte| (code << 8) | u64::from(*byte));
        let mut rng = Rng::new(options.seed ^ Rng::new(code).next_u64());
        let numbers = 1..=setup.config.connector_count;
        let connectors = numbers.map(|number| Connector::new(number, setup.parking_locks, &mut rng)).collect();
        let tongue = Tongue::of(&setup, options.speed);
        let state = PileState::new(setup, options);
        Self {
            tongue,
            state,
            connectors,
            rng,
            held: HeldRecords::default(),
            update: None,
            errand: None,
            qr_prefix: None,
            key_flaw: None,
        }
    }

    /// Its number.
    #[must_use]
    pub const fn pile_code(&self) -> PileCode {
        self.state.pile_code
    }

    /// Which protocol it speaks.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.tongue.protocol()
    }

    /// Whether the platform took its login on the present connection.
    #[must_use]
    pub fn is_logged_in(&self) -> bool {
        self.tongue.is_logged_in()
    }

    /// Connectors that charge now.
    #[must_use]
    pub fn charging(&self) -> usize {
        self.connectors.iter().filter(|connector| connector.is_charging()).count()
    }

    /// A connection stands: logs in. A pile without power does not; it ought not to have been dialled for.
    pub fn connect(&mut self, now: Moment, out: &mut Vec<u8>) {
        if self.state.dead_until.is_some() {
            return;
        }
        self.speak(out, |pile, out| {
            if pile.state.behaviour.speaks_before_login {
                pile.speak_too_early(now, out);
            }
            pile.tongue.connect(now.tick, out);
        });
    }

    /// What a pile says that believes to be logged in still: that it is alive, how its connectors are, and the records it
    /// has.
    fn speak_too_early(&mut self, now: Moment, out: &mut Vec<u8>) {
        self.tongue.connect_unasked(now.tick, out);
        self.each(now, out, Connector::report);
        self.tongue.send_all_records(out);
    }

    /// The connection is gone; charges go on, and their records wait.
    pub fn disconnected(&mut self) {
        self.tongue.disconnect();
        self.connectors.iter_mut().for_each(Connector::disconnected);
    }

    /// When [`handle_deadline`](Self::handle_deadline) wants to be called next.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Tick> {
        if self.state.dead_until.is_some() {
            return self.state.dead_until;
        }
        let connectors = self.connectors.iter().map(|connector| connector.next_deadline(self.state.speed));
        let update = self.update.as_ref().and_then(Update::next_deadline);
        connectors.chain([self.tongue.next_deadline(), self.held.next_deadline(), update]).flatten().min()
    }

    /// Does what is due by now.
    pub fn handle_deadline(&mut self, now: Moment, out: &mut Vec<u8>) -> Link {
        match self.state.dead_until {
            Some(until) if until > now.tick => return Link::Keep,
            Some(_) => {
                self.state.boot(now);
                self.restart();
            }
            None => {}
        }
        self.speak(out, |pile, out| {
            if let Some(heard) = pile.tongue.handle_deadline(now.tick, out)
                && pile.heed(now, heard, out) == Link::Close
            {
                return Link::Close;
            }
            pile.each(now, out, Connector::handle_deadline);
            let due = pile.held.take_due(now.tick);
            pile.send_records(now, due, out);
            if pile.state.reboots_when_idle && pile.charging() == 0 {
                return pile.reboot();
            }
            pile.go_on_updating(now, out)
        })
    }

    /// When its power is back, while it has none: until [`handle_deadline`](Self::handle_deadline) was called then,
    /// nobody dials for it. `None` where it may dial now.
    #[must_use]
    pub const fn dials_at(&self) -> Option<Tick> {
        self.state.dead_until
    }

    /// Takes a whole frame of the platform; other bytes are passed over.
    pub fn handle_frame(&mut self, now: Moment, frame: &[u8], out: &mut Vec<u8>) -> Link {
        let is_ignored = |frame_type| self.state.behaviour.ignores.contains(&frame_type);
        if self.state.dead_until.is_some() || self.frames().frame_type(frame).is_none_or(is_ignored) {
            return Link::Keep;
        }
        self.speak(out, |pile, out| match pile.tongue.hear(now.tick, frame, out) {
            Some(heard) => pile.heed(now, heard, out),
            None => Link::Keep,
        })
    }

    /// Why it closes the connection, where that is the platform's key.
    pub const fn take_key_flaw(&mut self) -> Option<KeyFlaw> {
        self.key_flaw.take()
    }

    /// Its protocol's frames.
    fn frames(&self) -> &'static dyn Frames {
        frames_of(self.protocol())
    }

    fn heed(&mut self, now: Moment, heard: Heard, out: &mut Vec<u8>) -> Link {
        match heard {
            Heard::LoggedIn { is_locked, clock } => {
                self.state.is_locked = is_locked.unwrap_or(self.state.is_locked);
                if let Some(time) = clock {
                    self.state.set_clock(now, time);
                }
                self.each(now, out, Connector::logged_in);
                return self.go_on_updating(now, out);
            }
            Heard::KeyRefused(flaw) => {
                self.key_flaw = Some(flaw);
                self.tongue.disconnect();
                return Link::Close;
            }
            Heard::LoginRefused | Heard::LinkDead => {
                self.tongue.disconnect();
                return Link::Close;
            }
            Heard::TariffChanged(tariff) => self.state.tariff = Some(tariff),
            Heard::ReportWanted(connector) => self.on(connector, now, out, Connector::report),
            Heard::Suspended(is_suspended) => {
                self.state.is_locked = is_suspended;
                self.each(now, out, Connector::report);
            }
            Heard::ClockSet(time) => self.state.set_clock(now, time),
            Heard::Permitted { is_locked, power_percent } => {
                self.state.is_locked = is_locked;
                self.state.power_percent = power_percent.clamp(1, 100);
                if is_locked {
                    self.stop_all(now, out);
                }
            }
            Heard::Reboot { when_idle: true } => self.state.reboots_when_idle = true,
            Heard::Reboot { when_idle: false } => {
                self.stop_all(now, out);
                return self.reboot();
            }
            Heard::YkcAsked(request) => self.heed_ykc(now, &request, out),
            Heard::YkcAnswered(answer) => self.hear_ykc(now, &answer, out),
            Heard::Aaf5Asked(request) => self.heed_aaf5(now, &request, out),
            Heard::Aaf5Answered(answer) => self.hear_aaf5(now, &answer, out),
            Heard::Aaf5Set(settings) => settings.iter().for_each(|setting| self.take_setting(now, setting, out)),
        }
        Link::Keep
    }

    /// The pile is locked or restarts: nobody charges on.
    pub(super) fn stop_all(&mut self, now: Moment, out: &mut Vec<u8>) {
        self.each(now, out, |connector, cx| _ = connector.stop(cx, End::System));
    }

    /// A restart costs the connection; the tariff, the offline cards and the records are in flash.
    pub(super) fn reboot(&mut self) -> Link {
        self.restart();
        Link::Close
    }

    /// What is not in flash is forgotten.
    fn restart(&mut self) {
        self.state.reboots_when_idle = false;
        self.connectors.iter_mut().for_each(Connector::restarted);
        self.tongue.restart();
    }

    /// Mains fail. The last thing a pile does is to write the charges that are cut off to its flash; their records leave
    /// after the next login.
    pub(super) fn lose_power(&mut self, now: Moment, lasts: Duration, out: &mut Vec<u8>) -> Link {
        self.tongue.disconnect();
        self.connectors.iter_mut().for_each(Connector::disconnected);
        self.each(now, out, Connector::lose_power);
        self.forget_update();
        self.state.dead_until = Some(now.tick + lasts);
        Link::Close
    }

    /// Hands records that were held to the tongue, which keeps them until the platform confirms them.
    pub(super) fn send_records(&mut self, now: Moment, records: Vec<Record>, out: &mut Vec<u8>) {
        for record in records {
            self.tongue.keep_record(now.tick, &record, out);
        }
    }

    /// Lets the pile say something, but for what it [withholds](super::Behaviour::withholds).
    pub(super) fn speak<R>(&mut self, out: &mut Vec<u8>, say: impl FnOnce(&mut Self, &mut Vec<u8>) -> R) -> R {
        let begin = out.len();
        let result = say(self, out);
        if !self.state.behaviour.withholds.is_empty() {
            self.withhold(out, begin);
        }
        result
    }

    /// Takes what it withholds out of what was written from `begin` on.
    fn withhold(&self, out: &mut Vec<u8>, begin: usize) {
        let written = out.split_off(begin.min(out.len()));
        self.frames().each(&written, &mut |frame| {
            if !self.state.behaviour.withholds.contains(&frame.frame_type) {
                out.extend_from_slice(frame.raw);
            }
        });
    }

    /// Lets every connector act.
    pub(super) fn each(
        &mut self,
        now: Moment,
        out: &mut Vec<u8>,
        mut act: impl FnMut(&mut Connector, &mut Context<'_>),
    ) {
        let Self { tongue, state, connectors, rng, held, .. } = self;
        for connector in connectors {
            act(connector, &mut Context { tongue, state, held, rng, now: state.moment(now), out });
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
        let Self { tongue, state, connectors, rng, held, .. } = self;
        let index = usize::from(number).wrapping_sub(1);
        let Some(connector) = connectors.get_mut(index) else { return R::default() };
        act(connector, &mut Context { tongue, state, held, rng, now: state.moment(now), out })
    }
}

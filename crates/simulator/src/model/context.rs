//! What the connectors of a pile share, and what each works with.

use std::ops::RangeInclusive;

use voltapile_protocol::session::RECORDS_MAX;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::CivilTime;
use voltapile_protocol::ykc::code::{PileType, RemoteStartFailure};
use voltapile_protocol::ykc::field::{PhysicalCardNumber, PileCode};

use super::behaviour::{Behaviour, RecordDelivery};
use super::bill::Arithmetic;
use super::car::Car;
use super::clock::{Moment, unix_ms};
use super::held_records::HeldRecords;
use super::offline_cards::OfflineCards;
use super::record::Record;
use super::rng::Rng;
use super::setup::{ModelOptions, PileSetup};
use super::supply::Supply;
use super::tariff::Tariff;
use super::tongue::{Tongue, Word};

/// Records that may wait for the platform before nobody starts a charge any more.
const RECORDS_WAITING_MAX: usize = RECORDS_MAX / 2;
/// Where a clock without a battery begins: 1999-01-01 in UTC+8.
const CLOCK_OF_1999_MS: u64 = 915_120_000_000;

/// What all connectors of a pile share.
#[derive(Debug)]
pub(super) struct PileState {
    pub(super) pile_code: PileCode,
    pub(super) is_dc: bool,
    pub(super) max_power_w: u32,
    pub(super) speed: u32,
    pub(super) walk_ins: bool,
    pub(super) visitor_cards: Vec<PhysicalCardNumber>,
    pub(super) arithmetic: Arithmetic,
    pub(super) behaviour: Behaviour,
    pub(super) tariff: Option<Tariff>,
    pub(super) cards: OfflineCards,
    pub(super) is_locked: bool,
    pub(super) power_percent: u8,
    /// What the pile's clock was ahead of this machine's when it was set.
    pub(super) clock_ahead_ms: i64,
    /// When it was set, or began to drift.
    clock_set_at: Tick,
    /// When mains came on.
    booted_at: Tick,
    /// Mains have failed, and come back then.
    pub(super) dead_until: Option<Tick>,
    pub(super) reboots_when_idle: bool,
    /// A firmware is being fetched, or will be once nobody charges.
    pub(super) is_updating: bool,
}

impl PileState {
    pub(super) fn new(setup: PileSetup, options: ModelOptions) -> Self {
        Self {
            pile_code: setup.config.pile_code,
            is_dc: setup.config.pile_type != PileType::Ac,
            max_power_w: setup.max_power_w,
            speed: options.speed.max(1),
            walk_ins: setup.walk_ins,
            visitor_cards: setup.visitor_cards,
            arithmetic: setup.arithmetic,
            behaviour: setup.behaviour,
            tariff: None,
            cards: OfflineCards::new(setup.offline_card_room),
            is_locked: false,
            power_percent: 100,
            clock_ahead_ms: 0,
            clock_set_at: Tick(0),
            booted_at: Tick(0),
            dead_until: None,
            reboots_when_idle: false,
            is_updating: false,
        }
    }

    /// What a connector can give where the platform limits it to so many watts.
    pub(super) fn supply(&self, limit_w: u64) -> Supply {
        Supply::new(self.is_dc, self.max_power_w, limit_w.min(self.allowed_power_w()))
    }

    fn allowed_power_w(&self) -> u64 {
        u64::from(self.max_power_w) * u64::from(self.power_percent) / 100
    }

    /// The wall clock as the pile sees it.
    pub(super) fn moment(&self, now: Moment) -> Moment {
        let unix_ms = if self.behaviour.clock_of_1999 {
            CLOCK_OF_1999_MS + now.tick.0.saturating_sub(self.booted_at.0)
        } else {
            now.unix_ms.saturating_add_signed(self.clock_ahead_ms.saturating_add(self.drifted_ms(now)))
        };
        Moment { tick: now.tick, unix_ms }
    }

    /// What the clock has gained since it was set.
    fn drifted_ms(&self, now: Moment) -> i64 {
        let since = i64::try_from(now.tick.0.saturating_sub(self.clock_set_at.0)).unwrap_or(i64::MAX);
        since.saturating_mul(self.behaviour.clock_drift_ppm.into()) / 1_000_000
    }

    /// The platform says what time it is.
    pub(super) fn set_clock(&mut self, now: Moment, time: CivilTime) {
        let ahead = i128::from(unix_ms(time)) - i128::from(now.unix_ms);
        self.clock_ahead_ms = i64::try_from(ahead).unwrap_or_default();
        self.clock_set_at = now.tick;
    }

    /// The pile behaves differently from now on. What its clock has gained until now stays.
    pub(super) fn behave(&mut self, now: Moment, behaviour: Behaviour) {
        self.clock_ahead_ms = self.clock_ahead_ms.saturating_add(self.drifted_ms(now));
        self.clock_set_at = now.tick;
        self.behaviour = behaviour;
    }

    /// Mains are back. What the platform set is in flash.
    pub(super) const fn boot(&mut self, now: Moment) {
        self.dead_until = None;
        self.booted_at = now.tick;
    }
}

/// What a connector works with.
pub(super) struct Context<'a> {
    pub(super) tongue: &'a mut Tongue,
    pub(super) state: &'a PileState,
    pub(super) held: &'a mut HeldRecords,
    pub(super) rng: &'a mut Rng,
    /// Now, by the pile's own clock.
    pub(super) now: Moment,
    pub(super) out: &'a mut Vec<u8>,
}

impl Context<'_> {
    /// A connector says something; what a pile has to say while it is offline is lost, but for its records.
    pub(super) fn say(&mut self, connector: u8, word: Word<'_>) {
        self.tongue.say(self.now.tick, self.state, connector, word, self.out);
    }

    /// Gives a record on its way, as the pile's behaviour has it.
    pub(super) fn deliver(&mut self, record: Record) {
        match self.state.behaviour.record_delivery {
            RecordDelivery::AtOnce => self.send_record(&record),
            RecordDelivery::Late(pause) => self.held.hold(record, Some(self.now.tick + pause)),
            RecordDelivery::Never => self.held.lose(),
            RecordDelivery::Held => self.held.hold(record, None),
            RecordDelivery::Twice => {
                self.send_record(&record);
                self.send_record(&record);
            }
        }
    }

    fn send_record(&mut self, record: &Record) {
        self.tongue.keep_record(self.now.tick, record, self.out);
    }

    /// Why nobody may start a charge; `None` when they may.
    pub(super) fn refusal(&self) -> Option<RemoteStartFailure> {
        if self.state.dead_until.is_some() {
            return Some(RemoteStartFailure::DeviceOffline);
        }
        if self.state.is_updating {
            return Some(RemoteStartFailure::Updating);
        }
        if self.state.is_locked || self.state.reboots_when_idle {
            return Some(RemoteStartFailure::Disabled);
        }
        if self.tongue.unconfirmed_records() + self.held.len() >= RECORDS_WAITING_MAX {
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

    /// Whether something that is planned for `at` is due.
    pub(super) fn is_due(&self, at: Option<Tick>) -> bool {
        at.is_some_and(|at| at <= self.now.tick)
    }
}

/// Some milliseconds later.
pub(super) const fn later(tick: Tick, ms: u64) -> Tick {
    Tick(tick.0.saturating_add(ms))
}

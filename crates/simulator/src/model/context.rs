//! What the connectors of a pile share, and what each works with.

use std::ops::RangeInclusive;

use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::code::{PileType, RemoteStartFailure};
use voltapile_protocol::ykc::field::{PhysicalCardNumber, PileCode};
use voltapile_protocol::ykc::message::{Message, TransactionRecord};
use voltapile_protocol::ykc::session::pile::{PileSession, PileTariff, RECORDS_MAX};

use super::behaviour::{Behaviour, RecordDelivery};
use super::car::Car;
use super::clock::Moment;
use super::held_records::HeldRecords;
use super::offline_cards::OfflineCards;
use super::rng::Rng;
use super::setup::{ModelOptions, PileSetup};

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
    pub(super) behaviour: Behaviour,
    pub(super) tariff: Option<PileTariff>,
    pub(super) cards: OfflineCards,
    pub(super) is_locked: bool,
    pub(super) power_percent: u8,
    /// What the platform's clock is ahead of ours.
    pub(super) clock_ahead_ms: i64,
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
            behaviour: setup.behaviour,
            tariff: None,
            cards: OfflineCards::new(setup.offline_card_room),
            is_locked: false,
            power_percent: 100,
            clock_ahead_ms: 0,
            reboots_when_idle: false,
            is_updating: false,
        }
    }

    pub(super) fn allowed_power_w(&self) -> u64 {
        u64::from(self.max_power_w) * u64::from(self.power_percent) / 100
    }

    /// The wall clock as the pile sees it.
    pub(super) fn moment(&self, now: Moment) -> Moment {
        let unix_ms = if self.behaviour.clock_of_1999 {
            CLOCK_OF_1999_MS + now.tick.0
        } else {
            now.unix_ms.saturating_add_signed(self.clock_ahead_ms)
        };
        Moment { tick: now.tick, unix_ms }
    }
}

/// What a connector works with.
pub(super) struct Context<'a> {
    pub(super) session: &'a mut PileSession,
    pub(super) state: &'a PileState,
    pub(super) held: &'a mut HeldRecords,
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

    /// Gives a record on its way, as the pile's behaviour has it.
    pub(super) fn deliver(&mut self, record: TransactionRecord) {
        match self.state.behaviour.record_delivery {
            RecordDelivery::AtOnce => self.send_record(record),
            RecordDelivery::Late(pause) => self.held.hold(record, Some(self.now.tick + pause)),
            RecordDelivery::Never => {}
            RecordDelivery::Held => self.held.hold(record, None),
            RecordDelivery::Twice => {
                self.send_record(record.clone());
                self.send_record(record);
            }
        }
    }

    fn send_record(&mut self, record: TransactionRecord) {
        let kept = self.session.send_record(self.now.tick, record, self.out);
        debug_assert!(kept.is_ok(), "nobody charges when the store of records is nearly full");
    }

    /// Why nobody may start a charge; `None` when they may.
    pub(super) fn refusal(&self) -> Option<RemoteStartFailure> {
        if self.state.is_updating {
            return Some(RemoteStartFailure::Updating);
        }
        if self.state.is_locked || self.state.reboots_when_idle {
            return Some(RemoteStartFailure::Disabled);
        }
        if self.session.unconfirmed_records() + self.held.len() >= RECORDS_WAITING_MAX {
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

//! One connector: people come, plug in, charge, leave.

mod fault;
mod parking;
mod reserve;
mod start;
mod telemetry;
mod vehicle;
mod walk_in;

use std::ops::RangeInclusive;

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::text;
use voltapile_protocol::ykc::code::RemoteStartFailure;
use voltapile_protocol::ykc::field::HardwareFaults;

pub(super) use self::reserve::Appointment;
use self::reserve::Reservation;
use self::start::WaitingStart;
pub(super) use self::start::{Start, StartOrder, spendable};
use self::vehicle::VehicleNotice;
use self::walk_in::Asking;
pub(super) use self::walk_in::{Consent, Parallel};
use super::action::{Refusal, VinCharacters};
use super::battery::Demand;
use super::bill::Bill;
use super::car::{Car, CarWish};
use super::charge::{Charge, End};
use super::context::{Context, later};
use super::parking_lock::ParkingLock;
use super::power_limit::PowerLimit;
use super::record::Record;
use super::rng::Rng;
use super::snapshot::ConnectorSnapshot;
use super::tongue::Word;

/// How often a charge is computed, simulated; on the wall clock between 50 ms and 1 s.
const COMPUTE_MS: u64 = 30_000;
/// Until the next visitor comes, in simulated seconds.
const VISITOR_S: RangeInclusive<u64> = 120..=1_200;
/// From plugging in to the card, in simulated seconds.
const CARD_S: RangeInclusive<u64> = 15..=60;
/// From the end of a charge to unplugging, in simulated seconds.
const UNPLUG_S: RangeInclusive<u64> = 60..=300;
/// When nobody may charge, a visitor looks again after this much of the wall clock.
const LOOK_AGAIN_MS: u64 = 5_000;

/// What is plugged in. Visitors come and go by themselves; a car that was plugged in on demand stays, so it has no
/// moments of its own.
#[derive(Debug)]
pub(super) enum Life {
    /// In its holder.
    Idle { visitor_at: Option<Tick> },
    /// In a car that has not begun to charge.
    Plugged { car: Box<Car>, card_at: Option<Tick> },
    /// Charging.
    Charging(Box<Charge>),
    /// In a car that is done.
    Finished { car: Box<Car>, unplug_at: Option<Tick> },
}

/// One connector.
#[derive(Debug)]
pub(super) struct Connector {
    number: u8,
    pub(super) life: Life,
    /// Reading of the meter, 1e-4 kWh.
    meter: u64,
    /// Counts the transactions that this pile numbered itself.
    counter: u16,
    pub(super) power_limit: Option<PowerLimit>,
    faults: HardwareFaults,
    /// The platform lets no charge begin here; one under way goes on.
    pub(super) is_suspended: bool,
    lock: Option<ParkingLock>,
    /// Text of its QR code.
    pub(super) qr_code: Option<String>,
    /// Somebody waits for the platform's consent.
    asking: Option<Asking>,
    /// The platform waits for somebody to plug in.
    waiting_start: Option<WaitingStart>,
    /// It is kept for somebody, or for a set time.
    reservation: Option<Reservation>,
    /// A VIN that the platform has not confirmed.
    vehicle_notice: Option<VehicleNotice>,
    last_refusal: Option<Refusal>,
    report_at: Option<Tick>,
    bms_at: Option<Tick>,
}

impl Connector {
    pub(super) fn new(number: u8, has_lock: bool, rng: &mut Rng) -> Self {
        Self {
            number,
            life: Life::Idle { visitor_at: None },
            meter: rng.within(1_000..=80_000) * 10_000 + rng.within(0..=9_999),
            counter: 0,
            power_limit: None,
            faults: HardwareFaults::default(),
            is_suspended: false,
            lock: has_lock.then(ParkingLock::new),
            qr_code: None,
            asking: None,
            waiting_start: None,
            reservation: None,
            vehicle_notice: None,
            last_refusal: None,
            report_at: None,
            bms_at: None,
        }
    }

    pub(super) const fn is_charging(&self) -> bool {
        matches!(self.life, Life::Charging(_))
    }

    /// The car at it.
    fn car(&self) -> Option<&Car> {
        match &self.life {
            Life::Idle { .. } => None,
            Life::Plugged { car, .. } | Life::Finished { car, .. } => Some(car),
            Life::Charging(charge) => Some(&charge.car),
        }
    }

    /// VIN of the car at it.
    pub(super) fn vin(&self) -> Option<VinCharacters> {
        self.car().map(|car| car.vin)
    }

    pub(super) fn next_deadline(&self, speed: u32) -> Option<Tick> {
        let life = match &self.life {
            Life::Idle { visitor_at } => *visitor_at,
            Life::Plugged { card_at, .. } => *card_at,
            Life::Charging(charge) => Some(later(charge.computed_to.tick, compute_pause_ms(speed))),
            Life::Finished { unplug_at, .. } => *unplug_at,
        };
        let waits = [
            self.asking.as_ref().map(Asking::until),
            self.waiting_start.as_ref().map(WaitingStart::next_at),
            self.reservation.as_ref().and_then(Reservation::next_at),
            self.vehicle_notice.as_ref().map(VehicleNotice::next_at),
            self.lock.and_then(|lock| lock.report_at),
            self.power_limit.and_then(|limit| limit.ends_at()),
        ];
        [life, self.report_at, self.bms_at].into_iter().chain(waits).flatten().min()
    }

    /// The pile logged in: tells how it stands, and expects visitors from now on.
    pub(super) fn logged_in(&mut self, cx: &mut Context<'_>) {
        self.report(cx);
        self.report_lock(cx);
        if let Life::Idle { visitor_at: at @ None } = &mut self.life {
            // Not all at once: a pile that is switched on finds its neighbours busy already.
            *at = cx.state.walk_ins.then(|| cx.think(0..=*VISITOR_S.end()));
        }
    }

    /// The connection is lost: nobody answers any more.
    pub(super) fn disconnected(&mut self) {
        if self.asking.take().is_some() {
            self.last_refusal = Some(Refusal::Unanswered);
        }
        self.waiting_start = None;
        self.vehicle_notice = None;
    }

    /// Does what is due.
    pub(super) fn handle_deadline(&mut self, cx: &mut Context<'_>) {
        self.compute(cx);
        self.live(cx);
        self.give_up_waiting(cx);
        self.keep_appointments(cx);
        self.repeat_vehicle_notice(cx);
        if cx.is_due(self.bms_at) {
            self.tell_bms(cx);
        }
        if cx.is_due(self.report_at) {
            self.report(cx);
        }
        if cx.is_due(self.lock.and_then(|lock| lock.report_at)) {
            self.report_lock(cx);
        }
    }

    /// Brings a charge up to now, and ends it where it ends.
    pub(super) fn compute(&mut self, cx: &mut Context<'_>) {
        let mut supply = cx.state.supply(self.allowed_watts(cx));
        self.lift_power_limit(cx);
        let Life::Charging(charge) = &mut self.life else { return };
        charge.is_offline = !cx.tongue.is_logged_in();
        charge.most_soc = cx.tongue.most_soc();
        if let Some(most_da) = charge.current_limit_da {
            supply = supply.with_at_most(most_da);
        }
        if let Some(reason) = charge.advance(cx.now, cx.state.speed, supply) {
            self.finish(cx, reason);
        }
    }

    /// What visitors do.
    fn live(&mut self, cx: &mut Context<'_>) {
        match &mut self.life {
            Life::Idle { visitor_at } if cx.is_due(*visitor_at) => {
                if self.faults == HardwareFaults::default() && !self.is_suspended && cx.may_charge() {
                    let card_at = Some(cx.think(CARD_S));
                    let car = cx.new_car();
                    self.arrive(cx, car, card_at);
                } else {
                    *visitor_at = Some(later(cx.now.tick, LOOK_AGAIN_MS));
                }
            }
            Life::Plugged { card_at, .. } if cx.is_due(*card_at) => {
                *card_at = Some(later(cx.now.tick, LOOK_AGAIN_MS));
                if self.refusal(cx).is_none() {
                    self.swipe_a_card(cx);
                }
            }
            Life::Finished { unplug_at, .. } if cx.is_due(*unplug_at) => self.leave(cx),
            _ => {}
        }
    }

    /// A car is plugged in, and stays until it is unplugged.
    pub(super) fn plug(&mut self, cx: &mut Context<'_>, wish: CarWish) {
        let is_another = match &mut self.life {
            Life::Idle { .. } | Life::Finished { unplug_at: Some(_), .. } => true,
            Life::Plugged { car, card_at } => {
                *card_at = None;
                car.fulfil(wish);
                false
            }
            Life::Finished { car, unplug_at: None } => {
                car.fulfil(wish);
                false
            }
            Life::Charging(_) => false,
        };
        if is_another {
            let mut car = cx.new_car();
            car.fulfil(wish);
            self.arrive(cx, car, None);
        }
        self.start_that_waited(cx);
    }

    /// The plug is pulled; a charge ends (V1.6 §13.3 rule 5).
    pub(super) fn unplug(&mut self, cx: &mut Context<'_>) {
        self.stop(cx, End::Unplugged);
        self.asking = None;
        if self.car().is_some() {
            self.leave(cx);
        }
    }

    fn arrive(&mut self, cx: &mut Context<'_>, car: Car, card_at: Option<Tick>) {
        self.life = Life::Plugged { car: Box::new(car), card_at };
        self.report(cx);
        self.park(cx, true);
        if cx.state.behaviour.reports_vehicles {
            self.notify_vehicle(cx);
        }
    }

    fn leave(&mut self, cx: &mut Context<'_>) {
        let visitor_at = cx.state.walk_ins.then(|| cx.think(VISITOR_S));
        self.life = Life::Idle { visitor_at };
        self.vehicle_notice = None;
        self.report(cx);
        self.park(cx, false);
    }

    /// Why a start cannot be obeyed, whoever asks for it.
    pub(super) fn refusal(&self, cx: &Context<'_>) -> Option<RemoteStartFailure> {
        if self.is_charging() {
            return Some(RemoteStartFailure::AlreadyCharging);
        }
        if self.faults != HardwareFaults::default() {
            return Some(RemoteStartFailure::DeviceFault);
        }
        if self.is_suspended {
            return Some(RemoteStartFailure::Disabled);
        }
        if cx.state.behaviour.demands_plug && self.car().is_none() {
            return cx.refusal().or(Some(RemoteStartFailure::NotPlugged));
        }
        cx.refusal()
    }

    /// Starts a charge, with the car that is there or one that comes now.
    pub(super) fn start(&mut self, cx: &mut Context<'_>, start: Start) {
        let Some(tariff) = cx.state.tariff.clone() else { return };
        let (car, stays) = match std::mem::replace(&mut self.life, Life::Idle { visitor_at: None }) {
            Life::Plugged { car, card_at } => (*car, card_at.is_none()),
            Life::Finished { car, unplug_at: None } => (*car, true),
            Life::Idle { .. } | Life::Finished { .. } => (cx.new_car(), false),
            charging @ Life::Charging(_) => {
                self.life = charging;
                return;
            }
        };
        self.last_refusal = None;
        self.reservation = None;
        let output = cx.state.supply(u64::MAX).at_rest(&car);
        let charge = Charge {
            transaction_number: start.transaction_number,
            start_source: start.source,
            card: start.card,
            stays,
            bill: Bill::new(tariff, cx.state.arithmetic),
            start_unix_ms: cx.now.unix_ms,
            meter_start: self.meter,
            balance: start.balance,
            limit: start.limit,
            offline_energy: start.offline_energy,
            stop_password: start.stop_password,
            current_limit_da: None,
            most_soc: None,
            is_offline: !cx.tongue.is_logged_in(),
            soc_start: car.soc_percent(),
            elapsed_ms: 0,
            output,
            demand: Demand::default(),
            computed_to: cx.now,
            car,
        };
        self.life = Life::Charging(Box::new(charge));
        self.report(cx);
        self.park(cx, true);
        if let (Life::Charging(charge), true) = (&self.life, cx.state.is_dc) {
            cx.say(self.number, Word::CarMet(charge));
        }
        self.plan_bms(cx);
    }

    /// Stops a charge; `false` when there is none.
    pub(super) fn stop(&mut self, cx: &mut Context<'_>, reason: End) -> bool {
        self.compute(cx);
        let was_charging = self.is_charging();
        self.finish(cx, reason);
        was_charging
    }

    /// Ends a charge: statistics, the record, then how the connector stands.
    fn finish(&mut self, cx: &mut Context<'_>, reason: End) {
        let mut charge = match std::mem::replace(&mut self.life, Life::Idle { visitor_at: None }) {
            Life::Charging(charge) => charge,
            other => {
                self.life = other;
                return;
            }
        };
        charge.car.battery.rest();
        self.end_power_limit();
        self.bms_at = None;
        self.meter += u64::from(charge.bill.total().energy);
        if cx.state.is_dc {
            cx.say(self.number, Word::CarLeft(&charge));
        }
        let billing = cx.state.behaviour.billing;
        cx.deliver(Record::of(&charge, self.number, (cx.now.unix_ms, reason), billing, cx.state.is_dc));
        let unplug_at = cx.think(UNPLUG_S);
        self.life = Life::Finished { unplug_at: (!charge.stays).then_some(unplug_at), car: Box::new(charge.car) };
        self.report(cx);
    }

    /// How it is now.
    pub(super) fn snapshot(&self) -> ConnectorSnapshot {
        let charge = if let Life::Charging(charge) = &self.life { Some(charge) } else { None };
        ConnectorSnapshot {
            number: self.number,
            state: self.state(),
            is_plugged: self.car().is_some(),
            vin: self.vin().map(|vin| text(&vin)),
            transaction_number: charge.map(|charge| charge.transaction_number),
            energy: charge.map_or(0, |charge| charge.bill.total().energy),
            balance: charge.and_then(|charge| charge.balance),
            stop_password: charge.and_then(|charge| charge.stop_password),
            is_asking: self.asking.is_some(),
            waits_for_plug: self.waiting_start.is_some(),
            last_refusal: self.last_refusal,
            power_limit_w: self.power_limit.map(|limit| limit.watts),
            faults: self.faults,
            is_suspended: self.is_suspended,
            lock: self.lock,
            qr_code: self.qr_code.clone(),
        }
    }
}

fn compute_pause_ms(speed: u32) -> u64 {
    (COMPUTE_MS / u64::from(speed.max(1))).clamp(50, 1_000)
}

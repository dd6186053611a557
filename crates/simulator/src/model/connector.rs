//! One connector: people come, plug in, charge, leave.

use std::ops::RangeInclusive;

use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::code::{RemoteStartFailure, StartSource, StopReason};
use voltapile_protocol::ykc::field::{ConnectorNumber, PhysicalCardNumber, TransactionNumber};
use voltapile_protocol::ykc::message::Message;

use super::bill::Bill;
use super::car::Car;
use super::charge::Charge;
use super::clock::civil_time;
use super::pile::Context;
use super::record::transaction_record;
use super::report::{self, Place};
use super::rng::Rng;
use super::transaction::transaction_number;

/// Pause between 0x13 of an idle connector, simulated.
const IDLE_REPORT_MS: u64 = 5 * 60_000;
/// Pause between 0x13, 0x23 and 0x25 of a charging connector, simulated.
const CHARGING_REPORT_MS: u64 = 15_000;
/// However fast time runs, reports are at least this far apart on the wire.
const REPORT_LEAST_MS: u64 = 2_000;
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

#[derive(Debug)]
enum Life {
    /// In its holder.
    Idle { visitor_at: Option<Tick> },
    /// In a car that has not begun to charge.
    Plugged { car: Box<Car>, card_at: Tick },
    /// Charging.
    Charging(Box<Charge>),
    /// In a car that is done.
    Finished { unplug_at: Tick },
}

/// One connector.
#[derive(Debug)]
pub(super) struct Connector {
    number: u8,
    life: Life,
    /// Reading of the meter, 1e-4 kWh.
    meter: u64,
    /// Counts the transactions that this pile numbered itself.
    counter: u16,
    pub(super) power_limit_w: Option<u64>,
    report_at: Option<Tick>,
    bms_at: Option<Tick>,
}

/// What a start brings along.
pub(super) struct Start {
    pub(super) transaction_number: TransactionNumber,
    pub(super) source: StartSource,
    pub(super) card: PhysicalCardNumber,
    /// 1e-4 yuan.
    pub(super) balance: Option<u64>,
}

impl Connector {
    pub(super) fn new(number: u8, rng: &mut Rng) -> Self {
        let meter = rng.within(1_000..=80_000) * 10_000 + rng.within(0..=9_999);
        let life = Life::Idle { visitor_at: None };
        Self { number, life, meter, counter: 0, power_limit_w: None, report_at: None, bms_at: None }
    }

    pub(super) const fn is_charging(&self) -> bool {
        matches!(self.life, Life::Charging(_))
    }

    pub(super) fn next_deadline(&self, speed: u32) -> Option<Tick> {
        let life = match &self.life {
            Life::Idle { visitor_at } => *visitor_at,
            Life::Plugged { card_at, .. } => Some(*card_at),
            Life::Charging(charge) => Some(later(charge.computed_to.tick, compute_pause_ms(speed))),
            Life::Finished { unplug_at } => Some(*unplug_at),
        };
        [life, self.report_at, self.bms_at].into_iter().flatten().min()
    }

    /// The pile logged in: tells how it stands, and expects visitors from now on.
    pub(super) fn logged_in(&mut self, cx: &mut Context<'_>) {
        self.report(cx);
        if let Life::Idle { visitor_at: at @ None } = &mut self.life {
            // Not all at once: a pile that is switched on finds its neighbours busy already.
            *at = cx.state.walk_ins.then(|| cx.think(0..=*VISITOR_S.end()));
        }
    }

    /// Does what is due.
    pub(super) fn handle_deadline(&mut self, cx: &mut Context<'_>) {
        self.compute(cx);
        self.live(cx);
        if is_due(self.bms_at, cx) {
            self.tell_bms(cx);
        }
        if is_due(self.report_at, cx) {
            self.report(cx);
        }
    }

    /// Brings a charge up to now, and ends it where it ends.
    fn compute(&mut self, cx: &mut Context<'_>) {
        let limit_w = self.power_limit_w.unwrap_or(u64::MAX).min(cx.state.allowed_power_w());
        let Life::Charging(charge) = &mut self.life else { return };
        if let Some(reason) = charge.advance(cx.now, cx.state.speed, limit_w) {
            self.finish(cx, reason);
        }
    }

    /// What people do.
    fn live(&mut self, cx: &mut Context<'_>) {
        match &mut self.life {
            Life::Idle { visitor_at } if is_due(*visitor_at, cx) => {
                if cx.may_charge() {
                    self.life = Life::Plugged { car: Box::new(cx.new_car()), card_at: cx.think(CARD_S) };
                    self.report(cx);
                } else {
                    *visitor_at = Some(later(cx.now.tick, LOOK_AGAIN_MS));
                }
            }
            Life::Plugged { card_at, .. } if is_due(Some(*card_at), cx) => {
                *card_at = later(cx.now.tick, LOOK_AGAIN_MS);
                if cx.may_charge() {
                    self.start_offline(cx);
                }
            }
            Life::Finished { unplug_at } if is_due(Some(*unplug_at), cx) => {
                let visitor_at = cx.state.walk_ins.then(|| cx.think(VISITOR_S));
                self.life = Life::Idle { visitor_at };
                self.report(cx);
            }
            _ => {}
        }
    }

    /// Starts with a card that the pile itself knows; it numbers the transaction.
    fn start_offline(&mut self, cx: &mut Context<'_>) {
        self.counter = (self.counter + 1) % 10_000;
        let start = civil_time(cx.now.unix_ms);
        let start = Start {
            transaction_number: transaction_number(cx.state.pile_code, self.number, start, self.counter),
            source: StartSource::OfflineCard,
            card: voltapile_protocol::wire::Bytes((cx.rng.next_u64() >> 32).to_be_bytes()),
            balance: None,
        };
        self.start(cx, start);
    }

    /// Whether a start command can be obeyed.
    pub(super) fn refusal(&self, cx: &Context<'_>) -> Option<RemoteStartFailure> {
        if self.is_charging() {
            return Some(RemoteStartFailure::AlreadyCharging);
        }
        cx.refusal()
    }

    /// Starts a charge, with the car that is there or one that comes now.
    pub(super) fn start(&mut self, cx: &mut Context<'_>, start: Start) {
        let Some(tariff) = cx.state.tariff.clone() else { return };
        let life = std::mem::replace(&mut self.life, Life::Idle { visitor_at: None });
        let car = if let Life::Plugged { car, .. } = life { *car } else { cx.new_car() };
        let charge = Charge {
            transaction_number: start.transaction_number,
            start_source: start.source,
            card: start.card,
            car,
            bill: Bill::new(tariff),
            start_unix_ms: cx.now.unix_ms,
            meter_start: self.meter,
            balance: start.balance,
            elapsed_ms: 0,
            power_w: 0,
            computed_to: cx.now,
        };
        if cx.state.is_dc {
            let place = self.place(cx);
            let handshake = report::handshake(place, &charge).into();
            let parameters = report::charge_parameters(place, &charge, cx.state.max_power_w).into();
            self.life = Life::Charging(Box::new(charge));
            self.report(cx);
            cx.tell(&handshake);
            cx.tell(&parameters);
            self.bms_at = Some(later(cx.now.tick, report_pause_ms(CHARGING_REPORT_MS, cx.state.speed)));
        } else {
            self.life = Life::Charging(Box::new(charge));
            self.report(cx);
        }
    }

    /// Stops a charge; `false` when there is none.
    pub(super) fn stop(&mut self, cx: &mut Context<'_>, reason: StopReason) -> bool {
        self.compute(cx);
        let was_charging = self.is_charging();
        self.finish(cx, reason);
        was_charging
    }

    /// The account of a charge was topped up; `false` when the card is not the one that charges here. A card of zeros
    /// is any card (V1.6 §8).
    pub(super) fn set_balance(&mut self, card: PhysicalCardNumber, balance: u64) -> bool {
        match &mut self.life {
            Life::Charging(charge) if card == PhysicalCardNumber::default() || charge.card == card => {
                charge.balance = Some(balance);
                true
            }
            _ => false,
        }
    }

    /// Ends a charge: statistics, the record, then how the connector stands.
    fn finish(&mut self, cx: &mut Context<'_>, reason: StopReason) {
        let unplug_at = cx.think(UNPLUG_S);
        let life = match std::mem::replace(&mut self.life, Life::Finished { unplug_at }) {
            Life::Charging(charge) => charge,
            other => {
                self.life = other;
                return;
            }
        };
        let place = self.place(cx);
        self.bms_at = None;
        self.meter += u64::from(life.bill.total().energy);
        if cx.state.is_dc {
            cx.tell(&report::end_statistics(place, &life).into());
        }
        let record = transaction_record(place, &life, cx.now.unix_ms, reason);
        let kept = cx.session.send_record(cx.now.tick, record, cx.out);
        debug_assert!(kept.is_ok(), "nobody charges when the store of records is nearly full");
        self.report(cx);
    }

    /// Sends 0x13, and plans the next one.
    pub(super) fn report(&mut self, cx: &mut Context<'_>) {
        let place = self.place(cx);
        let (message, pause_ms): (Message, u64) = match &self.life {
            Life::Idle { .. } => (report::idle(place, false).into(), IDLE_REPORT_MS),
            Life::Plugged { .. } | Life::Finished { .. } => (report::idle(place, true).into(), IDLE_REPORT_MS),
            Life::Charging(charge) => (report::charging(place, charge, cx.state.is_dc).into(), CHARGING_REPORT_MS),
        };
        cx.tell(&message);
        self.report_at = Some(later(cx.now.tick, report_pause_ms(pause_ms, cx.state.speed)));
    }

    /// Sends what the car says: 0x23 and 0x25.
    fn tell_bms(&mut self, cx: &mut Context<'_>) {
        let Life::Charging(charge) = &self.life else {
            self.bms_at = None;
            return;
        };
        let place = self.place(cx);
        let demand = report::demand(place, charge).into();
        let status = report::status(place, charge).into();
        cx.tell(&demand);
        cx.tell(&status);
        self.bms_at = Some(later(cx.now.tick, report_pause_ms(CHARGING_REPORT_MS, cx.state.speed)));
    }

    const fn place(&self, cx: &Context<'_>) -> Place {
        Place { pile_code: cx.state.pile_code, connector_number: ConnectorNumber::bcd(self.number) }
    }
}

fn is_due(at: Option<Tick>, cx: &Context<'_>) -> bool {
    at.is_some_and(|at| at <= cx.now.tick)
}

pub(super) const fn later(tick: Tick, ms: u64) -> Tick {
    Tick(tick.0.saturating_add(ms))
}

fn report_pause_ms(simulated_ms: u64, speed: u32) -> u64 {
    (simulated_ms / u64::from(speed.max(1))).max(REPORT_LEAST_MS)
}

fn compute_pause_ms(speed: u32) -> u64 {
    (COMPUTE_MS / u64::from(speed.max(1))).clamp(50, 1_000)
}

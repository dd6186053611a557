//! Virtual piles: what a device does, right and wrong, in the platform's neutral words.
//!
//! A pile knows nothing of the platform but the messages it gets. What it does comes out as [`Doings`]: messages, timers
//! and the end of its connection.

mod answer;
mod bill;
mod charge;
mod kind;
mod report;

use std::collections::BTreeSet;
use std::rc::Rc;

use voltapile_platform::business::PileLogin;
use voltapile_platform::identity::{ConnectorNumber, PileCode, TransactionNumber};
use voltapile_platform::record::StartedBy;
use voltapile_platform::tariff::{TariffNumber, TariffVersion};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::Amount;

use crate::dice::Dice;
use crate::fault::{ChargeFault, Rates};
use crate::message::{Timer, Up};

pub(crate) use bill::Bill;
pub(crate) use charge::{Charge, Start, Wanted};
pub(crate) use kind::Kind;

/// What a pile does when something happens to it.
#[derive(Debug, Default)]
pub(crate) struct Doings {
    pub(crate) ups: Vec<Up>,
    /// Timers with the seconds until they are up.
    pub(crate) timers: Vec<(i64, Timer)>,
    /// Whether it drops its connection.
    pub(crate) hang_up: bool,
}

/// One connector.
#[derive(Debug)]
pub(crate) struct Gun {
    pub(crate) number: ConnectorNumber,
    /// The car that is plugged in.
    pub(crate) car: Option<String>,
    pub(crate) charge: Option<Charge>,
    /// A start that was accepted, or that waits for a plug.
    pub(crate) start: Option<Start>,
    /// The energy meter, in 1e-4 kWh.
    meter: u64,
    /// Reports of an idle connector that it still makes while it charges.
    idle_reports: u8,
    faulty: bool,
    /// The charge that was there last, while its car is plugged in.
    finished: Option<TransactionNumber>,
    /// When its next report is due; other timers for it are out of date.
    next_report: Option<Timestamp>,
}

/// A start that a user asked for at the pile and that is not decided.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) token: u64,
    pub(crate) connector: ConnectorNumber,
    pub(crate) card: String,
    pub(crate) source: StartedBy,
}

/// A pile.
#[derive(Debug)]
pub(crate) struct VirtualPile {
    pub(crate) code: PileCode,
    pub(crate) kind: Kind,
    pub(crate) guns: Vec<Gun>,
    pub(crate) online: bool,
    /// Counts power-ons: timers of an earlier one mean nothing.
    pub(crate) epoch: u32,
    pub(crate) bills: Vec<Bill>,
    /// Every bill that the platform acknowledged.
    pub(crate) acknowledged: Vec<(TransactionNumber, voltapile_platform::record::RecordReading)>,
    /// What each charge really cost.
    pub(crate) truth: Vec<(TransactionNumber, Amount)>,
    pub(crate) cards: BTreeSet<String>,
    pub(crate) asked: Vec<Asked>,
    pub(crate) rates: Rates,
    tariff: Option<Rc<TariffVersion>>,
    wants_tariff: bool,
    /// Whether the network loses nothing but connections.
    pub(crate) well_connected: bool,
    /// Whether it is never heard of again.
    pub(crate) gone: bool,
    dice: Dice,
    iccid: String,
    /// Seconds between two reports of a charging connector.
    report_s: i64,
    /// When idle connectors report no more, so that a world comes to rest.
    pub(crate) quiet_at: Timestamp,
    counter: u32,
    /// When bills are looked at next; other timers for it are out of date.
    next_bills: Option<Timestamp>,
}

impl VirtualPile {
    pub(crate) fn new(code: PileCode, connectors: u8, mut dice: Dice, rates: Rates) -> Self {
        let gun = |number| Gun {
            number: ConnectorNumber(number),
            car: None,
            charge: None,
            start: None,
            meter: 1_000_000,
            idle_reports: 0,
            faulty: false,
            finished: None,
            next_report: None,
        };
        let kind = if dice.chance(400) { Kind::HalfHours } else { Kind::Tiers };
        let report_s = *dice.pick(&[15, 60, 300]).unwrap_or(&60);
        Self {
            code,
            kind,
            guns: (1..=connectors).map(gun).collect(),
            online: false,
            epoch: 0,
            bills: Vec::new(),
            acknowledged: Vec::new(),
            truth: Vec::new(),
            cards: BTreeSet::new(),
            asked: Vec::new(),
            rates,
            tariff: None,
            wants_tariff: false,
            well_connected: rates.lost == 0,
            gone: false,
            iccid: format!("8986{code}00"),
            dice,
            report_s,
            quiet_at: Timestamp::MAX,
            counter: 0,
            next_bills: None,
        }
    }

    /// Its connection stands: it logs in, and says everything that the platform may have missed.
    pub(crate) fn connected(&mut self, now: Timestamp, doings: &mut Doings) {
        self.online = true;
        self.asked.clear();
        let connector_count = u8::try_from(self.guns.len()).unwrap_or(u8::MAX);
        doings.ups.push(Up::Login(PileLogin {
            iccid: self.iccid.clone(),
            firmware_version: "1.0".to_owned(),
            protocol: self.kind.protocol(),
            connector_count,
            pace: self.kind.pace(),
        }));
        doings.ups.push(Up::TariffIs(self.tariff_number()));
        for connector in self.connectors() {
            self.report(connector, now, doings);
            self.report_in(connector, self.report_s, now, doings);
        }
        self.send_bills(now, true, doings);
    }

    /// The number of the tariff that it runs; 0000 for none.
    pub(crate) fn tariff_number(&self) -> TariffNumber {
        self.tariff.as_ref().map_or(TariffNumber([0, 0]), |tariff| tariff.number)
    }

    /// Its connection is gone, as it sees it.
    pub(crate) fn disconnected(&mut self, back_in_s: i64, doings: &mut Doings) {
        self.online = false;
        self.asked.clear();
        doings.timers.push((back_in_s, Timer::Connect));
    }

    /// Loses power and comes back.
    pub(crate) fn reboot(&mut self, now: Timestamp, back_in_s: i64, doings: &mut Doings) {
        for index in 0..self.guns.len() {
            self.guns[index].start = None;
            match self.guns[index].charge.as_ref().map(|charge| charge.start.fault) {
                Some(Some(ChargeFault::ForgetsCharge)) => self.guns[index].charge = None,
                Some(Some(ChargeFault::ResumesAfterReboot)) | None => {}
                Some(_) => self.end_charge(self.guns[index].number, 0x60, now, doings),
            }
        }
        self.restart(back_in_s, doings);
        for gun in self.guns.iter().filter(|gun| gun.charge.is_some()) {
            let since = gun.charge.as_ref().map_or(now, |charge| charge.since);
            doings.timers.push((back_in_s + 300, Timer::ChargeEnds(gun.number, since)));
        }
    }

    /// Is taken down, and another device put in its place: nothing of it remains but its code.
    pub(crate) fn replaced(&mut self, back_in_s: i64, doings: &mut Doings) {
        self.counter += 1;
        self.iccid = format!("8986{}{:02}", self.code, self.counter % 100);
        self.bills.clear();
        self.cards.clear();
        self.tariff = None;
        for gun in &mut self.guns {
            (gun.charge, gun.start, gun.meter, gun.idle_reports) = (None, None, 0, 0);
        }
        self.restart(back_in_s, doings);
    }

    fn restart(&mut self, back_in_s: i64, doings: &mut Doings) {
        self.epoch += 1;
        self.online = false;
        self.asked.clear();
        // What it wanted to say it can't any more.
        doings.ups.clear();
        doings.timers.clear();
        doings.timers.push((back_in_s, Timer::Connect));
        doings.hang_up = true;
    }

    pub(crate) fn timer(&mut self, timer: Timer, now: Timestamp, doings: &mut Doings) {
        match timer {
            Timer::Connect => {}
            Timer::Report(connector) => self.report_due(connector, now, doings),
            Timer::ChargeEnds(connector, since) => {
                if self.gun(connector).charge.as_ref().is_some_and(|charge| charge.since == since) {
                    self.end_charge(connector, 0x40, now, doings);
                }
            }
            Timer::Unplugged(connector) => self.unplug(connector, now, doings),
            Timer::Plugged(connector) => self.plug(connector, now, doings),
            Timer::DecisionLate(token) => self.asked.retain(|asked| asked.token != token),
            Timer::Bills if self.next_bills == Some(now) => self.send_bills(now, false, doings),
            Timer::Bills => {}
            Timer::PowerFails => {
                let back_in_s = self.dice.between(5, 300);
                self.reboot(now, back_in_s, doings);
            }
            Timer::Renumber(connector, number) => {
                let own = self.own_number();
                let running = self.gun_mut(connector).charge.as_mut();
                if let Some(charge) = running.filter(|charge| charge.start.number == number) {
                    charge.start.number = own;
                }
            }
            Timer::SecondAnswer(connector, number) => self.answer_again(connector, number, doings),
            Timer::Begins(connector, number) => self.begin(connector, number, now, doings),
            Timer::Shows(connector) => self.show_start(connector, now, doings),
        }
    }

    fn report_due(&mut self, connector: ConnectorNumber, now: Timestamp, doings: &mut Doings) {
        let gun = self.gun(connector);
        let is_due = gun.next_report == Some(now) && (gun.charge.is_some() || now < self.quiet_at);
        if !self.online || !is_due {
            return;
        }
        self.report(connector, now, doings);
        self.ask_for_tariff(doings);
        let idle_s = 1800 + self.dice.between(0, 600);
        let soon = self.gun(connector).charge.is_some() || self.gun(connector).idle_reports > 0;
        self.report_in(connector, if soon { self.report_s } else { idle_s }, now, doings);
    }

    fn report_in(&mut self, connector: ConnectorNumber, seconds: i64, now: Timestamp, doings: &mut Doings) {
        self.gun_mut(connector).next_report = Some(now.plus_seconds(seconds));
        doings.timers.push((seconds, Timer::Report(connector)));
    }

    /// A car is plugged in.
    pub(crate) fn plug(&mut self, connector: ConnectorNumber, now: Timestamp, doings: &mut Doings) {
        let vin = format!("LVP{:014}", self.counter);
        let gun = self.gun_mut(connector);
        gun.car.get_or_insert(vin);
        self.report(connector, now, doings);
    }

    /// The plug is pulled; what runs ends (rule 5).
    pub(crate) fn unplug(&mut self, connector: ConnectorNumber, now: Timestamp, doings: &mut Doings) {
        let gun = self.gun_mut(connector);
        (gun.car, gun.finished) = (None, None);
        if self.gun(connector).charge.is_some() {
            self.end_charge(connector, 0x55, now, doings);
        } else {
            self.report(connector, now, doings);
        }
    }

    pub(crate) fn connectors(&self) -> Vec<ConnectorNumber> {
        self.guns.iter().map(|gun| gun.number).collect()
    }

    /// Whether nothing goes on at a connector.
    pub(crate) fn is_free(&self, connector: ConnectorNumber) -> bool {
        let gun = self.gun(connector);
        gun.charge.is_none() && gun.start.is_none()
    }

    pub(crate) fn gun(&self, connector: ConnectorNumber) -> &Gun {
        let index = usize::from(connector.0).saturating_sub(1).min(self.guns.len() - 1);
        &self.guns[index]
    }

    fn gun_mut(&mut self, connector: ConnectorNumber) -> &mut Gun {
        let index = usize::from(connector.0).saturating_sub(1).min(self.guns.len() - 1);
        &mut self.guns[index]
    }

    /// A number that the pile makes itself: marked, so that it never meets one of the platform's.
    fn own_number(&mut self) -> TransactionNumber {
        self.counter += 1;
        let text = format!("{:0>14}ff{:016}", self.code.to_string(), self.counter);
        text.parse().unwrap_or_default()
    }
}

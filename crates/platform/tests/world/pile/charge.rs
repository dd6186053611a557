//! A charge as the pile runs it: energy into tiers, reports, and its end.

use std::rc::Rc;

use voltapile_platform::authorization::StartMethod;
use voltapile_platform::business::{CardReading, ParallelRequest, StartDecision, StartRequest};
use voltapile_platform::identity::{ConnectorNumber, TransactionNumber};
use voltapile_platform::record::StartedBy;
use voltapile_platform::tariff::{TariffVersion, Tier};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::{Amount, Balance};

use super::{Asked, Doings, Kind, VirtualPile};
use crate::fault::ChargeFault;
use crate::message::{Timer, Up};

/// Milliseconds in half an hour, and the piles' zone.
const HALF_HOUR_MS: i64 = 1_800_000;
const ZONE_MS: i64 = 8 * 3_600_000;

/// A start that a pile has taken, or may yet take.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) number: TransactionNumber,
    pub(crate) card: String,
    pub(crate) limit: Option<Balance>,
    /// How it was started.
    pub(crate) source: StartedBy,
    pub(crate) fault: Option<ChargeFault>,
    /// Until when a plug makes it a success, where it was refused for want of one.
    pub(crate) waits_until: Option<Timestamp>,
    /// The command that asked for it.
    pub(crate) command: Option<voltapile_platform::identity::CommandId>,
    /// When it is to begin, where that is not at once.
    pub(crate) begins_at: Option<Timestamp>,
}

/// A charge that runs.
#[derive(Debug, Clone)]
pub(crate) struct Charge {
    pub(crate) start: Start,
    pub(crate) since: Timestamp,
    last: Timestamp,
    /// 1e-4 kWh by tier: sharp, peak, flat, valley.
    pub(crate) energy: [u64; 4],
    /// The same by half hour of the day.
    pub(crate) half_hours: [u64; 48],
    /// 1e-4 kWh per hour.
    power: u64,
    pub(crate) meter_start: u64,
    pub(crate) tariff: Option<Rc<TariffVersion>>,
}

impl Charge {
    /// Delivers energy until now, into the tier of each half hour.
    pub(super) fn run(&mut self, now: Timestamp, meter: &mut u64) {
        let mut at = self.last.unix_ms();
        while at < now.unix_ms() {
            let next = ((at + ZONE_MS).div_euclid(HALF_HOUR_MS) + 1) * HALF_HOUR_MS - ZONE_MS;
            let until = next.min(now.unix_ms());
            let energy = u64::try_from(until - at).unwrap_or(0) * self.power / 3_600_000;
            let half_hour = usize::try_from((at + ZONE_MS).div_euclid(HALF_HOUR_MS).rem_euclid(48)).unwrap_or(0);
            let schedule = self.tariff.as_ref().map(|tariff| tariff.terms.schedule());
            let tier = schedule.and_then(|day| day.tier_at(half_hour)).unwrap_or(Tier::Flat);
            self.half_hours[half_hour] += energy;
            self.energy[tier_index(tier)] += energy;
            *meter += energy;
            at = until;
        }
        self.last = now.max(self.last);
    }

    pub(crate) fn total(&self) -> u64 {
        self.energy.iter().sum()
    }

    /// Energy that is billed: with the tariff's loss.
    pub(crate) fn with_loss(&self, energy: u64) -> u64 {
        let loss = self.tariff.as_ref().map_or(0, |tariff| u64::from(tariff.terms.loss_ratio()));
        (energy * (100 + loss) + 50) / 100
    }

    /// What a tier costs, by the pile's own reckoning: 1e-4 yuan, half up.
    pub(crate) fn cost(&self, tier: Tier, energy: u64) -> i64 {
        let price = u64::from(self.price(tier));
        i64::try_from((energy * price + 50_000) / 100_000).unwrap_or(i64::MAX)
    }

    /// 1e-5 yuan/kWh.
    pub(crate) fn price(&self, tier: Tier) -> u32 {
        let price = self.tariff.as_ref().and_then(|tariff| tariff.terms.prices().get(tier).total());
        price.map_or(0, |price| price.steps())
    }

    /// Electricity and service apart.
    pub(crate) fn parts(&self) -> (Amount, Amount) {
        let (mut electricity, mut service) = (0, 0);
        for tier in Tier::ALL {
            let Some(price) = self.tariff.as_ref().map(|tariff| *tariff.terms.prices().get(tier)) else { continue };
            let energy = self.with_loss(self.energy[tier_index(tier)]);
            let cost = |price: u32| i64::try_from((energy * u64::from(price) + 50_000) / 100_000).unwrap_or(i64::MAX);
            electricity += cost(price.electricity.steps());
            service += cost(price.service.steps());
        }
        (Amount::from_steps(electricity), Amount::from_steps(service))
    }

    pub(crate) fn amount(&self) -> i64 {
        Tier::ALL.into_iter().map(|tier| self.cost(tier, self.with_loss(self.energy[tier_index(tier)]))).sum()
    }
}

pub(crate) const fn tier_index(tier: Tier) -> usize {
    match tier {
        Tier::Sharp => 0,
        Tier::Peak => 1,
        Tier::Flat => 2,
        Tier::Valley => 3,
    }
}

/// How somebody wants to start at the pile.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    pub(crate) connector: ConnectorNumber,
    pub(crate) method: StartMethod,
    pub(crate) identity: String,
    pub(crate) password_md5: Option<String>,
    pub(crate) vin: Option<String>,
    pub(crate) parallel: Option<ParallelRequest>,
}

impl VirtualPile {
    /// Somebody wants to charge at the pile: the platform is asked.
    pub(crate) fn ask(&mut self, wanted: Wanted, doings: &mut Doings) {
        self.counter += 1;
        let token = (u64::from(self.epoch) << 32) | u64::from(self.counter);
        let source = if wanted.method == StartMethod::Vin { StartedBy::Vin } else { StartedBy::Card };
        let Wanted { connector, method, identity, password_md5, vin, parallel } = wanted;
        self.asked.push(Asked { token, connector, card: identity.clone(), source });
        let reading = CardReading::default();
        let request =
            StartRequest { pile: self.code, connector, method, identity, reading, password_md5, vin, parallel };
        doings.ups.push(Up::Start { token, request });
        doings.timers.push((30, Timer::DecisionLate(token)));
    }

    /// The platform decided.
    pub(crate) fn decided(&mut self, token: u64, decision: &StartDecision, doings: &mut Doings) {
        let Some(place) = self.asked.iter().position(|asked| asked.token == token) else { return };
        let asked = self.asked.remove(place);
        if decision.refusal.is_some() || !self.is_free(asked.connector) {
            return;
        }
        let fault = self.rates.charge_fault(&mut self.dice);
        let start = Start {
            number: decision.transaction_number,
            card: asked.card,
            limit: Some(decision.balance),
            source: asked.source,
            fault,
            waits_until: None,
            command: None,
            begins_at: None,
        };
        if matches!(fault, Some(ChargeFault::RefusesStart(_) | ChargeFault::NeverCharges | ChargeFault::DeafStart)) {
            return;
        }
        self.begin_soon(asked.connector, start, 0, doings);
    }

    /// A card that the pile knows, or believes, while it is offline.
    pub(crate) fn charge_offline(
        &mut self,
        connector: ConnectorNumber,
        card: String,
        now: Timestamp,
        doings: &mut Doings,
    ) {
        let number = self.own_number();
        let fault = self.rates.charge_fault(&mut self.dice);
        let start = Start {
            number,
            card,
            limit: None,
            source: StartedBy::OfflineCard,
            fault,
            waits_until: None,
            command: None,
            begins_at: None,
        };
        self.gun_mut(connector).start = Some(start);
        self.begin(connector, number, now, doings);
    }

    pub(super) fn begin_soon(&mut self, connector: ConnectorNumber, start: Start, wait_s: i64, doings: &mut Doings) {
        let late = start.fault == Some(ChargeFault::BeginsLate);
        let delay = if late { self.dice.between(95, 400) } else { self.dice.between(2, 20) };
        doings.timers.push((wait_s + delay, Timer::Begins(connector, start.number)));
        if self.kind == Kind::HalfHours {
            doings.timers.push((1, Timer::Shows(connector)));
            doings.timers.push((wait_s + 1, Timer::Shows(connector)));
        }
        self.gun_mut(connector).start = Some(start);
    }

    /// Closes the contactor.
    pub(super) fn begin(
        &mut self,
        connector: ConnectorNumber,
        number: TransactionNumber,
        now: Timestamp,
        doings: &mut Doings,
    ) {
        let (own, early) = (self.own_number(), self.dice.chance(500));
        let power = u64::try_from(self.dice.between(30_000, 1_200_000)).unwrap_or(30_000);
        let lasts = self.dice.between(2 * self.report_s.min(120), 20 * self.report_s.min(120)) + 1;
        let report_s = self.report_s;
        let tariff = self.tariff.clone();
        let gun = self.gun_mut(connector);
        if gun.charge.is_some() || gun.start.as_ref().is_none_or(|start| start.number != number) {
            return;
        }
        let Some(mut start) = gun.start.take() else { return };
        start.waits_until = None;
        gun.finished = None;
        if start.fault == Some(ChargeFault::NeverCharges) {
            // It prepared, and that was all.
            gun.finished = Some(number);
            return self.report(connector, now, doings);
        }
        if start.fault == Some(ChargeFault::NumberChanged) && early {
            start.number = own;
        }
        let (number, fault, meter_start, since) = (start.number, start.fault, gun.meter, now);
        gun.car.get_or_insert_with(|| "LVP00000000000000".to_owned());
        gun.charge = Some(Charge {
            start,
            since: now,
            last: now,
            energy: [0; 4],
            half_hours: [0; 48],
            power,
            meter_start,
            tariff,
        });
        gun.idle_reports = if fault == Some(ChargeFault::ReportsIdle) { 3 } else { 0 };
        gun.faulty = fault == Some(ChargeFault::HardwareFault);
        self.report(connector, now, doings);
        self.report_in(connector, report_s, now, doings);
        doings.timers.push((lasts, Timer::ChargeEnds(connector, since)));
        match fault {
            Some(ChargeFault::NumberChanged) if !early => {
                doings.timers.push((lasts / 2, Timer::Renumber(connector, number)));
            }
            Some(ChargeFault::PlugPulled) => doings.timers.push((lasts / 2, Timer::Unplugged(connector))),
            Some(ChargeFault::RebootsMidCharge | ChargeFault::ForgetsCharge | ChargeFault::ResumesAfterReboot) => {
                doings.timers.push((lasts / 2, Timer::PowerFails));
            }
            _ => {}
        }
    }
}

//! Bills: made out at a charge's end, sent until they are acknowledged, and altered by bad piles.

use voltapile_platform::identity::{ConnectorNumber, TransactionNumber};
use voltapile_platform::record::{RecordReading, Sold, StartSource, StopReason, TierUsage, TransactionRecord};
use voltapile_platform::tariff::{PerTier, Tier};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::{Amount, Energy, Price};

use super::charge::tier_index;
use super::{Charge, Doings, Kind, VirtualPile};
use crate::fault::ChargeFault;
use crate::message::{Timer, Up};

/// A bill that the platform has not acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Bill {
    pub(crate) connector: ConnectorNumber,
    pub(crate) number: TransactionNumber,
    pub(crate) reading: RecordReading,
    /// Not sent before.
    pub(crate) due: Timestamp,
    pub(crate) sent: u32,
}

impl VirtualPile {
    pub(super) fn make_bill(
        &mut self,
        connector: ConnectorNumber,
        charge: &Charge,
        meter_stop: u64,
        reason: u8,
        now: Timestamp,
    ) {
        let fault = charge.start.fault;
        let mut record = self.record(connector, charge, meter_stop, reason, now);
        self.truth.push((record.transaction_number, record.amount));
        match fault {
            Some(ChargeFault::ClockOf1999) => {
                let start = Timestamp::from_unix_ms(946_598_400_000);
                let lasted = (now.unix_ms() - charge.since.unix_ms()) / 1000;
                record.started_at = Some(start);
                record.ended_at = Some(start.plus_seconds(lasted));
                record.transacted_at = None;
            }
            // Everything as if by night, where the charge was by day: rule 8.
            Some(ChargeFault::WrongTiers) if charge.energy[tier_index(Tier::Valley)] == 0 => {
                let mut by_night = charge.clone();
                by_night.energy = [0, 0, 0, charge.total()];
                by_night.half_hours.rotate_right(24);
                record = self.record(connector, &by_night, meter_stop, reason, now);
            }
            Some(ChargeFault::DoublesEnergy) => {
                let mut doubled = charge.clone();
                doubled.energy = charge.energy.map(|energy| energy * 2);
                doubled.half_hours = charge.half_hours.map(|energy| energy * 2);
                record = self.record(connector, &doubled, meter_stop, reason, now);
            }
            Some(ChargeFault::WrongAmount) => {
                record.amount = Amount::from_steps(record.amount.steps() * 3 / 2 + 12_345);
            }
            Some(ChargeFault::LosesEnergy) => {
                let less = |energy: Energy| Energy::from_steps(energy.steps() / 3);
                record.energy = less(record.energy);
                record.energy_with_loss = less(record.energy_with_loss);
            }
            Some(ChargeFault::NumberLost) => record.transaction_number = TransactionNumber::ZERO,
            _ => {}
        }
        let number = record.transaction_number;
        let wait = match fault {
            Some(ChargeFault::LateRecord) => self.dice.between(40, 200_000),
            _ => 0,
        };
        let due = now.plus_seconds(wait);
        let altered = {
            let mut altered = record.clone();
            altered.amount = Amount::from_steps(altered.amount.steps() + 5000);
            altered
        };
        let reading = match fault {
            Some(ChargeFault::Unreadable) => {
                RecordReading::Unreadable { reason: format!("ends after 20 bytes of {number}") }
            }
            _ => RecordReading::Parsed(Box::new(record)),
        };
        let bill = Bill { connector, number, reading, due, sent: 0 };
        if fault == Some(ChargeFault::AltersRecord) {
            let reading = RecordReading::Parsed(Box::new(altered));
            let due = due.plus_seconds(self.dice.between(1, 4000));
            self.bills.push(Bill { reading, due, ..bill.clone() });
        }
        if fault == Some(ChargeFault::RepeatsRecord) {
            let due = due.plus_seconds(self.dice.between(1, 100_000));
            self.bills.push(Bill { due, ..bill.clone() });
        }
        self.bills.push(bill);
    }

    fn record(
        &self,
        connector: ConnectorNumber,
        charge: &Charge,
        meter_stop: u64,
        reason: u8,
        now: Timestamp,
    ) -> TransactionRecord {
        let tiers = PerTier::from_fn(|tier: Tier| {
            let energy = charge.energy[tier_index(tier)];
            let with_loss = charge.with_loss(energy);
            TierUsage {
                unit_price: Price::from_steps(charge.price(tier)),
                energy: Energy::from_steps(energy),
                energy_with_loss: Energy::from_steps(with_loss),
                amount: Amount::from_steps(charge.cost(tier, with_loss)),
            }
        });
        let with_loss = tiers.iter().map(|(_, tier)| tier.energy_with_loss.steps()).sum();
        let by_tier = (Sold::Tiers(tiers), Energy::from_steps(with_loss), Amount::from_steps(charge.amount()));
        let (sold, energy_with_loss, amount) = match self.kind {
            Kind::Tiers => by_tier,
            Kind::HalfHours => charge.by_half_hour(),
        };
        TransactionRecord {
            transaction_number: charge.start.number,
            pile_code: self.code,
            connector,
            started_at: Some(charge.since),
            ended_at: Some(now),
            transacted_at: Some(now),
            sold,
            other_form: false,
            meter_start: Energy::from_steps(charge.meter_start),
            meter_stop: Energy::from_steps(meter_stop),
            energy: Energy::from_steps(charge.total()),
            energy_with_loss,
            amount,
            vin: None,
            start_source: StartSource::new(charge.start.source, 0),
            stop_reason: StopReason::new(reason.into(), None),
            physical_card: charge.start.card.clone(),
            soc_start: None,
            soc_end: None,
        }
    }

    /// Sends what is due; after a login everything (OQ-15). What is not acknowledged is sent again.
    pub(super) fn send_bills(&mut self, now: Timestamp, after_login: bool, doings: &mut Doings) {
        if !self.online {
            return;
        }
        for bill in self.bills.iter_mut().filter(|bill| bill.due <= now || (after_login && bill.sent > 0)) {
            bill.sent += 1;
            let again = if bill.sent < 4 { 30 } else { 1800 };
            bill.due = now.plus_seconds(again);
            doings.ups.push(Up::Record {
                connector: bill.connector,
                number: bill.number,
                reading: Box::new(bill.reading.clone()),
            });
        }
        if let Some(next) = self.bills.iter().map(|bill| bill.due).min() {
            let wait = (next.unix_ms() - now.unix_ms()).max(0) / 1000 + 1;
            doings.timers.push((wait, Timer::Bills));
            self.next_bills = Some(now.plus_seconds(wait));
        }
    }

    /// The platform has a bill.
    pub(crate) fn acknowledge(&mut self, number: TransactionNumber, reading: &RecordReading) {
        self.acknowledged.push((number, reading.clone()));
        // 0x40 names only the number: the first bill under it is the one meant.
        if let Some(place) = self.bills.iter().position(|bill| bill.number == number && bill.sent > 0) {
            self.bills.remove(place);
        }
    }
}

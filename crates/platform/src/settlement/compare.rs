//! Comparing a record with everything that should say the same.

use super::bill::{bill, cost_half_away_from_zero, sum_capped, with_loss_half_up};
use super::half_hours;
use super::heard::energies_heard;
use super::owner::is_vehicle;
use super::span::{charge_span, half_hours_touched, tiers_touched};
use super::{Bill, Difference, DifferenceKind, SettlementPolicy};
use crate::order::Order;
use crate::record::{HalfHourUsage, Sold, TierUsage, TransactionRecord};
use crate::tariff::{HALF_HOURS_PER_DAY, PerTier, TariffTerms, Tier};
use crate::unit::{Amount, Balance, Energy, Price};

/// A record under comparison, and what was found to differ so far.
pub(super) struct Comparison<'a> {
    record: &'a TransactionRecord,
    terms: Option<&'a TariffTerms>,
    policy: &'a SettlementPolicy,
    ours: Option<Bill>,
    differences: Vec<Difference>,
}

impl<'a> Comparison<'a> {
    /// Begins with our bill for the energies that the record bills.
    pub(super) fn new(
        record: &'a TransactionRecord,
        terms: Option<&'a TariffTerms>,
        policy: &'a SettlementPolicy,
    ) -> Self {
        let billed = |terms: &TariffTerms| match &record.sold {
            Sold::Tiers(tiers) => tiers.map(|tier| tier.energy_with_loss),
            Sold::HalfHours(usage) => half_hours::by_tier(usage, terms.schedule()),
        };
        let ours = terms.map(|terms| bill(terms, &billed(terms)));
        Self { record, terms, policy, ours, differences: Vec::new() }
    }

    /// Our bill and everything that differs.
    pub(super) fn finish(self) -> (Option<Bill>, Vec<Difference>) {
        (self.ours, self.differences)
    }

    /// What was sold, part by part: tiers or half hours.
    pub(super) fn check_sold(&mut self) {
        if self.record.other_form {
            let (half_hours, periods) = ("by half hour", "by the tariff's periods");
            let (pile, ours) = match &self.record.sold {
                Sold::Tiers(_) => (periods, half_hours),
                Sold::HalfHours(_) => (half_hours, periods),
            };
            self.note(DifferenceKind::Form, None, pile.to_owned(), ours.to_owned(), false);
        }
        match &self.record.sold {
            Sold::Tiers(tiers) => self.check_tiers(tiers),
            Sold::HalfHours(usage) => self.check_half_hours(usage),
        }
    }

    /// Each tier: its price against the tariff's, its amount against energy × price. Where no tariff is known, the
    /// pile's own price must at least make its own amount. Their sums against the totals.
    fn check_tiers(&mut self, tiers: &PerTier<TierUsage>) {
        let tolerance = to_amount(self.policy.tier_tolerance);
        for (tier, usage) in tiers.iter() {
            if let Some(price) = self.terms.and_then(|terms| terms.prices().get(tier).total()) {
                self.check_price(tier, usage, price);
            }
            let ours = match &self.ours {
                Some(bill) => bill.tiers.get(tier).total,
                None => cost_half_away_from_zero(usage.energy_with_loss, usage.unit_price),
            };
            self.money(DifferenceKind::TierAmount, Some(tier), usage.amount, ours, tolerance);
        }
        let (record, tolerance) = (self.record, self.total_tolerance());
        let sum = sum_capped(tiers.iter().map(|(_, tier)| tier.amount));
        self.money(DifferenceKind::Sum, None, record.amount, sum, tolerance);
        let delivered = half_hours::sum(tiers.iter().map(|(_, tier)| tier.energy));
        self.energy(DifferenceKind::EnergySum, None, record.energy, delivered);
        let billed = half_hours::sum(tiers.iter().map(|(_, tier)| tier.energy_with_loss));
        self.energy(DifferenceKind::EnergySum, None, record.energy_with_loss, billed);
    }

    /// Electricity and service against ours and, together, against the total; the sum of the half hours against the
    /// energy.
    ///
    /// What the half hours lost to rounding is nobody's fault: on top of the tolerances they may miss one step of their
    /// own each, and our bill what that costs.
    fn check_half_hours(&mut self, usage: &HalfHourUsage) {
        let (record, tolerance) = (self.record, self.total_tolerance());
        let ours = self.ours.as_ref().map(|bill| (bill.electricity, bill.service));
        if let (Some(pile), Some((ours, _))) = (usage.electricity, ours) {
            self.money(DifferenceKind::Electricity, None, pile, ours, tolerance);
        }
        if let (Some(pile), Some((_, ours))) = (usage.service, ours) {
            self.money(DifferenceKind::Service, None, pile, ours, tolerance);
        }
        if let (Some(electricity), Some(service)) = (usage.electricity, usage.service) {
            let sum = sum_capped([electricity, service]);
            self.money(DifferenceKind::Sum, None, record.amount, sum, to_amount(self.policy.total_tolerance));
        }
        let (pile, sum) = (record.energy_with_loss, half_hours::sum(usage.energies));
        let tolerance = self.policy.energy_tolerance.max(half_hours::rounding(usage));
        self.energy_within(DifferenceKind::EnergySum, None, pile, sum, tolerance);
    }

    /// What our total and the pile's may differ by: our bill misses what half hours lost to rounding.
    fn total_tolerance(&self) -> Amount {
        let tolerance = to_amount(self.policy.total_tolerance);
        let (Sold::HalfHours(usage), Some(terms)) = (&self.record.sold, self.terms) else { return tolerance };
        let lost = self.record.energy_with_loss.steps().abs_diff(half_hours::sum(usage.energies).steps());
        if lost > half_hours::rounding(usage).steps() {
            return tolerance;
        }
        let dearest = terms.prices().iter().filter_map(|(_, price)| price.total()).max().unwrap_or(Price::ZERO);
        sum_capped([tolerance, cost_half_away_from_zero(Energy::from_steps(lost), dearest)])
    }

    /// A price is off by as much money as it makes of the tier's energy.
    fn check_price(&mut self, tier: Tier, usage: &TierUsage, price: Price) {
        if usage.unit_price == price {
            return;
        }
        let off = Price::from_steps(usage.unit_price.steps().abs_diff(price.steps()));
        let beyond = cost_half_away_from_zero(usage.energy_with_loss, off) > to_amount(self.policy.tier_tolerance);
        let (pile, ours) = (format!("{} {}", usage.unit_price, Price::UNIT), format!("{price} {}", Price::UNIT));
        self.note(DifferenceKind::TierPrice, Some(tier), pile, ours, beyond);
    }

    /// The total against our total, and the tariff's loss.
    pub(super) fn check_totals(&mut self) {
        let (record, tolerance) = (self.record, self.total_tolerance());
        if let Some(total) = self.ours.as_ref().map(|bill| bill.total) {
            self.money(DifferenceKind::Total, None, record.amount, total, tolerance);
        }
        if let Some(loss) = self.terms.map(TariffTerms::loss_ratio) {
            self.energy(DifferenceKind::Loss, None, record.energy_with_loss, with_loss_half_up(record.energy, loss));
        }
    }

    /// The energy against the meter. Two readings of zero are a pile that reads no meter: that is noted, but says nothing
    /// against the energy.
    pub(super) fn check_meter(&mut self) {
        let (start, stop) = (self.record.meter_start, self.record.meter_stop);
        let energy = self.record.energy;
        let by_meter = stop.checked_sub(start);
        if by_meter == Some(energy) {
            return;
        }
        let beyond = match by_meter {
            Some(by_meter) => (start, stop) != (Energy::ZERO, Energy::ZERO) && self.is_beyond(by_meter, energy),
            None => true,
        };
        let readings = match by_meter {
            Some(by_meter) => format!("{by_meter} kWh, from {start} to {stop} kWh on the meter"),
            None => format!("from {start} back to {stop} kWh on the meter"),
        };
        self.note(DifferenceKind::Meter, None, format!("{energy} kWh"), readings, beyond);
    }

    /// The times: possible ones, and no energy in a tier (V1.6 §13.3 rule 8) or half hour that they did not touch. A clock
    /// that is not to be believed matters where the price changes during the day.
    pub(super) fn check_times(&mut self, order: Option<&Order>, zone_hours: i8) {
        let (from, to) = match charge_span(self.record, order) {
            Ok(span) => span,
            Err(fault) => {
                let beyond = self.terms.is_some_and(TariffTerms::price_changes_in_a_day);
                return self.note(DifferenceKind::Clock, None, fault.pile, fault.ours, beyond);
            }
        };
        let touched = half_hours_touched(from, to, zone_hours);
        match &self.record.sold {
            Sold::Tiers(tiers) => self.check_tier_times(tiers, &touched),
            Sold::HalfHours(usage) => {
                if let Some((energy, when)) = half_hours::untouched(usage, &touched) {
                    let (pile, ours) = (format!("{energy} kWh at {when}"), format!("nothing beside {from} to {to}"));
                    let beyond = self.is_beyond(energy, Energy::ZERO);
                    self.note(DifferenceKind::HalfHourTime, None, pile, ours, beyond);
                }
                // Its half hours cost the same on each day of the tariff version that the order was begun under.
                if let Some(pile) = half_hours::over_a_day(from, to) {
                    let ours = "one day, for a record has each half hour once".to_owned();
                    self.note(DifferenceKind::OverADay, None, pile, ours, false);
                }
            }
        }
    }

    fn check_tier_times(&mut self, tiers: &PerTier<TierUsage>, half_hours: &[bool; HALF_HOURS_PER_DAY]) {
        let Some(terms) = self.terms else { return };
        let touched = tiers_touched(terms.schedule(), half_hours);
        for (tier, usage) in tiers.iter().filter(|(tier, _)| !touched.get(*tier)) {
            let energy = usage.energy.max(usage.energy_with_loss);
            self.energy(DifferenceKind::TierTime, Some(tier), energy, Energy::ZERO);
        }
    }

    /// The energy against the last telemetry: never less, and not more than can have come since.
    pub(super) fn check_progress(&mut self, order: &Order) {
        let (Some(heard_at), Some((heard, most))) = (order.progress.at, energies_heard(order, self.record.ended_at))
        else {
            return;
        };
        let energy = self.record.energy;
        if energy == heard {
            return;
        }
        let beyond =
            (energy > most && self.is_beyond(energy, most)) || (energy < heard && self.is_beyond(energy, heard));
        self.note(
            DifferenceKind::Telemetry,
            None,
            format!("{energy} kWh"),
            format!("{heard} kWh at {heard_at}"),
            beyond,
        );
    }

    /// The card and the vehicle against the order's. Noted only: who pays was decided at the start.
    pub(super) fn check_payer(&mut self, order: &Order) {
        if let (Some(pile), Some(ours)) = (&self.record.vin, &order.vin)
            && !is_vehicle(pile, ours)
        {
            self.note(DifferenceKind::Payer, None, format!("vehicle {pile}"), format!("vehicle {ours}"), false);
        }
        let pile = &self.record.physical_card;
        if let Some(ours) = &order.card
            && pile.bytes().any(|digit| digit != b'0')
            && !order.is_card(pile)
        {
            self.note(DifferenceKind::Payer, None, format!("card {pile}"), format!("card {ours}"), false);
        }
    }

    fn money(&mut self, what: DifferenceKind, tier: Option<Tier>, pile: Amount, ours: Amount, tolerance: Amount) {
        if pile != ours {
            let off = i64::try_from(pile.steps().abs_diff(ours.steps())).unwrap_or(i64::MAX);
            let beyond = Amount::from_steps(off) > tolerance;
            self.note(what, tier, format!("{pile} {}", Amount::UNIT), format!("{ours} {}", Amount::UNIT), beyond);
        }
    }

    fn energy(&mut self, what: DifferenceKind, tier: Option<Tier>, pile: Energy, ours: Energy) {
        self.energy_within(what, tier, pile, ours, self.policy.energy_tolerance);
    }

    fn energy_within(
        &mut self,
        what: DifferenceKind,
        tier: Option<Tier>,
        pile: Energy,
        ours: Energy,
        tolerance: Energy,
    ) {
        if pile != ours {
            let beyond = pile.steps().abs_diff(ours.steps()) > tolerance.steps();
            self.note(what, tier, format!("{pile} {}", Energy::UNIT), format!("{ours} {}", Energy::UNIT), beyond);
        }
    }

    fn is_beyond(&self, pile: Energy, ours: Energy) -> bool {
        pile.steps().abs_diff(ours.steps()) > self.policy.energy_tolerance.steps()
    }

    fn note(&mut self, what: DifferenceKind, tier: Option<Tier>, pile: String, ours: String, beyond: bool) {
        self.differences.push(Difference { what, tier, pile, ours, beyond_tolerance: beyond });
    }
}

/// A tolerance in the unit of bills.
fn to_amount(tolerance: Balance) -> Amount {
    tolerance.to_amount().unwrap_or(Amount::from_steps(i64::MAX))
}

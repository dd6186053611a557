//! Records by half hour: what they sell in each tier, and what of it can't be.

use super::span::is_over_a_day;
use crate::record::HalfHourUsage;
use crate::tariff::{HALF_HOURS_PER_DAY, PerTier, Schedule};
use crate::timestamp::Timestamp;
use crate::unit::Energy;

/// Half hours that a difference names; the others are only counted.
const NAMED_MAX: usize = 6;
/// Steps that piles count half hours in, the coarsest first: 0.01 and 0.001 kWh. What is finer loses nothing.
const STEPS: [u64; 2] = [100, 10];

/// The energy of each tier, by the half hours that are its own.
#[must_use]
pub fn by_tier(usage: &HalfHourUsage, schedule: &Schedule) -> PerTier<Energy> {
    PerTier::from_fn(|tier| {
        let its = schedule.slots().iter().zip(&usage.energies).filter(|(slot, _)| **slot == tier);
        sum(its.map(|(_, energy)| *energy))
    })
}

/// The energy in half hours that a charge did not touch, and which those are, for people; `None` without any.
pub(super) fn untouched(usage: &HalfHourUsage, touched: &[bool; HALF_HOURS_PER_DAY]) -> Option<(Energy, String)> {
    let beside = usage.energies.iter().zip(touched).enumerate();
    let beside: Vec<(usize, Energy)> = beside
        .filter(|(_, (energy, touched))| **energy > Energy::ZERO && !**touched)
        .map(|(half_hour, (energy, _))| (half_hour, *energy))
        .collect();
    if beside.is_empty() {
        return None;
    }
    let mut names: Vec<String> = beside.iter().take(NAMED_MAX).map(|(half_hour, _)| clock(*half_hour)).collect();
    if beside.len() > NAMED_MAX {
        names.push(format!("and {} more", beside.len() - NAMED_MAX));
    }
    Some((sum(beside.into_iter().map(|(_, energy)| energy)), names.join(", ")))
}

/// What is to be said of a charge that is longer than the day its record has; `None` where it is not.
pub(super) fn over_a_day(from: Timestamp, to: Timestamp) -> Option<String> {
    is_over_a_day(from, to).then(|| format!("{from} to {to}"))
}

/// The most that half hours can have lost to rounding: one step of their own each that says something.
pub(super) fn rounding(usage: &HalfHourUsage) -> Energy {
    let sold = || usage.energies.iter().map(|energy| energy.steps()).filter(|steps| *steps > 0);
    let step = STEPS.into_iter().find(|step| sold().all(|steps| steps % step == 0)).unwrap_or(0);
    Energy::from_steps(sold().fold(0, |lost, _| lost + step))
}

/// The sum of energies; what does not fit becomes the greatest [`Energy`].
pub(super) fn sum(energies: impl IntoIterator<Item = Energy>) -> Energy {
    Energy::from_steps(energies.into_iter().fold(0, |sum: u64, energy| sum.saturating_add(energy.steps())))
}

/// When a half hour of the day begins.
fn clock(half_hour: usize) -> String {
    format!("{:02}:{:02}", half_hour / 2, half_hour % 2 * 30)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{ConnectorNumber, PileCode};
    use crate::record::{Sold, StartSource, StopReason, TierUsage, TransactionRecord};
    use crate::settlement::tests::{six_hours_each, version};
    use crate::settlement::{DifferenceKind, Settlement, SettlementPolicy, Verdict, bill, charged, judge};
    use crate::tariff::{TariffNumber, TariffTerms, TierPrice};
    use crate::unit::{Amount, Price};
    use proptest::prelude::*;

    /// A charge of these energies, from midnight on, as a pile writes it that counts tiers, and as one that counts half
    /// hours.
    fn both(terms: &TariffTerms, energies: &[Energy], hours: i64) -> [TransactionRecord; 2] {
        let mut usage = HalfHourUsage::default();
        usage.energies[..energies.len()].copy_from_slice(energies);
        let bill = bill(terms, &by_tier(&usage, terms.schedule()));
        let tiers = PerTier::from_fn(|tier| TierUsage {
            unit_price: terms.prices().get(tier).total().unwrap(),
            energy: bill.tiers.get(tier).energy,
            energy_with_loss: bill.tiers.get(tier).energy,
            amount: bill.tiers.get(tier).total,
        });
        (usage.electricity, usage.service) = (Some(bill.electricity), Some(bill.service));
        let energy = sum(energies.iter().copied());
        let midnight: Timestamp = "2026-11-20T16:00:00Z".parse().unwrap();
        let record = TransactionRecord {
            transaction_number: "AB-7".parse().unwrap(),
            pile_code: PileCode::new("AB").unwrap(),
            connector: ConnectorNumber(1),
            started_at: Some(midnight),
            ended_at: Some(midnight.plus_seconds(hours * 3600 - 1)),
            transacted_at: None,
            sold: Sold::Tiers(tiers),
            other_form: false,
            meter_start: Energy::ZERO,
            meter_stop: energy,
            energy,
            energy_with_loss: energy,
            amount: bill.total,
            vin: None,
            start_source: StartSource::default(),
            stop_reason: StopReason::default(),
            physical_card: String::new(),
            soc_start: Some(20),
            soc_end: Some(80),
        };
        [record.clone(), TransactionRecord { sold: Sold::half_hours(usage), ..record }]
    }

    fn terms() -> TariffTerms {
        crate::settlement::tests::terms(50_000)
    }

    fn judged(record: &TransactionRecord, terms: &TariffTerms) -> Settlement {
        judge(record, None, Some(&version(terms.clone())), &SettlementPolicy::default(), 8)
    }

    fn found(record: &TransactionRecord) -> Vec<(DifferenceKind, bool)> {
        let differences = judged(record, &terms()).differences;
        differences.iter().map(|difference| (difference.what, difference.beyond_tolerance)).collect()
    }

    #[test]
    fn each_thing_that_can_be_wrong_is_found() {
        use DifferenceKind::{Electricity, EnergySum, HalfHourTime, OverADay, Service, Sum, Total};
        let energies = [Energy::from_steps(50_000); 4];
        let [_, honest] = both(&terms(), &energies, 2);
        assert_eq!(found(&honest), []);
        let changed = |change: fn(&mut HalfHourUsage)| {
            let mut record = honest.clone();
            let Sold::HalfHours(usage) = &mut record.sold else { panic!() };
            change(usage);
            found(&record)
        };
        assert_eq!(changed(|usage| usage.energies.swap(3, 4)), [(HalfHourTime, true)]);
        assert_eq!(changed(|usage| usage.electricity = Some(Amount::ZERO)), [(Electricity, true), (Sum, true)]);
        assert_eq!(changed(|usage| usage.service = Some(Amount::ZERO)), [(Service, true), (Sum, true)]);
        assert_eq!(changed(|usage| (usage.service, usage.electricity) = (None, None)), []);
        // What is not sold in any half hour is in no bill of ours.
        let less = changed(|usage| usage.energies[0] = Energy::ZERO);
        assert_eq!(less, [(Electricity, true), (Service, true), (EnergySum, true), (Total, true)]);
        let long = TransactionRecord { ended_at: honest.ended_at.map(|end| end.plus_seconds(24 * 3600)), ..honest };
        assert_eq!(found(&long), [(OverADay, false)]);
    }

    /// Twenty half hours of a slow charge, each cut to 0.01 kWh, and the total to 0.001 kWh.
    #[test]
    fn what_half_hours_lost_to_rounding_is_no_difference() {
        let energies = [Energy::from_steps(17_500); 20];
        let [_, mut record] = both(&terms(), &energies, 10);
        record.energy = Energy::from_steps(20 * 17_500 + 1_600);
        (record.energy_with_loss, record.meter_stop) = (record.energy, record.energy);
        let total = |record: &TransactionRecord, fen: i64| record.amount.steps() + fen * 100;
        let Sold::HalfHours(usage) = &mut record.sold else { panic!() };
        (usage.electricity, usage.service) = (None, None);
        record.amount = Amount::from_steps(total(&record, 15));
        assert_eq!(found(&record), [(DifferenceKind::EnergySum, false), (DifferenceKind::Total, false)]);
        assert_eq!(judged(&record, &terms()).verdict, Verdict::Pile);
        // More than that is no rounding, be it energy or money.
        record.amount = Amount::from_steps(total(&record, 100));
        assert_eq!(found(&record), [(DifferenceKind::EnergySum, false), (DifferenceKind::Total, true)]);
        record.energy = Energy::from_steps(20 * 17_500 + 2_001);
        (record.energy_with_loss, record.meter_stop) = (record.energy, record.energy);
        assert_eq!(found(&record)[0], (DifferenceKind::EnergySum, true));
    }

    #[test]
    fn times_name_the_half_hours_beside_them() {
        let mut usage = HalfHourUsage::default();
        for half_hour in [0, 3, 20, 21, 22, 23, 24, 47] {
            usage.energies[half_hour] = Energy::from_steps(1);
        }
        let mut touched = [false; HALF_HOURS_PER_DAY];
        touched[3] = true;
        let (energy, when) = untouched(&usage, &touched).unwrap();
        assert_eq!((energy.steps(), when.as_str()), (7, "00:00, 10:00, 10:30, 11:00, 11:30, 12:00, and 1 more"));
        assert_eq!(untouched(&usage, &[true; HALF_HOURS_PER_DAY]), None);
    }

    proptest! {
        /// The same charge costs the same, whichever way a pile counts.
        #[test]
        fn both_kinds_of_records_are_judged_alike(
            steps in prop::collection::vec(0_u64..3_000_000, 48),
            prices in prop::array::uniform8(1_u32..300_000),
        ) {
            let [a, b, c, d, e, f, g, h] = prices.map(Price::from_steps);
            let price = |electricity, service| TierPrice { electricity, service };
            let prices = PerTier { sharp: price(a, b), peak: price(c, d), flat: price(e, f), valley: price(g, h) };
            let terms = TariffTerms::new(TariffNumber([0, 1]), "test", prices, six_hours_each(), 0).unwrap();
            let energies: Vec<Energy> = steps.into_iter().map(Energy::from_steps).collect();
            let [by_tier, by_half_hour] = both(&terms, &energies, 24);
            let settlement = judged(&by_tier, &terms);
            prop_assert_eq!(&settlement.differences, &[]);
            prop_assert_eq!(charged(&settlement, Verdict::Ours), charged(&settlement, Verdict::Pile));
            prop_assert_eq!(settlement, judged(&by_half_hour, &terms));
        }
    }
}

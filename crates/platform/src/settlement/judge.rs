//! Judging a record: what the policy makes of its differences, and what that costs.

use super::compare::Comparison;
use super::{Settlement, SettlementPolicy, Verdict};
use crate::order::Order;
use crate::record::TransactionRecord;
use crate::tariff::TariffVersion;
use crate::unit::{Amount, Balance, Energy};

/// Compares a pile's bill with the tariff, with itself, with the meter and with what the platform saw, and says which
/// amount counts.
///
/// `order` and `tariff` are `None` where they are not known; `zone_hours` is how far the pile's wall clock is ahead of
/// UTC. The verdict, the first that fits:
/// - the pile's, when the record says that nothing was delivered and nothing is owed;
/// - hold, when the pile says that it is owed less than nothing;
/// - without a tariff: hold, unless nothing is owed;
/// - the policy's `beyond` when a difference is beyond tolerance, else its `within`.
#[must_use]
pub fn judge(
    record: &TransactionRecord,
    order: Option<&Order>,
    tariff: Option<&TariffVersion>,
    policy: &SettlementPolicy,
    zone_hours: i8,
) -> Settlement {
    let mut comparison = Comparison::new(record, tariff.map(|version| &version.terms), policy);
    comparison.check_sold();
    comparison.check_totals();
    comparison.check_meter();
    comparison.check_times(order, zone_hours);
    if let Some(order) = order {
        comparison.check_progress(order);
        comparison.check_payer(order);
    }
    let (ours, differences) = comparison.finish();
    let verdict = if is_nothing(record) {
        Verdict::Pile
    } else if record.amount < Amount::ZERO {
        Verdict::Hold
    } else if tariff.is_none() {
        if record.amount == Amount::ZERO { Verdict::Pile } else { Verdict::Hold }
    } else if differences.iter().any(|difference| difference.beyond_tolerance) {
        policy.beyond
    } else {
        policy.within
    };
    Settlement {
        ours,
        pile_amount: record.amount,
        pile_energy: record.energy_with_loss,
        differences,
        verdict,
        matched_by: Vec::new(),
    }
}

/// What is charged by a verdict: the amount to the nearest fen, half a fen up; never less than nothing.
///
/// Nothing while a person has yet to decide, and nothing by our bill where there is none: ask [`Settlement::ours`]
/// before deciding for it.
#[must_use]
pub fn charged(settlement: &Settlement, verdict: Verdict) -> Balance {
    let amount = match verdict {
        Verdict::Pile => settlement.pile_amount,
        Verdict::Ours => settlement.ours.as_ref().map_or(Amount::ZERO, |bill| bill.total),
        Verdict::Hold => Amount::ZERO,
    };
    amount.max(Amount::ZERO).to_balance_half_away_from_zero()
}

/// Whether neither energy nor money stands anywhere in a record.
fn is_nothing(record: &TransactionRecord) -> bool {
    let totals = (record.energy, record.energy_with_loss, record.amount) == (Energy::ZERO, Energy::ZERO, Amount::ZERO);
    totals && record.sold.is_nothing()
}

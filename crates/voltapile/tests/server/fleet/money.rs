//! Promise 5: money adds up, recomputed from what the piles know.

use serde_json::Value;
use voltapile_simulator::fault::ledger::Charge;
use voltapile_simulator::model::TransactionNumber;
use voltapile_simulator::runner::{SentRecord, Sold};

use super::Violation;
use super::evidence::{Evidence, Stored};
use crate::business::stage::{fen, steps};

/// What a whole bill may differ from ours by before a person has to judge it, in 1e-4 yuan: the server's default.
const TOLERANCE: i64 = 500;
/// What rounding to the fen moves, in 1e-4 yuan.
const ROUNDING: i64 = 50;

pub(super) fn look(evidence: &Evidence) -> Vec<Violation> {
    let mut found = evidence.books[1].clone();
    for (pile, number, charge) in evidence.ledger.charges() {
        let order = evidence.orders.get(&number.to_string());
        let is_healthy = evidence.healthy.contains(&pile);
        if let Some(why) = judge(&evidence.stored, &evidence.tariff, number, charge, order, is_healthy) {
            found.push(Violation::at(pile, format!("{why}: {}", shown(number, order))));
        }
    }
    found
}

fn shown(number: TransactionNumber, order: Option<&Value>) -> String {
    let part = |order: &Value| {
        format!(
            "state {} reason {} charged {} settlement {}",
            order["state"], order["abnormal_reason"], order["charged"], order["settlement"]
        )
    };
    format!("{number} {}", order.map_or_else(|| "without an order".to_owned(), part))
}

/// What is wrong with how a charge was settled.
pub(super) fn judge(
    stored: &Stored,
    tariff: &Value,
    number: TransactionNumber,
    charge: &Charge,
    order: Option<&Value>,
    is_healthy: bool,
) -> Option<&'static str> {
    let Some(record) = charge.record.as_ref().filter(|record| record.acknowledged > 0) else {
        // Without a record nobody is charged, but for one that came and whose answer did not.
        let came = stored.keys().any(|(_, known)| *known == number);
        let is_charged = order.is_some_and(|order| !order["charged"].is_null() && fen(&order["charged"]) > 0);
        return (is_charged && !came).then_some("charged without a record");
    };
    let Some(order) = order else { return Some("a record without an order") };
    let due = due(&record.record, tariff);
    let off = (i64::try_from(record.record.total_amount).unwrap_or(i64::MAX) - due).abs();
    let runs_back = record.record.meter[1] < record.record.meter[0];
    match order["state"].as_str().unwrap_or_default() {
        "settled" if off > TOLERANCE || runs_back => Some("settled in silence, though the bill lies"),
        "settled" if off > 0 && !tells_of_differences(order) => Some("a difference was not kept"),
        "settled" if (fen(&order["charged"]) * 100 - due).abs() > TOLERANCE + ROUNDING => {
            Some("charged otherwise than energy and tariff make")
        }
        "settled" => None,
        "failed" if charge.energy == 0 && record.record.total_energy == 0 => None,
        "abnormal" if order["abnormal_reason"].is_string() && !is_healthy => None,
        "abnormal" => Some("a healthy pile's charge is abnormal"),
        _ => Some("has a record and is not at its end"),
    }
}

fn tells_of_differences(order: &Value) -> bool {
    order["settlement"]["differences"].as_array().is_some_and(|differences| !differences.is_empty())
}

/// What a record's energies cost by the tariff, in 1e-4 yuan, each tier rounded half up.
fn due(record: &SentRecord, tariff: &Value) -> i64 {
    let Sold::Tiers([sharp, peak, flat, valley]) = record.sold else { return 0 };
    let tiers = [("sharp", sharp), ("peak", peak), ("flat", flat), ("valley", valley)];
    let cost = |(tier, energy): (&str, u64)| {
        let price = &tariff["prices"][tier];
        let price = steps(&price["electricity"], 5) + steps(&price["service"], 5);
        (i64::try_from(energy).unwrap() * price + 50_000) / 100_000
    };
    tiers.into_iter().map(cost).sum()
}

//! Promise 5: money adds up, recomputed from what the piles know.

use serde_json::{Value, json};
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

/// What a record's energies cost by its pile's tariff, in 1e-4 yuan, each tier rounded half up. Piles of AA F5 bill in fen.
fn due(record: &SentRecord, tariff: &Value) -> i64 {
    let cost = |tariff: &Value, tier: &str, energy: u64| {
        let price = &tariff["prices"][tier];
        let price = steps(&price["electricity"], 5) + steps(&price["service"], 5);
        (i64::try_from(energy).unwrap() * price + 50_000) / 100_000
    };
    match record.sold {
        Sold::Tiers(energies) => {
            let tiers = ["sharp", "peak", "flat", "valley"].into_iter().zip(energies);
            tiers.map(|(tier, energy)| cost(tariff, tier, energy)).sum()
        }
        Sold::Slots(energies) => {
            let plain = plain_tariff();
            let periods = plain["periods"].as_array().unwrap().iter().zip(energies);
            let due: i64 = periods.map(|(period, energy)| cost(&plain, period["tier"].as_str().unwrap(), energy)).sum();
            (due + 50) / 100 * 100
        }
    }
}

/// The tariff of the piles that speak AA F5: prices of at most four decimals and no loss. Its service prices differ, so
/// that the slots of records are its periods.
pub(super) fn plain_tariff() -> Value {
    let price = |electricity: &str, service: &str| json!({"electricity": electricity, "service": service});
    json!({
        "name": "分时电价",
        "prices": {
            "sharp": price("9.1111", "1.2222"),
            "peak": price("8.3333", "0.9000"),
            "flat": price("7.0001", "0.5000"),
            "valley": price("3.1234", "0.4567"),
        },
        "periods": [
            {"from": "00:00", "to": "08:00", "tier": "valley"},
            {"from": "08:00", "to": "12:00", "tier": "peak"},
            {"from": "12:00", "to": "17:00", "tier": "flat"},
            {"from": "17:00", "to": "22:00", "tier": "sharp"},
            {"from": "22:00", "to": "24:00", "tier": "flat"},
        ],
    })
}

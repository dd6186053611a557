//! Money and energy out of JSON, and what a record comes to: computed here, from nothing but the tariff's prices.

use serde_json::Value;

/// A decimal text as a count of its smallest step, with so many decimals.
#[track_caller]
pub(crate) fn steps(value: &Value, decimals: usize) -> i64 {
    let text = value.as_str().unwrap_or_else(|| panic!("{value} is no decimal text"));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    assert!(fraction.len() <= decimals, "{text} has more than {decimals} decimals");
    format!("{whole}{fraction:0<decimals$}").parse().unwrap()
}

/// Yuan as fen.
#[track_caller]
pub(crate) fn fen(value: &Value) -> i64 {
    steps(value, 2)
}

/// What a record costs by a tariff, in fen: each tier's energy with loss at the tier's price, to 1e-4 yuan; the sum to
/// the fen; halves up.
#[track_caller]
pub(crate) fn bill(record: &Value, tariff: &Value) -> i64 {
    let tiers = record["parsed"]["tiers"].as_object().unwrap();
    let tier = |(name, usage): (&String, &Value)| {
        let (price, energy) = (&tariff["prices"][name], steps(&usage["energy_with_loss"], 4));
        if price.is_null() {
            assert_eq!(energy, 0, "no price for the energy in {name}");
            return 0;
        }
        (energy * (steps(&price["electricity"], 5) + steps(&price["service"], 5)) + 50_000) / 100_000
    };
    let total: i64 = tiers.iter().map(tier).sum();
    (total + 50) / 100
}

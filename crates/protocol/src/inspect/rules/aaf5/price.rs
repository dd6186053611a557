//! Prices of a tariff in the unit of the other command: 0.01 yuan in 1103, 0.0001 yuan in 1105.

use super::super::super::explain::Field;
use super::super::super::finding::{Finding, Severity};
use super::super::super::value::scaled;
use super::Subject;
use crate::wire::Kind;

/// How many times one unit is the other.
const BETWEEN_UNITS: u64 = 100;
/// Electricity costs more than so many hundredths of a yuan, and less than the other: beyond both the unit is mistaken.
const LEAST: u64 = 5;
const MOST: u64 = 2_000;

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let is_price = |field: &&Field| field.name.starts_with("periods[") && field.name.ends_with("_price");
    let prices: Vec<&Field> = subject.body.fields.iter().filter(is_price).collect();
    let is_electricity = |field: &&&Field| field.name.ends_with("electricity_price");
    let Some(dearest) = prices.iter().filter(is_electricity).max_by_key(|field| field.number) else { return };
    let Kind::Number { decimals, offset, .. } = dearest.kind else { return };
    let is_fine = decimals > 2;
    let hundredths = if is_fine { dearest.number / BETWEEN_UNITS } else { dearest.number };
    let mistaken = match is_fine {
        true => hundredths < LEAST && (LEAST..MOST).contains(&dearest.number),
        false => hundredths >= MOST && (LEAST..MOST).contains(&(dearest.number / BETWEEN_UNITS)),
    };
    if !mistaken {
        return;
    }
    let meant = |number: u64| {
        if is_fine { number.checked_mul(BETWEEN_UNITS) } else { number.checked_div(BETWEEN_UNITS) }
    };
    let Some(dearest_meant) = meant(dearest.number) else { return };
    let (is, probably) = (scaled(dearest.number, decimals, offset), scaled(dearest_meant, decimals, offset));
    let unit = if is_fine { "0.0001" } else { "0.01" };
    let finding = Finding::new(
        Severity::Warning,
        "price-unit",
        dearest.offset,
        format!("最高电价为 {is} 元/kWh：单位多半弄错了，这里是 {unit} 元，本意应为 {probably} 元/kWh"),
        format!(
            "the highest electricity price is {is} CNY/kWh: probably in the wrong unit, {unit} CNY is meant here, \
             so {probably} CNY/kWh"
        ),
    );
    let is_exact = is_fine || prices.iter().all(|price| price.number.is_multiple_of(BETWEEN_UNITS));
    let whole = body_with(subject, &prices, meant).filter(|_| is_exact);
    out.push(match whole {
        Some(body) => finding.with_bytes(subject.header.bytes(), body),
        None => finding,
    });
}

/// The body with all prices as they were meant.
fn body_with(subject: &Subject<'_>, prices: &[&Field], meant: impl Fn(u64) -> Option<u64>) -> Option<Vec<u8>> {
    let mut body = subject.bytes.to_vec();
    for price in prices {
        let bytes = meant(price.number)?.to_le_bytes();
        let begin = price.offset.checked_sub(subject.header.bytes())?;
        body.get_mut(begin..begin + price.length)?.copy_from_slice(bytes.get(..price.length)?);
    }
    Some(body)
}

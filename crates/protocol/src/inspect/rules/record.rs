//! Whether a transaction record adds up. Piles round in their own ways, so differences are worth knowing, not wrong.

use super::super::decimal::Decimal;
use super::super::finding::{Finding, Severity};
use super::Subject;
use crate::wire::Cp56Time;

const TIERS: [&str; 4] = ["sharp", "peak", "flat", "valley"];
/// Amounts have 4 decimals, so do energies; prices have 5: energy times price is shifted by 5.
const PRICE_SHIFT: u64 = 100_000;
/// Half a unit of the last decimal: piles that cut and piles that round differ by up to one.
const ROUNDING: u64 = 1;

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    if subject.number("total_amount").is_none() {
        return;
    }
    TIERS.iter().for_each(|tier| price(subject, tier, out));
    for what in ["energy", "energy_with_loss", "amount"] {
        sum(subject, what, out);
    }
    meter(subject, out);
    times(subject, out);
    reason(subject, out);
}

/// Four decimals, as amounts and energies have.
fn four(number: u64) -> Decimal {
    Decimal { scaled: i64::try_from(number).unwrap_or(i64::MAX), decimals: 4 }
}

fn price(subject: &Subject<'_>, tier: &str, out: &mut Vec<Finding>) {
    let number = |what: &str| subject.number(&format!("{tier}_{what}"));
    let (Some(price), Some(energy), Some(with_loss)) =
        (number("unit_price"), number("energy"), number("energy_with_loss"))
    else {
        return;
    };
    let Some(amount) = subject.field(&format!("{tier}_amount")) else { return };
    let billed = if with_loss == 0 { energy } else { with_loss };
    let product = u128::from(price) * u128::from(billed) + u128::from(PRICE_SHIFT / 2);
    let expected = u64::try_from(product / u128::from(PRICE_SHIFT)).unwrap_or(u64::MAX);
    if amount.number.abs_diff(expected) <= ROUNDING {
        return;
    }
    let (is, expected, billed) = (four(amount.number), four(expected), four(billed));
    let price = Decimal { scaled: i64::try_from(price).unwrap_or(i64::MAX), decimals: 5 };
    out.push(Finding::new(
        Severity::Info,
        "amount-not-energy-times-price",
        amount.offset,
        format!("“{}”为 {is} 元，而电量 × 单价 = {billed} × {price} = {expected} 元", amount.zh),
        format!("{} is {is} CNY, but energy × price = {billed} × {price} = {expected} CNY", amount.en),
    ));
}

fn sum(subject: &Subject<'_>, what: &str, out: &mut Vec<Finding>) {
    let Some(total) = subject.field(&format!("total_{what}")) else { return };
    let parts = TIERS.iter().map(|tier| subject.number(&format!("{tier}_{what}")));
    let Some(sum) = parts.sum::<Option<u64>>() else { return };
    if sum == total.number {
        return;
    }
    let code = if what == "amount" { "amount-sum" } else { "energy-sum" };
    let (is, sum) = (four(total.number), four(sum));
    out.push(Finding::new(
        Severity::Info,
        code,
        total.offset,
        format!("“{}”为 {is}，而尖峰平谷之和为 {sum}", total.zh),
        format!("{} is {is}, but the four tiers add up to {sum}", total.en),
    ));
}

fn meter(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let (Some(start), Some(stop)) = (subject.field("meter_start"), subject.field("meter_stop")) else { return };
    let Some(total) = subject.field("total_energy") else { return };
    let Some(metered) = stop.number.checked_sub(start.number) else {
        let (start, stop_text) = (four(start.number), four(stop.number));
        out.push(Finding::new(
            Severity::Warning,
            "meter-runs-backwards",
            stop.offset,
            format!("“{}”{stop_text} 小于起值 {start}", stop.zh),
            format!("{} {stop_text} is below the start, {start}", stop.en),
        ));
        return;
    };
    // Meters of two decimals leave up to 0.01 kWh at either end.
    if metered.abs_diff(total.number) > 2 * 100 {
        let (metered, is) = (four(metered), four(total.number));
        out.push(Finding::new(
            Severity::Info,
            "energy-not-meter-difference",
            total.offset,
            format!("“{}”为 {is} kWh，而电表止值 − 起值 = {metered} kWh", total.zh),
            format!("{} is {is} kWh, but the meter ran {metered} kWh from start to stop", total.en),
        ));
    }
}

fn reason(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let Some(reason) = subject.field("stop_reason").filter(|reason| reason.number == 0) else { return };
    out.push(Finding::new(
        Severity::Info,
        "stop-reason-zero",
        reason.offset,
        format!("“{}”0x00 规范未定义；有的桩这样填，表示无原因或未知", reason.zh),
        format!("{} 0x00 is not documented; some piles send it for none or unknown", reason.en),
    ));
}

fn times(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let civil = |name: &str| {
        let field = subject.field(name)?;
        let bytes = <[u8; 7]>::try_from(field.raw.as_slice()).ok()?;
        Some((field, Cp56Time(bytes).civil()?))
    };
    let (Some((_, start)), Some((field, end))) = (civil("start_time"), civil("end_time")) else { return };
    if end < start {
        out.push(Finding::new(
            Severity::Warning,
            "ends-before-start",
            field.offset,
            format!("“{}”{end} 早于开始时间 {start}", field.zh),
            format!("{} {end} is before the start, {start}", field.en),
        ));
    }
}

//! Whether a record adds up.

use super::super::super::decimal::Decimal;
use super::super::super::explain::Field;
use super::super::super::finding::{Finding, Severity};
use super::super::super::value::{little_endian, scaled};
use super::{Subject, moment, slot};
use crate::aaf5::field::SLOTS;
use crate::wire::{CivilTime, Kind};

/// A minute's difference between clock and counter is no sign of anything.
const SECONDS_OFF: i64 = 60;

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let (Some(slots), Some(total)) = (subject.field("slots"), subject.field("total_energy")) else { return };
    let items = slots.raw.chunks((slots.raw.len() / SLOTS).max(1));
    let energies: Vec<u64> = items.map(little_endian).collect();
    match counted_twice(subject, total, &energies) {
        Some(finding) => out.push(finding),
        None => {
            sum(slots, total, &energies, out);
            if let (Some(start), Some(stop)) = (subject.field("meter_start"), subject.field("meter_stop")) {
                meter(total, start, stop, out);
            }
        }
    }
    times(subject, out);
    if let (Some(start), Some(end)) = (time(subject, "start_time"), time(subject, "end_time")) {
        slot::check(slots, &energies, (start, end), out);
    }
    service(subject, out);
}

fn time(subject: &Subject<'_>, name: &str) -> Option<CivilTime> {
    subject.field(name).and_then(moment::civil)
}

/// An energy or amount of a field in its unit.
pub(super) fn amount(field: &Field, number: u64) -> Decimal {
    match field.kind {
        Kind::Number { decimals, offset, .. } => scaled(number, decimals, offset),
        _ => Decimal::whole(i64::try_from(number).unwrap_or(i64::MAX)),
    }
}

/// A record of 0.001 kWh whose total has the third decimal once more: what was counted is less by just that.
fn counted_twice(subject: &Subject<'_>, total: &Field, energies: &[u64]) -> Option<Finding> {
    let is_fine = matches!(total.kind, Kind::Number { decimals: 3, .. });
    let digit = subject.number("energy_digit").filter(|digit| is_fine && (1..=9).contains(digit))?;
    let (start, stop) = (subject.number("meter_start")?, subject.number("meter_stop")?);
    let counted = stop.checked_sub(start).filter(|counted| counted + digit == total.number)?;
    if energies.iter().sum::<u64>() != counted {
        return None;
    }
    let (is, meant) = (amount(total, total.number), amount(total, counted));
    let bytes = counted.to_le_bytes().into_iter().take(total.length).collect();
    let finding = Finding::new(
        Severity::Error,
        "digit-counted-twice",
        total.offset,
        format!("“{}”{is} kWh 把千分位电量 {digit} 又加了一次：222 的电量已是 0.001 kWh，应为 {meant} kWh", total.zh),
        format!(
            "{} of {is} kWh has the third decimal, {digit}, added once more: energy of 222 is in 0.001 kWh already, \
             meaning {meant} kWh",
            total.en
        ),
    );
    Some(finding.with_bytes(total.offset, bytes))
}

fn sum(slots: &Field, total: &Field, energies: &[u64], out: &mut Vec<Finding>) {
    let sum = energies.iter().sum::<u64>();
    // Each slot may be rounded by itself.
    let rounding = energies.iter().filter(|energy| **energy > 0).count() as u64;
    if sum.abs_diff(total.number) <= rounding || is_explained(&[total], out) {
        return;
    }
    let (is, sum) = (amount(total, total.number), amount(total, sum));
    out.push(Finding::new(
        Severity::Info,
        "energy-sum",
        slots.offset,
        format!("各时段电量之和为 {sum} kWh，本次充电电量为 {is} kWh"),
        format!("the slots add up to {sum} kWh, the total energy is {is} kWh"),
    ));
}

/// Whether another finding says already what is wrong with one of the numbers.
fn is_explained(fields: &[&Field], out: &[Finding]) -> bool {
    out.iter().any(|finding| finding.fix.is_some() && fields.iter().any(|field| field.offset == finding.offset))
}

/// What the meter counted is what was charged.
pub(super) fn meter(total: &Field, start: &Field, stop: &Field, out: &mut Vec<Finding>) {
    if is_explained(&[total, start, stop], out) {
        return;
    }
    let finding = match stop.number.checked_sub(start.number) {
        None => {
            let (start, stop_text) = (amount(start, start.number), amount(stop, stop.number));
            Finding::new(
                Severity::Warning,
                "meter-runs-backwards",
                stop.offset,
                format!("电表止值 {stop_text} kWh 小于起值 {start} kWh"),
                format!("the meter ends at {stop_text} kWh, below where it began, {start} kWh"),
            )
        }
        Some(used) if used.abs_diff(total.number) > 1 => {
            let (is, used) = (amount(total, total.number), amount(total, used));
            Finding::new(
                Severity::Info,
                "energy-not-meter-difference",
                total.offset,
                format!("电表走了 {used} kWh，本次充电电量为 {is} kWh"),
                format!("the meter counted {used} kWh, the total energy is {is} kWh"),
            )
        }
        Some(_) => return,
    };
    out.push(finding);
}

fn times(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let time = |name: &str| subject.field(name).and_then(moment::civil);
    let (Some(start), Some(end), Some(field)) = (time("start_time"), time("end_time"), subject.field("end_time"))
    else {
        return;
    };
    if end < start {
        out.push(Finding::new(
            Severity::Warning,
            "ends-before-start",
            field.offset,
            format!("充电结束时间 {end} 早于开始时间 {start}"),
            format!("the charge ended at {end}, before it began at {start}"),
        ));
        return;
    }
    let (Some(counted), Some(took)) = (subject.field("charging_seconds"), seconds_between(start, end)) else { return };
    let is = i64::try_from(counted.number).unwrap_or(i64::MAX);
    if is != 0 && is.abs_diff(took) > SECONDS_OFF.unsigned_abs() {
        out.push(Finding::new(
            Severity::Info,
            "duration-not-time-difference",
            counted.offset,
            format!("“{}”为 {is} 秒，而结束时间 − 开始时间 = {took} 秒", counted.zh),
            format!("{} is {is} s, but from start to end it is {took} s", counted.en),
        ));
    }
}

/// Seconds from one time to another of the same or the next day; `None` where more days lie between.
pub(super) fn seconds_between(start: CivilTime, end: CivilTime) -> Option<i64> {
    let of_day = |time: CivilTime| {
        i64::from(time.hour) * 3600 + i64::from(time.minute) * 60 + i64::from(time.millisecond / 1000)
    };
    let took = of_day(end) - of_day(start);
    let date = |time: CivilTime| (time.year, time.month, time.day);
    match (date(start) == date(end), took < 0) {
        (true, _) => Some(took),
        (false, true) if end.day == start.day + 1 || end.day == 1 => Some(took + 24 * 3600),
        _ => None,
    }
}

/// The service amount is a part of the whole.
fn service(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let (Some(service), Some(total)) = (subject.field("service_amount"), subject.field("total_amount")) else { return };
    if service.number > total.number {
        let (is, whole) = (amount(service, service.number), amount(total, total.number));
        out.push(Finding::new(
            Severity::Warning,
            "service-above-total",
            service.offset,
            format!("“{}”{is} 元大于“{}”{whole} 元", service.zh, total.zh),
            format!("{} of {is} CNY is above {} of {whole} CNY, which it is a part of", service.en, total.en),
        ));
    }
    if let Some(digit) = subject.field("energy_digit").filter(|digit| digit.number > 9) {
        out.push(Finding::new(
            Severity::Warning,
            "digit-above-nine",
            digit.offset,
            format!("“{}”为 {}，只能是 0–9", digit.zh, digit.number),
            format!("{} is {}, but a digit is 0 to 9", digit.en, digit.number),
        ));
    }
}

//! What can be wrong with a message of AA F5.

use super::super::explain::Field;
use super::super::finding::{Finding, Severity};
use super::super::value::{hex, little_endian};
use super::Subject;
use crate::aaf5::field::{PERIODS, SLOTS};
use crate::wire::{BcdTime, Kind};

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    subject.body.fields.iter().for_each(|field| time(field, out));
    byte_count(subject, out);
    periods(subject, out);
    if subject.number("record_index").is_some() && subject.field("slots").is_some() {
        record(subject, out);
    }
}

fn time(field: &Field, out: &mut Vec<Finding>) {
    let Some(time) = bcd_time(field).filter(|time| !time.is_unset() && time.civil().is_none()) else { return };
    out.push(Finding::new(
        Severity::Error,
        "time-impossible",
        field.offset,
        format!("“{}”{} 不是可能的 BCD 时间：保留原样", field.zh, hex(&time.0)),
        format!("{} {} is no possible BCD time: kept as it came", field.en, hex(&time.0)),
    ));
}

fn bcd_time(field: &Field) -> Option<BcdTime> {
    let bytes = matches!(field.kind, Kind::BcdTime).then(|| field.raw.as_slice().try_into().ok())?;
    bytes.map(BcdTime)
}

/// A count of bytes that stand behind the fixed fields, where there are any.
fn byte_count(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let (Some(count), Some(layout)) = (subject.field("byte_count"), subject.layout) else { return };
    let there = subject.bytes.len().saturating_sub(layout.required_length());
    if there == 0 || u64::try_from(there).is_ok_and(|there| there == count.number) {
        return;
    }
    let bytes: Vec<u8> = there.to_le_bytes().into_iter().take(count.length).collect();
    let finding = Finding::new(
        Severity::Warning,
        "byte-count",
        count.offset,
        format!("“{}”为 {}，其后实际有 {there} 字节", count.zh, count.number),
        format!("{} says {}, but {there} follow", count.en, count.number),
    );
    out.push(finding.with_bytes(count.offset, bytes));
}

/// Periods of a tariff follow each other from 00:00 to 24:00 on the half hour; a pile refuses others.
fn periods(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let Some(first) = subject.field("periods[0].start_hour") else { return };
    let number = |index: usize, name: &str| subject.number(&format!("periods[{index}].{name}")).unwrap_or(0);
    let half_hour = |index: usize, edge: &str| {
        let (hour, minute) = (number(index, &format!("{edge}_hour")), number(index, &format!("{edge}_minute")));
        (minute == 0 || minute == 30).then_some(hour * 2 + minute / 30)
    };
    let mut reached = Some(0);
    for index in 0..PERIODS {
        let (start, end) = (half_hour(index, "start"), half_hour(index, "end"));
        // Periods that are not used are all zero.
        if reached == Some(SLOTS as u64) || (index > 0 && start == Some(0) && end == Some(0)) {
            break;
        }
        reached = end.filter(|end| start == reached && start.is_some_and(|start| start < *end));
    }
    if reached != Some(SLOTS as u64) {
        out.push(Finding::new(
            Severity::Warning,
            "tariff-periods",
            first.offset,
            "各时段没有从 0 点到 24 点首尾相接(以半小时为界)：桩会拒绝",
            "the periods do not follow each other from 00:00 to 24:00 on the half hour: a pile refuses them",
        ));
    }
}

fn record(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let (Some(slots), Some(total)) = (subject.field("slots"), subject.field("total_energy")) else { return };
    let items = slots.raw.chunks(slots.raw.len() / SLOTS);
    let energies: Vec<u64> = items.map(little_endian).collect();
    let sum = energies.iter().sum::<u64>();
    // Each slot may be rounded by itself.
    let rounding = energies.iter().filter(|energy| **energy > 0).count() as u64;
    if sum.abs_diff(total.number) > rounding {
        out.push(Finding::new(
            Severity::Info,
            "energy-sum",
            slots.offset,
            format!("各时段电量之和为 {sum}，本次充电电量为 {}(最小单位)", total.number),
            format!("the slots add up to {sum}, the total energy is {} (in the smallest unit)", total.number),
        ));
    }
    meter(subject, total, out);
    let moment = |name: &str| subject.field(name).and_then(bcd_time).and_then(|time| time.civil());
    if let (Some(start), Some(end), Some(field)) = (moment("start_time"), moment("end_time"), subject.field("end_time"))
        && end < start
    {
        out.push(Finding::new(
            Severity::Warning,
            "ends-before-start",
            field.offset,
            format!("充电结束时间 {end} 早于开始时间 {start}"),
            format!("the charge ended at {end}, before it began at {start}"),
        ));
    }
}

/// What the meter counted is what was charged.
fn meter(subject: &Subject<'_>, total: &Field, out: &mut Vec<Finding>) {
    let (Some(start), Some(stop)) = (subject.field("meter_start"), subject.field("meter_stop")) else { return };
    let finding = match stop.number.checked_sub(start.number) {
        None => Finding::new(
            Severity::Warning,
            "meter-runs-backwards",
            stop.offset,
            "电表止值小于起值",
            "the meter ends below where it began",
        ),
        Some(used) if used.abs_diff(total.number) > 1 => Finding::new(
            Severity::Info,
            "energy-not-meter-difference",
            total.offset,
            format!("电表读数之差为 {used}，本次充电电量为 {}(最小单位)", total.number),
            format!("the meter counted {used}, the total energy is {} (in the smallest unit)", total.number),
        ),
        Some(_) => return,
    };
    out.push(finding);
}

//! What a record says: energies, meter, times, amounts, why it ended.

use voltapile_protocol::aaf5::code::WorkState;
use voltapile_protocol::aaf5::message::FineChargeRecord;
use voltapile_protocol::wire::{CivilTime, Code, Quantity};

use super::charge::before;
use super::record::{accepted, firsts, record_of, stop_before};
use crate::aaf5::rule::{Rule, rule};
use crate::aaf5::view::{Seen, View};
use crate::case::{Case, both};

pub(super) static RULES: &[Rule] = &[
    rule("aaf5.pile.record.slots", "48 个时段之和等于本次电量", "the 48 slots add up to the energy", "P52 §202", slots),
    rule(
        "aaf5.pile.record.slot_times",
        "电量只在充电所在的时段",
        "energy stands only in half hours of the charge",
        "P52 §202：1103 计费时 / P52 §202: with a tariff of 1103",
        slot_times,
    ),
    rule(
        "aaf5.pile.record.meter",
        "充电后读数减充电前读数等于本次电量",
        "the meter after less the meter before is the energy",
        "P52 §202",
        meter,
    ),
    rule(
        "aaf5.pile.record.meter_goes_on",
        "下一次充电前读数不小于上一次充电后读数",
        "the next meter before is not below the last meter after",
        "P52 §202",
        meter_goes_on,
    ),
    rule(
        "aaf5.pile.record.times",
        "结束不早于开始，时长与之相符",
        "the end is not before the start, and the charging time fits",
        "P52 §202",
        times,
    ),
    rule("aaf5.pile.record.span", "记录时长与实际充电相符", "a record is as long as its charge was", "P52 §202", span),
    rule(
        "aaf5.pile.record.service",
        "服务费不超过总金额",
        "the service amount is within the total",
        "P52 §202",
        service,
    ),
    rule(
        "aaf5.pile.record.status_energy",
        "记录的电量不少于 104 最后报告的",
        "a record bills the energy that 104 told last, or more",
        "P52 §104; P52 §202",
        status_energy,
    ),
    rule(
        "aaf5.pile.record.stop_code",
        "充电结束原因是规定的值",
        "the stop reason is one that exists",
        "P52 §5.5",
        stop_code,
    ),
    rule(
        "aaf5.pile.record.stopped_by",
        "平台停止的充电，原因是后台停止（311 或 101006）",
        "a charge that the platform stopped says so (311 or 101006)",
        "P52 §5.5",
        stopped_by,
    ),
    rule(
        "aaf5.pile.record.soc",
        "结束 SOC 不低于开始 SOC，且不超过 100",
        "the SOC at the end is not below that at the start, and at most 100",
        "P52 §202",
        soc,
    ),
];

fn slots(view: &View<'_>, case: &mut Case) {
    for (seen, record) in firsts(view) {
        let sum: u64 = record.slots.0.iter().map(|slot| slot.raw()).sum();
        let total = record.total_energy.raw();
        // 202 has hundredths in its slots.
        let slack = if seen.command == 202 { 500 } else { 5 };
        case.holds(sum.abs_diff(total) <= slack, &[seen.id], || {
            both!("时段之和 {sum}，电量 {total}（0.001 kWh）", "the slots have {sum}, the total {total} (0.001 kWh)")
        });
    }
}

/// The half hours of the day that a record touches; `None` where its times are none or it lasted a day.
fn touched(record: &FineChargeRecord) -> Option<Vec<usize>> {
    let (start, end) = (record.start_time.civil()?, record.end_time.civil()?);
    let (from, to) = (start.unix_ms_in_china() / 1_800_000, end.unix_ms_in_china() / 1_800_000);
    (to >= from && to - from < 47)
        .then(|| (from..=to).filter_map(|slot| usize::try_from((slot + 16) % 48).ok()).collect())
}

fn slot_times(view: &View<'_>, case: &mut Case) {
    // With a tariff of 1105 the slots are its periods.
    for (seen, record) in firsts(view) {
        let is_taken = |other: &&Seen<'_>| view.answer(other).is_none_or(|answer| answer.body.first() == Some(&0));
        let mut tariffs = view.down().filter(|other| other.id < seen.id && matches!(other.command, 1103 | 1105));
        let set = tariffs.rfind(is_taken);
        let (Some(touched), Some(1103)) = (touched(&record), set.map(|set| set.command)) else { continue };
        let stray =
            record.slots.0.iter().enumerate().find(|(slot, energy)| energy.raw() > 0 && !touched.contains(slot));
        case.holds(stray.is_none(), &[seen.id], || {
            let slot = stray.map_or(0, |(slot, _)| slot + 1);
            both!("时段 {slot} 不在充电时间内", "slot {slot} is outside the charge")
        });
    }
}

fn meter(view: &View<'_>, case: &mut Case) {
    for (seen, record) in firsts(view) {
        let by_meter = record.meter_stop.raw().saturating_sub(record.meter_start.raw());
        let total = record.total_energy.raw();
        case.holds(by_meter.abs_diff(total) <= 20, &[seen.id], || {
            both!(
                "电表差 {by_meter}，电量 {total}（0.001 kWh）",
                "the meter says {by_meter}, the energy is {total} (0.001 kWh)"
            )
        });
    }
}

fn meter_goes_on(view: &View<'_>, case: &mut Case) {
    let all = firsts(view);
    for (place, (seen, record)) in all.iter().enumerate() {
        let last = all.iter().take(place).rev().find(|(_, other)| {
            other.connector_number.number() == record.connector_number.number()
                && other.end_time.civil() <= record.start_time.civil()
        });
        let Some((before, other)) = last else { continue };
        let (was, is) = (other.meter_stop.raw(), record.meter_start.raw());
        case.holds(is + 20 >= was, &[before.id, seen.id], || {
            both!("上次 {was}，这次从 {is} 开始", "{was} last, {is} at the next start")
        });
    }
}

fn length(record: &FineChargeRecord) -> Option<u64> {
    let (start, end) = (record.start_time.civil()?, record.end_time.civil()?);
    let (start, end) = (CivilTime::unix_ms_in_china(start), CivilTime::unix_ms_in_china(end));
    end.checked_sub(start).map(|length| length / 1_000)
}

fn times(view: &View<'_>, case: &mut Case) {
    for (seen, record) in firsts(view) {
        let (told, length) = (record.charging_seconds.raw(), length(&record));
        case.holds(length.is_some_and(|length| length.abs_diff(told) <= 60), &[seen.id], || {
            both!("起止相差 {length:?} 秒，时长 {told} 秒", "{length:?} s from start to end, {told} s told")
        });
    }
}

fn span(view: &View<'_>, case: &mut Case) {
    for (asked, start) in accepted(view) {
        let Some((seen, record)) = record_of(view, start) else { continue };
        let Some(length) = length(&record) else { continue };
        let most = seen.at.since(asked.at).as_secs() + 60;
        case.holds(length <= most, &[asked.id, seen.id], || {
            both!("记录 {length} 秒，最多 {most} 秒", "{length} s where it was {most} s at most")
        });
    }
}

fn service(view: &View<'_>, case: &mut Case) {
    for (seen, record) in firsts(view) {
        let Some(service) = record.service_amount else { continue };
        let (service, total) = (service.raw(), record.total_amount.raw());
        case.holds(service <= total, &[seen.id], || {
            both!("服务费 {service}，总额 {total}（分）", "{service} of {total} fen")
        });
    }
}

fn status_energy(view: &View<'_>, case: &mut Case) {
    for (seen, record) in firsts(view) {
        let Some(number) = record.transaction_number.filter(|number| !number.is_empty()) else { continue };
        let last = view.statuses().rfind(|(_, report)| {
            report.transaction_number.is_some_and(|told| told.says(&number)) && report.work_state == WorkState::Charging
        });
        let Some((status, report)) = last else { continue };
        let (told, billed) = (report.total_energy.raw() * 10, record.total_energy.raw());
        case.holds(billed + 20 >= told, &[status.id, seen.id], || {
            both!(
                "104 为 {told}，记录只有 {billed}（0.001 kWh）",
                "104 told {told}, the record has {billed} (0.001 kWh)"
            )
        });
    }
}

fn stop_code(view: &View<'_>, case: &mut Case) {
    for (seen, record) in firsts(view) {
        let code = record.stop_reason.0;
        case.holds(record.stop_reason.entry().is_some(), &[seen.id], || both!("是 {code}", "it is {code}"));
    }
}

fn stopped_by(view: &View<'_>, case: &mut Case) {
    for (asked, start) in accepted(view) {
        let Some((seen, record)) = record_of(view, start) else { continue };
        let connector = start.connector_number.number();
        let ends_it = |stop: &&Seen<'_>| {
            let was_charging = before(view, stop, connector).is_some_and(|was| {
                was.work_state == WorkState::Charging && was.transaction_number == record.transaction_number
            });
            stop.id > asked.id && stop.connection == seen.connection && was_charging
        };
        let Some(stop) = stop_before(view, seen).filter(ends_it) else { continue };
        let code = record.stop_reason.0;
        case.holds(matches!(code, 311 | 101_006), &[stop.id, seen.id], || both!("是 {code}", "it is {code}"));
    }
}

fn soc(view: &View<'_>, case: &mut Case) {
    for (seen, record) in firsts(view) {
        let (start, end) = (record.soc_start.raw(), record.soc_end.raw());
        case.holds(start <= end && end <= 100, &[seen.id], || both!("从 {start} 到 {end}", "{start} to {end}"));
    }
}

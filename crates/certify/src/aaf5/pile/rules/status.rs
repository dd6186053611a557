//! Status 104, alarms 108 and the battery's data 302.

use std::time::Duration;

use voltapile_protocol::aaf5::code::{Plug, WorkState};
use voltapile_protocol::aaf5::message::{AlarmReport, BmsReport, Message, SignInRequest, StatusReport};
use voltapile_protocol::wire::Quantity;

use crate::aaf5::rule::{Rule, rule};
use crate::aaf5::view::{Seen, View};
use crate::case::{Case, both, limit, seconds};

pub(super) static RULES: &[Rule] = &[
    rule("aaf5.pile.status.each", "每个枪各报一个 104", "each connector has a 104 of its own", "P52 §104", each),
    rule("aaf5.pile.status.count", "104 的枪数量与 106 一致", "104 tells as many connectors as 106", "P52 §104", count),
    rule(
        "aaf5.pile.status.period",
        "每个枪周期上报 104（最多一分钟）",
        "each connector reports by its period (a minute at most)",
        "P52 §104；参数 23 / P52 §104; parameter 23",
        period,
    ),
    rule(
        "aaf5.pile.status.asked",
        "103 带标志时立即上报 104（V4.0 起）",
        "103 with its flag makes the pile report at once (since V4.0)",
        "P52 §103",
        asked,
    ),
    rule(
        "aaf5.pile.status.known",
        "工作状态、车连接状态是规定的值",
        "work state and vehicle connection have values that exist",
        "P52 §104",
        known,
    ),
    rule(
        "aaf5.pile.status.lawful",
        "工作状态按允许的次序变化",
        "work states follow each other as they may",
        "P52 §4.4：空闲、准备、充电、结束 / P52 §4.4: idle, preparing, charging, finished",
        lawful,
    ),
    rule(
        "aaf5.pile.status.energy_rises",
        "充电中电量不减少",
        "the energy of a charge never falls",
        "P52 §104",
        energy_rises,
    ),
    rule(
        "aaf5.pile.status.amount_rises",
        "充电中金额不减少",
        "the amount of a charge never falls",
        "P52 §104",
        amount_rises,
    ),
    rule("aaf5.pile.status.time_rises", "充电中时长不减少", "the charging time never falls", "P52 §104", time_rises),
    rule(
        "aaf5.pile.status.meter",
        "当前电表读数减充电前读数等于本次电量",
        "the meter now less the meter before is the energy",
        "P52 §104：0.01 kWh",
        meter,
    ),
    rule(
        "aaf5.pile.status.plausible",
        "电压、电流、SOC 合理",
        "voltage, current and SOC are plausible",
        "P52 §2.4：单位 / P52 §2.4: units",
        plausible,
    ),
    rule(
        "aaf5.pile.status.plugged",
        "充电中的枪报告车辆已连接",
        "a charging connector says that it is plugged in",
        "P52 §104",
        plugged,
    ),
    rule(
        "aaf5.pile.status.idle_without_current",
        "空闲的枪没有电流",
        "an idle connector delivers no current",
        "P52 §104",
        idle_current,
    ),
    rule(
        "aaf5.pile.status.serial",
        "充电中的 104 带有充电流水号",
        "104 names the charge's transaction number",
        "P52 §104 (V4.3)",
        serial,
    ),
    rule("aaf5.pile.alarm.period", "告警 108 每 10 分钟上报一次", "alarms (108) come every 10 min", "P52 §108", alarms),
    rule(
        "aaf5.pile.bms.period",
        "直流充电中每 30 秒上报 302",
        "a DC charge reports 302 every 30 s",
        "P52 §302",
        bms_period,
    ),
    rule(
        "aaf5.pile.bms.counter",
        "302 的次序计数逐次加一",
        "the counter of 302 goes up by one",
        "P52 §302",
        bms_counter,
    ),
    rule(
        "aaf5.pile.bms.agrees",
        "302 的工作状态与 104 一致",
        "302 tells the work state of 104",
        "P52 §302",
        bms_agrees,
    ),
];

/// Reports of one connector after each other on one connection.
fn pairs<'v, 't>(view: &'v View<'t>) -> Vec<(&'v Seen<'t>, &'v StatusReport, &'v Seen<'t>, &'v StatusReport)> {
    let all: Vec<_> = view.statuses().collect();
    let mut pairs = Vec::new();
    for (place, (seen, report)) in all.iter().enumerate() {
        let next = all.iter().skip(place + 1).find(|(later, status)| {
            later.connection == seen.connection && status.connector_number.number() == report.connector_number.number()
        });
        if let Some((later, status)) = next {
            pairs.push((*seen, *report, *later, *status));
        }
    }
    pairs
}

/// The same within one charge.
fn charging<'v, 't>(view: &'v View<'t>) -> Vec<(&'v Seen<'t>, &'v StatusReport, &'v Seen<'t>, &'v StatusReport)> {
    let goes_on = |one: &StatusReport, next: &StatusReport| {
        one.work_state == WorkState::Charging
            && next.work_state == WorkState::Charging
            && one.transaction_number == next.transaction_number
            && one.start_time == next.start_time
    };
    pairs(view).into_iter().filter(|(_, one, _, next)| goes_on(one, next)).collect()
}

fn each(view: &View<'_>, case: &mut Case) {
    let lasted =
        |(seen, _): &(&Seen<'_>, &SignInRequest)| view.lived(seen.connection, seen.at, Duration::from_secs(60));
    let Some((seen, request)) = view.sign_ins().find(lasted) else { return };
    for number in 1..=request.connector_count {
        let report = view.statuses().find(|(_, report)| report.connector_number.number() == number);
        match report {
            Some((report, _)) => case.followed(&[report.id]),
            None => case.broken(&[seen.id], both!("{number} 号枪没有 104", "connector {number} has none")),
        }
    }
}

fn count(view: &View<'_>, case: &mut Case) {
    let Some((_, request)) = view.sign_ins().next() else { return };
    for (seen, report) in view.statuses() {
        let (told, own) = (report.connector_count, request.connector_count);
        case.holds(told == own, &[seen.id], || both!("{told} 个，106 是 {own} 个", "{told}, where 106 says {own}"));
    }
}

fn period(view: &View<'_>, case: &mut Case) {
    for (one, _, next, _) in pairs(view) {
        case.took(next.at.since(one.at), limit(30, 60), &[one.id, next.id]);
    }
}

fn asked(view: &View<'_>, case: &mut Case) {
    for asked in view.marked("aaf5.pile.status.asked").filter(|_| view.speaks(40)) {
        let soon = asked.at + Duration::from_secs(2);
        let report = view.after(asked).find(|seen| seen.is_up() && seen.command == 104);
        match report {
            Some(report) if report.at <= soon => case.followed(&[asked.id, report.id]),
            _ if view.lived(asked.connection, asked.at, Duration::from_secs(2)) => {
                case.broken(&[asked.id], both!("2 秒内没有 104", "no 104 within 2 s"));
            }
            _ => {}
        }
    }
}

fn known(view: &View<'_>, case: &mut Case) {
    for (seen, report) in view.statuses() {
        let (state, plug) = (report.work_state, report.plug);
        let is_known = !matches!(state, WorkState::Unknown(_)) && !matches!(plug, Plug::Unknown(_));
        case.holds(is_known, &[seen.id], || {
            both!("状态 {state:?}，连接 {plug:?}", "state {state:?}, connection {plug:?}")
        });
    }
}

fn lawful(view: &View<'_>, case: &mut Case) {
    use WorkState::{Charging, Finished, Idle, Preparing, Reserved, StartFailed};
    for (one, was, next, is) in pairs(view) {
        let (was, is) = (was.work_state, is.work_state);
        let may = match (was, is) {
            (was, is) if was == is => continue,
            (Idle | Reserved, Finished) | (Charging, Preparing | Reserved | StartFailed) => false,
            (Finished | StartFailed, Reserved) => true,
            _ => true,
        };
        case.holds(may, &[one.id, next.id], || both!("{was:?} 之后是 {is:?}", "{is:?} follows {was:?}"));
    }
}

fn rises(view: &View<'_>, case: &mut Case, value: impl Fn(&StatusReport) -> u64) {
    for (one, before, next, after) in charging(view) {
        let (was, is) = (value(before), value(after));
        case.holds(is >= was, &[one.id, next.id], || both!("从 {was} 降到 {is}", "it falls from {was} to {is}"));
    }
}

fn energy_rises(view: &View<'_>, case: &mut Case) {
    rises(view, case, |report| report.total_energy.raw() * 10 + report.energy_digit.map_or(0, |digit| digit.raw()));
}

fn amount_rises(view: &View<'_>, case: &mut Case) {
    rises(view, case, |report| report.total_amount.raw());
}

fn time_rises(view: &View<'_>, case: &mut Case) {
    rises(view, case, |report| report.charging_seconds.raw());
}

fn meter(view: &View<'_>, case: &mut Case) {
    for (seen, report) in view.statuses().filter(|(_, report)| report.work_state == WorkState::Charging) {
        if report.meter_now.raw() == 0 {
            continue;
        }
        let (by_meter, told) =
            (report.meter_now.raw().saturating_sub(report.meter_start.raw()), report.total_energy.raw());
        case.holds(by_meter.abs_diff(told) <= 2, &[seen.id], || {
            both!(
                "电表差 {by_meter}，电量 {told}（0.01 kWh）",
                "the meter says {by_meter}, the energy is {told} (0.01 kWh)"
            )
        });
    }
}

fn plausible(view: &View<'_>, case: &mut Case) {
    for (seen, report) in view.statuses() {
        let (volts, amps, soc) = (report.dc_voltage.raw(), report.dc_current.scaled().abs(), report.soc.raw());
        case.holds(volts <= 15_000 && amps <= 10_000 && soc <= 100, &[seen.id], || {
            both!("电压 {volts}、电流 {amps}（0.1）、SOC {soc}", "{volts} and {amps} in tenths, SOC {soc}")
        });
    }
}

fn plugged(view: &View<'_>, case: &mut Case) {
    for (seen, report) in view.statuses().filter(|(_, report)| report.work_state == WorkState::Charging) {
        case.holds(report.plug == Plug::Connected, &[seen.id], || {
            both!("充电中却未连接", "it charges without a vehicle")
        });
    }
}

fn idle_current(view: &View<'_>, case: &mut Case) {
    for (seen, report) in view.statuses().filter(|(_, report)| report.work_state == WorkState::Idle) {
        let amps = report.dc_current.scaled().abs();
        case.holds(amps <= 20, &[seen.id], || both!("电流 {amps}（0.1 A）", "a current of {amps} (0.1 A)"));
    }
}

fn serial(view: &View<'_>, case: &mut Case) {
    for (seen, report) in view.statuses().filter(|(_, report)| report.work_state == WorkState::Charging) {
        let Some(number) = report.transaction_number else { continue };
        case.holds(!number.is_empty(), &[seen.id], || both!("流水号为空", "it is empty"));
    }
}

fn alarms(view: &View<'_>, case: &mut Case) {
    let every = limit(630, 1_230);
    for line in &view.lines {
        let Some((mut since, mut before)) = line.logged_in else { continue };
        for seen in view.of(AlarmReport::CODE).filter(|seen| seen.connection == line.connection) {
            case.took(seen.at.since(since), every, &[before, seen.id]);
            (since, before) = (seen.at, seen.id);
        }
        if view.lived(line.connection, since, every.bearable) {
            let bound = seconds(every.bearable);
            case.broken(&[before], both!("之后 {bound} 秒内没有 108", "no 108 within {bound} s after it"));
        }
    }
}

fn bms<'v, 't>(view: &'v View<'t>) -> Vec<(&'v Seen<'t>, &'v BmsReport)> {
    let reports = view.of(BmsReport::CODE).filter_map(|seen| match &seen.message {
        Some(Message::BmsReport(report)) => Some((seen, report)),
        _ => None,
    });
    reports.collect()
}

fn bms_period(view: &View<'_>, case: &mut Case) {
    let all = bms(view);
    // An AC pile has none.
    if all.is_empty() {
        return;
    }
    for (_, _, next, report) in charging(view) {
        let is_same = |(_, other): &(&Seen<'_>, &StatusReport)| {
            other.work_state == WorkState::Charging && other.transaction_number == report.transaction_number
        };
        let begun = view.statuses().find(is_same).map(|(seen, _)| (seen.at, seen.id));
        let last = all.iter().rfind(|(seen, _)| seen.id < next.id).map(|(seen, _)| (seen.at, seen.id));
        if let Some((at, id)) = begun.max(last) {
            case.took(next.at.since(at), limit(35, 65), &[id, next.id]);
        }
    }
}

fn bms_counter(view: &View<'_>, case: &mut Case) {
    let all = bms(view);
    for (place, (next, report)) in all.iter().enumerate() {
        // The document does not say whether each connector counts for itself, or all together.
        let mut before = all.iter().take(place).rev().filter(|(one, _)| one.connection == next.connection).peekable();
        let Some((one, last)) = before.peek().copied() else { continue };
        let own = before.find(|(_, other)| other.connector_number == report.connector_number);
        let (was, is) = (last.counter, report.counter);
        let follows = |counter: u16| is == counter.wrapping_add(1);
        let holds = is == 1 || follows(was) || own.is_some_and(|(_, own)| follows(own.counter));
        // The first of a connector may have any number, where each counts for itself.
        if holds || own.is_some() {
            case.holds(holds, &[one.id, next.id], || both!("{was} 之后是 {is}", "{is} follows {was}"));
        }
    }
}

fn bms_agrees(view: &View<'_>, case: &mut Case) {
    for (seen, report) in bms(view) {
        let connector = report.connector_number.number();
        let of_it = |(_, status): &(&Seen<'_>, &StatusReport)| status.connector_number.number() == connector;
        let before = view.statuses().filter(of_it).rfind(|(status, _)| status.id < seen.id);
        let after = view.statuses().filter(of_it).find(|(status, _)| status.id > seen.id);
        let (Some((_, before)), Some((_, after))) = (before, after) else { continue };
        if before.work_state == after.work_state {
            let (told, state) = (report.work_state, before.work_state);
            case.holds(told == state, &[seen.id], || {
                both!("{told:?}，104 是 {state:?}", "{told:?}, where 104 says {state:?}")
            });
        }
    }
}

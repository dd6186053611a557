//! Telemetry: 0x13.

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Quantity;
use voltapile_protocol::ykc::code::{ConnectorState, Plugged};
use voltapile_protocol::ykc::message::RealtimeReport;

use super::answer::answered;
use super::{Rule, rule};
use crate::case::{Case, both, seconds};
use crate::trace::EntryId;
use crate::ykc::pile::charge::{Charge, Spot};
use crate::ykc::pile::tolerance::{CHARGING_REPORT, IDLE_CURRENT, IDLE_REPORT, Limit, ON_CHANGE, WOULD_CHARGE_WITHIN};
use crate::ykc::pile::view::View;

pub(super) static RULES: &[Rule] = &[
    rule("pile.telemetry.read", "对 0x12 应答 0x13", "0x12 is answered with 0x13", "V1.6 §7.1", |view, case| {
        answered(view, 0x12, case)
    }),
    rule(
        "pile.telemetry.idle_period",
        "空闲时每 5 分钟上送 0x13",
        "an idle connector reports every 5 min",
        "V1.6 §7.2",
        idle_period,
    ),
    rule(
        "pile.telemetry.charging_period",
        "充电中每 15 秒上送 0x13",
        "a charging connector reports every 15 s",
        "V1.6 §7.2",
        charging_period,
    ),
    rule(
        "pile.telemetry.end_reported",
        "充电结束后立即上送状态变化",
        "the end of a charge is reported at once",
        "V1.6 §7.2",
        end_reported,
    ),
    rule(
        "pile.telemetry.idle_while_charging",
        "充电过程中不上送空闲状态",
        "no connector reports idle while it charges",
        "V1.6 §13.3.4",
        idle_while_charging,
    ),
    rule(
        "pile.telemetry.plugged",
        "充电状态下“是否插枪”为是",
        "a charging connector says that it is plugged in",
        "V1.6 §7.2",
        plugged,
    ),
    rule(
        "pile.telemetry.idle_without_current",
        "空闲时输出电流为零",
        "an idle connector delivers no current",
        "V1.6 §7.2",
        idle_without_current,
    ),
    rule(
        "pile.telemetry.energy_rises",
        "同一次充电的电量只增不减",
        "the energy of a charge never falls",
        "V1.6 §7.2",
        |view, case| rises(view, |report| report.energy.raw(), case),
    ),
    rule(
        "pile.telemetry.amount_rises",
        "同一次充电的金额只增不减",
        "the amount of a charge never falls",
        "V1.6 §7.2",
        |view, case| rises(view, |report| report.amount.raw(), case),
    ),
    rule(
        "pile.telemetry.time_rises",
        "同一次充电的累计时间只增不减",
        "the charging time of a charge never falls",
        "V1.6 §7.2",
        |view, case| rises(view, |report| report.charging_minutes.raw(), case),
    ),
    rule(
        "pile.telemetry.transaction",
        "充电中的 0x13 始终是同一个交易流水号",
        "0x13 names one transaction throughout a charge",
        "V1.6 §13.3.6",
        transaction,
    ),
];

/// Reports of one connector on one connection, in order.
fn by_connector(view: &View<'_>) -> Vec<Vec<(Spot, RealtimeReport)>> {
    let mut runs: Vec<Vec<(Spot, RealtimeReport)>> = Vec::new();
    for (seen, report) in view.reports() {
        let spot = Spot::from(seen);
        let same = |run: &&mut Vec<(Spot, RealtimeReport)>| {
            run.first().is_some_and(|(first, other)| {
                first.connection == spot.connection && other.connector_number == report.connector_number
            })
        };
        match runs.iter_mut().find(same) {
            Some(run) => run.push((spot, report.clone())),
            None => runs.push(vec![(spot, report.clone())]),
        }
    }
    runs
}

fn idle_period(view: &View<'_>, case: &mut Case) {
    for run in by_connector(view) {
        let until =
            run.first().and_then(|(first, _)| view.line(first.connection)).map_or(view.until, |link| link.until);
        for (at, (spot, report)) in run.iter().enumerate() {
            let next = run.get(at + 1).map(|(next, _)| *next);
            let pause = next.map_or(until, |next| next.at).since(spot.at);
            let is_idle = report.connector_state == ConnectorState::Idle && report.transaction_number.is_zero();
            // A shorter pause says nothing: something changed, or the trace ended.
            if !is_idle || pause < IDLE_REPORT.by_the_book.saturating_sub(IDLE_PAUSE_LEAST) {
                continue;
            }
            match next {
                Some(next) => case.took(pause, IDLE_REPORT, &[spot.id, next.id]),
                None if pause > IDLE_REPORT.bearable => case.took(pause, IDLE_REPORT, &[spot.id]),
                None => {}
            }
        }
    }
}

/// Pauses that are this much shorter than the limit still show the period: 4 min 30 s and more.
const IDLE_PAUSE_LEAST: std::time::Duration = std::time::Duration::from_secs(60);

fn charging_period(view: &View<'_>, case: &mut Case) {
    for charge in &view.charges {
        let spots: Vec<Spot> = charge.charging().map(|(spot, _)| *spot).collect();
        pauses(view, charge, &spots, CHARGING_REPORT, case);
    }
}

/// Judges the pauses between what a charge says regularly, also the silence before its end.
pub(super) fn pauses(view: &View<'_>, charge: &Charge, spots: &[Spot], limit: Limit, case: &mut Case) {
    for pair in spots.windows(2) {
        let [one, next] = pair else { continue };
        if one.connection == next.connection {
            case.took(next.at.since(one.at), limit, &[one.id, next.id]);
        }
    }
    let Some(last) = spots.last() else { return };
    let end = charge.ended_by().and_then(|end| view.frames.iter().find(|seen| seen.id == end)).map(|seen| seen.at);
    let until = view.line(last.connection).map_or(last.at, |link| link.until);
    let silence = end.unwrap_or(until).min(until).since(last.at);
    if silence > limit.bearable {
        case.took(silence, limit, &[last.id]);
    }
}

fn end_reported(view: &View<'_>, case: &mut Case) {
    for charge in view.charges.iter().filter(|charge| charge.shown().is_some()) {
        let (Some(end), Some((last, _))) = (ended(view, charge), charge.charging().next_back()) else { continue };
        // Where the record is late, the change was told before it.
        let told = view.reports().find(|(seen, report)| {
            seen.id > last.id
                && report.connector_number.number() == charge.connector
                && report.connector_state != ConnectorState::Charging
        });
        match told {
            Some((seen, _)) => case.took(seen.at.since(end.at), ON_CHANGE, &[end.id, seen.id]),
            None if view.lived(end.connection, end.at, ON_CHANGE.bearable) => {
                let bound = seconds(ON_CHANGE.bearable);
                case.broken(&[end.id], both!("充电结束 {bound} 秒后仍未上送", "not reported {bound} s after the end"));
            }
            None => {}
        }
    }
}

/// When a charge was over: its record, where it came with the charge's end, else the answer to the stop.
fn ended(view: &View<'_>, charge: &Charge) -> Option<Spot> {
    let record = charge.record().map(|(spot, _)| *spot);
    let last = charge.charging().next_back().map(|(spot, _)| *spot);
    let stopped = charge.stopped.filter(|stopped| last.is_none_or(|last| last.id < stopped.id));
    let spot = stopped.or(record)?;
    // A record that arrives with a later connection says nothing about when the charge ended.
    let is_fresh = charge.last_heard().is_some_and(|last| last.connection == spot.connection);
    (is_fresh && view.line(spot.connection).is_some()).then_some(spot)
}

fn idle_while_charging(view: &View<'_>, case: &mut Case) {
    for charge in &view.charges {
        let Some((began, proof)) = certainly_charging(charge) else { continue };
        let end = charge.ended_by();
        let within = view.reports().filter(|(seen, report)| {
            report.connector_number.number() == charge.connector
                && seen.at >= began
                && proof.is_none_or(|proof| seen.id > proof)
                && end.is_none_or(|end| seen.id < end)
                && charge.last_heard().is_some_and(|last| seen.id <= last.id || charge.record().is_some())
        });
        let reports: Vec<_> = within.collect();
        let idle: Vec<_> =
            reports.iter().filter(|(_, report)| report.connector_state == ConnectorState::Idle).collect();
        let evidence: Vec<_> = idle.iter().map(|(seen, _)| seen.id).collect();
        // One may cross the end of a charge that broke off by itself; two make the order abnormal (rule 4).
        match (evidence.as_slice(), reports.as_slice()) {
            (idle @ [_, _, ..], _) => {
                let count = idle.len();
                case.broken(idle, both!("充电中有 {count} 帧空闲状态", "{count} idle reports during the charge"));
            }
            ([], [(first, _), ..]) => case.followed(&[first.id]),
            _ => {}
        }
    }
}

/// From when on a charge went on for certain: since the first proof; where only the record proves it, some time after
/// the pile agreed.
fn certainly_charging(charge: &Charge) -> Option<(Tick, Option<EntryId>)> {
    match charge.proof() {
        Some(proof) => Some((proof.at, Some(proof.id))),
        None if charge.is_billed() => charge.agreed().map(|agreed| (agreed.at + WOULD_CHARGE_WITHIN, None)),
        None => None,
    }
}

fn plugged(view: &View<'_>, case: &mut Case) {
    for (seen, report) in view.reports().filter(|(_, report)| report.connector_state == ConnectorState::Charging) {
        case.holds(report.plugged == Plugged::Yes, &[seen.id], || {
            both!("正在充电却报告未插枪", "charges, and says that it is not plugged in")
        });
    }
}

fn idle_without_current(view: &View<'_>, case: &mut Case) {
    for (seen, report) in view.reports().filter(|(_, report)| report.connector_state == ConnectorState::Idle) {
        let amps = report.output_current.raw();
        case.holds(amps <= IDLE_CURRENT, &[seen.id], || {
            both!("空闲时电流为 {amps} × 0.1 A", "the current is {amps} × 0.1 A")
        });
    }
}

/// A value of 0x13 never falls within a charge.
fn rises(view: &View<'_>, value: fn(&RealtimeReport) -> u64, case: &mut Case) {
    for charge in &view.charges {
        let told: Vec<_> = charge.charging().map(|(spot, report)| (spot.id, value(report))).collect();
        for pair in told.windows(2) {
            let [(one, before), (next, after)] = pair else { continue };
            case.holds(after >= before, &[*one, *next], || {
                both!("从 {before} 减到 {after}", "falls from {before} to {after}")
            });
        }
    }
}

fn transaction(view: &View<'_>, case: &mut Case) {
    for (seen, report) in view.reports().filter(|(_, report)| report.connector_state == ConnectorState::Charging) {
        let Some(charge) = view.charge_at(report.connector_number.number(), seen.id) else { continue };
        let (told, number) = (report.transaction_number, charge.number);
        let proof = charge.proof().map_or(seen.id, |proof| proof.id);
        case.holds(told == number, &[proof, seen.id], || {
            both!("流水号由 {number} 变为 {told}", "the number {number} becomes {told}")
        });
    }
}

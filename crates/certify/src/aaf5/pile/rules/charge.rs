//! Starts, stops and reservations.

use std::time::Duration;

use voltapile_protocol::aaf5::code::{ControlIndex, Outcome, Plug, StartFailure, StartMode, StartStrategy, WorkState};
use voltapile_protocol::aaf5::message::{Message, StartRequest, StartResponse, StatusReport};
use voltapile_protocol::wire::{Code, Quantity};

use crate::aaf5::rule::{Rule, answered, rule};
use crate::aaf5::view::{Seen, View};
use crate::case::{Case, Limit, both, limit};

/// An answer to a start: at once, but some piles answer when the charge has begun.
const START: Limit = limit(5, 150);
/// From a start to 104 that shows the charge: 120 s.
pub(super) const SHOWN: Limit = limit(120, 150);
/// A pile that will not charge has had time enough to do so.
pub(super) const WOULD_CHARGE: Duration = Duration::from_secs(15);

pub(super) static RULES: &[Rule] = &[
    rule(
        "aaf5.pile.start.answered",
        "启动 7 得到 8 应答",
        "a start 7 is answered with 8",
        "P52 §8；现场：有的桩充上后才应答 / P52 §8; practice: some answer when it charges",
        |view, case| answered(view, 7, START, case),
    ),
    rule(
        "aaf5.pile.start.echoes",
        "8 回送枪口和充电流水号",
        "8 repeats connector and transaction number",
        "P52 §8",
        echoes,
    ),
    rule("aaf5.pile.start.code", "8 的结果是规定的值", "the result of 8 is one that exists", "P52 §5.6", code),
    rule(
        "aaf5.pile.start.shown",
        "受理启动后 120 秒内 104 显示充电（先 1 后 2）",
        "within 120 s of an accepted start 104 shows the charge",
        "P52 §4.4",
        shown,
    ),
    rule(
        "aaf5.pile.start.refused_stays_off",
        "拒绝启动后不充电",
        "after a refusal the pile does not charge",
        "P52 §8",
        stays_off,
    ),
    rule(
        "aaf5.pile.start.not_plugged",
        "未插枪时拒绝启动（结果 1）",
        "a start without a plug is refused (result 1)",
        "P52 §5.6",
        not_plugged,
    ),
    rule(
        "aaf5.pile.start.no_such_connector",
        "不存在的枪口被拒绝（17 或 100005）",
        "a connector that does not exist is refused (17 or 100005)",
        "P52 §5.6",
        |view, case| refused(view, "aaf5.pile.start.no_such_connector", &[17, 100_005], case),
    ),
    rule(
        "aaf5.pile.start.bad_mode",
        "未规定的生效类型被拒绝（20）",
        "a start mode that does not exist is refused (20)",
        "P52 §5.6",
        |view, case| refused(view, "aaf5.pile.start.bad_mode", &[20], case),
    ),
    rule(
        "aaf5.pile.start.bad_strategy",
        "过小的策略参数被拒绝（21）",
        "a limit that is too low is refused (21)",
        "P52 §5.6",
        |view, case| refused(view, "aaf5.pile.start.bad_strategy", &[21], case),
    ),
    rule(
        "aaf5.pile.start.already_charging",
        "充电中再次启动被拒绝（13 或 100003）",
        "a second start during a charge is refused (13 or 100003)",
        "P52 §5.6",
        |view, case| refused(view, "aaf5.pile.start.already_charging", &[13, 100_003], case),
    ),
    rule(
        "aaf5.pile.start.names",
        "充电中的 104 用启动时的流水号",
        "104 names the transaction number of the start",
        "P52 §104",
        names,
    ),
    rule(
        "aaf5.pile.start.strategy",
        "按电量充电到设定值结束",
        "a charge limited by energy ends there",
        "P52 §7",
        strategy,
    ),
    rule(
        "aaf5.pile.start.reserved",
        "预约被接受后 104 状态为 5",
        "an accepted reservation shows as state 5 in 104",
        "P52 §7",
        reserved,
    ),
    rule(
        "aaf5.pile.start.cancelled",
        "取消预约后 104 不再是状态 5",
        "once cancelled, 104 shows no reservation",
        "P52 §3.1",
        cancelled,
    ),
    rule(
        "aaf5.pile.stop.answered",
        "控制 5 得到 6 应答",
        "a control command 5 is answered with 6",
        "P52 §5",
        |view, case| answered(view, 5, super::ANSWER, case),
    ),
    rule("aaf5.pile.stop.stops", "收到停止命令必须停止充电", "a stop always stops the charge", "P52 §3.1", stops),
];

/// 7 with its 8.
fn starts<'v, 't>(
    view: &'v View<'t>,
) -> impl Iterator<Item = (&'v Seen<'t>, &'v StartRequest, &'v Seen<'t>, &'v StartResponse)> {
    view.of(7).filter_map(|seen| {
        let answer = view.answer(seen)?;
        match (&seen.message, &answer.message) {
            (Some(Message::StartRequest(request)), Some(Message::StartResponse(said))) => {
                Some((seen, request, answer, said))
            }
            _ => None,
        }
    })
}

/// Reports of a connector after a frame, on any connection.
pub(super) fn later<'v, 't>(
    view: &'v View<'t>,
    after: &'v Seen<'_>,
    connector: u8,
) -> impl Iterator<Item = (&'v Seen<'t>, &'v StatusReport)> {
    view.statuses().filter(move |(seen, report)| seen.id > after.id && report.connector_number.number() == connector)
}

/// How a connector was before a frame.
pub(super) fn before<'v>(view: &'v View<'_>, frame: &Seen<'_>, connector: u8) -> Option<&'v StatusReport> {
    let mut reports =
        view.statuses().filter(|(seen, report)| seen.id < frame.id && report.connector_number.number() == connector);
    reports.next_back().map(|(_, report)| report)
}

fn echoes(view: &View<'_>, case: &mut Case) {
    for (asked, request, answer, said) in starts(view) {
        let same_number = match (request.transaction_number, said.transaction_number) {
            (Some(sent), Some(got)) => sent.says(&got),
            _ => true,
        };
        let is_same = same_number && said.connector_number.number() == request.connector_number.number();
        case.holds(is_same, &[asked.id, answer.id], || both!("与启动不同", "it differs from the start"));
    }
}

fn code(view: &View<'_>, case: &mut Case) {
    for (_, _, answer, said) in starts(view) {
        let StartFailure(code) = said.result;
        case.holds(said.result.entry().is_some(), &[answer.id], || both!("结果 {code}", "it is {code}"));
    }
}

fn shown(view: &View<'_>, case: &mut Case) {
    for (asked, request, _, said) in starts(view) {
        if said.result != StartFailure(0) || request.start_mode != StartMode::Immediate {
            continue;
        }
        let connector = request.connector_number.number();
        let mut after = later(view, asked, connector);
        let end = after.find(|(_, report)| {
            matches!(report.work_state, WorkState::Charging | WorkState::StartFailed | WorkState::Fault)
        });
        match end {
            Some((seen, report)) if report.work_state == WorkState::Charging => {
                case.took(seen.at.since(asked.at), SHOWN, &[asked.id, seen.id]);
            }
            Some((seen, _)) => {
                case.followed(&[asked.id, seen.id]);
                case.remark(both!("启动失败", "a start failed"));
            }
            None if view.lived(asked.connection, asked.at, SHOWN.bearable) && !is_stopped(view, asked) => {
                case.broken(&[asked.id], both!("104 一直没有显示充电", "104 never shows it"));
            }
            None => {}
        }
    }
}

/// Whether the platform stopped what it started before it had to show.
fn is_stopped(view: &View<'_>, start: &Seen<'_>) -> bool {
    let until = start.at + SHOWN.bearable;
    controls(view, ControlIndex::StopCharging)
        .any(|(asked, ..)| asked.id > start.id && asked.at <= until && asked.connector == start.connector)
}

fn stays_off(view: &View<'_>, case: &mut Case) {
    for (asked, request, answer, said) in starts(view).filter(|(.., said)| said.result != StartFailure(0)) {
        let Some(number) = request.transaction_number.filter(|number| !number.is_empty()) else { continue };
        let charges = view.statuses().find(|(seen, report)| {
            seen.id > answer.id
                && report.work_state == WorkState::Charging
                && report.transaction_number.is_some_and(|told| told.says(&number))
        });
        let StartFailure(code) = said.result;
        match charges {
            Some((seen, _)) => case
                .broken(&[asked.id, seen.id], both!("拒绝（{code}）后却充电", "it charges though it refused ({code})")),
            None if view.lived(answer.connection, answer.at, WOULD_CHARGE) => case.followed(&[answer.id]),
            None => {}
        }
    }
}

fn not_plugged(view: &View<'_>, case: &mut Case) {
    for (asked, request, answer, said) in starts(view) {
        let connector = request.connector_number.number();
        let is_plain = request.start_mode == StartMode::Immediate && request.strategy_argument == 0;
        let Some(was) = before(view, asked, connector).filter(|was| is_plain && was.plug == Plug::Unplugged) else {
            continue;
        };
        if was.work_state != WorkState::Idle {
            continue;
        }
        refuses(asked, answer, said, &[1], case);
    }
}

/// An answer refuses a start, as well by the code for it.
fn refuses(asked: &Seen<'_>, answer: &Seen<'_>, said: &StartResponse, codes: &[u32], case: &mut Case) {
    let StartFailure(code) = said.result;
    case.holds(code != 0, &[asked.id, answer.id], || both!("接受了启动", "it is accepted"));
    if code != 0 && !codes.contains(&code) {
        case.remark(both!("结果是 {code}", "its result is {code}"));
    }
}

fn refused(view: &View<'_>, rule: &str, codes: &[u32], case: &mut Case) {
    for asked in view.marked(rule) {
        let connector = asked.connector.unwrap_or_default();
        // A second start is one only while the first goes on.
        let goes_on = before(view, asked, connector).is_some_and(|was| was.work_state == WorkState::Charging);
        if rule.ends_with("already_charging") && !goes_on {
            continue;
        }
        let Some(answer) = view.answer(asked) else { continue };
        let Some(Message::StartResponse(said)) = &answer.message else { continue };
        refuses(asked, answer, said, codes, case);
    }
}

fn names(view: &View<'_>, case: &mut Case) {
    for (asked, request, answer, _) in starts(view).filter(|(.., said)| said.result == StartFailure(0)) {
        let Some(number) = request.transaction_number.filter(|number| !number.is_empty()) else { continue };
        let next = view.of(7).find(|later| {
            later.id > asked.id && view.answer(later).is_some_and(|answer| answer.body.get(37) == Some(&0))
        });
        let shown = later(view, answer, request.connector_number.number()).find(|(seen, report)| {
            report.work_state == WorkState::Charging && next.is_none_or(|next| seen.id < next.id)
        });
        let Some((seen, report)) = shown else { continue };
        let Some(told) = report.transaction_number else { continue };
        let (sent, got) = (number.text(), told.text());
        case.holds(told.says(&number), &[asked.id, seen.id], || {
            both!("是 {got}，应为 {sent}", "{got} where {sent} was given")
        });
    }
}

fn strategy(view: &View<'_>, case: &mut Case) {
    for (asked, request, _, said) in starts(view) {
        if request.strategy != StartStrategy::ByEnergy || said.result != StartFailure(0) {
            continue;
        }
        let limit = u64::from(request.strategy_argument) * 10;
        let record = view.records().find(|(_, record)| {
            record.transaction_number.zip(request.transaction_number).is_some_and(|(one, other)| one.says(&other))
        });
        let Some((seen, record)) = record else { continue };
        let energy = record.total_energy.raw();
        // A pile stops at the next look at its meter.
        case.holds(energy <= limit + limit / 5 + 500, &[asked.id, seen.id], || {
            both!("设定 {limit}，充了 {energy}（0.001 kWh）", "{limit} were set, {energy} charged (0.001 kWh)")
        });
    }
}

fn reserved(view: &View<'_>, case: &mut Case) {
    for asked in view.marked("aaf5.pile.start.reserved") {
        let Some(answer) = view.answer(asked) else { continue };
        let Some(Message::StartResponse(said)) = &answer.message else { continue };
        if said.result != StartFailure(0) {
            case.remark(both!("不支持预约", "it takes no reservations"));
            continue;
        }
        if let Some((seen, report)) = later(view, answer, asked.connector.unwrap_or(1)).next() {
            let state = report.work_state;
            case.holds(state == WorkState::Reserved, &[asked.id, seen.id], || {
                both!("状态是 {state:?}", "its state is {state:?}")
            });
        }
    }
}

/// Control commands of an index with their answers.
fn controls<'v, 't>(
    view: &'v View<'t>,
    index: ControlIndex,
) -> impl Iterator<Item = (&'v Seen<'t>, &'v Seen<'t>, Outcome)> {
    view.of(5).filter_map(move |seen| {
        let answer = view.answer(seen)?;
        match (&seen.message, &answer.message) {
            (Some(Message::ControlRequest(request)), Some(Message::ControlResponse(said)))
                if request.first_index == index =>
            {
                Some((seen, answer, said.result))
            }
            _ => None,
        }
    })
}

fn cancelled(view: &View<'_>, case: &mut Case) {
    for (asked, answer, result) in controls(view, ControlIndex::CancelReservation) {
        let connector = asked.connector.unwrap_or(1);
        let was_reserved = before(view, asked, connector).is_some_and(|was| was.work_state == WorkState::Reserved);
        if !was_reserved || result != Outcome::Succeeded {
            continue;
        }
        if let Some((seen, report)) = later(view, answer, connector).next() {
            case.holds(report.work_state != WorkState::Reserved, &[asked.id, seen.id], || {
                both!("仍是预约状态", "it still does")
            });
        }
    }
}

fn stops(view: &View<'_>, case: &mut Case) {
    for (asked, answer, _) in controls(view, ControlIndex::StopCharging) {
        let connector = asked.connector.unwrap_or(1);
        let was_charging = before(view, asked, connector).is_some_and(|was| was.work_state == WorkState::Charging);
        if !was_charging {
            continue;
        }
        let over = later(view, asked, connector).find(|(_, report)| report.work_state != WorkState::Charging);
        match over {
            Some((seen, _)) => case.took(seen.at.since(asked.at), limit(15, 40), &[asked.id, seen.id]),
            None if view.lived(answer.connection, asked.at, Duration::from_secs(40)) => {
                case.broken(&[asked.id, answer.id], both!("40 秒后仍在充电", "it still charges after 40 s"));
            }
            None => {}
        }
    }
}

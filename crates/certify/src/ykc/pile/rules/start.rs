//! Start commands: 0x34, 0x33, and the charge that follows or does not.

use voltapile_protocol::ykc::code::{ConnectorState, Plugged, RemoteStartFailure};
use voltapile_protocol::ykc::message::{Message, RealtimeReport};

use super::{Rule, rule};
use crate::case::{Case, both, seconds};
use crate::trace::EntryId;
use crate::ykc::pile::charge::{Charge, Expected, Order};
use crate::ykc::pile::tolerance::{ANSWER, CHARGING_SHOWN, LATE_SUCCESS, WOULD_CHARGE_WITHIN};
use crate::ykc::pile::view::{Seen, View};

pub(super) static RULES: &[Rule] = &[
    rule("pile.start.answered", "对 0x34 应答 0x33", "0x34 is answered with 0x33", "V1.6 §8.3; §13.3.1", answered),
    rule(
        "pile.start.echoes",
        "0x33 重复启动命令的流水号和枪号",
        "0x33 repeats transaction number and connector of the command",
        "V1.6 §13.3.6",
        echoes,
    ),
    rule(
        "pile.start.obeyed",
        "已插枪且空闲时执行启动命令",
        "a connector that is idle and plugged in obeys a start",
        "V1.6 §8.3",
        obeyed,
    ),
    rule(
        "pile.start.charging_shown",
        "启动成功后 90 秒内上送充电状态的 0x13",
        "within 90 s of a start a 0x13 shows the charge",
        "V1.6 §13.3.1",
        charging_shown,
    ),
    rule(
        "pile.start.refused_stays_off",
        "应答失败或没有应答时不得充电",
        "after a refusal or without an answer the pile does not charge",
        "V1.6 §13.3.2",
        refused_stays_off,
    ),
    rule("pile.start.reason", "0x33 的失败原因属实", "the reason of a refusal is true", "V1.6 §8.3", reason),
    rule(
        "pile.start.other_pile",
        "桩编号不符的启动命令不执行",
        "a start for another pile is not obeyed",
        "V1.6 §8.3",
        other_pile,
    ),
    rule(
        "pile.start.no_such_connector",
        "不存在的枪号不启动",
        "a start for a connector that does not exist is refused",
        "V1.6 §8.3",
        |view, case| refuses(view, Expected::RefuseNoConnector, case),
    ),
    rule(
        "pile.start.already_charging",
        "正在充电时拒绝第二个启动命令",
        "a second start during a charge is refused",
        "V1.6 §8.3",
        |view, case| refuses(view, Expected::RefuseCharging, case),
    ),
    rule(
        "pile.start.not_plugged",
        "未插枪时不回启动成功",
        "a start without a plug is no success until somebody plugs in",
        "V1.6 §8.3; OQ-14",
        not_plugged,
    ),
];

fn remote<'v>(view: &'v View<'_>) -> impl Iterator<Item = &'v Charge> {
    view.charges.iter().filter(|charge| charge.order == Order::Remote)
}

fn answered(view: &View<'_>, case: &mut Case) {
    // What a pile does about a connector that it does not have is another check's.
    for charge in remote(view).filter(|charge| charge.expected != Expected::RefuseNoConnector) {
        match charge.answers.first() {
            Some((spot, _)) => case.took(spot.at.since(charge.ordered.at), ANSWER, &[charge.ordered.id, spot.id]),
            None if view.lived(charge.ordered.connection, charge.ordered.at, ANSWER.bearable) => {
                let bound = seconds(ANSWER.bearable);
                case.broken(&[charge.ordered.id], both!("{bound} 秒内没有 0x33", "no 0x33 within {bound} s"));
            }
            None => {}
        }
    }
}

fn echoes(view: &View<'_>, case: &mut Case) {
    for seen in view.of_type(0x33) {
        let Some(Message::RemoteStartResponse(answer)) = &seen.message else { continue };
        let known = remote(view).find(|charge| charge.number == answer.transaction_number);
        let is_right = known.is_some_and(|charge| charge.connector == answer.connector_number.number());
        let (number, connector) = (answer.transaction_number, answer.connector_number.number());
        case.holds(is_right, &[seen.id], || {
            both!("没有以 {number} 启动过枪 {connector}", "nobody ordered {number} at connector {connector}")
        });
    }
}

fn obeyed(view: &View<'_>, case: &mut Case) {
    for charge in remote(view).filter(|charge| charge.expected == Expected::Start) {
        let Some((last, answer)) = charge.answers.last() else { continue };
        // "Not plugged" may still be followed by a success; so may a stop have come in between.
        let is_final = view.lived(last.connection, last.at, LATE_SUCCESS) || charge.agreed().is_some();
        let reason = answer.fail_reason;
        match charge.agreed() {
            Some(agreed) => case.followed(&[charge.ordered.id, agreed.id]),
            None if is_final => case.broken(
                &[charge.ordered.id, last.id],
                both!("拒绝启动，原因 {reason:?}", "refuses to start: {reason:?}"),
            ),
            None => {}
        }
    }
}

fn charging_shown(view: &View<'_>, case: &mut Case) {
    for charge in remote(view) {
        let Some(agreed) = charge.agreed() else { continue };
        shown_in_time(view, charge, agreed.id, case);
    }
}

/// The charge is shown in time after its order, unless it was stopped or the connection lost before.
pub(super) fn shown_in_time(view: &View<'_>, charge: &Charge, agreed: EntryId, case: &mut Case) {
    let ordered = charge.ordered;
    let stopped = charge.stop.is_some_and(|stop| stop.at.since(ordered.at) < CHARGING_SHOWN.bearable);
    match charge.shown() {
        // After "not plugged" the time counts from the success.
        Some(shown) => {
            let from = view.frames.iter().find(|seen| seen.id == agreed).map_or(ordered.at, |seen| seen.at);
            case.took(shown.at.since(from.max(ordered.at)), CHARGING_SHOWN, &[ordered.id, shown.id]);
        }
        None if !stopped && view.lived(ordered.connection, ordered.at, CHARGING_SHOWN.bearable) => {
            let bound = seconds(CHARGING_SHOWN.bearable);
            case.broken(
                &[ordered.id, agreed],
                both!("{bound} 秒内没有充电状态的 0x13", "no 0x13 shows it within {bound} s"),
            );
        }
        None => {}
    }
}

fn refused_stays_off(view: &View<'_>, case: &mut Case) {
    for charge in remote(view) {
        let is_unanswered = charge.answers.is_empty();
        if !is_unanswered && !charge.is_refused() {
            continue;
        }
        let last = charge.answers.last().map_or(charge.ordered, |(spot, _)| *spot);
        let billed = charge.record().map(|(spot, _)| *spot).filter(|_| charge.is_billed());
        match charge.proof().or(billed) {
            Some(proof) => case.broken(
                &[charge.ordered.id, last.id, proof.id],
                both!("没有应答成功却在充电", "charges though it told no success"),
            ),
            None if view.lived(last.connection, last.at, WOULD_CHARGE_WITHIN) => case.followed(&[last.id]),
            None => {}
        }
    }
}

fn reason(view: &View<'_>, case: &mut Case) {
    for charge in remote(view) {
        let Some((spot, answer)) =
            charge.answers.first().filter(|(_, answer)| answer.fail_reason != RemoteStartFailure::None)
        else {
            continue;
        };
        let Some((report_id, report)) = last_report(view, charge) else { continue };
        let reason = answer.fail_reason;
        let is_true = match reason {
            RemoteStartFailure::NotPlugged => report.plugged != Plugged::Yes,
            RemoteStartFailure::AlreadyCharging => {
                report.connector_state != ConnectorState::Idle || is_another_agreed(view, charge)
            }
            _ => true,
        };
        case.holds(is_true, &[report_id, charge.ordered.id, spot.id], || {
            both!("原因 {reason:?} 与之前的 0x13 矛盾", "the reason {reason:?} contradicts its 0x13 before")
        });
    }
}

/// Whether the connector had agreed to another charge, which has no record yet.
fn is_another_agreed(view: &View<'_>, charge: &Charge) -> bool {
    view.charges.iter().any(|other| {
        other.connector == charge.connector
            && other.number != charge.number
            && other.agreed().is_some_and(|agreed| agreed.id < charge.ordered.id)
            && other.record().is_none_or(|(record, _)| record.id > charge.ordered.id)
    })
}

/// What the connector said of itself last before the order.
fn last_report<'v>(view: &'v View<'_>, charge: &Charge) -> Option<(EntryId, &'v RealtimeReport)> {
    let mut before = view
        .reports()
        .filter(|(seen, report)| seen.id < charge.ordered.id && report.connector_number.number() == charge.connector);
    before.next_back().map(|(seen, report)| (seen.id, report))
}

fn other_pile(view: &View<'_>, case: &mut Case) {
    for request in view.frames.iter().filter(|seen| !seen.is_up() && seen.frame_type == 0x34 && !view.is_about(seen)) {
        let number = request.transaction;
        let names = |seen: &&Seen<'_>| seen.id > request.id && seen.transaction == number;
        let charged = view.up().filter(names).find(|seen| seen.frame_type != 0x33);
        let agreed = view.frames.iter().filter(|seen| seen.is_up()).filter(names).find(|seen| match &seen.message {
            Some(Message::RemoteStartResponse(answer)) => answer.fail_reason == RemoteStartFailure::None,
            _ => false,
        });
        match charged.or(agreed) {
            Some(seen) => case.broken(
                &[request.id, seen.id],
                both!("执行了发给别的桩的启动命令", "obeys a start that is for another pile"),
            ),
            None if view.lived(request.connection, request.at, ANSWER.by_the_book) => case.followed(&[request.id]),
            None => {}
        }
    }
}

/// Starts that have to be refused, each with a 0x33 that says so.
pub(super) fn refuses(view: &View<'_>, expected: Expected, case: &mut Case) {
    for charge in remote(view).filter(|charge| charge.expected == expected) {
        let agreed = charge.agreed().or_else(|| charge.proof());
        match (agreed, charge.answers.first()) {
            (Some(agreed), _) => {
                case.broken(&[charge.ordered.id, agreed.id], both!("没有拒绝", "is not refused"));
            }
            (None, Some((spot, _))) => case.followed(&[charge.ordered.id, spot.id]),
            (None, None) if view.lived(charge.ordered.connection, charge.ordered.at, ANSWER.bearable) => {
                case.followed(&[charge.ordered.id]);
                case.remark(both!("没有执行，但也没有应答", "not obeyed, but not answered either"));
            }
            (None, None) => {}
        }
    }
}

fn not_plugged(view: &View<'_>, case: &mut Case) {
    for charge in remote(view).filter(|charge| charge.expected == Expected::RefuseNotPlugged) {
        let Some(agreed) = charge.agreed() else {
            if let Some((spot, answer)) = charge.answers.first() {
                case.followed(&[charge.ordered.id, spot.id]);
                let reason = answer.fail_reason;
                if reason != RemoteStartFailure::NotPlugged {
                    case.remark(both!(
                        "原因是 {reason:?}，不是“未插枪”",
                        "the reason is {reason:?}, not \"not plugged\""
                    ));
                }
            }
            continue;
        };
        // Somebody may have plugged in meanwhile: then the next report says so.
        let came = view.reports().find(|(seen, report)| {
            seen.id > charge.ordered.id
                && report.connector_number.number() == charge.connector
                && report.plugged == Plugged::Yes
        });
        case.holds(came.is_some(), &[charge.ordered.id, agreed.id], || {
            both!("未插枪却应答启动成功", "tells a success though nothing is plugged in")
        });
    }
}

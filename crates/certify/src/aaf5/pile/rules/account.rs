//! Cards and VINs.

use std::time::Duration;

use voltapile_protocol::aaf5::code::{AccountAnswer, VinResult, WorkState};
use voltapile_protocol::aaf5::message::Message;

use super::charge::{SHOWN, WOULD_CHARGE, before, later};
use crate::aaf5::rule::{Rule, rule};
use crate::aaf5::view::{Seen, View};
use crate::case::{Case, both, limit};

pub(super) static RULES: &[Rule] = &[
    rule(
        "aaf5.pile.card.repeated",
        "204 无应答时重发",
        "a 204 without an answer is repeated",
        "现场：CAR 每 3 秒，10 秒放弃 / practice: CAR every 3 s, for 10 s",
        repeated,
    ),
    rule("aaf5.pile.card.named", "204 带有卡号", "204 names its card", "P52 §204", named),
    rule(
        "aaf5.pile.card.refused",
        "203 拒绝后不充电",
        "after a refusal in 203 the pile does not charge",
        "P52 §203",
        card_refused,
    ),
    rule(
        "aaf5.pile.card.starts",
        "203 同意后 120 秒内充电",
        "within 120 s of a consent in 203 the pile charges",
        "P52 §203",
        card_starts,
    ),
    rule(
        "aaf5.pile.vin.result",
        "207 同意后上报 210",
        "after a consent in 207 the pile tells the result (210)",
        "P52 §2.8",
        vin_result,
    ),
];

fn repeated(view: &View<'_>, case: &mut Case) {
    for one in view.of(204).filter(|seen| view.answer(seen).is_none()) {
        let Some(next) = view.after(one).find(|seen| seen.command == 204 && seen.holds) else { continue };
        if next.at.since(one.at) < Duration::from_secs(30) {
            case.took(next.at.since(one.at), limit(5, 15), &[one.id, next.id]);
        }
    }
}

fn named(view: &View<'_>, case: &mut Case) {
    for seen in view.of(204) {
        let Some(Message::AccountQueryRequest(query)) = &seen.message else { continue };
        case.holds(!query.card_number.is_empty(), &[seen.id], || both!("卡号为空", "it is empty"));
    }
}

/// 204 with the answer's word.
fn consents<'v, 't>(view: &'v View<'t>, is_consent: bool) -> impl Iterator<Item = (&'v Seen<'t>, &'v Seen<'t>)> {
    view.of(204).filter_map(move |seen| {
        let answer = view.answer(seen)?;
        match &answer.message {
            Some(Message::AccountQueryResponse(said)) if (said.answer == AccountAnswer::Valid) == is_consent => {
                Some((seen, answer))
            }
            _ => None,
        }
    })
}

fn card_refused(view: &View<'_>, case: &mut Case) {
    for (asked, answer) in consents(view, false) {
        let connector = asked.connector.unwrap_or(1);
        if before(view, asked, connector).is_some_and(|was| was.work_state == WorkState::Charging) {
            continue;
        }
        let soon = answer.at + WOULD_CHARGE;
        let charges = later(view, answer, connector)
            .find(|(seen, report)| report.work_state == WorkState::Charging && seen.at <= soon);
        match charges {
            Some((seen, _)) => case.broken(&[answer.id, seen.id], both!("被拒绝后仍充电", "it charges all the same")),
            None if view.lived(answer.connection, answer.at, WOULD_CHARGE) => case.followed(&[answer.id]),
            None => {}
        }
    }
}

fn card_starts(view: &View<'_>, case: &mut Case) {
    for (asked, answer) in consents(view, true) {
        let shown = later(view, answer, asked.connector.unwrap_or(1))
            .find(|(_, report)| report.work_state == WorkState::Charging);
        match shown {
            Some((seen, _)) => case.took(seen.at.since(answer.at), SHOWN, &[answer.id, seen.id]),
            None if view.lived(answer.connection, answer.at, SHOWN.bearable) => {
                case.broken(&[answer.id], both!("没有充电", "it does not charge"))
            }
            None => {}
        }
    }
}

fn vin_result(view: &View<'_>, case: &mut Case) {
    for asked in view.of(208) {
        let Some(answer) = view.answer(asked) else { continue };
        let is_consent =
            matches!(&answer.message, Some(Message::VinStartResponse(said)) if said.result == VinResult::Accepted);
        if !is_consent {
            continue;
        }
        match view.after(answer).find(|seen| seen.is_up() && seen.command == 210) {
            Some(result) => case.took(result.at.since(answer.at), SHOWN, &[answer.id, result.id]),
            None if view.lived(answer.connection, answer.at, SHOWN.bearable) => {
                case.broken(&[answer.id], both!("没有 210", "no 210 came"))
            }
            None => {}
        }
    }
}

//! The tariff: checked after the login, asked for, set.

use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::code::{Outcome, VerifyResult};
use voltapile_protocol::ykc::field::TariffId;
use voltapile_protocol::ykc::message::Message;

use super::answer::answered;
use super::{Rule, rule};
use crate::case::{Case, both, seconds};
use crate::trace::EntryId;
use crate::ykc::pile::tolerance::{Limit, TARIFF_QUESTION, TARIFF_REPEAT};
use crate::ykc::pile::view::{Seen, View};

pub(super) static RULES: &[Rule] = &[
    rule(
        "pile.tariff.verifies",
        "每次登录后用 0x05 核对计费模型",
        "after every login the pile checks its tariff with 0x05",
        "V1.6 §6.5",
        verifies,
    ),
    rule(
        "pile.tariff.verify_repeats",
        "0x05 没有应答时重发",
        "a 0x05 without an answer is repeated",
        "V1.6 §6.5",
        verify_repeats,
    ),
    rule(
        "pile.tariff.requests",
        "0x06 答复“不一致”后用 0x09 请求计费模型",
        "where 0x06 says \"differs\" the pile asks with 0x09",
        "V1.6 §6.7",
        requests,
    ),
    rule(
        "pile.tariff.request_repeats",
        "0x09 没有应答时重发",
        "a 0x09 without an answer is repeated",
        "V1.6 §6.7",
        request_repeats,
    ),
    rule(
        "pile.tariff.number_kept",
        "0x05 报告最近一次下发的计费模型编号",
        "0x05 tells the number of the tariff that came last",
        "V1.6 §6.5",
        number_kept,
    ),
    rule(
        "pile.tariff.set_answered",
        "空闲时对 0x58 应答 0x57 成功",
        "an idle pile answers 0x58 with a 0x57 of success",
        "V1.6 §9.8",
        set_answered,
    ),
];

fn verifies(view: &View<'_>, case: &mut Case) {
    for link in &view.lines {
        let Some((at, taken)) = link.logged_in else { continue };
        let asked = view.of_type(0x05).find(|seen| seen.connection == link.connection && seen.id > taken);
        follows(asked, at, taken, link.until, TARIFF_QUESTION, "0x05", case);
    }
}

fn requests(view: &View<'_>, case: &mut Case) {
    for answer in view.of_type(0x06).filter(|seen| differs(seen)) {
        let asked = view.of_type(0x09).find(|seen| seen.connection == answer.connection && seen.id > answer.id);
        let until = view.line(answer.connection).map_or(answer.at, |link| link.until);
        follows(asked, answer.at, answer.id, until, TARIFF_QUESTION, "0x09", case);
    }
}

fn differs(seen: &Seen<'_>) -> bool {
    matches!(&seen.message, Some(Message::TariffVerifyResponse(answer)) if answer.verify_result == VerifyResult::Differs)
}

/// Something has to follow in time, as far as the connection lived.
fn follows(
    asked: Option<&Seen<'_>>,
    since: Tick,
    evidence: EntryId,
    until: Tick,
    limit: Limit,
    what: &str,
    case: &mut Case,
) {
    match asked {
        Some(seen) => case.took(seen.at.since(since), limit, &[evidence, seen.id]),
        None if until.since(since) > limit.bearable => {
            let bound = seconds(limit.bearable);
            case.broken(&[evidence], both!("{bound} 秒内没有 {what}", "no {what} within {bound} s"));
        }
        None => {}
    }
}

fn verify_repeats(view: &View<'_>, case: &mut Case) {
    repeats(view, 0x05, &[0x06, 0x0A, 0x58], case);
}

fn request_repeats(view: &View<'_>, case: &mut Case) {
    repeats(view, 0x09, &[0x0A, 0x58], case);
}

/// A question that got none of the answers before the pile could have repeated it.
fn repeats(view: &View<'_>, question: u8, answers: &[u8], case: &mut Case) {
    for asked in view.of_type(question) {
        let again = view.of_type(question).find(|seen| seen.connection == asked.connection && seen.id > asked.id);
        let until = view.line(asked.connection).map_or(asked.at, |link| link.until);
        let horizon = again.map_or(asked.at + TARIFF_REPEAT.bearable, |again| again.at);
        let is_answered = view.down().any(|seen| {
            answers.contains(&seen.frame_type)
                && seen.connection == asked.connection
                && seen.id > asked.id
                && seen.at <= horizon
                && again.is_none_or(|again| seen.id < again.id)
        });
        if !is_answered {
            follows(again, asked.at, asked.id, until, TARIFF_REPEAT, &format!("0x{question:02X}"), case);
        }
    }
}

fn number_kept(view: &View<'_>, case: &mut Case) {
    let mut given: Option<(TariffId, EntryId)> = None;
    for seen in view.frames.iter().filter(|seen| view.is_about(seen)) {
        match &seen.message {
            Some(Message::TariffResponse(tariff)) => given = Some((tariff.tariff_id, seen.id)),
            Some(Message::TariffSetRequest(tariff)) if is_taken(view, seen) => {
                given = Some((tariff.tariff_id, seen.id));
            }
            Some(Message::TariffVerifyRequest(request)) => {
                let Some((number, from)) = given else { continue };
                let told = request.tariff_id;
                case.holds(told == number, &[from, seen.id], || {
                    both!("报告编号 {told}，下发的是 {number}", "tells number {told} though it was given {number}")
                });
            }
            _ => {}
        }
    }
}

/// Whether a tariff that was set was taken.
fn is_taken(view: &View<'_>, request: &Seen<'_>) -> bool {
    view.answer(request).is_some_and(|answer| {
        matches!(&answer.message, Some(Message::TariffSetResponse(answer)) if answer.set_result == Outcome::Succeeded)
    })
}

fn set_answered(view: &View<'_>, case: &mut Case) {
    answered(view, 0x58, case);
    for request in view.of_type(0x58) {
        let is_busy = view.charges.iter().any(|charge| {
            charge.proof().is_some_and(|proof| proof.id < request.id)
                && charge.ended_by().is_none_or(|end| end > request.id)
        });
        if let Some(answer) = view.answer(request).filter(|_| !is_busy && !is_taken(view, request)) {
            case.broken(
                &[request.id, answer.id],
                both!("空闲时拒绝了计费模型", "refuses a tariff though nobody charges"),
            );
        }
    }
}

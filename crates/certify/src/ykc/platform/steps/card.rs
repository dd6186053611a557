//! Starts that a pile asks for: a swiped card, a car's VIN.

use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::wire::{Code, Quantity, is_decimal};
use voltapile_protocol::ykc::code::{ConnectorState, Outcome, StartRefusal, StartSource};
use voltapile_protocol::ykc::field::ConnectorNumber;
use voltapile_protocol::ykc::message::{Message, RealtimeReport, StartRequest, StartResponse, TransactionRecord};

use super::checks;
use crate::check::Check;
use crate::exam::ConnectionId;
use crate::trace::EntryId;
use crate::ykc::platform::desk::Desk;
use crate::ykc::platform::plan::{Phase, Step};
use crate::ykc::platform::say;

checks! {
    ANSWERED = "platform.card.answered",
        "刷卡申请 0x31 在 10 秒内得到 0x32 应答" / "a card's start 0x31 is answered with 0x32 within 10 s", "V1.6 §8.2";
    NAMES = "platform.card.names",
        "0x32 的序列号、桩编号和枪号与 0x31 相同" / "0x32 repeats the sequence number, the pile and the connector of 0x31",
        "V1.6 §8.2";
    UNKNOWN = "platform.card.unknown_refused",
        "未知的卡被拒绝，并给出失败原因" / "an unknown card is refused, with a reason", "V1.6 §8.2";
    VIN = "platform.card.unknown_vin_refused",
        "未知的 VIN 被拒绝，并给出失败原因" / "an unknown VIN is refused, with a reason", "V1.6 §8.2";
    KNOWN = "platform.card.accepted",
        "已登记的卡允许充电" / "a known card may charge", "V1.6 §8.2";
    NUMBER = "platform.card.transaction_number",
        "允许充电的 0x32 带有非零的交易流水号（BCD）" / "a 0x32 that allows the start carries a transaction number of digits, not zero",
        "V1.6 §8.2";
    BALANCE = "platform.card.balance",
        "允许充电的 0x32 带有账户余额（大于 0，小于 1000 万元）"
            / "a 0x32 that allows the start carries the account's balance (above 0, below 10 million yuan)",
        "V1.6 §8.2：2 位小数，低字节在前；用完即停 / V1.6 §8.2: 2 decimals, low byte first; piles stop when it is used up";
    ORDER = "platform.card.record",
        "该次充电的交易记录得到 0x40 确认" / "the record of that charge is acknowledged with 0x40", "V1.6 §8.9";
}

/// A balance that no card has: 10 million yuan in fen. One read high byte first is far above.
const BALANCE_MAX: u64 = 1_000_000_000;

pub(super) static STEP: Step = Step {
    zh: "刷卡与 VIN 启动",
    en: "Card and VIN starts",
    checks: CHECKS,
    phases: &[
        Phase::logged_in(swipe_unknown, judge_unknown),
        Phase::logged_in(|desk, line| desk.ask(line, say::vin_start(desk.options.pile_code)), judge_vin),
        Phase::logged_in(swipe_known, judge_known),
        Phase::logged_in(charge_and_bill, judge_bill).within(30),
    ],
};

fn plug(desk: &mut Desk, line: ConnectionId) {
    let plugged = desk.frame(line, say::plugged(desk.options.pile_code));
    desk.tell(line, &plugged);
}

fn swipe_unknown(desk: &mut Desk, line: ConnectionId) {
    plug(desk, line);
    desk.ask(line, say::card_start(desk.options.pile_code, desk.options.unknown_card));
}

fn judge_unknown(desk: &mut Desk) {
    let swipe = desk.last();
    if !desk.is_answered(&ANSWERED, swipe) {
        return;
    }
    desk.repeats_sequence(&NAMES, swipe);
    desk.repeats(&NAMES, swipe, |body| body.get(0..8), |body| body.get(16..24));
    judge_refusal(desk, &UNKNOWN);
}

fn judge_vin(desk: &mut Desk) {
    if desk.last().and_then(|ask| desk.asked(ask)?.answer()).is_none() {
        desk.is_answered(&VIN, desk.last());
        return;
    }
    judge_refusal(desk, &VIN);
}

fn judge_refusal(desk: &mut Desk, check: &'static Check) {
    let Some((evidence, answer)) = answer(desk) else { return };
    let reason = reason(answer.fail_reason);
    let StartResponse { auth_result, fail_reason, .. } = answer;
    match auth_result {
        Outcome::Failed if fail_reason != StartRefusal::None => {
            let note = Bilingual::new(format!("被拒绝：{}", reason.zh), format!("refused: {}", reason.en));
            desk.pass(check, note, evidence);
        }
        Outcome::Failed => {
            let note = Bilingual::new("被拒绝，但失败原因是 0", "refused, but the reason is 0");
            desk.fail(check, note, evidence);
        }
        result => {
            let number = result.number();
            let note = Bilingual::new(
                format!("应被拒绝（鉴权标志 0），鉴权标志却是 {number}"),
                format!("a refusal (result 0) was due, the result is {number}"),
            );
            desk.fail(check, note, evidence);
        }
    }
}

fn swipe_known(desk: &mut Desk, line: ConnectionId) {
    let Some(card) = desk.options.known_card else { return };
    plug(desk, line);
    desk.ask(line, say::card_start(desk.options.pile_code, card));
}

fn judge_known(desk: &mut Desk) {
    if desk.options.known_card.is_none() {
        for check in [&KNOWN, &NUMBER, &BALANCE, &ORDER] {
            desk.unseen(check, "没有给出可以充电的卡（--card）", "no card that may charge was given (--card)");
        }
        return;
    }
    let Some((evidence, answer)) = answer(desk) else {
        desk.is_answered(&KNOWN, desk.last());
        return;
    };
    if answer.auth_result != Outcome::Succeeded {
        let reason = reason(answer.fail_reason);
        return desk.unseen(
            &KNOWN,
            format!("平台拒绝了给出的卡：{}", reason.zh),
            format!("the platform refused the card that was given: {}", reason.en),
        );
    }
    desk.pass(&KNOWN, Bilingual::new("允许充电", "the card may charge"), evidence.clone());
    judge_number(desk, &answer, evidence.clone());
    judge_balance(desk, &answer, evidence);
    desk.facts.order = Some(answer.transaction_number);
}

fn judge_number(desk: &mut Desk, answer: &StartResponse, evidence: Vec<EntryId>) {
    let number = answer.transaction_number;
    let note = Bilingual::new(format!("交易流水号 {number}"), format!("transaction number {number}"));
    if is_decimal(&number.0) && !number.is_zero() {
        desk.pass(&NUMBER, note, evidence);
    } else {
        desk.fail(&NUMBER, note, evidence);
    }
}

fn judge_balance(desk: &mut Desk, answer: &StartResponse, evidence: Vec<EntryId>) {
    let fen = answer.account_balance.raw();
    let yuan = format!("{}.{:02}", fen / 100, fen % 100);
    let note = Bilingual::new(format!("余额 {yuan} 元"), format!("a balance of {yuan} yuan"));
    if (1..BALANCE_MAX).contains(&fen) {
        desk.pass(&BALANCE, note, evidence);
    } else {
        desk.fail(&BALANCE, note, evidence);
    }
}

/// A charge in a moment: it runs, it ends, its bill comes.
fn charge_and_bill(desk: &mut Desk, line: ConnectionId) {
    let (Some(order), Some(card)) = (desk.facts.order, desk.options.known_card) else { return };
    let pile = desk.options.pile_code;
    let charging = say::charging(pile, order);
    let ended = RealtimeReport { connector_state: ConnectorState::Idle, ..charging.clone() };
    for report in [charging, ended, say::idle(pile, ConnectorNumber(1))] {
        let frame = desk.frame(line, report);
        desk.tell(line, &frame);
    }
    let bill = say::record(desk, order);
    desk.ask(line, TransactionRecord { start_source: StartSource::Card, physical_card_number: card, ..bill });
}

fn judge_bill(desk: &mut Desk) {
    if desk.facts.order.is_some() && desk.is_answered(&ORDER, desk.last()) {
        desk.repeats(&ORDER, desk.last(), |body| body.get(..16), |body| body.get(..16));
    }
}

/// The answer to the phase's last question, which was a start.
fn answer(desk: &Desk) -> Option<(Vec<EntryId>, StartResponse)> {
    let asked = desk.asked(desk.last()?).filter(|asked| asked.frame_type == StartRequest::CODE)?;
    match asked.answer()?.message()? {
        Message::StartResponse(answer) => Some((asked.evidence(), answer)),
        _ => None,
    }
}

fn reason(reason: StartRefusal) -> Bilingual {
    match reason.entry() {
        Some(entry) => Bilingual::new(entry.zh, entry.en),
        None => Bilingual::new(format!("未知原因 {}", reason.number()), format!("unknown reason {}", reason.number())),
    }
}

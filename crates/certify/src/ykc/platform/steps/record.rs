//! Transaction records: the message that must never be lost.

use std::time::Duration;

use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::inspect::text::spaced;
use voltapile_protocol::wire::Code;
use voltapile_protocol::ykc::code::ConfirmResult;
use voltapile_protocol::ykc::message::{Message, TransactionRecordConfirm};

use super::{checks, greet_with_login, greet_with_nothing};
use crate::check::Check;
use crate::exam::ConnectionId;
use crate::ykc::platform::asked::AskId;
use crate::ykc::platform::desk::Desk;
use crate::ykc::platform::judge::span;
use crate::ykc::platform::plan::{Phase, Step};
use crate::ykc::platform::say;

checks! {
    ANSWERED = "platform.record.acknowledged",
        "交易记录 0x3B 在 30 秒内得到 0x40 确认" / "a transaction record 0x3B is acknowledged with 0x40 within 30 s", "V1.6 §8.9";
    PROMPT = "platform.record.prompt",
        "0x40 在 10 秒内到达" / "0x40 comes within 10 s", "现场：有的固件每 10 秒发一次，3 次后丢弃记录 / practice: firmware that sends a record 3 times, 10 s apart, then drops it";
    NUMBER = "platform.record.number",
        "0x40 的交易流水号与 0x3B 逐字节相同" / "0x40 repeats the transaction number byte for byte", "V1.6 §8.10";
    SEQUENCE = "platform.record.sequence",
        "0x40 的序列号与 0x3B 相同" / "0x40 repeats the sequence number of 0x3B", "V1.6 §3.2";
    RESULT = "platform.record.result",
        "0x40 的结果字节是 0（上传成功）或 1（非法账单）" / "the result byte of 0x40 is 0 (uploaded) or 1 (illegal)",
        "V1.6 §8.10；现场：有的平台写成字符 '0'（0x30） / V1.6 §8.10; practice: some write the character '0' (0x30)";
    OFFLINE = "platform.record.offline",
        "桩自编流水号的离线交易记录被接收（结果 0）" / "the record of an offline charge, with a number that the pile made, is taken (result 0)",
        "V1.6 §8.9；现场：被判非法后有的固件一直重发 / V1.6 §8.9; practice: firmware that keeps sending what is called illegal";
    DUPLICATE = "platform.record.duplicate",
        "重复上送的记录再次得到相同的确认" / "a record that comes again is acknowledged again, with the same result",
        "V1.6 §8.9：桩最多发送 3 次 / V1.6 §8.9: piles send a record up to 3 times";
    BURST = "platform.record.burst",
        "一个数据包里的三条记录各自得到确认" / "three records in one packet are acknowledged each", "现场：断网恢复后集中补传 / practice: stored records after an outage";
    RECONNECT = "platform.record.before_tariff",
        "重连登录后、验证计费模型之前补传的记录得到确认"
            / "a record that comes right after the login, before the tariff is asked for, is acknowledged",
        "V1.6 §6：上电后的顺序 / V1.6 §6: order after power-on";
    EARLY = "platform.record.before_login",
        "登录前上送的记录得到确认，或登录后再次上送时得到确认"
            / "a record that comes before the login is acknowledged, or is acknowledged when it comes again after it",
        "现场：平台重启后桩仍以为在线 / practice: piles that think they are online after a platform's restart";
}

/// A pile sends a record again after this time.
const PROMPT_WITHIN: Duration = Duration::from_secs(10);
/// Time to log in, for the phases that only do that.
const LOGIN_WITHIN_S: u64 = 10;

pub(super) static STEP: Step = Step {
    zh: "交易记录",
    en: "Transaction records",
    checks: CHECKS,
    phases: &[
        Phase::logged_in(send_one, judge_one).within(30),
        Phase::logged_in(send_it_again, judge_again).within(30),
        Phase::logged_in(send_three, |desk| all_acknowledged(desk, &BURST)).within(30),
        Phase::free(reconnect, |_| {}).within(LOGIN_WITHIN_S),
        Phase::logged_in(send_one, |desk| all_acknowledged(desk, &RECONNECT)).within(30),
        Phase::free(dial_anew, |_| {}).within(LOGIN_WITHIN_S),
        Phase::free(send_before_login, |_| {}).within(2),
        Phase::free(log_in_there, |_| {}).within(LOGIN_WITHIN_S),
        Phase::logged_in(send_early_again, judge_early).within(30),
    ],
};

fn send_one(desk: &mut Desk, line: ConnectionId) {
    let number = say::own_number(desk);
    let record = say::record(desk, number);
    desk.ask(line, record);
}

fn judge_one(desk: &mut Desk) {
    let record = desk.nth(0);
    if !desk.is_answered(&ANSWERED, record) {
        return;
    }
    desk.repeats(&NUMBER, record, |body| body.get(..16), |body| body.get(..16));
    desk.repeats_sequence(&SEQUENCE, record);
    let Some(asked) = record.and_then(|record| desk.asked(record)) else { return };
    let Some(heard) = asked.answer() else { return };
    let (took, evidence) = (heard.at.since(asked.at), asked.evidence());
    let note = Bilingual::new(format!("{} 后收到 0x40", span(took)), format!("0x40 came after {}", span(took)));
    match took <= PROMPT_WITHIN {
        true => desk.pass(&PROMPT, note, evidence.clone()),
        false => desk.fail(&PROMPT, note, evidence.clone()),
    }
    let Some(result) = result(desk, record) else { return };
    let number = result.number();
    let note = Bilingual::new(format!("结果字节为 0x{number:02X}"), format!("the result byte is 0x{number:02X}"));
    match result {
        ConfirmResult::Uploaded => {
            desk.pass(&RESULT, note.clone(), evidence.clone());
            desk.pass(&OFFLINE, note, evidence);
        }
        ConfirmResult::Illegal => {
            desk.pass(&RESULT, note, evidence);
            desk.unseen(
                &OFFLINE,
                "平台判为非法账单：可能不接受离线充电",
                "the platform calls it illegal: perhaps it takes no offline charges",
            );
        }
        ConfirmResult::Unknown(_) => desk.fail(&RESULT, note, evidence),
    }
}

/// The record of the phase before, with a number of its own in the header.
fn send_it_again(desk: &mut Desk, line: ConnectionId) {
    if let Some(record) = desk.last_record() {
        let frame = desk.frame(line, record);
        desk.ask_bytes(line, &frame);
    }
}

fn judge_again(desk: &mut Desk) {
    let again = desk.nth(0);
    if !is_acknowledged(desk, &DUPLICATE, again) {
        return;
    }
    let first = again.and_then(|AskId(again)| again.checked_sub(1)).map(AskId);
    let (Some(before), Some(now)) = (result(desk, first), result(desk, again)) else { return };
    if before != now {
        let evidence = again.and_then(|again| desk.asked(again)).map(|asked| asked.evidence()).unwrap_or_default();
        let (before, now) = (before.number(), now.number());
        let note = Bilingual::new(
            format!("第一次结果为 {before}，重复上送时却为 {now}"),
            format!("the result was {before} at first, and {now} when the record came again"),
        );
        desk.fail(&DUPLICATE, note, evidence);
    }
}

fn send_three(desk: &mut Desk, line: ConnectionId) {
    let mut packet = Vec::new();
    for _ in 0..3 {
        let number = say::own_number(desk);
        let record = say::record(desk, number);
        let frame = desk.frame(line, record);
        desk.note(line, &frame, Duration::ZERO, true);
        packet.extend(frame);
    }
    desk.put(line, &packet);
}

fn reconnect(desk: &mut Desk) {
    if let Some(line) = desk.main() {
        desk.close(line);
        desk.dial(greet_with_login);
    }
}

fn dial_anew(desk: &mut Desk) {
    if let Some(line) = desk.main() {
        desk.close(line);
        desk.dial(greet_with_nothing);
    }
}

fn send_before_login(desk: &mut Desk) {
    let Some(line) = desk.newest_line().filter(|line| desk.is_open(*line) && desk.main().is_none()) else { return };
    let number = say::own_number(desk);
    let record = say::record(desk, number);
    let frame = desk.frame(line, record.clone());
    desk.ask_bytes(line, &frame);
    desk.facts.early_record = desk.last().map(|ask| (ask, record));
}

fn log_in_there(desk: &mut Desk) {
    if let Some(line) = desk.newest_line().filter(|line| desk.is_open(*line) && desk.main().is_none()) {
        greet_with_login(desk, line);
    }
}

fn send_early_again(desk: &mut Desk, line: ConnectionId) {
    let Some((early, record)) = desk.facts.early_record.clone() else { return };
    if desk.asked(early).is_some_and(|asked| asked.answers.is_empty()) {
        desk.ask(line, record);
    }
}

fn judge_early(desk: &mut Desk) {
    let Some((early, _)) = desk.facts.early_record.clone() else { return };
    if desk.asked(early).is_some_and(|asked| !asked.answers.is_empty()) {
        if !is_acknowledged(desk, &EARLY, Some(early)) {
            return;
        }
        let evidence = desk.asked(early).map(|asked| asked.evidence()).unwrap_or_default();
        let note = Bilingual::new("登录前就得到确认", "it was acknowledged before the login");
        return desk.pass(&EARLY, note, evidence);
    }
    is_acknowledged(desk, &EARLY, desk.nth(0));
}

/// The rule that all records of the phase are acknowledged, each with its own number.
pub(super) fn all_acknowledged(desk: &mut Desk, check: &'static Check) {
    for ask in desk.asks() {
        is_acknowledged(desk, check, Some(ask));
    }
}

/// The rule that a record is acknowledged, and with its own number.
fn is_acknowledged(desk: &mut Desk, check: &'static Check, ask: Option<AskId>) -> bool {
    if !desk.is_answered(check, ask) {
        return false;
    }
    let Some(asked) = ask.and_then(|ask| desk.asked(ask)) else { return false };
    let Some(heard) = asked.answer() else { return false };
    let (expected, seen) = (asked.body.get(..16), heard.body.get(..16));
    if expected == seen {
        return true;
    }
    let (expected, seen) = (spaced(expected.unwrap_or_default()), spaced(seen.unwrap_or_default()));
    let evidence = asked.evidence();
    let note = Bilingual::new(
        format!("0x40 的交易流水号应为 {expected}，却是 {seen}"),
        format!("0x40 should carry {expected}, but carries {seen}"),
    );
    desk.fail(check, note, evidence);
    false
}

fn result(desk: &Desk, ask: Option<AskId>) -> Option<ConfirmResult> {
    match desk.asked(ask?)?.answer()?.message()? {
        Message::TransactionRecordConfirm(TransactionRecordConfirm { confirm_result, .. }) => Some(confirm_result),
        _ => None,
    }
}

//! Logging in.

use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::ykc::code::LoginResult;
use voltapile_protocol::ykc::message::{LoginResponse, Message};

use super::{checks, greet_with_login, probe};
use crate::exam::ConnectionId;
use crate::ykc::platform::asked::AskId;
use crate::ykc::platform::desk::Desk;
use crate::ykc::platform::judge::EVIDENCE_MAX;
use crate::ykc::platform::plan::{Phase, Step};
use crate::ykc::platform::say;

checks! {
    ANSWERED = "platform.login.answered",
        "登录 0x01 在 10 秒内得到 0x02 应答" / "a login 0x01 is answered with 0x02 within 10 s", "V1.6 §6.1";
    ACCEPTED = "platform.login.accepted",
        "已登记的桩登录成功（0x02 结果为 0）" / "a registered pile is let in (result 0 in 0x02)", "V1.6 §6.1";
    SEQUENCE = "platform.login.sequence",
        "0x02 的序列号与 0x01 相同" / "0x02 repeats the sequence number of 0x01", "V1.6 §3.2";
    PILE_CODE = "platform.login.pile_code",
        "0x02 中的桩编码与 0x01 相同" / "0x02 names the pile of 0x01", "V1.6 §6.2";
    AGAIN = "platform.login.again",
        "同一连接上重复登录再次得到成功应答，连接保持" / "a repeated login on the same connection is accepted again, and the connection goes on",
        "现场：桩以为登录丢失时会重发 / practice: piles repeat a login they think lost";
    EARLY = "platform.login.after_early_frame",
        "登录前收到其他报文后，仍能登录（或断开连接让桩重连）"
            / "after a frame that came before the login, the pile can still log in (or is disconnected, so that it dials again)",
        "现场：平台重启后桩仍以为在线 / practice: piles that think they are online after a platform's restart";
    UNKNOWN = "platform.login.unknown_pile",
        "未登记的桩不能登录：拒绝、不应答或断开" / "a pile that is not registered is not let in: refused, ignored or disconnected",
        "V1.6 §6.1";
}

pub(super) static STEP: Step = Step {
    zh: "登录",
    en: "Login",
    checks: CHECKS,
    phases: &[
        Phase::free(|desk| desk.dial(greet_with_login), judge_login),
        Phase::logged_in(log_in_again, judge_again).settling(),
        Phase::free(dial_again, judge_early),
        Phase::free(|desk| desk.dial(greet_as_unknown), judge_unknown),
    ],
};

fn judge_login(desk: &mut Desk) {
    let login = desk.nth(0);
    if login.is_none() {
        let note = Bilingual::new("无法连接到平台", "the platform could not be connected to");
        return desk.fail(&ANSWERED, note, Vec::new());
    }
    if !desk.is_answered(&ANSWERED, login) {
        return;
    }
    desk.repeats_sequence(&SEQUENCE, login);
    desk.names_pile(&PILE_CODE, login);
    let evidence = login.and_then(|login| desk.asked(login)).map(|asked| asked.evidence()).unwrap_or_default();
    match login.and_then(|login| result(desk, login)) {
        Some(LoginResult::Accepted) => {
            desk.pass(&ACCEPTED, Bilingual::new("登录成功", "the pile is logged in"), evidence);
        }
        Some(result) => {
            let code = u8::from(result != LoginResult::Accepted);
            let note = Bilingual::new(
                format!("平台拒绝登录（结果 {code}）：这个桩编号登记了吗？"),
                format!("the platform refused the login (result {code}): is the pile code registered there?"),
            );
            desk.fail(&ACCEPTED, note, evidence);
        }
        None => {
            let note = Bilingual::new("0x02 的消息体太短", "the body of 0x02 is too short");
            desk.fail(&ACCEPTED, note, evidence);
        }
    }
}

fn log_in_again(desk: &mut Desk, line: ConnectionId) {
    desk.ask(line, say::login(desk.options.pile_code));
    probe(desk, line);
}

fn judge_again(desk: &mut Desk) {
    let Some(login) = desk.nth(0) else { return };
    desk.repeats_sequence(&SEQUENCE, Some(login));
    match result(desk, login) {
        Some(LoginResult::Accepted) => desk.goes_on(&AGAIN),
        Some(_) => {
            let evidence = desk.asked(login).map(|asked| asked.evidence()).unwrap_or_default();
            let note = Bilingual::new("平台拒绝了重复登录", "the platform refused the repeated login");
            desk.fail(&AGAIN, note, evidence);
        }
        None => {
            desk.is_answered(&AGAIN, Some(login));
        }
    }
}

/// The connection before is ended first: what the platform makes of two is another rule.
fn dial_again(desk: &mut Desk) {
    if let Some(line) = desk.main() {
        desk.close(line);
    }
    desk.dial(greet_too_early);
}

fn greet_too_early(desk: &mut Desk, line: ConnectionId) {
    let early = say::heartbeat(desk.options.pile_code, 1);
    let early = desk.frame(line, early);
    desk.tell(line, &early);
    greet_with_login(desk, line);
}

fn judge_early(desk: &mut Desk) {
    let Some((login, line)) = desk.last().and_then(|ask| Some((ask, desk.asked(ask)?.line))) else { return };
    let evidence = desk.phase_entries(line, EVIDENCE_MAX);
    match result(desk, login) {
        Some(LoginResult::Accepted) => {
            desk.pass(&EARLY, Bilingual::new("随后登录成功", "the login that followed was accepted"), evidence);
        }
        None if !desk.is_open(line) => {
            desk.pass(&EARLY, Bilingual::new("平台断开了连接", "the platform closed the connection"), evidence);
        }
        _ => {
            let note = Bilingual::new(
                "随后的登录没有成功，连接也没有断开：桩会一直等待",
                "the login that followed was not accepted and the connection stayed: the pile would wait for ever",
            );
            desk.fail(&EARLY, note, evidence);
        }
    }
}

fn greet_as_unknown(desk: &mut Desk, line: ConnectionId) {
    let login = say::login(desk.options.unknown_pile);
    let login = desk.frame(line, login);
    desk.tell(line, &login);
    desk.awaits_end_of = Some(line);
}

fn judge_unknown(desk: &mut Desk) {
    let Some((login, line)) = desk.last().and_then(|ask| Some((ask, desk.asked(ask)?.line))) else { return };
    let evidence = desk.phase_entries(line, EVIDENCE_MAX);
    match result(desk, login) {
        Some(LoginResult::Accepted) => {
            let pile = desk.options.unknown_pile;
            let note = Bilingual::new(
                format!("未登记的桩 {pile} 登录成功"),
                format!("the pile {pile}, which is not registered, was let in"),
            );
            desk.fail(&UNKNOWN, note, evidence);
        }
        Some(_) => desk.pass(&UNKNOWN, Bilingual::new("平台拒绝登录", "the platform refused the login"), evidence),
        None => {
            desk.pass(&UNKNOWN, Bilingual::new("平台没有应答登录", "the platform did not answer the login"), evidence)
        }
    }
    desk.close(line);
}

/// What 0x02 says; `None` where none came.
fn result(desk: &Desk, login: AskId) -> Option<LoginResult> {
    match desk.asked(login)?.answer()?.message()? {
        Message::LoginResponse(LoginResponse { login_result, .. }) => Some(login_result),
        _ => None,
    }
}

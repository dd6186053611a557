//! Several connections of one pile, several piles on one connection.

use std::time::Duration;

use voltapile_protocol::inspect::lang::Bilingual;

use super::{checks, greet_with_login, probe};
use crate::exam::ConnectionId;
use crate::ykc::platform::desk::Desk;
use crate::ykc::platform::judge::EVIDENCE_MAX;
use crate::ykc::platform::plan::{Phase, Step};
use crate::ykc::platform::say;

checks! {
    SECOND = "platform.session.second_connection",
        "同一个桩的新连接可以登录（旧连接可能已经半开）"
            / "a new connection of a pile that is connected is let in (the old one may be half open)",
        "现场：断电的桩不会关闭连接 / practice: a pile that lost power does not close its connection";
    NEWEST = "platform.session.newest_wins",
        "此后新连接上的报文得到应答" / "from then on, frames on the new connection are answered", "现场 / practice";
    KEPT = "platform.session.old_end_harmless",
        "旧连接关闭不影响新连接" / "the end of the old connection does no harm to the new one",
        "现场：有的平台会因此把桩置为离线 / practice: platforms that then take the pile offline";
    RECONNECT = "platform.session.reconnect",
        "桩断开后立即重连可以登录" / "a pile that dials again at once is let in", "V1.6 §6.1";
    STORM = "platform.session.reconnect_storm",
        "连续快速重连五次后仍可登录" / "a pile that dials five times in a row is let in at last", "现场：移动网络不稳定 / practice: weak mobile networks";
    CONCENTRATOR = "platform.session.concentrator",
        "同一连接上可以登录第二个桩（集中器），两个桩的报文各自得到应答"
            / "a second pile can log in on the same connection (a concentrator), and both are answered",
        "V1.6 §2：多个桩可以共用一个连接 / V1.6 §2: several piles may share a connection";
}

pub(super) static STEP: Step = Step {
    zh: "多连接与集中器",
    en: "Connections",
    checks: CHECKS,
    phases: &[
        Phase::logged_in(dial_second, judge_second).settling(),
        Phase::answered(&NEWEST, probe),
        Phase::answered(&KEPT, end_old).settling(),
        Phase::free(reconnect, |desk| desk.all_answered(&RECONNECT)),
        Phase::free(reconnect, |_| {}),
        Phase::free(reconnect, |_| {}),
        Phase::free(reconnect, |_| {}),
        Phase::free(reconnect, |_| {}),
        Phase::free(reconnect, |desk| desk.all_answered(&STORM)).settling(),
        Phase::logged_in(add_pile, judge_added),
        Phase::logged_in(probe_both, judge_both),
    ],
};

fn dial_second(desk: &mut Desk, old: ConnectionId) {
    desk.facts.replaced = Some(old);
    desk.dial(greet_with_login);
}

fn judge_second(desk: &mut Desk) {
    let login = desk.last();
    if !desk.is_answered(&SECOND, login) {
        // Without the new one there is no old one.
        desk.facts.replaced = None;
        return;
    }
    let line = login.and_then(|login| desk.asked(login)).map(|asked| asked.line);
    if line != desk.main() {
        desk.facts.replaced = None;
        let evidence = line.map(|line| desk.phase_entries(line, EVIDENCE_MAX)).unwrap_or_default();
        let note = Bilingual::new(
            "新连接的登录被拒绝，或登录后被断开",
            "the login on the new connection was refused, or the connection was closed",
        );
        desk.fail(&SECOND, note, evidence);
    }
}

/// Ends the old connection, if the platform has not, and asks on the new one a moment later.
fn end_old(desk: &mut Desk, new: ConnectionId) {
    const LATER: Duration = Duration::from_millis(300);
    let Some(old) = desk.facts.replaced.filter(|old| *old != new) else { return };
    desk.close(old);
    let (heartbeat, verify) = (say::heartbeat(desk.options.pile_code, 1), say::verify(desk.options.pile_code, [0, 0]));
    for frame in [desk.frame(new, verify), desk.frame(new, heartbeat)] {
        desk.note(new, &frame, LATER, true);
        desk.put_later(new, LATER, &frame);
    }
}

fn reconnect(desk: &mut Desk) {
    if let Some(line) = desk.main() {
        desk.close(line);
        desk.dial(greet_with_login);
    }
}

fn add_pile(desk: &mut Desk, line: ConnectionId) {
    if let Some(second) = desk.options.second_pile {
        desk.ask(line, say::login(second));
    }
}

fn judge_added(desk: &mut Desk) {
    if desk.options.second_pile.is_none() {
        return desk.unseen(
            &CONCENTRATOR,
            "没有给出第二个桩（--second-pile）",
            "no second pile was given (--second-pile)",
        );
    }
    desk.is_answered(&CONCENTRATOR, desk.nth(0));
}

fn probe_both(desk: &mut Desk, line: ConnectionId) {
    if let Some(second) = desk.options.second_pile {
        probe(desk, line);
        desk.ask(line, say::heartbeat(second, 1));
    }
}

fn judge_both(desk: &mut Desk) {
    for ask in desk.asks() {
        if desk.is_answered(&CONCENTRATOR, Some(ask)) {
            desk.names_pile(&CONCENTRATOR, Some(ask));
        }
    }
}

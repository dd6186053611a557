//! Login.

use voltapile_protocol::ykc::code::{LoginResult, PileType};
use voltapile_protocol::ykc::message::Message;

use super::{Rule, rule};
use crate::case::{Case, both, seconds};
use crate::exam::ConnectionId;
use crate::trace::EntryId;
use crate::ykc::pile::tolerance::{IN_FLIGHT, RECONNECT};
use crate::ykc::pile::view::{Seen, View};

pub(super) static RULES: &[Rule] = &[
    rule(
        "pile.login.first",
        "每次连接后先发登录帧 0x01",
        "0x01 is the first frame of every connection",
        "V1.6 §6.1",
        first,
    ),
    rule("pile.login.waits", "收到 0x02 之前不发送其他帧", "nothing else is sent before 0x02 came", "V1.6 §6.1", waits),
    rule(
        "pile.login.fields",
        "登录帧中的桩类型、枪数、桩编号有效",
        "type, connector count and pile code of the login make sense",
        "V1.6 §6.1",
        fields,
    ),
    rule(
        "pile.login.stable",
        "每次登录报告的桩类型和枪数一致",
        "every login tells the same type and connector count",
        "V1.6 §6.1",
        stable,
    ),
    rule(
        "pile.login.refused",
        "登录被拒绝后不继续工作",
        "after a refused login the pile does not work on",
        "V1.6 §6.2; OQ-29",
        refused,
    ),
    rule(
        "pile.login.tries_again",
        "登录被拒绝后会再次登录",
        "after a refused login the pile tries again",
        "V1.6 §6",
        tries_again,
    ),
];

/// Connectors that one pile can have: the number has two digits.
const CONNECTORS_MAX: u8 = 99;

fn first(view: &View<'_>, case: &mut Case) {
    for link in view.lines.iter().filter(|link| view.saw_begin(link)) {
        let mut frames =
            view.frames.iter().filter(|seen| seen.connection == link.connection && seen.is_up() && seen.holds);
        let Some(first) = frames.next() else { continue };
        let code = first.frame_type;
        case.holds(code == 0x01, &[first.id], || {
            both!("第一帧是 0x{code:02X}，不是 0x01", "the first frame is 0x{code:02X}, not 0x01")
        });
    }
}

fn waits(view: &View<'_>, case: &mut Case) {
    for link in &view.lines {
        let Some(login) = view.logins().map(|(seen, _)| seen).find(|seen| seen.connection == link.connection) else {
            continue;
        };
        let answer = link.logged_in.map(|(_, id)| id);
        let early = view.up().find(|seen| {
            seen.connection == link.connection
                && seen.id > login.id
                && answer.is_none_or(|answer| seen.id < answer)
                && seen.frame_type != 0x01
                && !came_after_refusal(view, seen.connection, seen.id)
        });
        match early {
            Some(early) => {
                let code = early.frame_type;
                case.broken(
                    &[login.id, early.id],
                    both!("登录尚未被接受就发送 0x{code:02X}", "sends 0x{code:02X} before its login was taken"),
                );
            }
            None => case.followed(&[login.id]),
        }
    }
}

/// What comes after a refusal is judged by [`refused`].
fn came_after_refusal(view: &View<'_>, connection: ConnectionId, id: EntryId) -> bool {
    refusals(view).any(|refusal| refusal.connection == connection && refusal.id < id)
}

fn refusals<'v>(view: &'v View<'_>) -> impl Iterator<Item = &'v Seen<'v>> {
    view.down().filter(|seen| match &seen.message {
        Some(Message::LoginResponse(answer)) => answer.login_result == LoginResult::Refused,
        _ => false,
    })
}

fn fields(view: &View<'_>, case: &mut Case) {
    for (seen, login) in view.logins() {
        let count = login.connector_count;
        let is_decimal = login.pile_code.0.iter().all(|byte| byte >> 4 < 10 && byte & 0xF < 10);
        let has_type = matches!(login.pile_type, PileType::Dc | PileType::Ac);
        let makes_sense =
            has_type && (1..=CONNECTORS_MAX).contains(&count) && is_decimal && login.pile_code.0 != [0; 7];
        let (code, kind) = (login.pile_code, login.pile_type);
        case.holds(makes_sense, &[seen.id], || {
            both!("桩编号 {code}，类型 {kind:?}，枪数 {count}", "pile code {code}, type {kind:?}, {count} connectors")
        });
    }
}

fn stable(view: &View<'_>, case: &mut Case) {
    let Some((first, told)) = view.logins().next() else { return };
    for (seen, login) in view.logins().skip(1) {
        let is_same = (login.pile_type, login.connector_count) == (told.pile_type, told.connector_count);
        case.holds(is_same, &[first.id, seen.id], || {
            both!("两次登录的桩类型或枪数不同", "two logins tell different types or connector counts")
        });
    }
}

fn refused(view: &View<'_>, case: &mut Case) {
    for refusal in refusals(view) {
        let working = view.up().filter(|seen| {
            seen.connection == refusal.connection && seen.id > refusal.id && seen.at > refusal.at + IN_FLIGHT
        });
        let mut later = working.filter(|seen| seen.frame_type != 0x01);
        match later.find(|seen| !was_taken_since(view, refusal, seen)) {
            Some(seen) => {
                let code = seen.frame_type;
                case.broken(
                    &[refusal.id, seen.id],
                    both!("登录被拒绝后仍发送 0x{code:02X}", "sends 0x{code:02X} though its login was refused"),
                );
            }
            None => case.followed(&[refusal.id]),
        }
    }
}

/// Whether a login was taken between a refusal and a frame.
fn was_taken_since(view: &View<'_>, refusal: &Seen<'_>, seen: &Seen<'_>) -> bool {
    view.line(seen.connection)
        .and_then(|link| link.logged_in)
        .is_some_and(|(_, taken)| taken > refusal.id && taken < seen.id)
}

fn tries_again(view: &View<'_>, case: &mut Case) {
    for refusal in refusals(view) {
        match view.logins().map(|(seen, _)| seen).find(|seen| seen.id > refusal.id) {
            Some(login) => case.took(login.at.since(refusal.at), RECONNECT, &[refusal.id, login.id]),
            None if view.until.since(refusal.at) > RECONNECT.bearable => {
                let bound = seconds(RECONNECT.bearable);
                case.broken(&[refusal.id], both!("{bound} 秒内没有再登录", "no further login within {bound} s"));
            }
            None => {}
        }
    }
}

//! Heartbeats.

use voltapile_protocol::ykc::code::ConnectorHealth;
use voltapile_protocol::ykc::message::{HeartbeatRequest, Message};

use super::{Rule, rule};
use crate::case::{Case, both, seconds};
use crate::exam::talk::Line;
use crate::ykc::pile::tolerance::{DEAD_LINK, HEARTBEAT, SURVIVES};
use crate::ykc::pile::view::{Seen, View};

pub(super) static RULES: &[Rule] = &[
    rule(
        "pile.heartbeat.period",
        "登录后每 10 秒一次心跳 0x03（多枪桩可轮流）",
        "0x03 comes every 10 s after the login (connectors may take turns)",
        "V1.6 §6.3",
        period,
    ),
    rule(
        "pile.heartbeat.health",
        "心跳中的枪状态是 0 或 1",
        "the health in a heartbeat is 0 or 1",
        "V1.6 §6.3",
        health,
    ),
    rule(
        "pile.heartbeat.dead_link",
        "连续 3 次心跳无应答后重新登录",
        "after three heartbeats without an answer the pile logs in again",
        "V1.6 §6.3",
        dead_link,
    ),
];

/// Heartbeats without an answer that make a link dead.
const UNANSWERED: usize = 3;

fn period(view: &View<'_>, case: &mut Case) {
    for link in view.lines.iter() {
        let Some((logged_in, taken)) = link.logged_in else { continue };
        // Some firmware sends none before its tariff is settled.
        let settled = view.of_type(0x0A).chain(view.of_type(0x58)).chain(view.of_type(0x06));
        let settled = settled.filter(|seen| seen.connection == link.connection).map(|seen| seen.at).max();
        let mut last = (settled.unwrap_or(logged_in), taken);
        for seen in heartbeats(view, link) {
            let pause = seen.at.since(last.0);
            // Those of several connectors come together, and those before the tariff was settled are extra.
            if !pause.is_zero() || seen.at > last.0 {
                case.took(pause, HEARTBEAT, &[last.1, seen.id]);
            }
            last = (seen.at.max(last.0), seen.id);
        }
        let silence = link.until.since(last.0);
        if silence > HEARTBEAT.bearable && !is_refusing(view, link) {
            let silence = seconds(silence);
            case.broken(&[last.1], both!("{silence} 秒没有心跳", "no heartbeat for {silence} s"));
        }
    }
}

fn heartbeats<'v>(view: &'v View<'_>, link: &'v Line) -> impl Iterator<Item = &'v Seen<'v>> {
    view.of_type(HeartbeatRequest::CODE).filter(|seen| seen.connection == link.connection)
}

/// After a reboot or with a dead link a pile falls silent while its line still stands.
fn is_refusing(view: &View<'_>, link: &Line) -> bool {
    view.down().any(|seen| seen.connection == link.connection && seen.frame_type == 0x92)
}

fn health(view: &View<'_>, case: &mut Case) {
    for seen in view.of_type(HeartbeatRequest::CODE) {
        let Some(Message::HeartbeatRequest(heartbeat)) = &seen.message else { continue };
        let health = heartbeat.connector_health;
        let is_known = matches!(health, ConnectorHealth::Normal | ConnectorHealth::Fault);
        case.holds(is_known, &[seen.id], || both!("枪状态是 {health:?}", "the health is {health:?}"));
        if health == ConnectorHealth::Fault {
            case.remark(both!("心跳报告了故障", "a heartbeat tells of a fault"));
        }
    }
}

fn dead_link(view: &View<'_>, case: &mut Case) {
    for link in &view.lines {
        let beats: Vec<&Seen<'_>> = heartbeats(view, link).collect();
        let is_answered = |beat: &Seen<'_>| {
            view.of_type(0x04).any(|answer| {
                answer.connection == beat.connection && answer.id > beat.id && answer.at.since(beat.at) < SURVIVES
            })
        };
        let Some(first) = beats.iter().find(|beat| !is_answered(beat)) else { continue };
        let unanswered = beats.iter().filter(|beat| beat.id >= first.id);
        let answered_later = beats.iter().any(|beat| beat.id > first.id && is_answered(beat));
        if answered_later || unanswered.count() < UNANSWERED {
            continue;
        }
        let again = view.logins().map(|(seen, _)| seen).find(|login| login.id > first.id);
        match again {
            Some(login) => case.took(login.at.since(first.at), DEAD_LINK, &[first.id, login.id]),
            None if view.until.since(first.at) > DEAD_LINK.bearable => case.broken(
                &[first.id],
                both!(
                    "心跳一直没有应答，桩也没有重新登录",
                    "no heartbeat is answered, yet the pile does not log in again"
                ),
            ),
            None => {}
        }
    }
}

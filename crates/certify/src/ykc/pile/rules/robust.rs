//! What a pile bears with: bad frames, unknown types, cut and glued packets.

use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::message::layout;

use super::{Rule, rule};
use crate::case::{Case, both};
use crate::trace::EntryId;
use crate::ykc::pile::tolerance::{ANSWER, SURVIVES};
use crate::ykc::pile::view::{Seen, View};

pub(super) static RULES: &[Rule] = &[
    rule("pile.robust.bad_crc", "不处理 CRC 错误的帧", "a frame with a bad CRC is not acted on", "V1.6 §3.1", bad_crc),
    rule(
        "pile.robust.unknown_type",
        "收到未知帧类型后照常工作",
        "an unknown frame type disturbs nothing",
        "V1.6 §4",
        unknown_type,
    ),
    rule(
        "pile.robust.other_pile",
        "不处理发给别的桩的帧",
        "a frame for another pile is not acted on",
        "V1.6 §6",
        other_pile,
    ),
    rule(
        "pile.robust.split",
        "分两次到达的帧能正确处理",
        "a frame that arrives in two halves is taken",
        "V1.6 §3",
        |view, case| marked(view, "pile.robust.split", case),
    ),
    rule(
        "pile.robust.glued",
        "一次到达的两帧都能处理",
        "both of two frames that arrive together are taken",
        "V1.6 §3",
        |view, case| marked(view, "pile.robust.glued", case),
    ),
    rule(
        "pile.robust.one_at_a_time",
        "同一时刻只用一个连接",
        "the pile uses one connection at a time",
        "V1.6 §6",
        one_at_a_time,
    ),
];

fn bad_crc(view: &View<'_>, case: &mut Case) {
    for request in view.frames.iter().filter(|seen| !seen.is_up() && !seen.holds) {
        let obeyed = view.up().find(|seen| {
            seen.id > request.id
                && seen.connection == request.connection
                && seen.sequence == request.sequence
                && seen.answers() == Some(request.frame_type)
        });
        ignored(view, request, obeyed.map(|seen| seen.id), case);
    }
}

fn other_pile(view: &View<'_>, case: &mut Case) {
    let strange = view
        .frames
        .iter()
        .filter(|seen| !seen.is_up() && seen.holds && !view.is_about(seen) && seen.frame_type != 0x34);
    for request in strange {
        // A concentrator speaks for several piles, so what is known is no stranger.
        let is_known = view.frames.iter().any(|seen| seen.frame_type == 0x01 && seen.pile == request.pile);
        if is_known {
            continue;
        }
        let obeyed = view.frames.iter().filter(|seen| seen.is_up()).find(|seen| {
            seen.id > request.id
                && seen.connection == request.connection
                && seen.sequence == request.sequence
                && seen.answers() == Some(request.frame_type)
        });
        ignored(view, request, obeyed.map(|seen| seen.id), case);
    }
}

fn unknown_type(view: &View<'_>, case: &mut Case) {
    let is_unknown = |seen: &Seen<'_>| layout(seen.frame_type, seen.body.len(), Dialect::V16).is_none();
    for request in view.frames.iter().filter(|seen| !seen.is_up() && seen.holds && is_unknown(seen)) {
        ignored(view, request, None, case);
    }
}

/// A frame that a pile has to pass over: it was not obeyed, and the connection went on.
fn ignored(view: &View<'_>, request: &Seen<'_>, obeyed: Option<EntryId>, case: &mut Case) {
    if let Some(obeyed) = obeyed {
        return case.broken(&[request.id, obeyed], both!("桩处理了这一帧", "the pile acted on it"));
    }
    let link = view.line(request.connection);
    let hung_up = link.filter(|link| link.until.since(request.at) < SURVIVES).and_then(|link| link.closed);
    match hung_up {
        Some((closed, by)) if view.ended_by_pile(by) => {
            case.broken(&[request.id, closed], both!("之后连接断开", "the connection ended soon after"));
        }
        _ if view.lived(request.connection, request.at, SURVIVES) => case.followed(&[request.id]),
        _ => {}
    }
}

/// Requests that left in a special way are answered like any other.
fn marked(view: &View<'_>, rule: &str, case: &mut Case) {
    for request in view.marked(rule) {
        let in_time = |seen: &Seen<'_>| {
            view.answer(seen).filter(|answer| answer.at <= seen.at + ANSWER.bearable).map(|answer| answer.id)
        };
        // Where such a request is never answered, that is another check's.
        let mut others = view.of_type(request.frame_type).filter(|other| !view.is_marked(other));
        let is_known = others.any(|other| in_time(other).is_some());
        match in_time(request) {
            Some(answer) => case.followed(&[request.id, answer]),
            None if is_known && view.lived(request.connection, request.at, ANSWER.bearable) => {
                case.broken(&[request.id], both!("没有应答", "is not answered"));
            }
            None => {}
        }
    }
}

fn one_at_a_time(view: &View<'_>, case: &mut Case) {
    for link in view.lines.iter().filter(|link| link.logged_in.is_some()) {
        let Some((_, taken)) = link.logged_in else { continue };
        // The old connection may be half open when the pile dials anew; what counts is whether the pile still uses it.
        let newer = view.lines.iter().find(|newer| {
            newer.opened >= link.opened && newer.connection != link.connection && newer.logged_in.is_some()
        });
        let used = newer.and_then(|newer| newer.logged_in).and_then(|(at, newer)| {
            view.up().find(|seen| seen.connection == link.connection && seen.id > newer && seen.at > at + SURVIVES)
        });
        match used {
            Some(seen) => case.broken(&[taken, seen.id], both!("旧连接仍在使用", "the older connection is still used")),
            None => case.followed(&[taken]),
        }
    }
}

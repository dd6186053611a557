//! Frames as such: check sum, length, type, whom they name.

use voltapile_protocol::layout::Direction;
use voltapile_protocol::ykc::message::layout;
use voltapile_protocol::ykc::{CrcOrder, Dialect};

use super::{Rule, rule};
use crate::case::{Case, both};
use crate::exam::rule::nothing_between_frames;
use crate::ykc::pile::view::View;

pub(super) static RULES: &[Rule] = &[
    rule("pile.frame.crc", "桩发出的每一帧 CRC 都正确", "the CRC of every frame of the pile holds", "V1.6 §3.1", crc),
    rule("pile.frame.crc_order", "CRC 低字节在前", "the low byte of the CRC goes first", "V1.6 §3.1; OQ-01", crc_order),
    rule("pile.frame.no_junk", "帧与帧之间没有多余字节", "nothing stands between frames", "V1.6 §3.1", no_junk),
    rule(
        "pile.frame.length",
        "消息体长度不短于规范",
        "no body is shorter than the specification has it",
        "V1.6 §3.1",
        length,
    ),
    rule(
        "pile.frame.direction",
        "桩只发送上行帧类型",
        "the pile sends no frame type that belongs to platforms",
        "V1.6 §4",
        direction,
    ),
    rule(
        "pile.frame.pile_code",
        "每一帧的桩编号都在本连接上登录过",
        "every frame names a pile that logged in on its connection",
        "V1.6 §6",
        pile_code,
    ),
    rule(
        "pile.frame.connector",
        "枪号在 1 到登录帧的枪数之间",
        "connectors are numbered from 1 up to the count of the login",
        "V1.6 §2",
        connector,
    ),
];

fn crc(view: &View<'_>, case: &mut Case) {
    for seen in view.frames.iter().filter(|seen| seen.is_up()) {
        case.holds(seen.holds, &[seen.id], || both!("CRC 不正确", "the CRC holds in neither byte order"));
    }
}

fn crc_order(view: &View<'_>, case: &mut Case) {
    for seen in view.up() {
        case.holds(seen.crc_order == CrcOrder::LowFirst, &[seen.id], || {
            both!(
                "CRC 高字节在前：只认低字节在前的平台会丢弃这些帧",
                "the high byte goes first: platforms that know only the other order drop such frames"
            )
        });
    }
}

fn no_junk(view: &View<'_>, case: &mut Case) {
    nothing_between_frames(view, view.up().next().map(|first| first.id), case);
}

fn length(view: &View<'_>, case: &mut Case) {
    for seen in view.up().filter(|seen| seen.encryption == 0) {
        let Some(layout) = layout(seen.frame_type, seen.body.len(), Dialect::V16) else { continue };
        let (needed, had, code) = (layout.required_length(), seen.body.len(), seen.frame_type);
        case.holds(had >= needed, &[seen.id], || {
            both!(
                "0x{code:02X} 的消息体只有 {had} 字节，规范为 {needed} 字节",
                "the body of 0x{code:02X} has {had} bytes where the specification has {needed}"
            )
        });
    }
}

fn direction(view: &View<'_>, case: &mut Case) {
    for seen in view.up() {
        let code = seen.frame_type;
        match layout(code, seen.body.len(), Dialect::V16) {
            Some(layout) => case.holds(layout.direction == Direction::Up, &[seen.id], || {
                both!("0x{code:02X} 是平台的下行帧", "0x{code:02X} is a frame of platforms")
            }),
            None => case.remark(both!("0x{code:02X} 不在规范里", "0x{code:02X} is not in the specification")),
        }
    }
}

fn pile_code(view: &View<'_>, case: &mut Case) {
    let logins = view.frames.iter().filter(|seen| seen.is_up() && seen.frame_type == 0x01);
    let known: Vec<_> = logins.map(|seen| (seen.connection, seen.pile)).collect();
    for seen in view.frames.iter().filter(|seen| seen.is_up() && seen.holds) {
        let Some(code) = seen.pile else { continue };
        if view.line(seen.connection).is_some_and(|link| !view.saw_begin(link)) {
            continue;
        }
        case.holds(known.contains(&(seen.connection, seen.pile)), &[seen.id], || {
            both!("桩编号 {code} 没有在本连接登录", "pile {code} never logged in on this connection")
        });
    }
}

fn connector(view: &View<'_>, case: &mut Case) {
    let Some(count) = view.login().map(|login| login.connector_count) else { return };
    // An answer repeats the connector of its request, also one that does not exist.
    for seen in view.up().filter(|seen| seen.answers().is_none() || seen.frame_type == 0x13) {
        let Some(number) = seen.connector else { continue };
        case.holds((1..=count).contains(&number), &[seen.id], || {
            both!("枪号 {number} 不在 1 到 {count} 之间", "connector {number} is not within 1 to {count}")
        });
    }
}

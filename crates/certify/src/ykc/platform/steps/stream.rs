//! The stream of bytes: however the network cuts and glues it.

use std::time::Duration;

use super::checks;
use crate::exam::ConnectionId;
use crate::ykc::platform::desk::Desk;
use crate::ykc::platform::plan::{Phase, Step};
use crate::ykc::platform::say;

checks! {
    HALVES = "platform.stream.halves",
        "分两次到达的报文得到应答" / "a frame that comes in two halves is answered", "TCP 是字节流，没有包的边界 / TCP: a stream has no packets";
    BYTES = "platform.stream.bytes",
        "逐字节到达的报文得到应答" / "a frame that comes byte by byte is answered", "TCP 是字节流，没有包的边界 / TCP: a stream has no packets";
    GLUED = "platform.stream.glued",
        "粘在一起的三个报文各自得到应答" / "three frames glued together are answered each", "TCP 是字节流，没有包的边界 / TCP: a stream has no packets";
    SPLIT = "platform.stream.glued_and_split",
        "一个半报文，随后是余下的半个：都得到应答" / "one frame and a half, then the rest: both are answered",
        "TCP 是字节流，没有包的边界 / TCP: a stream has no packets";
    BEFORE = "platform.stream.garbage_before",
        "报文前的杂乱字节被跳过" / "garbage before a frame is skipped", "现场：通信模块会插入文本 / practice: modems that write texts into the stream";
    BETWEEN = "platform.stream.garbage_between",
        "两个报文之间的杂乱字节被跳过" / "garbage between two frames is skipped",
        "现场：通信模块会插入文本 / practice: modems that write texts into the stream";
    FALSE_START = "platform.stream.false_start",
        "杂乱字节中含有 0x68 时，连接能恢复" / "the connection recovers from garbage that holds a 0x68",
        "现场：消息体中也会出现 0x68 / practice: 0x68 occurs within bodies, too";
}

/// Between the parts of a frame: long enough that no network joins them again.
const PAUSE: Duration = Duration::from_millis(150);
/// Between single bytes.
const BYTE_PAUSE: Duration = Duration::from_millis(10);
/// What a modem that lost its mind might write.
const GARBAGE: &[u8] = b"+CSQ: 21,99\r\nOK\r\n";
/// A start byte, a length, and nothing that belongs to it.
const FALSE_FRAME: &[u8] = &[0x0D, 0x68, 0x10, 0x01, 0x02];
/// Heartbeats after a false start, a pause between them: a platform may lose the first ones with it.
const RECOVERING: u32 = 4;
const RECOVERING_PAUSE: Duration = Duration::from_millis(200);

pub(super) static STEP: Step = Step {
    zh: "半包与粘包",
    en: "Split and glued packets",
    checks: CHECKS,
    phases: &[
        Phase::answered(&HALVES, halves),
        Phase::answered(&BYTES, bytes),
        Phase::answered(&GLUED, glued),
        Phase::answered(&SPLIT, glued_and_split),
        Phase::goes_on(&BEFORE, garbage_before),
        Phase::goes_on(&BETWEEN, garbage_between),
        Phase::goes_on(&FALSE_START, false_start).within(20),
    ],
};

fn heartbeat(desk: &mut Desk, line: ConnectionId) -> Vec<u8> {
    let heartbeat = say::heartbeat(desk.options.pile_code, 1);
    desk.frame(line, heartbeat)
}

fn halves(desk: &mut Desk, line: ConnectionId) {
    let frame = heartbeat(desk, line);
    let (head, rest) = frame.split_at_checked(frame.len() / 2).unwrap_or_default();
    desk.note(line, &frame, PAUSE, true);
    desk.put(line, head);
    desk.put_later(line, PAUSE, rest);
}

fn bytes(desk: &mut Desk, line: ConnectionId) {
    let frame = heartbeat(desk, line);
    let mut after = Duration::ZERO;
    for byte in &frame {
        after += BYTE_PAUSE;
        desk.put_later(line, after, &[*byte]);
    }
    desk.note(line, &frame, after, true);
}

fn glued(desk: &mut Desk, line: ConnectionId) {
    let mut packet = Vec::new();
    for _ in 0..3 {
        let frame = heartbeat(desk, line);
        desk.note(line, &frame, Duration::ZERO, true);
        packet.extend(frame);
    }
    desk.put(line, &packet);
}

fn glued_and_split(desk: &mut Desk, line: ConnectionId) {
    let (first, second) = (heartbeat(desk, line), heartbeat(desk, line));
    desk.note(line, &first, Duration::ZERO, true);
    desk.note(line, &second, PAUSE, true);
    let (head, rest) = second.split_at_checked(second.len() / 2).unwrap_or_default();
    desk.put(line, &[first.as_slice(), head].concat());
    desk.put_later(line, PAUSE, rest);
}

fn garbage_before(desk: &mut Desk, line: ConnectionId) {
    let frame = heartbeat(desk, line);
    desk.note(line, &frame, Duration::ZERO, true);
    desk.put(line, &[GARBAGE, &frame].concat());
}

fn garbage_between(desk: &mut Desk, line: ConnectionId) {
    let (first, second) = (heartbeat(desk, line), heartbeat(desk, line));
    desk.note(line, &first, Duration::ZERO, true);
    desk.note(line, &second, Duration::ZERO, true);
    desk.put(line, &[first.as_slice(), GARBAGE, &second].concat());
}

fn false_start(desk: &mut Desk, line: ConnectionId) {
    desk.put(line, FALSE_FRAME);
    let mut after = Duration::ZERO;
    for _ in 1..RECOVERING {
        let frame = heartbeat(desk, line);
        after += RECOVERING_PAUSE;
        desk.note(line, &frame, after, false);
        desk.put_later(line, after, &frame);
    }
    let last = heartbeat(desk, line);
    after += RECOVERING_PAUSE;
    desk.note(line, &last, after, true);
    desk.put_later(line, after, &last);
}

//! Frames that are wrong: none of them may cost the connection.

use std::time::Duration;

use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::wire::Writer;
use voltapile_protocol::ykc::field::{ConnectorNumber, PileCode};
use voltapile_protocol::ykc::frame::{Envelope, MAX_BODY, write_message};
use voltapile_protocol::ykc::message::{HeartbeatRequest, HeartbeatResponse, RealtimeReport};

use super::{checks, probe};
use crate::exam::ConnectionId;
use crate::ykc::platform::desk::Desk;
use crate::ykc::platform::judge::EVIDENCE_MAX;
use crate::ykc::platform::plan::{Phase, Step};
use crate::ykc::platform::say;

checks! {
    UNKNOWN = "platform.malformed.unknown_type",
        "未知类型的报文不应答，连接保持" / "a frame of an unknown type is not answered, and the connection goes on",
        "现场：新桩会发 V1.6 之外的类型 / practice: newer piles send types that are not in V1.6";
    EMPTY = "platform.malformed.empty_body",
        "没有消息体的报文不影响连接" / "a frame without a body does no harm", "现场 / practice";
    SHORT = "platform.malformed.short_body",
        "消息体过短的报文不影响连接" / "a body that is too short does no harm", "现场 / practice";
    LONG = "platform.malformed.long_body",
        "消息体过长的报文不影响连接" / "a body that is too long does no harm", "现场：新版本会附加字段 / practice: newer versions append fields";
    LONGEST = "platform.malformed.longest_frame",
        "最长的报文（长度 255）不影响连接" / "the longest frame (length 255) does no harm", "V1.6 §3.1：长度占 1 字节 / V1.6 §3.1: one length byte";
    ENCRYPTED = "platform.malformed.encrypted",
        "加密标志为 1 的报文不影响连接" / "a frame with the encryption flag set does no harm", "V1.6 §3.1";
    DIRECTION = "platform.malformed.direction",
        "桩发来平台方向的报文不影响连接" / "a frame that only platforms send does no harm", "现场 / practice";
    FOREIGN = "platform.malformed.foreign_pile",
        "报文中出现未登录的桩编号不影响连接" / "a frame that names a pile which is not logged in does no harm", "现场 / practice";
    CONNECTOR = "platform.malformed.connector",
        "枪号 0 和 0xFF 的心跳不影响连接" / "heartbeats of connectors 0 and 0xFF do no harm", "现场 / practice";
    LENGTH = "platform.malformed.length_byte",
        "长度字节错误后，连接恢复或断开（桩会重连）"
            / "after a wrong length byte the connection recovers, or is closed (the pile dials again)",
        "现场 / practice";
}

/// A frame type that no known version uses.
const NO_TYPE: u8 = 0xEF;
/// Sequence number of frames that get no answer.
const QUIET: [u8; 2] = [0xC3, 0x9D];
/// Between heartbeats after a wrong length: a platform may lose the first ones with it.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) static STEP: Step = Step {
    zh: "异常报文",
    en: "Malformed frames",
    checks: CHECKS,
    phases: &[
        Phase::logged_in(unknown_type, judge_unknown).settling(),
        Phase::goes_on(&EMPTY, empty),
        Phase::goes_on(&SHORT, short),
        Phase::goes_on(&LONG, long),
        Phase::goes_on(&LONGEST, longest),
        Phase::goes_on(&ENCRYPTED, encrypted),
        Phase::goes_on(&DIRECTION, direction),
        Phase::goes_on(&FOREIGN, foreign),
        Phase::goes_on(&CONNECTOR, connectors),
        Phase::logged_in(|desk, line| wrong_length(desk, line, 3), judge_length).within(20),
        Phase::logged_in(|desk, line| wrong_length(desk, line, -3), judge_length).within(20),
    ],
};

fn unknown_type(desk: &mut Desk, line: ConnectionId) {
    let body = [desk.options.pile_code.0.as_slice(), &[1, 2, 3]].concat();
    desk.tell(line, &say::raw(QUIET, NO_TYPE, &body));
    probe(desk, line);
}

fn judge_unknown(desk: &mut Desk) {
    let told: Vec<_> = desk.nth(0).into_iter().collect();
    desk.goes_on(&UNKNOWN);
    desk.unanswered(&UNKNOWN, &told);
}

fn empty(desk: &mut Desk, line: ConnectionId) {
    desk.tell(line, &say::raw(QUIET, HeartbeatRequest::CODE, &[]));
    probe(desk, line);
}

fn short(desk: &mut Desk, line: ConnectionId) {
    let pile = desk.options.pile_code.0;
    desk.tell(line, &say::raw(QUIET, HeartbeatRequest::CODE, &pile));
    desk.tell(line, &say::raw(QUIET, RealtimeReport::CODE, &[0; 20]));
    probe(desk, line);
}

fn long(desk: &mut Desk, line: ConnectionId) {
    let mut body = Vec::new();
    say::heartbeat(desk.options.pile_code, 1).write(&mut Writer::new(&mut body));
    body.extend([0; 7]);
    desk.tell(line, &say::raw(QUIET, HeartbeatRequest::CODE, &body));
    probe(desk, line);
}

fn longest(desk: &mut Desk, line: ConnectionId) {
    let mut body = Vec::new();
    say::idle(desk.options.pile_code, ConnectorNumber(1)).write(&mut Writer::new(&mut body));
    body.resize(MAX_BODY, 0x55);
    desk.tell(line, &say::raw(QUIET, RealtimeReport::CODE, &body));
    probe(desk, line);
}

fn encrypted(desk: &mut Desk, line: ConnectionId) {
    let heartbeat = say::heartbeat(desk.options.pile_code, 1);
    let mut frame = Vec::new();
    let envelope = Envelope { sequence: QUIET, encryption: 1, ..Envelope::default() };
    // A heartbeat is shorter than a frame can carry.
    let _ = write_message(&mut frame, envelope, &heartbeat.into());
    desk.tell(line, &frame);
    probe(desk, line);
}

fn direction(desk: &mut Desk, line: ConnectionId) {
    let pile_code = desk.options.pile_code;
    desk.tell(line, &say::frame(QUIET, HeartbeatResponse { pile_code, ..Default::default() }));
    probe(desk, line);
}

fn foreign(desk: &mut Desk, line: ConnectionId) {
    let PileCode(unknown) = desk.options.unknown_pile;
    desk.tell(line, &say::frame(QUIET, say::heartbeat(PileCode(unknown), 1)));
    probe(desk, line);
}

fn connectors(desk: &mut Desk, line: ConnectionId) {
    let mut heartbeat = say::heartbeat(desk.options.pile_code, 1);
    for number in [0, 0xFF] {
        heartbeat.connector_number.0 = number;
        desk.tell(line, &say::frame(QUIET, heartbeat.clone()));
    }
    probe(desk, line);
}

/// A heartbeat whose length byte is off, and good ones behind it: the last must be answered.
fn wrong_length(desk: &mut Desk, line: ConnectionId, by: i8) {
    let mut frame = say::frame(QUIET, say::heartbeat(desk.options.pile_code, 1));
    if let Some(length) = frame.get_mut(1) {
        *length = length.saturating_add_signed(by);
    }
    desk.put(line, &frame);
    let mut after = Duration::ZERO;
    for last in [false, false, true] {
        let heartbeat = say::heartbeat(desk.options.pile_code, 1);
        let frame = desk.frame(line, heartbeat);
        after += PAUSE;
        desk.note(line, &frame, after, last);
        desk.put_later(line, after, &frame);
    }
}

fn judge_length(desk: &mut Desk) {
    let Some(line) = desk.last().and_then(|ask| desk.asked(ask)).map(|asked| asked.line) else { return };
    if desk.exchange.is_lost(line) {
        let evidence = desk.phase_entries(line, EVIDENCE_MAX);
        return desk.pass(&LENGTH, Bilingual::new("平台断开了连接", "the platform closed the connection"), evidence);
    }
    desk.goes_on(&LENGTH);
}

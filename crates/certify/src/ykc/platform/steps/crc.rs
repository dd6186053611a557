//! Check sums: wrong ones are passed over, both orders are taken.

use voltapile_protocol::ykc::CrcOrder;
use voltapile_protocol::ykc::frame::{Envelope, write_message};

use super::{checks, probe};
use crate::exam::ConnectionId;
use crate::ykc::platform::desk::Desk;
use crate::ykc::platform::plan::{Phase, Step};
use crate::ykc::platform::say;

checks! {
    IGNORED = "platform.crc.wrong_ignored",
        "CRC 错误的报文不处理、不应答" / "a frame with a wrong CRC is neither processed nor answered", "V1.6 §3.1";
    GOES_ON = "platform.crc.wrong_goes_on",
        "CRC 错误后连接保持，下一个报文得到应答" / "the connection goes on after a wrong CRC: the next frame is answered",
        "现场：没有平台因此断开，协议也没有错误帧 / practice: no server closes on it, and no error frame exists";
    HIGH_FIRST = "platform.crc.high_byte_first",
        "CRC 高字节在前的报文也被接收" / "a frame whose CRC stands high byte first is taken, too",
        "现场：同一个桩两种顺序都会发 / practice: one pile sends both orders";
}

/// Sequence number of the frame with the wrong CRC: nothing else in the exam carries it.
const WRONG: [u8; 2] = [0xEB, 0xAD];

pub(super) static STEP: Step = Step {
    zh: "CRC 校验",
    en: "CRC",
    checks: CHECKS,
    phases: &[Phase::logged_in(with_wrong_crc, judge_wrong).settling(), Phase::answered(&HIGH_FIRST, high_byte_first)],
};

fn with_wrong_crc(desk: &mut Desk, line: ConnectionId) {
    let mut frame = say::frame(WRONG, say::heartbeat(desk.options.pile_code, 1));
    for byte in frame.iter_mut().rev().take(2) {
        *byte = !*byte;
    }
    desk.tell(line, &frame);
    probe(desk, line);
}

fn judge_wrong(desk: &mut Desk) {
    desk.goes_on(&GOES_ON);
    let wrong: Vec<_> = desk.nth(0).into_iter().collect();
    desk.unanswered(&IGNORED, &wrong);
}

fn high_byte_first(desk: &mut Desk, line: ConnectionId) {
    let heartbeat = say::heartbeat(desk.options.pile_code, 1);
    let mut frame = Vec::new();
    let envelope = Envelope { sequence: [0x11, 0xEF], crc_order: CrcOrder::HighFirst, ..Envelope::default() };
    // A heartbeat is shorter than a frame can carry.
    let _ = write_message(&mut frame, envelope, &heartbeat.into());
    desk.ask_bytes(line, &frame);
}

//! Heartbeats.

use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::ykc::code::ConnectorHealth;
use voltapile_protocol::ykc::message::{HeartbeatRequest, HeartbeatResponse, Message};

use super::{checks, probe};
use crate::exam::ConnectionId;
use crate::ykc::platform::desk::Desk;
use crate::ykc::platform::plan::{Phase, Step};
use crate::ykc::platform::say;

checks! {
    ANSWERED = "platform.heartbeat.answered",
        "心跳 0x03 在 10 秒内得到 0x04 应答" / "a heartbeat 0x03 is answered with 0x04 within 10 s", "V1.6 §6.3";
    NAMES = "platform.heartbeat.names",
        "0x04 中的桩编码和枪号与 0x03 相同" / "0x04 names the pile and the connector of 0x03", "V1.6 §6.4";
    ACK = "platform.heartbeat.ack",
        "0x04 的心跳应答字节为 0" / "the acknowledge byte of 0x04 is 0", "V1.6 §6.4";
    SEQUENCE = "platform.heartbeat.sequence",
        "0x04 的序列号与 0x03 逐字节相同，不按数值解释" / "0x04 repeats the sequence number of 0x03 byte for byte, whatever it is",
        "V1.6 §3.2";
    ONCE = "platform.heartbeat.once",
        "每个心跳只应答一次" / "each heartbeat is answered once", "V1.6 §6.4";
    CONNECTORS = "platform.heartbeat.connectors",
        "每把枪的心跳都得到应答" / "the heartbeat of every connector is answered", "V1.6 §6.3";
    ZERO = "platform.heartbeat.zero_sequence",
        "序列号一直为 0 的心跳逐个得到应答" / "heartbeats that all carry sequence number 0 are answered each",
        "现场：有的固件序列号恒为 0 / practice: firmware with a constant sequence number";
    FAULT = "platform.heartbeat.fault",
        "报告枪故障的心跳同样得到应答" / "a heartbeat that reports a faulty connector is answered like any other", "V1.6 §6.3";
}

/// Sequence numbers that show whether a platform treats them as numbers: their bytes differ.
const OPAQUE: [[u8; 2]; 4] = [[0x00, 0x46], [0x71, 0xAD], [0xFF, 0xFE], [0x34, 0x12]];

pub(super) static STEP: Step = Step {
    zh: "心跳",
    en: "Heartbeat",
    checks: CHECKS,
    phases: &[
        Phase::logged_in(probe, judge_one),
        Phase::logged_in(with_opaque_numbers, judge_opaque).settling(),
        Phase::logged_in(with_second, judge_second),
        Phase::answered(&ZERO, with_zeros),
        Phase::answered(&FAULT, with_fault),
    ],
};

/// Pile code and connector: the first bytes of both bodies.
const NAMED: std::ops::Range<usize> = 0..8;

fn judge_one(desk: &mut Desk) {
    let one = desk.nth(0);
    desk.is_answered(&ANSWERED, one);
    desk.repeats(&NAMES, one, |body| body.get(NAMED), |body| body.get(NAMED));
    let Some(heard) = one.and_then(|one| desk.asked(one)?.answer().cloned()) else { return };
    let Some(Message::HeartbeatResponse(HeartbeatResponse { heartbeat_ack, .. })) = heard.message() else { return };
    let note = Bilingual::new(format!("心跳应答为 {heartbeat_ack}"), format!("the byte is {heartbeat_ack}"));
    match heartbeat_ack {
        0 => desk.pass(&ACK, note, vec![heard.entry]),
        _ => desk.fail(&ACK, note, vec![heard.entry]),
    }
}

fn with_opaque_numbers(desk: &mut Desk, line: ConnectionId) {
    for sequence in OPAQUE {
        let frame = say::frame(sequence, say::heartbeat(desk.options.pile_code, 1));
        desk.ask_bytes(line, &frame);
    }
}

fn judge_opaque(desk: &mut Desk) {
    for ask in desk.asks() {
        desk.repeats_sequence(&SEQUENCE, Some(ask));
        let Some((count, evidence)) = desk.asked(ask).map(|asked| (asked.answers.len(), asked.evidence())) else {
            continue;
        };
        match count {
            0 => {}
            1 => desk.pass(&ONCE, Bilingual::new("每个心跳一个应答", "one answer to each"), evidence),
            _ => {
                let note = Bilingual::new(
                    format!("一个心跳得到了 {count} 个应答"),
                    format!("one heartbeat was answered {count} times"),
                );
                desk.fail(&ONCE, note, evidence);
            }
        }
    }
}

fn with_second(desk: &mut Desk, line: ConnectionId) {
    desk.ask(line, say::heartbeat(desk.options.pile_code, 2));
}

fn judge_second(desk: &mut Desk) {
    if desk.is_answered(&CONNECTORS, desk.nth(0)) {
        desk.repeats(&CONNECTORS, desk.nth(0), |body| body.get(NAMED), |body| body.get(NAMED));
    }
}

fn with_zeros(desk: &mut Desk, line: ConnectionId) {
    for _ in 0..3 {
        let frame = say::frame([0, 0], say::heartbeat(desk.options.pile_code, 1));
        desk.ask_bytes(line, &frame);
    }
}

fn with_fault(desk: &mut Desk, line: ConnectionId) {
    let well = say::heartbeat(desk.options.pile_code, 2);
    desk.ask(line, HeartbeatRequest { connector_health: ConnectorHealth::Fault, ..well.clone() });
    desk.ask(line, well);
}

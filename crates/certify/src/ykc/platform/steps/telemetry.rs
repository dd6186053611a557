//! Telemetry: taken without an answer, whatever newer piles append.

use voltapile_protocol::layout::Layout;
use voltapile_protocol::wire::{Percent, Writer};
use voltapile_protocol::ykc::code::ConnectorState;
use voltapile_protocol::ykc::field::{ConnectorNumber, TransactionNumber};
use voltapile_protocol::ykc::message::{
    BmsAbort, BmsChargeParameters, BmsDemandChargerOutput, BmsError, BmsHandshake, BmsStatus, ChargeEndStatistics,
    ChargerAbort, RealtimeReport,
};

use super::{checks, probe};
use crate::exam::ConnectionId;
use crate::ykc::platform::asked::AskId;
use crate::ykc::platform::desk::Desk;
use crate::ykc::platform::plan::{Phase, Step};
use crate::ykc::platform::say;

checks! {
    ACCEPTED = "platform.telemetry.accepted",
        "实时数据 0x13 被接收，连接保持" / "telemetry 0x13 is taken, and the connection goes on", "V1.6 §7.2";
    SILENT = "platform.telemetry.unanswered",
        "实时数据 0x13 不需要应答，平台不发多余的报文" / "telemetry 0x13 needs no answer, and none is sent", "V1.6 §7.2";
    LONGER = "platform.telemetry.longer",
        "更长的 0x13（新版本附加字段）不影响连接" / "a longer 0x13 (fields that newer piles append) does no harm",
        "现场：有 66、67、141 字节的消息体 / practice: bodies of 66, 67 and 141 bytes occur";
    BMS = "platform.telemetry.bms",
        "充电过程的 BMS 报文 0x15～0x25 被接收，不应答" / "the BMS messages 0x15 to 0x25 of a charge are taken without an answer",
        "V1.6 §7.3–7.10";
    ODD = "platform.telemetry.odd_values",
        "不存在的枪号和未知的状态值不影响连接" / "a connector that does not exist and a state that is unknown do no harm",
        "现场：会出现状态 0 和厂商自定义值 / practice: state 0 and vendor values occur";
}

/// Sequence numbers of frames that get no answer; nothing else in the exam carries them, so that what repeats one is an
/// answer.
const QUIET: [u8; 2] = [0xA7, 0x5C];
const QUIET_BMS: u8 = 0xB5;

pub(super) static STEP: Step = Step {
    zh: "实时数据",
    en: "Telemetry",
    checks: CHECKS,
    phases: &[
        Phase::logged_in(report, judge_report).settling(),
        Phase::goes_on(&LONGER, report_longer),
        Phase::logged_in(bms, judge_bms).settling(),
        Phase::goes_on(&ODD, report_oddly),
    ],
};

fn report(desk: &mut Desk, line: ConnectionId) {
    let pile = desk.options.pile_code;
    for connector in 1..=say::CONNECTORS {
        desk.tell(line, &say::frame(QUIET, say::idle(pile, ConnectorNumber(connector))));
    }
    probe(desk, line);
}

fn judge_report(desk: &mut Desk) {
    desk.goes_on(&ACCEPTED);
    let told = all_but_last(desk);
    desk.unanswered(&SILENT, &told);
}

fn report_longer(desk: &mut Desk, line: ConnectionId) {
    let body = body_of(&say::idle(desk.options.pile_code, ConnectorNumber(1)));
    for beyond in [6, 7, 81] {
        let longer = [body.as_slice(), &vec![0; beyond]].concat();
        desk.tell(line, &say::raw(QUIET, RealtimeReport::CODE, &longer));
    }
    probe(desk, line);
}

/// The messages of a charge that the platform knows nothing of, all of them zeros behind the header.
fn bms(desk: &mut Desk, line: ConnectionId) {
    const LAYOUTS: [&Layout; 8] = [
        BmsHandshake::LAYOUT,
        BmsChargeParameters::LAYOUT,
        ChargeEndStatistics::LAYOUT,
        BmsError::LAYOUT,
        BmsAbort::LAYOUT,
        ChargerAbort::LAYOUT,
        BmsDemandChargerOutput::LAYOUT,
        BmsStatus::LAYOUT,
    ];
    let number = TransactionNumber::default();
    for (place, layout) in (0..).zip(LAYOUTS) {
        let mut body = vec![0; layout.required_length()];
        let head = [number.0.as_slice(), &desk.options.pile_code.0, &[1]].concat();
        for (to, from) in body.iter_mut().zip(head) {
            *to = from;
        }
        let code = u8::try_from(layout.code).unwrap_or_default();
        desk.tell(line, &say::raw([QUIET_BMS, place], code, &body));
    }
    probe(desk, line);
}

fn judge_bms(desk: &mut Desk) {
    let told = all_but_last(desk);
    desk.goes_on(&BMS);
    desk.unanswered(&BMS, &told);
}

fn report_oddly(desk: &mut Desk, line: ConnectionId) {
    let pile = desk.options.pile_code;
    let strange = RealtimeReport {
        connector_state: ConnectorState::Unknown(0x77),
        soc: Percent::from_raw(250),
        ..say::idle(pile, ConnectorNumber(0x99))
    };
    desk.tell(line, &say::frame(QUIET, strange));
    desk.tell(line, &say::frame(QUIET, say::idle(pile, ConnectorNumber(0))));
    probe(desk, line);
}

fn all_but_last(desk: &Desk) -> Vec<AskId> {
    let mut asks = desk.asks();
    asks.pop();
    asks
}

fn body_of(report: &RealtimeReport) -> Vec<u8> {
    let mut body = Vec::new();
    report.write(&mut Writer::new(&mut body));
    body
}

//! Records that do not add up or are not of this version: a pile sends them until they are acknowledged.

use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::wire::{Cp56Time, Quantity, Writer, Yuan};
use voltapile_protocol::ykc::field::TransactionNumber;
use voltapile_protocol::ykc::message::{TransactionRecord, TransactionRecordV17};

use super::record::all_acknowledged;
use super::{checks, probe};
use crate::exam::ConnectionId;
use crate::ykc::platform::desk::Desk;
use crate::ykc::platform::plan::{Phase, Step};
use crate::ykc::platform::say;

checks! {
    SUMS = "platform.record.wrong_sums",
        "金额对不上的记录同样得到确认（桩会一直重发）" / "a record whose amounts do not add up is acknowledged (a pile would go on sending it)",
        "现场：先确认，后核对 / practice: acknowledge first, judge later";
    TIMES = "platform.record.invalid_times",
        "时间无效（月份 0、1999 年时钟）的记录得到确认" / "a record with impossible times (month 0, a clock of 1999) is acknowledged",
        "现场：有的平台遇到这种时间会丢失记录 / practice: platforms that fail on such times lose the record";
    HEX = "platform.record.not_bcd",
        "流水号含十六进制字母的记录得到确认，流水号原样返回"
            / "a record whose number has hex letters is acknowledged with the same bytes",
        "现场：流水号应视为 16 个不透明字节 / practice: the number is 16 opaque bytes";
    V17 = "platform.record.v17",
        "V1.7 的交易记录 0x3D 得到确认" / "a record of V1.7 (0x3D) is acknowledged", "V1.7；V1.6 不要求 / V1.7; V1.6 does not ask for it";
    LONGER = "platform.record.longer",
        "带附加字段的 0x3B 得到确认" / "a 0x3B with fields appended is acknowledged", "现场；V1.6 不要求 / practice; V1.6 does not ask for it";
    NEWER = "platform.record.newer_harmless",
        "其他版本的记录不影响连接" / "records of other versions do no harm to the connection", "现场 / practice";
}

/// Time for answers that V1.6 does not ask for.
const VERSIONS_WITHIN_S: u64 = 5;
/// Bytes appended to a record.
const BEYOND: usize = 4;

pub(super) static STEP: Step = Step {
    zh: "异常的交易记录",
    en: "Odd records",
    checks: CHECKS,
    phases: &[
        Phase::logged_in(with_wrong_sums, |desk| all_acknowledged(desk, &SUMS)).within(30),
        Phase::logged_in(with_impossible_times, |desk| all_acknowledged(desk, &TIMES)).within(30),
        Phase::logged_in(with_hex_number, |desk| all_acknowledged(desk, &HEX)).within(30),
        Phase::logged_in(of_other_versions, judge_versions).within(VERSIONS_WITHIN_S),
    ],
};

/// The total is a yuan above the only tier.
fn with_wrong_sums(desk: &mut Desk, line: ConnectionId) {
    let number = say::own_number(desk);
    let record = say::record(desk, number);
    let total = u32::try_from(record.total_amount.raw()).unwrap_or_default().saturating_add(10_000);
    desk.ask(line, TransactionRecord { total_amount: Yuan::from_raw(total), ..record });
}

/// A start that was never set, an end that no calendar has; then a clock that began anew in 1999.
fn with_impossible_times(desk: &mut Desk, line: ConnectionId) {
    let impossible = Cp56Time([0xFF, 0xFF, 0x3F, 0x1F, 0x1F, 0x00, 0x7F]);
    let of_1999 = Cp56Time([0x00, 0x00, 0x00, 0x00, 0x01, 0x01, 99]);
    for (start_time, end_time) in [(Cp56Time([0; 7]), impossible), (of_1999, of_1999)] {
        let number = say::own_number(desk);
        let record = say::record(desk, number);
        desk.ask(line, TransactionRecord { start_time, end_time, transaction_time: end_time, ..record });
    }
}

fn with_hex_number(desk: &mut Desk, line: ConnectionId) {
    let TransactionNumber(mut number) = say::own_number(desk);
    if let Some(byte) = number.get_mut(8) {
        *byte = 0xAF;
    }
    let record = say::record(desk, TransactionNumber(number));
    desk.ask(line, record);
}

fn of_other_versions(desk: &mut Desk, line: ConnectionId) {
    let number = say::own_number(desk);
    let record = say::record(desk, number);
    let newer = TransactionRecordV17 {
        transaction_number: number,
        pile_code: record.pile_code,
        connector_number: record.connector_number,
        start_time: record.start_time,
        end_time: record.end_time,
        flat_unit_price: record.flat_unit_price,
        flat_energy: record.flat_energy,
        flat_energy_with_loss: record.flat_energy_with_loss,
        flat_amount: record.flat_amount,
        meter_start: record.meter_start,
        meter_stop: record.meter_stop,
        total_energy: record.total_energy,
        total_energy_with_loss: record.total_energy_with_loss,
        total_amount: record.total_amount,
        start_source: record.start_source,
        transaction_time: record.transaction_time,
        stop_reason: record.stop_reason,
        ..Default::default()
    };
    desk.ask(line, newer);
    let number = say::own_number(desk);
    let mut body = Vec::new();
    say::record(desk, number).write(&mut Writer::new(&mut body));
    body.extend([0; BEYOND]);
    desk.ask_bytes(line, &say::raw([0xD1, 0x0E], TransactionRecord::CODE, &body));
    probe(desk, line);
}

fn judge_versions(desk: &mut Desk) {
    desk.goes_on(&NEWER);
    for (check, place) in [(&V17, 0), (&LONGER, 1)] {
        let Some(asked) = desk.nth(place).and_then(|ask| desk.asked(ask)) else { continue };
        let evidence = asked.evidence();
        if asked.answers.is_empty() {
            desk.unseen(check, "平台没有确认；V1.6 不要求", "it was not acknowledged; V1.6 does not ask for it");
        } else {
            desk.pass(check, Bilingual::new("得到 0x40 确认", "it was acknowledged with 0x40"), evidence);
        }
    }
}

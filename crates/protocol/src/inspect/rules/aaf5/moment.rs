//! Times in BCD.

use super::super::super::explain::Field;
use super::super::super::finding::{Finding, Severity};
use super::super::super::value::hex;
use crate::wire::{BcdTime, CivilTime, Kind};

/// Before this year the protocol did not exist, and it will not live to the other: a clock that was never set.
const FIRST_YEAR: u16 = 2015;
const LAST_YEAR: u16 = 2099;
/// What the last byte of a time always is.
const LAST_BYTE: u8 = 0xFF;

/// The bytes of a field that is a time.
fn bcd_time(field: &Field) -> Option<BcdTime> {
    let bytes = matches!(field.kind, Kind::BcdTime).then(|| field.raw.as_slice().try_into().ok())?;
    bytes.map(BcdTime)
}

/// The time of a field that is one.
pub(super) fn civil(field: &Field) -> Option<CivilTime> {
    bcd_time(field)?.civil()
}

pub(super) fn check(field: &Field, out: &mut Vec<Finding>) {
    let Some(time) = bcd_time(field).filter(|time| !time.is_unset()) else { return };
    let Some(civil) = time.civil() else {
        out.push(impossible(field, time));
        return;
    };
    let [.., last] = time.0;
    if last != LAST_BYTE {
        let at = field.offset + field.raw.len().saturating_sub(1);
        let finding = Finding::new(
            Severity::Info,
            "time-end",
            at,
            format!("“{}”的末字节为 0x{last:02X}，规范固定为 0xFF", field.zh),
            format!("the last byte of {} is 0x{last:02X}; the document has 0xFF only", field.en),
        );
        out.push(finding.with_bytes(at, vec![LAST_BYTE]));
    }
    if !(FIRST_YEAR..=LAST_YEAR).contains(&civil.year) {
        out.push(Finding::new(
            Severity::Info,
            "clock-not-set",
            field.offset,
            format!("“{}”为 {civil}：时钟可能没有校准", field.zh),
            format!("{} is {civil}: the clock is probably not set", field.en),
        ));
    }
}

/// No possible time, or one whose bytes stand the other way round.
fn impossible(field: &Field, time: BcdTime) -> Finding {
    let mut reversed = time;
    reversed.0.reverse();
    if let Some(meant) = reversed.civil() {
        return Finding::new(
            Severity::Error,
            "time-reversed",
            field.offset,
            format!("“{}”的字节顺序反了：时间是高位在前的 BCD 串，不是小端数，应为 {meant}", field.zh),
            format!(
                "the bytes of {} stand the other way round: a time is BCD with the century first, meaning {meant}",
                field.en
            ),
        )
        .with_bytes(field.offset, reversed.0.to_vec());
    }
    Finding::new(
        Severity::Error,
        "time-impossible",
        field.offset,
        format!("“{}”{} 不是可能的 BCD 时间：保留原样", field.zh, hex(&time.0)),
        format!("{} {} is no possible BCD time: kept as it came", field.en, hex(&time.0)),
    )
}

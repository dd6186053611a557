//! What can be wrong with one field by itself.

use super::super::explain::Field;
use super::super::finding::{Finding, Severity, counted_bytes};
use super::super::lang::{Lang, in_unit};
use super::super::value::{hex, scaled};
use super::Subject;
use super::aaf5::rest;
use crate::Protocol;
use crate::wire::{CodeTable, Cp56Time, Kind, VinOrder, is_decimal, natural_vin, text};
use crate::ykc::message::QrPrefixRequest;

/// A code that its table does not know.
pub(super) const UNKNOWN_CODE: &str = "unknown-code";
/// An ASCII digit.
const ASCII_DIGITS: std::ops::RangeInclusive<u64> = 0x30..=0x39;
/// Top bit of a time's minute: the sender says that its clock is not set.
const TIME_INVALID: u8 = 0x80;

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    for field in &subject.body.fields {
        match &field.kind {
            Kind::Bcd { letters_usual } => digits(field, *letters_usual, out),
            Kind::Code(table) => code(field, table, out),
            Kind::Number { decimals, offset, range: Some(range), unit, .. } => {
                number(field, (*decimals, *offset, unit), *range, out);
            }
            Kind::Connector { binary } => {
                connector(field, *binary, out);
                connector_zero(subject, field, out);
            }
            Kind::Time => time(field, out),
            Kind::TariffSlots(table) => slots(field, table, out),
            Kind::Vin(order) => {
                vin(field, out);
                vin_order(field, *order, out);
            }
            Kind::CountedText => {
                counted_text(field, out);
                qr_prefix(subject, field, out);
            }
            Kind::Number { .. } if field.name == "heartbeat_ack" => heartbeat_ack(field, out),
            Kind::Flags(table) if table.shifts => fault_base(subject, field, out),
            _ => {}
        }
    }
}

/// Whether a field holds what its type hardly ever holds: for telling which layout a body has.
pub(super) fn is_unlikely(field: &Field) -> bool {
    match &field.kind {
        Kind::Bcd { letters_usual } => !letters_usual && !is_decimal(&field.raw),
        Kind::Code(table) => u32::try_from(field.number).is_ok_and(|number| table.find(number).is_none()),
        Kind::Number { decimals, offset, range: Some((low, high)), .. } => {
            !in_range(field.number, *decimals, *offset, (*low, *high))
        }
        Kind::Connector { .. } => field.number > 0x20,
        Kind::Time => impossible_time(&field.raw),
        Kind::TariffSlots(table) => field.raw.iter().any(|tier| table.find(u32::from(*tier)).is_none()),
        Kind::Ascii => !field.raw.iter().all(|byte| *byte == 0 || byte.is_ascii_graphic() || *byte == b' '),
        Kind::CountedText => field.raw.first().is_some_and(|length| usize::from(*length) + 1 != field.raw.len()),
        _ => false,
    }
}

fn in_range(raw: u64, decimals: u8, offset: i32, (low, high): (i64, i64)) -> bool {
    let power = 10_i64.pow(u32::from(decimals));
    (low * power..=high * power).contains(&scaled(raw, decimals, offset).scaled)
}

fn digits(field: &Field, letters_usual: bool, out: &mut Vec<Finding>) {
    let Some(at) = field.raw.iter().position(|byte| !is_decimal(&[*byte])) else { return };
    let severity = if letters_usual { Severity::Info } else { Severity::Warning };
    let byte = field.raw.get(at).copied().unwrap_or_default();
    out.push(Finding::new(
        severity,
        "bcd-not-decimal",
        field.offset + at,
        format!("“{}”为 BCD 码，字节 0x{byte:02X} 含十六进制字母：按原样保留", field.zh),
        format!("{} is BCD, but byte 0x{byte:02X} holds a hex letter: kept as it came", field.en),
    ));
}

fn code(field: &Field, table: &CodeTable, out: &mut Vec<Finding>) {
    let known = |number: u64| u32::try_from(number).is_ok_and(|number| table.find(number).is_some());
    let number = field.number;
    if known(number) {
        return;
    }
    if field.packed.is_none() && ASCII_DIGITS.contains(&number) && known(number - 0x30) {
        out.push(ascii_digit(field, Severity::Error));
        return;
    }
    let written = table.written(u32::try_from(number).unwrap_or(u32::MAX));
    if let Some(finding) = rest::finding(field, table, &written) {
        out.push(finding);
        return;
    }
    out.push(Finding::new(
        Severity::Warning,
        UNKNOWN_CODE,
        field.offset,
        format!("“{}”的值 {written} 规范未定义；已定义：{}", field.zh, documented(table, "、")),
        format!("{} is {written}, which is not documented; documented are {}", field.en, documented(table, ", ")),
    ));
}

/// The documented numbers of a table, runs as ranges.
fn documented(table: &CodeTable, separator: &str) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for entry in table.entries {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == entry.first => *last = entry.last,
            _ => runs.push((entry.first, entry.last)),
        }
    }
    let texts = runs.iter().map(|(first, last)| match first == last {
        true => table.written(*first),
        false => format!("{}–{}", table.written(*first), table.written(*last)),
    });
    texts.collect::<Vec<_>>().join(separator)
}

fn ascii_digit(field: &Field, severity: Severity) -> Finding {
    let byte = field.number as u8;
    let (digit, meant) = (char::from(byte), byte.wrapping_sub(0x30));
    Finding::new(
        severity,
        "ascii-digit",
        field.offset,
        format!("“{}”应为字节 0x{meant:02X}，这里写成了 ASCII 字符“{digit}”（0x{byte:02X}）", field.zh),
        format!("{} should be the byte 0x{meant:02X} but is the ASCII character '{digit}' (0x{byte:02X})", field.en),
    )
    .with_bytes(field.offset, vec![meant])
}

fn number(field: &Field, (decimals, offset, unit): (u8, i32, &'static str), range: (i64, i64), out: &mut Vec<Finding>) {
    // A loss of half the energy is no loss ratio; one server writes the character '0' there.
    if field.name == "loss_ratio" && ASCII_DIGITS.contains(&field.number) {
        out.push(ascii_digit(field, Severity::Warning));
        return;
    }
    if in_range(field.number, decimals, offset, range) {
        return;
    }
    let (value, (low, high)) = (scaled(field.number, decimals, offset), range);
    let (zh, en) = (in_unit(unit, Lang::Zh), in_unit(unit, Lang::En));
    out.push(Finding::new(
        Severity::Warning,
        "out-of-range",
        field.offset,
        format!("“{}”为 {value}{zh}，超出规范范围 {low}–{high}{zh}", field.zh),
        format!("{} is {value}{en}, documented are {low} to {high}{en}", field.en),
    ));
}

fn connector(field: &Field, binary: bool, out: &mut Vec<Finding>) {
    if ASCII_DIGITS.contains(&field.number) && !binary && field.number > 0x30 {
        out.push(ascii_digit(field, Severity::Warning));
    } else if !binary && !is_decimal(&field.raw) {
        digits(field, false, out);
    }
}

fn connector_zero(subject: &Subject<'_>, field: &Field, out: &mut Vec<Finding>) {
    if field.number != 0 {
        return;
    }
    let (zh, en) = match subject.header.protocol {
        Protocol::Ykc => ("；枪号从 1 开始", "; connectors are numbered from 1"),
        Protocol::Aaf5 => ("：单枪桩以 0 表示 1 号枪", ": a pile with one connector means that by it"),
    };
    out.push(Finding::new(
        Severity::Info,
        "connector-zero",
        field.offset,
        format!("“{}”为 0{zh}", field.zh),
        format!("{} is 0{en}", field.en),
    ));
}

fn heartbeat_ack(field: &Field, out: &mut Vec<Finding>) {
    let number = field.number;
    if number == u64::from(b'0') {
        out.push(ascii_digit(field, Severity::Warning));
    } else if number != 0 {
        let finding = Finding::new(
            Severity::Warning,
            "heartbeat-ack-not-zero",
            field.offset,
            format!("“{}”为 0x{number:02X}，规范固定为 0x00", field.zh),
            format!("{} is 0x{number:02X}; the specification has 0x00 only", field.en),
        );
        out.push(finding.with_bytes(field.offset, vec![0]));
    }
}

fn impossible_time(raw: &[u8]) -> bool {
    let Ok(bytes) = <[u8; 7]>::try_from(raw) else { return false };
    bytes != [0; 7] && Cp56Time(bytes).civil().is_none()
}

fn time(field: &Field, out: &mut Vec<Finding>) {
    if impossible_time(&field.raw) {
        out.push(Finding::new(
            Severity::Error,
            "time-impossible",
            field.offset,
            format!("“{}”{} 不是可能的 CP56Time2a 时间：保留原样", field.zh, hex(&field.raw)),
            format!("{} {} is no possible CP56Time2a time: kept as it came", field.en, hex(&field.raw)),
        ));
    } else if field.raw.get(2).is_some_and(|minute| minute & TIME_INVALID != 0) {
        out.push(Finding::new(
            Severity::Info,
            "time-marked-invalid",
            field.offset + 2,
            format!("“{}”带无效标志：发送方时钟未校准", field.zh),
            format!("{} is marked invalid: the sender's clock is not set", field.en),
        ));
    }
}

fn slots(field: &Field, table: &CodeTable, out: &mut Vec<Finding>) {
    let unknown = |tier: &u8| table.find(u32::from(*tier)).is_none();
    let Some(at) = field.raw.iter().position(unknown) else { return };
    let tier = field.raw.get(at).copied().unwrap_or_default();
    let ascii: Option<Vec<u8>> = field
        .raw
        .iter()
        .map(|tier| tier.checked_sub(0x30).filter(|tier| table.find(u32::from(*tier)).is_some()))
        .collect();
    if let Some(meant) = ascii {
        let finding = Finding::new(
            Severity::Error,
            "ascii-digit",
            field.offset,
            format!("“{}”应为字节 0–3，这里写成了 ASCII 字符", field.zh),
            format!("{} should be bytes 0 to 3 but are ASCII characters", field.en),
        );
        out.push(finding.with_bytes(field.offset, meant));
        return;
    }
    out.push(Finding::new(
        Severity::Error,
        "slot-without-tier",
        field.offset + at,
        format!("第 {} 个半小时的费率号 0x{tier:02X} 没有对应费率（{}）", at + 1, documented(table, "、")),
        format!("half hour {} has tier 0x{tier:02X}, which has no price ({} have)", at + 1, documented(table, ", ")),
    ));
}

fn vin(field: &Field, out: &mut Vec<Finding>) {
    let filler = [0x00, b'0', 0xFF].iter().any(|filler| field.raw.iter().all(|byte| byte == filler));
    let usual = |byte: &u8| (byte.is_ascii_digit() || byte.is_ascii_uppercase()) && !b"IOQ".contains(byte);
    let Some(at) = field.raw.iter().position(|byte| !usual(byte)).filter(|_| !filler) else { return };
    let byte = field.raw.get(at).copied().unwrap_or_default();
    out.push(Finding::new(
        Severity::Info,
        "vin-unusual",
        field.offset + at,
        format!("“{}”含 VIN 不用的字符 0x{byte:02X}（只用数字和除 I、O、Q 外的大写字母）", field.zh),
        format!("{} holds 0x{byte:02X}, which no VIN does (digits and capitals except I, O, Q)", field.en),
    ));
}

fn vin_order(field: &Field, declared: VinOrder, out: &mut Vec<Finding>) {
    let Ok(mut as_declared) = <[u8; 17]>::try_from(field.raw.as_slice()) else { return };
    let Some(natural) = natural_vin(&as_declared, declared) else { return };
    if declared == VinOrder::Reversed {
        as_declared.reverse();
    }
    let padding = as_declared.iter().position(|byte| *byte != 0).unwrap_or(0);
    if declared == VinOrder::Unstated || text(as_declared.get(padding..).unwrap_or_default()) == natural {
        return;
    }
    let (zh, en) = if declared == VinOrder::Reversed {
        ("倒序", "last character first")
    } else {
        ("正序", "first character first")
    };
    out.push(Finding::new(
        Severity::Info,
        "vin-order",
        field.offset,
        format!("“{}”应为{zh}，按校验位却是反过来的：已按 {natural} 显示", field.zh),
        format!("{} should stand {en}; by its check digit it stands the other way, shown as {natural}", field.en),
    ));
}

fn counted_text(field: &Field, out: &mut Vec<Finding>) {
    let announced = field.raw.first().copied().map_or(0, usize::from);
    let there = field.raw.len().saturating_sub(1);
    if announced > there {
        out.push(Finding::new(
            Severity::Error,
            "text-too-short",
            field.offset,
            format!("“{}”的长度字节为 {announced}，实际只有 {there} 字节", field.zh),
            format!("{} announces {}, but {there} came", field.en, counted_bytes(announced)),
        ));
    }
}

/// Longest QR prefix that piles take (revision of 2023-08).
const LONGEST_PREFIX: usize = 200;

fn qr_prefix(subject: &Subject<'_>, field: &Field, out: &mut Vec<Finding>) {
    let length = field.raw.first().copied().map_or(0, usize::from);
    let is_prefix = subject.layout.is_some_and(|layout| layout.name == QrPrefixRequest::LAYOUT.name);
    if is_prefix && length > LONGEST_PREFIX {
        out.push(Finding::new(
            Severity::Warning,
            "qr-prefix-too-long",
            field.offset,
            format!("“{}”为 {length} 字符，最长 {LONGEST_PREFIX}", field.zh),
            format!("{} has {length} characters, at most {LONGEST_PREFIX} are allowed", field.en),
        ));
    }
}

fn fault_base(subject: &Subject<'_>, field: &Field, out: &mut Vec<Finding>) {
    if field.number & 1 == 1 && subject.options.fault_base == 0 {
        out.push(Finding::new(
            Severity::Warning,
            "fault-bit-base",
            field.offset,
            format!(
                "“{}”掩码 0x0001 置位：规范从 Bit1 数起，该桩可能把 Bit1 放在 0x0001（即急停），则各位都要减一",
                field.zh
            ),
            format!(
                "{} has mask 0x0001 set: the specification counts from bit 1, so this pile probably puts bit 1 there \
                 (emergency stop), and every fault means the bit above",
                field.en
            ),
        ));
    }
}

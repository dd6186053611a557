//! Whether a body is one of its type.

use super::super::explain::{self, TAIL};
use super::super::finding::{Finding, Fix, Severity, counted_bytes};
use super::super::scan::Framing;
use super::super::shape::fits;
use super::super::value::{big_endian, little_endian};
use super::{Subject, relative, single};
use crate::layout::{Direction, Layout, byte_offset};
use crate::wire::Kind;
use crate::ykc::Dialect;
use crate::ykc::frame::HEADER_LENGTH;
use crate::ykc::message::{LAYOUTS, TransactionRecord, TransactionRecordV14, layout};
use crate::{Protocol, aaf5};

/// Judges the body as a whole; true when it is read along a wrong layout, so that its fields say nothing.
pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) -> bool {
    let Some(own) = subject.layout else {
        if relative::recognise(subject).is_none() {
            out.push(swapped_command(subject).unwrap_or_else(|| unknown_type(subject)));
        }
        return false;
    };
    let length = subject.bytes.len();
    if matches!(subject.framing, Framing::Incomplete { .. }) {
        return false;
    }
    count_mismatch(subject, own, out);
    let ends_in_counted_text = own.fields.iter().any(|field| matches!(field.kind, Kind::CountedText));
    if fits(own, length) && !(ends_in_counted_text && subject.body.undeclared > 0) {
        return false;
    }
    // What follows knows the habits of YKC.
    if own.protocol != Protocol::Ykc {
        wrong_length(subject, own, out);
        return false;
    }
    if let Some(finding) = wide_argument(subject, own).or_else(|| long_year(subject, own)) {
        out.push(finding);
        return false;
    }
    if let Some(other) = other_dialect(subject, own) {
        out.push(other);
        return true;
    }
    if let Some(older) = record_before_v15(subject, own) {
        out.push(older);
        return true;
    }
    if let Some(other) = body_of_another_type(subject, own) {
        out.push(body_of_other_type(own, other, length));
        return true;
    }
    wrong_length(subject, own, out);
    false
}

fn unknown_type(subject: &Subject<'_>) -> Finding {
    let header = subject.header;
    let code = header.protocol.written(header.frame_type);
    Finding::new(
        Severity::Warning,
        "unknown-type",
        header.type_at(),
        format!("未知帧类型 {code}：保留原样，不应答"),
        format!("frame type {code} is unknown: kept as it is, answered by nothing"),
    )
}

/// A command of AA F5 whose bytes stand the wrong way round.
fn swapped_command(subject: &Subject<'_>) -> Option<Finding> {
    let header = subject.header;
    if header.protocol != Protocol::Aaf5 {
        return None;
    }
    let meant = header.frame_type.swap_bytes();
    let length = subject.bytes.len();
    let layout = aaf5::message::layout(meant, length, aaf5::Dialect::Standard).filter(|layout| fits(layout, length))?;
    let finding = Finding::new(
        Severity::Error,
        "command-big-endian",
        header.type_at(),
        format!("命令代码写成了高字节在前：应为 {meant}（{}），低字节在前", layout.zh),
        format!("the command stands high byte first: {meant} ({}) is meant, low byte first", layout.en),
    );
    Some(finding.with_fix(Fix::FrameType(meant)))
}

fn wrong_length(subject: &Subject<'_>, own: &'static Layout, out: &mut Vec<Finding>) {
    let (length, expected) = (subject.bytes.len(), own.required_length());
    let at_end = subject.header.bytes() + length;
    if let Some(missing) = &subject.body.missing {
        let (zh, en) = (missing.field.zh, missing.field.en);
        out.push(Finding::new(
            Severity::Error,
            "body-too-short",
            at_end,
            format!("消息体为 {length} 字节，应为 {expected} 字节：缺少“{zh}”及其后字段"),
            format!("the body has {}, expected {expected}: it ends before {en}", counted_bytes(length)),
        ));
    } else if subject.body.undeclared > 0 {
        let extra = subject.body.undeclared;
        let declared = length - extra;
        out.push(Finding::new(
            Severity::Warning,
            "trailing-bytes",
            at_end - extra,
            format!("消息体多出 {extra} 字节（规范为 {declared} 字节）：保留，未解析"),
            format!("the body has {} beyond the {declared} of its layout: kept, not decoded", counted_bytes(extra)),
        ));
    }
}

/// A last argument of one byte that was written as an integer of 2 or 4 bytes.
fn wide_argument(subject: &Subject<'_>, own: &'static Layout) -> Option<Finding> {
    let last = own.fields.last()?;
    let Kind::Code(table) = last.kind else { return None };
    let width = 1 + subject.body.undeclared;
    if last.bits != 8 || !matches!(width, 2 | 4) || own.repeated.is_some() {
        return None;
    }
    let begin = subject.bytes.len().checked_sub(width)?;
    let argument = subject.bytes.get(begin..)?;
    let number = [big_endian(argument), little_endian(argument)]
        .into_iter()
        .filter_map(|number| u32::try_from(number).ok())
        .find(|number| *number <= 0xFF && table.find(*number).is_some())?;
    let offset = HEADER_LENGTH + begin;
    let finding = Finding::new(
        Severity::Error,
        "argument-width",
        offset,
        format!("“{}”占 1 字节，这里写成了 {width} 字节整数；应为 0x{number:02X}", last.zh),
        format!("{} takes 1 byte but was written as an integer of {width} bytes; expected 0x{number:02X}", last.en),
    );
    Some(finding.with_fix(Fix::Replace { offset, remove: width, insert: vec![number as u8] }))
}

/// A time in digits at the end that was written with a year of four digits instead of two.
fn long_year(subject: &Subject<'_>, own: &'static Layout) -> Option<Finding> {
    let last = own.fields.last()?;
    let offset = HEADER_LENGTH + own.full_length() - last.bits / 8;
    let starts_with_century = subject.raw.get(offset) == Some(&0x20);
    if last.name != "parallel_session_number" || subject.body.undeclared != 1 || !starts_with_century {
        return None;
    }
    let finding = Finding::new(
        Severity::Error,
        "year-of-four-digits",
        offset,
        format!("“{}”应为 6 字节 yyMMddHHmmss，这里年份写成了 4 位", last.zh),
        format!("{} takes 6 bytes yyMMddHHmmss but was written with a year of four digits", last.en),
    );
    Some(finding.with_fix(Fix::Replace { offset, remove: 1, insert: Vec::new() }))
}

/// A record with meter readings of 4 bytes under the type of those with 5.
fn record_before_v15(subject: &Subject<'_>, own: &'static Layout) -> Option<Finding> {
    const SHORT_READINGS: usize = 4 + 4;
    let (own_code, older) = (TransactionRecord::LAYOUT.code, TransactionRecordV14::LAYOUT);
    let length = subject.bytes.len();
    if own.name != TransactionRecord::LAYOUT.name || !fits(older, length) || suspicions(older, subject.bytes) > 0 {
        return None;
    }
    let begin = byte_offset(older.fields, "meter_start")?;
    let [a, b, c, d, e, f, g, h] = *subject.bytes.get(begin..)?.first_chunk::<SHORT_READINGS>()?;
    let expected = own.full_length();
    let finding = Finding::new(
        Severity::Error,
        "record-before-v15",
        HEADER_LENGTH + begin,
        format!(
            "消息体为 {length} 字节，像 V1.5 之前的账单：电表总起值、总止值各占 4 字节；0x{own_code:02X} 各占 5 字节，共 {expected} 字节"
        ),
        format!(
            "the body of {length} bytes looks like a record before V1.5, whose meter readings have 4 bytes; \
             those of 0x{own_code:02X} have 5, {expected} bytes in all"
        ),
    );
    let insert = vec![a, b, c, d, 0, e, f, g, h, 0];
    Some(finding.with_fix(Fix::Replace { offset: HEADER_LENGTH + begin, remove: SHORT_READINGS, insert }))
}

fn other_dialect(subject: &Subject<'_>, own: &'static Layout) -> Option<Finding> {
    let length = subject.bytes.len();
    let frame_type = u8::try_from(subject.header.frame_type).ok()?;
    let mut others = Dialect::ALL.into_iter().filter(|dialect| *dialect != subject.options.dialect);
    let fitting = others.find(|dialect| {
        layout(frame_type, length, *dialect)
            .is_some_and(|other| other.name != own.name && fits(other, length) && suspicions(other, subject.bytes) == 0)
    })?;
    let name = fitting.name();
    Some(Finding::new(
        Severity::Warning,
        "other-dialect",
        5,
        format!("消息体不符合当前方言，符合方言 {name}：用 --dialect {name} 再试"),
        format!("the body does not fit this dialect but fits {name}: try --dialect {name}"),
    ))
}

/// Trailing bytes that a vendor may well append to a good body; more of them ask for an explanation.
const SMALL_EXTENSION: usize = 3;

/// The one other layout of which a body is a perfect instance, when it is a bad one of its own or has much behind it.
fn body_of_another_type(subject: &Subject<'_>, own: &'static Layout) -> Option<&'static Layout> {
    let reads_well = subject.body.missing.is_none() && suspicions(own, subject.bytes) == 0;
    if reads_well && subject.body.undeclared <= SMALL_EXTENSION {
        return None;
    }
    let mut candidates = LAYOUTS.iter().copied().filter(|other| {
        other.code != own.code
            && other.direction == own.direction
            && other.repeated.is_none()
            && !other.is_conditional()
            && !other.fields.iter().any(|field| field.kind.is_variable())
            && fits(other, subject.bytes.len())
            && suspicions(other, subject.bytes) == 0
            && is_recognisable(own, other, subject.bytes)
    });
    candidates.next().filter(|_| candidates.next().is_none())
}

/// Whether a body shows that it is of another layout: digits, codes or times that hold, beyond the fields that both
/// layouts begin with. Plain numbers show nothing.
fn is_recognisable(own: &'static Layout, other: &'static Layout, bytes: &[u8]) -> bool {
    let body = explain::body(other, bytes, 0);
    body.fields.iter().skip(common_fields(own, other)).any(|field| {
        let telling = matches!(field.kind, Kind::Bcd { .. } | Kind::Code(_) | Kind::Time);
        telling && field.packed.is_none() && field.raw.iter().any(|byte| *byte != 0)
    })
}

/// How many fields two layouts begin with alike.
fn common_fields(left: &Layout, right: &Layout) -> usize {
    left.fields.iter().zip(right.fields).take_while(|(left, right)| left.name == right.name).count()
}

/// How many things of a body are unlikely when it is read along a layout.
fn suspicions(layout: &'static Layout, bytes: &[u8]) -> usize {
    let body = explain::body(layout, bytes, 0);
    body.fields.iter().filter(|field| field.name != TAIL && single::is_unlikely(field)).count()
}

fn body_of_other_type(own: &'static Layout, other: &'static Layout, length: usize) -> Finding {
    let (own_code, code) = (own.code, other.code);
    let reads_alike = common_fields(own, other) == own.fields.len();
    Finding::new(
        if reads_alike { Severity::Warning } else { Severity::Error },
        "body-of-other-type",
        5,
        format!(
            "帧类型为 0x{own_code:02X}（{}），但 {length} 字节的消息体是 0x{code:02X}（{}）的：帧类型应为 0x{code:02X}",
            own.zh, other.zh
        ),
        format!(
            "the type is 0x{own_code:02X} ({}), but the body of {length} bytes is one of 0x{code:02X} ({}): \
             the type should be 0x{code:02X}",
            own.en, other.en
        ),
    )
    .with_fix(Fix::FrameType(code))
}

/// Whether a message counts what is asked for, or was set, and carries none of it (AA F5: 1 and 2).
fn only_asks(subject: &Subject<'_>, own: &Layout) -> bool {
    const SET: u64 = 1;
    let Some(action) = subject.number("action").filter(|_| own.protocol == Protocol::Aaf5) else { return false };
    match own.direction {
        Direction::Down => action != SET,
        Direction::Up => action == SET || subject.number("result") != Some(0),
    }
}

/// A count of groups that are not there, or fewer than are.
fn count_mismatch(subject: &Subject<'_>, own: &'static Layout, out: &mut Vec<Finding>) {
    let Some((group, counter)) = own.repeated.as_ref().and_then(|group| Some((group, group.counted_by?))) else {
        return;
    };
    let Some(count) = subject.field(counter) else { return };
    let each = group.fields.iter().map(|field| field.bits).sum::<usize>() / 8;
    let space = subject.bytes.len().saturating_sub(own.full_length());
    let there = space.checked_div(each).unwrap_or(0);
    if usize::try_from(count.number).is_ok_and(|count| count == there) || there == 0 && only_asks(subject, own) {
        return;
    }
    let finding = Finding::new(
        Severity::Error,
        "count-mismatch",
        count.offset,
        format!("“{}”为 {}，实际有 {there} 组", count.zh, count.number),
        format!("{} says {}, but {there} are there", count.en, count.number),
    );
    let whole = space == there * each;
    out.push(if whole { finding.with_bytes(count.offset, vec![there as u8]) } else { finding });
}

//! A check sum that does not hold, and which one a sender computed, by trying the usual mistakes.

use super::super::super::finding::{Finding, Fix, Severity};
use super::super::super::shape::fits;
use super::super::super::value::hex;
use super::super::Subject;
use crate::aaf5::checksum::checksum;
use crate::ykc::crc::crc16;

/// Where the sum begins: at the command.
const COUNTED_FROM: usize = 6;

/// Says what is wrong with the check sum of a frame.
pub(in super::super) fn bad_sum(subject: &Subject<'_>) -> Finding {
    let raw = subject.raw;
    let end = raw.len().saturating_sub(1);
    let expected = checksum(raw.get(COUNTED_FROM..end).unwrap_or_default());
    let sent = raw.last().copied().unwrap_or_default();
    // A CRC explains two bytes, so it is no accident; one byte is an accident in 256 with each try.
    if let Some(finding) = crc(raw) {
        return finding;
    }
    if let Some((zh, en)) = other_range(raw, sent).or_else(|| other_way(raw, sent)) {
        return Finding::new(
            Severity::Error,
            "checksum-other",
            end,
            format!("校验和 {sent:02X} {zh}；应从命令代码加到数据域末尾，即 {expected:02X}"),
            format!("the check sum {sent:02X} {en}; command and body are meant, that is {expected:02X}"),
        )
        .with_fix(Fix::Envelope);
    }
    if let Some(finding) = missing(subject) {
        return finding;
    }
    Finding::new(
        Severity::Error,
        "checksum-wrong",
        end,
        format!("校验和为 {sent:02X}，应为 {expected:02X}（命令代码与数据域逐字节累加取低 8 位）"),
        format!("the check sum is {sent:02X}, expected {expected:02X} (command and body summed up, the low 8 bits)"),
    )
    .with_fix(Fix::Envelope)
}

/// A sum of other bytes.
fn other_range(raw: &[u8], sent: u8) -> Option<(&'static str, &'static str)> {
    let ranges = [
        (0, "从起始域 AA 加起", "is summed from the start bytes on"),
        (2, "从长度域加起", "is summed from the length on"),
        (4, "从信息域加起", "is summed from the information byte on"),
        (8, "只加了数据域", "is the sum of the body only"),
    ];
    let end = raw.len().checked_sub(1)?;
    let (_, zh, en) = ranges.into_iter().find(|(from, ..)| raw.get(*from..end).map(checksum) == Some(sent))?;
    Some((zh, en))
}

/// Something else than a sum.
fn other_way(raw: &[u8], sent: u8) -> Option<(&'static str, &'static str)> {
    let end = raw.len().checked_sub(1)?;
    let xor = |from: usize| raw.get(from..end).map(|bytes| bytes.iter().fold(0, |all, byte| all ^ byte));
    let sum = raw.get(COUNTED_FROM..end).map(checksum)?;
    let crc_low = |from: usize| raw.get(from..end).map(|bytes| crc16(bytes).to_le_bytes()).map(|[low, _]| low);
    if [COUNTED_FROM, 4, 2, 0].into_iter().any(|from| xor(from) == Some(sent)) {
        Some(("是异或值", "is an exclusive or"))
    } else if !sum == sent {
        Some(("是累加和的反码", "is the inverted sum"))
    } else if sum.wrapping_neg() == sent {
        Some(("是累加和的补码", "is the negated sum"))
    } else if [COUNTED_FROM, 0].into_iter().any(|from| crc_low(from) == Some(sent)) {
        Some(("是 CRC-16 的低字节", "is the low byte of a CRC-16"))
    } else {
        None
    }
}

/// A CRC of two bytes in the place of the sum.
fn crc(raw: &[u8]) -> Option<Finding> {
    let (rest, sent) = raw.split_last_chunk::<2>()?;
    let is_crc = |from: usize| {
        let crc = rest.get(from..).map(crc16)?;
        (crc.to_le_bytes() == *sent || crc.to_be_bytes() == *sent).then_some(())
    };
    [COUNTED_FROM, 4, 2, 0].into_iter().find_map(is_crc)?;
    let expected = checksum(rest.get(COUNTED_FROM..).unwrap_or_default());
    let finding = Finding::new(
        Severity::Error,
        "checksum-crc",
        rest.len(),
        format!("帧尾是两字节 CRC-16 {}；应为一字节累加和 {expected:02X}", hex(sent)),
        format!("the frame ends in a CRC-16 of two bytes, {}; a sum of one byte is meant, {expected:02X}", hex(sent)),
    );
    Some(finding.with_fix(Fix::Replace { offset: rest.len(), remove: 1, insert: Vec::new() }))
}

/// A frame that ends with its body.
fn missing(subject: &Subject<'_>) -> Option<Finding> {
    let layout = subject.layout?;
    let length = subject.bytes.len();
    let last = *subject.raw.last()?;
    let is_fixed = layout.repeated.is_none() && !layout.fields.iter().any(|field| field.kind.is_variable());
    if !is_fixed || fits(layout, length) || !fits(layout, length + 1) {
        return None;
    }
    let end = subject.raw.len();
    let expected = checksum(subject.raw.get(COUNTED_FROM..).unwrap_or_default());
    let finding = Finding::new(
        Severity::Error,
        "checksum-missing",
        end,
        format!("帧尾没有校验和：数据域后应有 {expected:02X}"),
        format!("the check sum is missing: {expected:02X} should follow the body"),
    );
    Some(finding.with_fix(Fix::Replace { offset: end - 1, remove: 0, insert: vec![last] }))
}

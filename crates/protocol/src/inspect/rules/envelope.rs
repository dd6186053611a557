//! Start, length, encryption, CRC.

use super::super::finding::{Finding, Fix, Severity, counted_bytes};
use super::super::scan::{Found, Framing, Proof};
use super::super::value::hex;
use super::{Subject, aaf5, crc_guess, relative};
use crate::Protocol;
use crate::ykc::cipher::FLAG_3DES;
use crate::ykc::crc::crc16;
use crate::ykc::frame::{CrcOrder, UNCOUNTED};

pub(super) fn check(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let (raw, protocol) = (subject.raw, subject.header.protocol);
    let bad_check = || if protocol == Protocol::Aaf5 { aaf5::bad_sum(subject) } else { bad_crc(raw) };
    if let Some(relative) = relative::recognise(subject) {
        out.push(relative);
        return;
    }
    match subject.framing {
        Framing::Sound(proof) => order(raw, proof, out),
        Framing::Version2 { .. } => {}
        Framing::BadCheck => out.push(bad_check()),
        Framing::WrongLength(proof) => {
            out.push(wrong_length(subject, proof.is_some()));
            match proof {
                Some(proof) => order(raw, proof, out),
                None => out.push(bad_check()),
            }
        }
        Framing::Incomplete { missing } => {
            let before = subject.body.missing.as_ref().map(|missing| (missing.field.zh, missing.field.en));
            out.push(incomplete(raw, protocol, missing, before));
        }
    }
    encryption(subject, out);
}

/// Findings about what has no header of 1.x.
pub(super) fn without_header(found: &Found<'_>) -> Vec<Finding> {
    vec![match found.framing {
        Framing::Incomplete { missing } => {
            let before = match found.protocol {
                Protocol::Ykc => ("帧类型", "its type"),
                Protocol::Aaf5 => ("命令代码", "its command"),
            };
            incomplete(found.raw, found.protocol, missing, Some(before))
        }
        Framing::Version2 { crc_holds: false } => Finding::new(
            Severity::Error,
            "version-2",
            1,
            "帧头像 V2.x（长度占 2 字节，带发送时间），但 CRC 不成立或帧不完整；本工具只解析 V1.x",
            "it begins like a V2.x frame (a length of 2 bytes, the time of sending), but its CRC does not hold or it is cut off; \
             only V1.x is read",
        ),
        _ => Finding::new(
            Severity::Error,
            "version-2",
            1,
            "V2.x 帧（长度占 2 字节）：本工具只解析 V1.x",
            "a V2.x frame (its length has 2 bytes): only V1.x is read",
        ),
    }]
}

fn high_byte_first(raw: &[u8]) -> Finding {
    Finding::new(
        Severity::Info,
        "crc-high-byte-first",
        raw.len().saturating_sub(2),
        "CRC 高字节在前；平台通常低字节在前，不少桩只认低字节在前",
        "the CRC stands high byte first; platforms send it low byte first, and many piles accept only that",
    )
}

fn bad_crc(raw: &[u8]) -> Finding {
    let end = raw.len().saturating_sub(2);
    let expected = hex(&crc16(raw.get(2..end).unwrap_or_default()).to_le_bytes());
    let sent = raw.last_chunk::<2>().copied().unwrap_or_default();
    let guess = crc_guess::guess(raw, sent);
    let (code, zh, en) = match guess {
        Some(guess) => {
            (guess.code, format!("{}，即 {expected}", guess.zh), format!("{}, that is {expected}", guess.en))
        }
        None => (
            "crc-wrong",
            format!("CRC 为 {}，应为 {expected}（CRC-16/MODBUS，低字节在前）", hex(&sent)),
            format!("the CRC is {}, expected {expected} (CRC-16/MODBUS, low byte first)", hex(&sent)),
        ),
    };
    Finding::new(Severity::Error, code, end, zh, en).with_fix(Fix::Envelope)
}

fn order(raw: &[u8], proof: Proof, out: &mut Vec<Finding>) {
    if proof == Proof::Crc(CrcOrder::HighFirst) {
        out.push(high_byte_first(raw));
    }
}

fn wrong_length(subject: &Subject<'_>, proven: bool) -> Finding {
    let (sent, length) = (subject.header.length, subject.raw.len());
    if subject.header.protocol == Protocol::Aaf5 {
        let (zh, en) = length_meant(sent, length);
        return Finding::new(
            Severity::Error,
            "length-wrong",
            2,
            format!("长度域为 {sent}，应为 {length}（整帧字节数）：校验和在此长度成立{zh}"),
            format!(
                "the length is {sent}, expected {length} (of the whole frame): the check sum holds at that length{en}"
            ),
        )
        .with_fix(Fix::Envelope);
    }
    let right = length.saturating_sub(UNCOUNTED);
    let (why_zh, why_en) = if proven {
        ("CRC 在此长度成立", "the CRC holds at that length")
    } else {
        ("此长度符合该帧类型", "the body has the length of its type there")
    };
    Finding::new(
        Severity::Error,
        "length-wrong",
        1,
        format!("长度字节为 {sent}（0x{sent:02X}），应为 {right}（0x{right:02X}）：{why_zh}"),
        format!("the length byte is {sent} (0x{sent:02X}), expected {right} (0x{right:02X}): {why_en}"),
    )
    .with_fix(Fix::Envelope)
}

/// What a wrong length of AA F5 counts instead of the whole frame.
fn length_meant(sent: u16, length: usize) -> (&'static str, &'static str) {
    let counted = usize::from(sent);
    if usize::from(sent.swap_bytes()) == length {
        return ("；写成了高字节在前", "; it stands high byte first");
    }
    match length.checked_sub(counted) {
        Some(9) => ("；只数了数据域", "; it counts the body only"),
        Some(1) => ("；没有数校验和", "; it does not count the check sum"),
        Some(4) => ("；没有数起始域和长度域", "; it does not count start and length"),
        Some(2) => ("；没有数起始域", "; it does not count the start"),
        None if counted == length + 6 => {
            ("；按 15 + N 计，是宇晖一类协议的数法", "; it is 15 + N, as relatives of the ZH kind count")
        }
        _ => ("", ""),
    }
}

/// A frame whose end is not there, nor what stands behind the last whole field.
fn incomplete(raw: &[u8], protocol: Protocol, missing: usize, before: Option<(&str, &str)>) -> Finding {
    let there = raw.len();
    // Where the length itself is cut off, a frame has at least the bytes of the shortest.
    let at_least = match protocol {
        Protocol::Ykc => there < 2,
        Protocol::Aaf5 => there < 4,
    };
    let (least_zh, least_en) = if at_least { ("至少", "at least ") } else { ("", "") };
    let verb = if missing == 1 { "is" } else { "are" };
    let (ends_zh, ends_en) = match before {
        Some((zh, en)) => (format!("；在“{zh}”处断开"), format!("; it ends before {en}")),
        None => Default::default(),
    };
    Finding::new(
        Severity::Error,
        "incomplete",
        there,
        format!("帧不完整：已有 {there} 字节，{least_zh}还缺 {missing} 字节{ends_zh}"),
        format!(
            "the frame is cut off: it has {}, {least_en}{missing} more {verb} missing{ends_en}",
            counted_bytes(there)
        ),
    )
}

fn encryption(subject: &Subject<'_>, out: &mut Vec<Finding>) {
    let flag = subject.header.flags;
    if subject.header.protocol == Protocol::Aaf5 {
        if subject.header.is_encrypted() {
            out.push(Finding::new(
                Severity::Warning,
                "encrypted",
                4,
                "消息体为 AES 密文，未解密；没有密钥无法解析",
                "the body is encrypted with AES and was not decoded: that takes the connection's key",
            ));
        }
        return;
    }
    match flag {
        0 => {}
        FLAG_3DES => out.push(Finding::new(
            Severity::Warning,
            "encrypted",
            4,
            "消息体为 3DES 密文，未解密；没有密钥无法解析",
            "the body is encrypted with 3DES and was not decoded: that takes the pile's key",
        )),
        _ => out.push(Finding::new(
            Severity::Warning,
            "encrypted",
            4,
            format!("加密标志 0x{flag:02X} 未定义（0 明文，1 3DES），消息体未解析"),
            format!("encryption flag 0x{flag:02X} is not defined (0 plain, 1 3DES): the body was not decoded"),
        )),
    }
}

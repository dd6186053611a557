//! Frames of protocols that begin like AA F5 and are others.

use super::super::finding::{Finding, Fix, Severity};
use super::super::scan::{self, Framing};
use super::Subject;
use crate::Protocol;
use crate::aaf5::relative::Relative;

/// Says whose frame it is, where it is that of a relative.
pub(super) fn recognise(subject: &Subject<'_>) -> Option<Finding> {
    let doubtful = matches!(subject.framing, Framing::BadCheck | Framing::Incomplete { .. });
    if subject.header.protocol != Protocol::Aaf5 || !doubtful {
        return None;
    }
    let relative = scan::relative(subject.raw)?;
    let (zh, en) = match relative {
        // What a sum from the start says by itself is as likely a slip.
        Relative::SumFromStart => return None,
        Relative::CountsSixMore => (
            "长度按 15 + N 计、校验和从起始域加起（宇晖一类）",
            "its length is 15 + N and its sum begins at the start bytes (the ZH kind)",
        ),
        Relative::HeadOf11 => ("帧头有 11 字节，序列号占 4 字节", "its head has 11 bytes, the sequence 4 of them"),
        Relative::HeadOf14 => (
            "帧头有 14 字节，版本和序列号各占 4 字节（汇誉、小桔一类）",
            "its head has 14 bytes, version and sequence 4 each",
        ),
    };
    let finding = Finding::new(
        Severity::Error,
        "relative",
        2,
        format!("这是 AA F5 的近亲协议：{zh}；命令相近，但不兼容，平台不会应答"),
        format!("a protocol related to AA F5: {en}; its commands are alike, but it is not compatible"),
    );
    Some(match relative {
        Relative::CountsSixMore => {
            let last = subject.raw.len().saturating_sub(1);
            finding.with_fix(Fix::Replace { offset: last, remove: 1, insert: Vec::new() })
        }
        _ => finding,
    })
}

//! What the inspector has to say about a frame, and the frame that was probably meant.

use super::lang::Bilingual;
use super::report::Header;
use crate::ykc::frame::CrcOrder;
use crate::{Protocol, aaf5, ykc};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The other side will refuse or misread the frame.
    Error,
    /// It is understood, but something is unlikely to be meant.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// `error`, `warning` or `info`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Stable name for machines, `kebab-case`.
    pub code: &'static str,
    /// The byte it is about, from the frame's start.
    pub offset: usize,
    /// What is wrong and what was probably meant.
    pub message: Bilingual,
    /// What would make it right.
    pub fix: Option<Fix>,
}

/// A change that makes a frame right. Length and CRC are always written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fix {
    /// Only length and CRC.
    Envelope,
    /// Another frame type.
    FrameType(u16),
    /// Other bytes in the body.
    Replace {
        /// First byte, from the frame's start.
        offset: usize,
        /// Bytes that go.
        remove: usize,
        /// Bytes that come.
        insert: Vec<u8>,
    },
}

impl Finding {
    /// A finding without a fix.
    pub(super) fn new(
        severity: Severity,
        code: &'static str,
        offset: usize,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self { severity, code, offset, message: Bilingual::new(zh, en), fix: None }
    }

    /// The same with a fix.
    #[must_use]
    pub(super) fn with_fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// The same with bytes of the body replaced by as many others.
    #[must_use]
    pub(super) fn with_bytes(self, offset: usize, insert: Vec<u8>) -> Self {
        let remove = insert.len();
        self.with_fix(Fix::Replace { offset, remove, insert })
    }
}

/// `1 byte`, `2 bytes`.
pub(super) fn counted_bytes(count: usize) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}

/// The frame with all fixes applied; `None` when there are none or the frame would be too long.
#[must_use]
pub(super) fn corrected(
    findings: &[Finding],
    header: Header,
    body: &[u8],
    crc_order: Option<CrcOrder>,
) -> Option<Vec<u8>> {
    let mut frame_type = header.frame_type;
    let mut body = body.to_vec();
    let mut fixes: Vec<&Fix> = findings.iter().filter_map(|finding| finding.fix.as_ref()).collect();
    if fixes.is_empty() {
        return None;
    }
    // From the back, so that a change of length moves nothing that is still to be replaced.
    fixes.sort_by_key(|fix| match fix {
        Fix::Replace { offset, .. } => std::cmp::Reverse(*offset),
        _ => std::cmp::Reverse(0),
    });
    for fix in fixes {
        match fix {
            Fix::Envelope => {}
            Fix::FrameType(right) => frame_type = *right,
            Fix::Replace { offset, remove, insert } => {
                let begin = offset.saturating_sub(header.bytes()).min(body.len());
                let end = (begin + remove).min(body.len());
                body.splice(begin..end, insert.iter().copied());
            }
        }
    }
    framed(header, frame_type, &body, crc_order.unwrap_or_default())
}

/// A frame like one that has a header, with another type and body.
fn framed(header: Header, frame_type: u16, body: &[u8], crc_order: CrcOrder) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len() + header.bytes() + 2);
    match header.protocol {
        Protocol::Ykc => {
            let envelope = ykc::frame::Envelope { sequence: header.sequence, encryption: header.flags, crc_order };
            ykc::frame::write_frame(&mut out, envelope, u8::try_from(frame_type).ok()?, |writer| writer.put(body))
                .ok()?;
        }
        Protocol::Aaf5 => {
            let [sequence, _] = header.sequence;
            let envelope = aaf5::frame::Envelope { info: header.flags, sequence };
            aaf5::frame::write_frame(&mut out, envelope, frame_type, |writer| writer.put(body)).ok()?;
        }
    }
    Some(out)
}

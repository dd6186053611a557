//! A frame as the page shows it: its bytes and its fields in the same tints, and what the inspector says about it.

use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::explain::Field;
use voltapile_protocol::inspect::lang::{Bilingual, Lang, in_unit};
use voltapile_protocol::inspect::text::spaced;
use voltapile_protocol::inspect::value::Value;
use voltapile_protocol::inspect::{self, Severity};
use voltapile_protocol::wire::Kind;
use voltapile_protocol::ykc::CrcOrder;

/// Tints that neighbouring fields take in turn; the classes `t0`, `t1` … of the style sheet.
const TINTS: usize = 5;

/// A frame, ready to be shown.
pub(super) struct FrameView {
    /// All bytes, in runs of one tint.
    pub(super) runs: Vec<Run>,
    /// Sequence number, in hex.
    pub(super) sequence: String,
    /// What the check sum is called.
    pub(super) check: Bilingual,
    /// Whether it holds; a CRC's order.
    pub(super) crc: Bilingual,
    /// Whether it does.
    pub(super) crc_holds: bool,
    /// Its fields.
    pub(super) fields: Vec<FieldView>,
    /// What the inspector says.
    pub(super) findings: Vec<FindingView>,
}

/// Bytes of one tint.
pub(super) struct Run {
    /// Class of the style sheet.
    pub(super) tint: String,
    /// The bytes, with spaces.
    pub(super) hex: String,
}

/// A field, ready to be shown.
pub(super) struct FieldView {
    pub(super) tint: String,
    pub(super) offset: String,
    pub(super) label: Bilingual,
    pub(super) value: Bilingual,
    pub(super) hex: String,
}

/// What the inspector says about a frame.
pub(super) struct FindingView {
    pub(super) severity: &'static str,
    pub(super) offset: usize,
    pub(super) message: Bilingual,
}

impl FrameView {
    pub(super) fn new(frame: &inspect::Report) -> Self {
        Self {
            runs: runs(frame),
            sequence: frame.header.map(|header| spaced(header.sequence())).unwrap_or_default(),
            check: check(frame.protocol),
            crc: crc(frame),
            crc_holds: frame.framing.holds(),
            fields: frame.fields.iter().enumerate().map(|(at, field)| FieldView::new(at, field)).collect(),
            findings: frame.findings.iter().map(FindingView::new).collect(),
        }
    }
}

impl FieldView {
    fn new(at: usize, field: &Field) -> Self {
        let (offset, hex) = match field.packed {
            Some((bit, bits)) => (format!("{}.{bit}", field.offset), format!("0b{:0bits$b}", field.number)),
            None => (field.offset.to_string(), spaced(&field.raw)),
        };
        Self {
            tint: tint(at),
            offset,
            label: Bilingual::new(field.zh.clone(), field.en.clone()),
            value: Bilingual::new(value(field, Lang::Zh), value(field, Lang::En)),
            hex,
        }
    }
}

impl FindingView {
    fn new(finding: &inspect::Finding) -> Self {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        Self { severity, offset: finding.offset, message: finding.message.clone() }
    }
}

fn tint(field: usize) -> String {
    format!("t{}", field % TINTS)
}

/// The bytes of a frame: the header, each field in its tint (of fields that share a byte, the first), the CRC.
fn runs(frame: &inspect::Report) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut at = 0;
    let mut push = |tint: String, to: usize| {
        if let Some(bytes) = frame.raw.get(at..to).filter(|bytes| !bytes.is_empty()) {
            runs.push(Run { tint, hex: spaced(bytes) });
            at = to;
        }
    };
    push("th".to_owned(), frame.header.map_or(0, |header| header.bytes()).min(frame.raw.len()));
    for (index, field) in frame.fields.iter().enumerate() {
        push(tint(index), field.offset + field.length);
    }
    push("th".to_owned(), frame.raw.len());
    runs
}

fn check(protocol: Protocol) -> Bilingual {
    match protocol {
        Protocol::Ykc => Bilingual::new("CRC", "CRC"),
        Protocol::Aaf5 => Bilingual::new("校验和", "check sum"),
    }
}

fn crc(frame: &inspect::Report) -> Bilingual {
    let (zh, en) = match frame.framing.crc_order() {
        Some(CrcOrder::LowFirst) => ("正确，低字节在前", "holds, low byte first"),
        Some(CrcOrder::HighFirst) => ("正确，高字节在前", "holds, high byte first"),
        None if frame.framing.holds() => ("正确", "holds"),
        None if frame.check_length() == 0 => ("缺失", "missing"),
        None => ("错误", "wrong"),
    };
    Bilingual::new(zh, en)
}

fn value(field: &Field, lang: Lang) -> String {
    let text = field.value.to_text(lang);
    match field.kind {
        Kind::Number { unit, .. } if field.value != Value::None => format!("{text}{}", in_unit(unit, lang)),
        _ => text,
    }
}

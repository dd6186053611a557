//! The machine form of a report: one JSON object for each frame. Also what `encode` reads.

use serde::Serialize;
use serde_json::Value as Json;

use super::explain::Field;
use super::finding::Finding;
use super::lang::Lang;
use super::meaning::Meaning;
use super::report::Report;
use super::scan::Framing;
use super::value::hex;
use crate::Protocol;
use crate::layout::Direction;

/// A report as JSON; serialises in the documented order of keys.
#[derive(Debug, Serialize)]
pub struct FrameJson {
    offset: usize,
    length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    protocol: &'static str,
    #[serde(rename = "type")]
    frame_type: Option<String>,
    name: Option<&'static str>,
    label_zh: Option<&'static str>,
    label_en: Option<&'static str>,
    direction: Option<&'static str>,
    sequence: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    information: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crc: Option<CrcJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum: Option<ChecksumJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    length_byte: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    length_field: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_before: Option<&'static str>,
    fields: Vec<FieldJson>,
    findings: Vec<FindingJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    corrected: Option<String>,
    raw: String,
}

#[derive(Debug, Serialize)]
struct CrcJson {
    ok: bool,
    order: Option<&'static str>,
    raw: Option<String>,
}

/// The check sum of AA F5.
#[derive(Debug, Serialize)]
struct ChecksumJson {
    ok: bool,
    raw: Option<String>,
}

#[derive(Debug, Serialize)]
struct FieldJson {
    name: String,
    label_zh: String,
    label_en: String,
    offset: usize,
    length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    bit: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bits: Option<usize>,
    raw: String,
    value: Json,
    unit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text_zh: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text_en: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meaning: Option<MeaningJson>,
}

/// A parameter or command that a number is about.
#[derive(Debug, Serialize)]
struct MeaningJson {
    name: &'static str,
    value: Json,
    unit: Option<&'static str>,
    text_zh: String,
    text_en: String,
}

#[derive(Debug, Serialize)]
struct FindingJson {
    severity: &'static str,
    code: &'static str,
    offset: usize,
    message: String,
}

impl FrameJson {
    /// The report in its machine form; only the findings' messages are in a language, labels and texts come in both.
    #[must_use]
    pub fn new(report: &Report, lang: Lang) -> Self {
        let check = report.check_bytes();
        let raw = || (!check.is_empty()).then(|| hex(check));
        let ok = report.framing.holds();
        let is_version2 = matches!(report.framing, Framing::Version2 { .. });
        let header = report.header;
        let wrong_length =
            header.filter(|_| matches!(report.framing, Framing::WrongLength(_))).map(|header| header.length);
        let (ykc, aaf5) = (report.protocol == Protocol::Ykc, report.protocol == Protocol::Aaf5);
        Self {
            offset: report.offset,
            length: report.raw.len(),
            line: report.line,
            protocol: if is_version2 { "ykc2" } else { report.protocol.name() },
            frame_type: header.map(|header| report.protocol.written(header.frame_type)),
            name: report.layout.map(|layout| layout.name),
            label_zh: report.layout.map(|layout| layout.zh),
            label_en: report.layout.map(|layout| layout.en),
            direction: report.direction.map(Direction::name),
            sequence: header.map(|header| hex(header.sequence())),
            encryption: header.filter(|_| ykc).map(|header| header.flags),
            information: header.filter(|_| aaf5).map(|header| header.flags),
            crc: ykc.then(|| CrcJson { ok, order: report.crc_order_name(), raw: raw() }),
            checksum: aaf5.then(|| ChecksumJson { ok, raw: raw() }),
            length_byte: wrong_length.filter(|_| ykc),
            length_field: wrong_length.filter(|_| aaf5),
            ends_before: report.ends_before,
            fields: report.fields.iter().map(FieldJson::new).collect(),
            findings: report.findings.iter().map(|finding| FindingJson::new(finding, lang)).collect(),
            corrected: report.corrected.as_deref().map(hex),
            raw: hex(&report.raw),
        }
    }
}

impl FieldJson {
    fn new(field: &Field) -> Self {
        let unit = Some(field.kind.unit()).filter(|unit| !unit.is_empty());
        Self {
            name: field.name.clone(),
            label_zh: field.zh.clone(),
            label_en: field.en.clone(),
            offset: field.offset,
            length: field.length,
            bit: field.packed.map(|(bit, _)| bit),
            bits: field.packed.map(|(_, bits)| bits),
            raw: hex(&field.raw),
            value: field.value.to_json(),
            unit,
            code: field.value.code(),
            text_zh: field.value.meaning(Lang::Zh),
            text_en: field.value.meaning(Lang::En),
            meaning: field.meaning.as_deref().map(MeaningJson::new),
        }
    }
}

impl MeaningJson {
    fn new(meaning: &Meaning) -> Self {
        Self {
            name: meaning.name,
            value: meaning.value.clone(),
            unit: Some(meaning.unit).filter(|unit| !unit.is_empty()),
            text_zh: meaning.text.zh.clone(),
            text_en: meaning.text.en.clone(),
        }
    }
}

impl FindingJson {
    fn new(finding: &Finding, lang: Lang) -> Self {
        Self {
            severity: finding.severity.name(),
            code: finding.code,
            offset: finding.offset,
            message: finding.message.pick(lang).to_owned(),
        }
    }
}

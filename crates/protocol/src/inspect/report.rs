//! One frame, explained: header, fields, findings, correction.

use super::explain::{self, Body, Field};
use super::finding::{self, Finding, Severity};
use super::rules::{self, Subject};
use super::scan::{Found, Framing};
use crate::layout::{Direction, Layout};
use crate::wire::Kind;
use crate::ykc::Dialect;
use crate::ykc::frame::{CrcOrder, Envelope, HEADER_LENGTH};
use crate::ykc::message::layout;

/// Where the frame type stands, from the frame's start.
const TYPE_AT: usize = 5;

/// How frames are read where the protocol leaves a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Whose reading of a frame type.
    pub dialect: Dialect,
    /// Which printed fault bit of 0x13 is mask 0x0001 (OQ-10).
    pub fault_base: u8,
}

/// What stands before a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The length byte as it came.
    pub length: u8,
    /// Sequence number, as it stands on the wire.
    pub sequence: [u8; 2],
    /// Encryption flag.
    pub encryption: u8,
    /// Frame type.
    pub frame_type: u8,
}

/// A frame, explained.
#[derive(Debug, Clone)]
pub struct Report {
    /// Where it begins in the input's bytes.
    pub offset: usize,
    /// Line of the text it came from, from 1.
    pub line: Option<usize>,
    /// Its bytes.
    pub raw: Vec<u8>,
    /// How well it holds together.
    pub framing: Framing,
    /// Its header; `None` when it ends before or is of another version.
    pub header: Option<Header>,
    /// Its layout; `None` for an unknown type.
    pub layout: Option<&'static Layout>,
    /// Which way it went: what a capture shows, else what frames of its type do.
    pub direction: Option<Direction>,
    /// Its body, field by field.
    pub fields: Vec<Field>,
    /// The field that the body ends before, when it is too short.
    pub ends_before: Option<&'static str>,
    /// What is wrong with it, by offset.
    pub findings: Vec<Finding>,
    /// The frame that was probably meant, when it differs.
    pub corrected: Option<Vec<u8>>,
}

impl Report {
    /// Explains what was found.
    #[must_use]
    pub fn new(found: &Found<'_>, options: Options) -> Self {
        let mut report = Self {
            offset: found.offset,
            line: None,
            raw: found.raw.to_vec(),
            framing: found.framing,
            header: None,
            layout: None,
            direction: None,
            fields: Vec::new(),
            ends_before: None,
            findings: Vec::new(),
            corrected: None,
        };
        match *found.raw {
            [_, length, s0, s1, encryption, frame_type, ..] if !matches!(found.framing, Framing::Version2 { .. }) => {
                report.explain(Header { length, sequence: [s0, s1], encryption, frame_type }, options);
            }
            _ => report.findings = rules::without_header(found),
        }
        report
    }

    fn explain(&mut self, header: Header, options: Options) {
        let end = self.raw.len().saturating_sub(self.framing.crc_length());
        let bytes = self.raw.get(HEADER_LENGTH..end).unwrap_or_default().to_vec();
        self.header = Some(header);
        self.layout = layout(header.frame_type, bytes.len(), options.dialect);
        self.direction = self.layout.map(|layout| layout.direction);
        let body = match self.layout {
            Some(layout) if header.encryption == 0 => explain::body(layout, &bytes, options.fault_base),
            _ => explain::opaque(&bytes),
        };
        let subject = Subject {
            raw: &self.raw,
            header,
            framing: self.framing,
            layout: self.layout,
            bytes: &bytes,
            body: &body,
            options,
        };
        self.findings = rules::judge(&subject);
        let envelope = Envelope { sequence: header.sequence, encryption: header.encryption, ..Envelope::default() };
        self.corrected =
            finding::corrected(&self.findings, envelope, header.frame_type, &bytes, self.framing.crc_order())
                .filter(|corrected| *corrected != self.raw);
        let Body { mut fields, missing, .. } = body;
        rules::forget_absent_sensors(self.layout, &mut fields);
        self.fields = fields;
        // An encoder adds reserved bytes that some leave out: it must know that they were not there.
        let left_out = self.layout.filter(|_| header.encryption == 0).and_then(|layout| {
            let reserved = layout.fields.iter().find(|field| field.optional && matches!(field.kind, Kind::Reserved))?;
            self.fields.iter().all(|field| field.name != reserved.name).then_some(reserved.name)
        });
        self.ends_before = missing.map(|missing| missing.field.name).or(left_out);
    }

    /// Tells which way the frame went, as a capture shows it.
    pub fn went(&mut self, direction: Direction) {
        self.direction = Some(direction);
        if self.layout.is_some_and(|layout| layout.direction != direction) {
            self.add(Finding::new(
                Severity::Warning,
                "wrong-direction",
                TYPE_AT,
                "方向不对：这种帧由另一方发送",
                "it went the wrong way: frames of this type are sent by the other side",
            ));
        }
    }

    /// Adds a finding and keeps them by offset.
    pub(super) fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
        self.findings.sort_by_key(|finding| finding.offset);
    }

    /// Whether a finding is an error.
    #[must_use]
    pub fn has_error(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The two bytes at the end that are a CRC.
    #[must_use]
    pub fn crc_bytes(&self) -> &[u8] {
        self.raw.get(self.raw.len().saturating_sub(self.framing.crc_length())..).unwrap_or_default()
    }

    /// `low_first` or `high_first`, where the CRC holds.
    #[must_use]
    pub fn crc_order_name(&self) -> Option<&'static str> {
        self.framing.crc_order().map(|order| match order {
            CrcOrder::LowFirst => "low_first",
            CrcOrder::HighFirst => "high_first",
        })
    }
}

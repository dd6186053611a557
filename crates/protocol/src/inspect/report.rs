//! One frame, explained: header, fields, findings, correction.

use super::declared;
use super::explain::{self, Body, Field};
use super::finding::{self, Finding, Severity};
use super::lang::Lang;
use super::rules::{self, Subject};
use super::scan::{Found, Framing};
use crate::layout::{Direction, Layout};
use crate::wire::Kind;
use crate::ykc::Dialect;
use crate::ykc::frame::CrcOrder;
use crate::{Protocol, aaf5};

/// How frames are read where the protocol leaves a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// The only protocol that is looked for; `None` when the first bytes of each frame say whose it is.
    pub protocol: Option<Protocol>,
    /// Whose reading of a frame type.
    pub dialect: Dialect,
    /// Which printed fault bit of 0x13 is mask 0x0001 (OQ-10).
    pub fault_base: u8,
}

/// What stands before a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Whose header it is.
    pub protocol: Protocol,
    /// The length as it came.
    pub length: u16,
    /// Sequence number: both bytes of YKC's as they stand on the wire, the one of AA F5 first.
    pub sequence: [u8; 2],
    /// Encryption flag of YKC, information byte of AA F5.
    pub flags: u8,
    /// Frame type.
    pub frame_type: u16,
}

impl Header {
    /// The header at the begin of a frame; `None` where it is cut off.
    fn of(protocol: Protocol, raw: &[u8]) -> Option<Self> {
        match protocol {
            Protocol::Ykc => {
                let [_, length, s0, s1, flags, frame_type] = *raw.first_chunk()?;
                let (length, frame_type) = (u16::from(length), u16::from(frame_type));
                Some(Self { protocol, length, sequence: [s0, s1], flags, frame_type })
            }
            Protocol::Aaf5 => {
                let [_, _, l0, l1, flags, sequence, c0, c1] = *raw.first_chunk()?;
                let (length, frame_type) = (u16::from_le_bytes([l0, l1]), u16::from_le_bytes([c0, c1]));
                Some(Self { protocol, length, sequence: [sequence, 0], flags, frame_type })
            }
        }
    }

    /// Bytes that a header has.
    #[must_use]
    pub const fn bytes(self) -> usize {
        declared::header_length(self.protocol)
    }

    /// The bytes of the sequence number.
    #[must_use]
    pub fn sequence(&self) -> &[u8] {
        match (self.protocol, &self.sequence) {
            (Protocol::Ykc, both) => both,
            (Protocol::Aaf5, [one, _]) => std::slice::from_ref(one),
        }
    }

    /// Whether the body is encrypted.
    #[must_use]
    pub const fn is_encrypted(self) -> bool {
        match self.protocol {
            Protocol::Ykc => self.flags != 0,
            Protocol::Aaf5 => self.flags & aaf5::frame::ENCRYPTED != 0,
        }
    }

    /// Where the frame type stands, from the frame's start.
    pub(super) const fn type_at(self) -> usize {
        match self.protocol {
            Protocol::Ykc => 5,
            Protocol::Aaf5 => 6,
        }
    }

    /// The layout of a body.
    fn layout(self, length: usize, dialect: Dialect) -> Option<&'static Layout> {
        declared::layout(self.protocol, self.frame_type, length, dialect)
    }
}

/// A frame, explained.
#[derive(Debug, Clone)]
pub struct Report {
    /// Whose frame it is.
    pub protocol: Protocol,
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
            protocol: found.protocol,
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
        let is_version2 = matches!(found.framing, Framing::Version2 { .. });
        match Header::of(found.protocol, found.raw).filter(|_| !is_version2) {
            Some(header) => report.explain(header, found.check_length(), options),
            None => report.findings = rules::without_header(found),
        }
        report
    }

    fn explain(&mut self, header: Header, check_length: usize, options: Options) {
        let end = self.raw.len().saturating_sub(check_length);
        let bytes = self.raw.get(header.bytes()..end).unwrap_or_default().to_vec();
        self.header = Some(header);
        self.layout = header.layout(plain_length(header, &bytes), options.dialect);
        self.direction = self.layout.map(|layout| layout.direction);
        let body = match self.layout {
            Some(layout) if !header.is_encrypted() => explain::body(layout, &bytes, options.fault_base),
            _ => explain::opaque(&bytes, header.bytes()),
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
        self.corrected = finding::corrected(&self.findings, header, &bytes, self.framing.crc_order())
            .filter(|corrected| *corrected != self.raw);
        let Body { mut fields, missing, .. } = body;
        rules::forget_absent_sensors(self.layout, &mut fields);
        self.fields = fields;
        // An encoder adds reserved bytes that some leave out: it must know that they were not there.
        let left_out = self.layout.filter(|_| !header.is_encrypted()).and_then(|layout| {
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
                self.header.map_or(0, Header::type_at),
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

    /// What it is, for people: its type and message, or what is known of one without a header.
    #[must_use]
    pub fn title(&self, lang: Lang) -> String {
        let unknown = lang.pick("未知类型", "unknown type");
        match (self.header, self.framing) {
            (Some(header), _) => {
                let name = self.layout.map_or(unknown, |layout| lang.pick(layout.zh, layout.en));
                format!("{} {name}", self.type_text(header))
            }
            (None, Framing::Version2 { .. }) => {
                lang.pick("像云快充 2.x 的帧", "a frame like those of YKC 2.x").to_owned()
            }
            (None, ..) => {
                let (zh, en) = declared::title(self.protocol);
                match lang {
                    Lang::Zh => format!("帧的开头（{zh}）"),
                    Lang::En => format!("the begin of a frame of {en}"),
                }
            }
        }
    }

    /// Its type as people say it: `0x13`, `CMD 104`.
    #[must_use]
    pub fn type_text(&self, header: Header) -> String {
        let written = self.protocol.written(header.frame_type);
        if self.protocol == Protocol::Aaf5 { format!("CMD {written}") } else { written }
    }

    /// Bytes at the end that are a check sum.
    #[must_use]
    pub fn check_length(&self) -> usize {
        let Self { protocol, offset, framing, .. } = *self;
        Found { protocol, offset, framing, raw: &self.raw }.check_length()
    }

    /// The bytes at the end that are a check sum.
    #[must_use]
    pub fn check_bytes(&self) -> &[u8] {
        self.raw.get(self.raw.len().saturating_sub(self.check_length())..).unwrap_or_default()
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

/// How long a body is, by which its layout is found; one of AA F5 that is encrypted says how long it was before.
fn plain_length(header: Header, body: &[u8]) -> usize {
    match body {
        [low, high, ..] if header.protocol == Protocol::Aaf5 && header.is_encrypted() => {
            u16::from_le_bytes([*low, *high]).into()
        }
        _ => body.len(),
    }
}

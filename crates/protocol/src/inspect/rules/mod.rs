//! What can be wrong with a frame. Each rule looks at the frame and its explained fields and adds findings; none knows a
//! layout by its bytes.

mod aaf5;
mod crc_guess;
mod endian;
mod envelope;
mod identity;
mod record;
mod relative;
mod reply;
mod shape;
mod single;

pub(super) use aaf5::rest::meant_by_rest;

use super::explain::{Body, Field};
use super::finding::Finding;
use super::report::{Header, Options};
use super::scan::{Found, Framing};
use super::value::Value;
use crate::Protocol;
use crate::layout::Layout;
use crate::wire::{Code, Kind};
use crate::ykc::code::ConnectorState;
use crate::ykc::message::RealtimeReport;

/// What the rules look at.
pub(super) struct Subject<'a> {
    /// The frame.
    pub(super) raw: &'a [u8],
    pub(super) header: Header,
    pub(super) framing: Framing,
    pub(super) layout: Option<&'static Layout>,
    /// The body.
    pub(super) bytes: &'a [u8],
    /// The body, explained.
    pub(super) body: &'a Body,
    pub(super) options: Options,
}

impl Subject<'_> {
    /// A field by name.
    fn field(&self, name: &str) -> Option<&Field> {
        self.body.fields.iter().find(|field| field.name == name)
    }

    /// The raw number of a field by name.
    fn number(&self, name: &str) -> Option<u64> {
        self.field(name).map(|field| field.number)
    }
}

/// All findings about a frame, by offset.
pub(super) fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    envelope::check(subject, &mut findings);
    if !subject.header.is_encrypted() {
        let wrong_body = shape::check(subject, &mut findings);
        if !wrong_body {
            single::check(subject, &mut findings);
        }
        if !wrong_body {
            endian::check(subject, &mut findings);
        }
        if !wrong_body && subject.header.protocol == Protocol::Aaf5 {
            aaf5::check(subject, &mut findings);
        }
        if !wrong_body && subject.header.protocol == Protocol::Ykc {
            identity::check(subject, &mut findings);
            reply::check(subject, &mut findings);
            record::check(subject, &mut findings);
        }
    }
    say_once(&mut findings);
    findings.sort_by_key(|finding| finding.offset);
    findings
}

/// Drops "this code is not documented" where another finding says why.
fn say_once(findings: &mut Vec<Finding>) {
    let explained: Vec<usize> =
        findings.iter().filter(|finding| finding.code != single::UNKNOWN_CODE).map(|finding| finding.offset).collect();
    findings.retain(|finding| finding.code != single::UNKNOWN_CODE || !explained.contains(&finding.offset));
    // A check sum that is too wide or missing takes from the body, or adds to it.
    if findings.iter().any(|finding| matches!(finding.code, "checksum-crc" | "checksum-missing")) {
        findings.retain(|finding| !matches!(finding.code, "trailing-bytes" | "body-too-short"));
    }
}

/// Findings about what is no frame of 1.x.
pub(super) fn without_header(found: &Found<'_>) -> Vec<Finding> {
    envelope::without_header(found)
}

/// When the temperatures of a layout count: raw 0 says that there is no sensor, unless something is measured.
pub(super) struct Sensors {
    /// The field that tells.
    pub(super) state: &'static str,
    /// Its value while they count.
    pub(super) measuring: u8,
}

/// Whether temperatures of a layout may be absent: those of a connector that is not charging.
pub(super) fn sensors(layout: &Layout) -> Option<Sensors> {
    let is_telemetry = layout.name == RealtimeReport::LAYOUT.name;
    is_telemetry.then(|| Sensors { state: "connector_state", measuring: ConnectorState::Charging.number() })
}

/// Whether a field is the reading of a sensor that may be absent.
pub(super) fn is_sensor(kind: &Kind) -> bool {
    kind.unit() == "°C"
}

/// Temperatures whose raw 0 says that there is no sensor, not −50 °C.
pub(super) fn forget_absent_sensors(layout: Option<&'static Layout>, fields: &mut [Field]) {
    let Some(Sensors { state, measuring }) = layout.and_then(sensors) else { return };
    if fields.iter().any(|field| field.name == state && field.number == u64::from(measuring)) {
        return;
    }
    for field in fields {
        if field.number == 0 && is_sensor(&field.kind) {
            field.value = Value::None;
        }
    }
}

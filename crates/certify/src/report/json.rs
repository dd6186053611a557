//! The report for machines. Its shape is documented in docs/certify.md; a change of it is a new `schema`.

use serde::Serialize;
use voltapile_protocol::inspect::json::FrameJson;
use voltapile_protocol::inspect::lang::{Bilingual, Lang};
use voltapile_protocol::inspect::value::hex;
use voltapile_protocol::layout::Direction;

use super::{Report, Subject, entry, moment};
use crate::check::{Finding, Verdict};
use crate::trace::{EntryId, Happening, Trace, TraceEntry};

/// Which shape this is.
const SCHEMA: &str = "voltapile.certify/1";

#[derive(Serialize)]
struct ReportJson<'a> {
    schema: &'static str,
    version: &'static str,
    protocol: &'static str,
    subject: Subject,
    name: &'a str,
    began: String,
    duration_ms: u64,
    counts: Counts,
    checks: Vec<CheckJson<'a>>,
    trace: Vec<EntryJson>,
}

#[derive(Serialize)]
struct Counts {
    pass: usize,
    fail: usize,
    not_seen: usize,
}

#[derive(Serialize)]
struct CheckJson<'a> {
    id: &'static str,
    verdict: Verdict,
    zh: &'static str,
    en: &'static str,
    source: &'static str,
    note: NoteJson<'a>,
    evidence: Vec<EvidenceJson>,
}

#[derive(Serialize)]
struct NoteJson<'a> {
    zh: &'a str,
    en: &'a str,
}

impl<'a> NoteJson<'a> {
    fn new(note: &'a Bilingual) -> Self {
        Self { zh: &note.zh, en: &note.en }
    }
}

/// An entry with its frame explained.
#[derive(Serialize)]
struct EvidenceJson {
    #[serde(flatten)]
    entry: EntryJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    explained: Option<FrameJson>,
}

#[derive(Serialize)]
struct EntryJson {
    /// Counted from 1, as in the other forms.
    entry: usize,
    at_ms: u64,
    /// Counted from 1.
    connection: u32,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
}

pub(super) fn render(report: &Report, lang: Lang) -> String {
    let json = ReportJson {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        protocol: report.protocol.name(),
        subject: report.subject,
        name: &report.name,
        began: moment::in_utc(report.began_unix_ms),
        duration_ms: report.duration_ms(),
        counts: Counts {
            pass: report.count(Verdict::Pass),
            fail: report.count(Verdict::Fail),
            not_seen: report.count(Verdict::NotSeen),
        },
        checks: report.findings.iter().map(|finding| check(finding, &report.trace, lang)).collect(),
        trace: report
            .trace
            .entries()
            .iter()
            .enumerate()
            .map(|(at, entry)| EntryJson::new(EntryId(at), entry))
            .collect(),
    };
    // Strings and numbers with string keys always serialise.
    serde_json::to_string_pretty(&json).unwrap_or_default()
}

fn check<'a>(finding: &'a Finding, trace: &Trace, lang: Lang) -> CheckJson<'a> {
    let found = |id: &EntryId| Some(evidence(*id, trace.get(*id)?, lang));
    CheckJson {
        id: finding.check.id,
        verdict: finding.verdict,
        zh: finding.check.zh,
        en: finding.check.en,
        source: finding.check.source,
        note: NoteJson::new(&finding.note),
        evidence: finding.evidence.iter().filter_map(found).collect(),
    }
}

fn evidence(id: EntryId, entry: &TraceEntry, lang: Lang) -> EvidenceJson {
    let explained = match &entry.happening {
        Happening::Frame(_, bytes) => entry::explain(bytes).map(|frame| FrameJson::new(&frame, lang)),
        _ => None,
    };
    EvidenceJson { entry: EntryJson::new(id, entry), explained }
}

impl EntryJson {
    fn new(id: EntryId, seen: &TraceEntry) -> Self {
        let (kind, direction, closed_by, bytes) = match &seen.happening {
            Happening::Opened => ("opened", None, None, None),
            Happening::Frame(direction, bytes) => ("frame", Some(*direction), None, Some(hex(bytes))),
            Happening::Junk(direction, bytes) => ("junk", Some(*direction), None, Some(hex(bytes))),
            Happening::Closed(by) => ("closed", None, Some(closer(*by)), None),
        };
        let (entry, at_ms, connection) = (id.0 + 1, seen.at.0, u32::from(seen.connection.0) + 1);
        Self { entry, at_ms, connection, kind, direction: direction.map(Direction::name), closed_by, hex: bytes }
    }
}

const fn closer(by: Option<Direction>) -> &'static str {
    match by {
        Some(Direction::Up) => "pile",
        Some(Direction::Down) => "platform",
        None => "broken",
    }
}

//! The report as a page: one file, no script, nothing from outside, both languages.
//!
//! Everything that stands in it goes through the template's escaping.

use askama::Template;
use voltapile_protocol::inspect::lang::{Bilingual, Lang};
use voltapile_protocol::inspect::text::spaced;

use super::entry::Entry;
use super::frame::FrameView;
use super::text::name;
use super::{Report, moment, topic};
use crate::check::{Finding, Verdict};
use crate::trace::EntryId;

/// Entries of the timeline that a page shows; the JSON report has all of them. A browser still scrolls this many well.
const TIMELINE_MAX: usize = 2000;
/// Frames of a broken rule that are unfolded from the begin; a click shows the others. With more, the next rule is far off.
const EVIDENCE_OPEN: usize = 2;
/// Bytes of an entry shown on its line of the timeline.
const TIMELINE_BYTES: usize = 40;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    opens_in_chinese: bool,
    protocol: Bilingual,
    heading: Bilingual,
    subject: Bilingual,
    name: &'a str,
    version: &'static str,
    began: String,
    duration: Bilingual,
    frames: usize,
    connections: usize,
    counts: Vec<CountView>,
    is_clean: bool,
    failed: Vec<CheckView<'a>>,
    topics: Vec<TopicView<'a>>,
    timeline: Vec<LineView>,
    timeline_left: usize,
}

/// How many checks came to a verdict.
struct CountView {
    class: &'static str,
    label: Bilingual,
    count: usize,
}

struct TopicView<'a> {
    word: &'static str,
    title: Bilingual,
    passed: usize,
    judged: usize,
    checks: Vec<CheckView<'a>>,
}

struct CheckView<'a> {
    id: &'static str,
    rule: Bilingual,
    source: Bilingual,
    verdict: Bilingual,
    class: &'static str,
    is_failed: bool,
    note: &'a Bilingual,
    evidence: Vec<EvidenceView>,
}

/// An entry with its frame.
struct EvidenceView {
    line: LineView,
    frame: Option<FrameView>,
}

/// An entry on one line.
struct LineView {
    number: usize,
    at: String,
    connection: u32,
    arrow: &'static str,
    class: &'static str,
    title: Bilingual,
    hex: String,
    cut: bool,
}

pub(super) fn render(report: &Report, lang: Lang) -> String {
    let ids = report.findings.iter().map(|finding| finding.check.id);
    let failed = report.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    let entries = report.trace.entries();
    let shown = entries.iter().take(TIMELINE_MAX).enumerate();
    let last_connection = entries.iter().map(|entry| entry.connection).max();
    let (zh, en) = (report.protocol_name(Lang::Zh), report.protocol_name(Lang::En));
    let page = Page {
        protocol: Bilingual::new(zh, en),
        heading: Bilingual::new(format!("{zh}协议一致性报告"), format!("{en} conformance report")),
        opens_in_chinese: lang == Lang::Zh,
        subject: Bilingual::new(report.subject.zh(), report.subject.en()),
        name: &report.name,
        version: env!("CARGO_PKG_VERSION"),
        began: moment::in_china(report.began_unix_ms),
        duration: moment::duration(report.duration_ms()),
        frames: entries.iter().filter(|entry| matches!(entry.happening, crate::Happening::Frame(..))).count(),
        connections: last_connection.map_or(0, |last| usize::from(last.0) + 1),
        counts: [Verdict::Fail, Verdict::Pass, Verdict::NotSeen].map(|verdict| count(report, verdict)).into(),
        is_clean: report.is_clean(),
        failed: failed.map(|finding| CheckView::new(report, finding)).collect(),
        topics: topic::in_order(ids).into_iter().map(|topic| TopicView::new(report, topic)).collect(),
        timeline: shown.map(|(at, entry)| LineView::new(&Entry::new(EntryId(at), entry), TIMELINE_BYTES)).collect(),
        timeline_left: entries.len().saturating_sub(TIMELINE_MAX),
    };
    // Writing to a string fails only where a value's own Display does; none here can.
    page.render().unwrap_or_default()
}

fn count(report: &Report, verdict: Verdict) -> CountView {
    CountView { class: class(verdict), label: label(verdict), count: report.count(verdict) }
}

fn label(verdict: Verdict) -> Bilingual {
    Bilingual::new(name(verdict, Lang::Zh), name(verdict, Lang::En))
}

const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::NotSeen => "unseen",
    }
}

impl<'a> TopicView<'a> {
    fn new(report: &'a Report, word: &'static str) -> Self {
        let of_topic = |finding: &&Finding| topic::of(finding.check.id) == word;
        let findings: Vec<&Finding> = report.findings.iter().filter(of_topic).collect();
        let with = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
        let passed = with(Verdict::Pass);
        let (zh, en) = topic::names(word);
        Self {
            word,
            title: Bilingual::new(zh, en),
            passed,
            judged: passed + with(Verdict::Fail),
            checks: findings.into_iter().map(|finding| CheckView::new(report, finding)).collect(),
        }
    }
}

impl<'a> CheckView<'a> {
    fn new(report: &'a Report, finding: &'a Finding) -> Self {
        let evidence = finding.evidence.iter().filter_map(|id| Some((*id, report.trace.get(*id)?)));
        Self {
            id: finding.check.id,
            rule: Bilingual::new(finding.check.zh, finding.check.en),
            source: Bilingual::new(
                Report::source(finding.check.source, Lang::Zh),
                Report::source(finding.check.source, Lang::En),
            ),
            verdict: label(finding.verdict),
            class: class(finding.verdict),
            is_failed: finding.verdict == Verdict::Fail,
            note: &finding.note,
            evidence: evidence.map(|(id, entry)| EvidenceView::new(&Entry::new(id, entry))).collect(),
        }
    }
}

impl EvidenceView {
    fn new(entry: &Entry<'_>) -> Self {
        Self { line: LineView::new(entry, entry.bytes.len()), frame: entry.frame.as_ref().map(FrameView::new) }
    }
}

impl LineView {
    /// At most `bytes` of the entry's bytes are shown.
    fn new(entry: &Entry<'_>, bytes: usize) -> Self {
        let shown = entry.bytes.get(..bytes).unwrap_or(entry.bytes);
        Self {
            number: entry.number,
            at: entry.at.clone(),
            connection: entry.connection,
            arrow: entry.arrow(),
            class: entry.direction.map_or("event", voltapile_protocol::layout::Direction::name),
            title: entry.title.clone(),
            hex: spaced(shown),
            cut: shown.len() < entry.bytes.len(),
        }
    }
}

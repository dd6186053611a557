//! The summary for a terminal: what failed first, then every check by topic.

use std::fmt::Write;

use voltapile_protocol::inspect::lang::Lang;
use voltapile_protocol::inspect::text::{Style, spaced};

use super::entry::Entry;
use super::{Report, moment, topic};
use crate::check::{Finding, Verdict};

const RESET: &str = "\u{1B}[0m";
const BOLD: &str = "\u{1B}[1m";
const DIM: &str = "\u{1B}[2m";
const GREEN: &str = "\u{1B}[32m";
const RED: &str = "\u{1B}[1;31m";
const YELLOW: &str = "\u{1B}[33m";

/// Entries shown for a failure; the other forms have all.
const SHOWN_EVIDENCE: usize = 6;
/// Bytes shown of each.
const SHOWN_BYTES: usize = 24;

pub(super) fn render(report: &Report, style: Style) -> String {
    let mut out = String::new();
    heading(report, style, &mut out);
    failures(report, style, &mut out);
    for topic in topic::in_order(report.findings.iter().map(|finding| finding.check.id)) {
        let (zh, en) = topic::names(topic);
        let _ = writeln!(out, "\n{}", paint(style, BOLD, style.lang.pick(zh, en)));
        for finding in report.findings.iter().filter(|finding| topic::of(finding.check.id) == topic) {
            check(finding, style, &mut out);
        }
    }
    out
}

fn heading(report: &Report, style: Style, out: &mut String) {
    let lang = style.lang;
    let subject = lang.pick(report.subject.zh(), report.subject.en());
    let conformance = lang.pick("协议一致性", " conformance");
    let title = format!("{}{conformance} · {subject} {}", report.protocol_name(lang), report.name);
    let began = moment::in_china(report.began_unix_ms);
    let duration = moment::duration(report.duration_ms());
    let _ = writeln!(out, "{}", paint(style, BOLD, &title));
    let _ = writeln!(out, "{}", paint(style, DIM, &format!("{began} (UTC+08:00) · {}", duration.pick(lang))));
    let counts = [Verdict::Fail, Verdict::Pass, Verdict::NotSeen].map(|verdict| {
        let (mark, colour) = mark(verdict);
        let count = report.count(verdict);
        let colour = if count == 0 { DIM } else { colour };
        paint(style, colour, &format!("{mark} {} {count}", name(verdict, lang)))
    });
    let _ = writeln!(out, "{}", counts.join("   "));
}

fn failures(report: &Report, style: Style, out: &mut String) {
    let lang = style.lang;
    let failed: Vec<&Finding> = report.findings.iter().filter(|finding| finding.verdict == Verdict::Fail).collect();
    if failed.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint(style, RED, lang.pick("不符合的规则", "Rules that were broken")));
    for finding in failed {
        let label = |zh, en| paint(style, DIM, &format!("{}{}", lang.pick(zh, en), lang.pick("：", ": ")));
        let rule = lang.pick(finding.check.zh, finding.check.en);
        let _ = writeln!(out, "  {} {}", paint(style, RED, "✗"), paint(style, BOLD, finding.check.id));
        let _ = writeln!(
            out,
            "    {}{rule}  {}",
            label("规则", "rule"),
            paint(style, DIM, Report::source(finding.check.source, lang))
        );
        let _ = writeln!(out, "    {}{}", label("实际", "seen"), finding.note.pick(lang));
        evidence(report, finding, style, out);
    }
}

fn evidence(report: &Report, finding: &Finding, style: Style, out: &mut String) {
    for id in finding.evidence.iter().take(SHOWN_EVIDENCE) {
        let Some(entry) = report.trace.get(*id) else { continue };
        let entry = Entry::new(*id, entry);
        let head = format!("{:>9} s  #{} {}", entry.at, entry.connection, entry.arrow());
        let _ = write!(out, "    {}  {}", paint(style, DIM, &head), entry.title.pick(style.lang));
        if !entry.bytes.is_empty() {
            let shown = entry.bytes.get(..SHOWN_BYTES).unwrap_or(entry.bytes);
            let more = if entry.bytes.len() > shown.len() { " …" } else { "" };
            let _ = write!(out, "  {}", paint(style, DIM, &format!("{}{more}", spaced(shown))));
        }
        out.push('\n');
    }
    let left = finding.evidence.len().saturating_sub(SHOWN_EVIDENCE);
    if left > 0 {
        let text = match style.lang {
            Lang::Zh => format!("另有 {left} 条证据，见 HTML 或 JSON 报告"),
            Lang::En => format!("{left} more in the HTML and JSON reports"),
        };
        let _ = writeln!(out, "    {}", paint(style, DIM, &text));
    }
}

fn check(finding: &Finding, style: Style, out: &mut String) {
    let (mark, colour) = mark(finding.verdict);
    let rule = style.lang.pick(finding.check.zh, finding.check.en);
    let _ = writeln!(out, "  {} {rule}  {}", paint(style, colour, mark), paint(style, DIM, finding.check.id));
    if finding.verdict == Verdict::NotSeen {
        let _ = writeln!(out, "    {}", paint(style, DIM, finding.note.pick(style.lang)));
    }
}

const fn mark(verdict: Verdict) -> (&'static str, &'static str) {
    match verdict {
        Verdict::Pass => ("✓", GREEN),
        Verdict::Fail => ("✗", RED),
        Verdict::NotSeen => ("–", YELLOW),
    }
}

/// A verdict as people call it.
pub(super) const fn name(verdict: Verdict, lang: Lang) -> &'static str {
    match verdict {
        Verdict::Pass => lang.pick("符合", "passed"),
        Verdict::Fail => lang.pick("不符合", "failed"),
        Verdict::NotSeen => lang.pick("未观察到", "not seen"),
    }
}

fn paint(style: Style, colour: &str, text: &str) -> String {
    if style.colour { format!("{colour}{text}{RESET}") } else { text.to_owned() }
}

//! What an exam found, and its three forms: a summary for the terminal, JSON for machines, and a page to send to a vendor.

mod entry;
mod frame;
mod html;
mod json;
pub(crate) mod moment;
mod text;
mod topic;

use serde::Serialize;
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::lang::Lang;
use voltapile_protocol::inspect::text::Style;

use crate::check::{Finding, Verdict};
use crate::trace::Trace;

/// Who was examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A pile.
    Pile,
    /// A platform.
    Platform,
}

impl Subject {
    const fn zh(self) -> &'static str {
        match self {
            Self::Pile => "充电桩",
            Self::Platform => "平台",
        }
    }

    const fn en(self) -> &'static str {
        match self {
            Self::Pile => "Pile",
            Self::Platform => "Platform",
        }
    }
}

/// What an exam found.
#[derive(Debug, Clone)]
pub struct Report {
    /// By whose rules.
    pub protocol: Protocol,
    /// Who was examined.
    pub subject: Subject,
    /// Its pile code or address, for the heading.
    pub name: String,
    /// Each check in the order of the catalogue.
    pub findings: Vec<Finding>,
    /// What happened.
    pub trace: Trace,
    /// What the wall clock said when the trace's time was 0: milliseconds since 1970 in UTC.
    pub began_unix_ms: u64,
}

impl Report {
    /// How many checks came to a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.findings.iter().filter(|finding| finding.verdict == verdict).count()
    }

    /// Whether no rule was seen to be broken.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.count(Verdict::Fail) == 0
    }

    /// The summary for a terminal.
    #[must_use]
    pub fn to_text(&self, style: Style) -> String {
        text::render(self, style)
    }

    /// The report for machines: one JSON object, indented. Only the inspector's messages about frames are in one
    /// language; everything else comes in both.
    #[must_use]
    pub fn to_json(&self, lang: Lang) -> String {
        json::render(self, lang)
    }

    /// The report as one HTML page that needs nothing else: both languages are in it, `lang` is the one it opens in.
    #[must_use]
    pub fn to_html(&self, lang: Lang) -> String {
        html::render(self, lang)
    }

    /// The protocol's name for people.
    const fn protocol_name(&self, lang: Lang) -> &'static str {
        match self.protocol {
            Protocol::Ykc => lang.pick("云快充", "YKC"),
            Protocol::Aaf5 => "AA F5",
        }
    }

    /// Where a rule stands, in a language: one that is in both has them on either side of a slash.
    fn source(source: &'static str, lang: Lang) -> &'static str {
        source.split_once(" / ").map_or(source, |(zh, en)| lang.pick(zh, en))
    }

    /// How long the exam took: milliseconds from the first thing that happened to the last.
    fn duration_ms(&self) -> u64 {
        let entries = self.trace.entries();
        match (entries.first(), entries.last()) {
            (Some(first), Some(last)) => last.at.0.saturating_sub(first.at.0),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests;

//! What an exam found.

use serde::Serialize;

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

/// What an exam found.
#[derive(Debug, Clone)]
pub struct Report {
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
}

//! The exams against piles and platforms in this process, on virtual time: good ones, and many that break one thing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, in its helpers too"
)]

mod aaf5;
mod catalogue;
mod stage;
mod world;
mod ykc;

use voltapile_certify::{Report, Verdict};

/// The ids of a verdict, without what those of an exam have in common.
fn ids(report: &Report, verdict: Verdict) -> Vec<&'static str> {
    let findings = report.findings.iter().filter(|finding| finding.verdict == verdict);
    findings.map(|finding| short(finding.check.id)).collect()
}

/// An id without protocol and subject.
fn short(id: &'static str) -> &'static str {
    id.trim_start_matches("aaf5.").trim_start_matches("pile.").trim_start_matches("platform.")
}

/// What failed and why, for the message of a test.
fn why(report: &Report) -> String {
    let failed = report.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    failed.map(|finding| format!("\n{}: {} {:?}", finding.check.id, finding.note.en, finding.evidence)).collect()
}

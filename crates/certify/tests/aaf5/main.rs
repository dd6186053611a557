//! The exams by AA F5 against a pile and a platform in this process, on virtual time: good ones, and some that break one
//! thing.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, in its helpers too"
)]

mod pile;
mod platform;
mod stage;

use voltapile_certify::{Check, Report, Verdict};

/// What the wall clock says when the exams begin: 2026-11-21 09:28 in China.
const BEGAN: u64 = 1_795_224_525_000;

/// The ids of a verdict, without what they have in common.
fn ids(report: &Report, verdict: Verdict) -> Vec<&'static str> {
    let findings = report.findings.iter().filter(|finding| finding.verdict == verdict);
    findings.map(|finding| short(finding.check)).collect()
}

fn short(check: &'static Check) -> &'static str {
    check.id.trim_start_matches("aaf5.").trim_start_matches("pile.").trim_start_matches("platform.")
}

/// What failed and why, for the message of a test.
fn why(report: &Report) -> String {
    let failed = report.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    failed.map(|finding| format!("\n{}: {} {:?}", finding.check.id, finding.note.en, finding.evidence)).collect()
}

#[test]
fn every_check_is_worded_and_named_once() {
    let of_piles: Vec<_> = voltapile_certify::aaf5::pile::checks().collect();
    let of_platforms: Vec<_> = voltapile_certify::aaf5::platform::checks().collect();
    assert!(of_piles.len() >= 60 && of_platforms.len() >= 50, "{} and {}", of_piles.len(), of_platforms.len());
    let is_chinese = |text: &str| text.chars().any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character));
    let all = [of_piles, of_platforms].concat();
    for (at, check) in all.iter().enumerate() {
        assert!(check.id.starts_with("aaf5.") && check.id.split('.').count() == 4, "{}", check.id);
        assert!(all[..at].iter().all(|before| before.id != check.id), "{} twice", check.id);
        assert!(is_chinese(check.zh) && !is_chinese(check.en) && !check.source.is_empty(), "{}", check.id);
        let (zh, en) = check.source.split_once(" / ").unwrap_or((check.source, check.source));
        assert!(
            !is_chinese(en) && (is_chinese(zh) || zh == en || zh.starts_with("TCP")),
            "{}: {}",
            check.id,
            check.source
        );
    }
}

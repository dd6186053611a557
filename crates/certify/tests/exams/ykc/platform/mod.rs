//! The exam of a platform against platforms in this process, on virtual time: a good one, and some that break one thing.
mod fault;
mod small;

use voltapile_certify::ykc::platform::{PlatformExam, PlatformOptions};
use voltapile_certify::{Report, Verdict};
use voltapile_protocol::wire::Bytes;
use voltapile_protocol::ykc::field::PileCode;

use self::fault::Fault;
use crate::{ids, world};

/// What the wall clock says when the exams begin.
const BEGAN: u64 = 1_795_222_525_000;

fn options() -> PlatformOptions {
    let mut options = PlatformOptions::new("in process", small::PILE, BEGAN);
    options.second_pile = Some(small::SECOND);
    options.known_card = Some(Bytes(small::CARD));
    options
}

fn examine(fault: Fault, options: PlatformOptions) -> Report {
    world::run(&mut PlatformExam::new(options), small::Platform::new(fault))
}

/// What a platform with one fault fails.
fn failed(fault: Fault) -> Vec<String> {
    let report = examine(fault, options());
    let failed = report.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    failed
        .map(|finding| {
            assert!(!finding.evidence.is_empty(), "{fault:?}: {} shows nothing", finding.check.id);
            crate::short(finding.check.id).to_owned()
        })
        .collect()
}

#[test]
fn a_good_platform_passes_everything() {
    let report = examine(Fault::None, options());
    assert_eq!(ids(&report, Verdict::Fail), [""; 0], "{}", report.to_text(Default::default()));
    assert_eq!(ids(&report, Verdict::NotSeen), ["start.valid"], "{}", report.to_text(Default::default()));
    let checks = voltapile_certify::ykc::platform::checks().count();
    assert_eq!(report.findings.len(), checks);
    assert!(checks > 60, "{checks} checks");
}

#[test]
fn what_was_not_given_or_left_out_is_not_seen() {
    let mut options = PlatformOptions::new("in process", small::PILE, BEGAN);
    options.quick = true;
    let report = examine(Fault::None, options);
    assert_eq!(ids(&report, Verdict::Fail), [""; 0]);
    let expected = [
        "card.accepted",
        "card.transaction_number",
        "card.balance",
        "card.record",
        "session.concentrator",
        "silence.patient",
        "silence.closes",
        "start.valid",
    ];
    assert_eq!(ids(&report, Verdict::NotSeen), expected);
    let last = report.trace.entries().last().unwrap().at;
    assert!(last.0 < 20_000, "a quick exam took {} ms", last.0);
}

#[test]
fn each_fault_fails_exactly_its_rules() {
    let mut wrong = Vec::new();
    for (fault, expected) in fault::EXPECTED {
        let failed = failed(*fault);
        if failed != *expected {
            wrong.push(format!("{fault:?} fails {failed:?}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_platform_that_nobody_reaches_is_told_so() {
    let report = world::run_unreachable(&mut PlatformExam::new(options()));
    assert_eq!(ids(&report, Verdict::Fail), ["login.answered"]);
}

#[test]
fn a_pile_that_is_not_registered_is_told_so() {
    let mut options = options();
    options.pile_code = PileCode([0x12; 7]);
    let report = examine(Fault::None, options);
    assert_eq!(ids(&report, Verdict::Fail), ["login.accepted", "login.after_early_frame"]);
    let accepted = report.findings.iter().find(|finding| finding.check.id == "platform.login.accepted").unwrap();
    assert!(accepted.note.en.contains("is the pile code registered"), "{}", accepted.note.en);
}

#[test]
fn every_check_is_worded_and_named() {
    let checks: Vec<_> = voltapile_certify::ykc::platform::checks().collect();
    for (at, check) in checks.iter().enumerate() {
        assert!(check.id.starts_with("platform.") && check.id.split('.').count() == 3, "{}", check.id);
        assert!(!check.zh.is_empty() && !check.en.is_empty() && !check.source.is_empty(), "{}", check.id);
        assert!(checks[..at].iter().all(|before| before.id != check.id), "{} twice", check.id);
    }
}

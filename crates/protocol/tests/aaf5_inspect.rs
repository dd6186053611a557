//! What people read about AA F5 frames with a mistake, and that nothing the inspector may be shown disturbs it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

mod support;

use std::fmt::Write;

use proptest::prelude::*;
use voltapile_protocol::aaf5::Frame;
use voltapile_protocol::inspect::json::FrameJson;
use voltapile_protocol::inspect::scan::Framing;
use voltapile_protocol::inspect::text::{Style, render};
use voltapile_protocol::inspect::value::hex;
use voltapile_protocol::inspect::{Inspection, Lang, Options, Report, compose, inspect};

const GOOD: &str = include_str!("golden/aaf5/frames.hex");
const WRONG: &str = include_str!("golden/aaf5/mistakes.hex");

fn told(inspection: &Inspection) -> String {
    let mut out = String::new();
    for report in &inspection.reports {
        for finding in &report.findings {
            let (severity, offset) = (finding.severity.name(), finding.offset);
            writeln!(out, "  {severity} at {offset} [{}]", finding.code).unwrap();
            writeln!(out, "    {}\n    {}", finding.message.zh, finding.message.en).unwrap();
        }
        if let Some(corrected) = &report.corrected {
            writeln!(out, "  corrected: {}", hex(corrected)).unwrap();
        }
    }
    for stray in &inspection.strays {
        writeln!(out, "  {} bytes of no frame", stray.bytes.len()).unwrap();
    }
    out
}

#[test]
fn what_is_wrong_is_said_in_both_languages() {
    let all: String = support::frames(WRONG)
        .into_iter()
        .map(|(what, bytes)| format!("{what}\n{}\n", told(&inspect(&bytes, Options::default()))))
        .collect();
    insta::assert_snapshot!("aaf5_mistakes", all);
}

#[test]
fn what_was_corrected_is_right() {
    for (what, bytes) in support::frames(WRONG) {
        for report in inspect(&bytes, Options::default()).reports {
            let Some(corrected) = report.corrected else { continue };
            let again = inspect(&corrected, Options::default()).reports.remove(0);
            assert!(matches!(again.framing, Framing::Sound(_)) && !again.has_error(), "{what}: {:?}", again.findings);
            assert_eq!(again.corrected, None, "{what}");
        }
    }
}

fn assert_explained(report: &Report) {
    for lang in [Lang::Zh, Lang::En] {
        assert!(!render(report, 1, Style { lang, colour: false }).is_empty());
        let json = serde_json::to_value(FrameJson::new(report, lang)).unwrap();
        if matches!(report.framing, Framing::Sound(_) | Framing::BadCheck | Framing::WrongLength(_)) {
            assert_eq!(compose(&json, Options::default()).as_ref(), Ok(&report.raw), "{json}");
        }
    }
    if let Some(corrected) = &report.corrected {
        assert_eq!(Frame::parse(corrected).unwrap().raw, corrected);
        assert_ne!(*corrected, report.raw);
    }
}

/// Bytes of a frame that are changed, and where it is cut.
fn damage() -> impl Strategy<Value = (usize, Vec<(usize, u8)>, usize, bool)> {
    let changes = prop::collection::vec((0..500_usize, any::<u8>()), 0..6);
    (0..usize::MAX, changes, 0..600_usize, any::<bool>())
}

proptest! {
    #[test]
    fn damaged_frames_are_explained((which, changes, cut, seals) in damage()) {
        let frames = [support::frames(GOOD), support::frames(WRONG)].concat();
        let (_, mut bytes) = frames[which % frames.len()].clone();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = if at < 2 { bytes[at] } else { byte };
        }
        if seals && bytes.len() > 8 {
            let end = bytes.len() - 1;
            bytes[end] = bytes[6..end].iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte));
        }
        bytes.truncate(cut.max(1));
        let inspection = inspect(&bytes, Options::default());
        inspection.reports.iter().filter(|report| bytes.starts_with(&[0xAA, 0xF5]) && report.raw[0] == 0xAA).for_each(assert_explained);
        let found: usize = inspection.reports.iter().map(|report| report.raw.len()).sum();
        prop_assert!(found <= bytes.len());
    }
}

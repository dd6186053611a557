//! The 21 frames of a public example exchange: all decode, the wrong ones are diagnosed, all come back byte for byte.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

use std::fmt::Write;

use voltapile_protocol::inspect::json::FrameJson;
use voltapile_protocol::inspect::text::{Style, render};
use voltapile_protocol::inspect::value::hex;
use voltapile_protocol::inspect::{Lang, Options, Report, compose, inspect};

/// The frames by number, as published.
fn frames() -> Vec<Vec<u8>> {
    let lines = include_str!("golden/exchange.hex").lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| bytes(line.split_once(": ").unwrap().1)).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .as_chunks::<2>()
        .0
        .iter()
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn explained(frame: &[u8]) -> Report {
    let mut inspection = inspect(frame, Options::default());
    assert!(inspection.strays.is_empty());
    assert_eq!(inspection.reports.len(), 1);
    inspection.reports.remove(0)
}

#[test]
fn every_frame_is_explained() {
    let mut text = String::new();
    for (index, frame) in frames().iter().enumerate() {
        let report = explained(frame);
        writeln!(text, "{}", render(&report, index + 1, Style { lang: Lang::En, colour: false })).unwrap();
    }
    insta::assert_snapshot!("exchange_text", text);
}

#[test]
fn every_frame_is_explained_to_machines() {
    let lines: Vec<String> = frames()
        .iter()
        .map(|frame| serde_json::to_string(&FrameJson::new(&explained(frame), Lang::En)).unwrap())
        .collect();
    insta::assert_snapshot!("exchange_json", lines.join("\n"));
}

#[test]
fn every_frame_comes_back_from_its_explanation() {
    for frame in frames() {
        let json = serde_json::to_value(FrameJson::new(&explained(&frame), Lang::Zh)).unwrap();
        assert_eq!(hex(&compose(&json, Options::default()).unwrap()), hex(&frame));
    }
}

#[test]
fn what_is_wrong_with_them_is_said_and_nothing_else_is_an_error() {
    let errors: Vec<(usize, &str)> = frames()
        .iter()
        .enumerate()
        .flat_map(|(index, frame)| {
            let findings = explained(frame).findings;
            findings
                .into_iter()
                .filter(|finding| finding.severity.name() == "error")
                .map(move |it| (index + 1, it.code))
        })
        .collect();
    let expected = [(5, "length-wrong"), (9, "length-wrong"), (18, "body-of-other-type"), (20, "argument-width")];
    assert_eq!(errors, expected);
}

#[test]
fn the_corrected_frames_are_right() {
    let frames = frames();
    let corrected = |number: usize| hex(explained(&frames[number - 1]).corrected.as_deref().unwrap());
    assert_eq!(corrected(5), "680D25D30004202312120000100100".to_owned() + "1D0B");
    assert!(corrected(9).starts_with("685E"));
    assert!(corrected(18).starts_with("6815004600402023"));
    assert_eq!(corrected(20), "680C0300009220231212000010".to_owned() + "01B2CB");
    for number in [5, 9, 18, 20] {
        let again = explained(&bytes(&corrected(number)));
        assert!(again.findings.is_empty(), "{number}: {:?}", again.findings);
    }
}

#[test]
fn glued_frames_are_found_one_by_one() {
    let frames = frames();
    let inspection = inspect(&frames.concat(), Options::default());
    assert_eq!(inspection.reports.iter().map(|report| report.raw.clone()).collect::<Vec<_>>(), frames);
    let offsets: Vec<usize> = inspection.reports.iter().map(|report| report.offset).collect();
    assert_eq!(offsets.last(), Some(&frames[..20].iter().map(Vec::len).sum()));
}

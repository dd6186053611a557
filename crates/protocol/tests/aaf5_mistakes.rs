//! What is said about AA F5 frames that are wrong, and that nothing is said about those that are right.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

mod support;

use serde_json::{Value as Json, json};
use voltapile_protocol::inspect::value::hex;
use voltapile_protocol::inspect::{Options, Report, Severity, compose, inspect};

fn explained(bytes: &[u8]) -> Report {
    inspect(bytes, Options::default()).reports.remove(0)
}

/// A frame of a pile with a code, where its description does not say otherwise.
fn of(description: &Json) -> Report {
    let mut named = description.clone();
    named["fields"]["pile_code"] = json!("P1");
    let has_code = compose(&named, Options::default()).is_ok();
    let description = if has_code { &named } else { description };
    explained(&compose(description, Options::default()).unwrap())
}

/// What was said, but for the version of bodies, which the least of them have.
fn codes(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.code).filter(|code| *code != "other-version").collect()
}

#[test]
fn right_frames_raise_no_warning() {
    let known = [
        ("found in a test of others: start refused by a pile of V2", vec!["unknown-code"]),
        ("found in a readme of others: sign-in of V3.4", vec!["unknown-code"]),
        ("a command that nobody knows", vec!["unknown-type"]),
    ];
    let warned = |report: &Report| -> Vec<&'static str> {
        let loud = report.findings.iter().filter(|finding| finding.severity != Severity::Info);
        loud.map(|finding| finding.code).collect()
    };
    for (what, bytes) in support::frames(include_str!("golden/aaf5/frames.hex")) {
        let expected = known.iter().find(|(name, _)| *name == what).map_or(&[][..], |(_, codes)| codes);
        assert_eq!(warned(&explained(&bytes)), expected, "{what}: {:?}", explained(&bytes).findings);
    }
}

#[test]
fn values_that_are_missing_are_told_only_where_they_are_due() {
    let count = |fields| codes(&of(&json!({"type": "1", "fields": fields})));
    assert_eq!(count(json!({"action": "query", "first_index": 21, "count": 3})), [""; 0]);
    assert_eq!(count(json!({"action": "set", "first_index": 21, "count": 3})), ["count-mismatch"]);
    let answer = |fields| codes(&of(&json!({"type": "2", "fields": fields})));
    assert_eq!(answer(json!({"action": "set", "count": 2})), [""; 0]);
    assert_eq!(answer(json!({"action": "query", "count": 2, "result": "failed"})), [""; 0]);
    assert_eq!(answer(json!({"action": "query", "count": 2})), ["count-mismatch"]);
}

#[test]
fn numbers_high_byte_first_are_recognised() {
    let report =
        of(&json!({"type": "104", "fields": {"connector_number": 1, "charging_seconds": 0, "dc_voltage": 3571.2}}));
    // 0x8B80: 35.72 thousand tenths of a volt; high byte first 3290.9 V is no better, so nothing is claimed.
    assert!(!codes(&report).contains(&"big-endian"));
    let report = of(&json!({"type": "104", "fields": {"connector_number": 1, "total_energy": 1_174_405.12}}));
    assert!(codes(&report).contains(&"big-endian"), "{:?}", report.findings);
}

#[test]
fn wide_codes_are_written_as_the_document_does() {
    let report = of(&json!({"type": "8", "fields": {"connector_number": 1, "result": 45}}));
    assert_eq!(codes(&report), ["unknown-code"]);
    assert!(
        report.findings[0].message.en.starts_with("result is 45, which is not documented; documented are 0–7, 9–21")
    );
}

/// A frame of a name, as it is among the golden ones.
fn golden(name: &str) -> Vec<u8> {
    let frames = support::frames(include_str!("golden/aaf5/frames.hex"));
    frames.into_iter().find(|(what, _)| *what == name).unwrap_or_else(|| panic!("no frame {name}")).1
}

/// With another check sum.
fn with_sum(mut bytes: Vec<u8>, sum: u8) -> Vec<u8> {
    *bytes.last_mut().unwrap() = sum;
    bytes
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

#[track_caller]
fn corrected_to(wrong: &[u8], right: &[u8]) -> Vec<&'static str> {
    let report = explained(wrong);
    assert_eq!(report.corrected.as_deref().map(hex), Some(hex(right)), "{:?}", report.findings);
    codes(&report)
}

#[test]
fn other_check_sums_are_recognised() {
    let right = golden("stopped");
    let end = right.len() - 1;
    for from in [0, 2, 4] {
        assert_eq!(
            corrected_to(&with_sum(right.clone(), sum(&right[from..end])), &right),
            ["checksum-other"],
            "{from}"
        );
    }
    assert_eq!(corrected_to(&with_sum(right.clone(), sum(&right[8..end])), &right), ["checksum-other"]);
    let xor = right[6..end].iter().fold(0, |all, byte| all ^ byte);
    assert_eq!(corrected_to(&with_sum(right.clone(), xor), &right), ["checksum-other"]);
    assert_eq!(corrected_to(&with_sum(right.clone(), !right[end]), &right), ["checksum-other"]);
    let crc = voltapile_protocol::ykc::crc::crc16(&right[6..end]).to_le_bytes();
    let mut with_crc = [&right[..end], &crc].concat();
    with_crc[2] += 1;
    assert_eq!(corrected_to(&with_crc, &right), ["checksum-crc"]);
    let mut without = right[..end].to_vec();
    without[2] -= 1;
    assert_eq!(corrected_to(&without, &right), ["checksum-missing"]);
    assert_eq!(corrected_to(&with_sum(right.clone(), 0x5A), &right), ["checksum-wrong"]);
}

#[test]
fn what_a_wrong_length_counts_is_told() {
    let right = golden("sign-in of a pile with two connectors, V4.9");
    let whole = u16::try_from(right.len()).unwrap();
    let cases = [
        (whole - 9, "it counts the body only"),
        (whole - 1, "it does not count the check sum"),
        (whole - 4, "it does not count start and length"),
        (whole.swap_bytes(), "it stands high byte first"),
        (whole - 50, "expected 142"),
    ];
    for (length, expected) in cases {
        let mut wrong = right.clone();
        wrong[2..4].copy_from_slice(&length.to_le_bytes());
        assert_eq!(corrected_to(&wrong, &right), ["length-wrong"]);
        let message = &explained(&wrong).findings[0].message.en;
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_frame_that_is_cut_off_says_how_much_is_missing() {
    let bytes = golden("status of an idle connector");
    let report = explained(&bytes[..100]);
    assert!(codes(&report).contains(&"incomplete"), "{:?}", report.findings);
    assert!(report.findings.iter().any(|finding| finding.message.en.contains("148 more are missing")));
    assert!(report.fields.iter().any(|field| field.name == "work_state"), "what is there is shown");
    let glued = [&bytes[..], &bytes].concat();
    assert_eq!(inspect(&glued, Options::default()).reports.len(), 2);
}

#[test]
fn an_encrypted_body_is_not_read() {
    let mut bytes = golden("stopped");
    bytes[4] |= 0x80;
    let report = explained(&bytes);
    assert_eq!(codes(&report), ["encrypted"]);
    assert_eq!(report.fields.len(), 1);
}

#[test]
fn other_versions_are_named() {
    let told = |name: &str| {
        let report = explained(&golden(name));
        let version = report.findings.iter().find(|finding| finding.code == "other-version");
        version.map(|finding| finding.message.en.clone()).unwrap_or_default()
    };
    assert_eq!(told("answer to a sign-in, 9 bytes as V3 has it"), "the body has 9 bytes, as in V3.x");
    assert_eq!(told("record before V2.6, 256 bytes"), "the body has 256 bytes, as in V2.x");
    assert_eq!(told("record of 0.001 kWh"), "");
    let old = explained(&golden("found in a test of others: start refused by a pile of V2"));
    assert!(codes(&old).contains(&"reserved-used"), "{:?}", old.findings);
}

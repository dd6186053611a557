//! What is said about AA F5 frames that are wrong, and that nothing is said about those that are right.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

mod support;

use serde_json::{Value as Json, json};
use voltapile_protocol::inspect::value::hex;
use voltapile_protocol::inspect::{Options, Report, compose, inspect};

fn explained(bytes: &[u8]) -> Report {
    inspect(bytes, Options::default()).reports.remove(0)
}

fn of(description: &Json) -> Report {
    explained(&compose(description, Options::default()).unwrap())
}

fn codes(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn right_frames_raise_no_warning() {
    let known = [
        ("reboot, connector 0", vec!["connector-zero"]),
        ("found in a test of others: start refused by a pile of V2", vec!["unknown-code"]),
        ("found in a readme of others: sign-in of V3.4", vec!["unknown-code"]),
        ("a command that nobody knows", vec!["unknown-type"]),
        ("no such record", vec![]),
    ];
    for (what, bytes) in support::frames(include_str!("golden/aaf5/frames.hex")) {
        let expected = known.iter().find(|(name, _)| *name == what).map_or(&[][..], |(_, codes)| codes);
        assert_eq!(codes(&explained(&bytes)), expected, "{what}: {:?}", explained(&bytes).findings);
    }
}

#[test]
fn an_impossible_time_is_told() {
    let (_, mut bytes) = support::frames(include_str!("golden/aaf5/frames.hex")).remove(0);
    bytes[8 + 58 + 2] = 0x13;
    let sum = bytes[6..bytes.len() - 1].iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    *bytes.last_mut().unwrap() = sum;
    let report = explained(&bytes);
    assert_eq!(codes(&report), ["time-impossible"]);
    assert_eq!(report.findings[0].offset, 8 + 58);
}

#[test]
fn a_wrong_count_of_bytes_is_corrected() {
    let report = of(
        &json!({"type": "3", "fields": {"action": "set", "index": 2, "byte_count": 7, "value": "20260102150405FF"}}),
    );
    assert_eq!(codes(&report), ["byte-count"]);
    assert!(hex(report.corrected.as_deref().unwrap()).contains("080020260102150405FF"));
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
fn a_tariff_with_a_gap_is_told() {
    let period = |start: u8, end: u8| json!({"start_hour": start, "end_hour": end, "electricity_price": 1.0});
    let tariff = |periods: Json| codes(&of(&json!({"type": "1103", "fields": {"periods": periods}})));
    assert_eq!(tariff(json!([period(0, 8), period(8, 24)])), [""; 0]);
    assert_eq!(tariff(json!([period(0, 8), period(9, 24)])), ["tariff-periods"]);
    assert_eq!(tariff(json!([period(0, 8), period(8, 23)])), ["tariff-periods"]);
    assert_eq!(tariff(json!([period(0, 8), period(8, 8), period(8, 24)])), ["tariff-periods"]);
    let quarter = json!({"start_hour": 8, "start_minute": 15, "end_hour": 24});
    assert_eq!(tariff(json!([period(0, 8), quarter])), ["tariff-periods"]);
}

#[test]
fn a_record_that_does_not_add_up_is_told() {
    let mut slots = vec![json!(0); 48];
    slots[30] = json!(5.0);
    let mut fields = json!({
        "connector_number": 1, "total_energy": 5.0, "meter_start": 100.0, "meter_stop": 105.0, "slots": slots,
        "start_time": "2026-01-02T15:04:05", "end_time": "2026-01-02T16:04:05", "connector_type": "dc",
    });
    let record = |fields: &Json| codes(&of(&json!({"type": "202", "fields": fields})));
    assert_eq!(record(&fields), [""; 0]);
    fields["meter_stop"] = json!(106.0);
    fields["end_time"] = json!("2026-01-02T15:00:00");
    assert_eq!(record(&fields), ["ends-before-start", "energy-not-meter-difference"]);
    fields["total_energy"] = json!(6.0);
    assert_eq!(record(&fields), ["ends-before-start", "energy-sum"]);
    fields["meter_stop"] = json!(99.0);
    assert!(record(&fields).contains(&"meter-runs-backwards"));
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

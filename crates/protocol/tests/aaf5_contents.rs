//! What is said about the contents of AA F5 messages that contradict themselves, with the right bytes where they are known.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

mod support;

use std::fmt::Write;

use serde_json::{Value as Json, json};
use voltapile_protocol::inspect::{Options, Report, compose, inspect};

fn explained(bytes: &[u8]) -> Report {
    inspect(bytes, Options::default()).reports.remove(0)
}

fn of(command: &str, fields: &Json) -> Report {
    explained(&compose(&json!({"type": command, "fields": fields}), Options::default()).unwrap())
}

fn codes(report: &Report) -> Vec<&'static str> {
    let told = report.findings.iter().map(|finding| finding.code);
    told.filter(|code| *code != "other-version").collect()
}

/// Findings of a message that is right but for some fields.
fn with(command: &str, fields: &Json, others: Json) -> Vec<&'static str> {
    let mut fields = fields.clone();
    fields.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
    codes(&of(command, &fields))
}

/// The value of a field of the corrected frame.
fn corrected(report: &Report, name: &str) -> Json {
    let right = explained(report.corrected.as_deref().unwrap());
    right.fields.iter().find(|field| field.name == name).unwrap().value.to_json()
}

#[test]
fn all_that_is_said_about_the_worked_frames() {
    let mut text = String::new();
    for (what, bytes) in support::frames(include_str!("golden/aaf5/frames.hex")) {
        let report = explained(&bytes);
        for finding in &report.findings {
            let (severity, code) = (finding.severity.name(), finding.code);
            writeln!(text, "{what}\n  {severity} {code} at {}: {}", finding.offset, finding.message.en).unwrap();
        }
        let quiet = report.findings.iter().all(|finding| finding.fix.is_none());
        assert!(quiet && report.corrected.is_none(), "{what} needs no correction: {:?}", report.findings);
    }
    insta::assert_snapshot!("worked_frames", text);
}

#[test]
fn a_status_that_cannot_be_is_told() {
    let charging = json!({
        "pile_code": "P1", "connector_count": 2, "connector_number": 1, "connector_type": "dc", "work_state": "charging",
        "plug": "connected", "total_energy": 5.83, "meter_start": 1000.0, "meter_now": 1005.83, "total_amount": 8.75,
        "bms_charge_mode": 1, "electricity_amount": 5.83, "service_amount": 2.92,
    });
    let told = |others: Json| with("104", &charging, others);
    assert_eq!(told(json!({})), [""; 0]);
    assert_eq!(told(json!({"connector_number": 3})), ["connector-above-count"]);
    assert_eq!(told(json!({"connector_number": 0})), ["connector-zero"]);
    assert_eq!(told(json!({"plug": "unplugged"})), ["charging-unplugged"]);
    assert_eq!(told(json!({"plug": "unplugged", "work_state": "idle"})), [""; 0]);
    assert_eq!(told(json!({"total_amount": 9.0})), ["amount-sum"]);
    assert_eq!(told(json!({"meter_now": 1006.83})), ["energy-not-meter-difference"]);
    assert_eq!(told(json!({"meter_now": 999.0})), ["meter-runs-backwards"]);
    assert_eq!(told(json!({"soc": 101})), ["out-of-range"]);
    assert_eq!(told(json!({"dc_voltage": 4404.5})), ["big-endian"], "350.0 V the other way round");
}

#[test]
fn answers_to_records_whose_amounts_do_not_add_up_are_told() {
    let answer = json!({
        "connector_number": 1, "amounts_valid": "valid", "full_amount": 8.75, "discount": 0.75, "charged_amount": 8.0,
        "electricity_amount": 5.33, "service_amount": 2.67,
    });
    for command in ["201", "221"] {
        assert_eq!(with(command, &answer, json!({})), [""; 0]);
        assert_eq!(with(command, &answer, json!({"discount": 0})), ["amount-sum"]);
        assert_eq!(with(command, &answer, json!({"service_amount": 2.0})), ["amount-sum"]);
        // What does not hold need not add up.
        assert_eq!(with(command, &answer, json!({"amounts_valid": "invalid", "discount": 0})), [""; 0]);
    }
}

#[test]
fn periods_behind_a_full_day_are_zero() {
    let whole = json!({"start_hour": 0, "end_hour": 24, "electricity_price": 1});
    let report = of("1103", &json!({"periods": [whole, {"electricity_price": 1}]}));
    assert_eq!(codes(&report), ["tariff-rest"]);
    assert_eq!(corrected(&report, "periods[1].electricity_price"), 0.0);
    // A pile may have no tariff, but none can be set.
    for (command, expected) in
        [("1102", &[][..]), ("1108", &[]), ("1103", &["tariff-periods"]), ("1105", &["tariff-periods"])]
    {
        assert_eq!(codes(&of(command, &json!({}))), expected, "{command}");
    }
    let part = json!({"periods": [{"start_hour": 0, "end_hour": 8}]});
    let message = |command| of(command, &part).findings[0].message.en.clone();
    assert!(message("1103").ends_with("a pile refuses others"));
    assert!(message("1102").ends_with("00:00 to 24:00"));
}

#[test]
fn energy_outside_the_charge_is_told() {
    let record = |slot: usize, start: &str, end: &str| {
        let mut slots = vec![json!(0); 48];
        slots[slot] = json!(5.0);
        let fields = json!({
            "connector_number": 1, "total_energy": 5.0, "meter_start": 100.0, "meter_stop": 105.0, "slots": slots,
            "start_time": start, "end_time": end, "connector_type": "dc",
        });
        let report = of("202", &fields);
        let told = report.findings.iter().find(|finding| finding.code == "energy-outside-charge");
        told.map(|finding| finding.message.en.clone()).unwrap_or_default()
    };
    let (day, night) = ("2026-01-02T15:04:05", "2026-01-02T23:10:00");
    assert_eq!(record(30, day, "2026-01-02T16:04:05"), "");
    assert_eq!(record(1, night, "2026-01-03T00:40:00"), "");
    assert!(record(1, day, "2026-01-02T16:04:05").contains("periods of a tariff of 1105"));
    assert!(record(40, day, "2026-01-02T16:04:05").starts_with("slot 41, the half hour from 20:00, has energy"));
    assert_eq!(record(40, day, "2026-01-05T16:04:05"), "", "days may touch all");
}

#[test]
fn parameters_that_cannot_be_set_are_told() {
    let set =
        |first: u32, values: Json| codes(&of("1", &json!({"action": "set", "first_index": first, "values": values})));
    assert_eq!(set(21, json!([{"value": 20}])), [""; 0]);
    assert_eq!(set(81, json!([{"value": 20}])), ["parameter-read-only"]);
    assert_eq!(set(25, json!([{"value": 1}])), ["address-without-port"]);
    assert_eq!(set(25, json!([{"value": 1}, {"value": 2}])), [""; 0]);
    assert_eq!(set(38, json!([{"value": 1}])), ["parameter-unknown"]);
    assert_eq!(codes(&of("1", &json!({"first_index": 66, "count": 1}))), [""; 0], "it can be read");
    assert_eq!(codes(&of("3", &json!({"index": 99}))), ["parameter-unknown"]);
}

//! Things worth knowing about frames of real piles and servers: what was probably meant, and what is usual in the field.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

use serde_json::{Value as Json, json};
use voltapile_protocol::inspect::{Finding, Lang, Options, Report, Severity, compose, inspect};
use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::crc::crc16;
use voltapile_protocol::ykc::frame::{Envelope, write_frame};

const PILE: &str = "32010600213533";

fn frame(json: &Json) -> Vec<u8> {
    compose(json, Options::default()).unwrap()
}

fn explained(bytes: &[u8]) -> Report {
    let mut inspection = inspect(bytes, Options::default());
    assert_eq!((inspection.reports.len(), inspection.strays.len()), (1, 0), "{inspection:?}");
    inspection.reports.remove(0)
}

fn codes(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.code).collect()
}

fn only(report: &Report) -> &Finding {
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    &report.findings[0]
}

fn record(stop_reason: u8) -> Json {
    json!({"type": "0x3B", "fields": {
        "transaction_number": format!("{PILE}012601310815000007"), "pile_code": PILE, "connector_number": 1,
        "start_time": "2026-01-31T08:15:00", "end_time": "2026-01-31T08:45:00", "meter_start": 100.5,
        "meter_stop": 100.5, "start_source": "app", "transaction_time": "2026-01-31T08:45:00", "stop_reason": stop_reason,
    }})
}

#[test]
fn a_stop_without_a_reason_is_worth_knowing() {
    let report = explained(&frame(&record(0)));
    let finding = only(&report);
    assert_eq!((finding.severity, finding.code), (Severity::Info, "stop-reason-zero"));
    assert!(explained(&frame(&record(0x40))).findings.is_empty());
}

#[test]
fn reasons_of_vendors_are_called_that() {
    for number in [0x8A, 0x8F, 0x91, 0xCB] {
        let report = explained(&frame(&record(number)));
        assert!(report.findings.is_empty(), "{:?}", report.findings);
        let reason = report.fields.iter().find(|field| field.name == "stop_reason").unwrap();
        let (zh, en) = (reason.value.to_text(Lang::Zh), reason.value.to_text(Lang::En));
        assert!(zh.starts_with("厂商自定义") && en.starts_with("vendor code"), "{zh} {en}");
    }
}

#[test]
fn a_record_before_v1_5_is_recognised_and_brought_up_to_date() {
    let new = frame(&record(0x40));
    let mut body = new[6..new.len() - 2].to_vec();
    // The fifth byte of both meter readings.
    body.remove(111);
    body.remove(106);
    let mut old = Vec::new();
    write_frame(&mut old, Envelope::default(), 0x3B, |writer| writer.put(&body)).unwrap();
    let report = explained(&old);
    let finding = only(&report);
    assert_eq!((finding.severity, finding.code, finding.offset), (Severity::Error, "record-before-v15", 108));
    assert!(finding.message.zh.contains("156 字节，像 V1.5 之前的账单"), "{finding:?}");
    assert_eq!(report.corrected, Some(new));
    // The same under its own type is nothing special.
    let mut own = Vec::new();
    write_frame(&mut own, Envelope::default(), 0x3F, |writer| writer.put(&body)).unwrap();
    assert!(explained(&own).findings.is_empty());
}

#[test]
fn a_heartbeat_is_acknowledged_with_zero() {
    let answer = |ack: u8| {
        let fields = json!({"pile_code": PILE, "connector_number": 1, "heartbeat_ack": ack});
        frame(&json!({"type": "0x04", "fields": fields}))
    };
    assert!(explained(&answer(0)).findings.is_empty());
    for (ack, code) in [(0x30, "ascii-digit"), (1, "heartbeat-ack-not-zero")] {
        let report = explained(&answer(ack));
        assert_eq!((only(&report).severity, only(&report).code), (Severity::Warning, code));
        assert_eq!(report.corrected, Some(answer(0)));
    }
}

#[test]
fn connectors_are_numbered_from_one() {
    let report = explained(&frame(&json!({"type": "0x12", "fields": {"pile_code": PILE}})));
    assert_eq!((only(&report).severity, only(&report).code), (Severity::Info, "connector-zero"));
}

#[test]
fn a_qr_prefix_has_at_most_200_characters() {
    let prefix =
        |length: usize| frame(&json!({"type": "0xF0", "fields": {"pile_code": PILE, "prefix": "q".repeat(length)}}));
    assert!(explained(&prefix(200)).findings.is_empty());
    let report = explained(&prefix(201));
    assert_eq!((only(&report).severity, only(&report).code), (Severity::Warning, "qr-prefix-too-long"));
    let fields = json!({"pile_code": PILE, "connector_number": 1, "text": "q".repeat(220)});
    assert!(explained(&frame(&json!({"type": "0x5B", "fields": fields}))).findings.is_empty(), "a whole code may");
}

#[test]
fn a_frame_of_version_2_is_called_that_even_when_its_crc_is_wrong() {
    let time = [0x36, 0x09, 0x11, 0x0D, 0x0C, 0x1A, 0x1A];
    let counted = [&[0x00, 0x01][..], &time, &[0x00, 0x01], &[0x41; 148]].concat();
    let right = [&[0x68, 0x00, 0x9F][..], &counted, &crc16(&counted).to_le_bytes()].concat();
    let mut wrong = right.clone();
    wrong[100] ^= 1;
    for (bytes, said) in [(&right[..], "V2.x 帧"), (&wrong, "帧头像 V2.x"), (&right[..120], "帧头像 V2.x")] {
        let report = explained(bytes);
        assert_eq!((only(&report).severity, only(&report).code), (Severity::Error, "version-2"));
        assert!(only(&report).message.zh.starts_with(said), "{:?}", report.findings);
        assert_eq!(report.raw.len(), bytes.len());
    }
}

#[test]
fn fields_of_another_dialect_are_not_judged() {
    let guochong = Options { dialect: Dialect::Guochong, ..Options::default() };
    let code = json!({"name": "qr_code_set_guochong",
        "fields": {"pile_code": PILE, "connector_number": 1, "text": "https://example.com/q"}});
    let report = explained(&compose(&code, guochong).unwrap());
    assert_eq!(codes(&report), ["other-dialect"]);
}

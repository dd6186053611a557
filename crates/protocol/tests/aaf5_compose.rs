//! AA F5 frames made from descriptions in JSON.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

mod support;

use serde_json::{Value as Json, json};
use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::Frame;
use voltapile_protocol::aaf5::message::{Dialect, LAYOUTS, Message, layout};
use voltapile_protocol::inspect::json::FrameJson;
use voltapile_protocol::inspect::value::hex;
use voltapile_protocol::inspect::{Lang, Options, compose, explain, inspect};

fn made(description: &Json) -> Vec<u8> {
    compose(description, Options::default()).unwrap_or_else(|error| panic!("{error}: {description}"))
}

fn refused(description: &Json) -> String {
    compose(description, Options::default()).unwrap_err().to_string()
}

/// The fields of a frame as decoding prints them, without their raw bytes.
fn described(frame: &Frame<'_>) -> Json {
    let declared = layout(frame.command, frame.body.len(), Dialect::Standard);
    let body = declared.map_or_else(|| explain::opaque(frame.body, 0), |layout| explain::body(layout, frame.body, 0));
    let fields: Vec<Json> =
        body.fields.iter().map(|field| json!({"name": field.name, "value": field.value.to_json()})).collect();
    json!({
        "protocol": "aaf5",
        "type": frame.command.to_string(),
        "name": declared.map(|layout| layout.name),
        "sequence": format!("{:02X}", frame.sequence),
        "information": frame.info,
        "fields": fields,
    })
}

#[test]
fn every_frame_comes_back_from_its_values() {
    for (what, bytes) in support::frames(include_str!("golden/aaf5/frames.hex")) {
        let frame = Frame::parse(&bytes).unwrap();
        assert_eq!(hex(&made(&described(&frame))), hex(&bytes), "{what}");
    }
}

#[test]
fn every_frame_comes_back_from_its_explanation() {
    for (what, bytes) in support::frames(include_str!("golden/aaf5/frames.hex")) {
        let report = inspect(&bytes, Options::default()).reports.remove(0);
        let json = serde_json::to_value(FrameJson::new(&report, Lang::En)).unwrap();
        assert_eq!(hex(&made(&json)), hex(&bytes), "{what}: {json}");
    }
}

#[test]
fn a_bare_message_has_what_every_version_has() {
    for declared in LAYOUTS {
        let bytes = made(&json!({"protocol": "aaf5", "name": declared.name}));
        let frame = Frame::parse(&bytes).unwrap();
        assert_eq!((frame.command, frame.body.len()), (declared.code, declared.required_length()), "{}", declared.name);
    }
}

#[test]
fn the_protocol_is_told_by_how_a_type_is_written() {
    assert_eq!(
        hex(&made(&json!({"type": "103", "sequence": "07", "information": 2, "fields": {"connector_number": 1}}))),
        "AAF50E0002076700000000000168"
    );
    assert!(made(&json!({"type": "0x03"})).starts_with(&[0x68]));
    assert!(made(&json!({"name": "status_report"})).starts_with(&[0xAA, 0xF5]), "only AA F5 has it");
    assert!(made(&json!({"name": "heartbeat_request"})).starts_with(&[0x68]), "both have it");
    let aaf5 = Options { protocol: Some(Protocol::Aaf5), ..Options::default() };
    assert!(compose(&json!({"name": "heartbeat_request"}), aaf5).unwrap().starts_with(&[0xAA, 0xF5]));
    assert!(compose(&json!({"type": 104}), aaf5).unwrap().starts_with(&[0xAA, 0xF5]));
}

#[test]
fn counts_are_filled_in() {
    let fields = json!({"action": "set", "first_index": 25, "values": [{"value": 1}, {"value": 2}]});
    let bytes = made(&json!({"type": "1", "fields": fields}));
    let frame = Frame::parse(&bytes).unwrap();
    let Ok(Message::IntegerParameterRequest(request)) = Message::decode(1, frame.body, Dialect::Standard) else {
        panic!()
    };
    assert_eq!((request.count, request.byte_count, request.values.len()), (2, 8, 2));

    let bytes = made(&json!({"type": "3", "fields": {"action": "set", "index": 2, "value": "20260102150405FF"}}));
    let Ok(Message::TextParameterRequest(request)) = Message::decode(3, &bytes[8..bytes.len() - 1], Dialect::Standard)
    else {
        panic!()
    };
    assert_eq!((request.byte_count, request.value.0.len()), (8, 8));

    let list = made(&json!({"type": "1301", "fields": {"action": "add", "entries": [{"card_number": "1"}]}}));
    assert_eq!(list.len(), 9 + 42 + 4 + 32);
    let vins =
        made(&json!({"type": "1301", "fields": {"list_kind": "vins", "entries": [{"vin": "LTEST000000000001"}]}}));
    assert_eq!(vins.len(), 9 + 42 + 4 + 17, "the fields tell which layout is meant");
}

#[test]
fn an_optional_field_brings_those_before_it() {
    let bytes = made(&json!({"type": "104", "fields": {"transaction_number": "SN-1"}}));
    let Ok(Message::StatusReport(report)) = Message::decode(104, &bytes[8..bytes.len() - 1], Dialect::Standard) else {
        panic!()
    };
    assert_eq!(report.transaction_number.map(|number| number.text()).as_deref(), Some("SN-1"));
    assert_eq!((report.vin.is_some(), report.electricity_amount), (true, None));
    let bytes = made(&json!({"type": "104", "fields": {"fire_level": 2}}));
    assert_eq!(bytes.len(), 9 + 246, "an extension stands behind all fields");
}

#[test]
fn mistakes_are_said_in_the_words_of_the_protocol() {
    assert_eq!(refused(&json!({"type": "104", "name": "sign_in_request"})), "sign_in_request has type 106, not 104");
    assert!(refused(&json!({"type": "4242", "fields": {"soc": 1}})).starts_with("4242 has no field \"soc\""));
    assert!(refused(&json!({"type": "104", "sequence": "0001"})).starts_with("sequence: expected 2 hex digits"));
    assert!(refused(&json!({"type": "0x13", "sequence": "01"})).starts_with("sequence: expected 4 hex digits"));
    assert!(refused(&json!({"type": "104", "fields": {"dc_current": 4000}})).contains("from -3276.8 to 3276.7 A"));
    assert!(
        refused(&json!({"type": "106", "fields": {"pile_time": "soon"}})).starts_with("pile_time: expected a time")
    );
    assert!(refused(&json!({"type": "102", "fields": {"plugged": [0]}})).starts_with("plugged: expected a list"));
    assert!(refused(&json!({"protocol": "ocpp"})).starts_with("protocol: expected a protocol"));
}

#[test]
fn what_does_not_hold_is_sent_all_the_same() {
    let frame = made(&json!({"type": "101", "checksum": {"ok": false, "raw": "00"}, "length_field": 300}));
    assert_eq!(hex(&frame), "AAF52C0110006500000000000000".to_owned() + "00");
    let encrypted = made(&json!({"type": "104", "information": 0x82, "fields": {"body": "0400AABBCCDD"}}));
    assert_eq!(hex(&encrypted[4..14]), "820068000400AABBCCDD");
}

#[test]
fn the_sum_of_the_other_protocol_is_refused() {
    let crc = refused(&json!({"type": "101", "crc": {"ok": false, "raw": "0000"}}));
    assert_eq!(crc, "unknown key \"crc\", did you mean \"checksum\"?");
    let sum = refused(&json!({"type": "0x03", "checksum": {"ok": false, "raw": "00"}}));
    assert_eq!(sum, "unknown key \"checksum\", did you mean \"crc\"?");
}

#[test]
fn a_mistyped_name_of_a_value_is_answered_with_the_nearest() {
    let alarms = refused(&json!({"type": "108", "fields": {"alarms": ["insulation_fault", "emergency_stp"]}}));
    assert!(alarms.contains("such as [\"emergency_stop\"]"), "{alarms}");
    let strategy = refused(&json!({"type": "7", "fields": {"strategy": "by_enegy"}}));
    assert!(strategy.contains("such as \"by_energy\""), "{strategy}");
}

#[test]
fn what_decoding_says_of_captures_and_logs_changes_nothing() {
    let told = json!({"time": "2026-01-31T08:15:00.000Z", "connection": 1, "client": "10.1.0.7:51000", "server": "10.0.0.1:8767",
        "line": 3, "type": "103", "fields": {"connector_number": 1}});
    assert_eq!(made(&told), made(&json!({"type": "103", "fields": {"connector_number": 1}})));
}

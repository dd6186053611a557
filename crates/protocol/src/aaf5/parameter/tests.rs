#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

fn words(name: &str, value: Json) -> Result<Vec<u32>, ParameterError> {
    Parameter::named(name).unwrap().words_of(&value)
}

fn bytes(name: &str, value: Json) -> Result<Vec<u8>, ParameterError> {
    Parameter::named(name).unwrap().bytes_of(&value)
}

/// Values in JSON and their words (indexes and words from the protocol's tables).
fn integers() -> Vec<(u32, &'static str, Json, Vec<u32>)> {
    vec![
        (1, "sign_in_period", json!(30), vec![30]),
        (5, "max_voltage", json!(750.5), vec![7505]),
        (13, "bms_cell_voltage_limit", json!(4.25), vec![425]),
        (24, "communication_mode", json!("reporting"), vec![2]),
        (25, "server_address", json!("16.80.1.20"), vec![u32::from_le_bytes([0x10, 0x50, 0x01, 0x14])]),
        (26, "server_port", json!(10001), vec![u32::from_le_bytes([0x11, 0x27, 0, 0])]),
        (27, "service_price", json!(0.35), vec![35]),
        (71, "gun_positive_temperature_limit", json!(-20), vec![30]),
        (75, "discount_support", json!(true), vec![1]),
        (87, "self_check", json!("insulation_board"), vec![0xAA05]),
        (88, "offline_power_limit", json!(10.0), vec![100]),
        (91, "balance_update", json!({"connector": 2, "balance": 12.3456}), vec![2, 123_456]),
        (90, "aes_key", json!("00".repeat(31) + "FF"), vec![0, 0, 0, 0, 0, 0, 0, 0xFF00_0000]),
    ]
}

fn texts() -> Vec<(u32, &'static str, Json, Vec<u8>)> {
    let padded = |text: &str, length: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(length, 0);
        bytes
    };
    vec![
        (1, "pile_code", json!("P-1"), padded("P-1", 32)),
        (2, "clock", json!("2026-01-02T15:04:05.000"), vec![0x20, 0x26, 1, 2, 0x15, 4, 5, 0xFF]),
        (5, "mac_address", json!("00:1A:2B:3C:4D:5E"), vec![0, 0x1A, 0x2B, 0x3C, 0x4D, 0x5E]),
        (7, "qr_code", json!("https://q/1"), padded("https://q/1", 12)),
        (12, "meter_address", json!("012345678901"), padded("012345678901", 12)),
        (
            14,
            "vin_timer",
            json!({"start": "22:00:30", "stop": "06:15:00", "enabled": true}),
            vec![0x22, 0, 0x30, 0x06, 0x15, 0, 1, 0],
        ),
    ]
}

#[test]
fn values_become_words_and_come_back() {
    for (index, name, value, expected) in integers() {
        let parameter = Parameter::named(name).unwrap();
        assert_eq!((parameter.index, parameter.is_text()), (index, false), "{name}");
        assert_eq!(words(name, value.clone()), Ok(expected.clone()), "{name}");
        assert_eq!(parameter.value_of_words(&expected), value, "{name}");
        assert_eq!(parameter.kind.words(), expected.len(), "{name}");
    }
}

#[test]
fn values_become_bytes_and_come_back() {
    for (index, name, value, expected) in texts() {
        let parameter = Parameter::named(name).unwrap();
        assert_eq!((parameter.index, parameter.is_text()), (index, true), "{name}");
        assert_eq!(bytes(name, value.clone()), Ok(expected.clone()), "{name}");
        assert_eq!(parameter.value_of_bytes(&expected), value, "{name}");
    }
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    for (name, value) in [
        ("sign_in_period", json!("soon")),
        ("sign_in_period", json!(-1)),
        ("server_port", json!(70_000)),
        ("max_voltage", json!(750.55)),
        ("gun_positive_temperature_limit", json!(206)),
        ("communication_mode", json!("shouting")),
        ("server_address", json!("example.org")),
        ("discount_support", json!(2)),
        ("aes_key", json!("00FF")),
        ("balance_update", json!(5)),
    ] {
        let error = words(name, value.clone()).unwrap_err();
        assert!(error.to_string().starts_with(&format!("{name} takes ")), "{error}");
        assert!(matches!(error, ParameterError::Value { .. }));
    }
    for (name, value) in [
        ("pile_code", json!("x".repeat(33))),
        ("pile_code", json!("枪")),
        ("clock", json!("2026-02-30T00:00:00")),
        ("mac_address", json!("00:11:22:33:44")),
        ("login_password", json!("abc")),
        ("vin_timer", json!({"start": "24:00:00", "stop": "06:00:00", "enabled": true})),
    ] {
        assert!(matches!(bytes(name, value), Err(ParameterError::Value { .. })), "{name}");
    }
}

#[test]
fn errors_read_well_and_keep_secrets() {
    let text = |name, value| words(name, value).unwrap_err().to_string();
    assert_eq!(
        text("server_port", json!(70_000)),
        "server_port takes a number of at most 0 decimals from 0 to 65535, not 70000"
    );
    assert_eq!(text("white_list_version", json!(1)), "can only be read: white_list_version");
    assert_eq!(text("module_type", json!("volts500")), "belongs to the maker: module_type");
    assert!(!text("aes_key", json!("5EC2E7")).contains("5EC2E7"));
    let unknown = Parameter::named("heartbeat_perod").unwrap_err();
    assert_eq!(unknown.to_string(), "there is no parameter heartbeat_perod; did you mean heartbeat_period?");
}

#[test]
fn tables_are_complete_and_names_unique() {
    let indexes: Vec<u32> = INTEGERS.iter().map(|parameter| parameter.index).collect();
    assert_eq!(indexes, (1..=91).filter(|index| *index != 38).collect::<Vec<_>>());
    assert_eq!(TEXTS.iter().map(|parameter| parameter.index).collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
    let names: BTreeSet<&str> = Parameter::all().map(|parameter| parameter.name).collect();
    assert_eq!(names.len(), INTEGERS.len() + TEXTS.len());
    assert!(INTEGERS.iter().all(|parameter| !parameter.is_text()) && TEXTS.iter().all(Parameter::is_text));
}

#[test]
fn status_bits_have_names() {
    let status = Parameter::named("status").unwrap();
    let value = status.value_of_words(&[0b10_0100_0000_0000_1101_1011]);
    assert_eq!(value["bms"], "charging");
    assert_eq!(value["plug"], "plugged");
    assert_eq!(value["power"], "on");
    assert_eq!(value["insulation"], 6, "a value without a name stays a number");
    assert_eq!(value["door"], "open");
    assert_eq!(value["surge_protector"], "fault");
    assert_eq!(value["system"], "standby");
}

#[test]
fn following_indexes_go_together() {
    let named = |name| Parameter::named(name).unwrap();
    let wanted =
        ["aes_key", "over_current", "auxiliary_supply", "server_port", "server_address", "clock", "server_port"];
    let queries = integer_queries(&wanted.map(named));
    let runs: Vec<(u32, u8)> = queries.iter().map(|query| (query.first_index, query.count)).collect();
    assert_eq!(runs, [(25, 2), (37, 1), (39, 1), (90, 8)]);

    let all: Vec<&'static Parameter> = INTEGERS.iter().collect();
    let counts: Vec<u8> = integer_queries(&all).iter().map(|query| query.count).collect();
    assert!(counts.iter().all(|count| (1..=10).contains(count)));
    assert_eq!(counts.iter().map(|count| usize::from(*count)).sum::<usize>(), 88 + 8 + 2);

    let sets = integer_sets(vec![(named("server_port"), vec![8768]), (named("server_address"), vec![0x0100_000A])]);
    let [set] = sets.as_slice() else { panic!("{sets:?}") };
    assert_eq!((set.first_index, set.count, set.byte_count, set.values[1].value), (25, 2, 8, 8768));
}

proptest! {
    #[test]
    fn any_words_are_read_and_most_come_back(word in any::<u32>(), which in 0..INTEGERS.len()) {
        let parameter = &INTEGERS[which];
        let words = vec![word; parameter.kind.words()];
        let value = parameter.value_of_words(&words);
        if let Ok(again) = parameter.words_of(&value) {
            prop_assert_eq!(again, words, "{}: {}", parameter.name, value);
        }
        prop_assert_eq!(parameter.value_of_words(&[]), Json::Null);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300), which in 0..TEXTS.len()) {
        let _ = TEXTS[which].value_of_bytes(&bytes);
    }
}

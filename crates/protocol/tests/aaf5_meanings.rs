//! What numbers of AA F5 mean by the index before them: parameters and control commands.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

use std::fmt::Write;

use serde_json::{Value as Json, json};
use voltapile_protocol::aaf5::code::ControlIndex;
use voltapile_protocol::aaf5::parameter::{INTEGERS, TEXTS};
use voltapile_protocol::inspect::json::FrameJson;
use voltapile_protocol::inspect::text::{Style, render};
use voltapile_protocol::inspect::value::hex;
use voltapile_protocol::inspect::{Lang, Options, Report, compose, inspect};
use voltapile_protocol::wire::Code;

fn of(command: &str, fields: &Json) -> Report {
    let bytes = compose(&json!({"type": command, "fields": fields}), Options::default()).unwrap();
    inspect(&bytes, Options::default()).reports.remove(0)
}

/// Fields with a meaning in both languages; also checks that the frame comes back from what is printed of it.
fn meanings(report: &Report) -> String {
    let printed = serde_json::to_value(FrameJson::new(report, Lang::En)).unwrap();
    assert_eq!(hex(&compose(&printed, Options::default()).unwrap()), hex(&report.raw));
    let mut text = String::new();
    for field in printed["fields"].as_array().unwrap() {
        let meaning = &field["meaning"];
        if meaning.is_null() {
            continue;
        }
        let (name, value) = (field["name"].as_str().unwrap(), &field["value"]);
        writeln!(text, "{name} {value}: {} {}", meaning["name"].as_str().unwrap(), meaning["value"]).unwrap();
        for lang in ["text_zh", "text_en"] {
            writeln!(text, "  {}", meaning[lang].as_str().unwrap()).unwrap();
        }
    }
    text
}

#[test]
fn every_integer_parameter_is_shown_by_its_table() {
    let mut text = String::new();
    for parameter in INTEGERS {
        let values: Vec<Json> = (1..=parameter.kind.words()).map(|word| json!({"value": word})).collect();
        let fields = json!({"pile_code": "P1", "first_index": parameter.index, "values": values});
        text.push_str(&meanings(&of("2", &fields)));
    }
    insta::assert_snapshot!("integers", text);
}

#[test]
fn every_text_parameter_is_shown_by_its_table() {
    let mut text = String::new();
    for parameter in TEXTS {
        let value = match parameter.index {
            2 => "20260102150405FF",
            5 => "0011223344AA",
            14 => "2200000600000100",
            _ => "3132330000",
        };
        let fields = json!({"pile_code": "P1", "index": parameter.index, "value": value});
        text.push_str(&meanings(&of("4", &fields)));
    }
    insta::assert_snapshot!("texts", text);
}

#[test]
fn every_command_says_what_its_argument_is() {
    let mut text = String::new();
    for entry in ControlIndex::TABLE.entries {
        let value = if [17, 25, 26].contains(&entry.first) { 1000 } else { 0x55 };
        let fields = json!({"connector_number": 1, "first_index": entry.first, "arguments": [{"value": value}]});
        text.push_str(&meanings(&of("5", &fields)));
    }
    let several =
        json!({"connector_number": 1, "first_index": 21, "arguments": [{"value": 1}, {"value": 2}, {"value": 0}]});
    text.push_str(&meanings(&of("5", &several)));
    insta::assert_snapshot!("commands", text);
}

#[test]
fn a_query_says_which_parameters_it_asks_for() {
    let asked = meanings(&of("1", &json!({"action": "query", "first_index": 21, "count": 3})));
    assert_eq!(
        asked,
        "first_index 21: heartbeat_period [\"heartbeat_period\",\"heartbeat_misses\",\"status_period\"]\n  \
         心跳上报周期、心跳包检测超时次数、充电桩状态信息报上周期\n  \
         heartbeat period, 0 = unchanged; heartbeats that may be missed, 0 = unchanged; status period, 0 = unchanged\n"
    );
    assert_eq!(meanings(&of("1", &json!({"first_index": 38, "count": 1}))), "");
}

#[test]
fn what_follows_a_key_is_counted_by_words() {
    let values: Vec<Json> = (1..=10).map(|word| json!({"value": word})).collect();
    let told = meanings(&of("1", &json!({"action": "set", "first_index": 90, "values": values})));
    assert!(told.contains("values[0].value 1: aes_key \"01000000020000000300000004000000050000000600000007000000080"));
    assert!(told.contains("values[8].value 9: balance_update {\"balance\":0.001,\"connector\":9}"), "{told}");
    // A key that is cut off is none.
    let short = meanings(&of("1", &json!({"action": "set", "first_index": 90, "values": [{"value": 1}]})));
    assert!(!short.contains("values["), "{short}");
}

#[test]
fn people_see_meanings_beside_values() {
    let report =
        of("1", &json!({"action": "set", "first_index": 25, "values": [{"value": 335_630_352}, {"value": 10_001}]}));
    let (zh, en) = (Style { lang: Lang::Zh, colour: false }, Style { lang: Lang::En, colour: false });
    assert!(render(&report, 1, zh).contains("335630352 · 中心服务器地址：16.80.1.20"));
    assert!(render(&report, 1, en).contains("10001 · port of the server; set with its address: 10001"));
}

#[test]
fn indexes_end_with_the_last() {
    let arguments: Vec<Json> = (1..=3).map(|value| json!({"value": value})).collect();
    let last = u32::MAX;
    for first in [last, last - 1, last - 2] {
        assert_eq!(meanings(&of("5", &json!({"first_index": first, "arguments": arguments}))), "");
        assert_eq!(meanings(&of("1", &json!({"action": "set", "first_index": first, "values": arguments}))), "");
    }
}

//! A realistic instance of every layout: description → frame → explanation → the same frame.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

use std::fmt::Write;

use serde_json::Value as Json;
use voltapile_protocol::inspect::json::FrameJson;
use voltapile_protocol::inspect::text::{Style, render};
use voltapile_protocol::inspect::value::hex;
use voltapile_protocol::inspect::{Lang, Options, Report, compose, inspect};
use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::frame::{Envelope, write_frame};
use voltapile_protocol::ykc::message::LAYOUTS;

/// The descriptions, each with the dialect it is read in.
fn descriptions() -> Vec<(Json, Options)> {
    include_str!("golden/layouts.jsonl").lines().map(described).collect()
}

fn described(line: &str) -> (Json, Options) {
    let mut json: Json = serde_json::from_str(line).unwrap();
    let dialect = match json.as_object_mut().unwrap().remove("dialect").as_ref().and_then(Json::as_str) {
        Some("guochong") => Dialect::Guochong,
        Some("gongniu") => Dialect::Gongniu,
        _ => Dialect::V16,
    };
    (json, Options { dialect, ..Options::default() })
}

fn explained(frame: &[u8], options: Options) -> Report {
    inspect(frame, options).reports.remove(0)
}

#[test]
fn every_layout_has_an_instance() {
    let described: Vec<String> =
        descriptions().iter().map(|(json, _)| json["name"].as_str().unwrap().to_owned()).collect();
    for layout in LAYOUTS {
        assert!(described.iter().any(|name| name == layout.name), "{} is missing in layouts.jsonl", layout.name);
    }
}

#[test]
fn every_layout_is_composed_and_explained() {
    let mut text = String::new();
    for (index, (json, options)) in descriptions().iter().enumerate() {
        let frame = compose(json, *options).unwrap();
        let report = explained(&frame, *options);
        assert_eq!(report.layout.map(|layout| layout.name), json["name"].as_str());
        writeln!(text, "{}", render(&report, index + 1, Style { lang: Lang::Zh, colour: false })).unwrap();
    }
    insta::assert_snapshot!("layouts_text", text);
}

#[test]
fn every_layout_comes_back_from_its_explanation() {
    for (json, options) in descriptions() {
        let frame = compose(&json, options).unwrap();
        let explanation = serde_json::to_value(FrameJson::new(&explained(&frame, options), Lang::En)).unwrap();
        assert_eq!(hex(&compose(&explanation, options).unwrap()), hex(&frame), "{}", json["name"]);
        // From the values alone, too: nothing hides in the raw bytes.
        let mut values = explanation;
        for field in values["fields"].as_array_mut().unwrap() {
            field.as_object_mut().unwrap().remove("raw");
        }
        assert_eq!(hex(&compose(&values, options).unwrap()), hex(&frame), "{} from its values", json["name"]);
    }
}

#[test]
fn correct_frames_raise_no_finding() {
    for (json, options) in descriptions() {
        let report = explained(&compose(&json, options).unwrap(), options);
        assert!(report.findings.is_empty(), "{}: {:?}", json["name"], report.findings);
    }
}

#[test]
fn the_default_frame_of_every_layout_has_no_error() {
    for (json, options) in descriptions() {
        let bare = serde_json::json!({ "name": json["name"] });
        let report = explained(&compose(&bare, options).unwrap(), options);
        assert!(!report.has_error(), "{}: {:?}", json["name"], report.findings);
    }
}

#[test]
fn reserved_bytes_are_sent_although_some_leave_them_out() {
    let sent = compose(&serde_json::json!({"name": "parking_lock_control_request"}), Options::default()).unwrap();
    assert_eq!(sent.len(), 21);
    for reserved in [0, 2] {
        let mut short = Vec::new();
        let body = &sent[6..15 + reserved];
        write_frame(&mut short, Envelope::default(), 0x62, |writer| writer.put(body)).unwrap();
        let explanation = FrameJson::new(&explained(&short, Options::default()), Lang::En);
        let again = compose(&serde_json::to_value(explanation).unwrap(), Options::default()).unwrap();
        assert_eq!(hex(&again), hex(&short));
    }
}

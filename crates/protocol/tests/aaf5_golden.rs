//! Frames of every command of AA F5: what each says, field by field.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write;

use voltapile_protocol::aaf5::Frame;
use voltapile_protocol::aaf5::message::{Dialect, LAYOUTS, Message, layout};
use voltapile_protocol::inspect::explain;
use voltapile_protocol::wire::Writer;

fn frames() -> Vec<(String, Vec<u8>)> {
    support::frames(include_str!("golden/aaf5/frames.hex"))
}

#[test]
fn every_frame_says_what_it_should() {
    let mut text = String::new();
    for (what, bytes) in frames() {
        let frame = Frame::parse(&bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
        let declared = layout(frame.command, frame.body.len(), Dialect::Standard);
        let name = declared.map_or("unknown", |layout| layout.name);
        writeln!(text, "{what}\n  {} {name}, {} bytes", frame.command, frame.body.len()).unwrap();
        let body =
            declared.map_or_else(|| explain::opaque(frame.body, 8), |layout| explain::body(layout, frame.body, 0));
        assert!(body.missing.is_none(), "{what}: {:?}", body.missing);
        let first = body.fields.first().map_or(0, |field| field.offset);
        for field in &body.fields {
            let at = field.offset - first;
            writeln!(text, "  {at:4} {} {} {}", field.name, field.value.to_json(), field.kind.unit()).unwrap();
        }
        text.push('\n');
    }
    insta::assert_snapshot!("frames", text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_frame_comes_back_from_its_message() {
    for (what, bytes) in frames() {
        let frame = Frame::parse(&bytes).unwrap();
        let message = Message::decode(frame.command, frame.body, Dialect::Standard).unwrap();
        let mut body = Vec::new();
        message.write(&mut Writer::new(&mut body));
        assert_eq!(body, frame.body, "{what}");
    }
}

#[test]
fn every_message_has_a_frame() {
    let shown: BTreeSet<&str> = frames()
        .iter()
        .filter_map(|(_, bytes)| {
            let frame = Frame::parse(bytes).unwrap();
            layout(frame.command, frame.body.len(), Dialect::Standard).map(|layout| layout.name)
        })
        .collect();
    let declared: BTreeSet<&str> = LAYOUTS.iter().map(|layout| layout.name).collect();
    assert_eq!(shown, declared);
}

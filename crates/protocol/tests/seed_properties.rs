//! Any bytes are explained without a panic, and each bit of a body belongs to exactly one field.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

use proptest::prelude::*;
use voltapile_protocol::inspect::json::FrameJson;
use voltapile_protocol::inspect::text::{Style, render};
use voltapile_protocol::inspect::value::hex;
use voltapile_protocol::inspect::{Lang, Options, Report, compose, inspect, inspect_chunks, read_input};
use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::frame::{Envelope, HEADER_LENGTH, write_frame};
use voltapile_protocol::ykc::message::LAYOUTS;

fn options() -> impl Strategy<Value = Options> {
    let dialect = prop_oneof![Just(Dialect::V16), Just(Dialect::Guochong), Just(Dialect::Gongniu)];
    (dialect, 0_u8..=1).prop_map(|(dialect, fault_base)| Options { dialect, fault_base, ..Options::default() })
}

/// A sound frame of a known or any type with any body.
fn sound_frame() -> impl Strategy<Value = Vec<u8>> {
    let known = (0..LAYOUTS.len()).prop_map(|index| LAYOUTS[index].code as u8);
    let frame_type = prop_oneof![4 => known, 1 => any::<u8>()];
    let encryption = prop_oneof![9 => Just(0_u8), 1 => any::<u8>()];
    (frame_type, encryption, any::<[u8; 2]>(), prop::collection::vec(any::<u8>(), 0..=251)).prop_map(
        |(frame_type, encryption, sequence, body)| {
            let mut frame = Vec::new();
            let envelope = Envelope { sequence, encryption, ..Envelope::default() };
            write_frame(&mut frame, envelope, frame_type, |writer| writer.put(&body)).unwrap();
            frame
        },
    )
}

/// Each bit of the body in one field, in order, without gaps.
fn assert_covered(report: &Report) {
    if report.header.is_none() {
        return;
    }
    let mut bit = HEADER_LENGTH * 8;
    for field in &report.fields {
        let (first, bits) = field.packed.unwrap_or((0, field.length * 8));
        assert_eq!(field.offset * 8 + first, bit, "{}", field.name);
        bit += bits;
    }
    let end = report.raw.len().saturating_sub(report.check_length()).max(HEADER_LENGTH);
    assert_eq!(bit, end * 8);
}

/// Everything that is printed of a report.
fn print(report: &Report) -> serde_json::Value {
    for (lang, colour) in [(Lang::Zh, true), (Lang::En, false)] {
        assert!(!render(report, 1, Style { lang, colour }).is_empty());
    }
    serde_json::to_value(FrameJson::new(report, Lang::En)).unwrap()
}

proptest! {
    #[test]
    fn any_bytes_are_explained(bytes in prop::collection::vec(any::<u8>(), 0..600), options in options()) {
        let inspection = inspect(&bytes, options);
        let explained: usize = inspection.reports.iter().map(|report| report.raw.len()).sum();
        prop_assert!(explained <= bytes.len());
        for report in &inspection.reports {
            assert_covered(report);
            print(report);
        }
    }

    #[test]
    fn damaged_frames_are_explained(
        frame in sound_frame(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
        options in options(),
    ) {
        let mut frame = frame;
        let at = at.index(frame.len());
        frame[at] = byte;
        frame.truncate(cut.index(frame.len()) + 1);
        for report in &inspect(&frame, options).reports {
            assert_covered(report);
            print(report);
        }
    }

    #[test]
    fn sound_frames_come_back_from_their_explanation(frame in sound_frame(), options in options()) {
        let inspection = inspect(&frame, options);
        prop_assert_eq!(inspection.reports.len(), 1);
        let report = &inspection.reports[0];
        assert_covered(report);
        prop_assert_eq!(hex(&compose(&print(report), options).unwrap()), hex(&frame));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[ -~\n\u{4e00}-\u{4e10}]{0,200}") {
        if let Ok(chunks) = read_input(text.as_bytes()) {
            let _ = inspect_chunks(&chunks, Options::default());
        }
    }

    #[test]
    fn any_input_is_read_or_refused(input in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(chunks) = read_input(&input) {
            let _ = inspect_chunks(&chunks, Options::default());
        }
    }

    #[test]
    fn a_frame_is_found_in_a_log_line(frame in sound_frame(), hour in 0..24, upper in any::<bool>()) {
        let digits = if upper { hex(&frame) } else { hex(&frame).to_lowercase() };
        let line = format!("2026-01-02 {hour:02}:00:00.123 [INFO] session 42 recv: {digits}\n");
        let chunks = read_input(line.as_bytes()).map_err(|error| error.to_string());
        // An encryption flag that nobody uses makes a run of hex look like a word; its length still tells.
        prop_assert_eq!(chunks.map(|chunks| chunks[0].bytes.clone()), Ok(frame));
    }

    #[test]
    fn a_frame_is_found_in_a_list_of_decimals_and_in_a_dump(frame in sound_frame(), signed in any::<bool>(), wide in 3..40_usize) {
        let number = |byte: &u8| if signed { (*byte as i8).to_string() } else { byte.to_string() };
        let list = frame.iter().map(number).collect::<Vec<_>>().join(", ");
        let lines = frame.chunks(wide).map(|line| line.iter().map(number).collect::<Vec<_>>().join(", "));
        let wrapped = format!("{{\n  {}\n}}", lines.collect::<Vec<_>>().join(",\n  "));
        let line = |(index, bytes): (usize, &[u8])| {
            let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{:07o} {}\n", index * 16, hex.join(" "))
        };
        let od: String = frame.chunks(16).enumerate().map(line).collect();
        let od = format!("{od}{:07o}\n", frame.len());
        for text in [format!("[{list}]"), wrapped, od] {
            let chunks = read_input(text.as_bytes()).map_err(|error| format!("{error}: {text}"));
            prop_assert_eq!(chunks.map(|chunks| chunks[0].bytes.clone()), Ok(frame.clone()));
        }
    }

    #[test]
    fn any_list_or_dump_is_read_or_refused(text in "([0-9a-f]{2,8}[ :]{1,2}|-?[0-9]{1,3}[,\\] ]|104, ?|[*\n]|0000[0-9]{2,3} ?68 ){0,60}") {
        if let Ok(chunks) = read_input(text.as_bytes()) {
            let _ = inspect_chunks(&chunks, Options::default());
        }
    }

    #[test]
    fn any_description_is_composed_or_refused(name in "[a-z_]{0,12}", value in "[ -~]{0,12}", code in any::<u8>()) {
        let description = serde_json::json!({"type": code, "fields": {name: value}});
        let _ = compose(&description, Options::default());
    }
}

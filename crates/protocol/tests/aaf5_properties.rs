//! Any bytes of AA F5 are explained without a panic, each bit of a body belongs to exactly one field, and an explanation
//! makes the same frame again.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

use proptest::prelude::*;
use proptest::sample::select;
use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::frame::{Envelope, HEADER_LENGTH, write_frame};
use voltapile_protocol::aaf5::message::LAYOUTS;
use voltapile_protocol::inspect::json::FrameJson;
use voltapile_protocol::inspect::text::{Style, render};
use voltapile_protocol::inspect::value::hex;
use voltapile_protocol::inspect::{Lang, Options, Report, compose, inspect};
use voltapile_protocol::layout::Layout;

/// A body of any length, or one of a length near those that a layout has.
fn body_for(layout: &'static Layout) -> impl Strategy<Value = Vec<u8>> {
    let near = layout.required_length()..=layout.full_length() + 50;
    let byte = prop_oneof![2 => any::<u8>(), 2 => 0x20_u8..0x7F, 1 => Just(0), 1 => Just(0xFF)];
    prop_oneof![0..520_usize, near].prop_flat_map(move |length| {
        let same = prop_oneof![Just(0xFF), any::<u8>()].prop_map(move |byte| vec![byte; length]);
        prop_oneof![4 => prop::collection::vec(byte.clone(), length), 1 => same]
    })
}

/// A sound frame of a known or any command with any body.
fn sound_frame() -> impl Strategy<Value = Vec<u8>> {
    let known = select(LAYOUTS).prop_flat_map(|layout| (Just(layout.code), body_for(layout)));
    let unknown = (any::<u16>(), prop::collection::vec(any::<u8>(), 0..200));
    let info = prop_oneof![8 => Just(0x10_u8), 1 => 0_u8..0x80, 1 => any::<u8>()];
    (prop_oneof![6 => known, 1 => unknown], info, any::<u8>()).prop_map(|((command, body), info, sequence)| {
        let mut frame = Vec::new();
        write_frame(&mut frame, Envelope { info, sequence }, command, |writer| writer.put(&body)).unwrap();
        frame
    })
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

fn only_aaf5() -> Options {
    Options { protocol: Some(Protocol::Aaf5), ..Options::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn sound_frames_come_back_from_their_explanation(frame in sound_frame()) {
        let inspection = inspect(&frame, only_aaf5());
        prop_assert_eq!(inspection.reports.len(), 1);
        let report = &inspection.reports[0];
        assert_covered(report);
        prop_assert_eq!(hex(&compose(&print(report), Options::default()).map_err(|error| TestCaseError::fail(error.to_string()))?), hex(&frame));
    }

    #[test]
    fn damaged_frames_are_explained(
        frame in sound_frame(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        let mut frame = frame;
        let at = at.index(frame.len());
        frame[at] = byte;
        frame.truncate(cut.index(frame.len()) + 1);
        for report in &inspect(&frame, only_aaf5()).reports {
            assert_covered(report);
            print(report);
        }
    }

    #[test]
    fn any_bytes_are_explained(bytes in prop::collection::vec(prop_oneof![4 => any::<u8>(), 1 => Just(0xAA), 1 => Just(0xF5)], 0..600)) {
        for report in &inspect(&bytes, only_aaf5()).reports {
            assert_covered(report);
            print(report);
        }
    }

    #[test]
    fn any_description_is_composed_or_refused(name in "[a-z_]{0,12}", value in "[ -~]{0,12}", code in any::<u16>()) {
        let description = serde_json::json!({"type": code.to_string(), "fields": {name: value}});
        let _ = compose(&description, Options::default());
    }
}

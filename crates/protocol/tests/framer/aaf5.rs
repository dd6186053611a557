//! Frames of AA F5, and its relatives before them.

use proptest::prelude::*;
use voltapile_protocol::aaf5::frame::{
    Envelope, FIRMWARE_DATA, MAX_FIRMWARE_LENGTH, MAX_LENGTH, MIN_LENGTH, longest, write_frame,
};
use voltapile_protocol::aaf5::framer::Aaf5;
use voltapile_protocol::aaf5::{Frame, Relative};

use super::model::{AtEnd, Rule, Stands, push};
use super::property;
use super::stream::Source;

const A: u8 = 0xAA;
const F: u8 = 0xF5;

fn sum(bytes: &[u8]) -> u8 {
    (bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>() % 256) as u8
}

/// What the bytes at a position promise.
#[derive(PartialEq, Eq)]
enum Promise {
    /// No frame begins here.
    Nothing,
    /// A frame begins here whose length is out of bounds.
    BadLength,
    /// A frame of so many bytes; too many to have come where that cannot be told yet.
    Bytes(usize),
}

/// The rule about lengths, spelled out.
fn promise(rest: &[u8]) -> Promise {
    match rest {
        [A] | [A, F] | [A, F, _] => Promise::Bytes(usize::MAX),
        [A, F, low, high, rest @ ..] => match (usize::from(*low) + 256 * usize::from(*high), rest) {
            (..MIN_LENGTH | 8193.., _) => Promise::BadLength,
            (4097.., [] | [_] | [_, _] | [_, _, _]) => Promise::Bytes(usize::MAX),
            (4097.., [_, _, low, high, ..]) if [*low, *high] != FIRMWARE_DATA.to_le_bytes() => Promise::BadLength,
            (length, _) => Promise::Bytes(length),
        },
        _ => Promise::Nothing,
    }
}

impl Rule for Aaf5 {
    const LONGEST: usize = MAX_FIRMWARE_LENGTH;

    /// What looks like a relative's is one where the check sum does not hold as ours, or where nothing more comes.
    fn stands(rest: &[u8], is_first: bool) -> Stands<Relative> {
        let relative = || Relative::recognise(rest).filter(|_| is_first);
        match promise(rest) {
            Promise::Nothing => Stands::Nothing,
            Promise::BadLength => Stands::BadLength(None),
            Promise::Bytes(promised) => match rest.get(..promised) {
                None => Stands::Unfinished(relative()),
                Some([_, _, _, _, _, _, summed @ .., last]) if sum(summed) == *last => Stands::Frame(promised),
                Some(_) => Stands::BadCheck(relative()),
            },
        }
    }

    fn raw(frame: &Frame<'_>) -> Vec<u8> {
        frame.raw.to_vec()
    }
}

impl Source for Aaf5 {
    fn frame() -> impl Strategy<Value = Vec<u8>> + 'static {
        (any::<u8>(), any::<u8>(), any_command(), any_body())
            .prop_map(|(info, sequence, command, body)| frame_bytes(info, sequence, command, &body))
    }

    fn relative() -> impl Strategy<Value = Vec<u8>> + 'static {
        (prop::sample::select(&[102, 104, 106][..]), any_body(), prop::sample::select(&[0, 6][..]))
            .prop_map(|(command, body, more)| relative_bytes(command, &body, more))
    }

    fn trap() -> impl Strategy<Value = u8> + 'static {
        prop_oneof![
            4 => Just(A), 4 => Just(F), 3 => Just(0), 2 => Just(9), 1 => Just(0x10), 1 => Just(0x20), 3 => any::<u8>(),
        ]
    }
}

fn frame_bytes(info: u8, sequence: u8, command: u16, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    assert_eq!(write_frame(&mut out, Envelope { info, sequence }, command, |writer| writer.put(body)), Ok(()));
    out
}

/// A frame with its check sum from the first byte and a length of so many bytes more.
fn relative_bytes(command: u16, body: &[u8], more: usize) -> Vec<u8> {
    let mut out = frame_bytes(0x10, 0, command, body);
    out.pop();
    let length = (out.len() + 1 + more) as u16;
    out[2..4].copy_from_slice(&length.to_le_bytes());
    out.push(sum(&out));
    out
}

fn any_command() -> impl Strategy<Value = u16> {
    prop_oneof![3 => prop::sample::select(&[5, 102, 104, 106, 202][..]), 1 => Just(FIRMWARE_DATA), 1 => any::<u16>()]
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..64),
        2 => prop::collection::vec(Aaf5::trap(), 0..64),
        1 => prop::collection::vec(any::<u8>(), 0..600),
    ]
}

#[test]
fn cuts_change_nothing() {
    property::cuts_change_nothing::<Aaf5>();
}

#[test]
fn every_frame_is_found_once_false_starts_are_through() {
    property::every_frame_is_found_once_false_starts_are_through::<Aaf5>();
}

#[test]
fn glued_frames_are_found() {
    property::glued_frames_are_found::<Aaf5>();
}

#[test]
fn a_frame_behind_a_false_start_is_found_after_giving_up() {
    let frame = frame_bytes(0x10, 1, 102, &[0; 38]);
    property::assert_found_after_giving_up::<Aaf5>([&[A, F, 0xFF, 0x0F], &[A, F, 0x80, 0x0F]], &frame, A);
}

#[test]
fn a_false_start_is_waited_for_no_longer_than_it_promises() {
    let frame = frame_bytes(0x10, 1, 102, &[0; 38]);
    property::assert_waited_for_no_longer::<Aaf5>(&[A, F, 0x00, 0x10], MAX_LENGTH, &frame);
}

#[test]
fn lengths_are_bounded_by_command() {
    for command in [7, FIRMWARE_DATA] {
        let limit = longest(command);
        let body = vec![0x55; limit - MIN_LENGTH];
        let frame = frame_bytes(0x10, 0, command, &body);
        assert_eq!(Frame::parse(&frame).unwrap().raw.len(), limit);
        let mut out = vec![1, 2, 3];
        let overflow =
            write_frame(&mut out, Envelope::default(), command, |writer| writer.put(&[&body[..], &[0]].concat()));
        let overflow = overflow.unwrap_err();
        assert_eq!((overflow.length, overflow.limit, out.len()), (body.len() + 1, body.len(), 3));
    }
    // An absurd length costs its start and waits for nothing.
    for stream in [&[A, F, 0xFF, 0xFF][..], &[A, F, 8, 0], &[A, F, 0, 0x20, 0x10, 0, 202, 0]] {
        let outcome = push::<Aaf5>(stream, &[], AtEnd::Keep);
        assert_eq!((outcome.pending, outcome.skipped.bad_length), (0, 1), "{stream:02X?}");
    }
    assert_eq!(push::<Aaf5>(&[A, F, 0, 0x20, 0x10, 0, 0xEF], &[], AtEnd::Keep).pending, 7);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 700, ..ProptestConfig::default() })]

    #[test]
    fn a_frame_is_parsed_as_it_was_written(
        info in any::<u8>(), sequence in any::<u8>(), command in any_command(), body in any_body(),
        behind in prop::collection::vec(any::<u8>(), 0..9),
    ) {
        let raw = frame_bytes(info, sequence, command, &body);
        let stream = [&raw[..], &behind].concat();
        prop_assert_eq!(Frame::parse(&stream), Ok(Frame { info, sequence, command, body: &body, raw: &raw }));
    }

    #[test]
    fn any_bytes_parse_or_say_why_not(bytes in prop::collection::vec(Aaf5::trap(), 0..300)) {
        use voltapile_protocol::aaf5::FrameError::*;
        match Frame::parse(&bytes) {
            Ok(frame) => prop_assert!(bytes.starts_with(frame.raw)),
            Err(Incomplete { missing }) => {
                prop_assert!((1..=MAX_FIRMWARE_LENGTH).contains(&missing));
                let more = [&bytes[..], &vec![0; missing - 1]].concat();
                let needs_them = matches!(Frame::parse(&more), Err(Incomplete { .. } | NoStart));
                prop_assert!(needs_them, "needs fewer than {}", missing);
            }
            Err(NoStart) => prop_assert!(promise(&bytes) == Promise::Nothing),
            Err(BadLength(length)) => {
                prop_assert!(promise(&bytes) == Promise::BadLength);
                prop_assert_eq!(&length.to_le_bytes()[..], &bytes[2..4]);
            }
            Err(BadChecksum { found, expected }) => prop_assert_ne!(found, expected),
        }
    }

    #[test]
    fn a_relative_is_recognised_only_before_the_first_frame(
        body in prop::collection::vec(1..A, 32..200), command in prop::sample::select(&[102, 106][..]),
        more in prop::sample::select(&[0, 6][..]), frame in Aaf5::frame(), junk in prop::collection::vec(1..A, 0..20),
    ) {
        let sign_in = relative_bytes(command, &body, more);
        let relatives = |stream: &[u8], cuts: &[usize]| push::<Aaf5>(stream, cuts, AtEnd::GiveUp).relatives();
        // One in 256 holds as one of ours.
        prop_assume!(Frame::parse(&sign_in.repeat(2)).is_err());
        let stream = [&junk[..], &sign_in].concat();
        prop_assert!(relatives(&stream, &[]) >= 1);
        prop_assert!(relatives(&[&stream[..], &sign_in].concat(), &[junk.len() + 1]) >= 1);
        prop_assert_eq!(relatives(&[&frame[..], &sign_in].concat(), &[]), 0);
    }
}

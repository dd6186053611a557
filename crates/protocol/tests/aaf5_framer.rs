//! The framer of AA F5 against a model that sees the whole stream at once: however a stream is cut, the same pieces in
//! the same order and the same counters.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

use proptest::prelude::*;
use proptest::sample::Index;
use voltapile_protocol::aaf5::frame::{
    Envelope, FIRMWARE_DATA, MAX_FIRMWARE_LENGTH, MAX_LENGTH, MIN_LENGTH, longest, write_frame,
};
use voltapile_protocol::aaf5::framer::{Framer, Piece, Skipped};
use voltapile_protocol::aaf5::{Frame, Relative};

const A: u8 = 0xAA;
const F: u8 = 0xF5;

/// A piece that outlives its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    Frame(Vec<u8>),
    Relative(Relative),
}

impl From<Piece<'_>> for Found {
    fn from(piece: Piece<'_>) -> Self {
        match piece {
            Piece::Frame(frame) => Self::Frame(frame.raw.to_vec()),
            Piece::Relative(relative) => Self::Relative(relative),
        }
    }
}

/// All that can be told about a scan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Outcome {
    found: Vec<Found>,
    /// Where each frame begins.
    begins: Vec<usize>,
    skipped: Skipped,
    pending: usize,
}

/// What becomes of a start whose end never comes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AtEnd {
    Keep,
    GiveUp,
}

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

/// The rule, spelled out over a whole stream.
///
/// At each position: no start → skip a byte. A start → wait until the bytes that its length promises are there; when
/// the check sum holds, they are a frame; otherwise skip one byte. Before the first frame, a start whose check sum does
/// not hold, or whose end never comes, may be a relative's: it is reported and then skipped like the rest.
fn model(stream: &[u8], at_end: AtEnd) -> Outcome {
    let mut outcome = Outcome::default();
    let mut at = 0;
    while at < stream.len() {
        let rest = &stream[at..];
        let relative = Relative::recognise(rest).filter(|_| outcome.begins.is_empty()).map(Found::Relative);
        match promise(rest) {
            Promise::Bytes(promised) if promised > rest.len() => {
                if at_end == AtEnd::Keep {
                    outcome.pending = rest.len();
                    break;
                }
                outcome.found.extend(relative);
            }
            Promise::Bytes(promised) if sum(&rest[6..promised - 1]) == rest[promised - 1] => {
                outcome.found.push(Found::Frame(rest[..promised].to_vec()));
                outcome.begins.push(at);
                outcome.skipped.since_frame = 0;
                at += promised;
                continue;
            }
            Promise::Bytes(_) => {
                outcome.found.extend(relative);
                outcome.skipped.bad_check += 1;
            }
            Promise::BadLength => outcome.skipped.bad_length += 1,
            Promise::Nothing => {}
        }
        outcome.skipped.bytes += 1;
        outcome.skipped.since_frame += 1;
        at += 1;
    }
    outcome
}

/// Pushes a stream in pieces that end at `cuts`.
fn push(stream: &[u8], cuts: &[usize], at_end: AtEnd) -> Outcome {
    let mut framer = Framer::new();
    let mut outcome = Outcome::default();
    let mut begin = 0;
    for end in cuts.iter().copied().chain([stream.len()]) {
        framer.push(&stream[begin..end.max(begin)], |piece| outcome.found.push(piece.into()));
        begin = end.max(begin);
        assert!(framer.pending() < MAX_FIRMWARE_LENGTH, "keeps {} bytes", framer.pending());
    }
    while at_end == AtEnd::GiveUp && framer.pending() > 0 {
        let before = framer.pending();
        framer.give_up_partial(|piece| outcome.found.push(piece.into()));
        assert!(framer.pending() < before, "gives up nothing");
    }
    let frames: Vec<usize> =
        outcome.found.iter().map(|found| if let Found::Frame(raw) = found { raw.len() } else { 0 }).collect();
    assert_eq!(framer.seen_frame(), frames.iter().any(|length| *length > 0));
    outcome.skipped = framer.skipped();
    outcome.pending = framer.pending();
    let accounted = frames.iter().sum::<usize>() + outcome.skipped.bytes as usize + outcome.pending;
    assert_eq!(accounted, stream.len(), "every byte is in a frame, skipped or pending");
    outcome
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

/// Bytes with many starts and lengths in them.
fn trap() -> impl Strategy<Value = u8> {
    prop_oneof![4 => Just(A), 4 => Just(F), 3 => Just(0), 2 => Just(9), 1 => Just(0x10), 1 => Just(0x20), 3 => any::<u8>()]
}

fn any_command() -> impl Strategy<Value = u16> {
    prop_oneof![3 => prop::sample::select(&[5, 102, 104, 106, 202][..]), 1 => Just(FIRMWARE_DATA), 1 => any::<u16>()]
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..64),
        2 => prop::collection::vec(trap(), 0..64),
        1 => prop::collection::vec(any::<u8>(), 0..600),
    ]
}

fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    (any::<u8>(), any::<u8>(), any_command(), any_body())
        .prop_map(|(info, sequence, command, body)| frame_bytes(info, sequence, command, &body))
}

fn any_relative() -> impl Strategy<Value = Vec<u8>> {
    (prop::sample::select(&[102, 104, 106][..]), any_body(), prop::sample::select(&[0, 6][..]))
        .prop_map(|(command, body, more)| relative_bytes(command, &body, more))
}

/// Part of a stream; `true` for a whole frame.
fn segment() -> impl Strategy<Value = (bool, Vec<u8>)> {
    prop_oneof![
        6 => any_frame().prop_map(|bytes| (true, bytes)),
        2 => prop::collection::vec(any::<u8>(), 0..40).prop_map(|bytes| (false, bytes)),
        3 => prop::collection::vec(trap(), 0..40).prop_map(|bytes| (false, bytes)),
        2 => (any_frame(), any::<Index>()).prop_map(|(bytes, at)| (false, bytes[..at.index(bytes.len())].to_vec())),
        2 => (any_frame(), any::<Index>(), 1..=255_u8).prop_map(|(mut bytes, at, flip)| {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            (false, bytes)
        }),
        1 => any_relative().prop_map(|bytes| (false, bytes)),
    ]
}

fn segments() -> impl Strategy<Value = Vec<(bool, Vec<u8>)>> {
    prop::collection::vec(segment(), 0..12)
}

fn concat(segments: &[(bool, Vec<u8>)]) -> Vec<u8> {
    segments.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 700, ..ProptestConfig::default() })]

    #[test]
    fn cuts_change_nothing(segments in segments(), cuts in prop::collection::vec(any::<Index>(), 0..24)) {
        let stream = concat(&segments);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        let bytewise: Vec<usize> = (0..stream.len()).collect();
        for at_end in [AtEnd::Keep, AtEnd::GiveUp] {
            let expected = Outcome { begins: Vec::new(), ..model(&stream, at_end) };
            prop_assert_eq!(&push(&stream, &[], at_end), &expected, "whole");
            prop_assert_eq!(&push(&stream, &cuts, at_end), &expected, "in cuts");
            prop_assert_eq!(&push(&stream, &bytewise, at_end), &expected, "byte by byte");
        }
    }

    /// A frame is missed only where it begins inside a frame that was found: nothing else swallows bytes. What a false
    /// start promises is waited for, so it takes giving up to see that it was none.
    #[test]
    fn every_frame_is_found_once_false_starts_are_through(segments in segments()) {
        let stream = concat(&segments);
        let outcome = model(&stream, AtEnd::GiveUp);
        let found = push(&stream, &[], AtEnd::GiveUp).found;
        prop_assert_eq!(&found, &outcome.found);
        let frames = found.iter().filter_map(|found| if let Found::Frame(raw) = found { Some(raw.len()) } else { None });
        let spans: Vec<std::ops::Range<usize>> =
            outcome.begins.iter().zip(frames).map(|(begin, length)| *begin..begin + length).collect();
        let mut begin = 0;
        for (whole, bytes) in &segments {
            prop_assert!(!whole || spans.iter().any(|span| span.contains(&begin)), "the frame at {} was missed", begin);
            begin += bytes.len();
        }
    }

    #[test]
    fn glued_frames_are_found(frames in prop::collection::vec(any_frame(), 0..16)) {
        let found: Vec<Found> = push(&frames.concat(), &[], AtEnd::Keep).found;
        prop_assert_eq!(found, frames.into_iter().map(Found::Frame).collect::<Vec<_>>());
    }

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
    fn any_bytes_parse_or_say_why_not(bytes in prop::collection::vec(trap(), 0..300)) {
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
        more in prop::sample::select(&[0, 6][..]), frame in any_frame(), junk in prop::collection::vec(1..A, 0..20),
    ) {
        let sign_in = relative_bytes(command, &body, more);
        let relatives = |stream: &[u8], cuts: &[usize]| {
            let found = push(stream, cuts, AtEnd::GiveUp).found;
            found.into_iter().filter(|found| matches!(found, Found::Relative(_))).count()
        };
        // One in 256 holds as one of ours.
        prop_assume!(Frame::parse(&sign_in.repeat(2)).is_err());
        let stream = [&junk[..], &sign_in].concat();
        prop_assert!(relatives(&stream, &[]) >= 1);
        prop_assert!(relatives(&[&stream[..], &sign_in].concat(), &[junk.len() + 1]) >= 1);
        prop_assert_eq!(relatives(&[&frame[..], &sign_in].concat(), &[]), 0);
    }
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
        let outcome = push(stream, &[], AtEnd::Keep);
        assert_eq!((outcome.pending, outcome.skipped.bad_length), (0, 1), "{stream:02X?}");
    }
    assert_eq!(push(&[A, F, 0, 0x20, 0x10, 0, 0xEF], &[], AtEnd::Keep).pending, 7);
}

#[test]
fn a_frame_behind_a_false_start_is_found_after_giving_up() {
    let frame = frame_bytes(0x10, 1, 102, &[0; 38]);
    let stream = [&[A, F, 0xFF, 0x0F, A, F, 0x80, 0x0F][..], &frame, &[A]].concat();
    let mut framer = Framer::new();
    framer.push(&stream, |piece| panic!("{piece:?}"));
    assert_eq!(framer.pending(), stream.len());

    framer.give_up_partial(|piece| panic!("{piece:?}"));
    assert_eq!(framer.pending(), stream.len() - 4, "the second false start still hides it");
    let mut found = Vec::new();
    framer.give_up_partial(|piece| found.push(Found::from(piece)));
    assert_eq!(found, [Found::Frame(frame)]);
    assert_eq!((framer.pending(), framer.skipped().bytes, framer.skipped().since_frame), (1, 8, 0));
    framer.give_up_partial(|piece| panic!("{piece:?}"));
    assert_eq!((framer.pending(), framer.skipped().bytes), (0, 9));
}

#[test]
fn a_false_start_is_waited_for_no_longer_than_it_promises() {
    let frame = frame_bytes(0x10, 1, 102, &[0; 38]);
    let mut framer = Framer::new();
    let mut found = 0;
    framer.push(&[A, F, 0x00, 0x10], |_| found += 1);
    framer.push(&frame, |_| found += 1);
    framer.push(&vec![0; MAX_LENGTH - 4 - frame.len() - 1], |_| found += 1);
    assert_eq!((found, framer.pending()), (0, MAX_LENGTH - 1));
    framer.push(&[0], |_| found += 1);
    assert_eq!((found, framer.pending(), framer.skipped().bad_check), (1, 0, 1));
}

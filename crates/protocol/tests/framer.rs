//! The framer against a model that sees the whole stream at once: however a stream is cut, the same pieces in the same
//! order and the same counters.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

use proptest::prelude::*;
use proptest::sample::Index;
use voltapile_protocol::ykc::frame::{Envelope, MAX_BODY, MAX_LENGTH, START, write_frame};
use voltapile_protocol::ykc::framer::{Framer, Piece, Relative, Skipped, Version2};
use voltapile_protocol::ykc::{CrcOrder, Frame};

/// A piece that outlives its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Found {
    Frame(Vec<u8>, CrcOrder),
    Version2,
}

impl From<Piece<'_>> for Found {
    fn from(piece: Piece<'_>) -> Self {
        match piece {
            Piece::Frame(frame) => Self::Frame(frame.raw.to_vec(), frame.crc_order),
            Piece::Relative(Relative::Version2) => Self::Version2,
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

fn crc(bytes: &[u8]) -> u16 {
    crc::Crc::<u16>::new(&crc::CRC_16_MODBUS).checksum(bytes)
}

/// Whether the two bytes behind `counted` are its CRC, and in which order.
fn crc_order(counted: &[u8], tail: &[u8]) -> Option<CrcOrder> {
    let expected = crc(counted);
    let orders = [(expected.to_le_bytes(), CrcOrder::LowFirst), (expected.to_be_bytes(), CrcOrder::HighFirst)];
    orders.into_iter().find(|(bytes, _)| bytes == tail).map(|(_, order)| order)
}

/// The rule, spelled out over a whole stream.
///
/// At each position: no start byte → skip it. A start → wait until the bytes that its length byte promises are there;
/// when the CRC holds, they are a frame; otherwise skip the start byte alone. A length byte below 4 is no start, except
/// that before the first frame it may begin a V2.x frame, which is reported and then skipped like the rest.
fn model(stream: &[u8], at_end: AtEnd) -> Outcome {
    let mut outcome = Outcome::default();
    let mut at = 0;
    let skip = |outcome: &mut Outcome, at: &mut usize| {
        outcome.skipped.bytes += 1;
        outcome.skipped.since_frame += 1;
        *at += 1;
    };
    while at < stream.len() {
        let rest = &stream[at..];
        let seen_frame = !outcome.begins.is_empty();
        let promised = match rest {
            [START, length @ 4..=u8::MAX, ..] => usize::from(*length) + 4,
            [START, 0, low, ..] if !seen_frame && (11..=253).contains(low) => usize::from(*low) + 5,
            [START] => usize::MAX,
            [START, 0..=3] if !seen_frame => usize::MAX,
            _ => 0,
        };
        if promised > rest.len() {
            if at_end == AtEnd::Keep {
                outcome.pending = rest.len();
                break;
            }
            skip(&mut outcome, &mut at);
            continue;
        }
        match rest {
            [START, 4..=u8::MAX, ..] => match crc_order(&rest[2..promised - 2], &rest[promised - 2..promised]) {
                Some(order) => {
                    outcome.found.push(Found::Frame(rest[..promised].to_vec(), order));
                    outcome.begins.push(at);
                    outcome.skipped.since_frame = 0;
                    at += promised;
                    continue;
                }
                None => outcome.skipped.bad_check += 1,
            },
            [START, ..] => {
                if promised > 0 && crc_order(&rest[3..promised - 2], &rest[promised - 2..promised]).is_some() {
                    outcome.found.push(Found::Version2);
                }
                outcome.skipped.bad_length += 1;
            }
            _ => {}
        }
        skip(&mut outcome, &mut at);
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
        assert!(framer.pending() < MAX_LENGTH, "keeps {} bytes", framer.pending());
    }
    while at_end == AtEnd::GiveUp && framer.pending() > 0 {
        let before = framer.pending();
        framer.give_up_partial(|piece| outcome.found.push(piece.into()));
        assert!(framer.pending() < before, "gives up nothing");
    }
    let frames: Vec<usize> =
        outcome.found.iter().map(|found| if let Found::Frame(raw, _) = found { raw.len() } else { 0 }).collect();
    assert_eq!(framer.seen_frame(), frames.iter().any(|length| *length > 0));
    outcome.skipped = framer.skipped();
    outcome.pending = framer.pending();
    let accounted = frames.iter().sum::<usize>() + outcome.skipped.bytes as usize + outcome.pending;
    assert_eq!(accounted, stream.len(), "every byte is in a frame, skipped or pending");
    outcome
}

fn frame_bytes(sequence: [u8; 2], encryption: u8, frame_type: u8, body: &[u8], crc_order: CrcOrder) -> Vec<u8> {
    let mut out = Vec::new();
    let written =
        write_frame(&mut out, Envelope { sequence, encryption, crc_order }, frame_type, |writer| writer.put(body));
    assert_eq!(written, Ok(()));
    out
}

/// A V2.x frame: its length counts what stands between itself and the CRC.
fn version2_bytes(counted: &[u8], crc_order: CrcOrder) -> Vec<u8> {
    let crc = match crc_order {
        CrcOrder::LowFirst => crc(counted).to_le_bytes(),
        CrcOrder::HighFirst => crc(counted).to_be_bytes(),
    };
    [&[START, 0, counted.len() as u8], counted, &crc].concat()
}

fn any_order() -> impl Strategy<Value = CrcOrder> {
    prop_oneof![Just(CrcOrder::LowFirst), Just(CrcOrder::HighFirst)]
}

/// Bytes with many starts and lengths in them.
fn trap() -> impl Strategy<Value = u8> {
    prop_oneof![4 => Just(START), 1 => Just(0), 1 => Just(3), 1 => Just(4), 2 => Just(13), 1 => Just(0xFF), 3 => any::<u8>()]
}

fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let body = prop_oneof![
        4 => prop::collection::vec(any::<u8>(), 0..32),
        2 => prop::collection::vec(trap(), 0..64),
        1 => prop::collection::vec(any::<u8>(), 0..=MAX_BODY),
    ];
    (any::<[u8; 2]>(), any::<u8>(), any::<u8>(), body, any_order()).prop_map(
        |(sequence, encryption, frame_type, body, order)| frame_bytes(sequence, encryption, frame_type, &body, order),
    )
}

fn any_version2() -> impl Strategy<Value = Vec<u8>> {
    (prop::collection::vec(any::<u8>(), 11..=253), any_order())
        .prop_map(|(counted, order)| version2_bytes(&counted, order))
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
        1 => any_version2().prop_map(|bytes| (false, bytes)),
    ]
}

fn segments() -> impl Strategy<Value = Vec<(bool, Vec<u8>)>> {
    prop::collection::vec(segment(), 0..12)
}

fn concat(segments: &[(bool, Vec<u8>)]) -> Vec<u8> {
    segments.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

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
    /// start promises is waited for, so it takes as many bytes behind it, or giving up, to see that it was none.
    #[test]
    fn every_frame_is_found_once_false_starts_are_through(segments in segments(), filler in any::<bool>()) {
        let mut stream = concat(&segments);
        if filler {
            stream.extend([0; MAX_LENGTH]);
        }
        let outcome = model(&stream, if filler { AtEnd::Keep } else { AtEnd::GiveUp });
        let found = push(&stream, &[], if filler { AtEnd::Keep } else { AtEnd::GiveUp }).found;
        prop_assert_eq!(&found, &outcome.found);
        let frames = found.iter().filter_map(|found| if let Found::Frame(raw, _) = found { Some(raw.len()) } else { None });
        let spans: Vec<std::ops::Range<usize>> = outcome.begins.iter().zip(frames).map(|(begin, length)| *begin..begin + length).collect();
        let mut begin = 0;
        for (whole, bytes) in &segments {
            if *whole {
                let found = spans.iter().any(|span| span.contains(&begin));
                prop_assert!(found, "the frame at {} was missed", begin);
            }
            begin += bytes.len();
        }
    }

    #[test]
    fn glued_frames_are_found_whatever_their_crc_order(frames in prop::collection::vec(any_frame(), 0..16)) {
        let found: Vec<Vec<u8>> = push(&frames.concat(), &[], AtEnd::Keep).found.into_iter().filter_map(|found| match found {
            Found::Frame(raw, _) => Some(raw),
            Found::Version2 => None,
        }).collect();
        prop_assert_eq!(found, frames);
    }

    #[test]
    fn a_frame_is_parsed_as_it_was_written(
        sequence in any::<[u8; 2]>(), encryption in any::<u8>(), frame_type in any::<u8>(),
        body in prop::collection::vec(any::<u8>(), 0..=MAX_BODY), order in any_order(), behind in prop::collection::vec(any::<u8>(), 0..9),
    ) {
        let raw = frame_bytes(sequence, encryption, frame_type, &body, order);
        let stream = [&raw[..], &behind].concat();
        let frame = Frame::parse(&stream).unwrap();
        // One body in 256 has a CRC of two equal bytes, which reads alike in both orders.
        let order = if raw[raw.len() - 1] == raw[raw.len() - 2] { CrcOrder::LowFirst } else { order };
        prop_assert_eq!(frame, Frame { sequence, encryption, frame_type, body: &body, crc_order: order, raw: &raw });
    }

    #[test]
    fn any_bytes_parse_or_say_why_not(bytes in prop::collection::vec(trap(), 0..300)) {
        use voltapile_protocol::ykc::FrameError::*;
        match Frame::parse(&bytes) {
            Ok(frame) => prop_assert!(bytes.starts_with(frame.raw)),
            Err(Incomplete { missing }) => {
                prop_assert!((1..=MAX_LENGTH).contains(&missing));
                let more = [&bytes[..], &vec![0; missing - 1]].concat();
                let is_incomplete = matches!(Frame::parse(&more), Err(Incomplete { .. }));
                prop_assert!(is_incomplete, "needs fewer than {}", missing);
            }
            Err(NoStart) => prop_assert_ne!(bytes[0], START),
            Err(LengthTooSmall(length)) => prop_assert!(length < 4 && bytes[..2] == [START, length]),
            Err(BadCrc) => prop_assert!(bytes.len() >= usize::from(bytes[1]) + 4),
        }
    }

    #[test]
    fn a_version_2_login_is_recognised_only_before_the_first_frame(login in any_version2(), frame in any_frame(), junk in prop::collection::vec(1..START, 0..20)) {
        prop_assert_eq!(Version2::recognise(&login), Version2::Yes);
        for cut in 0..login.len() {
            prop_assert_eq!(Version2::recognise(&login[..cut]), Version2::NeedsMore);
        }
        let count = |stream: &[u8]| push(stream, &[], AtEnd::GiveUp).found.iter().filter(|found| **found == Found::Version2).count();
        prop_assert!(count(&[&junk[..], &login].concat()) >= 1);
        prop_assert_eq!(count(&[&frame[..], &login].concat()), 0);
    }
}

#[test]
fn a_frame_behind_a_false_start_is_found_after_giving_up() {
    let frame = frame_bytes([1, 0], 0, 0x03, &[0; 9], CrcOrder::LowFirst);
    let stream = [&[START, 0xFF, START, 0x80][..], &frame, &[START]].concat();
    let mut framer = Framer::new();
    framer.push(&stream, |piece| panic!("{piece:?}"));
    assert_eq!(framer.pending(), stream.len());

    let mut found = Vec::new();
    framer.give_up_partial(|piece| found.push(Found::from(piece)));
    assert!(found.is_empty(), "the second false start still hides it");
    framer.give_up_partial(|piece| found.push(Found::from(piece)));
    assert_eq!(found, [Found::Frame(frame, CrcOrder::LowFirst)]);
    assert_eq!((framer.pending(), framer.skipped().bytes, framer.skipped().since_frame), (1, 4, 0));

    framer.give_up_partial(|piece| panic!("{piece:?}"));
    framer.give_up_partial(|piece| panic!("{piece:?}"));
    assert_eq!((framer.pending(), framer.skipped().bytes), (0, 5));
}

#[test]
fn a_false_start_is_waited_for_no_longer_than_it_promises() {
    let frame = frame_bytes([1, 0], 0, 0x03, &[0; 9], CrcOrder::HighFirst);
    let mut framer = Framer::new();
    let mut found = 0;
    framer.push(&[START, 0xFF], |_| found += 1);
    framer.push(&frame, |_| found += 1);
    framer.push(&vec![0; MAX_LENGTH - 2 - frame.len() - 1], |_| found += 1);
    assert_eq!((found, framer.pending()), (0, MAX_LENGTH - 1));
    framer.push(&[0], |_| found += 1);
    assert_eq!(found, 1);
    assert_eq!(framer.skipped().bad_check, 1);
}

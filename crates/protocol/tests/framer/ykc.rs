//! Frames of YKC: either order of the CRC, and V2.x before them.

use proptest::prelude::*;
use voltapile_protocol::ykc::frame::{Envelope, MAX_BODY, MAX_LENGTH, START, write_frame};
use voltapile_protocol::ykc::framer::{Relative, Version2, Ykc};
use voltapile_protocol::ykc::{CrcOrder, Frame};

use super::model::{AtEnd, Rule, Stands, push};
use super::property;
use super::stream::Source;

fn crc(bytes: &[u8]) -> u16 {
    crc::Crc::<u16>::new(&crc::CRC_16_MODBUS).checksum(bytes)
}

/// Whether the two bytes behind `counted` are its CRC, and in which order.
fn crc_order(counted: &[u8], tail: &[u8]) -> Option<CrcOrder> {
    let expected = crc(counted);
    let orders = [(expected.to_le_bytes(), CrcOrder::LowFirst), (expected.to_be_bytes(), CrcOrder::HighFirst)];
    orders.into_iter().find(|(bytes, _)| bytes == tail).map(|(_, order)| order)
}

impl Rule for Ykc {
    const LONGEST: usize = MAX_LENGTH;

    /// A length byte below 4 is no start, except that before the first frame it may begin a V2.x frame.
    fn stands(rest: &[u8], is_first: bool) -> Stands<Relative> {
        match rest {
            [START] => Stands::Unfinished(None),
            [START, length @ 4..=u8::MAX, ..] => match rest.get(..usize::from(*length) + 4) {
                None => Stands::Unfinished(None),
                Some([_, _, counted @ .., first, second]) if crc_order(counted, &[*first, *second]).is_some() => {
                    Stands::Frame(usize::from(*length) + 4)
                }
                Some(_) => Stands::BadCheck(None),
            },
            [START, ..] if !is_first => Stands::BadLength(None),
            [START, _] => Stands::Unfinished(None),
            [START, 0, low @ 11..=253, ..] => match rest.get(..usize::from(*low) + 5) {
                None => Stands::Unfinished(None),
                Some([_, _, _, counted @ .., first, second]) if crc_order(counted, &[*first, *second]).is_some() => {
                    Stands::BadLength(Some(Relative::Version2))
                }
                Some(_) => Stands::BadLength(None),
            },
            [START, ..] => Stands::BadLength(None),
            _ => Stands::Nothing,
        }
    }

    fn raw(frame: &Frame<'_>) -> Vec<u8> {
        frame.raw.to_vec()
    }
}

impl Source for Ykc {
    fn frame() -> impl Strategy<Value = Vec<u8>> + 'static {
        let body = prop_oneof![
            4 => prop::collection::vec(any::<u8>(), 0..32),
            2 => prop::collection::vec(Self::trap(), 0..64),
            1 => prop::collection::vec(any::<u8>(), 0..=MAX_BODY),
        ];
        (any::<[u8; 2]>(), any::<u8>(), any::<u8>(), body, any_order())
            .prop_map(|(sequence, encryption, code, body, order)| frame_bytes(sequence, encryption, code, &body, order))
    }

    fn relative() -> impl Strategy<Value = Vec<u8>> + 'static {
        (prop::collection::vec(any::<u8>(), 11..=253), any_order())
            .prop_map(|(counted, order)| version2_bytes(&counted, order))
    }

    fn trap() -> impl Strategy<Value = u8> + 'static {
        prop_oneof![
            4 => Just(START), 1 => Just(0), 1 => Just(3), 1 => Just(4), 2 => Just(13), 1 => Just(0xFF), 3 => any::<u8>(),
        ]
    }
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

#[test]
fn cuts_change_nothing() {
    property::cuts_change_nothing::<Ykc>();
}

#[test]
fn every_frame_is_found_once_false_starts_are_through() {
    property::every_frame_is_found_once_false_starts_are_through::<Ykc>();
}

#[test]
fn glued_frames_are_found_whatever_their_crc_order() {
    property::glued_frames_are_found::<Ykc>();
}

#[test]
fn a_frame_behind_a_false_start_is_found_after_giving_up() {
    let frame = frame_bytes([1, 0], 0, 0x03, &[0; 9], CrcOrder::LowFirst);
    property::assert_found_after_giving_up::<Ykc>([&[START, 0xFF], &[START, 0x80]], &frame, START);
}

#[test]
fn a_false_start_is_waited_for_no_longer_than_it_promises() {
    let frame = frame_bytes([1, 0], 0, 0x03, &[0; 9], CrcOrder::HighFirst);
    property::assert_waited_for_no_longer::<Ykc>(&[START, 0xFF], MAX_LENGTH, &frame);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

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
    fn any_bytes_parse_or_say_why_not(bytes in prop::collection::vec(Ykc::trap(), 0..300)) {
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
    fn a_version_2_login_is_recognised_only_before_the_first_frame(
        login in Ykc::relative(), frame in Ykc::frame(), junk in prop::collection::vec(1..START, 0..20),
    ) {
        prop_assert_eq!(Version2::recognise(&login), Version2::Yes);
        for cut in 0..login.len() {
            prop_assert_eq!(Version2::recognise(&login[..cut]), Version2::NeedsMore);
        }
        let relatives = |stream: &[u8]| push::<Ykc>(stream, &[], AtEnd::GiveUp).relatives();
        prop_assert!(relatives(&[&junk[..], &login].concat()) >= 1);
        prop_assert_eq!(relatives(&[&frame[..], &login].concat()), 0);
    }
}

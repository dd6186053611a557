//! Every message, whatever its body: bytes → message → the same bytes, or an error that says where.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

mod support;

use proptest::prelude::*;
use proptest::sample::select;
use support::assert_error;
use voltapile_protocol::layout::Layout;
use voltapile_protocol::wire::{Bytes, Overflow, Tail, Writer};
use voltapile_protocol::ykc::frame::{Envelope, MAX_BODY, write_frame, write_message};
use voltapile_protocol::ykc::message::{
    HeartbeatRequest, LAYOUTS, OfflineCard, OfflineCardSyncRequest, RealtimeReport, layout,
};
use voltapile_protocol::ykc::{CrcOrder, Dialect, Frame, Message};

const DIALECTS: [Dialect; 3] = [Dialect::V16, Dialect::Guochong, Dialect::Gongniu];

fn body_of(message: &Message) -> Vec<u8> {
    let mut out = Vec::new();
    message.write(&mut Writer::new(&mut out));
    out
}

/// Decodes a body of any type, writes it again, and checks whichever comes of it.
fn assert_lossless(frame_type: u8, body: &[u8], dialect: Dialect) {
    let declared = layout(frame_type, body.len(), dialect);
    match Message::decode(frame_type, body, dialect) {
        Ok(message) => {
            assert_eq!(body_of(&message), body, "0x{frame_type:02X} {dialect:?}: {message:?}");
            assert_eq!(message.frame_type(), frame_type);
            assert_eq!(message.layout().map(|layout| layout.name), declared.map(|layout| layout.name));
            assert_eq!(matches!(message, Message::Unknown { .. }), declared.is_none());
            let long_enough = declared.is_none_or(|layout| body.len() >= layout.required_length());
            assert!(long_enough, "0x{frame_type:02X}: fields were made up");
        }
        Err(error) => assert_error(&error, declared.unwrap(), body),
    }
}

/// Bodies of any length, half of them near the lengths that the layout names.
fn body_for(declared: &'static Layout) -> impl Strategy<Value = Vec<u8>> {
    let near = declared.required_length().saturating_sub(3)..=(declared.full_length() + 12).min(MAX_BODY);
    let byte = prop_oneof![2 => any::<u8>(), 1 => Just(0), 1 => Just(0xFF)];
    prop_oneof![0..=MAX_BODY, near].prop_flat_map(move |length| prop::collection::vec(byte.clone(), length))
}

fn any_case() -> impl Strategy<Value = (u8, Vec<u8>, Dialect)> {
    (select(LAYOUTS), select(&DIALECTS[..]))
        .prop_flat_map(|(declared, dialect)| (Just(declared.code as u8), body_for(declared), Just(dialect)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8192, ..ProptestConfig::default() })]

    #[test]
    fn any_body_of_a_known_type_is_kept((frame_type, body, dialect) in any_case()) {
        assert_lossless(frame_type, &body, dialect);
    }

    #[test]
    fn a_message_comes_back_from_its_frame(
        (frame_type, body, dialect) in any_case(), sequence in any::<[u8; 2]>(), high_first in any::<bool>(),
    ) {
        let Ok(message) = Message::decode(frame_type, &body, dialect) else { return Ok(()) };
        let crc_order = if high_first { CrcOrder::HighFirst } else { CrcOrder::LowFirst };
        let before = b"kept".to_vec();
        let mut out = before.clone();
        prop_assert_eq!(write_message(&mut out, Envelope { sequence, encryption: 0, crc_order }, &message), Ok(()));
        let (kept, bytes) = out.split_at(before.len());
        prop_assert_eq!(kept, before);
        let frame = Frame::parse(bytes).unwrap();
        prop_assert_eq!((frame.sequence, frame.encryption, frame.raw), (sequence, 0, bytes));
        prop_assert_eq!(Message::decode(frame.frame_type, frame.body, dialect), Ok(message));
    }

    #[test]
    fn a_body_too_long_for_its_frame_is_refused_whole(excess in 1..1000_usize, before in prop::collection::vec(any::<u8>(), 0..9)) {
        let length = MAX_BODY + excess;
        let message = Message::Unknown { frame_type: 0x77, body: Tail::new(&vec![0x68; length]) };
        let mut out = before.clone();
        prop_assert_eq!(write_message(&mut out, Envelope::default(), &message), Err(Overflow { length, limit: MAX_BODY }));
        prop_assert_eq!(out, before);
    }
}

/// Every type, dialect and length with three fillings, the first two of which make the least and most of every count.
#[test]
fn decode_is_total() {
    let noise: Vec<u8> = (0..MAX_BODY as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for filling in [vec![0x00; MAX_BODY], vec![0xFF; MAX_BODY], noise] {
        for frame_type in 0..=u8::MAX {
            for length in 0..=MAX_BODY {
                for dialect in DIALECTS {
                    assert_lossless(frame_type, &filling[..length], dialect);
                }
            }
        }
    }
}

#[test]
fn as_many_cards_as_a_frame_holds_are_sent_and_no_more() {
    let cards = |count: u8| {
        let card = OfflineCard { physical_card_number: Bytes([count; 8]), ..OfflineCard::default() };
        let cards = vec![card; usize::from(count)];
        Message::from(OfflineCardSyncRequest { card_count: count, cards, ..OfflineCardSyncRequest::default() })
    };
    let mut out = Vec::new();
    assert_eq!(write_message(&mut out, Envelope::default(), &cards(15)), Ok(()));
    assert_eq!(out.len(), 8 + 8 + 15 * 16);
    let frame = Frame::parse(&out).unwrap();
    assert_eq!(Message::decode(0x44, frame.body, Dialect::V16), Ok(cards(15)));

    let written = out.clone();
    let overflow = Overflow { length: 8 + 16 * 16, limit: MAX_BODY };
    assert_eq!(write_message(&mut out, Envelope::default(), &cards(16)), Err(overflow));
    assert_eq!(out, written, "nothing is appended");
}

#[test]
fn a_count_is_believed_only_as_far_as_the_body_goes() {
    let body = [&[0; 7][..], &[3], &[1; 16], &[2; 16], &[9; 5]].concat();
    let Ok(Message::OfflineCardSyncRequest(message)) = Message::decode(0x44, &body, Dialect::V16) else { panic!() };
    assert_eq!((message.card_count, message.cards.len(), message.tail.as_bytes()), (3, 2, &[9; 5][..]));
    let body = [&[0; 7][..], &[1], &[1; 16], &[2; 16]].concat();
    let Ok(Message::OfflineCardSyncRequest(message)) = Message::decode(0x44, &body, Dialect::V16) else { panic!() };
    assert_eq!((message.cards.len(), message.tail.as_bytes()), (1, &[2; 16][..]));
}

#[test]
fn what_some_piles_append_is_read_by_its_length() {
    for beyond in 0..=100 {
        let body = vec![7; 60 + beyond];
        let report = RealtimeReport::decode(&body).unwrap();
        assert_eq!(report.yilian().is_some(), beyond == 81);
        assert_eq!(report.smoke().is_some(), beyond == 6);
        assert_eq!(report.smoke_wide().is_some(), beyond == 7);
        let extension = RealtimeReport::LAYOUT.extension_for(body.len());
        assert_eq!(
            extension.map(|extension| extension.length),
            [6, 7, 81].into_iter().find(|length| *length == beyond)
        );
    }
}

#[test]
fn an_error_reads_well() {
    let error = HeartbeatRequest::decode(&[0; 8]).unwrap_err();
    let text = "heartbeat_request (0x03): the body ends inside connector_health at offset 8: 1 bytes needed, 0 left";
    assert_eq!(error.to_string(), text);
    let error = Message::decode(0x3B, &[0; 30], Dialect::V16).unwrap_err();
    assert_eq!((error.field, error.offset, error.needed, error.available), ("start_time", 24, 7, 6));
}

#[test]
fn a_body_of_packed_bits_that_ends_early_says_where() {
    let error = Message::decode(0x1D, &[0xFF; 26], Dialect::V16).unwrap_err();
    assert_eq!((error.field, error.offset, error.needed, error.available), ("fault_battery_overtemp", 26, 1, 0));
}

#[test]
fn both_orders_of_a_crc_are_written_and_read() {
    let mut out = Vec::new();
    for crc_order in [CrcOrder::LowFirst, CrcOrder::HighFirst] {
        out.clear();
        let envelope = Envelope { sequence: [0x25, 0xD3], encryption: 0, crc_order };
        write_frame(&mut out, envelope, 0x03, |writer| writer.put(&[0x20, 0x23, 0x12, 0x12, 0, 0, 0x10, 1, 0]))
            .unwrap();
        let crc = if crc_order == CrcOrder::HighFirst { [0xD1, 0xAC] } else { [0xAC, 0xD1] };
        assert!(out.ends_with(&crc), "{out:02x?}");
        assert_eq!(Frame::parse(&out).unwrap().crc_order, crc_order);
    }
}

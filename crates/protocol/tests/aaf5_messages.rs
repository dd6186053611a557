//! Every message of AA F5, whatever its body: bytes → message → the same bytes, or an error that says where.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

mod support;

use proptest::prelude::*;
use proptest::sample::select;
use support::assert_error;
use voltapile_protocol::aaf5::code::{ListAction, ParallelMode, StopReason, WorkState};
use voltapile_protocol::aaf5::field::{PileCode, TransactionNumber};
use voltapile_protocol::aaf5::frame::{Envelope, Frame, write_message};
use voltapile_protocol::aaf5::message::{
    ChargeRecord, Dialect, FineChargeRecord, LAYOUTS, Message, SignInRequest, SignInResponse, StatusReport,
    TariffSetRequest, WhiteListRequest, layout,
};
use voltapile_protocol::layout::Layout;
use voltapile_protocol::wire::{BcdTime, Code, KilowattHours, Quantity, Writer};

/// Longer than any body that a layout has.
const LONGEST: usize = 520;

fn body_of(message: &Message) -> Vec<u8> {
    let mut out = Vec::new();
    message.write(&mut Writer::new(&mut out));
    out
}

/// Decodes a body of any command, writes it again, and checks whichever comes of it.
fn assert_lossless(command: u16, body: &[u8]) {
    let declared = layout(command, body.len(), Dialect::Standard);
    match Message::decode(command, body, Dialect::Standard) {
        Ok(message) => {
            assert_eq!(body_of(&message), body, "{command}: {message:?}");
            assert_eq!(message.frame_type(), command);
            assert_eq!(message.layout().map(|layout| layout.name), declared.map(|layout| layout.name));
            assert_eq!(matches!(message, Message::Unknown { .. }), declared.is_none());
            let long_enough = declared.is_none_or(|layout| body.len() >= layout.required_length());
            assert!(long_enough, "{command}: fields were made up");
        }
        Err(error) => assert_error(&error, declared.unwrap(), body),
    }
}

/// Bodies of any length, half of them near the lengths that the layout names.
fn body_for(declared: &'static Layout) -> impl Strategy<Value = Vec<u8>> {
    let near = declared.required_length().saturating_sub(3)..=declared.full_length() + 50;
    let byte = prop_oneof![2 => any::<u8>(), 1 => Just(0), 1 => Just(0xFF)];
    prop_oneof![0..=LONGEST, near].prop_flat_map(move |length| prop::collection::vec(byte.clone(), length))
}

fn any_case() -> impl Strategy<Value = (u16, Vec<u8>)> {
    select(LAYOUTS).prop_flat_map(|declared| (Just(declared.code), body_for(declared)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn any_body_of_a_known_command_is_kept((command, body) in any_case()) {
        assert_lossless(command, &body);
    }

    #[test]
    fn any_body_of_any_command_is_kept(command in any::<u16>(), body in prop::collection::vec(any::<u8>(), 0..600)) {
        assert_lossless(command, &body);
    }

    #[test]
    fn a_message_comes_back_from_its_frame((command, body) in any_case(), sequence in any::<u8>()) {
        let Ok(message) = Message::decode(command, &body, Dialect::Standard) else { return Ok(()) };
        let mut out = Vec::new();
        prop_assert_eq!(write_message(&mut out, Envelope { sequence, ..Envelope::default() }, &message), Ok(()));
        let frame = Frame::parse(&out).unwrap();
        prop_assert_eq!((frame.command, frame.sequence, frame.body), (command, sequence, body.as_slice()));
    }
}

/// Every command and length with three fillings, the first two of which make the least and most of every count.
#[test]
fn decode_is_total() {
    let noise: Vec<u8> = (0..LONGEST as u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for filling in [vec![0x00; LONGEST], vec![0xFF; LONGEST], noise] {
        for declared in LAYOUTS {
            for length in 0..=LONGEST {
                assert_lossless(declared.code, &filling[..length]);
            }
        }
    }
}

#[test]
fn bodies_of_older_versions_have_fewer_fields() {
    let report = |length| StatusReport::decode(&vec![1; length]).unwrap();
    let v26 = report(169);
    assert_eq!((v26.outlet_temperature, v26.vin, v26.flow_direction), (None, None, None));
    let temperatures = report(172);
    assert!(temperatures.gun_temperature.is_some() && temperatures.vin.is_none());
    let seed = report(239);
    assert_eq!((seed.parallel_mode, seed.flow_direction), (Some(ParallelMode::Single), None));
    assert!(report(240).flow_direction.is_some() && report(240).site_alarms().is_none());
    assert_eq!(report(246).site_alarms().map(|alarms| alarms.fire_level), Some(1));

    let sign_in = |length| SignInRequest::decode(&vec![0x1A; length]).unwrap();
    assert_eq!(sign_in(90).random, None);
    assert!(sign_in(94).random.is_some() && sign_in(94).protocol_version.is_none());
    assert_eq!(sign_in(96).protocol_version.map(Quantity::raw), Some(0x1A1A));
    assert!(sign_in(100).white_list_version.is_some() && sign_in(100).asset_code.is_none());
    assert!(sign_in(133).asset_code.is_some());

    let answer = |length| SignInResponse::decode(&vec![0; length]).unwrap();
    assert_eq!(answer(4).random, None);
    assert!(answer(9).login_check.is_some() && answer(9).encryption.is_none());
    assert!(answer(142).rsa_exponent.is_some() && answer(142).service.is_none());
    assert!(answer(152).fine_energy.is_some() && answer(152).aes_key.is_none());
}

#[test]
fn behind_an_absent_field_nothing_is_made_of_what_is_left() {
    // Three bytes are too few for a VIN; they are no door state either.
    let report = StatusReport::decode(&[7; 175]).unwrap();
    assert_eq!((report.vin, report.stowed, report.holster), (None, None, None));
    assert_eq!(report.tail.as_bytes(), [7; 3]);
    // Six bytes behind the temperatures are not what others append behind everything.
    assert_eq!(StatusReport::decode(&[7; 178]).unwrap().site_alarms(), None);
}

#[test]
fn records_are_read_in_their_own_unit() {
    let record = ChargeRecord::decode(&[1; 338]).unwrap();
    assert_eq!(record.total_energy, KilowattHours::<2>::from_raw(0x0101_0101));
    assert_eq!(record.slots.0.map(Quantity::raw), [0x0101; 48]);
    assert!(record.signed_meter().is_some());
    let fine = FineChargeRecord::decode(&[1; 434]).unwrap();
    assert_eq!((fine.slots.0[47].scaled(), KilowattHours::<3>::DECIMALS), (0x0101_0101, 3));
    assert_eq!(fine.signed_meter().map(|meter| meter.meter_protocol), Some(0x0101));
    assert!(fine.flow_direction.is_some() && FineChargeRecord::decode(&[1; 390]).unwrap().flow_direction.is_none());
    assert_eq!(ChargeRecord::decode(&[0xFF; 256]).unwrap().record_index, -1);
}

#[test]
fn a_tariff_has_all_its_periods_or_none() {
    let tariff = TariffSetRequest::decode(&[2; 100]).unwrap();
    assert_eq!((tariff.periods.len(), tariff.tail.as_bytes().len()), (12, 4));
    let error = TariffSetRequest::decode(&[2; 95]).unwrap_err();
    let text = "tariff_set_request (1103): the body ends inside periods at offset 0: 96 bytes needed, 95 left";
    assert_eq!(error.to_string(), text);
}

#[test]
fn a_white_list_is_counted_by_an_optional_field() {
    let query = WhiteListRequest::decode(&[4; 42]).unwrap();
    assert_eq!((query.action, query.entry_count, query.entries.len()), (ListAction::QueryVersion, None, 0));
    let mut body = vec![0; 46 + 64];
    body[42] = 2;
    body[46..].fill(b'7');
    let list = WhiteListRequest::decode(&body).unwrap();
    assert_eq!((list.entry_count, list.entries.len()), (Some(2), 2));
    assert_eq!(list.entries[1].card_number.text(), "7".repeat(32));
}

#[test]
fn an_error_names_its_command_as_the_document_does() {
    let error = SignInRequest::decode(&[0; 58]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "sign_in_request (106): the body ends inside pile_time at offset 58: 8 bytes needed, 0 left"
    );
}

#[test]
fn a_captured_record_says_what_its_pile_meant() {
    let frame = captured_record();
    let frame = Frame::parse(&frame).unwrap();
    let Ok(Message::FineChargeRecord(record)) = Message::decode(frame.command, frame.body, Dialect::Standard) else {
        panic!("{frame:?}")
    };
    assert_eq!(record.pile_code.text(), "SH00000000000001");
    assert_eq!(record.start_time.civil().unwrap().to_string(), "2026-07-28T02:01:54.000");
    assert_eq!((record.total_energy.scaled(), record.energy_digit.unwrap().scaled()), (74_872, 2));
    let slots: Vec<i64> = record.slots.0.iter().map(|slot| slot.scaled()).collect();
    assert_eq!(slots[4..8], [43_465, 25_752, 5_079, 576]);
    assert_eq!(slots.iter().sum::<i64>(), 74_872, "slot n is half hour n");
    assert_eq!(
        record.stop_reason.entry().map(|entry| entry.name),
        StopReason(record.stop_reason.0).entry().map(|it| it.name)
    );
}

/// The one record among the worked frames that was captured in the field.
fn captured_record() -> Vec<u8> {
    let frames = support::frames(include_str!("golden/aaf5/frames.hex"));
    frames.into_iter().find(|(what, _)| what.starts_with("found in the field")).unwrap().1
}

#[test]
fn fields_are_filled_and_read_as_people_do() {
    let report = StatusReport {
        pile_code: PileCode::new("P-1").unwrap(),
        work_state: WorkState::Charging,
        start_time: BcdTime([0x20, 0x26, 1, 2, 0x15, 4, 5, 0xFF]),
        transaction_number: Some(TransactionNumber::new("SN-1").unwrap()),
        ..StatusReport::default()
    };
    // What stands behind an absent field is a mistake of whoever made the message: here the VIN is absent.
    let again = StatusReport::decode(&body_of(&report.clone().into())).unwrap();
    assert_eq!(again.transaction_number, None);
    assert_eq!((again.work_state, again.pile_code), (report.work_state, report.pile_code));
}

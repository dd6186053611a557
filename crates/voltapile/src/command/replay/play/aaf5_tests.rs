//! What a pile of AA F5 says and hears.

use voltapile_protocol::aaf5::field::ConnectorNumber;
use voltapile_protocol::aaf5::frame::{Envelope, write_message};
use voltapile_protocol::aaf5::message::{
    FineChargeRecord, FineRecordConfirm, Message, StartRequest, StartResponse, TextParameterRequest,
};
use voltapile_protocol::wire::{BytesToEnd, Text};

use super::*;

fn raw(sequence: u8, message: impl Into<Message>) -> Vec<u8> {
    let mut out = Vec::new();
    write_message(&mut out, Envelope { sequence, ..Envelope::default() }, &message.into()).unwrap();
    out
}

fn report(raw: &[u8]) -> Report {
    Play::new(1, Protocol::Aaf5, &[], Options::default()).read(raw).unwrap()
}

fn start(number: &str) -> StartRequest {
    StartRequest { transaction_number: Some(Text::new(number).unwrap()), ..StartRequest::default() }
}

fn started(pile: &str, number: &str) -> StartResponse {
    let pile_code = Text::new(pile).unwrap();
    let transaction_number = Some(Text::new(number).unwrap());
    StartResponse { pile_code, transaction_number, ..StartResponse::default() }
}

fn record(pile: &str, number: &str, index: i32) -> FineChargeRecord {
    FineChargeRecord {
        pile_code: Text::new(pile).unwrap(),
        connector_number: ConnectorNumber(1),
        record_index: index,
        transaction_number: Some(Text::new(number).unwrap()),
        ..FineChargeRecord::default()
    }
}

fn confirm(index: i32) -> FineRecordConfirm {
    let connector_number = ConnectorNumber(1);
    FineRecordConfirm { connector_number, record_index: Some(index), ..FineRecordConfirm::default() }
}

#[test]
fn a_new_order_and_the_platforms_sequence_are_carried_along() {
    let piles = [("old_pile".to_owned(), "pile-2".to_owned())];
    let mut play = Play::new(1, Protocol::Aaf5, &piles, Options::default());
    play.expect(1, report(&raw(200, start("then"))));
    play.arrived(&raw(7, start("and-now")));
    assert_eq!(play.send(&report(&raw(200, started("old_pile", "then")))), raw(7, started("pile-2", "and-now")));
    // The number begins with the pile's code and was never the platform's: it goes along with the code.
    let own = record("old_pile", "old_pile01", 3);
    assert_eq!(play.send(&report(&raw(9, own))), raw(9, record("pile-2", "pile-201", 3)));
    // Two records under way: each is confirmed by its index.
    play.send(&report(&raw(10, record("old_pile", "then", 4))));
    play.arrived(&raw(10, confirm(4)));
    play.arrived(&raw(9, confirm(3)));
    play.expect(2, report(&raw(9, confirm(3))));
    play.expect(3, report(&raw(10, confirm(4))));
    let (differences, summary) = play.finish();
    assert_eq!(summary.same, 3, "{differences:?}");
}

#[test]
fn clocks_are_not_compared_and_other_settings_are() {
    let set = |index, value: &[u8]| TextParameterRequest {
        index,
        value: BytesToEnd(value.into()),
        ..TextParameterRequest::default()
    };
    for (index, same) in [(2, 1), (13, 0)] {
        let mut play = Play::new(1, Protocol::Aaf5, &[], Options::default());
        play.expect(1, report(&raw(1, set(index, b"then"))));
        play.arrived(&raw(1, set(index, b"now!")));
        assert_eq!(play.finish().1.same, same);
    }
}

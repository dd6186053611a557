//! Records: stored before they are answered, once, whatever happens.

use serde_json::json;
use voltapile_protocol::aaf5::code::{AccountAnswer, AmountsValid, StopReason, WorkState};
use voltapile_protocol::aaf5::field::{ConnectorNumber, SLOTS};
use voltapile_protocol::aaf5::message::{
    ChargeRecord, FineChargeRecord, FineRecordConfirm, Message, RecordConfirm, SignInRequest, StoredFineRecordRequest,
    StoredFineRecordResponse,
};
use voltapile_protocol::wire::{BcdTime, CivilTime, KilowattHours, KilowattHours16, List, Vin, Yuan};

use super::charging::{self, charge, swipe};
use super::pile::{now, text};
use super::{PILE, Pile, ask, assert_end, register, signed_in, take};
use crate::business::stage::{CUSTOMER, Stage, card_text, fen};
use crate::support::Setup;
use crate::support::{Server, eventually};

/// The charge's half hour now: from its first minute on.
fn begun() -> (CivilTime, usize) {
    let now = now();
    let minute = now.minute / 30 * 30;
    let begun = CivilTime { minute, millisecond: 0, ..now };
    (begun, usize::from(begun.hour) * 2 + usize::from(minute / 30))
}

/// A bill over 1 kWh for 1.60 yuan, sold in the half hour that it is.
pub(super) fn bill(pile: &Pile, number: &str) -> FineChargeRecord {
    let (begun, half_hour) = begun();
    let mut slots = [KilowattHours::default(); SLOTS];
    slots[half_hour] = KilowattHours::from_raw(1000);
    FineChargeRecord {
        pile_code: pile.code,
        connector_number: ConnectorNumber(1),
        card_number: text("0000000000000007"),
        start_time: BcdTime::new(begun),
        end_time: BcdTime::new(CivilTime { minute: begun.minute + 10, ..begun }),
        stop_reason: StopReason(311),
        total_energy: KilowattHours::from_raw(1000),
        meter_start: KilowattHours::from_raw(50_000),
        meter_stop: KilowattHours::from_raw(51_000),
        total_amount: Yuan::from_raw(160),
        record_index: 4711,
        slots: List(slots),
        transaction_number: Some(text(number)),
        service_amount: Some(Yuan::from_raw(60)),
        // Once more what stands in the energy: not to be added.
        energy_digit: Some(Default::default()),
        parallel_mode: Some(Default::default()),
        ..FineChargeRecord::default()
    }
}

/// Sends a bill and takes its answer.
#[track_caller]
pub(super) fn send_bill(pile: &mut Pile, bill: FineChargeRecord) -> FineRecordConfirm {
    let (connector, card, index) = (bill.connector_number, bill.card_number, bill.record_index);
    pile.send(bill);
    let answer = take!(pile, FineRecordConfirm);
    assert_eq!((answer.connector_number, answer.card_number, answer.record_index), (connector, card, Some(index)));
    assert_eq!(answer.amounts_valid, Some(AmountsValid::Invalid));
    answer
}

/// Sends a bill of a charge and takes its answer.
#[track_caller]
pub(super) fn pay(pile: &mut Pile, number: &str) {
    let bill = bill(pile, number);
    send_bill(pile, bill);
}

#[test]
fn a_record_of_three_decimals_is_stored_once_however_often_it_comes() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    for _ in 0..3 {
        pay(&mut pile, "SERIAL-1");
    }
    let records = server.api.items("records");
    assert_eq!(records.len(), 1, "{records:#?}");
    let record = &records[0]["parsed"];
    assert_eq!((&records[0]["frame_type"], &record["energy"]), (&json!("222"), &json!("1.0000")), "{record:#}");
    assert_eq!(record["stop_reason"]["code"], 311);
    assert_eq!(record["half_hours"]["electricity"], "1.0000");
    assert_eq!(server.api.metric("records_total{outcome=\"duplicate\"}"), 2);
}

#[test]
fn a_record_of_two_decimals_has_its_third_apart() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    let fine = bill(&pile, "");
    pile.send(ChargeRecord {
        pile_code: fine.pile_code,
        connector_number: fine.connector_number,
        card_number: fine.card_number,
        start_time: fine.start_time,
        end_time: fine.end_time,
        total_energy: KilowattHours::from_raw(123),
        record_index: -7,
        transaction_number: Some(text("SERIAL-2")),
        service_amount: Some(Default::default()),
        energy_digit: Some(voltapile_protocol::wire::KilowattHours8::from_raw(4)),
        ..ChargeRecord::default()
    });
    let RecordConfirm { record_index, .. } = take!(pile, RecordConfirm);
    assert_eq!(record_index, Some(-7));
    let record = server.api.items("records").remove(0);
    assert_eq!((&record["frame_type"], &record["parsed"]["energy"]), (&json!("202"), &json!("1.2340")), "{record:#}");
}

#[test]
fn a_record_without_a_number_is_told_from_others_by_its_start_and_its_own_number() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    for record_index in [1, 2, 1] {
        let nameless = FineChargeRecord { record_index, ..bill(&pile, "") };
        send_bill(&mut pile, nameless);
    }
    assert_eq!(server.api.items("records").len(), 2);
}

#[test]
fn a_record_that_cannot_be_read_is_kept_and_answered() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    let body = super::pile::body_of(&bill(&pile, "SERIAL-3").into());
    pile.send(Message::Unknown { frame_type: 222, body: voltapile_protocol::wire::Tail::new(&body[..200]) });
    let answer = take!(pile, FineRecordConfirm);
    assert_eq!(answer.record_index, Some(4711));
    assert!(server.api.items("records")[0]["parsed"].is_null());
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let directory = tempfile::tempdir().unwrap();
    let mut server = Setup::new().data_dir(directory.path()).start();
    let mut pile = signed_in(&server);
    for number in 0..50 {
        pay(&mut pile, &format!("SERIAL-{number}"));
    }
    server.process.crash();
    let server = Setup::new().data_dir(directory.path()).start();
    let mut numbers: Vec<String> = server
        .api
        .items("records")
        .iter()
        .map(|record| record["transaction_number"].as_str().unwrap().to_owned())
        .collect();
    numbers.sort();
    let mut expected: Vec<String> = (0..50).map(|number| format!("SERIAL-{number}")).collect();
    expected.sort();
    assert_eq!(numbers, expected);
    // The pile that got no answer before its power failed sends all of them again.
    let mut pile = Pile::dial(server.piles, PILE);
    pile.sign_in();
    pay(&mut pile, "SERIAL-7");
    assert_eq!(server.api.items("records").len(), 50);
}

/// The record that the pile has at a place.
pub(super) fn stored(pile: &Pile, number: &str, record_index: i32) -> StoredFineRecordResponse {
    let bill = bill(pile, number);
    StoredFineRecordResponse {
        pile_code: bill.pile_code,
        connector_number: bill.connector_number,
        card_number: bill.card_number,
        start_time: bill.start_time,
        end_time: bill.end_time,
        total_energy: bill.total_energy,
        total_amount: bill.total_amount,
        meter_start: bill.meter_start,
        meter_stop: bill.meter_stop,
        slots: bill.slots,
        transaction_number: bill.transaction_number,
        service_amount: bill.service_amount,
        energy_digit: bill.energy_digit,
        record_index,
        ..StoredFineRecordResponse::default()
    }
}

#[test]
fn records_that_the_store_does_not_have_are_fetched_newest_first() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    pay(&mut pile, "SERIAL-3");
    drop(pile);
    let mut pile = Pile::dial(server.piles, PILE);
    let request = pile.sign_in_request();
    pile.sign_in_with(SignInRequest { record_count: 9, ..request });
    for (place, number) in [(0, "SERIAL-5"), (1, "SERIAL-4"), (2, "SERIAL-3")] {
        let StoredFineRecordRequest { first_index, .. } = take!(pile, StoredFineRecordRequest);
        assert_eq!(first_index, place);
        pile.send(stored(&pile, number, i32::try_from(place).unwrap()));
    }
    // The last is known, though it came with other words about where it stands among the stored: nothing more is fetched.
    let beside = "records_total{outcome=\"duplicate_differs\"}";
    eventually("the known record", || (server.api.metric(beside) == 1).then_some(()));
    assert_eq!(server.api.items("records").len(), 3);
    ask(&server, &json!({"action": "read_record", "index": 7}), || {
        assert_eq!(take!(pile, StoredFineRecordRequest).first_index, 7);
        pile.send(stored(&pile, "", -1));
    });
}

#[test]
fn a_record_can_be_asked_for_again() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    let question = json!({"action": "read_record", "transaction_number": "SERIAL-9"});
    let command = ask(&server, &question, || {
        let asked = take!(pile, StoredFineRecordRequest);
        assert_eq!(asked.transaction_number.text(), "SERIAL-9");
        pile.send(stored(&pile, "SERIAL-9", 3));
    });
    assert_end(&command, "succeeded", json!(null), json!({"known_before": false}));
    assert_eq!(server.api.items("records").len(), 1);
    // A pile that knows its records by their place alone sends another: it is kept, and is not what was asked for.
    let command = ask(&server, &question, || {
        take!(pile, StoredFineRecordRequest);
        pile.send(stored(&pile, "SERIAL-8", 4));
    });
    assert_end(&command, "refused", json!("other_record"), json!(null));
    eventually("the other record", || (server.api.items("records").len() == 2).then_some(()));
    let command = ask(&server, &json!({"action": "read_record", "index": 5}), || {
        assert_eq!(take!(pile, StoredFineRecordRequest).first_index, 5);
        pile.send(stored(&pile, "", -1));
    });
    assert_end(&command, "refused", json!("not_found"), json!(null));
}

#[test]
fn a_record_of_a_pile_that_is_not_signed_in_is_kept_if_the_pile_is_known() {
    let server = Server::start();
    register(&server, PILE);
    let mut pile = Pile::dial(server.piles, PILE);
    pay(&mut pile, "SERIAL-1");
    let mut stranger = Pile::dial(server.piles, "STRANGER");
    stranger.send(bill(&stranger, "SERIAL-1"));
    register(&server, "STRANGER");
    stranger.sign_in();
    assert_eq!(server.api.items("records").len(), 1);
    assert_eq!(server.api.metric("frames_rejected_total{reason=\"record_of_unknown_pile\"}"), 1);
}

/// A charge's bill, and the same in the words of older piles: with two decimals and without the vehicle.
fn fine_and_coarse(pile: &Pile, number: &str) -> (FineChargeRecord, StoredFineRecordResponse) {
    let fine = FineChargeRecord {
        vin: Vin(*b"LVPTEST10SA000001"),
        meter_start: KilowattHours::from_raw(50_004),
        meter_stop: KilowattHours::from_raw(51_004),
        ..bill(pile, number)
    };
    (fine, StoredFineRecordResponse { stop_reason: StopReason(311), ..stored(pile, number, 4711) })
}

#[test]
fn what_a_pile_tells_again_with_less_or_more_changes_no_money() {
    let (stage, mut pile) = charging::stage();
    for poorer_first in [false, true] {
        let (order, number) = charge(&stage, &mut pile);
        pile.report(WorkState::Finished, &number);
        let (fine, coarse) = fine_and_coarse(&pile, &number);
        let read_again = |pile: &mut Pile| {
            ask(&stage, &json!({"action": "read_record", "transaction_number": number}), || {
                take!(pile, StoredFineRecordRequest);
                pile.send(coarse.clone());
            })
        };
        if poorer_first {
            _ = read_again(&mut pile)
        } else {
            _ = send_bill(&mut pile, fine.clone())
        }
        let settled = stage.until(&order, "settled");
        let mark = stage.latest_event();
        if poorer_first {
            _ = send_bill(&mut pile, fine)
        } else {
            _ = read_again(&mut pile)
        }
        stage.event(mark, "record.judged", |_| true);
        let record = stage.record_of(&order);
        assert_eq!((&record["variants"], &record["order"]), (&json!(1), &order["id"]), "{record:#}");
        assert_eq!(record["parsed"]["meter_stop"], if poorer_first { "51.0000" } else { "51.0040" });
        assert_eq!((stage.order(&order), fen(&settled["charged"])), (settled, 160));
    }
}

/// The bill of a pile from before charges had numbers: 202 of 256 bytes.
fn nameless(pile: &Pile, card: &str, begun: CivilTime, ended: CivilTime, record_index: i32) -> ChargeRecord {
    let half_hour = usize::from(begun.hour) * 2 + usize::from(begun.minute / 30);
    let mut slots = [KilowattHours16::default(); SLOTS];
    slots[half_hour] = KilowattHours16::from_raw(100);
    ChargeRecord {
        pile_code: pile.code,
        connector_number: ConnectorNumber(1),
        card_number: text(card),
        start_time: BcdTime::new(begun),
        end_time: BcdTime::new(ended),
        stop_reason: StopReason(311),
        total_energy: KilowattHours::from_raw(100),
        meter_start: KilowattHours::from_raw(5_000),
        meter_stop: KilowattHours::from_raw(5_100),
        total_amount: Yuan::from_raw(160),
        record_index,
        slots: List(slots),
        ..ChargeRecord::default()
    }
}

#[track_caller]
fn confirmed(pile: &mut Pile, bill: &ChargeRecord) {
    assert_eq!(super::pile::body_of(&bill.clone().into()).len(), 256);
    pile.send(bill.clone());
    assert_eq!(take!(pile, RecordConfirm).record_index, Some(bill.record_index));
}

#[test]
fn a_record_that_names_no_charge_settles_the_one_of_its_connector_and_time() {
    let directory = tempfile::tempdir().unwrap();
    let (stage, mut pile) = charging::stage_on(Setup::new().data_dir(directory.path()));
    stage.card(7, CUSTOMER);
    let begun = now();
    let begun = CivilTime { millisecond: begun.millisecond / 1000 * 1000, ..begun };
    let answer = swipe(&mut pile, &card_text(7));
    assert_eq!(answer.answer, AccountAnswer::Valid);
    // Neither does its status name the charge.
    pile.report(WorkState::Charging, "");
    let order = stage.api.items(&format!("orders?pile={PILE}")).remove(0);
    stage.until(&order, "charging");
    stage.kill();

    let stage = Stage::reopen(directory.path());
    let mut pile = Pile::dial(stage.piles, PILE);
    pile.sign_in();
    let bill = nameless(&pile, &card_text(7), begun, begun, 12);
    confirmed(&mut pile, &bill);
    let settled = stage.until(&order, "settled");
    assert_eq!(fen(&settled["charged"]), 160, "{settled:#}");
    assert_eq!(settled["settlement"]["matched_by"], json!(["time", "energy", "card"]), "{settled:#}");
    let evidence = settled["evidence"].as_array().unwrap();
    assert!(evidence.iter().any(|seen| seen["what"] == "record_matched"), "{evidence:#?}");
    let money = stage.money(CUSTOMER);
    // Its confirmation was lost: it comes again, to this server and to the next, and counts once.
    confirmed(&mut pile, &bill);
    stage.kill();
    let stage = Stage::reopen(directory.path());
    let mut pile = Pile::dial(stage.piles, PILE);
    pile.sign_in();
    confirmed(&mut pile, &bill);
    let record = stage.api.items("records").remove(0);
    assert_eq!((&record["duplicates"], &record["parsed"]["transaction_number"]), (&json!(2), &json!("0".repeat(32))));
    assert_eq!(stage.api.get(&format!("records/{}", record["id"])).ok()["order"], order["id"]);

    // One that the pile began by itself with a card that it knows, a day before.
    let before = CivilTime::in_china(now().unix_ms_in_china() - 86_400_000);
    let before = CivilTime { millisecond: 0, ..before };
    let bill = nameless(&pile, &card_text(7), before, before, 11);
    confirmed(&mut pile, &bill);
    let offline = eventually("an order of its own", || {
        let orders = stage.api.items(&format!("orders?pile={PILE}"));
        orders.into_iter().find(|other| other["id"] != order["id"] && other["state"] == "settled")
    });
    assert_eq!((fen(&offline["charged"]), &offline["account"]), (160, &json!(CUSTOMER)));
    assert_eq!(stage.money(CUSTOMER).0, money.0 - 160);
}

#[test]
fn a_record_that_may_be_of_a_charge_and_does_not_agree_with_it_is_put_before_a_person() {
    let (stage, mut pile) = charging::stage();
    let (order, number) = charge(&stage, &mut pile);
    pile.report(WorkState::Finished, &number);
    stage.until(&order, "awaiting_record");
    stage.card(7, CUSTOMER);
    let now = CivilTime { millisecond: 0, ..now() };
    let bill = nameless(&pile, &card_text(7), now, now, 12);
    confirmed(&mut pile, &bill);
    let made = eventually("an order of its own", || {
        let orders = stage.api.items(&format!("orders?pile={PILE}&state=abnormal"));
        orders.into_iter().next()
    });
    assert_eq!(made["abnormal_reason"], "order_unclear");
    let evidence = made["evidence"].as_array().unwrap().last().unwrap()["detail"].as_str().unwrap();
    assert!(evidence.contains(&format!("order {}: for it time", order["id"])), "{evidence}");
    assert_eq!(stage.order(&order)["state"], "awaiting_record");
}

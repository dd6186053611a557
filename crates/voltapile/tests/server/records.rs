//! Transaction records: the one message that must never be lost.

use serde_json::{Value, json};
use voltapile_protocol::wire::{Quantity, Yuan};
use voltapile_protocol::ykc::code::ConfirmResult;
use voltapile_protocol::ykc::field::TransactionNumber;
use voltapile_protocol::ykc::message::{Message, TransactionRecord, TransactionRecordV14, TransactionRecordV17};

use crate::support::messages::{body_of, code, raw, record, transaction};
use crate::support::pile::take;
use crate::support::{Pile, Server};

/// Sends a record of any kind and takes the answer, which must echo the sequence number and say "uploaded".
#[track_caller]
fn bill(pile: &mut Pile, record: impl Into<Message>) -> TransactionNumber {
    let sequence = pile.send(record);
    let received = pile.receive();
    assert_eq!((received.frame_type, received.sequence), (0x40, sequence));
    match received.message() {
        Message::TransactionRecordConfirm(confirm) => {
            assert_eq!(confirm.confirm_result, ConfirmResult::Uploaded);
            confirm.transaction_number
        }
        other => panic!("{other:?}"),
    }
}

/// The record that the API has under a number.
#[track_caller]
fn stored(server: &Server, number: TransactionNumber) -> Value {
    server.api.get(&format!("records/{number}")).ok()
}

/// A record as lists have it: without what is looked up for one alone.
fn as_listed(mut shown: Value) -> Value {
    for alone in ["bill", "order"] {
        shown.as_object_mut().unwrap().remove(alone);
    }
    shown
}

fn counted(server: &Server, outcome: &str) -> u64 {
    server.api.metric(&format!("records_total{{outcome=\"{outcome}\"}}"))
}

#[test]
fn a_record_is_stored_answered_and_shown() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    let number = transaction(code(1), 815);
    assert_eq!(bill(&mut pile, record(code(1), number)), number);

    let shown = stored(&server, number);
    assert_eq!(shown["transaction_number"], json!("32010600000001010000000000000815"));
    assert_eq!(
        (&shown["pile_code"], &shown["connector"], &shown["frame_type"]),
        (&json!("32010600000001"), &json!(1), &json!("0x3B"))
    );
    assert_eq!((&shown["state"], &shown["duplicates"], &shown["variants"]), (&json!("parsed"), &json!(0), &json!(0)));
    let parsed = &shown["parsed"];
    assert_eq!(parsed["started_at"], json!("2026-11-20T02:15:30.000Z"), "piles tell the time of UTC+8");
    assert_eq!(parsed["vin"], json!("LVPTEST10SA000000"));
    assert_eq!((&parsed["energy"], &parsed["amount"]), (&json!("10.0000"), &json!("16.0000")));
    assert_eq!(parsed["start_source"], json!({"code": 2, "name": "card"}));
    let sent: String = body_of(record(code(1), number)).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(shown["raw"].as_str().unwrap().to_lowercase(), sent);
    assert_eq!(server.api.items(&format!("records?pile={}", code(1))), [as_listed(shown)]);
    assert!(server.api.items(&format!("records?pile={}", code(2))).is_empty());
}

#[test]
fn a_record_sent_again_is_answered_again_and_stored_once() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    let number = transaction(code(1), 1);
    for _ in 0..3 {
        assert_eq!(bill(&mut pile, record(code(1), number)), number);
    }
    assert_eq!(server.api.items("records").len(), 1);
    assert_eq!(stored(&server, number)["duplicates"], json!(2));
    assert_eq!((counted(&server, "stored"), counted(&server, "duplicate")), (1, 2));
}

#[test]
fn another_body_under_the_same_number_is_answered_and_kept_beside_the_first() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    let number = transaction(code(1), 1);
    let first = record(code(1), number);
    let other =
        TransactionRecord { total_amount: Yuan::from_raw(first.total_amount.raw() as u32 + 1), ..first.clone() };
    bill(&mut pile, first);
    bill(&mut pile, other);
    let shown = stored(&server, number);
    assert_eq!((&shown["variants"], &shown["parsed"]["amount"]), (&json!(1), &json!("16.0000")));
    let variants = server.api.get(&format!("records/{number}/variants")).ok()["items"].clone();
    assert_eq!(variants.as_array().unwrap().len(), 1);
    assert_ne!(variants[0]["raw"], shown["raw"]);
    assert_eq!(counted(&server, "duplicate_differs"), 1);
}

#[test]
fn a_body_too_short_to_read_is_kept_flagged_and_answered() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    let number = transaction(code(1), 1);
    let whole = body_of(record(code(1), number));
    for length in [60, 23, 16] {
        assert_eq!(bill(&mut pile, raw(0x3B, &whole[..length])), number);
    }
    // Not even a number: answered with zeros.
    assert_eq!(bill(&mut pile, raw(0x3B, &whole[..9])), TransactionNumber::default());
    let unreadable = server.api.items("records?state=unreadable");
    assert_eq!(unreadable.len(), 4);
    for record in &unreadable {
        assert_eq!((&record["pile_code"], &record["parsed"]), (&json!(code(1).to_string()), &json!(null)));
        assert!(!record["unreadable_reason"].as_str().unwrap().is_empty());
    }
    // The whole record comes after all, and does not count as a repetition of its damaged copies.
    bill(&mut pile, record(code(1), number));
    assert_eq!(counted(&server, "stored"), 5);
    assert_eq!(server.api.items("records?state=parsed").len(), 1);
}

#[test]
fn records_of_other_versions_are_kept_and_answered() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    let [v14, v17, old] = [1, 2, 3].map(|counter| transaction(code(1), counter));
    let base = record(code(1), v14);
    let total_amount = base.total_amount;
    let (connector_number, pile_code) = (base.connector_number, code(1));
    bill(
        &mut pile,
        TransactionRecordV14 {
            transaction_number: v14,
            pile_code,
            connector_number,
            total_amount,
            ..Default::default()
        },
    );
    bill(
        &mut pile,
        TransactionRecordV17 {
            transaction_number: v17,
            pile_code,
            connector_number,
            total_amount,
            ..Default::default()
        },
    );
    for (number, frame_type) in [(v14, "0x3F"), (v17, "0x3D")] {
        let shown = stored(&server, number);
        assert_eq!((&shown["frame_type"], &shown["state"]), (&json!(frame_type), &json!("parsed")));
        assert_eq!(shown["parsed"]["amount"], json!("16.0000"));
    }
    // The layout before V1.3 is not public: kept as it is.
    assert_eq!(bill(&mut pile, raw(0x39, &[&old.0[..], &pile_code.0, &[1; 40]].concat())), old);
    let shown = stored(&server, old);
    assert_eq!((&shown["frame_type"], &shown["state"]), (&json!("0x39"), &json!("unreadable")));
}

#[test]
fn bills_without_a_number_are_told_apart() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    let zero = TransactionNumber::default();
    let first = record(code(1), zero);
    let second = TransactionRecord { total_amount: Yuan::from_raw(1), ..first.clone() };
    for record in [&first, &second, &first] {
        assert_eq!(bill(&mut pile, record.clone()), zero);
    }
    let records = server.api.items(&format!("records?transaction_number={zero}"));
    let mut duplicates: Vec<_> = records.iter().map(|record| record["duplicates"].clone()).collect();
    duplicates.sort_by_key(Value::to_string);
    assert_eq!(duplicates, [json!(0), json!(1)]);
}

#[test]
fn a_number_with_letters_is_kept_as_it_is() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    let number: TransactionNumber = "0a0106000000010100000000deadbeef".parse().unwrap();
    assert_eq!(bill(&mut pile, record(code(1), number)), number);
    let shown = stored(&server, number);
    assert_eq!(shown["transaction_number"], json!("0a0106000000010100000000deadbeef"));
    let listed = server.api.items("records?transaction_number=0A0106000000010100000000DEADBEEF");
    assert_eq!(listed, [as_listed(shown)]);
}

#[test]
fn a_known_pile_may_bill_before_it_logs_in() {
    let server = Server::start();
    server.register(code(1));
    let mut pile = server.dial(code(1));
    let number = transaction(code(1), 1);
    assert_eq!(bill(&mut pile, record(code(1), number)), number);
    assert_eq!(stored(&server, number)["state"], json!("parsed"));
    assert!(!server.is_online(code(1)));
    // An unknown one may not: anybody could fill the disk.
    pile.send(record(code(2), transaction(code(2), 1)));
    pile.log_in();
    assert_eq!(server.api.items("records").len(), 1);
    assert_eq!(server.api.metric("frames_rejected_total{reason=\"record_of_unknown_pile\"}"), 1);
}

#[test]
fn a_burst_of_records_is_answered_to_the_last() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    let numbers: Vec<_> = (0..500).map(|counter| transaction(code(1), counter)).collect();
    let mut writer = Pile::over(pile.stream.try_clone().unwrap(), code(1));
    let mut answered = std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in &numbers {
                writer.send(record(code(1), *number));
            }
        });
        numbers.iter().map(|_| take!(pile, TransactionRecordConfirm).transaction_number).collect::<Vec<_>>()
    });
    answered.sort();
    assert_eq!(answered, numbers);
    assert_eq!(server.api.items("records").len(), 500);
    pile.beat();
}

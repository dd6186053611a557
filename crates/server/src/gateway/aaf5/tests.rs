//! Frames in, what is kept and answered out, without a socket.

use std::sync::Arc;

use voltapile_platform::command::CommandAction;
use voltapile_platform::identity::PileCode;
use voltapile_platform::pile::Pile;
use voltapile_platform::timestamp::Timestamp;
use voltapile_protocol::aaf5::frame::{Envelope, write_frame};
use voltapile_protocol::aaf5::message::{ChargeRecord, LAYOUTS, Message, SignInRequest};
use voltapile_protocol::aaf5::profile::Profile;
use voltapile_protocol::aaf5::session::platform::RecordBody;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{BcdTime, CivilTime, Decimal16, KilowattHours, KilowattHours8, Text};

use super::desk::Own;
use super::downlink::Downlink;
use super::*;
use crate::gateway::Gateway;
use crate::gateway::dialogue::Dialogue;
use crate::gateway::link::{Letter, PileLink};
use crate::gateway::protocol::{Flow, Protocol};
use crate::store::{PageRequest, RecordFilter};

const HERE: &str = "SH-1";

fn frame(message: impl Into<Message>) -> Vec<u8> {
    let (message, mut out) = (message.into(), Vec::new());
    write_frame(&mut out, Envelope::default(), message.frame_type(), |writer| message.write(writer)).unwrap();
    out
}

fn sign_in(code: &str) -> Vec<u8> {
    let protocol_version = Some(Decimal16::from_raw(52));
    frame(SignInRequest {
        pile_code: Text::new(code).unwrap(),
        random: Some(7),
        protocol_version,
        ..Default::default()
    })
}

/// A connection, with its pile registered.
async fn connection(directory: &tempfile::TempDir) -> (Arc<Gateway>, Arc<PileLink>, Dialogue<Aaf5>) {
    let gateway = Gateway::without_listeners(directory).await;
    let pile = Pile::new(PileCode::new(HERE).unwrap(), Timestamp::from_unix_ms(0));
    gateway.core.business(|business| business.put_pile(pile)).await.unwrap();
    let link = Arc::new(PileLink::default());
    let peer = "203.0.113.7:40123".parse().unwrap();
    let connection = Dialogue::new(&gateway, Arc::clone(&link), peer, Tick(1));
    (gateway, link, connection)
}

#[tokio::test]
async fn strangers_in_one_packet_are_refused_once_and_without_a_word() {
    let directory = tempfile::tempdir().unwrap();
    let (gateway, _link, mut connection) = connection(&directory).await;
    let mut out = Vec::new();
    let flow = connection.handle_bytes(Tick(2), &sign_in("NOBODY").repeat(100), &mut out);
    assert_eq!((flow, out.len()), (Flow::Refuse("login_refused"), 0));
    assert_eq!(gateway.core.metrics.logins.all().values().sum::<u64>(), 1);
}

#[tokio::test]
async fn a_record_is_answered_only_once_it_is_durable() {
    let directory = tempfile::tempdir().unwrap();
    let (gateway, link, mut connection) = connection(&directory).await;
    let mut out = Vec::new();
    connection.handle_bytes(Tick(2), &sign_in(HERE), &mut out);
    out.clear();
    // It names a pile that nobody knows: it is kept as the connection's own.
    let record = ChargeRecord {
        pile_code: Text::new("NOBODY").unwrap(),
        transaction_number: Some(Text::new("A-1").unwrap()),
        ..ChargeRecord::default()
    };
    connection.handle_bytes(Tick(3), &frame(record), &mut out);
    assert!(out.is_empty(), "nothing is said before it is stored");
    let letter = loop {
        match link.take() {
            Some(letter @ Letter::Kept { .. }) => break letter,
            Some(_) => {}
            None => tokio::time::sleep(std::time::Duration::from_millis(1)).await,
        }
    };
    connection.handle_letter(Tick(4), letter, &mut out);
    assert_eq!((out.get(6), out.len()), (Some(&201), 75));
    let records = gateway.core.store.records(RecordFilter::default(), PageRequest::new(10, None)).await.unwrap();
    let codes: Vec<PileCode> = records.items.iter().map(|record| record.pile_code).collect();
    assert_eq!(codes, [PileCode::new(HERE).unwrap()]);
}

#[tokio::test]
async fn every_command_has_an_answer_that_ends_it() {
    let directory = tempfile::tempdir().unwrap();
    let (gateway, ..) = connection(&directory).await;
    let live = gateway.core.registry.get(PileCode::new(HERE).unwrap()).unwrap();
    let own = Own { version: 52, connectors: 2, ..Own::default() };
    let downlink = Downlink { core: &gateway.core, live: &live, own: &own, profile: Profile::standard() };
    let card = r#"[{"logical_number": "1", "physical_number": "0000000000000001"}]"#;
    for command in [
        r#""read_telemetry", "connector": 1"#,
        r#""start_charge", "connector": 1, "transaction_number": "A-1", "logical_card": "1", "physical_card": "1",
            "balance": "1", "options": {"limit": {"energy": "10"}}"#,
        r#""stop_charge", "connector": 1"#,
        r#""cancel_reservation", "connector": 1"#,
        r#""update_balance", "connector": 1, "physical_card": "1", "balance": "1""#,
        &format!(r#""sync_offline_cards", "cards": {card}"#),
        &format!(r#""clear_offline_cards", "cards": ["1"], "remaining": {card}"#),
        r#""set_work_parameters", "enabled": true, "power_percent": 100"#,
        r#""limit_connector_power", "connector": 1, "power": "60""#,
        r#""sync_clock""#,
        r#""reboot", "when": "now""#,
        r#""update_firmware", "model": "dc", "server": "a", "port": 21, "user": "", "password": "", "path": "b",
            "when": "now", "timeout_minutes": 1"#,
        r#""set_qr_prefix", "format": "pile_and_connector", "prefix": "a""#,
        r#""read_record", "index": 0"#,
        r#""read_tariff""#,
        r#""read_half_hours", "connector": 1"#,
    ] {
        let action: CommandAction = serde_json::from_str(&format!(r#"{{"action": {command}}}"#)).unwrap();
        for step in downlink.plan(&action).unwrap_or_else(|reason| panic!("{command}: {reason}")).steps {
            let asked = step.message.frame_type();
            // 103 is answered by a status, which most often is none.
            let is_answered = asked == 103 || LAYOUTS.iter().any(|layout| layout.reply_to == Some(asked));
            assert!(is_answered, "{command}: nothing answers {asked}");
        }
    }
}

#[tokio::test]
async fn limits_that_the_wire_cannot_tell_exactly_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (gateway, ..) = connection(&directory).await;
    let live = gateway.core.registry.get(PileCode::new(HERE).unwrap()).unwrap();
    let own = Own { version: 50, ..Own::default() };
    let downlink = Downlink { core: &gateway.core, live: &live, own: &own, profile: Profile::standard() };
    let refusal = |command: &str| {
        let action: CommandAction = serde_json::from_str(&format!(r#"{{"action": {command}}}"#)).unwrap();
        downlink.plan(&action).err().unwrap_or_default()
    };
    let start = r#""start_charge", "connector": 1, "transaction_number": "A-1", "logical_card": "1", "physical_card": "1",
        "balance": "1", "options": {"limit": {"energy": "10.0001"}}"#;
    assert!(refusal(start).contains("finer than 0.01"));
    let balance = r#""update_balance", "connector": 1, "physical_card": "1", "balance": "1""#;
    assert!(refusal(balance).contains("V5.0"), "{}", refusal(balance));
}

#[test]
fn the_third_decimal_is_added_to_202_alone() {
    let clock = crate::clock::Clock::new(8);
    let pile = PileCode::new(HERE).unwrap();
    let time = |hour| BcdTime::new(CivilTime { year: 2026, month: 11, day: 20, hour, minute: 0, millisecond: 0 });
    let read = |message: Message| {
        let body = RecordBody::Read(Box::new(message));
        let number = voltapile_platform::identity::TransactionNumber::ZERO;
        let record = record::record(&clock, pile, 202, number, &body, &[], None);
        match record.reading {
            voltapile_platform::record::RecordReading::Parsed(record) => record.energy.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let (start_time, end_time, digit) = (time(1), time(3), Some(KilowattHours8::from_raw(2)));
    let coarse = ChargeRecord {
        start_time,
        end_time,
        total_energy: KilowattHours::from_raw(7487),
        energy_digit: digit,
        ..ChargeRecord::default()
    };
    let fine = voltapile_protocol::aaf5::message::FineChargeRecord {
        start_time,
        end_time,
        total_energy: KilowattHours::from_raw(74_872),
        energy_digit: digit,
        ..Default::default()
    };
    assert_eq!((read(coarse.into()), read(fine.into())), ("74.8720".to_owned(), "74.8720".to_owned()));
}

#[test]
fn a_record_without_number_and_clock_is_known_by_what_it_bills() {
    use voltapile_platform::identity::TransactionNumber;

    let clock = crate::clock::Clock::new(8);
    let pile = PileCode::new(HERE).unwrap();
    let key = |message: Message, raw: &[u8]| {
        let body = RecordBody::Read(Box::new(message));
        record::record(&clock, pile, 202, TransactionNumber::ZERO, &body, raw, None).transaction_number
    };
    let coarse = ChargeRecord {
        card_number: Text::new("1234").unwrap(),
        total_energy: KilowattHours::from_raw(7487),
        record_index: 12,
        ..ChargeRecord::default()
    };
    let fine = voltapile_protocol::aaf5::message::FineChargeRecord {
        card_number: coarse.card_number,
        total_energy: KilowattHours::from_raw(74_872),
        record_index: 12,
        ..Default::default()
    };
    let known = key(coarse.clone().into(), b"once");
    assert!(!known.is_zero());
    assert_eq!(known, key(coarse.clone().into(), b"once more, from another place"));
    assert_eq!(known, key(fine.into(), b"with three decimals"));
    for other in [
        ChargeRecord { record_index: 13, ..coarse.clone() },
        ChargeRecord { total_energy: KilowattHours::from_raw(7488), ..coarse.clone() },
        ChargeRecord { card_number: Text::new("1235").unwrap(), ..coarse },
    ] {
        assert_ne!(known, key(other.into(), b"once"));
    }
}

#[test]
fn a_failed_start_is_told_once_whatever_the_other_connectors_say() {
    use voltapile_platform::identity::{ConnectorNumber, TransactionNumber};

    let mut own = Own::default();
    let said = [(1, "A"), (2, "B"), (1, "A"), (2, "B"), (1, "C")];
    let news = said.map(|(connector, number)| {
        own.start_failed(ConnectorNumber(connector), TransactionNumber::new(number).unwrap())
    });
    assert_eq!(news, [true, true, false, false, true]);
}

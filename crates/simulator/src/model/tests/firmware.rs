//! Rows of the table of firmware, as a platform sees them.

use super::*;

/// A pile of twelve connectors with a firmware, logged in.
fn world_of(name: &str) -> World {
    let setup = without_walk_ins(12).with_firmware(Firmware::named(name).unwrap());
    let mut world = World::new(setup, ModelOptions::default());
    world.dialect = Firmware::named(name).unwrap().dialect;
    world.connect();
    world
}

fn start_of(byte: u8) -> Message {
    match start_request(1, 0) {
        Message::RemoteStartRequest(request) => {
            RemoteStartRequest { connector_number: ConnectorNumber(byte), ..request }.into()
        }
        other => other,
    }
}

#[test]
fn every_firmware_charges_and_bills() {
    for firmware in &FIRMWARES {
        let mut world = world_of(firmware.name);
        let Message::LoginRequest(login) = &world.sent[0].1 else { panic!("0x01") };
        assert_eq!((login.protocol_version, login.firmware_version), (firmware.protocol_version, firmware.version));
        world.ask(start_of(1));
        world.run_for(120_000);
        assert_eq!(world.pile.snapshot().charging(), [1], "{}", firmware.name);
        world.ask(stop_request(1));
        let is_record = |message: &Message| [0x3B, 0x3D, 0x3F].contains(&message.frame_type());
        assert_eq!(world.sent.iter().filter(|(_, message)| is_record(message)).count(), 1, "{}", firmware.name);
    }
}

#[test]
fn connectors_above_nine_are_bcd_or_binary() {
    for (name, byte) in [("v1.6", 0x12), ("openuc", 0x0C)] {
        let mut world = world_of(name);
        world.ask(start_of(byte));
        assert_eq!(world.pile.snapshot().charging(), [12], "{name}");
        let told = world.sent.iter().filter_map(|(_, message)| match message {
            Message::RealtimeReport(report) => Some(report.connector_number.0),
            Message::BmsHandshake(hello) => Some(hello.connector_number.0),
            _ => None,
        });
        assert_eq!(told.collect::<Vec<_>>(), [byte, byte], "{name}");
    }
}

#[test]
fn openuc_puts_the_reason_into_the_result() {
    let mut world = world_of("openuc");
    world.ask(start_of(1));
    let answers = world.ask(start_of(1));
    let [Message::RemoteStartResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(answer.start_result, Outcome::Unknown(2));
    assert_eq!(answer.fail_reason, RemoteStartFailure::AlreadyCharging);
}

#[test]
fn a_bull_that_nobody_confirms_loses_its_record() {
    let mut world = world_of("gongniu");
    world.silent_on = &[0x3B];
    world.ask(start_of(1));
    world.run_for(60_000);
    world.ask(stop_request(1));
    world.run_for(60_000);
    assert_eq!(world.records().len(), 3);
    let snapshot = world.pile.snapshot();
    assert_eq!((snapshot.unconfirmed_records, snapshot.lost_records), (0, 1));
}

#[test]
fn a_card_reader_may_pad_on_the_right() {
    let card = Bytes([0, 0, 0, 0, 0xD1, 0x4B, 0x0A, 0x54]);
    for (name, padded) in [("v1.6", card), ("right-padded-cards", Bytes([0xD1, 0x4B, 0x0A, 0x54, 0, 0, 0, 0]))] {
        let mut world = world_of(name);
        world.sent.clear();
        world.act(Action::Ask { connector: 1, credential: Credential::Card(card, None) });
        let sent: Vec<Message> = world.sent.iter().map(|(_, message)| message.clone()).collect();
        let numbers: Vec<_> = only!(sent, StartRequest).map(|asked| asked.account_or_physical_card_number).collect();
        assert_eq!(numbers, [padded]);
    }
}

#[test]
fn an_answer_about_cards_may_lack_the_reasons() {
    let mut world = world_of("short-0x45");
    let cards = vec![CardNumber { physical_card_number: Bytes([7; 8]) }, CardNumber::default()];
    let answers = world.ask(OfflineCardClearRequest { pile_code: PILE, card_count: 2, cards, ..Default::default() });
    let [Message::OfflineCardClearResponseShort(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    let results: Vec<Outcome> = answer.cards.iter().map(|card| card.clear_result).collect();
    assert_eq!(results, [Outcome::Succeeded, Outcome::Failed]);
}

#[test]
fn before_v1_6_nobody_charges_in_parallel() {
    let mut world = world_of("v1.5");
    world.sent.clear();
    let credential = Credential::Card(Bytes([7; 8]), None);
    world.act(Action::AskParallel { main: 1, auxiliary: 2, credential });
    assert!(world.ask(ParallelRemoteStartRequest { pile_code: PILE, ..Default::default() }).is_empty());
    assert_eq!(world.connector(1).last_refusal, Some(Refusal::Partner));
}

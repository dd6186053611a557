//! People ask at the pile: card, account, VIN, two connectors at once, and offline.

use voltapile_protocol::wire::{Ascii, natural_vin};
use voltapile_protocol::ykc::field::HardwareFaults;

use super::*;

const CARD: Bytes<8> = Bytes([0, 0, 0, 0, 0xD1, 0x4B, 0x0A, 0x54]);
const VIN: VinCharacters = *b"LVPTEST10SA000001";

fn card(connector: u8) -> Action {
    Action::Ask { connector, credential: Credential::Card(CARD, None) }
}

fn consent(connector: u8) -> StartResponse {
    StartResponse {
        transaction_number: TransactionNumber([0x77; 16]),
        pile_code: PILE,
        connector_number: ConnectorNumber::bcd(connector),
        account_balance: Yuan::from_raw(5_000),
        auth_result: Outcome::Succeeded,
        ..Default::default()
    }
}

fn refusal(connector: u8, fail_reason: StartRefusal) -> StartResponse {
    StartResponse { auth_result: Outcome::Failed, fail_reason, ..consent(connector) }
}

/// The one 0x31 that an action leads to.
fn request(world: &mut World, action: Action) -> StartRequest {
    world.sent.clear();
    world.act(action);
    let sent: Vec<Message> = world.sent.iter().map(|(_, message)| message.clone()).collect();
    let requests: Vec<_> = only!(sent, StartRequest).cloned().collect();
    assert_eq!(requests.len(), 1, "{sent:?}");
    requests[0].clone()
}

#[test]
fn a_card_charges_once_the_platform_consents() {
    let mut world = World::working(without_walk_ins(2), ModelOptions::default());
    let asked = request(&mut world, card(2));
    assert_eq!((asked.start_method, asked.connector_number.number()), (StartMethod::Card, 2));
    assert_eq!((asked.password_needed, asked.account_or_physical_card_number), (PasswordNeeded::NotNeeded, CARD));
    assert_eq!((asked.vin.0, asked.password_md5.0), ([0; 17], [0; 16]));
    assert!(world.connector(2).is_asking && world.connector(2).is_plugged);
    assert_eq!(world.pile.charging(), 0);

    world.receive([0, 0], &consent(2).into());
    let charging = world.connector(2);
    assert_eq!(charging.transaction_number, Some(TransactionNumber([0x77; 16]).into()));
    assert_eq!((charging.balance, charging.is_asking, charging.last_refusal), (Some(500_000), false, None));
    world.run_for(60_000);
    world.act(Action::Stop { connector: 2, password: None });
    let record = world.records()[0];
    check_record(record);
    assert_eq!((record.start_source, record.physical_card_number), (StartSource::Card, CARD));
    assert_eq!((record.stop_reason, record.transaction_number), (StopReason(0x45), TransactionNumber([0x77; 16])));
}

#[test]
fn a_refused_card_stays_without_a_charge_and_knows_why() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.act(card(1));
    world.receive([0, 0], &refusal(1, StartRefusal::BalanceTooLow).into());
    assert_eq!(world.connector(1).last_refusal, Some(Refusal::Platform(StartRefusal::BalanceTooLow)));
    assert_eq!((world.pile.charging(), world.connector(1).is_asking), (0, false));
    world.act(card(1));
    assert_eq!(world.connector(1).last_refusal, None, "a new try");
    world.receive([0, 0], &consent(1).into());
    assert_eq!(world.pile.charging(), 1);
}

#[test]
fn nobody_waits_longer_than_half_a_minute() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.act(card(1));
    world.run_for(29_999);
    assert!(world.connector(1).is_asking);
    world.run_for(1);
    assert_eq!(world.connector(1).last_refusal, Some(Refusal::Unanswered));
    world.receive([0, 0], &consent(1).into());
    assert_eq!(world.pile.charging(), 0, "too late");
}

#[test]
fn a_consent_that_nobody_asked_for_starts_nothing() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.receive([0, 0], &consent(1).into());
    assert_eq!(world.pile.charging(), 0);
}

#[test]
fn passwords_and_accounts_are_told() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    let md5 = Ascii(*b"49ba59abbe56e057");
    let password = Some(md5);
    let credential = Credential::Account(Bytes([0, 0, 0, 0x01, 0x38, 0, 0x13, 0x80]), password);
    let asked = request(&mut world, Action::Ask { connector: 1, credential });
    assert_eq!((asked.start_method, asked.password_needed), (StartMethod::Account, PasswordNeeded::Needed));
    assert_eq!((asked.password_md5.text().as_str(), asked.vin.0), ("49ba59abbe56e057", [0; 17]));
    let credential = Credential::Card(CARD, password);
    assert_eq!(request(&mut world, Action::Ask { connector: 1, credential }).password_md5, md5);
}

#[test]
fn a_vin_is_reversed_unless_the_firmware_errs() {
    for errs in [false, true] {
        let mut setup = without_walk_ins(2);
        setup.config.quirks.natural_vin = errs;
        let mut world = World::working(setup, ModelOptions::default());
        world.act(Action::Plug { connector: 1, car: CarWish::of(VIN) });
        let asked = request(&mut world, Action::Ask { connector: 1, credential: Credential::Vin });
        assert_eq!((asked.start_method, asked.account_or_physical_card_number), (StartMethod::Vin, Bytes([0; 8])));
        let mut sent = asked.vin.0;
        if !errs {
            sent.reverse();
        }
        assert_eq!(sent, VIN);
        world.receive([0, 0], &consent(1).into());
        world.act(Action::Stop { connector: 1, password: None });
        assert_eq!((world.records()[0].vin.0, world.records()[0].start_source), (VIN, StartSource::Vin));
    }
}

#[test]
fn cars_have_a_vin_of_their_own() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.act(Action::Plug { connector: 1, car: CarWish::default() });
    let asked = request(&mut world, Action::Ask { connector: 1, credential: Credential::Vin });
    assert_eq!(natural_vin(&asked.vin.0, voltapile_protocol::wire::VinOrder::Reversed), world.connector(1).vin);
}

/// Both 0xA1 of a parallel charge.
fn ask_parallel(world: &mut World) -> [ParallelStartRequest; 2] {
    world.sent.clear();
    world.act(Action::AskParallel { main: 1, auxiliary: 2, credential: Credential::Card(CARD, None) });
    let sent: Vec<Message> = world.sent.iter().map(|(_, message)| message.clone()).collect();
    only!(sent, ParallelStartRequest).cloned().collect::<Vec<_>>().try_into().expect("two")
}

fn parallel_consent(asked: &ParallelStartRequest) -> ParallelStartResponse {
    ParallelStartResponse {
        transaction_number: TransactionNumber([0x70 + asked.connector_number.0; 16]),
        pile_code: PILE,
        connector_number: asked.connector_number,
        auth_result: Outcome::Succeeded,
        parallel_session_number: asked.parallel_session_number,
        ..Default::default()
    }
}

#[test]
fn two_connectors_charge_one_car_once_both_may() {
    let mut world = World::working(without_walk_ins(2), ModelOptions::default());
    let [main, auxiliary] = ask_parallel(&mut world);
    assert_eq!([main.main_auxiliary, auxiliary.main_auxiliary], [MainAuxiliary::Main, MainAuxiliary::Auxiliary]);
    assert_eq!(main.parallel_session_number, auxiliary.parallel_session_number);
    assert_eq!(main.parallel_session_number.to_string(), "261120160000");
    assert_eq!(world.connector(1).vin, world.connector(2).vin);
    world.receive([0, 0], &parallel_consent(&auxiliary).into());
    assert_eq!(world.pile.charging(), 0, "the other one is still to come");
    world.receive([0, 0], &parallel_consent(&main).into());
    assert_eq!(world.pile.snapshot().charging(), [1, 2]);
    assert_eq!(world.connector(2).transaction_number, Some(TransactionNumber([0x72; 16]).into()));
}

#[test]
fn a_parallel_charge_begins_with_both_connectors_or_not_at_all() {
    let mut world = World::working(without_walk_ins(2), ModelOptions::default());
    let [main, auxiliary] = ask_parallel(&mut world);
    let refusal = ParallelStartResponse {
        auth_result: Outcome::Failed,
        fail_reason: StartRefusal::AccountFrozen,
        ..parallel_consent(&auxiliary)
    };
    world.receive([0, 0], &refusal.into());
    world.receive([0, 0], &parallel_consent(&main).into());
    assert_eq!(world.pile.charging(), 0);
    assert_eq!(world.connector(1).last_refusal, Some(Refusal::Partner));
    assert_eq!(world.connector(2).last_refusal, Some(Refusal::Platform(StartRefusal::AccountFrozen)));
    world.act(card(1));
    world.receive([0, 0], &parallel_consent(&main).into());
    assert_eq!(world.pile.charging(), 0, "an answer to another question");
}

#[test]
fn nobody_asks_for_a_parallel_charge_with_a_broken_connector() {
    let mut world = World::working(without_walk_ins(2), ModelOptions::default());
    world.act(Action::SetFaults { connector: 2, faults: HardwareFaults(1 << 2) });
    world.sent.clear();
    world.act(Action::AskParallel { main: 1, auxiliary: 2, credential: Credential::Card(CARD, None) });
    assert!(world.sent.is_empty());
    assert_eq!(world.connector(1).last_refusal, Some(Refusal::Partner));
    assert_eq!(world.connector(2).last_refusal, Some(Refusal::Pile(RemoteStartFailure::DeviceFault)));
}

#[test]
fn offline_only_cards_that_the_pile_knows_charge() {
    let mut world = World::working(without_walk_ins(1), ModelOptions { speed: 60, seed: 1 });
    let cards = vec![OfflineCard { physical_card_number: CARD, ..Default::default() }];
    world.ask(OfflineCardSyncRequest { pile_code: PILE, card_count: 1, cards, ..Default::default() });
    world.pile.disconnected();
    world.sent.clear();
    for credential in [Credential::Card(Bytes([9; 8]), None), Credential::Account(CARD, None), Credential::Vin] {
        world.act(Action::Ask { connector: 1, credential });
        assert_eq!(world.connector(1).last_refusal, Some(Refusal::UnknownOffline));
    }
    world.act(card(1));
    let number = world.connector(1).transaction_number.expect("it charges");
    assert!(number.as_str().starts_with("3201060000000101"), "{number}");
    world.run_for(10_000);
    world.act(Action::Stop { connector: 1, password: None });
    assert!(world.sent.is_empty());
    assert_eq!(world.pile.snapshot().unconfirmed_records, 1);
    world.connect();
    let record = world.records()[0];
    check_record(record);
    assert_eq!((record.start_source, record.physical_card_number), (StartSource::OfflineCard, CARD));
    assert_eq!(record.transaction_number, number.into());
    assert_eq!(world.pile.snapshot().unconfirmed_records, 0);
}

#[test]
fn a_lost_connection_answers_nobody() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.act(card(1));
    world.pile.disconnected();
    assert_eq!(world.connector(1).last_refusal, Some(Refusal::Unanswered));
}

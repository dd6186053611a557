//! Parking locks, vehicles, QR codes, SIM cards, firmware.

use voltapile_protocol::wire::{CountedText, MinutesByte, TextToEnd};

use super::*;

fn with_lock() -> World {
    World::working(PileSetup { parking_locks: true, ..without_walk_ins(1) }, ModelOptions::default())
}

fn lock_command(lock_command: LockCommand) -> ParkingLockControlRequest {
    ParkingLockControlRequest {
        pile_code: PILE,
        connector_number: ConnectorNumber(1),
        lock_command,
        ..Default::default()
    }
}

fn lock_reports(messages: &[Message]) -> Vec<(LockState, ParkingState, LockAlarm)> {
    let reports = only!(messages, ParkingLockReport);
    reports.map(|report| (report.lock_state, report.parking_state, report.alarm_state)).collect()
}

fn lock_result(messages: &[Message]) -> Outcome {
    let Some(Message::ParkingLockControlResponse(answer)) = messages.first() else { panic!("{messages:?}") };
    answer.lock_result
}

#[test]
fn a_parking_lock_obeys_and_tells_of_changes() {
    let mut world = with_lock();
    let lowered = (LockState::Lowered, ParkingState::Free, LockAlarm::None);
    let answers = world.ask(lock_command(LockCommand::Lower));
    assert_eq!((lock_result(&answers), lock_reports(&answers)), (Outcome::Succeeded, vec![lowered]));
    let answers = world.ask(lock_command(LockCommand::Lower));
    assert_eq!((lock_result(&answers), lock_reports(&answers)), (Outcome::Succeeded, vec![]));
    world.act(Action::Plug { connector: 1, car: CarWish::default() });
    assert_eq!(world.connector(1).lock.unwrap().parking, ParkingState::Occupied);
    assert_eq!(lock_result(&world.ask(lock_command(LockCommand::Raise))), Outcome::Failed, "a car is in the way");
    world.act(Action::Unplug { connector: 1 });
    assert_eq!(lock_result(&world.ask(lock_command(LockCommand::Raise))), Outcome::Succeeded);
    world.act(Action::SetLockAlarm { connector: 1, alarm: LockAlarm::Broken });
    let sent: Vec<Message> = world.sent.iter().map(|(_, message)| message.clone()).collect();
    assert_eq!(lock_reports(&sent).last(), Some(&(LockState::Raised, ParkingState::Free, LockAlarm::Broken)));
    assert_eq!(lock_result(&world.ask(lock_command(LockCommand::Lower))), Outcome::Failed);
}

#[test]
fn a_parking_lock_is_told_of_every_five_minutes() {
    let mut world = with_lock();
    world.run_for(HOUR_MS);
    let reports = world.sent.iter().filter(|(_, message)| message.frame_type() == 0x61);
    assert_eq!(reports.map(|(at, _)| *at).collect::<Vec<_>>(), (0..=12).map(|at| at * 300_000).collect::<Vec<_>>());
}

#[test]
fn a_pile_without_locks_says_so() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    let answers = world.ask(lock_command(LockCommand::Raise));
    assert_eq!((lock_result(&answers), answers.len()), (Outcome::Failed, 1));
}

fn vehicle_query() -> VehicleQuery {
    VehicleQuery { pile_code: PILE, connector_number: ConnectorNumber::bcd(1), ..Default::default() }
}

fn vehicle_report_times(world: &World) -> Vec<u64> {
    world.sent.iter().filter(|(_, message)| message.frame_type() == 0x71).map(|(at, _)| *at).collect()
}

#[test]
fn a_vehicle_is_told_of_four_times_unless_the_platform_confirms() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.act(Action::Plug { connector: 1, car: CarWish::of(*b"LVPTEST10SA000001") });
    let answers = world.ask(vehicle_query());
    let [Message::VehicleReport(report)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!((report.vin.natural().as_deref(), report.soc.raw() > 0), (Some("LVPTEST10SA000001"), true));
    world.run_for(60_000);
    assert_eq!(vehicle_report_times(&world), [0, 3_000, 6_000, 9_000]);

    world.ask(vehicle_query());
    world.run_for(3_000);
    let confirm =
        VehicleReportConfirm { pile_code: PILE, connector_number: ConnectorNumber::bcd(1), ..Default::default() };
    world.receive([0, 0], &confirm.into());
    world.run_for(60_000);
    assert_eq!(vehicle_report_times(&world), [60_000, 63_000]);
}

#[test]
fn without_a_car_there_is_no_vin() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    let answers = world.ask(vehicle_query());
    let [Message::VehicleReport(report)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!((report.vin.natural(), report.soc.raw()), (None, 0));
}

#[test]
fn a_pile_may_tell_of_every_car() {
    let mut world = world_with(Behaviour { reports_vehicles: true, ..Behaviour::default() });
    world.sent.clear();
    world.act(Action::Plug { connector: 2, car: CarWish::default() });
    assert_eq!(world.types(), [0x13, 0x71]);
    world.act(Action::Unplug { connector: 2 });
    world.run_for(60_000);
    assert_eq!(vehicle_report_times(&world), [0], "the car is gone");
}

#[test]
fn shows_qr_codes() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    let prefix = |text| QrPrefixRequest { pile_code: PILE, prefix: CountedText::new(text), ..Default::default() };
    let answers = world.ask(prefix("https://example.com/?no="));
    let [Message::QrPrefixResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(answer.set_result, QrPrefixResult::Succeeded);
    let answers = world.ask(prefix(&"x".repeat(201)));
    let [Message::QrPrefixResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(answer.set_result, QrPrefixResult::Failed);
    assert_eq!(world.pile.snapshot().qr_prefix.as_deref(), Some("https://example.com/?no="));

    for (connector, result) in [(1, Outcome::Succeeded), (2, Outcome::Failed)] {
        let text = CountedText::new("one");
        let connector_number = ConnectorNumber::bcd(connector);
        let answers = world.ask(QrCodeSetRequest { pile_code: PILE, connector_number, text, ..Default::default() });
        let [Message::QrCodeSetResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
        assert_eq!((answer.set_result, answer.connector_number), (result, connector_number));
    }
    assert_eq!(world.connector(1).qr_code.as_deref(), Some("one"));
}

#[test]
fn dialects_have_their_own_codes_and_keys() {
    let world_of = |dialect| {
        let mut setup = without_walk_ins(1);
        setup.config.dialect = dialect;
        World { dialect, ..World::new(setup, ModelOptions::default()) }
    };
    let mut world = world_of(Dialect::Guochong);
    world.connect();
    let text = TextToEnd(Box::from(*b"two"));
    let connector_number = ConnectorNumber::bcd(1);
    let answers = world.ask(QrCodeSetGuochong { pile_code: PILE, connector_number, text, ..Default::default() });
    let [Message::QrCodeResponseGuochong(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(answer.set_result, Outcome::Succeeded);
    assert_eq!(world.connector(1).qr_code.as_deref(), Some("two"));

    let mut world = world_of(Dialect::Gongniu);
    world.connect();
    let answers = world.ask(KeyUpdateRequest { pile_code: PILE, ..Default::default() });
    let [Message::KeyUpdateResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(answer.set_result, Outcome::Failed);
}

#[test]
fn tells_its_sim_number_and_agrees_to_upload_its_log() {
    let mut setup = without_walk_ins(1);
    setup.config.iccid = "89860412060000000001".parse().unwrap();
    let mut world = World::working(setup, ModelOptions::default());
    let answers = world.ask(SimNumberRequest { pile_code: PILE, ..Default::default() });
    let [Message::SimNumberResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(answer.iccid.digits(), "89860412060000000001");
    let answers = world.ask(LogUploadRequest { pile_code: PILE, ..Default::default() });
    let [Message::LogUploadResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(answer.set_result, Outcome::Succeeded);
}

fn update(pile_model: PileModel, execute_mode: ExecuteMode) -> FirmwareUpdateRequest {
    FirmwareUpdateRequest {
        pile_code: PILE,
        pile_model,
        ftp_path: voltapile_protocol::wire::Ascii::new("/firmware/V2.1.0.bin").unwrap(),
        execute_mode,
        download_timeout: MinutesByte::from_raw(5),
        ..Default::default()
    }
}

/// A pile that fetches nothing.
fn pretending() -> World {
    world_with(Behaviour { update_result: Some(UpdateResult::Succeeded), ..Behaviour::default() })
}

/// The 0x93 that were sent, with their moments.
fn update_results(world: &World) -> Vec<(u64, UpdateResult)> {
    let results = world.sent.iter().filter_map(|(at, message)| match message {
        Message::FirmwareUpdateResponse(answer) => Some((*at, answer.update_result)),
        _ => None,
    });
    results.collect()
}

#[test]
fn an_update_ends_in_a_restart_with_the_new_version() {
    let mut world = pretending();
    world.receive([1, 2], &start_request(1, 0));
    assert_eq!(only!(world.ask(update(PileModel::Dc, ExecuteMode::Now)), TransactionRecord).count(), 1);
    let answers = world.ask(start_request(1, 0));
    let [Message::RemoteStartResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(answer.fail_reason, RemoteStartFailure::Updating);
    assert!(world.pile.snapshot().is_updating);
    world.run_until(|world| world.closed);
    assert_eq!(update_results(&world), [(30_000, UpdateResult::Succeeded)]);
    world.sent.clear();
    world.connect();
    let Message::LoginRequest(login) = &world.sent[0].1 else { panic!("0x01") };
    assert_eq!(login.firmware_version.text(), "V2.1.0");
    assert_eq!(world.pile.snapshot().firmware_version, "V2.1.0");
    world.ask(start_request(1, 0));
    assert_eq!(world.pile.charging(), 1);
}

#[test]
fn an_update_waits_for_the_end_of_the_charge_where_it_is_told_to() {
    let mut world = pretending();
    world.receive([1, 2], &start_request(1, 0));
    assert!(world.ask(update(PileModel::Dc, ExecuteMode::WhenIdle)).is_empty());
    world.run_for(120_000);
    assert_eq!(world.pile.charging(), 1);
    world.receive([1, 3], &stop_request(1));
    world.run_until(|world| world.closed);
    assert_eq!(update_results(&world).len(), 1);
}

#[test]
fn an_update_that_fails_changes_nothing() {
    for (behaviour, model, result, ms) in [
        (UpdateResult::Succeeded, PileModel::Ac, UpdateResult::ModelMismatch, 30_000),
        (UpdateResult::DownloadTimeout, PileModel::Dc, UpdateResult::DownloadTimeout, 300_000),
    ] {
        let mut world = world_with(Behaviour { update_result: Some(behaviour), ..Behaviour::default() });
        world.ask(update(model, ExecuteMode::Now));
        world.run_for(600_000);
        assert_eq!(update_results(&world), [(ms, result)]);
        assert!(!world.closed && !world.pile.snapshot().is_updating);
        assert_eq!(world.pile.snapshot().firmware_version, "");
    }
}

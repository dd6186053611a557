//! The platform starts, stops and sets.

use super::*;

#[test]
fn obeys_a_remote_start_and_stop() {
    let mut world = World::working(without_walk_ins(2), ModelOptions::default());
    world.sent.clear();
    world.receive([1, 2], &start_request(2, 0));
    assert_eq!(world.types(), [0x33, 0x13, 0x15, 0x17]);
    let Message::RemoteStartResponse(answer) = &world.sent[0].1 else { panic!("0x33") };
    assert_eq!((answer.start_result, answer.fail_reason), (Outcome::Succeeded, RemoteStartFailure::None));
    world.receive([1, 3], &start_request(2, 0));
    let Message::RemoteStartResponse(answer) = &world.sent[4].1 else { panic!("0x33") };
    assert_eq!((answer.start_result, answer.fail_reason), (Outcome::Failed, RemoteStartFailure::AlreadyCharging));

    world.run_until(|world| world.tick >= 60_000);
    world.sent.clear();
    world.receive([1, 4], &stop_request(2));
    assert_eq!(world.types(), [0x35, 0x19, 0x3B, 0x13]);
    let record = world.records()[0];
    check_record(record);
    assert_eq!((record.start_source, record.stop_reason), (StartSource::App, StopReason(0x40)));
    assert_eq!(record.transaction_number, TransactionNumber([0x42; 16]));
    assert!(record.total_energy.raw() > 0);

    world.sent.clear();
    world.receive([1, 5], &stop_request(2));
    let Message::RemoteStopResponse(answer) = &world.sent[0].1 else { panic!("0x35") };
    assert_eq!((answer.stop_result, answer.fail_reason), (Outcome::Failed, RemoteStopFailure::NotCharging));
    assert_eq!(world.types(), [0x35]);
}

#[test]
fn an_empty_account_ends_a_charge_unless_it_is_topped_up() {
    let spend = |top_up: Option<(u32, [u8; 8])>| {
        let mut world = World::working(without_walk_ins(1), ModelOptions::default());
        world.receive([1, 2], &start_request(1, 500));
        if let Some((balance, card)) = top_up {
            let request = BalanceUpdateRequest {
                pile_code: PILE,
                connector_number: ConnectorNumber::bcd(1),
                physical_card_number: Bytes(card),
                new_balance: Yuan::from_raw(balance),
                ..Default::default()
            };
            world.receive([1, 3], &request.into());
            assert_eq!(world.types().last(), Some(&0x41));
        }
        world.run_until(|world| !world.records().is_empty());
        let record = world.records()[0].clone();
        check_record(&record);
        record
    };
    let record = spend(None);
    assert_eq!(record.stop_reason, StopReason(0x6E));
    assert!((50_000..60_000).contains(&record.total_amount.raw()), "{:?}", record.total_amount);
    assert!(spend(Some((1_000, [7; 8]))).total_amount.raw() >= 100_000);
    let any_card = [0; 8];
    assert!(spend(Some((1_000, any_card))).total_amount.raw() >= 100_000);
    let other_card = [8; 8];
    assert!(spend(Some((1_000, other_card))).total_amount.raw() < 60_000);
}

#[test]
fn nobody_charges_without_a_tariff() {
    let mut world = World::new(PileSetup::dc(PILE, 1), ModelOptions::default());
    world.silent_on = &[0x05];
    world.connect();
    world.receive([1, 2], &start_request(1, 0));
    let Some((_, Message::RemoteStartResponse(answer))) = world.sent.last() else { panic!("0x33") };
    assert_eq!(answer.fail_reason, RemoteStartFailure::Tariff);
    world.run_until(|world| world.tick >= HOUR_MS);
    assert_eq!(world.pile.charging(), 0);
}

#[test]
fn a_locked_pile_stops_and_lets_nobody_start() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.receive([1, 2], &start_request(1, 0));
    let lock = |work_permission, percent| {
        WorkParametersSetRequest {
            pile_code: PILE,
            work_permission,
            max_power_percent: PowerPercent::from_raw(percent),
            ..Default::default()
        }
        .into()
    };
    world.receive([1, 3], &lock(WorkPermission::Locked, 100));
    assert_eq!(world.records()[0].stop_reason, StopReason(0x6A));
    world.receive([1, 4], &start_request(1, 0));
    let Some((_, Message::RemoteStartResponse(answer))) = world.sent.last() else { panic!("0x33") };
    assert_eq!(answer.fail_reason, RemoteStartFailure::Disabled);
    world.receive([1, 5], &lock(WorkPermission::Allowed, 50));
    world.receive([1, 6], &start_request(1, 0));
    assert_eq!(world.pile.charging(), 1);
}

#[test]
fn the_clock_of_the_platform_is_the_clock_of_the_bill() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    let tomorrow = civil_time(START_UNIX_MS + 24 * HOUR_MS);
    let clock = ClockSyncRequest { pile_code: PILE, current_time: Cp56Time::new(tomorrow), ..Default::default() };
    world.receive([1, 2], &clock.into());
    world.receive([1, 3], &start_request(1, 0));
    world.receive([1, 4], &stop_request(1));
    assert_eq!(world.records()[0].start_time.civil(), Some(tomorrow));
}

#[test]
fn a_reboot_costs_the_connection() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.receive([1, 2], &start_request(1, 0));
    let reboot = |execute_mode| RebootRequest { pile_code: PILE, execute_mode, ..Default::default() }.into();
    world.receive([1, 3], &reboot(ExecuteMode::WhenIdle));
    assert!(!world.closed, "a car charges");
    world.receive([1, 4], &stop_request(1));
    world.run_until(|world| world.closed);
    assert_eq!(world.records().len(), 1);
    world.connect();
    assert!(world.pile.snapshot().is_working);
    world.receive([1, 5], &reboot(ExecuteMode::Now));
    assert!(world.closed);
}

#[test]
fn only_an_idle_pile_takes_a_tariff() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    let set = TariffSetRequest { pile_code: PILE, tariff_id: TariffId([0, 9]), ..Default::default() };
    let result = |world: &World| match world.sent.last() {
        Some((_, Message::TariffSetResponse(answer))) => answer.set_result,
        other => panic!("{other:?}"),
    };
    world.receive([1, 2], &start_request(1, 0));
    world.receive([1, 3], &set.clone().into());
    assert_eq!((result(&world), world.pile.snapshot().tariff_id), (Outcome::Failed, tariff().id));
    world.receive([1, 4], &stop_request(1));
    world.receive([1, 5], &set.into());
    assert_eq!((result(&world), world.pile.snapshot().tariff_id), (Outcome::Succeeded, TariffId([0, 9])));
}

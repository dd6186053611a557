//! Mains fail, power is limited, somebody presses the reset button.

use std::time::Duration;

use voltapile_protocol::wire::{Kilowatts, Minutes};

use super::*;

fn charging(connectors: u8) -> World {
    let mut world = World::working(without_walk_ins(connectors), ModelOptions::default());
    world.ask(start_request(1, 0));
    world.run_for(60_000);
    world.sent.clear();
    world
}

#[test]
fn a_power_cut_ends_a_charge_without_a_word_and_the_record_comes_after_the_boot() {
    let mut world = charging(2);
    let cut_at = world.now();
    world.act(Action::PowerCut { lasts: Duration::from_secs(300) });
    assert!(world.closed && world.sent.is_empty(), "{:?}", world.sent);
    assert_eq!(world.pile.dials_at(), Some(Tick(world.tick + 300_000)));
    assert_eq!((world.pile.charging(), world.pile.snapshot().unconfirmed_records), (0, 1));
    assert_eq!(world.pile.next_deadline(), world.pile.dials_at());
    world.connect();
    world.ask(start_request(1, 0));
    assert!(world.sent.is_empty(), "there is nobody to dial or to answer");
    world.act(Action::Ask { connector: 2, credential: Credential::Vin });
    assert_eq!(world.connector(2).last_refusal, Some(Refusal::Pile(RemoteStartFailure::DeviceOffline)));

    world.run_for(300_000);
    assert_eq!(world.pile.dials_at(), None);
    world.connect();
    let record = world.records()[0];
    check_record(record);
    assert_eq!((record.stop_reason, record.end_time.civil()), (StopReason(0x83), Some(civil_time(cut_at.unix_ms))));
    assert!(record.total_energy.raw() > 0);
    assert_eq!(world.pile.snapshot().unconfirmed_records, 0);
    world.ask(start_request(1, 0));
    assert_eq!(world.pile.charging(), 1, "the tariff is in flash");
}

#[test]
fn a_clock_without_a_battery_begins_anew_after_a_power_cut() {
    let mut world = world_with(Behaviour { clock_of_1999: true, ..Behaviour::default() });
    world.run_for(HOUR_MS);
    world.act(Action::PowerCut { lasts: Duration::from_secs(10) });
    world.run_for(10_000);
    world.connect();
    world.ask(start_request(1, 0));
    world.ask(stop_request(1));
    assert_eq!(world.records()[0].start_time.0, [0, 0, 0, 0, 1, 1, 99]);
}

#[test]
fn the_reset_button_ends_charges_and_costs_the_connection() {
    let mut world = charging(1);
    world.act(Action::Reboot);
    assert!(world.closed && world.pile.dials_at().is_none());
    assert_eq!(world.records()[0].stop_reason, StopReason(0x6A));
    world.connect();
    assert!(world.pile.snapshot().is_working);
}

fn limit(world: &mut World, tenths_kw: u16, priority: u8, minutes: u16) -> Outcome {
    let answers = world.ask(PowerLimitRequest {
        pile_code: PILE,
        connector_number: ConnectorNumber::bcd(1),
        max_power: Kilowatts::from_raw(tenths_kw),
        priority,
        duration: Minutes::from_raw(minutes),
        ..Default::default()
    });
    let [Message::PowerLimitResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(answer.connector_number.number(), 1);
    answer.set_result
}

/// Power of the next 0x13 of a connector, in watts.
fn power_w(world: &mut World, connector: u8) -> u64 {
    world.run_for(30_000);
    let mut reports = world.sent.iter().rev().filter_map(|(_, message)| match message {
        Message::RealtimeReport(report) if report.connector_number.number() == connector => Some(report),
        _ => None,
    });
    let report = reports.next().expect("0x13 every 15 s");
    report.output_voltage.raw() * report.output_current.raw() / 100
}

#[test]
fn a_limit_holds_for_its_connector_and_its_time() {
    let mut world = charging(2);
    world.ask(start_request(2, 0));
    let (free, other) = (power_w(&mut world, 1), power_w(&mut world, 2));
    assert!(free > 40_000 && other > 40_000);
    assert_eq!(limit(&mut world, 200, 0, 10), Outcome::Succeeded);
    assert!((19_000..=20_000).contains(&power_w(&mut world, 1)));
    assert!(power_w(&mut world, 2) > 40_000, "the other one is free");
    world.run_for(600_000);
    assert_eq!(world.connector(1).power_limit_w, None);
    assert!(power_w(&mut world, 1) > 40_000);
}

#[test]
fn a_limit_without_a_time_ends_with_the_charge() {
    let mut world = charging(1);
    limit(&mut world, 100, 0, 0);
    assert!(power_w(&mut world, 1) <= 10_000);
    world.ask(stop_request(1));
    assert_eq!(world.connector(1).power_limit_w, None);
}

#[test]
fn a_limit_gives_way_to_a_higher_priority_only() {
    let mut world = charging(1);
    assert_eq!(limit(&mut world, 100, 5, 0), Outcome::Succeeded);
    assert_eq!(limit(&mut world, 300, 4, 0), Outcome::Failed);
    assert_eq!(world.connector(1).power_limit_w, Some(10_000));
    assert_eq!(limit(&mut world, 300, 5, 0), Outcome::Succeeded);
    assert_eq!(world.connector(1).power_limit_w, Some(30_000));
}

#[test]
fn a_limit_of_the_bull_is_in_whole_kilowatts() {
    let bull = Firmware::named("gongniu").unwrap();
    let mut world = World::new(without_walk_ins(1).with_firmware(bull), ModelOptions::default());
    world.dialect = Dialect::Gongniu;
    world.connect();
    let request = PowerLimitRequestWhole {
        pile_code: PILE,
        connector_number: ConnectorNumber(1),
        max_power: Kilowatts::from_raw(30),
        ..Default::default()
    };
    world.ask(request);
    assert_eq!(world.connector(1).power_limit_w, Some(30_000));
}

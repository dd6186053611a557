//! People come, charge with offline cards, and leave.

use super::*;

#[test]
fn an_offline_charge_yields_one_consistent_record() {
    let mut world = World::working(PileSetup::dc(PILE, 1), ModelOptions { speed: 1, seed: 3 });
    world.run_until(|world| !world.records().is_empty());
    let end = world.tick;
    world.run_until(|world| world.tick >= end + 30_000);
    let records = world.records();
    assert_eq!(records.len(), 1);
    check_record(records[0]);
    assert_eq!(records[0].start_source, StartSource::OfflineCard);
    assert!(records[0].total_energy.raw() > 100_000, "more than 10 kWh");
    assert_eq!(records[0].transaction_number.0[..8], [0x32, 0x01, 0x06, 0, 0, 0, 0x01, 0x01]);
    assert_eq!(world.pile.snapshot().unconfirmed_records, 0);
}

#[test]
fn a_charge_is_told_in_the_order_of_the_specification() {
    let mut world = World::working(PileSetup::dc(PILE, 1), ModelOptions { speed: 1, seed: 3 });
    world.run_until(|world| !world.records().is_empty());
    let told: Vec<u8> = world.types().into_iter().filter(|code| *code != 0x03).collect();
    assert_eq!(told[..4], [0x01, 0x05, 0x13, 0x09]);
    let start = told.iter().position(|code| *code == 0x15).unwrap();
    assert_eq!(told[start - 1..=start + 1], [0x13, 0x15, 0x17]);
    assert_eq!(told[told.len() - 3..], [0x19, 0x3B, 0x13]);
    let number = world.records()[0].transaction_number;
    for (_, message) in &world.sent {
        match message {
            Message::RealtimeReport(report) if report.connector_state == ConnectorState::Charging => {
                assert_eq!(report.transaction_number, number);
            }
            Message::RealtimeReport(report) => assert!(report.transaction_number.is_zero()),
            Message::BmsStatus(status) => assert_eq!(status.transaction_number, number),
            _ => {}
        }
    }
}

#[test]
fn reports_come_by_the_periods_of_the_specification() {
    let mut world = World::working(PileSetup::dc(PILE, 1), ModelOptions { speed: 1, seed: 3 });
    world.run_until(|world| !world.records().is_empty());
    let charging = report_times(&world, ConnectorState::Charging);
    assert!(charging.len() > 50);
    assert!(charging.windows(2).all(|pair| pair[1] - pair[0] == 15_000));
    let demands = world.sent.iter().filter(|(_, message)| message.frame_type() == 0x23).count();
    assert!(charging.len().abs_diff(demands) <= 1);

    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.run_until(|world| world.tick >= HOUR_MS);
    let idle = report_times(&world, ConnectorState::Idle);
    assert_eq!(idle, (0..=12).map(|report| report * 300_000).collect::<Vec<_>>());
}

fn report_times(world: &World, state: ConnectorState) -> Vec<u64> {
    let reports = world.sent.iter().filter_map(|(at, message)| match message {
        Message::RealtimeReport(report) if report.connector_state == state => Some(*at),
        _ => None,
    });
    reports.collect()
}

#[test]
fn the_same_seed_tells_the_same_story() {
    let story = |seed| {
        let mut world = World::working(PileSetup::dc(PILE, 2), ModelOptions { speed: 60, seed });
        world.run_until(|world| world.records().len() >= 4);
        world.records().into_iter().for_each(check_record);
        world.raw
    };
    assert_eq!(story(1), story(1));
    assert_ne!(story(1), story(2));
}

#[test]
fn a_fast_clock_shows_a_charge_in_a_minute_or_two() {
    let mut world = World::working(PileSetup::dc(PILE, 1), ModelOptions { speed: 60, seed: 5 });
    world.run_until(|world| world.records().len() >= 3);
    assert!(world.tick < 6 * 60_000, "three charges took {} s", world.tick / 1_000);
    let reports: Vec<u64> =
        world.sent.iter().filter(|(_, message)| message.frame_type() == 0x23).map(|(at, _)| *at).collect();
    assert!(reports.len() > 20);
    assert!(reports.windows(2).all(|pair| pair[1] - pair[0] >= 2_000));
}

#[test]
fn an_ac_pile_says_nothing_of_the_battery() {
    let mut world = World::working(PileSetup::ac(PILE, 1), ModelOptions { speed: 60, seed: 1 });
    world.run_until(|world| !world.records().is_empty());
    check_record(world.records()[0]);
    assert_eq!(world.records()[0].vin.0, [0; 17]);
    assert!(world.types().iter().all(|code| ![0x15, 0x17, 0x19, 0x23, 0x25].contains(code)));
}

#[test]
fn charges_on_without_a_platform_and_bills_after_the_reconnect() {
    let mut world = World::working(PileSetup::dc(PILE, 1), ModelOptions { speed: 60, seed: 2 });
    world.run_until(|world| world.pile.charging() == 1);
    world.pile.disconnected();
    world.sent.clear();
    world.run_until(|world| world.pile.snapshot().unconfirmed_records == 2);
    assert!(world.sent.is_empty());
    world.connect();
    assert_eq!(world.records().len(), 2);
    world.records().into_iter().for_each(check_record);
    assert_eq!(world.pile.snapshot().unconfirmed_records, 0);
}

#[test]
fn an_unconfirmed_record_is_sent_again_unchanged() {
    let mut world = World::working(PileSetup::dc(PILE, 1), ModelOptions { speed: 1, seed: 3 });
    world.silent_on = &[0x3B];
    world.run_until(|world| world.records().len() >= 2);
    assert_eq!(world.records()[0], world.records()[1]);
}

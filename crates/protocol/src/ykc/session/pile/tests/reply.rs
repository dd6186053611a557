//! What the pile answers, and with which sequence number.

use super::*;

#[test]
fn answers_what_needs_no_model_with_the_number_of_the_request() {
    let mut world = World::working(|_| {});
    let time = Cp56Time([1, 2, 3, 4, 5, 6, 7]);
    let clock = ClockSyncRequest { pile_code: PILE, current_time: time, ..Default::default() };
    assert_eq!(world.receive([9, 1], clock), Some(PileEvent::ClockSet(time)));
    let reboot = RebootRequest { pile_code: PILE, execute_mode: ExecuteMode::Now, ..Default::default() };
    assert_eq!(world.receive([9, 2], reboot), Some(PileEvent::Reboot(ExecuteMode::Now)));
    let work = WorkParametersSetRequest {
        pile_code: PILE,
        work_permission: WorkPermission::Locked,
        max_power_percent: PowerPercent::from_raw(50),
        ..Default::default()
    };
    let limited = PileEvent::WorkParametersSet { permission: WorkPermission::Locked, max_power_percent: 50 };
    assert_eq!(world.receive([9, 3], work), Some(limited));
    let sequences: Vec<_> = world.sent.iter().map(|(message, sequence, _)| (message.frame_type(), *sequence)).collect();
    assert_eq!(sequences, [(0x55, [9, 1]), (0x91, [9, 2]), (0x51, [9, 3])]);
}

#[test]
fn leaves_to_the_model_whether_a_tariff_comes_at_the_wrong_time() {
    let mut world = World::new(|_| {});
    world.connect();
    world.log_in();
    let set = TariffSetRequest { pile_code: PILE, tariff_id: TariffId([0, 2]), ..Default::default() };
    assert_eq!(world.receive([9, 4], set.clone()), Some(PileEvent::Request(Box::new(set.into()))));
    assert!(!world.session.is_working());
    world.session.adopt_tariff(TariffId([0, 2]));
    assert!(world.session.is_working());
    assert_eq!(world.session.tariff_id(), TariffId([0, 2]));
    world.sent.clear();
    let mut out = Vec::new();
    world.session.send(&TariffSetResponse { pile_code: PILE, ..Default::default() }.into(), &mut out).unwrap();
    world.collect(&out);
    assert_eq!(world.sent[0].1, [9, 4]);
}

#[test]
fn answers_about_two_connectors_in_the_other_order_keep_their_numbers() {
    let mut world = World::working(|_| {});
    for (connector, sequence) in [(1, [5, 1]), (2, [5, 2])] {
        let lower = ParkingLockControlRequest {
            pile_code: PILE,
            connector_number: ConnectorNumber(connector),
            ..Default::default()
        };
        world.receive(sequence, lower);
    }
    let mut out = Vec::new();
    for connector in [2, 1] {
        let answer = ParkingLockControlResponse {
            pile_code: PILE,
            connector_number: ConnectorNumber(connector),
            ..Default::default()
        };
        world.session.send(&answer.into(), &mut out).unwrap();
    }
    world.collect(&out);
    assert_eq!(world.sent.iter().map(|(_, sequence, _)| *sequence).collect::<Vec<_>>(), [[5, 2], [5, 1]]);
}

#[test]
fn replies_of_the_model_repeat_the_number_of_their_request() {
    let mut world = World::working(|_| {});
    let ask = |connector| RealtimeReadRequest {
        pile_code: PILE,
        connector_number: ConnectorNumber::bcd(connector),
        ..Default::default()
    };
    assert_eq!(world.receive([4, 1], ask(1)), Some(PileEvent::RealtimeWanted { connector: 1 }));
    assert_eq!(world.receive([4, 2], ask(2)), Some(PileEvent::RealtimeWanted { connector: 2 }));
    let stop = RemoteStopRequest { pile_code: PILE, connector_number: ConnectorNumber::bcd(1), ..Default::default() };
    assert_eq!(world.receive([4, 3], stop.clone()), Some(PileEvent::Request(Box::new(stop.into()))));
    let mut out = Vec::new();
    for connector in [2, 1, 1] {
        let report =
            RealtimeReport { pile_code: PILE, connector_number: ConnectorNumber::bcd(connector), ..Default::default() };
        world.session.send(&report.into(), &mut out).unwrap();
    }
    world.collect(&out);
    let sequences: Vec<_> = world.sent.iter().map(|(_, sequence, _)| *sequence).collect();
    assert_eq!(sequences[..2], [[4, 2], [4, 1]]);
    assert_eq!(sequences[2], [3, 0], "nobody asked for the third: 0x01, 0x05 and 0x03 took 0 to 2");
}

//! Hardware breaks, charges break off, plugs are pulled.

use voltapile_protocol::wire::Bits;
use voltapile_protocol::ykc::field::HardwareFaults;

use super::*;

fn charging() -> World {
    let mut world = World::working(without_walk_ins(2), ModelOptions::default());
    world.receive([1, 2], &start_request(1, 0));
    world.run_for(30_000);
    world.sent.clear();
    world
}

fn faults(connector: u8, bits: u16) -> Action {
    Action::SetFaults { connector, faults: HardwareFaults(bits) }
}

#[test]
fn a_fault_shows_at_once_and_lets_nobody_start_until_it_is_repaired() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.sent.clear();
    world.act(faults(1, 1 << 13));
    let [(_, Message::RealtimeReport(report))] = world.sent.as_slice() else { panic!("{:?}", world.sent) };
    assert_eq!((report.connector_state, report.hardware_faults), (ConnectorState::Fault, HardwareFaults(1 << 13)));
    let answers = world.ask(start_request(1, 0));
    let [Message::RemoteStartResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(answer.fail_reason, RemoteStartFailure::DeviceFault);
    world.act(Action::Ask { connector: 1, credential: Credential::Vin });
    assert_eq!(world.connector(1).last_refusal, Some(Refusal::Pile(RemoteStartFailure::DeviceFault)));
    world.run_for(10_000);
    let heartbeats = world.sent.iter().filter_map(|(_, message)| match message {
        Message::HeartbeatRequest(heartbeat) => Some(heartbeat.connector_health),
        _ => None,
    });
    assert!(heartbeats.eq([ConnectorHealth::Fault]));

    world.act(faults(1, 0));
    assert_eq!(world.connector(1).state, ConnectorState::Idle);
    world.ask(start_request(1, 0));
    assert_eq!(world.pile.charging(), 1);
}

#[test]
fn an_emergency_stop_ends_the_charge_and_a_broken_card_reader_does_not() {
    let mut world = charging();
    world.act(faults(1, 1 << 8));
    let Some((_, Message::RealtimeReport(report))) = world.sent.last() else { panic!("0x13") };
    assert_eq!((report.connector_state, report.hardware_faults.0), (ConnectorState::Charging, 1 << 8));
    world.act(faults(1, 1 << 1));
    check_record(world.records()[0]);
    assert_eq!(world.records()[0].stop_reason, StopReason(0x72));
    let Some((_, Message::RealtimeReport(report))) = world.sent.last() else { panic!("0x13") };
    assert_eq!((report.connector_state, report.hardware_faults.0), (ConnectorState::Fault, 1 << 1));
}

#[test]
fn a_charge_breaks_off_with_its_frame_before_the_record() {
    for (cause, code, reason) in
        [(BreakOff::BmsError, 0x1B, 0x84), (BreakOff::BmsAbort, 0x1D, 0x7C), (BreakOff::ChargerAbort, 0x21, 0x72)]
    {
        let mut world = charging();
        world.act(Action::BreakOff { connector: 2, cause });
        assert!(world.sent.is_empty(), "nobody charges there");
        world.act(Action::BreakOff { connector: 1, cause });
        assert_eq!(world.types(), [code, 0x19, 0x3B, 0x13]);
        assert_eq!(world.records()[0].stop_reason, StopReason(reason));
        match &world.sent[0].1 {
            Message::BmsError(error) => assert_eq!(error.cem_bcs_timeout, Bits(TimeoutState::Timeout)),
            Message::BmsAbort(abort) => assert_eq!(abort.fault_battery_overtemp, Bits(AbortFlag::Yes)),
            Message::ChargerAbort(abort) => assert_eq!(abort.fault_emergency_stop, Bits(AbortFlag::Yes)),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_pulled_plug_ends_the_charge_at_once() {
    let mut world = charging();
    world.act(Action::Unplug { connector: 1 });
    assert_eq!(world.types(), [0x19, 0x3B, 0x13, 0x13]);
    assert_eq!(world.records()[0].stop_reason, StopReason(0x6B));
    assert!(!world.connector(1).is_plugged);
    world.sent.clear();
    world.act(Action::Unplug { connector: 1 });
    world.act(Action::Unplug { connector: 7 });
    assert!(world.sent.is_empty());
}

#[test]
fn a_car_that_was_plugged_in_stays_until_it_is_unplugged() {
    let mut world = World::working(without_walk_ins(1), ModelOptions::default());
    world.act(Action::Plug { connector: 1, car: CarWish::of(*b"LVPTEST10SA000001") });
    world.run_for(24 * HOUR_MS);
    world.receive([1, 2], &start_request(1, 0));
    world.run_until(|world| !world.records().is_empty());
    world.run_for(24 * HOUR_MS);
    assert_eq!(world.connector(1).vin.as_deref(), Some("LVPTEST10SA000001"));
    world.act(Action::Unplug { connector: 1 });
    assert_eq!((world.connector(1).is_plugged, world.connector(1).vin), (false, None));
}

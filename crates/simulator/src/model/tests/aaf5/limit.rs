//! What the platform limits and sets during a charge.

use super::*;

/// A car that takes 60 kW and more charges at connector 1.
fn charging() -> World {
    let mut world = World::by_the_book();
    let car = CarWish { soc_percent: Some(20), max_power_w: Some(100_000), ..CarWish::default() };
    world.act(Action::Plug { connector: 1, car });
    world.hear(start(StartMode::Immediate, StartStrategy::UntilFull, 0));
    world.run_for(60_000);
    assert!(power(&world) > 500, "{}", power(&world));
    world
}

/// Power that 104 told last, 0.1 kW.
fn power(world: &World) -> u64 {
    world.status(1).power.raw()
}

#[test]
fn power_is_limited_until_the_limit_is_lifted() {
    let mut world = charging();
    world.control(ControlIndex::MaximumPower, 200);
    world.run_for(60_000);
    assert!((150..=200).contains(&power(&world)), "{}", power(&world));
    assert_eq!(world.connector(1).power_limit_w, Some(20_000));
    world.stop();
    world.hear(StartRequest { transaction_number: None, ..start(StartMode::Immediate, StartStrategy::UntilFull, 0) });
    world.run_for(60_000);
    assert!((150..=200).contains(&power(&world)), "the next charge is limited as well: {}", power(&world));
    world.control(ControlIndex::MaximumPower, 0);
    world.run_for(60_000);
    assert!(power(&world) > 500, "{}", power(&world));
}

#[test]
fn a_restart_forgets_a_power_limit() {
    let mut world = charging();
    world.control(ControlIndex::MaximumPower, 200);
    let mut out = Vec::new();
    assert_eq!(world.pile.act(world.now(), Action::Reboot, &mut out), Link::Close);
    assert_eq!(world.connector(1).power_limit_w, None);
}

#[test]
fn current_is_limited_for_one_charge() {
    let mut world = charging();
    world.control(ControlIndex::CurrentLimit, 300);
    world.run_for(60_000);
    assert_eq!(world.status(1).dc_current.0, 300, "in 0.1 A");
    world.stop();
    world.hear(StartRequest { transaction_number: None, ..start(StartMode::Immediate, StartStrategy::UntilFull, 0) });
    world.run_for(60_000);
    assert!(world.status(1).dc_current.0 > 300);
}

#[test]
fn power_is_limited_while_the_platform_cannot_be_reached() {
    let unlimited = energy_offline(&mut charging());
    let mut world = charging();
    world.control(ControlIndex::OfflinePowerLimit, 200);
    world.run_for(60_000);
    assert!(power(&world) > 500, "it can be reached");
    let by_control = energy_offline(&mut world);
    let mut world = charging();
    let values = vec![IntegerValue { value: 200 }];
    let (action, first_index) = (voltapile_protocol::aaf5::code::ParameterAction::Set, 88);
    world.hear(IntegerParameterRequest { action, first_index, count: 1, byte_count: 4, values, ..Default::default() });
    let by_parameter = energy_offline(&mut world);
    assert!(by_control < unlimited / 2 && by_parameter < unlimited / 2, "{unlimited} {by_control} {by_parameter}");
}

/// Energy of ten minutes without a connection.
fn energy_offline(world: &mut World) -> u32 {
    let before = world.connector(1).energy;
    world.pile.disconnected();
    world.run_for(600_000);
    world.connector(1).energy - before
}

#[test]
fn the_balance_of_a_charge_can_be_updated() {
    let mut world = charging();
    let values = [1, 1_234_500].map(|value| IntegerValue { value }).to_vec();
    let (action, first_index) = (voltapile_protocol::aaf5::code::ParameterAction::Set, 91);
    world.hear(IntegerParameterRequest { action, first_index, count: 2, byte_count: 8, values, ..Default::default() });
    assert_eq!(world.connector(1).balance, Some(1_234_500));
}

/// 1: sets an integer parameter.
fn set(world: &mut World, first_index: u32, value: u32) {
    let (action, values) = (voltapile_protocol::aaf5::code::ParameterAction::Set, vec![IntegerValue { value }]);
    world.hear(IntegerParameterRequest { action, first_index, count: 1, byte_count: 4, values, ..Default::default() });
}

#[test]
fn two_limits_of_one_message_both_hold() {
    let mut world = charging();
    world.control_of(1, ControlIndex::OfflinePowerLimit, &[200, 300]);
    world.run_for(60_000);
    assert_eq!(world.status(1).dc_current.0, 300);
    let limited = energy_offline(&mut world);
    assert!(limited < energy_offline(&mut charging()) / 2, "{limited}");
}

#[test]
fn an_emergency_stop_from_afar_ends_charges_and_keeps_from_others() {
    let mut world = charging();
    set(&mut world, 85, 1);
    assert_eq!((world.pile.charging(), world.record().stop_reason.0), (0, 302));
    assert_eq!([1, 2].map(|connector| world.status(connector).work_state), [WorkState::Fault; 2]);
    let again = StartRequest { transaction_number: None, ..start(StartMode::Immediate, StartStrategy::UntilFull, 0) };
    world.hear(again.clone());
    assert_eq!(world.start_result(), 5);
    set(&mut world, 85, 0);
    world.hear(again);
    assert_eq!((world.start_result(), world.pile.charging()), (0, 1));
}

#[test]
fn charges_end_at_the_highest_state_of_charge() {
    let mut world = charging();
    let soc = world.status(1).soc.raw() as u32 + 2;
    set(&mut world, 89, soc);
    world.run_for(30 * 60_000);
    let record = world.record();
    assert_eq!((record.stop_reason.0, record.soc_end.raw() as u32), (316, soc));
}

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

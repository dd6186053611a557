//! 108.

use voltapile_protocol::ykc::field::HardwareFaults;

use super::*;

/// When 108 came, and whether anything held.
fn told(world: &World) -> Vec<bool> {
    let reports = world.said.iter().filter_map(|message| match message {
        Message::AlarmReport(report) => Some(report.alarms.0.iter().any(|byte| *byte != 0)),
        _ => None,
    });
    reports.collect()
}

fn set_faults(world: &mut World, connector: u8, bits: u16) {
    world.act(Action::SetFaults { connector, faults: HardwareFaults(bits) });
}

#[test]
fn alarms_are_told_at_once_and_every_ten_minutes() {
    let mut world = World::by_the_book();
    world.run_for(9 * 60_000);
    assert_eq!(told(&world), [false; 0], "nothing holds, and nothing has changed");
    set_faults(&mut world, 2, 1 << 1);
    assert_eq!(told(&world), [true]);
    world.run_for(9 * 60_000 + 59_000);
    assert_eq!(told(&world), [true], "ten minutes are not over since");
    world.run_for(2_000);
    assert_eq!(told(&world), [true, true]);
    set_faults(&mut world, 2, 0);
    assert_eq!(told(&world), [true, true, false]);
    world.run_for(20 * 60_000 + 1_000);
    assert_eq!(told(&world), [true, true, false, false, false], "that nothing holds is told too");
}

#[test]
fn what_broke_while_nobody_could_be_told_is_told_after_the_sign_in() {
    let mut world = World::by_the_book();
    world.pile.disconnected();
    set_faults(&mut world, 1, 1 << 1);
    assert_eq!(told(&world), [false; 0]);
    let mut out = Vec::new();
    world.pile.connect(world.now(), &mut out);
    world.platform(&out);
    assert_eq!(told(&world), [true]);
}

#[test]
fn what_was_repaired_without_a_connection_is_told_after_the_next_sign_in() {
    let mut world = World::by_the_book();
    set_faults(&mut world, 1, 1 << 1);
    world.pile.disconnected();
    set_faults(&mut world, 1, 0);
    assert_eq!(told(&world), [true]);
    world.dial();
    assert_eq!(told(&world), [true, false]);
    world.reconnect();
    assert_eq!(told(&world), [true, false], "there is nothing new, and nothing holds");
}

#[test]
fn what_still_holds_is_told_on_every_connection() {
    let mut world = World::by_the_book();
    set_faults(&mut world, 1, 1 << 1);
    world.reconnect();
    assert_eq!(told(&world), [true, true]);
}

//! What a pile does after it was off.

use std::time::Duration;

use super::*;

/// Both ways to be off: the reset, and mains that fail.
fn off() -> [Action; 2] {
    [Action::Reboot, Action::PowerCut { lasts: Duration::from_secs(3) }]
}

/// A pile that billed two charges, has a limit and a suspended connector, and was off since.
fn after(action: Action) -> World {
    let mut world = World::by_the_book();
    for _ in 0..2 {
        let at_once = start(StartMode::Immediate, StartStrategy::UntilFull, 0);
        world.hear(StartRequest { transaction_number: None, ..at_once });
        world.run_for(60_000);
        world.stop();
    }
    world.control(ControlIndex::MaximumPower, 200);
    world.control_of(2, ControlIndex::SuspendService, &[0x55]);
    assert_eq!((world.count(222), world.pile.snapshot().unconfirmed_records), (2, 0));
    let mut out = Vec::new();
    assert_eq!(world.pile.act(world.now(), action, &mut out), Link::Close);
    world.run_for(5_000);
    world.dial();
    world
}

/// What each 106 said of how often the pile was switched on.
fn boots(world: &World) -> Vec<u32> {
    let boots = world.said.iter().filter_map(|message| match message {
        Message::SignInRequest(request) => Some(request.start_count),
        _ => None,
    });
    boots.collect()
}

#[test]
fn a_pile_that_was_off_counts_it_and_sends_its_last_records_again() {
    for action in off() {
        let mut world = after(action.clone());
        assert_eq!((boots(&world), world.count(222)), (vec![1, 2], 4), "{action:?}");
        world.reconnect();
        assert_eq!((boots(&world), world.count(222)), (vec![1, 2, 2], 4), "a lost connection is none");
    }
}

#[test]
fn a_pile_that_was_off_keeps_no_limits() {
    for action in off() {
        let world = after(action.clone());
        let limits = [1, 2].map(|number| world.connector(number).power_limit_w);
        assert_eq!((limits, world.connector(2).is_suspended), ([None; 2], false), "{action:?}");
    }
}

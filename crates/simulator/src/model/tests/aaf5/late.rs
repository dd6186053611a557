//! Firmware that answers a start when its charge has begun.

use voltapile_protocol::ykc::field::HardwareFaults;

use super::*;

const NEXT: &str = "32010600000001012611201600000002";

fn late(behaviour: Behaviour) -> World {
    let firmware = Aaf5Firmware::named("v2.6").unwrap();
    World::working(PileSetup { behaviour, ..firmware.on(PileSetup::dc(PILE, 2).unattended()) })
}

/// The results of all 8.
fn results(world: &World) -> Vec<u32> {
    let results = world.said.iter().filter_map(|message| match message {
        Message::StartResponse(answer) => Some(answer.result.0),
        _ => None,
    });
    results.collect()
}

fn at_once() -> StartRequest {
    start(StartMode::Immediate, StartStrategy::UntilFull, 0)
}

#[test]
fn a_start_is_answered_when_its_charge_has_begun() {
    let mut world = late(Behaviour::default());
    world.hear(at_once());
    assert_eq!(results(&world), [0; 0]);
    world.run_for(10_000);
    assert_eq!(results(&world), [0]);
}

#[test]
fn a_reservation_is_answered_at_once_and_cancelled_for_good() {
    let mut world = late(Behaviour::default());
    world.hear(start(StartMode::Reservation, StartStrategy::UntilFull, 0));
    assert_eq!(results(&world), [0]);
    world.control(ControlIndex::CancelReservation, 0x55);
    world.hear(StartRequest { transaction_number: Some(Text::new(NEXT).unwrap()), ..at_once() });
    world.run_for(200_000);
    assert_eq!((results(&world), world.pile.charging()), (vec![0, 0], 1), "one for each 7");
}

#[test]
fn a_start_of_which_nothing_comes_is_answered_with_why() {
    let mut world = late(Behaviour { start: StartBehaviour::NeverCharges, ..Behaviour::default() });
    world.hear(at_once());
    world.run_for(119_000);
    assert_eq!(results(&world), [0; 0]);
    world.run_for(2_000);
    assert_eq!(results(&world), [9], "not in time");

    let mut world = late(Behaviour::default());
    world.hear(at_once());
    world.act(Action::SetFaults { connector: 1, faults: HardwareFaults(1 << 2) });
    world.run_for(200_000);
    assert_eq!(results(&world), [30], "over before current flowed");
}

//! Starts that a pile must refuse, and what it does with the others.

use super::*;

const OTHER: &str = "32010600000001012611201600000002";

fn at_once() -> StartRequest {
    start(StartMode::Immediate, StartStrategy::UntilFull, 0)
}

#[test]
fn starts_that_make_no_sense_are_refused_with_their_codes() {
    let nowhere = StartRequest { connector_number: ConnectorNumber(3), ..at_once() };
    let cases = [
        (nowhere.clone(), 17),
        (start(StartMode::Unknown(9), StartStrategy::UntilFull, 0), 20),
        (start(StartMode::Immediate, StartStrategy::Unknown(9), 0), 21),
        (start(StartMode::Immediate, StartStrategy::ByEnergy, 99), 21),
        (start(StartMode::Immediate, StartStrategy::ByAmount, 99), 21),
        (start(StartMode::Scheduled, StartStrategy::ByTime, 299), 21),
    ];
    for (request, code) in cases {
        let mut world = World::by_the_book();
        world.hear(request.clone());
        world.run_for(60_000);
        assert_eq!((world.start_result(), world.pile.charging()), (code, 0), "{request:?}");
    }
    let mut world = World::working(PileSetup::ac(PILE, 2).unattended().speaking_aaf5());
    world.hear(nowhere);
    assert_eq!(world.start_result(), 100_005, "AC piles have a number of their own");
    world.hear(at_once());
    world.hear(at_once());
    assert_eq!(world.start_result(), 100_003);
}

#[test]
fn a_silent_pile_is_silent_about_nonsense_too() {
    let behaviour = Behaviour { start: StartBehaviour::Silent, ..Behaviour::default() };
    let mut world = World::working(PileSetup { behaviour, ..PileSetup::dc(PILE, 1).unattended().speaking_aaf5() });
    world.hear(start(StartMode::Unknown(9), StartStrategy::UntilFull, 0));
    world.hear(start(StartMode::Reservation, StartStrategy::UntilFull, 0));
    assert_eq!(world.count(8), 0);
}

#[test]
fn a_start_without_a_plug_is_refused_for_good() {
    let behaviour = Behaviour { demands_plug: true, ..Behaviour::default() };
    let mut world = World::working(PileSetup { behaviour, ..PileSetup::dc(PILE, 1).unattended().speaking_aaf5() });
    world.hear(at_once());
    assert_eq!(world.start_result(), 1);
    assert!(!world.connector(1).waits_for_plug);
    world.act(Action::Plug { connector: 1, car: CarWish::default() });
    world.run_for(120_000);
    assert_eq!((world.pile.charging(), world.count(8)), (0, 1), "what was refused does not come true");
    world.hear(at_once());
    assert_eq!((world.start_result(), world.pile.charging()), (0, 1));
}

#[test]
fn a_reservation_needs_no_plug_and_lets_only_its_user_charge() {
    let behaviour = Behaviour { demands_plug: true, ..Behaviour::default() };
    let mut world = World::working(PileSetup { behaviour, ..PileSetup::dc(PILE, 1).unattended().speaking_aaf5() });
    world.hear(start(StartMode::Reservation, StartStrategy::UntilFull, 0));
    assert_eq!((world.start_result(), world.status(1).work_state), (0, WorkState::Reserved));
    world.act(Action::Plug { connector: 1, car: CarWish::default() });
    let transaction_number = Some(Text::new(OTHER).unwrap());
    let theirs = StartRequest { card_number: Text::new("app-user-8").unwrap(), transaction_number, ..at_once() };
    world.hear(theirs);
    assert_eq!((world.start_result(), world.pile.charging()), (16, 0));
    world.act(Action::Ask { connector: 1, credential: Credential::Card(CARD, None) });
    assert_eq!((world.connector(1).last_refusal, world.count(204)), (Some(Refusal::Reserved), 0));
    world.hear(StartRequest { transaction_number, ..at_once() });
    assert_eq!((world.start_result(), world.pile.charging()), (0, 1));
    assert_eq!(world.connector(1).transaction_number.unwrap().as_str(), OTHER);
}

#[test]
fn whoever_reserved_with_a_card_may_swipe_it() {
    let mut world = World::by_the_book();
    let card_number = Text::new("D14B0001").unwrap();
    world.hear(StartRequest { card_number, ..start(StartMode::Reservation, StartStrategy::UntilFull, 0) });
    world.act(Action::Ask { connector: 1, credential: Credential::Card(CARD, None) });
    assert_eq!(world.count(204), 1);
}

#[test]
fn suspended_service_lets_a_charge_go_on() {
    let mut world = World::by_the_book();
    world.hear(at_once());
    world.run_for(60_000);
    world.control(ControlIndex::SuspendService, 0x55);
    world.run_for(60_000);
    assert_eq!((world.pile.charging(), world.pile.snapshot().is_locked), (1, true));
    world.hear(StartRequest { connector_number: ConnectorNumber(2), ..at_once() });
    assert_eq!(world.start_result(), 4);
    world.control(ControlIndex::SuspendService, 0);
    world.hear(StartRequest { connector_number: ConnectorNumber(2), ..at_once() });
    assert_eq!(world.start_result(), 0);
}

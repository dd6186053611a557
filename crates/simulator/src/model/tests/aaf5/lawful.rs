//! Starts that a pile must refuse, and what it does with the others.

use voltapile_protocol::aaf5::code::{ParameterAction, ReservationState};
use voltapile_protocol::wire::BytesToEnd;

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
        (start(StartMode::Scheduled, StartStrategy::UntilFull, 0), 20),
        (start(StartMode::Immediate, StartStrategy::ByTime, 299), 21),
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
fn a_reserved_connector_says_until_when_and_for_how_long() {
    let mut world = World::by_the_book();
    let start_time = BcdTime::new(civil_time(START_UNIX_MS + 600_000));
    for mode in [StartMode::Reservation, StartMode::Scheduled] {
        world.hear(StartRequest { start_time, ..start(mode, StartStrategy::UntilFull, 0) });
        let status = world.status(1);
        assert_eq!((status.work_state, status.reservation), (WorkState::Reserved, ReservationState::Active));
        assert_eq!((status.hold_minutes.raw(), status.start_time), (10, start_time));
        world.control(ControlIndex::CancelReservation, 0x55);
        assert_eq!(world.status(1).reservation, ReservationState::None);
    }
}

#[test]
fn a_scheduled_start_is_by_the_clock_of_the_pile() {
    let mut world = World::by_the_book();
    let an_hour_ahead = START_UNIX_MS + 3_600_000;
    let (action, value) = (ParameterAction::Set, BytesToEnd(BcdTime::new(civil_time(an_hour_ahead)).0.into()));
    world.hear(TextParameterRequest { action, index: 2, byte_count: 8, value, ..Default::default() });
    let start_time = BcdTime::new(civil_time(an_hour_ahead + 60_000));
    world.hear(StartRequest { start_time, ..start(StartMode::Scheduled, StartStrategy::UntilFull, 0) });
    world.run_for(50_000);
    assert_eq!(world.pile.charging(), 0);
    world.run_for(20_000);
    assert_eq!(world.pile.charging(), 1, "a minute by the clock that the platform set");
}

#[test]
fn a_visitor_asks_the_platform_and_leaves_what_is_reserved() {
    let mut world = World::working(PileSetup::dc(PILE, 1).speaking_aaf5());
    world.hear(start(StartMode::Reservation, StartStrategy::UntilFull, 0));
    world.run_for(9 * 60_000 + 50_000);
    world.hear(start(StartMode::Reservation, StartStrategy::UntilFull, 0));
    world.run_for(9 * 60_000 + 50_000);
    world.hear(start(StartMode::Reservation, StartStrategy::UntilFull, 0));
    world.run_for(9 * 60_000 + 50_000);
    assert_eq!(world.connector(1).last_refusal, Some(Refusal::Reserved));
    assert_eq!((world.status(1).work_state, world.count(204)), (WorkState::Reserved, 0));
    world.control(ControlIndex::CancelReservation, 0x55);
    world.run_for(30_000);
    assert!(world.count(204) > 0 && world.pile.charging() == 0, "nobody consented");
    world.hear(AccountQueryResponse { account_balance: Yuan::from_raw(10_000), ..Default::default() });
    assert_eq!(world.pile.charging(), 1);
}

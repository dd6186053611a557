//! Service that the platform suspends: of a connector with 5, of the pile with 105.

use voltapile_protocol::aaf5::code::Service;

use super::*;

fn start_at(connector: u8) -> StartRequest {
    let at_once = start(StartMode::Immediate, StartStrategy::UntilFull, 0);
    StartRequest { connector_number: ConnectorNumber(connector), transaction_number: None, ..at_once }
}

#[test]
fn a_suspended_connector_says_so_at_once_and_refuses() {
    let mut world = World::by_the_book();
    world.control(ControlIndex::SuspendService, 0x55);
    assert_eq!((world.states(1), world.states(2).len()), (vec![WorkState::Idle, WorkState::Suspended], 1));
    world.hear(start_at(1));
    assert_eq!(world.start_result(), 4);
    world.hear(start_at(2));
    assert_eq!((world.start_result(), world.pile.snapshot().charging()), (0, vec![2]));
    assert!(!world.pile.snapshot().is_locked, "the other connector is in service");
    world.control_of(2, ControlIndex::SuspendService, &[0x55]);
    assert!(world.pile.snapshot().is_locked);
    world.control(ControlIndex::SuspendService, 0);
    assert_eq!(world.states(1).last(), Some(&WorkState::Idle));
    world.hear(start_at(1));
    assert_eq!(world.start_result(), 0);
}

#[test]
fn suspended_service_lets_a_charge_go_on() {
    let mut world = World::by_the_book();
    world.hear(start_at(1));
    world.run_for(60_000);
    world.control(ControlIndex::SuspendService, 0x55);
    world.run_for(60_000);
    assert_eq!((world.pile.charging(), world.status(1).work_state), (1, WorkState::Charging));
    world.stop();
    assert_eq!(world.status(1).work_state, WorkState::Suspended);
}

#[test]
fn a_later_sign_in_suspends_the_whole_pile() {
    let mut world = World::by_the_book();
    let random = world.said.iter().find_map(|message| match message {
        Message::SignInRequest(request) => Some(request.random),
        _ => None,
    });
    let word = |service| SignInResponse { random: random.unwrap(), service: Some(service), ..Default::default() };
    let with_all_before = |service| SignInResponse {
        login_check: Some(Default::default()),
        encryption: Some(Default::default()),
        rsa_modulus: Some(Bytes([0; 128])),
        rsa_exponent: Some(0),
        ..word(service)
    };
    for (service, state) in [(Service::Suspended, WorkState::Suspended), (Service::Normal, WorkState::Idle)] {
        world.hear(with_all_before(service));
        assert_eq!([1, 2].map(|connector| world.status(connector).work_state), [state; 2]);
    }
}

//! People at the pile: who asks without an answer, and who stops with a password.

use super::*;

#[test]
fn a_card_asks_again_until_it_is_answered() {
    let mut world = World::by_the_book();
    world.act(Action::Ask { connector: 1, credential: Credential::Card(CARD, None) });
    world.run_for(2_900);
    assert_eq!(world.count(204), 1);
    world.run_for(200);
    assert_eq!(world.count(204), 2, "3 s later");
    world.hear(AccountQueryResponse { answer: AccountAnswer::UnknownCard, ..Default::default() });
    world.run_for(60_000);
    assert_eq!(world.count(204), 2, "it was answered");
}

#[test]
fn a_card_that_nobody_answers_is_given_up_after_ten_seconds() {
    let mut world = World::by_the_book();
    world.act(Action::Ask { connector: 1, credential: Credential::Card(CARD, None) });
    world.run_for(9_500);
    assert_eq!((world.count(204), world.connector(1).is_asking), (4, true));
    world.run_for(60_000);
    assert_eq!((world.count(204), world.connector(1).last_refusal), (4, Some(Refusal::Unanswered)));
}

#[test]
fn whoever_leaves_asks_no_more() {
    let mut world = World::by_the_book();
    world.act(Action::Ask { connector: 1, credential: Credential::Card(CARD, None) });
    world.act(Action::Unplug { connector: 1 });
    world.run_for(60_000);
    assert_eq!(world.count(204), 1);
}

/// The results of 110 and 210, which the pile said.
fn results(world: &World) -> Vec<(u16, u32)> {
    let results = world.said.iter().filter_map(|message| match message {
        Message::StartCompleteReport(report) => Some((110, report.result.0)),
        Message::VinStartResult(result) => Some((210, result.result.0)),
        _ => None,
    });
    results.collect()
}

fn vin_consent() -> VinStartResponse {
    VinStartResponse {
        pile_code: Text::new(&PILE.to_string()).unwrap(),
        connector_number: ConnectorNumber(1),
        transaction_number: Text::new(NUMBER).unwrap(),
        result: VinResult::Accepted,
        ..Default::default()
    }
}

#[test]
fn what_cannot_begin_after_all_is_told() {
    let broken = Action::SetFaults { connector: 1, faults: voltapile_protocol::ykc::field::HardwareFaults(1 << 2) };
    let mut world = World::by_the_book();
    world.act(Action::Ask { connector: 1, credential: Credential::Vin });
    world.act(broken.clone());
    world.hear(vin_consent());
    assert_eq!((results(&world), world.pile.charging()), (vec![(210, 5), (110, 5)], 0));
    let mut world = World::by_the_book();
    let start_time = BcdTime::new(civil_time(START_UNIX_MS + world.tick + 60_000));
    world.hear(StartRequest { start_time, ..start(StartMode::Scheduled, StartStrategy::UntilFull, 0) });
    world.act(broken);
    world.run_for(70_000);
    assert_eq!((world.start_result(), results(&world), world.pile.charging()), (0, vec![(110, 5)], 0));
    assert_eq!(world.status(1).work_state, WorkState::Fault);
}

/// Presses stop with each of these, and says whether the charge ended.
fn ends_with(world: &mut World, password: Option<u32>) -> bool {
    world.act(Action::Stop { connector: 1, password });
    world.pile.charging() == 0
}

#[test]
fn a_charge_with_a_password_is_stopped_with_it_only() {
    let mut world = World::by_the_book();
    let request = start(StartMode::Immediate, StartStrategy::UntilFull, 0);
    world.hear(StartRequest { stop_password: 4_711, ..request.clone() });
    world.run_for(60_000);
    for wrong in [None, Some(0), Some(4_712)] {
        assert!(!ends_with(&mut world, wrong), "{wrong:?}");
    }
    assert!(ends_with(&mut world, Some(4_711)));
    assert_eq!(world.record().stop_reason.0, 200);
    world.hear(StartRequest { transaction_number: None, ..request });
    assert!(ends_with(&mut world, None), "without a password of its own anybody may");
}

#[test]
fn the_platform_and_the_plug_stop_a_charge_with_a_password() {
    let mut world = World::by_the_book();
    let request = StartRequest { stop_password: 9, ..start(StartMode::Immediate, StartStrategy::UntilFull, 0) };
    world.hear(request.clone());
    world.stop();
    assert_eq!(world.pile.charging(), 0);
    world.hear(StartRequest { transaction_number: None, ..request });
    world.act(Action::Unplug { connector: 1 });
    assert_eq!(world.pile.charging(), 0);
}

#[test]
fn a_car_that_charges_by_its_vin_can_have_a_password() {
    for (stop_password, demanded) in [(Text(*b"001234"), true), (Text([0xFF; 6]), false)] {
        let mut world = World::by_the_book();
        world.act(Action::Ask { connector: 1, credential: Credential::Vin });
        world.hear(VinStartResponse { stop_password, ..vin_consent() });
        assert_eq!(ends_with(&mut world, None), !demanded);
        assert!(ends_with(&mut world, Some(1_234)));
    }
}

//! Piles that go wrong, one way each.

use std::time::Duration;

use super::*;

/// Results of the 0x33 among some messages.
fn start_answers(messages: &[Message]) -> Vec<(Outcome, RemoteStartFailure)> {
    only!(messages, RemoteStartResponse).map(|answer| (answer.start_result, answer.fail_reason)).collect()
}

#[test]
fn starts_can_be_refused_ignored_or_feigned() {
    let reason = RemoteStartFailure::DeviceFault;
    for (start, answers) in [
        (StartBehaviour::Refuses(reason), vec![(Outcome::Failed, reason)]),
        (StartBehaviour::Silent, vec![]),
        (StartBehaviour::NeverCharges, vec![(Outcome::Succeeded, RemoteStartFailure::None)]),
    ] {
        let mut world = world_with(Behaviour { start, ..Behaviour::default() });
        assert_eq!(start_answers(&world.ask(start_request(1, 0))), answers);
        world.run_for(120_000);
        assert_eq!(world.pile.charging(), 0);
        assert_eq!(report_states(&world, 1), [ConnectorState::Idle; 0], "nothing changed");
        world.act(Action::Behave(Box::default()));
        assert_eq!(start_answers(&world.ask(start_request(1, 0))), [(Outcome::Succeeded, RemoteStartFailure::None)]);
        assert_eq!(world.pile.charging(), 1, "it is healthy again");
    }
}

/// States told of a connector since the last clearing.
fn report_states(world: &World, connector: u8) -> Vec<ConnectorState> {
    let reports = world.sent.iter().filter_map(|(_, message)| match message {
        Message::RealtimeReport(report) if report.connector_number.number() == connector => Some(report),
        _ => None,
    });
    reports.map(|report| report.connector_state).collect()
}

#[test]
fn a_plug_within_a_minute_makes_a_refused_start_come_true() {
    let not_plugged = (Outcome::Failed, RemoteStartFailure::NotPlugged);
    for (wait_ms, comes_true) in [(59_999, true), (60_000, false)] {
        let mut world = world_with(Behaviour { demands_plug: true, ..Behaviour::default() });
        assert_eq!(start_answers(&world.ask(start_request(1, 0))), [not_plugged]);
        assert!(world.connector(1).waits_for_plug);
        world.run_for(wait_ms);
        world.sent.clear();
        world.act(Action::Plug { connector: 1, car: CarWish::default() });
        let sent: Vec<Message> = world.sent.iter().map(|(_, message)| message.clone()).collect();
        let expected = if comes_true { vec![(Outcome::Succeeded, RemoteStartFailure::None)] } else { vec![] };
        assert_eq!(start_answers(&sent), expected);
        assert!(only!(sent, RemoteStartResponse).all(|answer| answer.transaction_number.0 == [0x42; 16]));
        assert_eq!(world.pile.charging(), usize::from(comes_true));
        assert!(!world.connector(1).waits_for_plug);
    }
}

#[test]
fn a_pile_that_demands_a_plug_starts_at_once_with_one() {
    let mut world = world_with(Behaviour { demands_plug: true, ..Behaviour::default() });
    world.act(Action::Plug { connector: 1, car: CarWish::default() });
    assert_eq!(start_answers(&world.ask(start_request(1, 0))), [(Outcome::Succeeded, RemoteStartFailure::None)]);
    world.act(Action::Ask { connector: 2, credential: Credential::Vin });
    assert_eq!(world.connector(2).last_refusal, Some(Refusal::Pile(RemoteStartFailure::NotPlugged)));
}

#[test]
fn a_stop_ends_the_waiting_for_a_plug() {
    let mut world = world_with(Behaviour { demands_plug: true, ..Behaviour::default() });
    world.ask(start_request(1, 0));
    let answers = world.ask(stop_request(1));
    let [Message::RemoteStopResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(answer.stop_result, Outcome::Succeeded);
    world.act(Action::Plug { connector: 1, car: CarWish::default() });
    assert_eq!(world.pile.charging(), 0);
}

#[test]
fn a_stop_can_be_refused() {
    let refuses_stop = Some(RemoteStopFailure::Other);
    let mut world = world_with(Behaviour { refuses_stop, ..Behaviour::default() });
    world.ask(start_request(1, 0));
    let answers = world.ask(stop_request(1));
    let [Message::RemoteStopResponse(answer)] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!((answer.stop_result, answer.fail_reason), (Outcome::Failed, RemoteStopFailure::Other));
    assert_eq!(world.pile.charging(), 1);
}

#[test]
fn a_charge_can_be_denied_in_the_reports() {
    let mut world = world_with(Behaviour { reports_idle_while_charging: true, ..Behaviour::default() });
    world.ask(start_request(1, 0));
    world.run_for(60_000);
    assert_eq!(world.pile.charging(), 1);
    assert_eq!(report_states(&world, 1), [ConnectorState::Idle; 5]);
    assert_eq!(world.connector(1).state, ConnectorState::Charging, "whoever looks at it sees the truth");
}

/// Charges for a minute, and gives back the pile after the end.
fn charge_with(behaviour: Behaviour) -> World {
    let mut world = world_with(behaviour);
    world.ask(start_request(1, 0));
    world.run_for(60_000);
    world.ask(stop_request(1));
    world
}

#[test]
fn a_record_can_be_late() {
    let record_delivery = RecordDelivery::Late(Duration::from_secs(45));
    let mut world = charge_with(Behaviour { record_delivery, ..Behaviour::default() });
    world.run_for(44_999);
    assert_eq!((world.records().len(), world.pile.snapshot().held_records), (0, 1));
    world.run_for(1);
    check_record(world.records()[0]);
    assert_eq!((world.records().len(), world.pile.snapshot().held_records), (1, 0));
}

#[test]
fn a_record_can_be_held_until_somebody_lets_it_go() {
    let record_delivery = RecordDelivery::Held;
    let mut world = charge_with(Behaviour { record_delivery, ..Behaviour::default() });
    world.run_for(HOUR_MS);
    world.pile.disconnected();
    world.connect();
    assert_eq!(world.records().len(), 0);
    world.act(Action::ReleaseRecords);
    assert_eq!((world.records().len(), world.pile.snapshot().held_records), (1, 0));
}

#[test]
fn a_record_can_come_twice() {
    let record_delivery = RecordDelivery::Twice;
    let world = charge_with(Behaviour { record_delivery, ..Behaviour::default() });
    assert_eq!(world.records().len(), 2);
    assert_eq!(world.records()[0], world.records()[1]);
    assert_eq!(world.pile.snapshot().unconfirmed_records, 0, "each copy was answered");
}

#[test]
fn a_bill_can_be_too_high() {
    let honest = charge_with(Behaviour::default()).records()[0].clone();
    let more = Yuan::from_raw(10_000);
    let bill = |billing| charge_with(Behaviour { billing, ..Behaviour::default() }).records()[0].clone();
    let tiers = |record: &TransactionRecord| {
        [record.sharp_amount, record.peak_amount, record.flat_amount, record.valley_amount].map(Quantity::raw)
    };
    let overcharged = bill(Billing::Overcharged(more));
    assert_eq!(overcharged.total_amount.raw(), honest.total_amount.raw() + 10_000);
    assert_eq!(tiers(&overcharged).iter().sum::<u64>(), overcharged.total_amount.raw());
    let wrong_total = bill(Billing::WrongTotal(more));
    assert_eq!(wrong_total.total_amount, overcharged.total_amount);
    assert_eq!(tiers(&wrong_total), tiers(&honest));
}

#[test]
fn energy_can_stand_under_the_wrong_tier() {
    let honest = charge_with(Behaviour::default()).records()[0].clone();
    let wrong = charge_with(Behaviour { billing: Billing::WrongTiers, ..Behaviour::default() }).records()[0].clone();
    check_record(&wrong);
    let energies = |record: &TransactionRecord| {
        [record.sharp_energy, record.peak_energy, record.flat_energy, record.valley_energy].map(Quantity::raw)
    };
    let mut moved = energies(&honest);
    assert!(moved[0] > 0, "at 16:00 the tariff has the first tier");
    moved.rotate_right(1);
    assert_eq!(energies(&wrong), moved);
    assert_eq!(wrong.total_energy, honest.total_energy);
}

#[test]
fn a_clock_can_be_in_1999_for_ever() {
    let mut world = world_with(Behaviour { clock_of_1999: true, ..Behaviour::default() });
    let current_time = Cp56Time::new(civil_time(START_UNIX_MS));
    world.ask(ClockSyncRequest { pile_code: PILE, current_time, ..Default::default() });
    world.ask(start_request(1, 0));
    world.run_for(90_000);
    world.ask(stop_request(1));
    let record = world.records()[0];
    assert_eq!(record.start_time.0, [0, 0, 0, 0, 1, 1, 99], "year, month and day are the last");
    assert_eq!(record.end_time.0[2..], [1, 0, 1, 1, 99]);
}

#[test]
fn frames_can_be_passed_over_and_withheld() {
    let mut world = world_with(Behaviour { ignores: vec![0x92, 0x34], ..Behaviour::default() });
    assert!(world.ask(start_request(1, 0)).is_empty());
    assert!(world.ask(RebootRequest { pile_code: PILE, ..Default::default() }).is_empty());
    assert!(!world.closed);

    let mut world = world_with(Behaviour { withholds: vec![0x33, 0x13], ..Behaviour::default() });
    assert_eq!(world.ask(start_request(1, 0)).len(), 2, "0x15 and 0x17");
    world.run_for(60_000);
    assert!(world.types().iter().all(|code| ![0x33, 0x13].contains(code)));
    assert_eq!(world.pile.charging(), 1);
}

#[test]
fn a_refused_start_can_come_true_after_all() {
    let mut world = world_with(Behaviour { start: StartBehaviour::RefusesThenConfirms, ..Behaviour::default() });
    assert_eq!(start_answers(&world.ask(start_request(1, 0))), [(Outcome::Failed, RemoteStartFailure::NotPlugged)]);
    world.run_for(29_999);
    assert_eq!((world.pile.charging(), world.connector(1).waits_for_plug), (0, true));
    world.sent.clear();
    world.run_for(1);
    let sent: Vec<Message> = world.sent.iter().map(|(_, message)| message.clone()).collect();
    assert_eq!(start_answers(&sent), [(Outcome::Succeeded, RemoteStartFailure::None)]);
    assert!(only!(sent, RemoteStartResponse).all(|answer| answer.transaction_number.0 == [0x42; 16]));
    assert_eq!(world.pile.charging(), 1);
    let again = start_answers(&world.ask(start_request(1, 0)));
    assert_eq!(again, [(Outcome::Failed, RemoteStartFailure::AlreadyCharging)]);
}

#[test]
fn a_record_can_be_lost() {
    let record_delivery = RecordDelivery::Never;
    let mut world = charge_with(Behaviour { record_delivery, ..Behaviour::default() });
    world.act(Action::ReleaseRecords);
    world.pile.disconnected();
    world.connect();
    let snapshot = world.pile.snapshot();
    assert_eq!((world.records().len(), snapshot.held_records, snapshot.lost_records), (0, 0, 1));
}

#[test]
fn a_bill_can_be_a_hundred_times_too_high_and_a_meter_run_backwards() {
    let bill = |billing| charge_with(Behaviour { billing, ..Behaviour::default() }).records()[0].clone();
    let (honest, hundredfold) = (bill(Billing::Honest), bill(Billing::Hundredfold));
    assert_eq!(hundredfold.total_amount.raw(), honest.total_amount.raw() * 100);
    assert_eq!(hundredfold.sharp_amount.raw(), honest.sharp_amount.raw() * 100);
    assert_eq!(hundredfold.total_energy, honest.total_energy);
    let backwards = bill(Billing::MeterBackwards);
    assert!(backwards.meter_stop.raw() < backwards.meter_start.raw());
    assert_eq!((backwards.total_energy, backwards.total_amount), (honest.total_energy, honest.total_amount));
}

/// How far the clock of a record is ahead of the world's, in milliseconds.
fn clock_ahead_ms(world: &mut World) -> i64 {
    world.ask(start_request(1, 0));
    world.ask(stop_request(1));
    let told = unix_ms(world.records()[0].start_time.civil().unwrap());
    told.cast_signed() - world.now().unix_ms.cast_signed()
}

#[test]
fn a_clock_drifts_until_the_platform_sets_it() {
    for ppm in [200, -200] {
        let mut world = world_with(Behaviour { clock_drift_ppm: ppm, ..Behaviour::default() });
        world.run_for(10 * HOUR_MS);
        assert_eq!(clock_ahead_ms(&mut world), i64::from(ppm) * 36);
        let current_time = Cp56Time::new(civil_time(world.now().unix_ms));
        world.ask(ClockSyncRequest { pile_code: PILE, current_time, ..Default::default() });
        assert_eq!(clock_ahead_ms(&mut world), 0);
        world.run_for(HOUR_MS);
        world.act(Action::Behave(Box::default()));
        world.run_for(HOUR_MS);
        assert_eq!(clock_ahead_ms(&mut world), i64::from(ppm) * 36 / 10, "what it gained stays");
    }
}

#[test]
fn a_pile_can_speak_before_it_logs_in() {
    let mut world = world_with(Behaviour { speaks_before_login: true, ..Behaviour::default() });
    world.silent_on = &[0x3B];
    world.ask(start_request(1, 0));
    world.ask(stop_request(1));
    world.pile.disconnected();
    world.sent.clear();
    world.connect();
    assert_eq!(world.types()[..5], [0x03, 0x13, 0x13, 0x3B, 0x01]);
    assert_eq!(world.types().iter().filter(|code| **code == 0x3B).count(), 2, "and again after the login");
}

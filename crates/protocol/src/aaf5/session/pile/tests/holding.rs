//! What a pile was told, and tells when it is asked.

use super::*;
use crate::aaf5::code::{ControlIndex, ListAction, ListKind, Outcome, ParameterAction, QueryMark, StartFailure};
use crate::wire::{BytesToEnd, Code, YuanPerKwh};

fn integers(action: ParameterAction, first_index: u32, count: u8, values: &[u32]) -> IntegerParameterRequest {
    let values: Vec<_> = values.iter().map(|value| IntegerValue { value: *value }).collect();
    let byte_count = 4 * values.len() as u16;
    IntegerParameterRequest { action, first_index, count, byte_count, values, ..Default::default() }
}

fn text(action: ParameterAction, index: u32, value: &[u8]) -> TextParameterRequest {
    let byte_count = value.len() as u16;
    TextParameterRequest { action, index, byte_count, value: BytesToEnd(value.into()), ..Default::default() }
}

#[test]
fn integers_are_set_and_told() {
    let mut world = World::working(|_| {});
    let event = world.receive(3, integers(ParameterAction::Set, 21, 3, &[30, 0, 60]));
    assert_eq!(event, Some(PileEvent::ParametersSet { first_index: 21, values: vec![30, 0, 60] }));
    assert_eq!(world.sent[0].1, 3, "the number of the request");
    world.receive(4, integers(ParameterAction::Query, 21, 3, &[]));
    let sent = world.take();
    let [Message::IntegerParameterResponse(set), Message::IntegerParameterResponse(told)] = &sent[..] else { panic!() };
    assert_eq!((set.result, set.values.len()), (Outcome::Succeeded, 0));
    let values: Vec<u32> = told.values.iter().map(|value| value.value).collect();
    assert_eq!((told.result, told.first_index, values), (Outcome::Succeeded, 21, vec![30, 3, 60]), "0 changes nothing");
    world.step();
    world.step();
    assert_eq!(world.step().0, 30, "the new period holds");

    world.receive(5, integers(ParameterAction::Set, 90, 8, &[7; 8]));
    world.take();
    world.receive(6, integers(ParameterAction::Query, 90, 8, &[]));
    let sent = world.take();
    let [Message::IntegerParameterResponse(key)] = &sent[..] else { panic!() };
    assert_eq!(key.values, vec![IntegerValue { value: 7 }; 8]);

    for refused in [
        integers(ParameterAction::Set, 81, 1, &[9]),
        integers(ParameterAction::Set, 37, 2, &[1, 1]),
        integers(ParameterAction::Query, 90, 5, &[]),
        integers(ParameterAction::Set, 90, 5, &[1; 5]),
        integers(ParameterAction::Set, u32::MAX, 1, &[9]),
    ] {
        world.take();
        assert_eq!(world.receive(0, refused), None);
        let sent = world.take();
        let [Message::IntegerParameterResponse(answer)] = &sent[..] else { panic!() };
        assert_eq!((answer.result, answer.values.len()), (Outcome::Failed, 0));
    }
}

#[test]
fn texts_and_the_clock_are_set_and_told() {
    let mut world = World::working(|_| {});
    let prefix = b"https://example.com/";
    let event = world.receive(0, text(ParameterAction::Set, 11, prefix));
    assert_eq!(event, Some(PileEvent::TextSet { index: 11, value: (*prefix).into() }));
    let time = BcdTime::new(CivilTime::in_china(UNIX_MS + 60_000));
    assert_eq!(world.receive(0, text(ParameterAction::Set, 2, &time.0)), Some(PileEvent::ClockSet(time)));
    assert_eq!(world.receive(0, text(ParameterAction::Set, 2, &[0x77; 8])), None, "no time");
    assert_eq!(world.receive(0, text(ParameterAction::Set, 99, b"x")), None);
    world.now = world.now + Duration::from_secs(5);
    for index in [11, 2, 1] {
        world.receive(0, text(ParameterAction::Query, index, b""));
    }
    let answers: Vec<_> = world
        .take()
        .into_iter()
        .map(|message| if let Message::TextParameterResponse(answer) = message { answer } else { panic!() })
        .collect();
    let results: Vec<_> = answers.iter().map(|answer| answer.result == Outcome::Succeeded).collect();
    assert_eq!(results, [true, true, false, false, true, true, true]);
    assert_eq!(*answers[4].value.0, *prefix);
    assert_eq!(*answers[5].value.0, BcdTime::new(CivilTime::in_china(UNIX_MS + 65_000)).0);
    assert_eq!(*answers[6].value.0, *b"AAF5-0001");
}

fn day(price: u32) -> [TariffPeriod; 12] {
    let mut periods = <[TariffPeriod; 12]>::default();
    periods[0] = TariffPeriod { end_hour: 24, electricity_price: YuanPerKwh::from_raw(price), ..Default::default() };
    periods
}

fn day_of_use(price: u32) -> [TimeOfUsePeriod; 12] {
    let mut periods = <[TimeOfUsePeriod; 12]>::default();
    periods[0] = TimeOfUsePeriod { end_hour: 24, service_price: YuanPerKwh::from_raw(price), ..Default::default() };
    periods
}

#[test]
fn a_sound_tariff_is_taken_and_told() {
    let mut world = World::working(|_| {});
    let mut gap = day(80);
    gap[0].end_hour = 23;
    assert_eq!(world.receive(0, TariffSetRequest { periods: gap, ..Default::default() }), None);
    assert_eq!(world.session.tariff(), None);
    let set = TariffSetRequest { periods: day(80), ..Default::default() };
    let tariff = PileTariff::Electricity(Box::new(day(80)));
    assert_eq!(world.receive(0, set), Some(PileEvent::TariffChanged(tariff)));
    let set = TimeOfUseTariffSetRequest { periods: day_of_use(4_000), ..Default::default() };
    let tariff = PileTariff::TimeOfUse(Box::new(day_of_use(4_000)));
    assert_eq!(world.receive(0, set), Some(PileEvent::TariffChanged(tariff.clone())));
    assert_eq!(world.session.tariff(), Some(&tariff));
    world.receive(0, TariffQuery::default());
    world.receive(0, TimeOfUseTariffQuery::default());
    let sent = world.take();
    let [
        Message::TariffSetResponse(refused),
        Message::TariffSetResponse(taken),
        Message::TimeOfUseTariffSetResponse(_),
        Message::TariffQueryResponse(told),
        Message::TimeOfUseTariffQueryResponse(told_of_use),
    ] = &sent[..]
    else {
        panic!("{sent:?}")
    };
    assert_eq!((refused.result, taken.result), (Outcome::Failed, Outcome::Succeeded));
    assert_eq!((&told.periods, &told_of_use.periods), (&day(80), &day_of_use(4_000)));
}

#[test]
fn stored_records_are_told_by_place_and_by_number() {
    let mut world = World::working(|_| {});
    for number in ["SN1", "SN2"] {
        world.session.send_record(world.now, record(number), &mut Vec::new()).unwrap();
    }
    let number = |text: &str| Text::new(text).unwrap();
    for (first_index, transaction) in [(0, ""), (1, ""), (0, "SN1"), (2, ""), (0, "SN9")] {
        let transaction_number = number(transaction);
        world.receive(0, StoredRecordRequest { first_index, transaction_number, ..Default::default() });
        world.receive(0, StoredFineRecordRequest { first_index, transaction_number, ..Default::default() });
    }
    let (mut coarse, mut fine) = (Vec::new(), Vec::new());
    for message in world.take() {
        match message {
            Message::StoredRecordResponse(record) => coarse.push((record.record_index, record.total_energy.raw())),
            Message::StoredFineRecordResponse(record) => fine.push((record.record_index, record.total_energy.raw())),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(coarse, [(2, 1_234), (1, 1_234), (1, 1_234), (-1, 0), (-1, 0)]);
    assert_eq!(fine, [(2, 12_345), (1, 12_345), (1, 12_345), (-1, 0), (-1, 0)]);
}

#[test]
fn half_hours_of_the_last_charge_are_told() {
    let mut world = World::working(|_| {});
    let mut charged = record("SN1");
    charged.slots.0[7] = KilowattHours::from_raw(12_345);
    world.session.send_record(world.now, charged, &mut Vec::new()).unwrap();
    for connector in [1, 2] {
        let (connector_number, query) = (ConnectorNumber(connector), QueryMark::Query);
        world.receive(0, LastChargeSlotsRequest { connector_number, query, ..Default::default() });
    }
    let slots: Vec<u64> = world
        .take()
        .iter()
        .map(
            |message| {
                if let Message::LastChargeSlotsResponse(told) = message { told.slots.0[7].raw() } else { panic!() }
            },
        )
        .collect();
    assert_eq!(slots, [1_234, 0]);
}

#[test]
fn the_white_list_grows_in_batches_and_is_cleared() {
    let mut world = World::working(|_| {});
    let entry = |number: usize| ListEntry { card_number: Text::new(&format!("{number:016}")).unwrap() };
    let ask = |action, version, count: usize| WhiteListRequest {
        pile_code: pile(),
        list_kind: ListKind::Cards,
        action,
        version,
        entry_count: Some(count as u32),
        entries: (0..count).map(entry).collect(),
        ..Default::default()
    };
    for batch in 0..11 {
        let expected = (batch < 10).then_some(PileEvent::WhiteListChanged);
        assert_eq!(world.receive(0, ask(ListAction::Add, 5, 10)), expected, "batch {batch}");
    }
    assert_eq!((world.session.white_list().cards.len(), world.session.white_list().version), (100, 5));
    assert_eq!(world.receive(0, ask(ListAction::QueryVersion, 0, 0)), None);
    assert_eq!(world.session.parameter(81), 5);
    assert_eq!(world.receive(0, ask(ListAction::Clear, 0, 0)), Some(PileEvent::WhiteListChanged));
    let answers: Vec<_> =
        world
            .take()
            .iter()
            .map(|message| {
                if let Message::WhiteListResponse(answer) = message {
                    (answer.version, answer.result)
                } else {
                    panic!()
                }
            })
            .collect();
    assert_eq!(
        answers[9..],
        [(5, Outcome::Succeeded), (5, Outcome::Failed), (5, Outcome::Succeeded), (0, Outcome::Succeeded)]
    );

    let vins = WhiteListVinRequest {
        entry_count: Some(2),
        entries: vec![VinEntry::default(); 2],
        list_kind: ListKind::Vins,
        pile_code: pile(),
        ..Default::default()
    };
    assert_eq!(world.receive(0, vins), Some(PileEvent::WhiteListChanged));
    assert_eq!(world.session.white_list().vins.len(), 2);
}

#[test]
fn what_depends_on_the_connector_is_left_to_the_model_and_answered_with_its_number() {
    let mut world = World::working(|_| {});
    let control = |connector, first_index| ControlRequest {
        connector_number: ConnectorNumber(connector),
        first_index,
        count: 1,
        byte_count: 4,
        arguments: vec![ControlArgument { value: 0x55 }],
        ..Default::default()
    };
    let stop: Message = control(2, ControlIndex::StopCharging).into();
    assert_eq!(world.receive(8, stop.clone()), Some(PileEvent::Request(Box::new(stop))));
    let start = StartRequest { connector_number: ConnectorNumber(1), ..Default::default() };
    world.receive(9, start);
    assert!(world.take_commands().is_empty());
    let mut out = Vec::new();
    let result = StartFailure::default();
    let answer =
        StartResponse { pile_code: pile(), connector_number: ConnectorNumber(1), result, ..Default::default() };
    world.session.send(&answer.clone().into(), &mut out).unwrap();
    let first_index = ControlIndex::StopCharging;
    let connector_number = ConnectorNumber(2);
    let stopped = ControlResponse { pile_code: pile(), connector_number, first_index, ..Default::default() };
    world.session.send(&stopped.into(), &mut out).unwrap();
    world.session.send(&answer.into(), &mut out).unwrap();
    world.collect(&out);
    let sequences: Vec<_> = world.sent.iter().map(|(message, sequence, _)| (message.frame_type(), *sequence)).collect();
    assert_eq!(sequences[..2], [(8, 9), (6, 8)]);
    assert_ne!(sequences[2].1, 9, "nobody asked for the third");
    world.take();

    assert_eq!(world.receive(0, control(0, ControlIndex::Reboot)), Some(PileEvent::Reboot));
    assert_eq!(world.receive(0, control(1, ControlIndex::SignInNow)), None);
    assert_eq!(world.receive(0, control(2, ControlIndex::StatusNow)), None);
    let command = ControlIndex::MaximumPower;
    let limited = PileEvent::Control { connector: 1, commands: vec![(command, 0x55)] };
    assert_eq!(world.receive(0, control(1, command)), Some(limited));
    assert_eq!(world.receive(0, RebootRequest::default()), Some(PileEvent::Reboot));
    assert_eq!(world.take_commands(), [6, 6, 106, 6, 104, 6, 1012]);
    let account = AccountQueryResponse::default();
    assert_eq!(world.receive(0, account.clone()), Some(PileEvent::Answer(Box::new(account.into()))));
}

/// The result of the only answer, which is a 6 or a 2.
fn result(world: &mut World) -> Outcome {
    match &world.take()[..] {
        [Message::ControlResponse(answer)] => answer.result,
        [Message::IntegerParameterResponse(answer)] => answer.result,
        other => panic!("{other:?}"),
    }
}

fn controls(connector: u8, first_index: u32, values: &[u32]) -> ControlRequest {
    ControlRequest {
        connector_number: ConnectorNumber(connector),
        first_index: ControlIndex::from_number(first_index),
        count: values.len() as u8,
        byte_count: 4 * values.len() as u16,
        arguments: values.iter().map(|value| ControlArgument { value: *value }).collect(),
        ..Default::default()
    }
}

#[test]
fn all_commands_of_a_message_are_done_or_none() {
    let mut world = World::working(|_| {});
    let both = vec![(ControlIndex::OfflinePowerLimit, 100), (ControlIndex::CurrentLimit, 300)];
    let event = world.receive(0, controls(2, 25, &[100, 300]));
    assert_eq!(event, Some(PileEvent::Control { connector: 2, commands: both }));
    assert_eq!(result(&mut world), Outcome::Succeeded);
    for refused in [
        controls(9, 17, &[100]),
        controls(1, 3, &[0x55]),
        controls(1, 99, &[0x55]),
        controls(1, 26, &[100, 100]),
        controls(1, 2, &[0]),
        controls(1, 10, &[1]),
        controls(1, 9, &[0, 0x55]),
        controls(1, u32::MAX, &[1, 1]),
    ] {
        assert_eq!(world.receive(0, refused.clone()), None);
        assert_eq!(result(&mut world), Outcome::Failed, "{refused:?}");
    }
}

#[test]
fn what_a_pile_cannot_obey_it_does_not_promise() {
    let mut world = World::working(|_| {});
    let set = |index, values: &[u32]| integers(ParameterAction::Set, index, values.len() as u8, values);
    for refused in [set(91, &[7, 100]), set(91, &[1, 100]), set(83, &[1]), set(86, &[1]), set(87, &[0xAA01])] {
        assert_eq!(world.receive(0, refused.clone()), None);
        assert_eq!(result(&mut world), Outcome::Failed, "{refused:?}");
    }
    let event = world.receive(0, set(85, &[1]));
    assert_eq!(event, Some(PileEvent::ParametersSet { first_index: 85, values: vec![1] }));
    world.receive(0, set(82, &[1]));
    assert_eq!(world.take_commands(), [2, 2, 104, 104]);
    assert_eq!(world.receive(0, set(84, &[1])), Some(PileEvent::Reboot));
    let work_state = WorkState::Charging;
    let charging = StatusReport { connector_number: ConnectorNumber(1), work_state, ..Default::default() };
    world.session.set_status(charging, &mut Vec::new());
    world.take();
    assert_eq!(world.receive(0, set(84, &[1])), None, "not while it charges");
    assert_eq!(result(&mut world), Outcome::Failed);
    assert!(world.receive(0, set(91, &[1, 100])).is_some());
}

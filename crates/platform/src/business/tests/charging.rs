//! From the start's answer to the end of the charge, with the rules of V1.6 §13.3.

use super::*;

#[test]
fn a_charge_goes_from_start_to_money() {
    let mut yard = Yard::new();
    let order = yard.charging();
    assert_eq!(yard.stands(&order), "charging");
    assert_eq!(yard.shown(ONE), ConnectorState::Charging);
    yard.pass(600);
    let command = yard.work(|business| business.stop_order(order.id, "user:wang"));
    assert_eq!(command.order, Some(order.id));
    assert_eq!((yard.stands(&order).as_str(), yard.sent()), ("stopping", vec!["stop_charge"]));
    yard.command_ends("stop", CommandResult::Succeeded(Value::Null));
    assert_eq!(yard.stands(&order), "awaiting_record");
    yard.idles(ONE, true);
    yard.receives(yard.bill(order.transaction_number, ONE, 20_050));
    assert_eq!(yard.stands(&order), "settled");
    // 2.005 kWh at 1 yuan: 2.005 yuan, half a fen away from zero.
    assert_eq!(yard.order(order.id).charged, Some(fen(201)));
    assert_eq!(yard.money(), (9_799, 0));
    let told: Vec<EventType> = yard.bench.books.event_types();
    let of_order: Vec<EventType> = told.into_iter().filter(|told| told.name().starts_with("order.")).collect();
    assert_eq!(
        of_order,
        [
            EventType::OrderCreated,
            EventType::OrderCharging,
            EventType::OrderStopping,
            EventType::OrderEnded,
            EventType::OrderSettled,
        ]
    );
    assert_eq!(yard.told(EventType::RecordJudged), 1);
}

#[test]
fn what_was_last_heard_of_a_charge_counts_when_its_record_never_comes() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.pass(600);
    // Steady reports stay in memory: the business asks there before it decides.
    let (at, amount) = (Some(yard.bench.now), crate::unit::Amount::from_steps(45_000));
    yard.bench.presence.progress.insert(order.id, Progress { at, amount, ..Progress::default() });
    yard.work(|business| business.stop_order(order.id, "user:wang"));
    yard.command_ends("stop", CommandResult::Succeeded(Value::Null));
    yard.bench.presence.progress.clear();
    yard.pass(30);
    assert_eq!(yard.stands(&order), "abnormal: record_overdue");
    yard.work(|business| business.resolve_order(order.id, Resolution::SettleByPile, "user:wang", None));
    assert_eq!(yard.order(order.id).charged, Some(fen(450)));
}

#[test]
fn without_an_answer_and_a_charge_within_90_s_the_start_has_failed() {
    let mut yard = Yard::new();
    let order = yard.start();
    yard.command_ends("start", CommandResult::TimedOut);
    assert_eq!(yard.stands(&order), "starting");
    yard.pass(90);
    assert_eq!(yard.stands(&order), "failed: start_unanswered");
    assert_eq!(yard.money(), (10_000, 0));
    assert_eq!(yard.sent(), ["stop_charge"], "the pile must not charge");
    // It does all the same, and is told to stop until it does.
    yard.command_ends("stop", CommandResult::Refused("not_charging".to_owned(), Value::Null));
    yard.pass(10);
    yard.charges(&order);
    assert_eq!(yard.sent(), ["stop_charge"]);
    yard.charges(&order);
    assert_eq!(yard.sent().len(), 1, "one stop at a time");
    yard.receives(yard.bill(order.transaction_number, ONE, 5_000));
    assert_eq!(yard.stands(&order), "abnormal: charged_after_failure");
    yard.work(|business| business.resolve_order(order.id, Resolution::SettleByOurs, "user:wang", None));
    assert_eq!(yard.money(), (9_950, 0));
}

#[test]
fn a_confirmed_start_that_never_charges_has_failed() {
    let mut yard = Yard::new();
    let order = yard.start();
    yard.answers(&order, Ok(()));
    yard.pass(89);
    assert_eq!(yard.stands(&order), "starting");
    yard.pass(1);
    assert_eq!(yard.stands(&order), "failed: no_charge_seen");
}

#[test]
fn a_refused_start_has_failed_at_once() {
    let mut yard = Yard::new();
    let order = yard.start();
    yard.answers(&order, Err("already_charging"));
    assert_eq!((yard.stands(&order).as_str(), yard.money()), ("failed: already_charging", (10_000, 0)));
}

#[test]
fn not_plugged_may_turn_into_a_success_within_60_s() {
    let mut yard = Yard::new();
    let order = yard.start();
    yard.pass(2);
    yard.answers(&order, Err("not_plugged"));
    yard.pass(50);
    let (connector, number) = (ONE, order.transaction_number);
    yard.work(|business| business.start_answered(pile(), connector, number, Ok(())));
    yard.pass(60);
    yard.charges(&order);
    assert_eq!(yard.stands(&order), "charging");

    let mut yard = Yard::new();
    let order = yard.start();
    yard.answers(&order, Err("not_plugged"));
    yard.pass(60);
    assert_eq!(yard.stands(&order), "failed: not_plugged");
    // Too late: the success has to be undone.
    yard.command_ends("stop", CommandResult::Refused("not_charging".to_owned(), Value::Null));
    yard.work(|business| business.start_answered(pile(), connector, number, Ok(())));
    assert_eq!(yard.sent(), ["stop_charge"]);
}

#[test]
fn a_zero_number_right_after_the_start_is_ours() {
    let mut yard = Yard::new();
    let order = yard.start();
    let telemetry = yard.telemetry(TransactionNumber::ZERO, Reported::Charging, true);
    yard.reports(ONE, telemetry);
    assert_eq!(yard.stands(&order), "charging");
}

#[test]
fn a_stop_while_starting_stops() {
    let mut yard = Yard::new();
    let order = yard.start();
    yard.work(|business| business.stop_order(order.id, "user:wang"));
    yard.command_ends("stop", CommandResult::Refused("not_charging".to_owned(), Value::Null));
    assert_eq!(yard.stands(&order), "awaiting_record");
    // The pile begins late.
    yard.answers(&order, Ok(()));
    assert_eq!(yard.sent(), ["stop_charge"]);
    yard.command_ends("stop", CommandResult::Succeeded(Value::Null));
    yard.pass(30);
    assert_eq!((yard.stands(&order).as_str(), yard.money()), ("failed: stopped_before_start", (10_000, 0)));
}

#[test]
fn a_start_that_still_waits_for_its_turn_is_taken_back() {
    let mut yard = Yard::new();
    let first = yard.start();
    // The order has its answer, the command not yet: the next start waits for its end.
    let number = first.transaction_number;
    yard.work(|business| business.start_answered(pile(), ONE, number, Err("device_fault".to_owned())));
    let second = yard.start();
    assert_eq!(yard.sent(), ["start_charge"]);
    yard.work(|business| business.stop_order(second.id, "user:wang"));
    assert_eq!(yard.stands(&second), "failed: start_not_sent");
    yard.command_ends("start", CommandResult::TimedOut);
    assert_eq!(yard.sent(), ["stop_charge"], "the second start never goes out");
}

#[test]
fn a_stop_refused_because_it_has_stopped_waits_for_the_record() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.work(|business| business.stop_order(order.id, "user:wang"));
    yard.command_ends("stop", CommandResult::Refused("not_charging".to_owned(), Value::Null));
    assert_eq!(yard.stands(&order), "awaiting_record");
    yard.receives(yard.bill(order.transaction_number, ONE, 10_000));
    assert_eq!(yard.stands(&order), "settled");
}

#[test]
fn a_pile_that_does_not_stop_needs_a_person_until_its_record_comes() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.work(|business| business.stop_order(order.id, "user:wang"));
    let again = yard.work(|business| business.stop_order(order.id, "user:wang"));
    assert_eq!(yard.sent(), ["stop_charge"], "asked twice, sent once");
    assert_eq!(again.id, yard.bench.reaction.dispatch[0].id);
    yard.command_ends("stop", CommandResult::Refused("other".to_owned(), Value::Null));
    yard.charges(&order);
    yard.pass(60);
    assert_eq!(yard.stands(&order), "abnormal: stop_failed");
    assert_eq!(yard.sent(), ["stop_charge"]);
    yard.receives(yard.bill(order.transaction_number, ONE, 10_000));
    assert_eq!(yard.stands(&order), "settled");
    assert!(yard.order(order.id).evidence.iter().any(|evidence| evidence.what == "stop_refused"));
    assert_eq!(yard.refusal(|business| business.stop_order(order.id, "user:wang")), "order_ended");
}

#[test]
fn two_idle_reports_make_it_abnormal_and_a_record_makes_that_good() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.idles(ONE, true);
    assert_eq!(yard.stands(&order), "charging");
    yard.pass(10);
    yard.idles(ONE, true);
    assert_eq!(yard.stands(&order), "abnormal: idle_while_charging");
    assert_eq!(yard.money(), (10_000, 10_000), "the money stays set aside");
    yard.receives(yard.bill(order.transaction_number, ONE, 10_000));
    let order = yard.order(order.id);
    assert_eq!((order.state, order.abnormal_reason, order.charged), (OrderState::Settled, None, Some(fen(100))));
    let told: Vec<&str> = order.evidence.iter().map(|evidence| evidence.what.as_str()).collect();
    assert_eq!(told, ["idle_while_charging", "settled_by_record"]);
}

#[test]
fn a_single_idle_report_is_forgiven_when_it_charges_on() {
    let mut yard = Yard::new();
    let order = yard.charging();
    for _ in 0..3 {
        yard.idles(ONE, true);
        yard.pass(15);
        yard.charges(&order);
        yard.pass(15);
    }
    assert_eq!(yard.stands(&order), "charging");
    yard.idles(ONE, true);
    yard.pass(30);
    assert_eq!(yard.stands(&order), "abnormal: record_overdue");
}

#[test]
fn a_pulled_plug_ends_the_charge_and_the_record_is_due() {
    let mut yard = Yard::new();
    let order = yard.charging();
    let last = yard.telemetry(order.transaction_number, Reported::Charging, true);
    let telemetry = yard.telemetry(TransactionNumber::ZERO, Reported::Idle, false);
    let report = ConnectorReport { connector: ONE, telemetry, faults: Vec::new(), last_charging: Some(last) };
    yard.work(|business| business.connector_reported(pile(), &report));
    assert_eq!(yard.stands(&order), "awaiting_record");
    let ended = yard.order(order.id);
    assert_eq!(ended.end_reason.as_deref(), Some("plug_pulled"));
    assert_eq!(ended.progress.energy, Energy::from_steps(5_000));
    assert_eq!(yard.shown(ONE), ConnectorState::IdleUnplugged);
    yard.pass(30);
    assert_eq!(yard.stands(&order), "abnormal: record_overdue");
}

#[test]
fn another_number_on_the_connector_is_abnormal() {
    let mut yard = Yard::new();
    let order = yard.charging();
    let telemetry = yard.telemetry(TransactionNumber::from_bcd(&[7; 16]), Reported::Charging, true);
    yard.reports(ONE, telemetry);
    assert_eq!(yard.stands(&order), "abnormal: number_changed");
    // Nobody decides that for a person, but the record is kept with it.
    yard.receives(yard.bill(order.transaction_number, ONE, 10_000));
    let order = yard.order(order.id);
    assert_eq!((order.state, order.record), (OrderState::Abnormal, Some(1)));
    assert_eq!(actions_of(&order), [Resolution::SettleByOurs, Resolution::SettleByPile, Resolution::WriteOff]);
}

#[test]
fn two_orders_for_one_connector() {
    let mut yard = Yard::new();
    let first = yard.charging();
    yard.idles(ONE, false);
    assert_eq!(yard.stands(&first), "awaiting_record");
    let second = yard.work(|business| business.start_order(Yard::remote(None))).remove(0);
    // The first one was not over: it charges while the second one starts.
    yard.charges(&first);
    assert_eq!((yard.stands(&first).as_str(), yard.stands(&second).as_str()), ("awaiting_record", "starting"));
    yard.charges(&second);
    yard.charges(&first);
    assert_eq!(yard.stands(&second), "abnormal: overlapping");
    assert_eq!(yard.stands(&first), "charging");
}

#[test]
fn only_what_matters_is_handed_in() {
    let mut yard = Yard::new();
    let order = yard.charging();
    let brief = OrderBrief::from(&order);
    let charging = yard.telemetry(order.transaction_number, Reported::Charging, true);
    let later = Telemetry { soc: 51, energy: Energy::from_steps(30_000), minutes_charged: 5, ..charging };
    let idle = yard.telemetry(TransactionNumber::ZERO, Reported::Idle, true);
    let in_state = |state| OrderBrief { state, ..brief };
    let zero = Telemetry { transaction_number: TransactionNumber::ZERO, ..later };
    let other = Telemetry { transaction_number: TransactionNumber::from_bcd(&[7; 16]), ..later };
    let awaiting = in_state(OrderState::AwaitingRecord);
    for (before, now, order, matter) in [
        (None, later, Some(brief), true),
        (Some(charging), later, Some(brief), false),
        (Some(charging), zero, Some(brief), false),
        (Some(charging), other, Some(brief), true),
        (Some(charging), Telemetry { fault_bits: 1, ..later }, Some(brief), true),
        (Some(charging), Telemetry { soc: 100, ..later }, Some(brief), true),
        (Some(idle), idle, Some(brief), true),
        (Some(idle), idle, Some(in_state(OrderState::Starting)), false),
        (Some(charging), later, Some(in_state(OrderState::Starting)), true),
        (Some(charging), later, Some(in_state(OrderState::Stopping)), false),
        (Some(idle), idle, Some(in_state(OrderState::Stopping)), true),
        (Some(charging), later, Some(awaiting), true),
        (Some(charging), zero, Some(awaiting), false),
        (Some(idle), idle, Some(awaiting), false),
        (Some(idle), idle, None, false),
        (Some(idle), Telemetry { plugged: Some(false), ..idle }, None, true),
        (Some(charging), later, None, false),
        (Some(charging), other, None, true),
    ] {
        assert_eq!(matters(before.as_ref(), &now, order.as_ref()), matter, "{before:?}\n{now:?}\n{order:?}");
    }
}

#[test]
fn people_see_what_a_connector_does() {
    let mut yard = Yard::new();
    yard.idles(ONE, false);
    assert_eq!(yard.shown(ONE), ConnectorState::IdleUnplugged);
    yard.idles(ONE, true);
    assert_eq!(yard.shown(ONE), ConnectorState::IdlePlugged);
    let order = yard.start();
    assert_eq!(yard.shown(ONE), ConnectorState::Ready);
    yard.answers(&order, Err("device_fault"));
    assert_eq!(yard.shown(ONE), ConnectorState::IdlePlugged);
    let order = yard.start();
    yard.charges(&order);
    assert_eq!(yard.shown(ONE), ConnectorState::Charging);
    let full = Telemetry { soc: 100, ..yard.telemetry(order.transaction_number, Reported::Charging, true) };
    let telemetry = Telemetry { soc: 0, ..yard.telemetry(TransactionNumber::ZERO, Reported::Idle, true) };
    let report = ConnectorReport { connector: ONE, telemetry, faults: Vec::new(), last_charging: Some(full) };
    yard.work(|business| business.connector_reported(pile(), &report));
    assert_eq!(yard.shown(ONE), ConnectorState::Full);
    let fault = yard.telemetry(TransactionNumber::ZERO, Reported::Fault, true);
    yard.reports(ONE, fault);
    assert_eq!(yard.shown(ONE), ConnectorState::Fault);
    assert_eq!(yard.stands(&order), "awaiting_record");
    let cut_off = yard.telemetry(TransactionNumber::ZERO, Reported::Offline, true);
    yard.reports(ONE, cut_off);
    assert_eq!(yard.shown(ONE), ConnectorState::Offline);
    let unheard_of = yard.telemetry(TransactionNumber::ZERO, Reported::Unknown(9), true);
    yard.reports(TWO, unheard_of);
    assert_eq!(yard.shown(TWO), ConnectorState::Fault);
    // unplugged, plugged, ready, plugged, ready, charging, full, fault, offline; the other one: fault.
    assert_eq!(yard.told(EventType::ConnectorChanged), 10);
}

#[test]
fn a_charge_that_was_silent_ends_as_any_other() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.work(|business| business.connector_silent(pile(), ONE));
    yard.work(|business| business.stop_order(order.id, "user:wang"));
    yard.pass(60);
    assert_eq!(yard.stands(&order), "abnormal: stop_failed");
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.work(|business| business.connector_silent(pile(), ONE));
    let fault = yard.telemetry(order.transaction_number, Reported::Fault, true);
    yard.reports(ONE, fault);
    yard.pass(30);
    assert_eq!(yard.stands(&order), "abnormal: record_overdue");
}

#[test]
fn a_deadline_that_is_called_too_early_is_asked_for_again() {
    let mut yard = Yard::new();
    let order = yard.start();
    yard.bench.reaction.due.clear();
    yard.work(|business| business.due(Due::Order(order.id)));
    let deadline = order.deadline.unwrap();
    assert_eq!(yard.bench.reaction.due, [(deadline, Due::Order(order.id))]);
    yard.pass(90);
    assert_eq!(yard.stands(&order), "failed: start_unanswered");
}

//! Piles that reboot, go away, come back or are replaced during a charge; the platform's own restart.

use super::*;
use crate::alarm::Alarm;

const SIM: &str = "89860000000000000001";

#[test]
fn a_pile_reboots_and_the_charge_goes_on() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.goes_offline();
    assert_eq!(yard.shown(ONE), ConnectorState::Offline);
    yard.pass(3_600);
    yard.login(SIM);
    yard.pass(10);
    yard.charges(&order);
    assert_eq!((yard.stands(&order).as_str(), yard.shown(ONE)), ("charging", ConnectorState::Charging));
    yard.pass(7_200);
    assert_eq!(yard.stands(&order), "charging");
    assert_eq!(yard.told(EventType::OrderCharging), 1);
}

#[test]
fn a_pile_reboots_and_the_charge_is_over() {
    let mut yard = Yard::new();
    let order = yard.charging();
    // Nobody noticed that it was away.
    yard.login(SIM);
    yard.idles(ONE, true);
    assert_eq!(yard.stands(&order), "awaiting_record");
    assert_eq!(yard.order(order.id).end_reason.as_deref(), Some("pile_restarted"));
    // It only looked so.
    yard.pass(10);
    yard.charges(&order);
    assert_eq!(yard.stands(&order), "charging");
    assert!(yard.order(order.id).ended_at.is_none());
}

#[test]
fn a_pile_that_says_nothing_of_the_charge_after_its_return_owes_a_record() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.goes_offline();
    yard.login(SIM);
    yard.pass(90);
    assert_eq!(yard.stands(&order), "awaiting_record");
    yard.pass(30);
    assert_eq!(yard.stands(&order), "abnormal: record_overdue");
}

#[test]
fn a_pile_gone_for_days_needs_a_person() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.goes_offline();
    yard.pass(72 * 3_600 - 1);
    assert_eq!(yard.stands(&order), "charging");
    yard.pass(1);
    assert_eq!(yard.stands(&order), "abnormal: pile_gone");
    assert_eq!(yard.money(), (10_000, 10_000));
}

#[test]
fn a_record_that_is_due_waits_for_an_absent_pile() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.idles(ONE, false);
    yard.goes_offline();
    yard.pass(3_600);
    assert_eq!(yard.stands(&order), "awaiting_record");
    yard.login(SIM);
    yard.pass(30);
    assert_eq!(yard.stands(&order), "abnormal: record_overdue");
}

#[test]
fn a_stop_is_repeated_when_the_pile_comes_back() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.work(|business| business.stop_order(order.id, "user:wang"));
    yard.bench.reaction.dispatch.clear();
    yard.goes_offline();
    assert_eq!(yard.stands(&order), "stopping");
    assert_eq!(yard.refusal(|business| business.stop_order(order.id, "user:wang")), "pile_offline");
    yard.login(SIM);
    assert_eq!(yard.sent(), ["stop_charge"]);
    yard.command_ends("stop", CommandResult::Succeeded(Value::Null));
    assert_eq!(yard.stands(&order), "awaiting_record");
}

#[test]
fn a_stop_in_flight_when_a_newer_login_wins_is_sent_again() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.work(|business| business.stop_order(order.id, "user:wang"));
    let lost = yard.bench.reaction.dispatch.remove(0);
    yard.login(SIM);
    let lost: Command = yard.bench.get(&lost.id).unwrap().unwrap();
    assert_eq!((lost.reason.as_deref(), yard.sent()), (Some("pile_offline"), vec!["stop_charge"]));
    assert_eq!(yard.stands(&order), "stopping");
}

#[test]
fn a_start_cut_off_by_the_connection_keeps_its_90_s() {
    let mut yard = Yard::new();
    let order = yard.start();
    yard.goes_offline();
    assert_eq!(yard.stands(&order), "starting");
    yard.login(SIM);
    yard.pass(20);
    yard.charges(&order);
    assert_eq!(yard.stands(&order), "charging");
    let mut yard = Yard::new();
    let order = yard.start();
    yard.goes_offline();
    yard.pass(90);
    assert_eq!((yard.stands(&order).as_str(), yard.money()), ("failed: start_unanswered", (10_000, 0)));
}

#[test]
fn another_device_under_the_same_code_is_not_the_pile() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.login("89860000000000000002");
    assert_eq!(yard.stands(&order), "abnormal: pile_replaced");
    let evidence = &yard.order(order.id).evidence[0].detail;
    assert!(evidence.contains("89860000000000000002 instead of 89860000000000000001"), "{evidence}");
    let alarms: Vec<Alarm> = yard.bench.books.all().unwrap();
    assert_eq!(alarms[0].code, "pile.taken_over");
    // Its record is kept for the person who decides.
    yard.receives(yard.bill(order.transaction_number, ONE, 10_000));
    assert_eq!(yard.stands(&order), "abnormal: pile_replaced");
    assert!(yard.order(order.id).settlement.is_some());
    // Without a charge a new SIM card is nothing but that.
    let mut yard = Yard::new();
    yard.login("89860000000000000002");
    assert!(yard.bench.books.all::<Alarm>().unwrap().is_empty());
    let state: PileState = yard.bench.get(&pile()).unwrap().unwrap();
    assert_eq!(state.iccid.as_deref(), Some("89860000000000000002"));
}

#[test]
fn the_platform_restarts_during_charges() {
    let mut yard = Yard::new();
    let charging = yard.charging();
    let start = StartOrder { connector: TWO, ..Yard::remote(None) };
    let starting = yard.work(|business| business.start_order(start)).remove(0);
    // Killed: what it knew of connections and of moments to wake at is gone.
    yard.bench.reaction = Reaction::default();
    yard.bench.presence.online.clear();
    yard.work(|business| business.resume());
    let told: Vec<OrderId> = yard.bench.reaction.orders.iter().map(|brief| brief.order).collect();
    assert!(told.contains(&charging.id) && told.contains(&starting.id));
    yard.pass(10);
    yard.login(SIM);
    yard.charges(&charging);
    yard.charges(&starting);
    assert_eq!((yard.stands(&charging).as_str(), yard.stands(&starting).as_str()), ("charging", "charging"));
    // Restarted again and again, a pile that never comes back is still missed after three days.
    for _ in 0..8 {
        yard.bench.reaction = Reaction::default();
        yard.bench.presence.online.clear();
        yard.work(|business| business.resume());
        yard.pass(10 * 3_600);
    }
    assert_eq!(yard.stands(&charging), "abnormal: pile_gone");
    assert_eq!(yard.stands(&starting), "abnormal: pile_gone");
}

#[test]
fn a_login_tells_of_the_pile() {
    let mut yard = Yard::new();
    let mut known: Pile = yard.bench.get(&pile()).unwrap().unwrap();
    known.connector_count = 0;
    yard.bench.put(&known).unwrap();
    yard.login(SIM);
    let known: Pile = yard.bench.get(&pile()).unwrap().unwrap();
    assert_eq!(known.connector_count, 2);
    yard.idles(ONE, false);
    yard.idles(TWO, true);
    yard.goes_offline();
    assert_eq!((yard.shown(ONE), yard.shown(TWO)), (ConnectorState::Offline, ConnectorState::Offline));
    let event = yard.bench.books.events().iter().find(|event| event.event_type == EventType::PileOffline).unwrap();
    assert_eq!((event.pile, event.data["reason"].as_str()), (Some(pile()), Some("closed")));
}

#[test]
fn a_connector_cut_off_from_its_concentrator_is_away() {
    let mut yard = Yard::new();
    let order = yard.charging();
    let cut_off = yard.telemetry(TransactionNumber::ZERO, Reported::Offline, true);
    yard.reports(ONE, cut_off);
    assert!(yard.order(order.id).away_since.is_some());
    yard.pass(600);
    yard.charges(&order);
    let order = yard.order(order.id);
    assert_eq!((order.state, order.away_since, order.deadline), (OrderState::Charging, None, None));
}

#[test]
fn a_pile_that_is_asked_again_while_it_is_away_has_its_time_anew() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.goes_offline();
    yard.pass(4 * 86_400);
    assert_eq!(yard.stands(&order), "abnormal: pile_gone");
    yard.work(|business| business.resolve_order(order.id, Resolution::AskAgain, "user:wang", None));
    yard.pass(86_400);
    assert_eq!(yard.stands(&order), "awaiting_record");
}

#[test]
fn a_charge_is_found_behind_all_that_nobody_has_dealt_with() {
    let mut yard = Yard::new();
    let order = yard.work(|business| business.start_order(Yard::remote(None))).remove(0);
    yard.answers(&order, Ok(()));
    yard.charges(&order);
    yard.idles(ONE, false);
    yard.pass(30);
    assert_eq!(yard.stands(&order), "abnormal: record_overdue");
    let left = yard.order(order.id);
    for _ in 0..250 {
        let id = yard.work(|business| Ok(OrderId(business.books.next_number(crate::book::Kind::Order)?)));
        yard.bench.put(&Order { id, ..left.clone() }).unwrap();
    }
    let order = yard.charging();
    assert_eq!(yard.refusal(|business| business.start_order(Yard::remote(None))), "connector_busy");
    yard.goes_offline();
    assert!(yard.order(order.id).away_since.is_some());
}

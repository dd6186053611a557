//! Parallel charging (0xA1 to 0xA4): both connectors or none.

use super::*;
use crate::order::ParallelRole;

fn both() -> StartOrder {
    StartOrder { parallel_with: Some(TWO), ..Yard::remote(Some(li_wei())) }
}

fn half(connector: ConnectorNumber, role: ParallelRole) -> StartRequest {
    let parallel = Some(ParallelRequest { session: "261120160000".to_owned(), role });
    StartRequest { parallel, ..Yard::card_request(connector) }
}

fn carries(yard: &mut Yard, charges: u32) {
    let station: crate::station::Station = yard.bench.get(&"north-gate".parse().unwrap()).unwrap().unwrap();
    yard.bench.put(&crate::station::Station { capacity: Some(charges), ..station }).unwrap();
}

#[test]
fn two_linked_orders_share_the_money() {
    let mut yard = Yard::new();
    yard.top_up(1);
    let orders = yard.work(|business| business.start_order(both()));
    let [main, aux] = &orders[..] else { panic!("two orders") };
    assert_eq!((main.connector, aux.connector), (ONE, TWO));
    assert_eq!((main.parallel, aux.parallel), (Some(ParallelRole::Main), Some(ParallelRole::Auxiliary)));
    assert_eq!((main.reserved, aux.reserved), (fen(5_001), fen(5_000)));
    assert!(main.group.is_some() && main.group == aux.group);
    assert_eq!(yard.sent(), ["start_parallel", "start_parallel"]);
    for command in &yard.bench.reaction.dispatch {
        let CommandAction::StartParallel { session, .. } = &command.request else { panic!() };
        assert_eq!(session, "261120160000");
    }
    for order in &orders {
        yard.charges(order);
        yard.pass(30);
        yard.receives(yard.bill(order.transaction_number, order.connector, 10_000));
        assert_eq!(yard.stands(order), "settled");
    }
    assert_eq!(yard.money(), (9_801, 0));
}

#[test]
fn one_that_does_not_start_stops_the_other() {
    let mut yard = Yard::new();
    let orders = yard.work(|business| business.start_order(both()));
    yard.charges(&orders[0]);
    yard.answers(&orders[1], Err("device_fault"));
    assert_eq!(
        (yard.stands(&orders[0]).as_str(), yard.stands(&orders[1]).as_str()),
        ("stopping", "failed: device_fault")
    );
    assert!(yard.sent().contains(&"stop_charge"));
    assert_eq!(yard.order(orders[0].id).end_reason.as_deref(), Some("parallel_failed"));
    yard.pass(5);
    yard.receives(yard.bill(orders[0].transaction_number, ONE, 5_000));
    assert_eq!((yard.stands(&orders[0]).as_str(), yard.money()), ("settled", (9_950, 0)));
}

#[test]
fn a_station_with_room_for_one_more_takes_none_of_two() {
    let mut yard = Yard::new();
    carries(&mut yard, 1);
    assert_eq!(yard.refusal(|business| business.start_order(both())), "station_capacity");
    carries(&mut yard, 2);
    assert_eq!(yard.work(|business| business.start_order(both())).len(), 2);
}

#[test]
fn one_busy_connector_and_none_starts() {
    let mut yard = Yard::new();
    let start = StartOrder { connector: TWO, ..Yard::remote(None) };
    yard.work(|business| business.start_order(start));
    assert_eq!(yard.refusal(|business| business.start_order(both())), "connector_busy");
    assert_eq!(yard.orders().len(), 1);
}

#[test]
fn a_stop_stops_both() {
    let mut yard = Yard::new();
    let orders = yard.work(|business| business.start_order(both()));
    yard.charges(&orders[0]);
    yard.charges(&orders[1]);
    yard.work(|business| business.stop_order(orders[1].id, "user:wang"));
    assert_eq!((yard.stands(&orders[0]).as_str(), yard.stands(&orders[1]).as_str()), ("stopping", "stopping"));
    assert_eq!(yard.sent().iter().filter(|name| **name == "stop_charge").count(), 2);
}

#[test]
fn a_pile_asks_for_both_with_one_card() {
    let mut yard = Yard::new();
    let first = yard.ask(half(ONE, ParallelRole::Main));
    let second = yard.ask(half(TWO, ParallelRole::Auxiliary));
    assert_eq!((first.refusal, second.refusal), (None, None));
    assert_eq!((first.balance, second.balance), (fen(5_000), fen(5_000)));
    let (main, aux) = (yard.order(first.order.unwrap()), yard.order(second.order.unwrap()));
    assert!(main.group.is_some() && main.group == aux.group);
    // Asked again, told again.
    assert_eq!(yard.ask(half(ONE, ParallelRole::Main)), first);
    assert_eq!(yard.ask(half(TWO, ParallelRole::Auxiliary)), second);
    // The same session number another day is another charge.
    for order in [&main, &aux] {
        yard.charges(order);
        yard.pass(30);
        yard.receives(yard.bill(order.transaction_number, order.connector, 5_000));
    }
    let later = yard.ask(half(ONE, ParallelRole::Main));
    assert_ne!(yard.order(later.order.unwrap()).group, main.group);
}

#[test]
fn a_refused_half_stops_the_other_one() {
    let mut yard = Yard::new();
    let first = yard.ask(half(ONE, ParallelRole::Main));
    let main = yard.order(first.order.unwrap());
    let request = StartRequest { identity: "00000000ffffffff".to_owned(), ..half(TWO, ParallelRole::Auxiliary) };
    assert_eq!(yard.ask(request).refusal, Some(StartRefusal::AccountUnknown));
    assert_eq!((yard.stands(&main).as_str(), yard.sent()), ("stopping", vec!["stop_charge"]));
    yard.command_ends("stop", CommandResult::Refused("not_charging".to_owned(), Value::Null));
    yard.pass(30);
    assert_eq!((yard.stands(&main).as_str(), yard.money()), ("failed: stopped_before_start", (10_000, 0)));
}

#[test]
fn a_half_that_is_stopped_while_the_pile_is_away_waits_for_it() {
    let mut yard = Yard::new();
    let orders = yard.work(|business| business.start_order(both()));
    yard.charges(&orders[1]);
    yard.goes_offline();
    yard.pass(90);
    assert_eq!(yard.stands(&orders[0]), "failed: start_unanswered");
    assert_eq!(yard.stands(&orders[1]), "stopping");
    yard.pass(3600);
    assert_eq!(yard.stands(&orders[1]), "stopping");
    yard.login("89860000000000000001");
    assert!(yard.sent().contains(&"stop_charge"));
}

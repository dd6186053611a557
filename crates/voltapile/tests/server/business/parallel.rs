//! Parallel charging (双枪并充): one car, two connectors; both charge or none.

use serde_json::{Value, json};
use voltapile_protocol::ykc::code::{RemoteStartFailure, StartRefusal};
use voltapile_simulator::model::{Action, Credential, Refusal};

use super::stage::{CUSTOMER, Sim, Stage, bill, card, fen, tariff};

/// Asks for a charge with both connectors of a pile.
#[track_caller]
fn start(stage: &Stage, pile: &Sim) -> Value {
    let body = json!({
        "pile": pile.code.to_string(), "connector": 1, "parallel_with": 2, "account": CUSTOMER, "limit": "100.01",
    });
    stage.api.post("orders?wait=10s", &body).ok()
}

/// The other order of a parallel charge.
#[track_caller]
fn other_half(stage: &Stage, order: &Value) -> Value {
    let group = order["group"].as_str().unwrap();
    let mut orders = stage.api.items(&format!("orders?group={group}"));
    orders.retain(|other| other["id"] != order["id"]);
    assert_eq!(orders.len(), 1, "{orders:#?}");
    orders.pop().unwrap()
}

#[test]
fn both_connectors_charge_one_car_and_stop_together() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let main = start(&stage, &pile);
    let auxiliary = other_half(&stage, &main);
    assert_eq!((&main["parallel"], &auxiliary["parallel"]), (&json!("main"), &json!("auxiliary")));
    assert_eq!((&main["connector"], &auxiliary["connector"]), (&json!(1), &json!(2)));
    assert_eq!((&main["reserved"], &auxiliary["reserved"]), (&json!("50.01"), &json!("50.00")));
    assert_ne!(main["transaction_number"], auxiliary["transaction_number"]);
    pile.until("both charge", |pile| pile.charging() == [1, 2]);
    pile.until_energy(1);
    pile.until_energy(2);
    let auxiliary = stage.until(&auxiliary, "charging");
    // To stop one is to stop both.
    let main = stage.finish(&main);
    let auxiliary = stage.until(&auxiliary, "settled");
    let mut paid = 0;
    for order in [&main, &auxiliary] {
        assert_eq!(order["end_reason"], "stopped_by_platform", "{order:#}");
        let charged = fen(&order["charged"]);
        assert_eq!(charged, bill(&stage.record_of(order), &tariff()));
        paid += charged;
    }
    assert_eq!(stage.money(CUSTOMER), (50_000 - paid, 0));
    let commands = stage.api.items(&format!("piles/{}/commands?action=start_parallel", pile.code));
    assert_eq!(commands.len(), 2);
    assert_eq!(commands[0]["request"]["session"], commands[1]["request"]["session"]);
}

#[test]
fn where_one_connector_refuses_none_charges() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    pile.break_down(2, &[13]);
    stage.until_connector(&pile, 2, "fault");
    let main = start(&stage, &pile);
    let auxiliary = stage.until(&other_half(&stage, &main), "failed");
    assert_eq!(auxiliary["failure"], "device_fault");
    assert_eq!(pile.connector(2).last_refusal, Some(Refusal::Pile(RemoteStartFailure::DeviceFault)));
    // The first one had begun: it is stopped, and what it delivered meanwhile is paid.
    let mut main = stage.order(&main);
    if main["state"] != "failed" {
        main = stage.until(&main, "settled");
        assert_eq!(main["end_reason"], "parallel_failed", "{main:#}");
    }
    pile.until("nobody charges", |pile| pile.charging().is_empty());
    let paid = if main["charged"].is_null() { 0 } else { fen(&main["charged"]) };
    assert_eq!(stage.money(CUSTOMER), (50_000 - paid, 0));
}

#[test]
fn where_one_connector_is_taken_nothing_is_even_asked() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let order = stage.charge(&pile, 2);
    let body = json!({"pile": pile.code.to_string(), "connector": 1, "parallel_with": 2, "account": CUSTOMER});
    assert_eq!(stage.api.post("orders", &body).problem(409), "connector-busy");
    assert_eq!(stage.money(CUSTOMER), (50_000, 10_000));
    stage.finish(&order);
    assert_eq!(stage.api.items("orders").len(), 1);
}

#[test]
fn a_card_starts_both_connectors_or_none() {
    let stage = Stage::new();
    stage.card(7, CUSTOMER);
    let pile = stage.pile(1);
    let ask = |number| {
        pile.act(Action::AskParallel { main: 1, auxiliary: 2, credential: Credential::Card(card(number), None) })
    };
    ask(8);
    let unknown = pile.until("refused", |pile| pile.connectors.iter().all(|one| one.last_refusal.is_some()));
    let refusals = unknown.connectors.iter().map(|one| one.last_refusal.unwrap());
    let reasons = [Refusal::Platform(StartRefusal::AccountUnknown), Refusal::Partner];
    assert!(refusals.clone().all(|refusal| reasons.contains(&refusal)), "{:?}", refusals.collect::<Vec<_>>());
    assert!(stage.api.items("orders").is_empty());
    ask(7);
    pile.until("both charge", |pile| pile.charging() == [1, 2]);
    pile.until_energy(1);
    pile.until_energy(2);
    let main = stage.order_at(&pile, 1, "charging");
    let auxiliary = stage.order_at(&pile, 2, "charging");
    assert_eq!((&main["origin"], &main["group"]), (&json!("card"), &auxiliary["group"]));
    assert_eq!(stage.money(CUSTOMER), (50_000, 50_000), "the cap of one charge, a half each");
    pile.stop(1);
    pile.stop(2);
    let paid = fen(&stage.until(&main, "settled")["charged"]) + fen(&stage.until(&auxiliary, "settled")["charged"]);
    assert_eq!(stage.money(CUSTOMER), (50_000 - paid, 0));
}

//! Charges while the pile is offline, and piles that go away and come back.

use serde_json::{Value, json};
use voltapile_simulator::model::Refusal;

use super::stage::{CUSTOMER, Sim, Stage, bill, card_text, fen, tariff};

/// A pile that knows the customer's card 7.
fn with_card(stage: &Stage) -> Sim {
    stage.card(7, CUSTOMER);
    let pile = stage.pile(1);
    let body = json!({"cards": [card_text(7)]});
    let answer = stage.api.post(&format!("piles/{}/offline-cards?wait=10s", pile.code), &body).ok();
    assert_eq!(answer["commands"][0]["state"], "succeeded", "{answer:#}");
    pile
}

#[test]
fn offline_charge() {
    let stage = Stage::new();
    let pile = with_card(&stage);
    pile.disconnect();
    stage.until_connector(&pile, 1, "offline");
    pile.swipe(2, 8);
    assert_eq!(pile.until_refused(2), Refusal::UnknownOffline);
    pile.swipe(1, 7);
    let charging = pile.until_charging(1);
    let number = charging.transaction_number.unwrap().to_string();
    // Locked meanwhile: the energy is gone all the same, so its account pays.
    let body = json!({"logical_number": "1007", "account": CUSTOMER, "offline": true, "status": "frozen"});
    stage.api.put(&format!("cards/{}", card_text(7)), &body).ok();
    pile.until_energy(1);
    pile.stop(1);
    assert!(stage.api.items("orders").is_empty(), "nobody knows yet");
    pile.reconnect();
    pile.until_billed();
    let order = stage.order_at(&pile, 1, "settled");
    assert_eq!((&order["origin"], &order["account"]), (&json!("offline_card"), &json!(CUSTOMER)));
    assert_eq!((&order["card"], &order["transaction_number"]), (&json!(card_text(7)), &json!(number)));
    let charged = fen(&order["charged"]);
    assert_eq!(charged, bill(&stage.record_of(&order), &tariff()));
    assert!(charged > 0);
    assert_eq!(stage.money(CUSTOMER), (50_000 - charged, 0));
}

#[test]
fn a_charge_goes_on_while_its_pile_is_away() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let order = stage.charge(&pile, 1);
    pile.disconnect();
    stage.until_connector(&pile, 1, "offline");
    let away = stage.order(&order);
    assert_eq!(away["state"], "charging");
    assert!(away["deadline"].is_string(), "it does not wait for ever: {away:#}");
    assert_eq!(stage.api.act(&format!("orders/{}/stop", order["id"])).problem(409), "pile-offline");
    let mark = stage.latest_event();
    pile.reconnect();
    stage.until_connector(&pile, 1, "charging");
    let back = stage.order(&order);
    assert_eq!((&back["state"], &back["deadline"]), (&json!("charging"), &Value::Null), "{back:#}");
    assert!(stage.events_after(mark, "type=order.charging").is_empty(), "it never ended");
    stage.finish(&order);
}

#[test]
fn a_charge_that_ended_while_its_pile_was_away_is_settled_when_it_is_back() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let order = stage.charge(&pile, 1);
    pile.disconnect();
    pile.stop(1);
    assert_eq!(pile.snapshot().unconfirmed_records, 1);
    pile.reconnect();
    let settled = stage.until(&order, "settled");
    assert_eq!(fen(&settled["charged"]), bill(&stage.record_of(&settled), &tariff()));
}

#[test]
fn a_pile_that_reboots_ends_its_charge_and_comes_back() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let order = stage.charge(&pile, 1);
    let mark = stage.latest_event();
    let command = stage.ask(&pile, &json!({"action": "reboot", "when": "now"}));
    assert_eq!(command["state"], "succeeded", "{command:#}");
    let settled = stage.until(&order, "settled");
    assert_eq!(settled["stop_code"], 0x6A);
    stage.event(mark, "pile.online", |_| true);
    pile.until("at work", |pile| pile.is_working);
    // Nothing holds the connector: the next one charges.
    let next = stage.charge(&pile, 1);
    stage.finish(&next);
}

#[test]
fn a_reboot_when_idle_waits_for_the_end_of_the_charge() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let order = stage.charge(&pile, 1);
    let mark = stage.latest_event();
    let command = stage.ask(&pile, &json!({"action": "reboot", "when": "idle"}));
    assert_eq!(command["state"], "succeeded", "{command:#}");
    assert_eq!(pile.snapshot().charging(), [1]);
    stage.finish(&order);
    stage.event(mark, "pile.online", |_| true);
}

#[test]
fn a_pile_that_never_dialled_in_cannot_charge() {
    let stage = Stage::new();
    let pile = crate::support::messages::code(1);
    stage.place(pile);
    let body = json!({"pile": pile.to_string(), "connector": 1, "account": CUSTOMER});
    assert_eq!(stage.api.post("orders", &body).problem(409), "pile-offline");
    assert!(stage.api.items("orders").is_empty());
}

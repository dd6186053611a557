//! Money: the ledger, the policies that judge bills, and what is exported.

use std::thread;

use serde_json::{Value, json};
use voltapile_protocol::wire::Yuan;
use voltapile_simulator::model::Billing;

use super::stage::{CUSTOMER, Stage, bill, fen, tariff};
use crate::support::Setup;

#[test]
fn the_ledger_tells_of_every_fen() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let settled = stage.finish(&stage.charge(&pile, 1));
    let charged = fen(&settled["charged"]);
    let body = json!({"amount": "-1.50", "note": "Kulanz"});
    stage.api.post(&format!("accounts/{CUSTOMER}/adjustments"), &body).ok();
    let entries = stage.api.items(&format!("accounts/{CUSTOMER}/entries"));
    let told: Vec<(&str, i64)> =
        entries.iter().rev().map(|entry| (entry["kind"].as_str().unwrap(), fen(&entry["amount"]))).collect();
    assert_eq!(
        told,
        [("top_up", 50_000), ("reserve", 10_000), ("release", -10_000), ("charge", -charged), ("adjustment", -150),]
    );
    let charge = &entries[1];
    assert_eq!((&charge["order"], fen(&charge["balance"])), (&settled["id"], 50_000 - charged));
    for (path, amount) in [("top-ups", "0.00"), ("top-ups", "-5.00"), ("adjustments", "0")] {
        let body = json!({"amount": amount, "note": "x"});
        assert_eq!(stage.api.post(&format!("accounts/{CUSTOMER}/{path}"), &body).problem(422), "unprocessable");
    }
    let body = json!({"amount": "1.001"});
    assert_eq!(stage.api.post(&format!("accounts/{CUSTOMER}/top-ups"), &body).problem(400), "invalid-body");
    assert_eq!(stage.api.delete(&format!("accounts/{CUSTOMER}")).status, 409, "it has money");
}

#[test]
fn a_policy_may_take_our_amount_and_may_differ_by_model() {
    let setup = Setup::new().set("SETTLEMENT_BEYOND", "ours").set("SETTLEMENT_MODELS", "VP-120: beyond=pile");
    let stage = Stage::on(setup);
    let billing = Billing::Overcharged(Yuan::from_raw(10_000));
    let by_model = stage.pile_with(1, |setup| setup.behaviour.billing = billing);
    let of_no_model = stage.pile_with(2, |setup| setup.behaviour.billing = billing);
    stage.api.put(&format!("piles/{}", of_no_model.code), &json!({"station": "north-gate"})).ok();
    for (pile, verdict, more) in [(&by_model, "pile", 100), (&of_no_model, "ours", 0)] {
        let settled = stage.finish(&stage.charge(pile, 1));
        assert_eq!(settled["settlement"]["verdict"], verdict, "{settled:#}");
        let due = bill(&stage.record_of(&settled), &tariff()) + more;
        assert!((fen(&settled["charged"]) - due).abs() <= 1, "{due}: {settled:#}");
    }
}

#[test]
fn charges_at_the_same_time_share_what_there_is() {
    let stage = Stage::new();
    let piles = [stage.pile(1), stage.pile(2), stage.pile(3)];
    stage.account("fleet", "42.00");
    let ask = |pile: &str, connector: u8| {
        let body = json!({"pile": pile, "connector": connector, "account": "fleet", "limit": "10.00"});
        stage.api.post("orders?wait=10s", &body)
    };
    // Six people ask at once; there is money for four and a bit, and 2 yuan are too little to begin.
    let answers: Vec<_> = thread::scope(|scope| {
        let asked: Vec<_> = piles
            .iter()
            .flat_map(|pile| [1, 2].map(|connector| (pile.code.to_string(), connector)))
            .map(|(pile, connector)| scope.spawn(move || ask(&pile, connector)))
            .collect();
        asked.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (orders, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((orders.len(), refused.len()), (4, 2));
    assert!(refused.iter().all(|answer| answer.problem(409) == "balance-too-low"));
    assert_eq!(stage.money("fleet"), (4_200, 4_000));
    let mut paid = 0;
    for order in &orders {
        let order = stage.until(&order.json(), "charging");
        paid += fen(&stage.finish(&order)["charged"]);
    }
    assert_eq!(stage.money("fleet"), (4_200 - paid, 0));
}

#[test]
fn what_is_exported_adds_up_to_what_was_paid() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    for _ in 0..2 {
        stage.finish(&stage.charge(&pile, 1));
    }
    let csv = stage.api.get("orders?format=csv");
    assert!(csv.header("content-type").unwrap().starts_with("text/csv"), "{csv:?}");
    let mut lines = csv.text.trim_start_matches('\u{feff}').lines();
    let columns: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = columns.iter().position(|name| name.starts_with("charged")).unwrap_or_else(|| panic!("{columns:?}"));
    let paid: i64 = lines.map(|line| fen(&Value::from(line.split(',').nth(column).unwrap()))).sum();
    assert_eq!(stage.money(CUSTOMER), (50_000 - paid, 0));
    let records = stage.api.get("records?format=csv").text;
    assert_eq!(records.lines().count(), 3);
}

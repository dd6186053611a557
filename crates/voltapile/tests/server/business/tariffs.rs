//! Tariffs on their way to piles, and what each pile really runs.

use serde_json::{Value, json};

use super::stage::{OPERATOR, STATION, Sim, Stage, TARIFF, bill, fen, tariff};
use crate::support::messages::code;

/// The stage's tariff with another price of electricity, the same all day.
fn flat(price: &str) -> Value {
    json!({
        "name": "平价", "loss_ratio": 0,
        "prices": {"flat": {"electricity": price, "service": "0.20000"}},
        "periods": [{"from": "00:00", "to": "24:00", "tier": "flat"}],
    })
}

/// Waits until a pile runs a tariff of a number, by its own word and the platform's.
#[track_caller]
fn until_running(stage: &Stage, pile: &Sim, number: &Value) {
    let what = format!("{} runs {number}", pile.code);
    stage.after_events(
        "type=pile.tariff_changed",
        &what,
        |_| true,
        || (stage.shown(pile)["running_tariff"] == *number).then_some(()),
    );
    assert_eq!(pile.snapshot().tariff_id.to_string(), number.as_str().unwrap());
}

#[test]
fn a_new_version_reaches_idle_piles_at_once_and_busy_ones_charge_on_by_the_old_one() {
    let stage = Stage::new();
    let (idle, busy) = (stage.pile(1), stage.pile(2));
    let order = stage.charge(&busy, 1);
    let first = stage.api.get(&format!("tariffs/{TARIFF}")).ok();
    let second = stage.api.put(&format!("tariffs/{TARIFF}"), &flat("11.00000")).ok();
    assert_eq!((&first["version"], &second["version"]), (&json!(1), &json!(2)), "the first one was used");
    assert_ne!(first["number"], second["number"]);
    until_running(&stage, &idle, &second["number"]);
    let pushed = stage.api.items(&format!("piles/{}/commands?action=set_tariff", idle.code));
    assert_eq!((&pushed[0]["state"], &pushed[0]["request"]["version"]), (&json!("succeeded"), &json!(2)));
    assert_eq!(stage.shown(&busy)["running_tariff"], first["number"], "it charges");
    // What began under the old version is billed by it.
    let settled = stage.finish(&order);
    assert_eq!(settled["tariff"]["version"], 1);
    assert_eq!(fen(&settled["charged"]), bill(&stage.record_of(&settled), &tariff()));
    let next = stage.finish(&stage.charge(&idle, 1));
    assert_eq!(next["tariff"]["version"], 2);
    assert_eq!(fen(&next["charged"]), bill(&stage.record_of(&next), &flat("11.00000")));
    let versions = stage.api.items(&format!("tariffs/{TARIFF}/versions"));
    assert_eq!(versions.len(), 2);
    assert!(versions.iter().all(|version| version["used_at"].is_string()), "{versions:#?}");
}

#[test]
fn a_pile_that_was_away_learns_of_its_tariff_when_it_is_back() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    pile.disconnect();
    stage.until_connector(&pile, 1, "offline");
    let second = stage.api.put(&format!("tariffs/{TARIFF}"), &flat("3.00000")).ok();
    pile.reconnect();
    until_running(&stage, &pile, &second["number"]);
    stage.finish(&stage.charge(&pile, 1));
}

#[test]
fn a_pile_of_its_own_tariff_leaves_its_stations_and_comes_back_to_it() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let own = stage.api.put("tariffs/own", &flat("2.00000")).ok();
    let answer = stage.api.post("tariffs/own/assign", &json!({"piles": [pile.code.to_string()]})).ok();
    assert_eq!(answer["piles"], json!([pile.code.to_string()]));
    until_running(&stage, &pile, &own["number"]);
    let stations = stage.api.get(&format!("tariffs/{TARIFF}")).ok();
    stage.api.put(&format!("piles/{}/tariff", pile.code), &json!({"tariff": null})).ok();
    until_running(&stage, &pile, &stations["number"]);
}

#[test]
fn a_version_for_later_waits_for_its_time() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let first = stage.api.get(&format!("tariffs/{TARIFF}")).ok();
    let mut later = flat("4.00000");
    later["effective_from"] = json!("2099-01-01T00:00:00Z");
    let later = stage.api.put(&format!("tariffs/{TARIFF}"), &later).ok();
    assert_eq!(later["version"], 2);
    assert_eq!(stage.api.get(&format!("tariffs/{TARIFF}")).ok()["version"], 1, "the one in force is shown");
    let settled = stage.finish(&stage.charge(&pile, 1));
    assert_eq!(settled["tariff"]["version"], 1);
    assert_eq!(stage.shown(&pile)["running_tariff"], first["number"]);
}

#[test]
fn a_station_takes_a_tariff_for_all_its_piles() {
    let stage = Stage::new();
    let (first, second) = (stage.pile(1), stage.pile(2));
    let other = stage.api.put("tariffs/summer", &flat("5.00000")).ok();
    stage.api.post("tariffs/summer/assign", &json!({"stations": [STATION]})).ok();
    until_running(&stage, &first, &other["number"]);
    until_running(&stage, &second, &other["number"]);
    // To all of them or to none.
    let both = json!({"piles": [code(1).to_string(), code(77).to_string()]});
    assert_eq!(stage.api.post(&format!("tariffs/{TARIFF}/assign"), &both).problem(422), "unprocessable");
    assert_eq!(stage.shown(&first)["tariff"], Value::Null);
}

#[test]
fn a_used_version_never_changes_and_an_unused_one_is_replaced() {
    let stage = Stage::new();
    stage.api.put("tariffs/draft", &flat("1.00000")).ok();
    let again = stage.api.put("tariffs/draft", &flat("1.50000")).ok();
    assert_eq!(again["version"], 1, "nobody has seen the first draft");
    let number = again["number"].clone();
    let body = json!({"name": "北门站", "operator": OPERATOR, "tariff": "draft"});
    stage.api.put(&format!("stations/{STATION}"), &body).ok();
    let pile = stage.pile(1);
    until_running(&stage, &pile, &number);
    let same = stage.api.put("tariffs/draft", &flat("1.50000")).ok();
    assert_eq!((&same["version"], &same["number"]), (&json!(1), &number), "the same is nothing new");
    let next = stage.api.put("tariffs/draft", &flat("1.60000")).ok();
    assert_eq!(next["version"], 2);
    let first = stage.api.get("tariffs/draft?version=1").ok();
    assert_eq!(first["prices"]["flat"]["electricity"], "1.50000");
    let taken =
        json!({"number": number, "name": "x", "prices": flat("9.00000")["prices"], "periods": flat("9")["periods"]});
    assert_eq!(stage.api.put("tariffs/other", &taken).problem(422), "unprocessable");
}

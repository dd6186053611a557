//! What takes its time: silence, and how often it is borne. All of it at once, for each waits for a pile's ten seconds.

use std::thread;

use serde_json::json;
use voltapile_simulator::model::Behaviour;

use super::stage::{CUSTOMER, Sim, Stage, bill, fen, tariff};

/// A pile that does not hear frames of some types.
fn deaf(types: &[u16]) -> Behaviour {
    Behaviour { ignores: types.to_vec(), ..Behaviour::default() }
}

/// A command that must not be given twice has failed after its time.
fn a_reboot_that_is_not_answered_has_timed_out(stage: &Stage, pile: &Sim) {
    pile.behave(deaf(&[0x92]));
    let command = stage.ask(pile, &json!({"action": "reboot", "when": "idle"}));
    assert_eq!((&command["state"], &command["reason"]), (&json!("timed_out"), &json!("no_answer")), "{command:#}");
    assert_eq!(command["attempts"], 1);
    pile.behave(Behaviour::default());
    assert_eq!(stage.ask(pile, &json!({"action": "sync_clock"}))["state"], "succeeded", "it is none the worse for it");
}

/// One that does no harm is given again; what waits for its turn goes behind it.
fn a_question_that_got_lost_is_asked_again(stage: &Stage, pile: &Sim) {
    pile.behave(deaf(&[0x76]));
    let path = format!("piles/{}/commands", pile.code);
    let read = json!({"action": "read_sim_number"});
    let (first, second) = (stage.api.post(&path, &read).ok(), stage.api.post(&path, &read).ok());
    assert_eq!((&first["state"], &second["state"]), (&json!("sent"), &json!("queued")));
    pile.behave(Behaviour::default());
    let ended = |command: &serde_json::Value| stage.api.get(&format!("commands/{}?wait=25s", command["id"])).ok();
    let (first, second) = (ended(&first), ended(&second));
    assert_eq!((&first["state"], &first["attempts"]), (&json!("succeeded"), &json!(2)), "{first:#}");
    assert_eq!((&second["state"], &second["attempts"]), (&json!("succeeded"), &json!(1)), "{second:#}");
}

/// A stop always stops (V1.6 §13.3 rule 3).
fn a_stop_that_got_lost_is_said_again(stage: &Stage, pile: &Sim) {
    let order = stage.charge(pile, 1);
    pile.behave(deaf(&[0x36]));
    let command = stage.api.act(&format!("orders/{}/stop", order["id"])).ok();
    assert_eq!(stage.order(&order)["state"], "stopping");
    // Asked again meanwhile, it is the same one.
    let again = stage.api.act(&format!("orders/{}/stop", order["id"])).ok();
    assert_eq!(again["id"], command["id"]);
    pile.behave(Behaviour::default());
    let ended = stage.api.get(&format!("commands/{}?wait=25s", command["id"])).ok();
    assert_eq!((&ended["state"], &ended["attempts"]), (&json!("succeeded"), &json!(2)), "{ended:#}");
    let settled = stage.until(&order, "settled");
    assert_eq!(fen(&settled["charged"]), bill(&stage.record_of(&settled), &tariff()));
}

/// A tariff that was not heard of is given again, and the pile is known to run the old one until then.
fn a_tariff_that_got_lost_is_sent_again(stage: &Stage, pile: &Sim) {
    pile.behave(deaf(&[0x58]));
    let mut other = tariff();
    other["name"] = json!("other");
    let other = stage.api.put("tariffs/other", &other).ok();
    stage.api.post("tariffs/other/assign", &json!({"piles": [pile.code.to_string()]})).ok();
    assert_ne!(stage.shown(pile)["running_tariff"], other["number"]);
    pile.behave(Behaviour::default());
    let pushed = stage.api.items(&format!("piles/{}/commands?action=set_tariff", pile.code)).remove(0);
    let ended = stage.api.get(&format!("commands/{}?wait=25s", pushed["id"])).ok();
    assert_eq!((&ended["state"], &ended["attempts"]), (&json!("succeeded"), &json!(2)), "{ended:#}");
    assert_eq!(stage.shown(pile)["running_tariff"], other["number"]);
}

/// A pile that says yes and never says how the start went leaves the customer's money set aside, not lost.
fn a_start_that_is_not_answered_waits(stage: &Stage, pile: &Sim) {
    pile.behave(deaf(&[0x34]));
    let body = json!({"pile": pile.code.to_string(), "connector": 1, "account": CUSTOMER, "limit": "20.00"});
    let order = stage.api.post("orders?wait=1s", &body).ok();
    assert_eq!((&order["state"], &order["reserved"]), (&json!("starting"), &json!("20.00")), "{order:#}");
    pile.behave(Behaviour::default());
    // Stopped, it is not given away to a late answer: the pile says that it does not charge.
    let command = stage.api.act(&format!("orders/{}/stop?wait=10s", order["id"])).ok();
    assert_eq!((&command["state"], &command["reason"]), (&json!("refused"), &json!("not_charging")));
    assert_eq!(stage.order(&order)["state"], "awaiting_record");
}

#[test]
fn silence_is_borne_as_often_as_it_does_no_harm() {
    let stage = Stage::new();
    let scenes: [fn(&Stage, &Sim); 5] = [
        a_reboot_that_is_not_answered_has_timed_out,
        a_question_that_got_lost_is_asked_again,
        a_stop_that_got_lost_is_said_again,
        a_tariff_that_got_lost_is_sent_again,
        a_start_that_is_not_answered_waits,
    ];
    let piles: Vec<Sim> = (1..=5).map(|number| stage.pile(number)).collect();
    thread::scope(|scope| {
        for (scene, pile) in scenes.iter().zip(&piles) {
            scope.spawn(|| scene(&stage, pile));
        }
    });
}

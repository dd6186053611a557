//! Offline cards in piles' memory: in batches that fit a frame, and known pile by pile.

use serde_json::{Value, json};

use super::stage::{CUSTOMER, Sim, Stage, card_text};

/// What the API knows of the cards in a pile, by state.
fn known(stage: &Stage, pile: &Sim, state: &str) -> Vec<String> {
    let cards = stage.api.items(&format!("piles/{}/offline-cards?state={state}", pile.code));
    cards.iter().map(|card| card["card"].as_str().unwrap().to_owned()).collect()
}

/// Asks something about cards of a pile and waits for all of it.
#[track_caller]
fn ask(stage: &Stage, pile: &Sim, act: &str, numbers: &[u16]) -> Vec<Value> {
    let cards: Vec<String> = numbers.iter().map(|number| card_text(*number)).collect();
    let path = format!("piles/{}/offline-cards{act}?wait=20s", pile.code);
    let answer = stage.api.post(&path, &json!({"cards": cards})).ok();
    answer["commands"].as_array().unwrap().clone()
}

#[test]
fn thirty_cards_go_out_in_three_frames() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let numbers: Vec<u16> = (1..=30).collect();
    numbers.iter().for_each(|number| stage.card(*number, CUSTOMER));
    let commands = ask(&stage, &pile, "", &numbers);
    let sizes: Vec<usize> =
        commands.iter().map(|command| command["request"]["cards"].as_array().unwrap().len()).collect();
    assert_eq!(sizes, [10, 10, 10]);
    assert!(commands.iter().all(|command| command["state"] == "succeeded"), "{commands:#?}");
    assert_eq!(pile.snapshot().offline_cards.len(), 30);
    assert_eq!(known(&stage, &pile, "present").len(), 30);
    let piles = stage.api.items(&format!("cards/{}/piles", card_text(30)));
    assert_eq!((piles.len(), &piles[0]["pile"]), (1, &json!(pile.code.to_string())));

    // A card in a pile can't be forgotten: it would go on charging.
    assert_eq!(stage.api.delete(&format!("cards/{}", card_text(30))).status, 409);
    let cleared = ask(&stage, &pile, "/clear", &numbers[10..]);
    assert_eq!(cleared.len(), 2);
    assert_eq!(pile.snapshot().offline_cards.len(), 10);
    assert_eq!((known(&stage, &pile, "present").len(), known(&stage, &pile, "absent").len()), (10, 20));
    assert_eq!(stage.api.delete(&format!("cards/{}", card_text(30))).status, 204);
}

#[test]
fn a_pile_without_room_refuses_and_a_query_tells_what_it_has() {
    let stage = Stage::new();
    let pile = stage.pile_with(1, |setup| setup.offline_card_room = 10);
    let numbers: Vec<u16> = (1..=14).collect();
    numbers.iter().for_each(|number| stage.card(*number, CUSTOMER));
    let commands = ask(&stage, &pile, "", &numbers);
    let outcomes: Vec<_> = commands.iter().map(|command| (&command["state"], &command["reason"])).collect();
    assert_eq!(outcomes, [(&json!("succeeded"), &Value::Null), (&json!("refused"), &json!("storage_full"))]);
    assert_eq!((known(&stage, &pile, "present").len(), known(&stage, &pile, "refused").len()), (10, 4));
    let queried = ask(&stage, &pile, "/query", &[1, 12, 99]);
    let answer = &queried[0]["answer"]["cards"];
    let told = |number: u16, present: bool| json!({"physical_number": card_text(number), "present": present});
    assert_eq!(*answer, json!([told(1, true), told(12, false), told(99, false)]));
    assert_eq!(known(&stage, &pile, "absent"), [card_text(12), card_text(99)]);
}

#[test]
fn cards_for_a_pile_that_is_away_wait_for_it() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    pile.disconnect();
    stage.until_connector(&pile, 1, "offline");
    stage.card(1, CUSTOMER);
    let body = json!({"cards": [card_text(1)]});
    let path = format!("piles/{}/offline-cards", pile.code);
    assert_eq!(stage.api.post(&path, &body).problem(409), "pile-offline");
    assert!(stage.api.items(&path).is_empty(), "what was refused is not noted");
    let kept = stage.api.post(&format!("{path}?keep=1h"), &body).ok();
    assert_eq!(known(&stage, &pile, "adding"), [card_text(1)]);
    pile.reconnect();
    let ended = stage.api.get(&format!("commands/{}?wait=10s", kept["commands"][0]["id"])).ok();
    assert_eq!(ended["state"], "succeeded", "{ended:#}");
    assert_eq!(pile.snapshot().offline_cards.len(), 1);
}

#[test]
fn only_active_offline_cards_of_the_operator_are_stored() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let put = |number, body: &Value| stage.api.put(&format!("cards/{}", card_text(number)), body).ok();
    put(1, &json!({"logical_number": "1", "account": CUSTOMER}));
    put(2, &json!({"logical_number": "2", "account": CUSTOMER, "offline": true, "status": "frozen"}));
    let store = |number: u16| {
        stage.api.post(&format!("piles/{}/offline-cards", pile.code), &json!({"cards": [card_text(number)]}))
    };
    assert_eq!(store(1).problem(409), "card-not-offline");
    assert_eq!(store(2).problem(409), "card-frozen");
    assert_eq!(store(3).problem(404), "not-found");
    let none = stage.api.post(&format!("piles/{}/offline-cards", pile.code), &json!({"cards": []}));
    assert!([400, 422].contains(&none.status), "{none:?}");
    assert!(pile.snapshot().offline_cards.is_empty());
}

//! Who may not charge, and what the pile shows of why: each reason of 0x32 in its case.

use serde_json::json;
use voltapile_protocol::wire::{Ascii, Bytes};
use voltapile_protocol::ykc::code::StartRefusal;
use voltapile_simulator::model::{Behaviour, Credential, RecordDelivery, Refusal};

use super::stage::{CUSTOMER, OPERATOR, STATION, Sim, Stage, card, card_text};
use crate::support::Setup;

/// Somebody asks at connector 1 and is refused for a reason, of which the world is told in its word.
#[track_caller]
fn refused(stage: &Stage, pile: &Sim, credential: Credential, reason: StartRefusal, word: &str) {
    let mark = stage.latest_event();
    pile.ask(1, credential);
    assert_eq!(pile.until_refused(1), Refusal::Platform(reason));
    let told = stage.event(mark, "start.refused", |_| true);
    assert_eq!((&told["data"]["reason"], &told["pile"]), (&json!(word), &json!(pile.code.to_string())), "{told:#}");
    assert!(pile.snapshot().charging().is_empty());
}

fn swiped(number: u16) -> Credential {
    Credential::Card(card(number), None)
}

#[test]
fn cards_are_refused_for_what_is_wrong_with_them_or_their_account() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    refused(&stage, &pile, swiped(1), StartRefusal::AccountUnknown, "account_unknown");

    stage.card(2, CUSTOMER);
    let body = json!({"logical_number": "1002", "account": CUSTOMER, "status": "frozen"});
    stage.api.put(&format!("cards/{}", card_text(2)), &body).ok();
    refused(&stage, &pile, swiped(2), StartRefusal::AccountFrozen, "account_frozen");

    stage.account("frozen", "50.00");
    stage.card(3, "frozen");
    stage.api.put("accounts/frozen", &json!({"name": "frozen", "operator": OPERATOR, "status": "frozen"})).ok();
    refused(&stage, &pile, swiped(3), StartRefusal::AccountFrozen, "account_frozen");

    stage.account("poor", "4.99");
    stage.card(4, "poor");
    refused(&stage, &pile, swiped(4), StartRefusal::BalanceTooLow, "balance_too_low");
    stage.top_up("poor", "0.01");
    pile.swipe(1, 4);
    pile.until_charging(1);
    pile.stop(1);
    pile.until_billed();
    stage.order_at(&pile, 1, "settled");

    stage.api.put("stations/south-gate", &json!({"name": "南门站", "operator": OPERATOR})).ok();
    stage.account("elsewhere", "50.00");
    stage.card(5, "elsewhere");
    let body = json!({"name": "elsewhere", "operator": OPERATOR, "allowed_stations": ["south-gate"]});
    stage.api.put("accounts/elsewhere", &body).ok();
    refused(&stage, &pile, swiped(5), StartRefusal::NotAllowedHere, "not_allowed_here");

    stage.api.put("operators/west", &json!({"name": "西部充电"})).ok();
    stage.api.put("accounts/stranger", &json!({"name": "stranger", "operator": "west"})).ok();
    stage.top_up("stranger", "50.00");
    stage.card(6, "stranger");
    refused(&stage, &pile, swiped(6), StartRefusal::NotAllowedHere, "not_allowed_here");
    // Only one charge came of all this.
    assert_eq!(stage.api.items("orders").len(), 1);
}

#[test]
fn a_card_charges_at_one_place_at_a_time() {
    let stage = Stage::new();
    stage.card(7, CUSTOMER);
    let (first, second) = (stage.pile(1), stage.pile(2));
    first.swipe(1, 7);
    first.until_charging(1);
    refused(&stage, &second, swiped(7), StartRefusal::CardUnsettled, "card_unsettled");
    first.stop(1);
    stage.order_at(&first, 1, "settled");
    second.swipe(1, 7);
    second.until_charging(1);
}

#[test]
fn a_connector_whose_record_is_due_is_not_free_at_the_pile() {
    let stage = Stage::new();
    stage.account("zhang-min", "50.00");
    stage.card(7, "zhang-min");
    let held = Behaviour { record_delivery: RecordDelivery::Held, ..Behaviour::default() };
    let pile = stage.pile_with(1, |setup| setup.behaviour = held);
    pile.plug(1);
    let order = stage.charge(&pile, 1);
    pile.stop(1);
    stage.until_connector(&pile, 1, "idle_plugged");
    refused(&stage, &pile, swiped(7), StartRefusal::PileUnsettled, "pile_unsettled");
    pile.act(voltapile_simulator::model::Action::ReleaseRecords);
    stage.until(&order, "settled");
    pile.swipe(1, 7);
    pile.until_charging(1);
}

#[test]
fn a_pile_without_a_tariff_is_out_of_service() {
    let stage = Stage::new();
    stage.card(7, CUSTOMER);
    let pile = stage.pile(1);
    stage.api.put(&format!("stations/{STATION}"), &json!({"name": "北门站", "operator": OPERATOR})).ok();
    refused(&stage, &pile, swiped(7), StartRefusal::PileOutOfService, "pile_out_of_service");
    let body = json!({"pile": pile.code.to_string(), "connector": 1, "account": CUSTOMER});
    assert_eq!(stage.api.post("orders", &body).problem(409), "no-tariff");
}

#[test]
fn a_pile_that_was_told_not_to_work_does_not_charge() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let body = json!({"action": "set_work_parameters", "enabled": false, "power_percent": 100});
    assert_eq!(stage.ask(&pile, &body)["state"], "succeeded");
    assert!(pile.snapshot().is_locked);
    let body = json!({"pile": pile.code.to_string(), "connector": 1, "account": CUSTOMER});
    assert_eq!(stage.api.post("orders", &body).problem(409), "pile-out-of-service");
}

#[test]
fn a_station_carries_so_many_charges() {
    let stage = Stage::new();
    stage.account("zhang-min", "50.00");
    stage.card(7, "zhang-min");
    let station = json!({"name": "北门站", "operator": OPERATOR, "tariff": "day-and-night", "capacity": 1});
    stage.api.put(&format!("stations/{STATION}"), &station).ok();
    let (first, second) = (stage.pile(1), stage.pile(2));
    let order = stage.charge(&first, 2);
    refused(&stage, &second, swiped(7), StartRefusal::StationCapacity, "station_capacity");
    let body = json!({"pile": second.code.to_string(), "connector": 2, "account": CUSTOMER});
    assert_eq!(stage.api.post("orders", &body).problem(409), "station-capacity");
    stage.finish(&order);
    second.swipe(1, 7);
    second.until_charging(1);
}

#[test]
fn a_vehicle_must_be_known_and_enabled() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    refused(&stage, &pile, Credential::Vin, StartRefusal::VinUnknown, "vin_unknown");
    let vin = pile.connector(1).vin.unwrap();
    stage.api.put(&format!("vins/{vin}"), &json!({"account": CUSTOMER, "enabled": false})).ok();
    refused(&stage, &pile, Credential::Vin, StartRefusal::AccountFrozen, "account_frozen");
}

#[test]
fn a_password_must_be_right_and_taken_at_all() {
    let password = |text: &str| Ascii::new(text).ok();
    let number = Bytes([0, 0, 0, 0, 0, 0, 0x08, 0x15]);
    let account = |given: &str| Credential::Account(number, password(given));
    let (right, wrong) = ("49ba59abbe56e057", "0123456789abcdef");
    for allowed in [false, true] {
        let stage = Stage::on(Setup::new().set("CHARGING_ALLOW_PILE_PASSWORDS", allowed));
        let pile = stage.pile(1);
        refused(&stage, &pile, account(right), StartRefusal::AccountUnknown, "account_unknown");
        let body = json!({"name": "李伟", "operator": OPERATOR, "number": "815", "password_md5": right});
        stage.api.put(&format!("accounts/{CUSTOMER}"), &body).ok();
        stage.card(7, CUSTOMER);
        refused(&stage, &pile, account(wrong), StartRefusal::WrongPassword, "wrong_password");
        refused(&stage, &pile, Credential::Account(number, None), StartRefusal::WrongPassword, "wrong_password");
        let with_card = Credential::Card(card(7), password(wrong));
        refused(&stage, &pile, with_card, StartRefusal::WrongPassword, "wrong_password");
        if allowed {
            pile.ask(1, account(right));
            pile.until_charging(1);
        } else {
            refused(&stage, &pile, account(right), StartRefusal::WrongPassword, "wrong_password");
        }
    }
}

#[test]
fn the_api_says_why_a_charge_may_not_start() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    stage.account("poor", "4.99");
    stage.account("frozen", "50.00");
    stage.api.put("accounts/frozen", &json!({"name": "frozen", "operator": OPERATOR, "status": "frozen"})).ok();
    let ask = |connector: u8, account: &str| {
        let body = json!({"pile": pile.code.to_string(), "connector": connector, "account": account});
        stage.api.post("orders", &body)
    };
    assert_eq!(ask(1, "poor").problem(409), "balance-too-low");
    assert_eq!(ask(1, "frozen").problem(409), "account-frozen");
    assert_eq!(ask(1, "nobody").problem(422), "unprocessable");
    assert_eq!(ask(3, CUSTOMER).problem(422), "unprocessable");
    let order = stage.charge(&pile, 1);
    assert_eq!(ask(1, CUSTOMER).problem(409), "connector-busy");
    assert_eq!(ask(0, CUSTOMER).problem(400), "invalid-body");
    stage.finish(&order);
    let stranger = json!({"pile": "32010600000077", "connector": 1});
    assert_eq!(stage.api.post("orders", &stranger).problem(422), "unprocessable");
    assert_eq!(stage.api.items("orders").len(), 1, "what was refused left nothing behind");
}

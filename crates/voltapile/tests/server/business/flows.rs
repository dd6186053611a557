//! The flows of the specification's chapter 5, from power on to the settled order.

use serde_json::{Value, json};
use voltapile_simulator::model::{Behaviour, Credential};

use super::stage::{CUSTOMER, STATION, Sim, Stage, TARIFF, bill, card_text, fen, tariff};
use crate::support::messages::code;
use crate::support::{Setup, eventually};

/// Looks until a list of an order has what is wanted: what was measured is written every two seconds.
#[track_caller]
fn measured(stage: &Stage, order: &Value, list: &str, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let path = format!("orders/{}/{list}", order["id"]);
    let items = || stage.api.get(&path).ok()["items"].as_array().unwrap().clone();
    eventually(&path, || Some(items()).filter(|items| wanted(items)))
}

/// The VIN of the car at a connector.
fn vin(pile: &Sim, connector: u8) -> String {
    pile.connector(connector).vin.unwrap()
}

/// Settled to the fen by the stage's tariff, from money that had been set aside.
#[track_caller]
fn assert_paid(stage: &Stage, order: &Value, account: &str, before: i64) -> i64 {
    let record = stage.record_of(order);
    let charged = fen(&order["charged"]);
    assert_eq!(charged, bill(&record, &tariff()), "{record:#}");
    assert!(charged > 0, "{order:#}");
    assert_eq!(stage.money(account), (before - charged, 0));
    let settlement = &order["settlement"];
    assert_eq!(settlement["verdict"], "pile", "{settlement:#}");
    // Noted are how much it charged after its last report, and that piles round electricity and service together.
    let differences = settlement["differences"].as_array().unwrap();
    assert!(differences.iter().all(|difference| difference["beyond_tolerance"] == false), "{settlement:#}");
    assert_eq!(settlement["pile_amount"], record["parsed"]["amount"]);
    assert_eq!((&order["record"], &order["abnormal_reason"]), (&record["id"], &Value::Null));
    assert_eq!(order["tariff"], json!({"tariff": TARIFF, "version": 1}));
    charged
}

#[test]
fn power_on() {
    let stage = Stage::new();
    stage.place(code(1));
    let mut frames = stage.api.follow(&format!("piles/{}/frames", code(1)));
    let pile = stage.play(1, |_| {});
    pile.until("at work", |pile| pile.is_working);
    // What each side said, in its order: login, clock, tariff.
    let (mut up, mut down) = (Vec::new(), Vec::new());
    while down.last() != Some(&"0x0A".to_owned()) {
        let frame = frames.next();
        let side = if frame["direction"] == "up" { &mut up } else { &mut down };
        side.push(frame["type"].as_str().unwrap().to_owned());
    }
    up.retain(|frame_type| ["0x01", "0x05", "0x09"].contains(&frame_type.as_str()));
    assert_eq!(up, ["0x01", "0x05", "0x09"]);
    // A pile that says that it is idle before it asks for its tariff is told of it besides.
    down.retain(|frame_type| !["0x04", "0x58"].contains(&frame_type.as_str()));
    assert_eq!(down, ["0x02", "0x56", "0x06", "0x0A"]);

    let number = stage.api.get(&format!("tariffs/{TARIFF}")).ok()["number"].clone();
    let told = stage.event(0, "pile.tariff_changed", |event| event["data"]["number"] == number);
    assert_eq!(told["data"]["tariff"], json!({"tariff": TARIFF, "version": 1}));
    stage.until_connector(&pile, 2, "idle_unplugged");
    let shown = stage.shown(&pile);
    assert_eq!((&shown["status"], &shown["running_tariff"]), (&json!("online"), &number));
    assert_eq!((&shown["operator"], &shown["station"]), (&json!("east"), &json!(STATION)));
    assert_eq!((&shown["connector_count"], &shown["declared"]["pile_type"]), (&json!(2), &json!("dc")));
    for connector in shown["connectors"].as_array().unwrap() {
        assert_eq!(connector["state"], "idle_unplugged");
        assert_eq!(connector["telemetry"]["reported_state"], "idle");
        assert!(connector["state_since"].is_string());
    }
    assert_eq!(pile.snapshot().tariff_id.to_string(), number.as_str().unwrap());

    // Switched on again it has the tariff already: it is only checked.
    pile.disconnect();
    stage.until_connector(&pile, 1, "offline");
    pile.reconnect();
    stage.until_connector(&pile, 1, "idle_unplugged");
    let counted = |direction: &str, frame_type: &str| {
        stage.api.metric(&format!("frames_total{{direction=\"{direction}\",protocol=\"ykc\",type=\"{frame_type}\"}}"))
    };
    assert_eq!((counted("up", "0x05"), counted("down", "0x06")), (2, 2));
    assert_eq!((counted("up", "0x09"), counted("down", "0x0A")), (1, 1));
    assert_eq!(counted("down", "0x56"), 2, "the clock is set at each login");
    let told = stage.events("type=pile.online,pile.offline");
    let types: Vec<&str> = told.iter().map(|event| event["type"].as_str().unwrap()).collect();
    let (online, offline) = ("voltapile.pile.online", "voltapile.pile.offline");
    assert_eq!(types, [online, offline, online]);
}

#[test]
fn a_car_that_is_plugged_in_is_shown() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    pile.plug(1);
    stage.until_connector(&pile, 1, "idle_plugged");
    pile.unplug(1);
    stage.until_connector(&pile, 1, "idle_unplugged");
    let connectors = stage.api.items("connectors?state=idle_unplugged");
    assert_eq!(connectors.len(), 2);
    assert_eq!(connectors[0]["pile"], pile.code.to_string());
}

#[test]
fn app_charge() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    pile.plug(1);
    let body = json!({"pile": pile.code.to_string(), "connector": 1, "account": CUSTOMER, "limit": "80.00"});
    let answer = stage.api.post("orders?wait=10s", &body);
    assert_eq!(answer.status, 201, "{answer:?}");
    let order = answer.json();
    assert_eq!(answer.header("location"), Some(format!("/api/v1/orders/{}", order["id"]).as_str()));
    assert_eq!((&order["origin"], &order["created_by"]), (&json!("remote"), &json!("admin")));
    assert!(["starting", "charging"].contains(&order["state"].as_str().unwrap()), "{order:#}");
    assert_eq!((&order["reserved"], &order["limit"]), (&json!("80.00"), &json!("80.00")));
    assert_eq!(stage.money(CUSTOMER), (50_000, 8_000));

    let number = order["transaction_number"].as_str().unwrap().to_owned();
    assert!(number.starts_with(&format!("{}01", pile.code)), "{number}");
    let charging = pile.until_charging(1);
    assert_eq!(charging.transaction_number.unwrap().to_string(), number);
    assert_eq!(charging.balance, Some(800_000), "the pile knows what it may cost");
    let order = stage.until(&order, "charging");
    let connector = stage.until_connector(&pile, 1, "charging");
    assert_eq!(connector["order"], order["id"]);
    assert_eq!(connector["telemetry"]["transaction_number"], json!(number));

    let kinds = |items: &[Value]| {
        let mut kinds: Vec<_> = items.iter().map(|item| item["kind"].as_str().unwrap().to_owned()).collect();
        kinds.sort();
        kinds
    };
    let during = ["bms_charge_parameters", "bms_demand_charger_output", "bms_handshake", "bms_status"];
    let bms = measured(&stage, &order, "bms", |items| kinds(items) == during);
    let handshake = bms.iter().find(|item| item["kind"] == "bms_handshake").unwrap();
    assert_eq!((&handshake["data"]["vin"], &handshake["count"]), (&json!(vin(&pile, 1)), &json!(1)));
    let curve = measured(&stage, &order, "series", |items| items.len() >= 2);
    assert!(curve.last().unwrap()["energy"].as_str() > Some("0"), "{curve:#?}");
    // The first report comes before the first energy.
    assert!(curve[1..].iter().all(|sample| sample["power_w"].as_u64().unwrap() > 5_000), "{curve:#?}");

    let command = stage.api.act(&format!("orders/{}/stop?wait=10s", order["id"])).ok();
    assert_eq!((&command["action"], &command["state"]), (&json!("stop_charge"), &json!("succeeded")));
    assert_eq!((&command["order"], &command["created_by"]), (&order["id"], &json!("admin")));
    let settled = stage.until(&order, "settled");
    assert_paid(&stage, &settled, CUSTOMER, 50_000);
    assert_eq!((&settled["end_reason"], &settled["stop_code"]), (&json!("stopped_by_platform"), &json!(0x40)));
    assert_eq!((&settled["vin"], &settled["transaction_number"]), (&json!(vin(&pile, 1)), &json!(number)));
    assert!(settled["started_at"].as_str() < settled["ended_at"].as_str(), "{settled:#}");
    measured(&stage, &order, "bms", |items| kinds(items) == [&during[..], &["charge_end_statistics"]].concat());
    let by_number = stage.api.get(&format!("orders/{number}")).ok();
    assert_eq!(by_number, settled);
    let told = stage.events("type=order.created,order.charging,order.stopping,order.ended,order.settled");
    let types: Vec<&str> = told.iter().map(|event| event["data"]["state"].as_str().unwrap()).collect();
    assert_eq!((types.first(), types.last()), (Some(&"created"), Some(&"settled")), "{types:?}");
    assert_eq!(types[1..3], ["charging", "stopping"]);
    stage.until_connector(&pile, 1, "idle_plugged");
}

#[test]
fn an_order_without_an_account_costs_what_it_costs_and_nobody_pays_here() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let order = stage.api.post("orders?wait=10s", &json!({"pile": pile.code.to_string(), "connector": 2})).ok();
    pile.until_energy(2);
    let settled = stage.finish(&order);
    assert_eq!((&settled["account"], &settled["reserved"]), (&Value::Null, &json!("0.00")));
    assert_eq!(fen(&settled["charged"]), bill(&stage.record_of(&settled), &tariff()));
    assert_eq!(stage.money(CUSTOMER), (50_000, 0));
}

#[test]
fn a_charge_stops_at_its_limit() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let body = json!({"pile": pile.code.to_string(), "connector": 1, "account": CUSTOMER, "limit": "0.50"});
    let order = stage.api.post("orders?wait=10s", &body).ok();
    assert_eq!(order["reserved"], "0.50");
    let settled = stage.until(&order, "settled");
    assert_eq!(settled["stop_code"], 0x6E);
    assert_paid(&stage, &settled, CUSTOMER, 50_000);
}

#[test]
fn the_stop_button_and_a_pulled_plug_end_a_charge() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let (first, second) = (stage.charge(&pile, 1), stage.charge(&pile, 2));
    pile.stop(1);
    pile.unplug(2);
    let (first, second) = (stage.until(&first, "settled"), stage.until(&second, "settled"));
    assert_eq!((&first["stop_code"], &second["stop_code"]), (&json!(0x45), &json!(0x6B)));
    let paid = fen(&first["charged"]) + fen(&second["charged"]);
    assert_eq!(stage.money(CUSTOMER), (50_000 - paid, 0));
}

#[test]
fn card_charge() {
    let stage = Stage::new();
    stage.card(7, CUSTOMER);
    let pile = stage.pile(1);
    pile.swipe(2, 7);
    let charging = pile.until_charging(2);
    assert_eq!(charging.balance, Some(5_000_000), "all that the customer has");
    let order = stage.order_at(&pile, 2, "charging");
    assert_eq!((&order["origin"], &order["card"]), (&json!("card"), &json!(card_text(7))));
    assert_eq!(order["transaction_number"], charging.transaction_number.unwrap().to_string());
    assert_eq!(stage.money(CUSTOMER), (50_000, 50_000));
    pile.until_energy(2);
    pile.stop(2);
    let settled = stage.until(&order, "settled");
    assert_paid(&stage, &settled, CUSTOMER, 50_000);
    assert_eq!(stage.record_of(&settled)["parsed"]["physical_card"], json!(card_text(7)));
}

#[test]
fn a_vehicle_charges_by_being_plugged_in_whichever_way_its_number_is_sent() {
    let stage = Stage::new();
    let vehicle = "LVPTEST10SA000001";
    stage.api.put(&format!("vins/{vehicle}"), &json!({"account": CUSTOMER, "name": "沪A12345"})).ok();
    let by_the_book = stage.pile(1);
    let natural = stage.pile_with(2, |setup| setup.behaviour.sends_vin_in_natural_order = true);
    let mut paid = 0;
    for pile in [&by_the_book, &natural] {
        pile.plug_and_charge(1, vehicle);
        pile.until_charging(1);
        pile.until_energy(1);
        let order = stage.order_at(pile, 1, "charging");
        assert_eq!((&order["origin"], &order["vin"]), (&json!("vin"), &json!(vehicle)));
        pile.stop(1);
        paid += assert_paid(&stage, &stage.until(&order, "settled"), CUSTOMER, 50_000 - paid);
    }
}

#[test]
fn an_account_and_a_password_charge_where_that_is_allowed() {
    let stage = Stage::on(Setup::new().set("CHARGING_ALLOW_PILE_PASSWORDS", true));
    let password_md5 = "49ba59abbe56e057";
    let body = json!({"name": "李伟", "operator": "east", "number": "00815", "password_md5": password_md5});
    stage.api.put(&format!("accounts/{CUSTOMER}"), &body).ok();
    let pile = stage.pile(1);
    let number = voltapile_protocol::wire::Bytes([0, 0, 0, 0, 0, 0, 0x08, 0x15]);
    let password = voltapile_protocol::wire::Ascii::new(password_md5).unwrap();
    pile.ask(1, Credential::Account(number, Some(password)));
    pile.until_charging(1);
    let order = stage.order_at(&pile, 1, "charging");
    assert_eq!((&order["origin"], &order["account"]), (&json!("account"), &json!(CUSTOMER)));
    pile.until_energy(1);
    pile.stop(1);
    assert_paid(&stage, &stage.until(&order, "settled"), CUSTOMER, 50_000);
}

#[test]
fn plugged_in_after_the_start_it_charges_after_all() {
    let stage = Stage::new();
    let demands_plug = Behaviour { demands_plug: true, ..Behaviour::default() };
    let pile = stage.pile_with(1, |setup| setup.behaviour = demands_plug);
    let order = stage.start(&pile, 1);
    let order = stage.order(&order);
    assert_eq!((&order["state"], &order["failure"]), (&json!("starting"), &Value::Null), "{order:#}");
    assert!(pile.connector(1).waits_for_plug);
    let refused = stage.api.items(&format!("commands?order={}", order["id"]));
    assert_eq!((&refused[0]["state"], &refused[0]["reason"]), (&json!("refused"), &json!("not_plugged")));
    pile.plug(1);
    pile.until_energy(1);
    let order = stage.until(&order, "charging");
    assert_paid(&stage, &stage.finish(&order), CUSTOMER, 50_000);
}

//! What drivers and the platform do during a charge that only AA F5 has words for, with a virtual pile.

use serde_json::{Value, json};
use voltapile_protocol::Protocol;
use voltapile_simulator::model::{Action, CarWish};

use crate::both::pile;
use crate::business::stage::{CUSTOMER, Sim, Stage, steps};
use crate::support::eventually;

/// An order that the platform starts with options at connector 1, where a car waits.
fn start(stage: &Stage, pile: &Sim, options: &Value) -> Value {
    let car = CarWish { soc_percent: Some(20), capacity_wh: Some(90_000), ..CarWish::default() };
    pile.act(Action::Plug { connector: 1, car });
    let order = json!({"pile": pile.code.to_string(), "connector": 1, "account": CUSTOMER, "options": options});
    stage.api.post("orders?wait=30s", &order).ok()
}

#[test]
fn a_driver_stops_with_the_password_of_the_order() {
    let stage = Stage::new();
    let pile = pile(&stage, 1, Protocol::Aaf5);
    let order = start(&stage, &pile, &json!({"stop_password": "0471"}));
    pile.until_charging(1);
    // Without any energy there was no charge.
    eventually("some energy", || (steps(&telemetry(&stage, &pile)["energy"], 4) > 0).then_some(()));
    for wrong in [None, Some(4_711)] {
        pile.act(Action::Stop { connector: 1, password: wrong });
        assert_eq!(pile.snapshot().charging(), [1], "{wrong:?}");
    }
    pile.act(Action::Stop { connector: 1, password: Some(471) });
    assert_eq!(pile.snapshot().charging(), [0; 0]);
    assert_eq!(stage.until(&order, "settled")["stop_code"], 200);
}

/// The latest telemetry of connector 1, as the platform shows it.
fn telemetry(stage: &Stage, pile: &Sim) -> Value {
    stage.shown(pile)["connectors"][0]["telemetry"].clone()
}

/// Watts at connector 1, as the platform shows them.
fn watts(stage: &Stage, pile: &Sim) -> i64 {
    let telemetry = telemetry(stage, pile);
    steps(&telemetry["voltage"], 1) * steps(&telemetry["current"], 1) / 100
}

#[test]
fn a_power_limit_shows_in_the_telemetry_until_it_is_lifted() {
    let stage = Stage::new();
    let pile = pile(&stage, 1, Protocol::Aaf5);
    let order = start(&stage, &pile, &json!({}));
    pile.until_charging(1);
    let limit =
        |power: &str| stage.ask(&pile, &json!({"action": "limit_connector_power", "connector": 1, "power": power}));
    eventually("more than 5 kW", || (watts(&stage, &pile) > 5_000).then_some(()));
    assert_eq!(limit("3")["state"], "succeeded");
    eventually("less than 3 kW", || (1..=3_000).contains(&watts(&stage, &pile)).then_some(()));
    assert_eq!(limit("0")["state"], "succeeded");
    eventually("more than 5 kW again", || (watts(&stage, &pile) > 5_000).then_some(()));
    stage.finish(&order);
}

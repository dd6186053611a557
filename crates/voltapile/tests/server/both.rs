//! One charge with a pile of each protocol: the same car at the same tariff makes the same order, events and bill.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use voltapile_protocol::Protocol;
use voltapile_simulator::model::{Action, CarWish, PileSetup};

use crate::business::stage::{CUSTOMER, Sim, Stage, fen, steps};

/// What all of a kilowatt-hour costs by [`tariff`], at any time, in fen.
const FEN_PER_KWH: i64 = 120;

fn tariff() -> Value {
    let price = json!({"electricity": "0.80000", "service": "0.40000"});
    let prices = json!({"sharp": price, "peak": price, "flat": price, "valley": price});
    json!({"name": "平", "prices": prices, "periods": [{"from": "00:00", "to": "24:00", "tier": "flat"}]})
}

/// A pile of a protocol with that tariff, at work.
pub(crate) fn pile(stage: &Stage, number: u8, protocol: Protocol) -> Sim {
    stage.api.put("tariffs/all-day", &tariff()).ok();
    let code = crate::support::messages::code(number);
    stage.place(code);
    let station = stage.api.get(&format!("piles/{code}")).ok()["station"].clone();
    stage.api.put(&format!("piles/{code}"), &json!({"station": station, "tariff": "all-day"})).ok();
    let speak = |setup: &mut PileSetup| {
        if protocol == Protocol::Aaf5 {
            *setup = setup.clone().speaking_aaf5();
        }
    };
    let pile = stage.play(number, speak);
    pile.until("at work", |pile| pile.is_working);
    stage.until_connector(&pile, 1, "idle_unplugged");
    pile
}

/// The settled order of one charge, and its events in order.
fn charge(stage: &Stage, pile: &Sim) -> (Value, Vec<String>) {
    let car = CarWish { soc_percent: Some(40), target_percent: Some(90), ..CarWish::of(*b"LVPTEST10SA000001") };
    pile.act(Action::Plug { connector: 1, car });
    let order = stage.start(pile, 1);
    pile.until_energy(1);
    let order = stage.until(&order, "charging");
    let settled = stage.finish(&order);
    pile.until_billed();
    let subject = format!("orders/{}", order["id"]);
    let events = stage.events(&format!("pile={}", pile.code)).into_iter();
    let of_the_order = events.filter(|event| event["subject"] == *subject);
    (settled, of_the_order.map(|event| event["type"].as_str().unwrap().to_owned()).collect())
}

#[test]
fn a_charge_is_the_same_with_either_protocol() {
    let stage = Stage::new();
    let [ykc, aaf5] = [(1, Protocol::Ykc), (2, Protocol::Aaf5)].map(|(number, protocol)| {
        let pile = pile(&stage, number, protocol);
        charge(&stage, &pile)
    });
    assert_eq!(ykc.1, aaf5.1, "the same events in the same order");
    let keys = |order: &Value| order.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(keys(&ykc.0), keys(&aaf5.0));
    for same in ["state", "origin", "account", "limit", "reserved", "abnormal_reason", "failure"] {
        assert_eq!(ykc.0[same], aaf5.0[same], "{same}");
    }
    for (order, _) in [&ykc, &aaf5] {
        let (energy, charged) = (steps(&stage.record_of(order)["parsed"]["energy"], 4), fen(&order["charged"]));
        assert!(energy > 0, "{order:#}");
        assert!((energy * FEN_PER_KWH / 10_000 - charged).abs() <= 1, "{order:#}");
        let differences = order["settlement"]["differences"].as_array().unwrap();
        assert!(differences.iter().all(|difference| difference["beyond_tolerance"] == false), "{order:#}");
        assert_eq!(order["account"], CUSTOMER);
    }
}

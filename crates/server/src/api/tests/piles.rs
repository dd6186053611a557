//! Piles: registered, approved, shown.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use serde_json::{Value, json};
use voltapile_platform::identity::{ConnectorNumber, TransactionNumber};
use voltapile_platform::telemetry::{ConnectorState, Telemetry};
use voltapile_platform::unit::{Amount, Current, Energy, Voltage};
use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::frame::{Envelope, write_frame};

use std::sync::Arc;

use super::{Bed, NoLink, one_price, pile_code, request};
use crate::core::{Declared, LatestMessage, PileLive};

#[tokio::test]
async fn a_pile_is_put_replaced_and_shown() {
    let bed = Bed::new().await;
    bed.get("/api/v1/piles/55031412782305").await.problem(404, "not-found");
    bed.put("/api/v1/tariffs/day", one_price("0100")).await;
    let form = json!({"name": "东门 1", "model": "dc-120", "connector_count": 2, "tariff": "day", "enabled": false});
    let created = bed.put("/api/v1/piles/55031412782305", form).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let created = created.json();
    let expected = json!({
        "code": "55031412782305", "operator": null, "station": null, "name": "东门 1", "model": "dc-120", "serial": null,
        "protocol": null, "profile": "v1.6", "connector_count": 2, "tariff": "day", "enabled": false, "power_limit": null,
        "created_at": created["created_at"], "status": "offline", "last_seen_at": null, "connected_since": null,
        "peer": null, "declared": null, "running_tariff": null, "running_tariff_at": null, "iccid": null,
        "firmware_version": null, "work_allowed": null, "power_percent": null, "connectors": [],
    });
    assert_eq!(created, expected);

    let bull = bed.put("/api/v1/piles/55031412782305", json!({"model": "gongniu"})).await.ok();
    assert_eq!(bull["profile"], "gongniu", "a model with a row of its own shows it");
    let replaced = bed.put("/api/v1/piles/55031412782305", json!({})).await.ok();
    assert_eq!(replaced["name"], Value::Null);
    assert_eq!(replaced["enabled"], json!(true));
    assert_eq!(replaced["created_at"], created["created_at"]);
    let shown = bed.get("/api/v1/piles/55031412782305").await.ok();
    assert_eq!(shown["latest"], json!([]));
    assert!(bed.core.registry.get(pile_code("55031412782305")).unwrap().state().enabled, "memory follows the store");

    let answer = bed.put("/api/v1/piles/1", json!({"tariff": "dusk"})).await;
    assert!(answer.problem(422, "unprocessable").contains("there is no tariff dusk"));
    assert_eq!(answer.json()["errors"][0]["pointer"], "/tariff");
}

#[tokio::test]
async fn a_pile_is_read_as_the_protocol_that_it_speaks() {
    let bed = Bed::new().await;
    bed.put("/api/v1/piles/EN-PLUS_01", json!({})).await;
    let pile = bed.core.registry.get(pile_code("EN-PLUS_01")).unwrap();
    let declared = Declared { protocol: Protocol::Aaf5.name(), ..super::declared() };
    bed.core.attach(&pile, Arc::new(NoLink::default()), super::peer(), declared);
    let mut frame = Vec::new();
    write_frame(&mut frame, Envelope::default(), 102, |writer| writer.put(&[0; 42])).unwrap();
    pile.keep_latest(LatestMessage {
        frame_type: 102,
        connector: ConnectorNumber(0),
        received_at: bed.core.clock.now(),
        frame: frame.into(),
    });
    // The login is in the books once what was queued behind it is.
    bed.core.business(|_| Ok(())).await.unwrap();
    let shown = bed.get("/api/v1/piles/EN-PLUS_01").await.ok();
    assert_eq!((&shown["protocol"], &shown["declared"]["protocol"]), (&json!("aaf5"), &json!("aaf5")));
    assert_eq!(
        (&shown["latest"][0]["type"], &shown["latest"][0]["name"]),
        (&json!("102"), &json!("heartbeat_request"))
    );
}

#[tokio::test]
async fn a_pile_shows_its_connection_and_connectors() {
    let bed = Bed::new().await;
    bed.put("/api/v1/piles/55031412782305", json!({})).await;
    let pile = bed.log_in("55031412782305");
    pile.keep_heartbeat(ConnectorNumber(2), true);
    report(&bed, &pile, ConnectorState::Charging).await;
    let frame = [0x68, 0x0D, 0x00, 0x05, 0x00, 0x03, 0x55, 0x03, 0x14, 0x12, 0x78, 0x23, 0x05, 0x01, 0x00, 0x91, 0xC2];
    pile.keep_latest(LatestMessage {
        frame_type: 0x03,
        connector: ConnectorNumber(1),
        received_at: bed.core.clock.now(),
        frame: Box::from(frame),
    });

    let shown = bed.get("/api/v1/piles/55031412782305").await.ok();
    assert_eq!(shown["status"], "online");
    assert_eq!(shown["peer"], "203.0.113.7:40123");
    assert_eq!(shown["declared"]["firmware_version"], "V4.1.50");
    assert!(shown["connected_since"].is_string() && shown["last_seen_at"].is_string());
    let connectors = &shown["connectors"];
    assert_eq!(connectors[0]["number"], 1);
    assert_eq!(connectors[0]["state"], "charging");
    assert_eq!(connectors[0]["telemetry"]["voltage"], "380.5");
    assert_eq!(connectors[0]["telemetry"]["reported_state"], "charging");
    assert_eq!(connectors[1]["heartbeat_fault"], true);
    assert_eq!(connectors[1]["state"], Value::Null);
    let latest = &shown["latest"][0];
    assert_eq!((&latest["type"], &latest["connector"]), (&json!("0x03"), &json!(1)));
    assert_eq!(latest["name"], "heartbeat_request");
    assert_eq!(latest["fields"][0]["value"], "55031412782305");

    report(&bed, &pile, ConnectorState::Unknown(9)).await;
    let shown = bed.get("/api/v1/piles").await.ok();
    let telemetry = &shown["items"][0]["connectors"][0]["telemetry"];
    assert_eq!((&telemetry["reported_state"], &telemetry["reported_code"]), (&json!("unknown"), &json!(9)));
}

#[tokio::test]
async fn connectors_are_listed_across_piles_by_what_they_do() {
    let bed = Bed::new().await;
    bed.two_operators().await;
    for code in ["1", "2"] {
        let pile = bed.log_in(code);
        report(&bed, &pile, if code == "1" { ConnectorState::Charging } else { ConnectorState::Fault }).await;
    }
    let list = async |query: &str| {
        let items = bed.walk(&format!("/api/v1/connectors{query}"), 1).await;
        let name = |item: &Value| (item["pile"].as_str().unwrap().to_owned(), item["number"].as_u64().unwrap());
        items.iter().map(name).filter(|(_, number)| *number == 1).map(|(pile, _)| pile).collect::<Vec<_>>()
    };
    assert_eq!(list("").await, ["1", "2"]);
    assert_eq!(list("?state=charging").await, ["1"]);
    assert_eq!(list("?state=charging,fault").await, ["1", "2"]);
    assert_eq!(list("?state=full").await, [""; 0]);
    assert_eq!(list("?station=west-gate").await, ["2"]);
    bed.get("/api/v1/connectors?state=asleep").await.problem(400, "invalid-parameter");
}

#[tokio::test]
async fn a_pile_is_taken_out_of_the_register() {
    let bed = Bed::new().await;
    bed.put("/api/v1/piles/1", json!({})).await;
    assert_eq!(bed.delete("/api/v1/piles/1").await.status, StatusCode::NO_CONTENT);
    bed.get("/api/v1/piles/1").await.problem(404, "not-found");
    bed.delete("/api/v1/piles/1").await.problem(404, "not-found");
    assert!(bed.core.registry.get(pile_code("1")).is_none(), "memory follows the store");
}

#[tokio::test]
async fn a_waiting_pile_is_listed_and_approved_once() {
    let bed = Bed::new().await;
    bed.knock("55031412782305").await;
    bed.knock("66").await;
    let waiting = bed.walk("/api/v1/waiting-piles", 1).await;
    assert_eq!(waiting.len(), 2);
    let shown = bed.get("/api/v1/waiting-piles/55031412782305").await.ok();
    assert_eq!(shown, waiting[0]);
    assert_eq!((&shown["attempts"], &shown["peer"]), (&json!(1), &json!("203.0.113.7:40123")));
    assert_eq!(shown["declared"]["connector_count"], 2);
    bed.get("/api/v1/waiting-piles/77").await.problem(404, "not-found");

    let approve = request(Method::POST, "/api/v1/piles/55031412782305/approve").body(Body::empty()).unwrap();
    let approved = bed.answer(approve).await;
    assert_eq!(approved.status, StatusCode::CREATED, "{}", approved.text);
    assert_eq!(approved.header(header::LOCATION), "/api/v1/piles/55031412782305");
    assert_eq!(approved.json()["connector_count"], 2);
    bed.get("/api/v1/waiting-piles/55031412782305").await.problem(404, "not-found");

    let form = json!({"name": "six", "connector_count": 1});
    let untaxed = bed.post("/api/v1/piles/66/approve", json!({"tariff": "dusk"})).await;
    untaxed.problem(422, "unprocessable");
    let approved = bed.post("/api/v1/piles/66/approve", form).await.json();
    assert_eq!((&approved["name"], &approved["connector_count"]), (&json!("six"), &json!(1)));

    let again = bed.post("/api/v1/piles/66/approve", json!({})).await;
    assert!(again.problem(409, "already-registered").contains("PUT /api/v1/piles/66"));
    let stranger = bed.post("/api/v1/piles/77/approve", json!({})).await;
    assert!(stranger.problem(404, "not-found").contains("not tried to log in"));

    bed.knock("88").await;
    assert_eq!(bed.delete("/api/v1/waiting-piles/88").await.status, StatusCode::NO_CONTENT);
    bed.delete("/api/v1/waiting-piles/88").await.problem(404, "not-found");
}

#[tokio::test]
async fn a_pile_is_given_a_tariff_and_loses_it() {
    let bed = Bed::new().await;
    bed.put("/api/v1/piles/1", json!({})).await;
    bed.put("/api/v1/tariffs/day", one_price("0100")).await;
    assert_eq!(bed.put("/api/v1/piles/1/tariff", json!({"tariff": "day"})).await.ok()["tariff"], "day");
    assert!(bed.core.tariff_of(&bed.core.registry.get(pile_code("1")).unwrap()).is_some());
    assert_eq!(bed.put("/api/v1/piles/1/tariff", json!({"tariff": null})).await.ok()["tariff"], Value::Null);
    let missing = bed.put("/api/v1/piles/1/tariff", json!({})).await.problem(400, "invalid-body");
    assert!(missing.contains("missing field `tariff`"), "{missing}");
    bed.put("/api/v1/piles/1/tariff", json!({"tariff": "dusk"})).await.problem(422, "unprocessable");
    bed.put("/api/v1/piles/2/tariff", json!({"tariff": "day"})).await.problem(404, "not-found");
}

#[tokio::test]
async fn sessions_are_listed_newest_first() {
    let bed = Bed::new().await;
    bed.put("/api/v1/piles/1", json!({})).await;
    for _ in 0..3 {
        bed.log_in("1");
    }
    // A write of ours that comes later is answered later.
    bed.put("/api/v1/piles/2", json!({})).await;
    let sessions = bed.walk("/api/v1/piles/1/sessions", 2).await;
    assert_eq!(sessions.iter().map(|session| session["id"].as_i64().unwrap()).collect::<Vec<_>>(), [3, 2, 1]);
    assert_eq!(sessions[0]["closed_at"], Value::Null);
    assert_eq!(sessions[1]["close_reason"], "taken_over");
    assert_eq!(bed.walk("/api/v1/piles/1/sessions?open=true", 2).await.len(), 1);
    bed.get("/api/v1/piles/3/sessions").await.problem(404, "not-found");
}

/// A connector reports a state, and the platform has noted it.
async fn report(bed: &Bed, pile: &PileLive, state: ConnectorState) {
    let telemetry = telemetry(bed, state);
    bed.core.connector_reported(&Arc::new(NoLink::default()), pile, ConnectorNumber(1), telemetry, Vec::new);
    // A unit of work that comes later is done later.
    bed.core.business(|_| Ok(())).await.unwrap();
}

fn telemetry(bed: &Bed, state: ConnectorState) -> Telemetry {
    Telemetry {
        received_at: bed.core.clock.now(),
        transaction_number: TransactionNumber::from_bcd(&[0x55; 16]),
        state,
        plugged: Some(true),
        homed: Some(false),
        soc: 40,
        voltage: Voltage::from_steps(3805),
        current: Current::from_steps(1000),
        minutes_charged: 10,
        minutes_remaining: 30,
        cable_temperature: Some(30),
        battery_temperature: None,
        fault_bits: 0,
        energy: Energy::from_steps(12_345),
        energy_with_loss: Energy::from_steps(12_345),
        amount: Amount::from_steps(11_110),
    }
}

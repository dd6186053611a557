//! Tariffs: put, shown, assigned.

use axum::http::StatusCode;
use serde_json::{Value, json};

use voltapile_platform::tariff::TariffRef;

use super::{Bed, one_price, pile_code};

#[tokio::test]
async fn a_tariff_is_put_versioned_and_shown() {
    let bed = Bed::new().await;
    bed.get("/api/v1/tariffs/day").await.problem(404, "not-found");
    let created = bed.put("/api/v1/tariffs/day", one_price("0100")).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_eq!(bed.get("/api/v1/tariffs/day").await.ok(), created.json());
    let created = created.json();
    assert_eq!(created["prices"]["flat"]["electricity"], "0.80000");
    assert_eq!((&created["version"], &created["used_at"]), (&json!(1), &Value::Null));

    let used: TariffRef = serde_json::from_value(json!({"tariff": "day", "version": 1})).unwrap();
    bed.put("/api/v1/piles/1", json!({"tariff": "day"})).await;
    bed.core.business(move |business| business.tariff_accepted(pile_code("1"), used)).await.unwrap();
    let mut dearer = one_price("0200");
    dearer["loss_ratio"] = 3.into();
    dearer["effective_from"] = "2126-01-01T00:00:00Z".into();
    let next = bed.put("/api/v1/tariffs/day", dearer).await.ok();
    assert_eq!((&next["version"], &next["number"]), (&json!(2), &json!("0200")));
    let shown = bed.get("/api/v1/tariffs/day").await.ok();
    assert_eq!((&shown["version"], &shown["latest_version"]), (&json!(1), &json!(2)), "what is in force is shown");
    assert!(shown["used_at"].is_string());
    assert_eq!(bed.get("/api/v1/tariffs/day?version=2").await.ok()["loss_ratio"], 3);
    bed.get("/api/v1/tariffs/day?version=3").await.problem(404, "not-found");
    assert_eq!(bed.walk("/api/v1/tariffs/day/versions", 1).await.len(), 2);

    let mut unnumbered = one_price("0000");
    unnumbered.as_object_mut().unwrap().remove("number");
    let given = bed.put("/api/v1/tariffs/night", unnumbered).await.json();
    assert!(given["number"].as_str().is_some_and(|number| number.len() == 4 && number != "0100"), "{given}");
    let ids: Vec<Value> = bed.walk("/api/v1/tariffs", 1).await.iter().map(|tariff| tariff["id"].clone()).collect();
    assert_eq!(ids, ["day", "night"]);
}

#[tokio::test]
async fn terms_that_do_not_fit_are_told_where() {
    let bed = Bed::new().await;
    for (path, value, pointer, says) in [
        ("/prices/flat/service", json!("a"), "/prices/flat/service", "decimal number"),
        ("/periods/0/from", json!("00:15"), "/periods/0/from", "half hour"),
    ] {
        let answer = bed.put("/api/v1/tariffs/day", changed(path, value)).await;
        let detail = answer.problem(400, "invalid-body");
        assert!(detail.contains(says), "{detail}");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{detail}");
    }
    for (path, value, says) in [
        ("/periods/0/to", json!("12:00"), "no period covers 12:00 to 24:00"),
        ("/number", json!("0000"), "no tariff yet"),
    ] {
        let detail = bed.put("/api/v1/tariffs/day", changed(path, value)).await.problem(422, "unprocessable");
        assert!(detail.contains(says), "{detail}");
    }
}

fn changed(path: &str, value: Value) -> Value {
    let mut terms = one_price("0100");
    *terms.pointer_mut(path).unwrap() = value;
    terms
}

#[tokio::test]
async fn a_tariff_is_assigned_to_all_or_none() {
    let bed = Bed::new().await;
    bed.put("/api/v1/tariffs/day", one_price("0100")).await;
    for code in ["1", "2"] {
        bed.put(&format!("/api/v1/piles/{code}"), json!({})).await;
    }
    let refused = bed.post("/api/v1/tariffs/day/assign", json!({"piles": ["1", "8", "9"]})).await;
    assert!(refused.problem(422, "unprocessable").contains("there is no pile 8: nothing was assigned"));
    assert_eq!(refused.json()["errors"][0]["pointer"], "/piles");
    assert_eq!(bed.get("/api/v1/piles/1").await.ok()["tariff"], Value::Null);

    let assigned = bed.post("/api/v1/tariffs/day/assign", json!({"piles": ["2", "1"]})).await.ok();
    assert_eq!(assigned, json!({"tariff": "day", "piles": ["2", "1"], "stations": []}));
    assert_eq!(bed.get("/api/v1/piles/1").await.ok()["tariff"], "day");
    assert!(bed.core.tariff_of(&bed.core.registry.get(pile_code("2")).unwrap()).is_some(), "memory follows the store");

    bed.put("/api/v1/stations/gate", json!({"name": "gate"})).await;
    bed.put("/api/v1/piles/3", json!({"station": "gate"})).await;
    bed.post("/api/v1/tariffs/day/assign", json!({"stations": ["gate"]})).await.ok();
    assert!(bed.core.tariff_of(&bed.core.registry.get(pile_code("3")).unwrap()).is_some(), "by its station");

    bed.post("/api/v1/tariffs/dusk/assign", json!({"piles": ["1"]})).await.problem(404, "not-found");
    bed.post("/api/v1/tariffs/day/assign", json!({"piles": []})).await.problem(400, "invalid-body");
    let many = vec!["1"; 1001];
    let detail = bed.post("/api/v1/tariffs/day/assign", json!({"piles": many})).await.problem(400, "invalid-body");
    assert!(detail.contains("1 to 1000"), "{detail}");
    let bad = bed.post("/api/v1/tariffs/day/assign", json!({"piles": ["1", "a.b"]})).await;
    bad.problem(400, "invalid-body");
    assert_eq!(bad.json()["errors"][0]["pointer"], "/piles/1");
}

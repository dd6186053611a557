//! Tariffs: put, shown, assigned.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Bed, one_price, pile_code};

#[tokio::test]
async fn a_tariff_is_put_replaced_and_shown() {
    let bed = Bed::new().await;
    bed.get("/api/v1/tariffs/day").await.problem(404, "not-found");
    let created = bed.put("/api/v1/tariffs/day", one_price("0100")).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_eq!(bed.get("/api/v1/tariffs/day").await.ok(), created.json());
    assert_eq!(created.json()["prices"]["flat"]["electricity"], "0.80000");
    assert_eq!(bed.put("/api/v1/tariffs/day", one_price("0200")).await.ok()["number"], "0200");

    let mut dearer = one_price("0200");
    dearer["loss_ratio"] = 3.into();
    let unchanged = bed.put("/api/v1/tariffs/day", dearer).await;
    assert!(unchanged.problem(409, "tariff-number-unchanged").contains("0200"), "{}", unchanged.text);

    let taken = bed.put("/api/v1/tariffs/night", one_price("0200")).await;
    assert!(taken.problem(409, "tariff-number-taken").contains("day"), "{}", taken.text);
    bed.put("/api/v1/tariffs/night", one_price("0100")).await;
    let ids: Vec<Value> = bed.walk("/api/v1/tariffs", 1).await.iter().map(|tariff| tariff["id"].clone()).collect();
    assert_eq!(ids, ["day", "night"]);
}

#[tokio::test]
async fn terms_that_do_not_fit_are_told_where() {
    let bed = Bed::new().await;
    for (path, value, pointer, says) in [
        ("/prices/flat/service", json!("a"), "/prices/flat/service", "decimal number"),
        ("/periods/0/from", json!("00:15"), "/periods/0/from", "half hour"),
        ("/periods/0/to", json!("12:00"), "", "no period covers 12:00 to 24:00"),
        ("/number", json!("0000"), "", "no tariff yet"),
    ] {
        let mut terms = one_price("0100");
        *terms.pointer_mut(path).unwrap() = value;
        let answer = bed.put("/api/v1/tariffs/day", terms).await;
        let detail = answer.problem(400, "invalid-body");
        assert!(detail.contains(says), "{detail}");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{detail}");
    }
}

#[tokio::test]
async fn a_tariff_is_assigned_to_all_or_none() {
    let bed = Bed::new().await;
    bed.put("/api/v1/tariffs/day", one_price("0100")).await;
    for code in ["1", "2"] {
        bed.put(&format!("/api/v1/piles/{code}"), json!({})).await;
    }
    let refused = bed.post("/api/v1/tariffs/day/assign", json!({"piles": ["1", "8", "9"]})).await;
    assert!(refused.problem(422, "unknown-reference").contains("nothing was assigned"));
    let errors = refused.json()["errors"].clone();
    assert_eq!(errors[0], json!({"pointer": "/piles/1", "detail": "there is no pile 8"}));
    assert_eq!(errors[1]["pointer"], "/piles/2");
    assert_eq!(bed.get("/api/v1/piles/1").await.ok()["tariff"], Value::Null);

    let assigned = bed.post("/api/v1/tariffs/day/assign", json!({"piles": ["2", "1"]})).await.ok();
    assert_eq!(assigned, json!({"tariff": "day", "piles": ["2", "1"]}));
    assert_eq!(bed.get("/api/v1/piles/1").await.ok()["tariff"], "day");
    assert!(bed.core.tariff_of(&bed.core.registry.get(pile_code("2")).unwrap()).is_some(), "memory follows the store");

    bed.post("/api/v1/tariffs/dusk/assign", json!({"piles": ["1"]})).await.problem(404, "not-found");
    bed.post("/api/v1/tariffs/day/assign", json!({"piles": []})).await.problem(400, "invalid-body");
    let many = vec!["1"; 1001];
    let detail = bed.post("/api/v1/tariffs/day/assign", json!({"piles": many})).await.problem(400, "invalid-body");
    assert!(detail.contains("1 to 1000"), "{detail}");
    let bad = bed.post("/api/v1/tariffs/day/assign", json!({"piles": ["1", "a-b"]})).await;
    bad.problem(400, "invalid-body");
    assert_eq!(bad.json()["errors"][0]["pointer"], "/piles/1");
}

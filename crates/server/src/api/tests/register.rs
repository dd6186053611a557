//! Operators, stations, cards and vehicles: put, listed, removed; each change in the audit log.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Bed;

#[tokio::test]
async fn each_is_made_replaced_and_removed() {
    let bed = Bed::new().await;
    for (path, form, changed) in [
        ("operators/east", json!({"name": "East", "tcec_id": "MA005DBW1"}), json!({"name": "East 2"})),
        ("stations/gate", json!({"name": "Gate", "operator": "east", "capacity": 4}), json!({"name": "Gate 2"})),
        ("accounts/li", json!({"name": "Li", "number": "13800138000"}), json!({"name": "Li", "status": "frozen"})),
        (
            "cards/a1",
            json!({"logical_number": "42", "account": "li"}),
            json!({"logical_number": "43", "account": "li"}),
        ),
        ("vins/LSVAU2A37N2183294", json!({"account": "li", "name": "沪A12345"}), json!({"account": "li"})),
        ("users/wang", json!({"role": "viewer", "password": "correct horse"}), json!({"role": "admin"})),
    ] {
        let path = format!("/api/v1/{path}");
        let made = bed.put(&path, form).await;
        assert_eq!(made.status, StatusCode::CREATED, "{path}: {}", made.text);
        assert_eq!(bed.get(&path).await.ok(), made.json());
        let replaced = bed.put(&path, changed).await.ok();
        assert_eq!(replaced["created_at"], made.json()["created_at"]);
        assert_ne!(replaced, made.json());
        let list = path.rsplit_once('/').unwrap().0;
        assert_eq!(bed.get(list).await.ok()["items"], json!([replaced]));
    }
    bed.delete("/api/v1/accounts/li").await.problem(409, "in-use");
    for path in [
        "users/wang",
        "vins/LSVAU2A37N2183294",
        "cards/00000000000000A1",
        "accounts/li",
        "stations/gate",
        "operators/east",
    ] {
        let path = format!("/api/v1/{path}");
        assert_eq!(bed.delete(&path).await.status, StatusCode::NO_CONTENT, "{path}");
        bed.get(&path).await.problem(404, "not-found");
        bed.delete(&path).await.problem(404, "not-found");
    }
    let audit = bed.walk("/api/v1/audit", 5).await;
    let said =
        |entry: &Value| (entry["action"].as_str().unwrap().to_owned(), entry["resource"].as_str().unwrap().to_owned());
    assert_eq!(audit.len(), 18);
    assert_eq!(said(&audit[0]), ("operator.remove".to_owned(), "operators/east".to_owned()));
    assert_eq!(audit[0]["actor"], "admin");
    assert_eq!(audit[17]["detail"], json!({"name": "East", "tcec_id": "MA005DBW1"}));
    assert_eq!(bed.walk("/api/v1/audit?resource=stations/gate", 5).await.len(), 3);
}

#[tokio::test]
async fn what_is_in_the_way_is_told() {
    let bed = Bed::new().await;
    bed.two_operators().await;
    bed.delete("/api/v1/operators/east").await.problem(409, "in-use");
    bed.delete("/api/v1/stations/east-gate").await.problem(409, "in-use");
    let unknown = bed.put("/api/v1/stations/x", json!({"name": "x", "operator": "north"})).await;
    assert_eq!(unknown.problem(422, "unprocessable"), "there is no operator north: make it first");
    assert_eq!(unknown.json()["errors"][0]["pointer"], "/operator");
    for (path, parameter) in [("cards/x.z", "number"), ("vins/LSVAU2A37N218329I", "vin"), ("orders/x.y", "id")] {
        let answer = bed.get(&format!("/api/v1/{path}")).await;
        answer.problem(400, "invalid-parameter");
        assert_eq!(answer.json()["errors"][0]["parameter"], parameter);
    }
    let refused = bed.put("/api/v1/operators/x", json!({"name": "x", "tcec_id": "1"})).await;
    refused.problem(422, "unprocessable");
    let audit = bed.get("/api/v1/audit?resource=operators/x").await.ok();
    assert_eq!(audit["items"], json!([]), "what was not done is not in the log");
}

#[tokio::test]
async fn lists_are_filtered_and_sorted() {
    let bed = Bed::new().await;
    bed.two_operators().await;
    for (id, operator, name) in [("a", "east", "Zhao"), ("b", "west", "Qian"), ("c", "east", "Sun")] {
        bed.put(&format!("/api/v1/accounts/{id}"), json!({"name": name, "operator": operator})).await;
    }
    let ids = async |query: &str| {
        let items = bed.walk(&format!("/api/v1/accounts{query}"), 1).await;
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, ["a", "b", "c"]);
    assert_eq!(ids("?operator=east").await, ["a", "c"]);
    assert_eq!(ids("?sort=name").await, ["b", "c", "a"]);
    assert_eq!(ids("?sort=-name").await, ["a", "c", "b"]);
    assert_eq!(ids("?q=z").await, ["a"]);
    assert_eq!(ids("?status=frozen,active&sort=-created_at").await.len(), 3);
    assert_eq!(ids("?status=frozen").await, [""; 0]);
    let detail = bed.get("/api/v1/accounts?sort=colour").await.problem(400, "invalid-parameter");
    assert!(detail.contains("name, -name, balance"), "{detail}");
    let other = bed.get("/api/v1/accounts?limit=1").await.ok()["next_cursor"].as_str().unwrap().to_owned();
    bed.get(&format!("/api/v1/stations?cursor={other}")).await.problem(400, "invalid-parameter");
    bed.get(&format!("/api/v1/accounts?sort=name&cursor={other}")).await.problem(400, "invalid-parameter");
}

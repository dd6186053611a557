//! Top-ups and adjustments: once under a key, and every fen in the ledger.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::Bed;

async fn bed() -> Bed {
    let bed = Bed::new().await;
    bed.put("/api/v1/accounts/li", json!({"name": "Li"})).await;
    bed
}

#[tokio::test]
async fn money_comes_and_goes_through_the_ledger() {
    let bed = bed().await;
    let topped_up = bed.post("/api/v1/accounts/li/top-ups", json!({"amount": "100", "note": "cash"})).await;
    assert_eq!(topped_up.status, StatusCode::CREATED, "{}", topped_up.text);
    let entry = topped_up.json();
    assert_eq!(
        (&entry["kind"], &entry["amount"], &entry["balance"]),
        (&json!("top_up"), &json!("100.00"), &json!("100.00"))
    );
    let down = bed.post("/api/v1/accounts/li/adjustments", json!({"amount": "-0.5", "note": "typo"})).await.json();
    assert_eq!(
        (&down["kind"], &down["amount"], &down["balance"]),
        (&json!("adjustment"), &json!("-0.50"), &json!("99.50"))
    );
    assert_eq!(bed.get("/api/v1/accounts/li").await.ok()["balance"], "99.50");
    assert_eq!(bed.walk("/api/v1/accounts/li/entries", 1).await, [down.clone(), entry]);
    assert_eq!(bed.walk("/api/v1/accounts/li/entries?kind=adjustment", 1).await, [down]);
    for (path, body, pointer) in [
        ("top-ups", json!({"amount": "0"}), "/amount"),
        ("top-ups", json!({"amount": "-1"}), "/amount"),
        ("adjustments", json!({"amount": "0.00", "note": "x"}), "/amount"),
    ] {
        let answer = bed.post(&format!("/api/v1/accounts/li/{path}"), body).await;
        answer.problem(422, "unprocessable");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer);
    }
    let answer = bed.post("/api/v1/accounts/li/top-ups", json!({"amount": "1.005"})).await;
    assert!(answer.problem(400, "invalid-body").contains("at most 2 decimals"));
    bed.post("/api/v1/accounts/wu/top-ups", json!({"amount": "1"})).await.problem(404, "not-found");
    bed.delete("/api/v1/accounts/li").await.problem(409, "in-use");
}

#[tokio::test]
async fn an_account_is_limited_to_so_many_stations() {
    let bed = Bed::new().await;
    let form = json!({"name": "Li", "allowed_stations": vec!["s"; 1001]});
    bed.put("/api/v1/accounts/li", form).await.problem(400, "invalid-body");
}

#[tokio::test]
async fn a_top_up_under_a_key_happens_once() {
    let bed = bed().await;
    let path = "/api/v1/accounts/li/top-ups";
    let first = bed.post_once("k1", path, json!({"amount": "10"})).await;
    assert_eq!(first.status, StatusCode::CREATED);
    assert_eq!(first.headers.get("idempotent-replayed"), None);
    let again = bed.post_once("k1", path, json!({"amount": "10.00"})).await;
    assert_eq!((again.status, again.json()), (StatusCode::CREATED, first.json()));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(bed.get("/api/v1/accounts/li").await.ok()["balance"], "10.00");

    bed.post_once("k1", path, json!({"amount": "11"})).await.problem(409, "key-reused");
    bed.put("/api/v1/accounts/wu", json!({"name": "Wu"})).await;
    bed.post_once("k1", "/api/v1/accounts/wu/top-ups", json!({"amount": "10"})).await.problem(409, "key-reused");
    bed.post_once("k2", path, json!({"amount": "10"})).await;
    assert_eq!(bed.get("/api/v1/accounts/li").await.ok()["balance"], "20.00");
    let refused = bed.post_once("a b", path, json!({"amount": "10"})).await;
    refused.problem(400, "invalid-parameter");
    assert_eq!(refused.json()["errors"][0]["parameter"], "Idempotency-Key");
    assert_eq!(bed.walk("/api/v1/audit?action=account.top_up", 5).await.len(), 2);
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let bed = Bed::new().await;
    let path = "/api/v1/accounts/li/top-ups";
    bed.post_once("k", path, json!({"amount": "10"})).await.problem(404, "not-found");
    bed.put("/api/v1/accounts/li", json!({"name": "Li"})).await;
    let made = bed.post_once("k", path, json!({"amount": "10"})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
}

#[tokio::test]
async fn keys_of_different_callers_never_meet() {
    let bed = bed().await;
    let token = bed.token(None, &["bill", "read"]).await;
    let path = "/api/v1/accounts/li/top-ups";
    bed.post_once("k", path, json!({"amount": "10"})).await;
    let request = axum::http::Request::builder().method(Method::POST).uri(path).header("idempotency-key", "k");
    let request = request.header("authorization", format!("Bearer {token}")).header("content-type", "application/json");
    let made = bed.answer(request.body(json!({"amount": "10"}).to_string().into()).unwrap()).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(bed.get("/api/v1/accounts/li").await.ok()["balance"], "20.00");
    let audit: Vec<Value> = bed.walk("/api/v1/audit?action=account.top_up", 5).await;
    let actors: Vec<&str> = audit.iter().map(|entry| entry["actor"].as_str().unwrap()).collect();
    assert_eq!(actors, ["token:1", "admin"]);
}

//! Signing in and out, and tokens that end.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use voltapile_platform::identity::UserName;
use voltapile_platform::user::User;

use super::super::{documents, login};
use super::{Answer, Bed};

const PASSWORD: &str = "correct horse battery";

async fn sign_in(bed: &Bed, user: &str, password: &str) -> Answer {
    let body = json!({"user": user, "password": password}).to_string();
    let request = Request::post("/api/v1/login").header(header::CONTENT_TYPE, "application/json");
    bed.answer(request.body(Body::from(body)).unwrap()).await
}

async fn bed() -> Bed {
    let bed = Bed::new().await;
    bed.put("/api/v1/operators/east", json!({"name": "east"})).await;
    let form = json!({"operator": "east", "role": "operator", "password": PASSWORD});
    let made = bed.put("/api/v1/users/wang", form).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert!(!made.text.contains("argon2") && !made.text.contains("password"), "{}", made.text);
    bed
}

#[tokio::test]
async fn a_user_signs_in_and_out() {
    let bed = bed().await;
    let signed_in = sign_in(&bed, "wang", PASSWORD).await.ok();
    assert_eq!((&signed_in["operator"], &signed_in["scopes"]), (&json!("east"), &json!(["read", "operate"])));
    let token = signed_in["token"].as_str().unwrap();
    let me = bed.ask(token, Method::GET, "/api/v1/me", None).await.ok();
    assert_eq!((&me["actor"], &me["user"], &me["operator"]), (&json!("user:wang"), &json!("wang"), &json!("east")));
    assert_eq!(me["expires_at"], signed_in["expires_at"]);
    bed.ask(token, Method::POST, "/api/v1/logout", None).await;
    bed.ask(token, Method::GET, "/api/v1/me", None).await.problem(401, "unauthorized");
    let audit = bed.get("/api/v1/audit?actor=user:wang").await.ok();
    let actions: Vec<&str> =
        audit["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["user.logout", "user.login"]);
    bed.post("/api/v1/logout", json!({})).await.problem(409, "admin-token");
}

#[tokio::test]
async fn wrong_passwords_are_refused_and_slowed_down() {
    let bed = bed().await;
    for (user, password) in [("wang", "wrong"), ("nobody", PASSWORD)] {
        let detail = sign_in(&bed, user, password).await.problem(401, "unauthorized");
        assert_eq!(detail, "there is no such user, or the password is wrong");
    }
    for _ in 0..5 {
        sign_in(&bed, "wang", "wrong").await.problem(401, "unauthorized");
    }
    let slowed = sign_in(&bed, "wang", PASSWORD).await;
    slowed.problem(429, "too-many-attempts");
    assert!(slowed.header(header::RETRY_AFTER).parse::<u32>().unwrap() >= 1);
    bed.put("/api/v1/users/li", json!({"role": "viewer", "password": PASSWORD})).await;
    sign_in(&bed, "li", PASSWORD).await.ok();
}

#[tokio::test]
async fn a_user_who_is_changed_or_removed_is_signed_out() {
    let bed = bed().await;
    let token = sign_in(&bed, "wang", PASSWORD).await.ok()["token"].as_str().unwrap().to_owned();
    let me = async || bed.ask(&token, Method::GET, "/api/v1/me", None).await.status.as_u16();
    assert_eq!(me().await, 200);
    let form = json!({"operator": "east", "role": "operator", "enabled": false});
    bed.put("/api/v1/users/wang", form).await.ok();
    assert_eq!(me().await, 401, "at once, though it was remembered");
    sign_in(&bed, "wang", PASSWORD).await.problem(401, "unauthorized");
    bed.put("/api/v1/users/wang", json!({"operator": "east", "role": "viewer"})).await.ok();
    sign_in(&bed, "wang", PASSWORD).await.ok();
    assert_eq!(bed.delete("/api/v1/users/wang").await.status, StatusCode::NO_CONTENT);
    assert_eq!(bed.get("/api/v1/tokens").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn a_user_who_is_changed_while_signing_in_is_refused() {
    let bed = bed().await;
    let name: UserName = "wang".parse().unwrap();
    let as_read = async || documents::find::<User>(&bed.core, &name).await.unwrap().unwrap();
    let user = as_read().await;
    bed.put("/api/v1/users/wang", json!({"operator": "east", "role": "operator", "enabled": false})).await.ok();
    assert!(login::sign_in(&bed.core, user).await.is_err());
    let user = as_read().await;
    bed.delete("/api/v1/users/wang").await;
    assert!(login::sign_in(&bed.core, user).await.is_err());
    assert_eq!(bed.get("/api/v1/tokens").await.ok()["items"], json!([]));
}

#[tokio::test]
async fn a_token_counts_until_it_is_revoked() {
    let bed = Bed::new().await;
    let token = bed.token(None, &["read"]).await;
    let ask = async || bed.ask(&token, Method::GET, "/api/v1/piles", None).await.status.as_u16();
    assert_eq!((ask().await, ask().await), (200, 200));
    let listed = bed.get("/api/v1/tokens").await;
    assert!(!listed.text.contains(&token) && !listed.text.contains("hash"), "{}", listed.text);
    let id = listed.ok()["items"][0]["id"].as_u64().unwrap();
    bed.get(&format!("/api/v1/tokens/{id}")).await.ok();
    assert_eq!(bed.delete(&format!("/api/v1/tokens/{id}")).await.status, StatusCode::NO_CONTENT);
    assert_eq!(ask().await, 401);
    let past = json!({"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"});
    let past = bed.post("/api/v1/tokens", past).await;
    past.problem(422, "unprocessable");
    assert_eq!(past.json()["errors"][0]["pointer"], "/expires_at");
    bed.post("/api/v1/tokens", json!({"name": "x", "scopes": []})).await.problem(422, "unprocessable");
}

#[tokio::test]
async fn secrets_stand_in_no_log() {
    let bed = bed().await;
    bed.put("/api/v1/accounts/li", json!({"name": "li", "password_md5": "0123456789abcdef"})).await;
    let account = bed.get("/api/v1/accounts/li").await;
    assert_eq!(account.ok()["has_password"], true);
    assert!(!account.text.contains("0123456789abcdef"));
    let audit = bed.get("/api/v1/audit").await;
    assert!(!audit.text.contains(PASSWORD) && !audit.text.contains("0123456789abcdef"), "{}", audit.text);
    let detail = &audit.ok()["items"][0]["detail"];
    assert_eq!((&detail["name"], &detail["password_md5"]), (&json!("li"), &json!("…")));

    bed.put("/api/v1/accounts/li", json!({"name": "li"})).await.ok();
    assert_eq!(bed.get("/api/v1/accounts/li").await.ok()["has_password"], true, "left out, it stays");
    bed.put("/api/v1/accounts/li", json!({"name": "li", "password_md5": ""})).await.ok();
    assert_eq!(bed.get("/api/v1/accounts/li").await.ok()["has_password"], Value::Bool(false));
}

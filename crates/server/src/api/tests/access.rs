//! What an operator's token sees and changes, and what a token without a scope does.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::records::record;
use super::{Bed, one_price};

/// Two operators with one of everything each.
async fn bed() -> Bed {
    let bed = Bed::new().await;
    bed.two_operators().await;
    for (operator, name, vin, number) in
        [("east", "li", "LSVAU2A37N2183294", "a1"), ("west", "wu", "LSVAU2A37N2183295", "b2")]
    {
        let put = async |path: String, body: Value| {
            let made = bed.put(&path, body).await;
            assert_eq!(made.status, StatusCode::CREATED, "{path}: {}", made.text);
        };
        put(format!("/api/v1/accounts/{name}"), json!({"name": name, "operator": operator})).await;
        put(format!("/api/v1/cards/{number}"), json!({"logical_number": "1", "account": name})).await;
        put(format!("/api/v1/vins/{vin}"), json!({"account": name})).await;
        let user = json!({"operator": operator, "role": "admin", "password": "correct horse"});
        put(format!("/api/v1/users/of-{operator}"), user).await;
        let mut tariff = one_price(if operator == "east" { "0100" } else { "0200" });
        tariff["operator"] = operator.into();
        put(format!("/api/v1/tariffs/of-{operator}"), tariff).await;
    }
    bed.put("/api/v1/tariffs/shared", one_price("0300")).await;
    bed.put("/api/v1/piles/nobodys", json!({})).await;
    bed
}

#[tokio::test]
async fn an_operator_sees_its_own_and_nothing_else() {
    let bed = bed().await;
    let token = bed.token(Some("east"), &["read", "operate", "bill", "admin"]).await;
    let get = async |path: &str| bed.ask(&token, Method::GET, path, None).await;
    for (own, other) in [
        ("operators/east", "operators/west"),
        ("stations/east-gate", "stations/west-gate"),
        ("piles/1", "piles/2"),
        ("piles/1/sessions", "piles/2/sessions"),
        ("piles/1/commands", "piles/2/commands"),
        ("piles/1/offline-cards", "piles/2/offline-cards"),
        ("accounts/li", "accounts/wu"),
        ("accounts/li/entries", "accounts/wu/entries"),
        ("cards/a1", "cards/b2"),
        ("vins/LSVAU2A37N2183294", "vins/LSVAU2A37N2183295"),
        ("users/of-east", "users/of-west"),
        ("tariffs/of-east", "tariffs/of-west"),
        ("tariffs/shared", "piles/nobodys"),
    ] {
        get(&format!("/api/v1/{own}")).await.ok();
        get(&format!("/api/v1/{other}")).await.problem(404, "not-found");
    }
    let ids = async |path: &str, key: &str| {
        let page = get(&format!("/api/v1/{path}")).await.ok();
        page["items"].as_array().unwrap().iter().map(|item| item[key].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("operators", "id").await, ["east"]);
    assert_eq!(ids("stations", "id").await, ["east-gate"]);
    assert_eq!(ids("piles", "code").await, ["1"]);
    assert_eq!(ids("piles?status=offline", "code").await, ["1"]);
    assert_eq!(ids("connectors", "pile").await, [""; 0]);
    assert_eq!(ids("accounts", "id").await, ["li"]);
    assert_eq!(ids("cards", "logical_number").await, ["1"]);
    assert_eq!(ids("vins", "vin").await, ["LSVAU2A37N2183294"]);
    assert_eq!(ids("users", "name").await, ["of-east"]);
    assert_eq!(ids("tariffs", "id").await, ["of-east", "shared"]);
    assert_eq!(ids("stations?operator=west", "id").await, [""; 0]);
    assert_eq!(ids("tokens", "operator").await, ["east"]);
    let acted: Vec<String> = ids("audit", "operator").await;
    assert!(acted.iter().all(|operator| operator == "east"), "{acted:?}");
    let actions = ids("audit", "action").await;
    for action in ["station.put", "pile.put", "account.put", "card.put", "vin.put", "user.put", "tariff.put"] {
        assert!(actions.iter().any(|done| done == action), "{action}: {actions:?}");
    }
    let events = get("/api/v1/events").await.ok();
    let events = events["items"].as_array().unwrap();
    assert!(!events.is_empty() && events.iter().all(|event| event["operator"] == "east"), "{events:?}");
}

#[tokio::test]
async fn an_operator_changes_its_own_and_nothing_else() {
    let bed = bed().await;
    let token = bed.token(Some("east"), &["read", "operate", "bill", "admin"]).await;
    let ask = async |method: Method, path: &str, body: Value| {
        bed.ask(&token, method, &format!("/api/v1/{path}"), Some(body)).await
    };
    for (method, path, body) in [
        (Method::PUT, "stations/west-gate", json!({"name": "mine"})),
        (Method::DELETE, "stations/west-gate", json!({})),
        (Method::PUT, "piles/2", json!({"station": "east-gate"})),
        (Method::PUT, "piles/nobodys", json!({"station": "east-gate"})),
        (Method::DELETE, "piles/2", json!({})),
        (Method::PUT, "piles/2/tariff", json!({"tariff": null})),
        (Method::POST, "piles/2/commands", json!({"action": "sync_clock"})),
        (Method::POST, "piles/2/offline-cards", json!({"cards": ["a1"]})),
        (Method::POST, "piles/1/offline-cards", json!({"cards": ["b2"]})),
        (Method::PUT, "accounts/wu", json!({"name": "mine"})),
        (Method::DELETE, "accounts/wu", json!({})),
        (Method::POST, "accounts/wu/top-ups", json!({"amount": "1"})),
        (Method::POST, "accounts/wu/adjustments", json!({"amount": "-1", "note": "mine"})),
        (Method::PUT, "cards/b2", json!({"logical_number": "1", "account": "li"})),
        (Method::DELETE, "cards/b2", json!({})),
        (Method::PUT, "vins/LSVAU2A37N2183295", json!({"account": "li"})),
        (Method::DELETE, "vins/LSVAU2A37N2183295", json!({})),
        (Method::PUT, "users/of-west", json!({"role": "viewer"})),
        (Method::DELETE, "users/of-west", json!({})),
        (Method::PUT, "tariffs/of-west", one_price("0900")),
        (Method::PUT, "tariffs/shared", one_price("0900")),
        (Method::POST, "tariffs/of-west/assign", json!({"piles": ["1"]})),
    ] {
        let answer = ask(method.clone(), path, body).await;
        assert_eq!(answer.status.as_u16(), 404, "{method} {path}: {}", answer.text);
        answer.problem(404, "not-found");
    }
    for (method, path, body, pointer) in [
        (Method::PUT, "stations/new", json!({"name": "new", "operator": "west"}), "/operator"),
        (Method::PUT, "stations/new", json!({"name": "new", "tariff": "of-west"}), "/tariff"),
        (Method::PUT, "piles/9", json!({"station": "west-gate"}), "/station"),
        (Method::PUT, "piles/9", json!({}), "/station"),
        (Method::PUT, "piles/1", json!({"station": "east-gate", "tariff": "of-west"}), "/tariff"),
        (Method::PUT, "cards/c3", json!({"logical_number": "2", "account": "wu"}), "/account"),
        (Method::PUT, "vins/LSVAU2A37N2183296", json!({"account": "wu"}), "/account"),
        (Method::POST, "tariffs/of-east/assign", json!({"piles": ["1", "2"]}), "/piles"),
        (Method::POST, "orders", json!({"pile": "2", "connector": 1}), "/pile"),
        (Method::POST, "orders", json!({"pile": "1", "connector": 1, "account": "wu"}), "/account"),
        (Method::POST, "tokens", json!({"name": "t", "operator": "west", "scopes": ["read"]}), "/operator"),
    ] {
        let answer = ask(method.clone(), path, body).await;
        answer.problem(422, "unprocessable");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{method} {path}: {}", answer.text);
    }
    for (method, path) in [
        (Method::PUT, "operators/east"),
        (Method::DELETE, "operators/east"),
        (Method::POST, "piles/9/approve"),
        (Method::DELETE, "waiting-piles/9"),
    ] {
        ask(method, path, json!({"name": "x"})).await.problem(403, "platform-only");
    }

    let made = ask(Method::PUT, "stations/new", json!({"name": "new", "tariff": "shared"})).await;
    assert_eq!(made.json()["operator"], "east", "{}", made.text);
    let made = ask(Method::PUT, "piles/9", json!({"station": "new"})).await;
    assert_eq!(made.json()["operator"], "east", "{}", made.text);
    let made = ask(Method::POST, "tokens", json!({"name": "t", "scopes": ["read"]})).await;
    assert_eq!(made.json()["operator"], "east", "{}", made.text);
}

#[tokio::test]
async fn a_pile_that_was_here_before_is_the_platforms_to_give_away() {
    let bed = Bed::new().await;
    bed.two_operators().await;
    bed.core.store.store_record(record("1", 1, 0)).await.unwrap();
    let west = bed.token(Some("west"), &["read", "admin"]).await;
    let form = json!({"station": "west-gate"});
    let put =
        async |code: &str| bed.ask(&west, Method::PUT, &format!("/api/v1/piles/{code}"), Some(form.clone())).await;
    put("1").await.problem(404, "not-found");
    assert_eq!(bed.delete("/api/v1/piles/1").await.status, StatusCode::NO_CONTENT);
    put("1").await.problem(409, "pile-has-past");
    assert_eq!(put("3").await.status, StatusCode::CREATED);
    bed.core.store.store_record(record("3", 2, 0)).await.unwrap();
    put("3").await.ok();
    let given = bed.put("/api/v1/piles/1", form.clone()).await;
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.text);
    put("1").await.ok();
}

#[tokio::test]
async fn each_route_asks_for_its_scope() {
    let bed = bed().await;
    let scopes = ["read", "operate", "bill", "admin"];
    let mut tokens = Vec::new();
    for scope in scopes {
        tokens.push((scope, bed.token(None, &[scope]).await));
    }
    for (method, path, needed) in [
        (Method::GET, "piles", "read"),
        (Method::GET, "orders", "read"),
        (Method::GET, "events", "read"),
        (Method::POST, "orders", "operate"),
        (Method::POST, "orders/1/stop", "operate"),
        (Method::POST, "orders/1/resolve", "bill"),
        (Method::POST, "piles/1/commands", "operate"),
        (Method::POST, "piles/1/offline-cards", "operate"),
        (Method::POST, "alarms/1/ack", "operate"),
        (Method::PUT, "tariffs/day", "bill"),
        (Method::PUT, "piles/1/tariff", "bill"),
        (Method::PUT, "accounts/x", "bill"),
        (Method::POST, "accounts/x/top-ups", "bill"),
        (Method::PUT, "cards/1", "bill"),
        (Method::DELETE, "vins/LSVAU2A37N2183295", "bill"),
        (Method::PUT, "operators/x", "admin"),
        (Method::PUT, "stations/x", "admin"),
        (Method::PUT, "piles/x", "admin"),
        (Method::GET, "users", "admin"),
        (Method::POST, "tokens", "admin"),
        (Method::GET, "audit", "admin"),
    ] {
        for (scope, token) in &tokens {
            let answer = bed.ask(token, method.clone(), &format!("/api/v1/{path}"), Some(json!([]))).await;
            if *scope == needed {
                assert_ne!(answer.status.as_u16(), 403, "{method} {path} with {scope}: {}", answer.text);
            } else {
                let detail = answer.problem(403, "insufficient-scope");
                assert!(detail.contains(&format!("the scope {needed}")), "{method} {path}: {detail}");
            }
        }
    }
    for (_, token) in &tokens {
        bed.ask(token, Method::GET, "/api/v1/me", None).await.ok();
    }
}

#[tokio::test]
async fn a_token_gives_no_more_than_it_has() {
    let bed = Bed::new().await;
    let token = bed.token(None, &["admin", "read"]).await;
    let ask = async |method, path: &str, body| bed.ask(&token, method, path, Some(body)).await;
    let more = ask(Method::POST, "/api/v1/tokens", json!({"name": "x", "scopes": ["read", "bill"]})).await;
    assert!(more.problem(422, "unprocessable").contains("Bill"));
    let more = ask(Method::PUT, "/api/v1/users/x", json!({"role": "operator", "password": "correct horse"})).await;
    more.problem(422, "unprocessable");
    let same = ask(Method::PUT, "/api/v1/users/x", json!({"role": "viewer", "password": "correct horse"})).await;
    assert_eq!(same.status, StatusCode::CREATED, "{}", same.text);
}

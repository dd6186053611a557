//! What holds for every route: who may, what does not exist, what goes wrong.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, header};
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::json;
use std::sync::atomic::Ordering::Relaxed;
use tower::ServiceExt;

use super::super::problem::Problem;
use super::super::router::{around, guarded};
use super::super::{Api, docs, login};
use super::{AdminToken, Answer, Bed, TOKEN, request, with_json};
use crate::store::sqlite::SqliteStore;
use crate::store::{StoreError, TokenStore};

#[tokio::test]
async fn health_needs_no_token() {
    let bed = Bed::new().await;
    let plain = |path: &str| Request::get(path).body(Body::empty()).unwrap();
    assert_eq!(bed.answer(plain("/healthz")).await.ok(), json!({"status": "ok"}));
    assert_eq!(bed.answer(plain("/readyz")).await.ok(), json!({"status": "ready"}));
    let metrics = bed.answer(plain("/metrics")).await;
    assert!(metrics.header(header::CONTENT_TYPE).starts_with("application/openmetrics-text; version=1.0.0"));
    assert!(metrics.text.contains("voltapile_piles_registered 0") && metrics.text.ends_with("# EOF\n"));
}

#[tokio::test]
async fn readiness_follows_the_flag_and_the_store() {
    let bed = Bed::new().await;
    bed.state.ready.store(false, Relaxed);
    let starting = bed.get("/readyz").await;
    assert!(starting.problem(503, "unavailable").contains("starting"));
    assert_eq!(starting.header(header::RETRY_AFTER), "1");

    bed.state.ready.store(true, Relaxed);
    bed.core.store.close().await.unwrap();
    assert!(bed.get("/readyz").await.problem(503, "unavailable").contains("store"));
    assert_eq!(bed.get("/healthz").await.ok()["status"], "ok");
    let piles = bed.get("/api/v1/piles").await;
    assert!(piles.problem(503, "unavailable").contains("stopping"));
    assert_eq!(piles.header(header::RETRY_AFTER), "5");
}

#[tokio::test]
async fn the_token_is_asked_for_and_the_refusal_says_why() {
    let bed = Bed::new().await;
    let with = |value: Option<&str>| {
        let request = Request::get("/api/v1/piles");
        let request = if let Some(value) = value { request.header(header::AUTHORIZATION, value) } else { request };
        request.body(Body::empty()).unwrap()
    };
    for (value, says, challenge) in [
        (None, "missing", "Bearer realm=\"voltapile\""),
        (Some("Basic YTpi"), "malformed", "Bearer realm=\"voltapile\", error=\"invalid_request\""),
        (Some("Bearer"), "malformed", "Bearer realm=\"voltapile\", error=\"invalid_request\""),
        (Some("Bearer a b"), "malformed", "Bearer realm=\"voltapile\", error=\"invalid_request\""),
        (Some("Bearer wrong"), "wrong", "Bearer realm=\"voltapile\", error=\"invalid_token\""),
    ] {
        let answer = bed.answer(with(value)).await;
        let detail = answer.problem(401, "unauthorized");
        assert!(detail.contains(says), "{detail}");
        assert_eq!(answer.header(header::WWW_AUTHENTICATE), challenge);
    }
    bed.answer(with(Some(&format!("bearer {TOKEN}")))).await.ok();
}

/// Every route of the API with a name in each place.
fn routes() -> Vec<(Method, String)> {
    let name = |path: String| {
        let path = path.replace("{code}", "1").replace("{id}", "1").replace("{name}", "a").replace("{number}", "1");
        path.replace("{vin}", "LSVAU2A37N2183294")
    };
    let routes = guarded().methods().into_iter();
    routes.map(|(method, path)| (method.parse().unwrap(), name(path))).collect()
}

#[tokio::test]
async fn every_route_of_the_api_needs_the_token() {
    let bed = Bed::new().await;
    let routes = routes();
    assert!(routes.len() > 70, "{}", routes.len());
    for (method, path) in routes {
        let request = Request::builder().method(method.clone()).uri(&path).body(Body::empty()).unwrap();
        let status = bed.answer(request).await.status.as_u16();
        assert_eq!(status, 401, "{method} {path}");
    }
}

#[tokio::test]
async fn a_missed_address_is_told_what_there_is() {
    let bed = Bed::new().await;
    for path in ["/", "/api/v1/pile", "/api/v1/piles/", "/api/v1/piles/1/frame"] {
        let detail = bed.get(path).await.problem(404, "no-such-route");
        assert!(detail.contains(path) && detail.contains("/api/v1/piles/{code}/frames"), "{detail}");
    }
    for (_, path) in routes() {
        let answer = bed.answer(request(Method::PATCH, &path).body(Body::empty()).unwrap()).await;
        assert!(answer.problem(405, "method-not-allowed").contains(&path));
        assert!(!answer.header(header::ALLOW).is_empty(), "{path}");
    }
    let answer = bed.answer(request(Method::PATCH, "/api/v1/piles/1").body(Body::empty()).unwrap()).await;
    let mut allowed: Vec<&str> = answer.header(header::ALLOW).split(',').collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["DELETE", "GET", "HEAD", "PUT"]);
}

#[tokio::test]
async fn bodies_that_do_not_fit_are_told_where() {
    let bed = Bed::new().await;
    let put = |body: &str| with_json(Method::PUT, "/api/v1/piles/1", body.to_owned());

    let detail = bed.answer(put("{\"name\": \"a\",\n \"enabled\" true}")).await.problem(400, "malformed-json");
    assert!(detail.contains("line 2 column 12"), "{detail}");
    let detail = bed.answer(put("{} {}")).await.problem(400, "malformed-json");
    assert!(detail.contains("trailing characters"), "{detail}");
    bed.answer(put("")).await.problem(400, "malformed-json");

    for (body, pointer, says) in [
        ("{\"colour\": 1}", "/colour", "expected one of `name`, `station`"),
        ("{\"enabled\": 1}", "/enabled", "expected a boolean"),
        ("{\"connector_count\": 256}", "/connector_count", "expected u8"),
        ("{\"name\": \" \"}", "/name", "1 to 64 printable characters"),
        ("{\"tariff\": \"Day!\"}", "/tariff", "a-z, 0-9"),
        ("[]", "", "object, not an array"),
        ("1", "", "invalid type: integer"),
    ] {
        let answer = bed.answer(put(body)).await;
        let detail = answer.problem(400, "invalid-body");
        assert!(detail.contains(says), "{detail}");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{detail}");
    }
}

#[tokio::test]
async fn bodies_must_be_json_and_not_too_large() {
    let bed = Bed::new().await;
    let plain = request(Method::PUT, "/api/v1/piles/1")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("{}"))
        .unwrap();
    let detail = bed.answer(plain).await.problem(415, "unsupported-media-type");
    assert!(detail.contains("instead of application/x-www-form-urlencoded"), "{detail}");

    let long = format!("{{\"name\": \"{}\"}}", "a".repeat(1024 * 1024));
    let detail = bed.answer(with_json(Method::PUT, "/api/v1/piles/1", long)).await.problem(413, "body-too-large");
    assert!(detail.contains("1048576"), "{detail}");
}

#[tokio::test]
async fn parameters_that_do_not_fit_are_named() {
    let bed = Bed::new().await;
    for (path, parameter, says) in [
        ("/api/v1/piles?limit=0", "limit", "1 to 500"),
        ("/api/v1/piles?limit=501", "limit", "1 to 500"),
        ("/api/v1/piles?limit=a", "limit", "1 to 500"),
        ("/api/v1/piles?cursor=zz", "cursor", "next_cursor"),
        ("/api/v1/piles?status=on", "status", "online or offline"),
        ("/api/v1/piles?enabled=yes", "enabled", "true or false"),
        ("/api/v1/piles?q=a&q=b", "q", "twice"),
        ("/api/v1/piles/a.b", "code", "32 ASCII letters"),
        ("/api/v1/piles/%FF", "code", "32 ASCII letters"),
        ("/api/v1/tariffs/Day", "id", "a-z, 0-9"),
        ("/api/v1/records?received_from=today", "received_from", "2026-11-20T08:15:30Z"),
        ("/api/v1/records?state=bad", "state", "parsed or unreadable"),
        ("/api/v1/records?transaction_number=1.2", "transaction_number", "1 to 32 ASCII"),
        ("/api/v1/records/1.2", "id", "a transaction number"),
    ] {
        let answer = bed.get(path).await;
        let detail = answer.problem(400, "invalid-parameter");
        assert!(detail.contains(says), "{path}: {detail}");
        assert_eq!(answer.json()["errors"][0]["parameter"], parameter, "{path}");
    }
    let unknown = bed.get("/api/v1/piles?stats=online").await;
    let detail = unknown.problem(400, "invalid-parameter");
    assert_eq!(unknown.json()["errors"][0]["parameter"], "stats");
    assert!(detail.contains("\"stats\"") && detail.contains("limit, cursor, operator, station"), "{detail}");
    let detail = bed.get("/api/v1/stations/day?a=1").await.problem(400, "invalid-parameter");
    assert!(detail.contains("takes none"), "{detail}");
    bed.get("/api/v1/piles?q=&enabled=&status=&limit=&cursor=").await.ok();
}

async fn failing() -> &'static str {
    panic!("secret")
}

#[tokio::test]
async fn a_panic_is_a_problem_without_its_message() {
    let bed = Bed::new().await;
    let about = docs::About::of(&login::open_routes());
    let routes = around(Router::new().route("/", get(failing))).with_state(Api::new(bed.state.clone(), about));
    let response = routes.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
    let answer = Answer::read(response).await;
    assert!(answer.problem(500, "internal").contains("server's log"));
    assert!(answer.json()["instance"].as_str().unwrap().starts_with("urn:voltapile:error:"));
    assert!(!answer.text.contains("secret"));
}

#[tokio::test]
async fn what_the_store_says_becomes_a_problem() {
    let of = async |error: StoreError| Answer::read(Problem::from(error).into_response()).await;
    let full = of(StoreError::Full).await;
    full.problem(503, "busy");
    assert_eq!(full.header(header::RETRY_AFTER), "1");
    let backend = of(StoreError::Backend(std::sync::Arc::new(std::io::Error::other("secret")))).await;
    backend.problem(503, "unavailable");
    assert_eq!(backend.header(header::RETRY_AFTER), "5");
    assert!(!backend.text.contains("secret"));
    let corrupt = StoreError::Corrupt { what: "name", key: "1".to_owned(), reason: "secret".to_owned() };
    let corrupt = of(corrupt).await;
    corrupt.problem(500, "internal");
    assert!(!corrupt.text.contains("secret"));
}

#[tokio::test]
async fn a_token_is_made_once_and_replaced_by_a_configured_one() {
    let directory = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(&directory.path().join("voltapile.db"), None).unwrap();
    let (token, made) = AdminToken::establish(&store, Some("")).await.unwrap();
    let made = made.unwrap();
    assert!(made.starts_with("vp_") && made.len() == 67, "{made}");
    assert!(token.matches(&made) && !token.matches("") && !token.matches(&made[..66]));
    assert!(!format!("{token:?}").contains(&made[3..]));

    let (again, shown) = AdminToken::establish(&store, None).await.unwrap();
    assert!(again.matches(&made) && shown.is_none());
    let (configured, shown) = AdminToken::establish(&store, Some("configured token")).await.unwrap();
    assert!(configured.matches("configured token") && !configured.matches(&made) && shown.is_none());

    // Taken out again, it counts no longer, and neither does the one before it.
    assert!(store.admin_token_hash().await.unwrap().is_none());
    let (renewed, shown) = AdminToken::establish(&store, None).await.unwrap();
    assert!(renewed.matches(&shown.unwrap()) && !renewed.matches("configured token") && !renewed.matches(&made));
}

#[test]
fn the_guide_knows_every_address_in_both_languages() {
    let guides = [include_str!("../../../../../docs/api.md"), include_str!("../../../../../docs/api.zh-CN.md")];
    for guide in guides {
        for address in guarded().and(login::open_routes()).addresses() {
            assert!(guide.contains(&format!("| `{address}` |")), "{address}");
        }
    }
}

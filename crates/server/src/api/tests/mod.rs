//! The router over a real store, without a socket.

mod access;
mod around;
mod commands;
mod csv;
mod document;
mod events;
mod frames;
mod list;
mod money;
mod piles;
mod records;
mod register;
mod sign_in;
mod tariffs;

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};
use tokio::sync::watch;
use tower::ServiceExt;
use voltapile_platform::command::{Command, CommandResult};
use voltapile_platform::identity::PileCode;

use super::{AdminToken, ApiState, router};
use crate::clock::Clock;
use crate::config::Settings;
use crate::core::{Backlog, Core, Declared, Knock, Link, PileLive};
use crate::store::sqlite::SqliteStore;
use crate::store::{SessionId, Store};

const TOKEN: &str = "a-token-for-tests-only";

/// A server without sockets.
struct Bed {
    core: Arc<Core>,
    state: ApiState,
    router: Router,
    shutdown: watch::Sender<bool>,
    _directory: tempfile::TempDir,
}

/// An answer with its body read.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Bed {
    async fn new() -> Self {
        Self::prepared(|_| {}).await
    }

    /// With a database that somebody wrote to before.
    async fn prepared(write: impl FnOnce(&rusqlite::Connection)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("voltapile.db");
        SqliteStore::open(&path, None).unwrap().close().await.unwrap();
        write(&rusqlite::Connection::open(&path).unwrap());
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path, None).unwrap());
        let (admin, _) = AdminToken::establish(&*store, Some(TOKEN)).await.unwrap();
        let core = Core::load(store, Arc::default(), Clock::new(8), Settings::default().core()).await.unwrap();
        let core = Arc::new(core);
        let (shutdown, stopping) = watch::channel(false);
        let ready = Arc::new(AtomicBool::new(true));
        let state = ApiState { core: Arc::clone(&core), admin, ready, shutdown: stopping };
        let router = router(state.clone());
        Self { core, state, router, shutdown, _directory: directory }
    }

    async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn answer(&self, request: Request<Body>) -> Answer {
        Answer::read(self.send(request).await).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.answer(request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        self.answer(with_json(Method::PUT, path, body.to_string())).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.answer(with_json(Method::POST, path, body.to_string())).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.answer(request(Method::DELETE, path).body(Body::empty()).unwrap()).await
    }

    /// Asks with another token than the admin's.
    async fn ask(&self, token: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request =
            Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        let request = match body {
            Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(body.to_string().into()),
            None => request.body(Body::empty()),
        };
        self.answer(request.unwrap()).await
    }

    /// Posts under an `Idempotency-Key`.
    async fn post_once(&self, key: &str, path: &str, body: Value) -> Answer {
        let request = request(Method::POST, path).header("idempotency-key", key);
        let request = request.header(header::CONTENT_TYPE, "application/json").body(body.to_string().into());
        self.answer(request.unwrap()).await
    }

    /// Makes a token; of an operator, when one is named.
    async fn token(&self, operator: Option<&str>, scopes: &[&str]) -> String {
        let form = json!({"name": "test", "operator": operator, "scopes": scopes});
        let made = self.post("/api/v1/tokens", form).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        made.json()["token"].as_str().unwrap().to_owned()
    }

    /// Two operators with a station each, the first with the pile 1 and the second with the pile 2.
    async fn two_operators(&self) {
        for (operator, station, pile) in [("east", "east-gate", "1"), ("west", "west-gate", "2")] {
            self.put(&format!("/api/v1/operators/{operator}"), json!({"name": operator})).await;
            let form = json!({"name": station, "operator": operator});
            self.put(&format!("/api/v1/stations/{station}"), form).await;
            let form = json!({"station": station, "connector_count": 2});
            let made = self.put(&format!("/api/v1/piles/{pile}"), form).await;
            assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        }
    }

    /// Walks a list in pages and gives all its items.
    async fn walk(&self, path: &str, limit: usize) -> Vec<Value> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("{path}{separator}limit={limit}&cursor={cursor}")).await.ok();
            let on_page = page["items"].as_array().unwrap();
            assert!(on_page.len() <= limit);
            items.extend(on_page.iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => return items,
            }
        }
    }

    /// A registered pile logs in, and says nothing more.
    fn log_in(&self, code: &str) -> Arc<PileLive> {
        self.log_in_with(code, Arc::new(NoLink::default()))
    }

    /// A registered pile logs in and does what it is told.
    fn log_in_obedient(&self, code: &str) -> Arc<PileLive> {
        self.log_in_with(code, Arc::new(Obedient(Arc::downgrade(&self.core), Backlog::default())))
    }

    fn log_in_with(&self, code: &str, link: Arc<dyn Link>) -> Arc<PileLive> {
        let pile = self.core.registry.get(pile_code(code)).unwrap();
        self.core.attach(&pile, link, peer(), declared());
        pile
    }

    /// A stranger tries to log in and is noted.
    async fn knock(&self, code: &str) {
        let knock = Knock { code: pile_code(code), connector_count: 2, peer: peer(), declared: declared() };
        self.core.knock(&(Arc::new(NoLink::default()) as Arc<dyn Link>), &knock);
        // The note is written by a task of its own; a write of ours that comes later is answered later.
        while self.core.store.waiting_pile(knock.code).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    }
}

impl Answer {
    async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Self { status: parts.status, headers: parts.headers, text: String::from_utf8(bytes.into()).unwrap() }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The body of a 200.
    #[track_caller]
    fn ok(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        self.json()
    }

    /// Checks that it is a well-formed problem of a kind; its detail.
    #[track_caller]
    fn problem(&self, status: u16, slug: &str) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.header(header::CONTENT_TYPE), "application/problem+json");
        let json = self.json();
        assert_eq!(json["type"], json!(format!("/problems/{slug}")));
        assert_eq!(json["status"], json!(status));
        assert!(json["title"].as_str().is_some_and(|title| !title.is_empty()));
        json["detail"].as_str().unwrap().to_owned()
    }
}

/// A request of the admin.
fn request(method: Method, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
}

fn with_json(method: Method, path: &str, body: impl Into<Body>) -> Request<Body> {
    request(method, path).header(header::CONTENT_TYPE, "application/json").body(body.into()).unwrap()
}

fn pile_code(text: &str) -> PileCode {
    PileCode::new(text).unwrap()
}

fn peer() -> SocketAddr {
    "203.0.113.7:40123".parse().unwrap()
}

fn declared() -> Declared {
    Declared { protocol: "ykc", connector_count: 2, firmware_version: "V4.1.50".into(), ..Declared::default() }
}

/// Terms with one price all day.
fn one_price(number: &str) -> Value {
    json!({
        "number": number,
        "name": "one price",
        "prices": {"flat": {"electricity": "0.80000", "service": "0.40000"}},
        "periods": [{"from": "00:00", "to": "24:00", "tier": "flat"}],
    })
}

#[derive(Debug, Default)]
struct NoLink(Backlog);

impl Link for NoLink {
    fn lose(&self, _pile: PileCode, _session: SessionId) {}

    fn command(&self, _command: Command) {}

    fn backlog(&self) -> &Backlog {
        &self.0
    }

    fn wake(&self) {}

    fn forbid_work(&self) {}
}

/// Says that it did whatever it is told.
#[derive(Debug)]
struct Obedient(Weak<Core>, Backlog);

impl Link for Obedient {
    fn lose(&self, _pile: PileCode, _session: SessionId) {}

    fn command(&self, command: Command) {
        let core = self.0.upgrade().unwrap();
        core.command_ended(command.id, CommandResult::Succeeded(json!({"done": true})));
    }

    fn backlog(&self) -> &Backlog {
        &self.1
    }

    fn wake(&self) {}

    fn forbid_work(&self) {}
}

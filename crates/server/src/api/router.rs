//! The routes, and what is around every request.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::Uri;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;

use super::describe::Routes;
use super::extract::{BODY_LIMIT, WAIT_MAX};
use super::problem::{Kind, Problem};
use super::{
    Api, ApiState, accounts, alarms, audit, auth, captures, cards, commands, docs, events, health, login, metrics,
    operators, orders, piles, records, stations, tariffs, tokens, users, vins, waiting,
};

/// Time for a request, from the end of its head to the begin of its answer. A stream goes on after that.
const REQUEST_WITHIN: Duration = Duration::from_secs(30);

/// Addresses besides those of the API.
pub(super) const BESIDES: &[&str] = &["/healthz", "/readyz", "/metrics", "/api/v1/openapi.json", "/api/v1/docs"];

/// Everything that is served over HTTP.
pub fn router(state: ApiState) -> Router {
    let api = Api::new(state, docs::About::of(&guarded().and(login::open_routes())));
    let routes = Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .merge(docs::router())
        .merge(login::open_routes().router())
        .merge(guarded().router().route_layer(middleware::from_fn_with_state(api.clone(), auth::require)))
        .fallback(no_such_route)
        .method_not_allowed_fallback(method_not_allowed);
    around(routes).with_state(api)
}

/// The routes that take a token.
pub(super) fn guarded() -> Routes {
    [
        operators::routes(),
        stations::routes(),
        piles::routes(),
        captures::routes(),
        waiting::routes(),
        tariffs::routes(),
        accounts::routes(),
        cards::routes(),
        vins::routes(),
        orders::routes(),
        records::routes(),
        commands::routes(),
        alarms::routes(),
        events::routes(),
        users::routes(),
        tokens::routes(),
        login::routes(),
        audit::routes(),
    ]
    .into_iter()
    .fold(Routes::default(), Routes::and)
}

/// Bounds and catches what goes wrong in any route.
pub(super) fn around(routes: Router<Api>) -> Router<Api> {
    routes
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(in_time))
        .layer(CatchPanicLayer::custom(Problem::from_panic))
}

async fn in_time(request: Request, next: Next) -> Result<Response, Problem> {
    // Whoever asks to wait for an outcome gets that time besides.
    let waits = request.uri().query().is_some_and(|query| query.contains("wait="));
    let within = if waits { REQUEST_WITHIN + WAIT_MAX } else { REQUEST_WITHIN };
    let answered = tokio::time::timeout(within, next.run(request)).await;
    answered.map_err(|_| {
        let seconds = within.as_secs();
        Problem::unavailable(format!("there was no answer within {seconds} s; a change may still come about"), 5)
    })
}

async fn no_such_route(State(api): State<Api>, uri: Uri) -> Problem {
    let detail = format!("there is no {}; there are {}", uri.path(), api.about.addresses.join(", "));
    Problem::new(Kind::NoSuchRoute, detail)
}

async fn method_not_allowed(request: Request) -> Problem {
    let detail =
        format!("{} can't be asked for {}: the Allow header lists how", request.uri().path(), request.method());
    Problem::new(Kind::MethodNotAllowed, detail)
}

//! The routes, and what is around every request.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::Uri;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post, put};
use tower_http::catch_panic::CatchPanicLayer;

use super::extract::BODY_LIMIT;
use super::problem::{Kind, Problem};
use super::{ApiState, auth, frames, health, metrics, piles, records, sessions, tariffs, waiting};

/// Time for a request, from the end of its head to the begin of its answer. A stream goes on after that.
const REQUEST_WITHIN: Duration = Duration::from_secs(30);

/// Every address there is, for callers who miss one.
pub(super) const ADDRESSES: &[&str] = &[
    "/healthz",
    "/readyz",
    "/metrics",
    "/api/v1/piles",
    "/api/v1/piles/{code}",
    "/api/v1/piles/{code}/approve",
    "/api/v1/piles/{code}/tariff",
    "/api/v1/piles/{code}/sessions",
    "/api/v1/piles/{code}/frames",
    "/api/v1/waiting-piles",
    "/api/v1/waiting-piles/{code}",
    "/api/v1/tariffs",
    "/api/v1/tariffs/{id}",
    "/api/v1/tariffs/{id}/assign",
    "/api/v1/records",
    "/api/v1/records/{id}",
    "/api/v1/records/{id}/variants",
];

/// Everything that is served over HTTP.
pub fn router(state: ApiState) -> Router {
    let routes = Router::new()
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .merge(version_1(&state))
        .fallback(no_such_route)
        .method_not_allowed_fallback(method_not_allowed);
    around(routes).with_state(state)
}

/// Bounds and catches what goes wrong in any route.
pub(super) fn around(routes: Router<ApiState>) -> Router<ApiState> {
    routes
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(in_time))
        .layer(CatchPanicLayer::custom(Problem::from_panic))
}

fn version_1(state: &ApiState) -> Router<ApiState> {
    Router::new()
        .route("/api/v1/piles", get(piles::list))
        .route("/api/v1/piles/{code}", get(piles::show).put(piles::put))
        .route("/api/v1/piles/{code}/approve", post(piles::approve))
        .route("/api/v1/piles/{code}/tariff", put(piles::set_tariff))
        .route("/api/v1/piles/{code}/sessions", get(sessions::of_pile))
        .route("/api/v1/piles/{code}/frames", get(frames::tail))
        .route("/api/v1/waiting-piles", get(waiting::list))
        .route("/api/v1/waiting-piles/{code}", get(waiting::show))
        .route("/api/v1/tariffs", get(tariffs::list))
        .route("/api/v1/tariffs/{id}", get(tariffs::show).put(tariffs::put))
        .route("/api/v1/tariffs/{id}/assign", post(tariffs::assign))
        .route("/api/v1/records", get(records::list))
        .route("/api/v1/records/{id}", get(records::show))
        .route("/api/v1/records/{id}/variants", get(records::variants))
        .route_layer(middleware::from_fn_with_state(state.clone(), auth::require))
}

async fn in_time(request: Request, next: Next) -> Result<Response, Problem> {
    let answered = tokio::time::timeout(REQUEST_WITHIN, next.run(request)).await;
    answered.map_err(|_| {
        let seconds = REQUEST_WITHIN.as_secs();
        Problem::unavailable(format!("there was no answer within {seconds} s; a change may still come about"), 5)
    })
}

async fn no_such_route(uri: Uri) -> Problem {
    let detail = format!("there is no {}; there are {}", uri.path(), ADDRESSES.join(", "));
    Problem::new(Kind::NoSuchRoute, detail)
}

async fn method_not_allowed(request: Request) -> Problem {
    let detail =
        format!("{} can't be asked for {}: the Allow header lists how", request.uri().path(), request.method());
    Problem::new(Kind::MethodNotAllowed, detail)
}

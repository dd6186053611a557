//! What is counted, for Prometheus.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;

use super::Api;
use crate::metrics;

/// The text that [`metrics::encode`] writes.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics.
pub(super) async fn show(State(api): State<Api>) -> impl IntoResponse {
    let (registered, online) = api.core.registry.count(|pile| api.core.is_online(pile));
    ([(CONTENT_TYPE, OPEN_METRICS)], metrics::encode(&api.core.metrics, registered, online))
}

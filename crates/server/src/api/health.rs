//! Whether the server lives, and whether it serves.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::Api;
use super::problem::Problem;

/// Time in which the store must answer a trivial read.
const STORE_WITHIN: Duration = Duration::from_secs(2);
/// Seconds after which to ask again.
const RETRY_AFTER_SECONDS: u32 = 1;

/// The process lives: nothing else is looked at, so that nobody restarts it for a slow disk.
pub(super) async fn live() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// Piles are served and the store answers.
pub(super) async fn ready(State(api): State<Api>) -> Result<Json<Value>, Problem> {
    let not_yet = |detail: &str| Problem::unavailable(detail, RETRY_AFTER_SECONDS);
    if !api.ready.load(Relaxed) {
        return Err(not_yet("the server is starting or stopping"));
    }
    match tokio::time::timeout(STORE_WITHIN, api.core.store.admin_token_hash()).await {
        Ok(Ok(_)) => Ok(Json(json!({"status": "ready"}))),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the store fails");
            Err(not_yet("the store fails; the server's log says why"))
        }
        Err(_) => Err(not_yet("the store does not answer")),
    }
}

//! Piles that knocked and wait for approval.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use voltapile_platform::identity::PileCode;
use voltapile_platform::pile::WaitingPile;
use voltapile_platform::timestamp::Timestamp;

use super::ApiState;
use super::extract::{FromPath, Query};
use super::paging::{self, Paging};
use super::problem::Problem;
use crate::store::Page;

/// A waiting pile as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct WaitingView {
    code: PileCode,
    first_seen_at: Timestamp,
    last_seen_at: Timestamp,
    attempts: u32,
    peer: String,
    declared: serde_json::Value,
}

impl From<WaitingPile> for WaitingView {
    fn from(waiting: WaitingPile) -> Self {
        let WaitingPile { code, first_seen, last_seen, attempts, peer, declared } = waiting;
        Self { code, first_seen_at: first_seen, last_seen_at: last_seen, attempts, peer, declared }
    }
}

/// Waiting piles by code.
pub(super) async fn list(
    State(api): State<ApiState>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<WaitingView>>, Problem> {
    let page = api.core.store.waiting_piles(paging.request()).await?;
    Ok(Json(paging::map(page, WaitingView::from)))
}

/// One waiting pile.
pub(super) async fn show(
    State(api): State<ApiState>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
) -> Result<Json<WaitingView>, Problem> {
    let found = api.core.store.waiting_pile(code).await?;
    found.map(|waiting| Json(waiting.into())).ok_or_else(|| Problem::not_found("waiting pile", code))
}

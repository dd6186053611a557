//! Piles that knocked and wait for approval. They belong to nobody yet: for the platform's tokens only.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use voltapile_platform::identity::PileCode;
use voltapile_platform::pile::WaitingPile;
use voltapile_platform::timestamp::Timestamp;

use super::answer::{Gone, Listing};
use super::auth::{Admin, Caller, Read};
use super::change::Change;
use super::describe::Routes;
use super::extract::{FromPath, Query};
use super::paging::Paging;
use super::problem::Problem;

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("waiting-piles", "Unknown piles that tried to log in; for the platform's tokens.")
        .get("/waiting-piles", list, "Waiting piles by code.")
        .get("/waiting-piles/{code}", show, "One of them.")
        .delete("/waiting-piles/{code}", forget, "Forgets it, until it tries again.")
}

/// A waiting pile as it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitingPile)]
struct WaitingView {
    code: PileCode,
    first_seen_at: Timestamp,
    last_seen_at: Timestamp,
    attempts: u32,
    /// Address and port its latest attempt came from.
    peer: String,
    /// What it said of itself.
    #[schema(value_type = Object)]
    declared: serde_json::Value,
}

impl From<WaitingPile> for WaitingView {
    fn from(waiting: WaitingPile) -> Self {
        let WaitingPile { code, first_seen, last_seen, attempts, peer, declared } = waiting;
        Self { code, first_seen_at: first_seen, last_seen_at: last_seen, attempts, peer, declared }
    }
}

async fn list(caller: Caller<Read>, Query(paging): Query<Paging>) -> Result<Listing<WaitingView>, Problem> {
    caller.must_be_of_platform()?;
    Ok(Listing::of(caller.core.store.waiting_piles(paging.request()).await?, WaitingView::from))
}

async fn show(
    caller: Caller<Read>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
) -> Result<Json<WaitingView>, Problem> {
    caller.must_be_of_platform()?;
    let found = caller.core.store.waiting_pile(code).await?;
    found.map(|waiting| Json(waiting.into())).ok_or_else(|| Problem::not_found("waiting pile", code))
}

async fn forget(
    caller: Caller<Admin>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
) -> Result<Gone, Problem> {
    caller.must_be_of_platform()?;
    if !caller.core.store.forget_waiting(code).await? {
        return Err(Problem::not_found("waiting pile", code));
    }
    let change = Change::new("waiting_pile.forget", format_args!("waiting-piles/{code}"));
    caller.change(change, |_| Ok(())).await?;
    Ok(Gone)
}

//! Tariffs, and which piles have them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use voltapile_platform::identity::PileCode;
use voltapile_platform::tariff::{Tariff, TariffId, TariffTerms};

use super::ApiState;
use super::change::to_its_end;
use super::extract::{Body, FromPath, Query};
use super::paging::Paging;
use super::problem::{Kind, Problem};
use crate::store::{Page, Put, StoreError};

/// Piles that one call may assign a tariff to.
const ASSIGN_MAX: usize = 1000;
/// Unknown piles that a refusal names.
const NAMED_MAX: usize = 20;

/// Tariffs by id.
pub(super) async fn list(
    State(api): State<ApiState>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<Tariff>>, Problem> {
    Ok(Json(api.core.store.tariffs(paging.request()).await?))
}

/// One tariff.
pub(super) async fn show(
    State(api): State<ApiState>,
    FromPath(id): FromPath<TariffId>,
    Query(()): Query<()>,
) -> Result<Json<Tariff>, Problem> {
    let found = api.core.store.tariff(id.clone()).await?;
    found.map(Json).ok_or_else(|| Problem::not_found("tariff", id))
}

/// Makes a tariff, or replaces its terms.
pub(super) async fn put(
    State(api): State<ApiState>,
    FromPath(id): FromPath<TariffId>,
    Query(()): Query<()>,
    Body(terms): Body<TariffTerms>,
) -> Result<(StatusCode, Json<Tariff>), Problem> {
    let put = to_its_end(async move { api.core.put_tariff(id, terms).await }).await?;
    let status = if matches!(put, Put::Created(_)) { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(put.into_inner())))
}

/// The piles that shall have a tariff.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assignment {
    piles: Vec<PileCode>,
}

/// What an assignment did.
#[derive(Debug, Serialize)]
pub(super) struct Assigned {
    tariff: TariffId,
    piles: Vec<PileCode>,
}

/// Assigns a tariff to several piles: to all of them or, when one is unknown, to none.
pub(super) async fn assign(
    State(api): State<ApiState>,
    FromPath(id): FromPath<TariffId>,
    Query(()): Query<()>,
    Body(Assignment { piles }): Body<Assignment>,
) -> Result<Json<Assigned>, Problem> {
    if piles.is_empty() || piles.len() > ASSIGN_MAX {
        let detail = format!("piles takes 1 to {ASSIGN_MAX} codes, not {}", piles.len());
        return Err(Problem::new(Kind::InvalidBody, &detail).at_pointer("/piles", detail));
    }
    if api.core.store.tariff(id.clone()).await?.is_none() {
        return Err(Problem::not_found("tariff", id));
    }
    all_known(&api, &piles)?;
    let tariff = id.clone();
    let stored = to_its_end(async move { api.core.assign_tariff_to_all(piles, tariff).await }).await;
    let stored = stored.map_err(|error| match error {
        StoreError::NotFound { what: "pile", key } => {
            Problem::new(Kind::UnknownReference, format!("there is no pile {key}: nothing was assigned"))
        }
        other => other.into(),
    })?;
    Ok(Json(Assigned { tariff: id, piles: stored.iter().map(|pile| pile.code).collect() }))
}

/// Names every pile that is not registered, so that a caller mends the whole list at once.
fn all_known(api: &ApiState, piles: &[PileCode]) -> Result<(), Problem> {
    let unknown = piles.iter().enumerate().filter(|(_, code)| api.core.registry.get(**code).is_none());
    let unknown: Vec<(usize, &PileCode)> = unknown.collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let detail = format!("{} of {} piles are not registered: nothing was assigned", unknown.len(), piles.len());
    let problem = Problem::new(Kind::UnknownReference, detail);
    Err(unknown.into_iter().take(NAMED_MAX).fold(problem, |problem, (position, code)| {
        problem.at_pointer(format!("/piles/{position}"), format!("there is no pile {code}"))
    }))
}

//! Registered piles.

mod form;
mod list;
mod view;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{HeaderName, LOCATION};
use voltapile_platform::identity::PileCode;
use voltapile_platform::pile::Pile;

use super::ApiState;
use super::change::{tariff_in_body, to_its_end};
use super::extract::{Body, FromPath, OptionalBody, Query};
use super::problem::{Kind, Problem};
use crate::store::{Put, StoreError};
use form::{PileForm, TariffForm};
pub(super) use list::list;
use view::{PileDetail, PileView};

/// A resource that was made, and where it is.
type Created<T> = (StatusCode, [(HeaderName, String); 1], Json<T>);

/// One pile, with the latest of what it said.
pub(super) async fn show(
    State(api): State<ApiState>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
) -> Result<Json<PileDetail>, Problem> {
    let pile = api.core.store.pile(code).await?.ok_or_else(|| Problem::not_found("pile", code))?;
    Ok(Json(PileDetail::new(&api.core, pile)))
}

/// Registers a pile, or replaces what is registered of it.
pub(super) async fn put(
    State(api): State<ApiState>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
    Body(form): Body<PileForm>,
) -> Result<(StatusCode, Json<PileView>), Problem> {
    let core = api.core.clone();
    let pile = form.into_pile(code, 0, core.clock.now());
    let put = to_its_end(async move { core.put_pile(pile).await }).await.map_err(tariff_in_body)?;
    let status = if matches!(put, Put::Created(_)) { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(PileView::new(&api.core, put.into_inner()))))
}

/// Registers a pile that waits. What the body leaves out is taken from what the pile said of itself.
pub(super) async fn approve(
    State(api): State<ApiState>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
    OptionalBody(form): OptionalBody<PileForm>,
) -> Result<Created<PileView>, Problem> {
    let Some(waiting) = api.core.store.waiting_pile(code).await? else {
        return Err(not_waiting(&api, code).await);
    };
    let declared = waiting.declared.get("connector_count").and_then(serde_json::Value::as_u64);
    let declared = declared.and_then(|count| u8::try_from(count).ok()).unwrap_or_default();
    let core = api.core.clone();
    let pile = form.unwrap_or_default().into_pile(code, declared, core.clock.now());
    let stored = match to_its_end(async move { core.approve_pile(pile).await }).await {
        Err(StoreError::NotFound { what: "waiting pile", .. }) => return Err(not_waiting(&api, code).await),
        result => result.map_err(tariff_in_body)?,
    };
    let location = [(LOCATION, format!("/api/v1/piles/{code}"))];
    Ok((StatusCode::CREATED, location, Json(PileView::new(&api.core, stored))))
}

/// Why a pile that does not wait can't be approved.
async fn not_waiting(api: &ApiState, code: PileCode) -> Problem {
    match api.core.store.pile(code).await {
        Ok(Some(_)) => {
            let detail = format!("the pile {code} is registered already: change it with PUT /api/v1/piles/{code}");
            Problem::new(Kind::AlreadyRegistered, detail)
        }
        Ok(None) => {
            let hint = "it has not tried to log in yet; register it unseen with PUT /api/v1/piles/";
            Problem::new(Kind::NotFound, format!("no pile {code} waits for approval: {hint}{code}"))
        }
        Err(error) => error.into(),
    }
}

/// Assigns a tariff to a pile, or takes it away.
pub(super) async fn set_tariff(
    State(api): State<ApiState>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
    Body(TariffForm { tariff }): Body<TariffForm>,
) -> Result<Json<PileView>, Problem> {
    let core = api.core.clone();
    let stored = to_its_end(async move { core.assign_tariff(code, tariff).await }).await.map_err(tariff_in_body)?;
    Ok(Json(PileView::new(&api.core, stored)))
}

impl PileForm {
    /// The pile it describes.
    fn into_pile(self, code: PileCode, connector_count: u8, now: voltapile_platform::timestamp::Timestamp) -> Pile {
        Pile {
            code,
            name: self.name.map(String::from),
            model: self.model.map(String::from),
            connector_count: self.connector_count.unwrap_or(connector_count),
            tariff: self.tariff,
            enabled: self.enabled,
            created_at: now,
        }
    }
}

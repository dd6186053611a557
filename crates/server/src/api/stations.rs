//! Stations (电站).

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voltapile_platform::identity::{OperatorId, StationId, TariffId};
use voltapile_platform::station::Station;
use voltapile_platform::tariff::Tariff;
use voltapile_platform::timestamp::Timestamp;

use super::answer::{Gone, Listing, Put};
use super::auth::{Admin, Caller, Read};
use super::change::Change;
use super::describe::Routes;
use super::extract::{Body, FromPath, Label, Note, Query};
use super::filter::{Filter, ListQuery, Listed};
use super::problem::Problem;

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("stations", "电站: sites that group piles.")
        .get("/stations", list, "Stations by id.")
        .get("/stations/{id}", show, "One station.")
        .put("/stations/{id}", put, "Makes a station or replaces it; its piles follow it to another operator.")
        .delete("/stations/{id}", remove, "Removes a station without piles.")
}

impl Listed for Station {
    const FILTERS: &'static [Filter] = &[
        Filter::is::<OperatorId>("operator", "Who runs it.", "the id of an operator"),
        Filter::is::<TariffId>("tariff", "The tariff of its piles.", "the id of a tariff"),
        Filter::begins("q", "name", "What the name begins with."),
    ];
    const SORTS: &'static [&'static str] = &["name", "created_at"];
}

/// A station as a caller describes it; its id stands in the path.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StationForm {
    name: Label,
    /// Who runs it; an operator's token leaves it out.
    operator: Option<OperatorId>,
    address: Option<Note>,
    /// The tariff of its piles that have none of their own.
    tariff: Option<TariffId>,
    /// Charges at the same time that its grid connection carries.
    #[schema(value_type = Option<u32>, minimum = 1)]
    capacity: Option<std::num::NonZeroU32>,
}

async fn list(caller: Caller<Read>, Query(query): Query<ListQuery<Station>>) -> Result<Listing<Station>, Problem> {
    let (query, page) = query.parts();
    Ok(Listing::of(caller.list(query, page).await?, std::convert::identity))
}

async fn show(
    caller: Caller<Read>,
    FromPath(id): FromPath<StationId>,
    Query(()): Query<()>,
) -> Result<Json<Station>, Problem> {
    caller.find(&id).await.map(Json)
}

async fn put(
    caller: Caller<Admin>,
    FromPath(id): FromPath<StationId>,
    Query(()): Query<()>,
    Body(form): Body<StationForm>,
) -> Result<Put<Station>, Problem> {
    let change = Change::new("station.put", format_args!("stations/{id}")).saying(&form);
    let saved = caller.change(change, move |guard| {
        guard.own_or_new::<Station>(&id)?;
        if let Some(tariff) = &form.tariff {
            guard.refers::<Tariff>("tariff", tariff)?;
        }
        let operator = guard.operator_for(form.operator)?;
        guard.business.put_station(Station {
            id,
            operator,
            name: form.name.into(),
            address: form.address.map(String::from),
            tariff: form.tariff,
            capacity: form.capacity.map(std::num::NonZeroU32::get),
            created_at: Timestamp::MIN,
        })
    });
    Ok(Put::of(saved.await?, std::convert::identity))
}

async fn remove(
    caller: Caller<Admin>,
    FromPath(id): FromPath<StationId>,
    Query(()): Query<()>,
) -> Result<Gone, Problem> {
    let change = Change::new("station.remove", format_args!("stations/{id}"));
    let removed = caller.change(change, move |guard| {
        guard.own::<Station>(&id)?;
        guard.business.remove_station(&id)
    });
    removed.await?;
    Ok(Gone)
}

//! Vehicles, known by their VIN, which charge by being plugged in.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voltapile_platform::account::Account;
use voltapile_platform::identity::{AccountId, OperatorId};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::vehicle::Vehicle;

use super::answer::{Gone, Listing, Put};
use super::auth::{Bill, Caller, Read};
use super::change::Change;
use super::describe::Routes;
use super::extract::{Body, FromPath, Label, Query, Vin};
use super::filter::{Filter, ListQuery, Listed};
use super::problem::Problem;

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("vins", "Vehicles that charge by being plugged in, known by their VIN.")
        .get("/vins", list, "Vehicles by VIN.")
        .get("/vins/{vin}", show, "One vehicle.")
        .put("/vins/{vin}", put, "Makes a vehicle or replaces it.")
        .delete("/vins/{vin}", remove, "Removes a vehicle.")
}

impl Listed for Vehicle {
    const FILTERS: &'static [Filter] = &[
        Filter::is::<OperatorId>("operator", "Whose account's operator.", "the id of an operator"),
        Filter::is::<AccountId>("account", "Whose account pays.", "the id of an account"),
    ];
    const SORTS: &'static [&'static str] = &["created_at"];
}

/// A vehicle as a caller describes it; its VIN stands in the path.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct VehicleForm {
    /// Whose account pays.
    account: AccountId,
    /// What people call it: a number plate.
    name: Option<Label>,
    /// Whether it may charge.
    #[serde(default = "yes")]
    enabled: bool,
}

const fn yes() -> bool {
    true
}

async fn list(caller: Caller<Read>, Query(query): Query<ListQuery<Vehicle>>) -> Result<Listing<Vehicle>, Problem> {
    let (query, page) = query.parts();
    Ok(Listing::of(caller.list(query, page).await?, std::convert::identity))
}

async fn show(
    caller: Caller<Read>,
    FromPath(Vin(vin)): FromPath<Vin>,
    Query(()): Query<()>,
) -> Result<Json<Vehicle>, Problem> {
    caller.find(&vin).await.map(Json)
}

async fn put(
    caller: Caller<Bill>,
    FromPath(Vin(vin)): FromPath<Vin>,
    Query(()): Query<()>,
    Body(form): Body<VehicleForm>,
) -> Result<Put<Vehicle>, Problem> {
    let change = Change::new("vin.put", format_args!("vins/{vin}")).saying(&form);
    let saved = caller.change(change, move |guard| {
        guard.own_or_new::<Vehicle>(&vin)?;
        let VehicleForm { account, name, enabled } = form;
        let operator = guard.refers::<Account>("account", &account)?.operator;
        guard.owned_by(operator.clone());
        let name = name.map(String::from);
        guard.business.put_vehicle(Vehicle { vin, account, operator, name, enabled, created_at: Timestamp::MIN })
    });
    Ok(Put::of(saved.await?, std::convert::identity))
}

async fn remove(
    caller: Caller<Bill>,
    FromPath(Vin(vin)): FromPath<Vin>,
    Query(()): Query<()>,
) -> Result<Gone, Problem> {
    let change = Change::new("vin.remove", format_args!("vins/{vin}"));
    let removed = caller.change(change, move |guard| {
        guard.own::<Vehicle>(&vin)?;
        guard.business.remove_vehicle(&vin)
    });
    removed.await?;
    Ok(Gone)
}

//! Tariffs (计费模型) with their versions, and which piles have them.

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voltapile_platform::business::{BusinessError, PutTariff, Refusal};
use voltapile_platform::identity::{OperatorId, PileCode, StationId};
use voltapile_platform::pile::Pile;
use voltapile_platform::station::Station;
use voltapile_platform::tariff::{
    PerTier, Period, Tariff, TariffDraft, TariffId, TariffNumber, TariffRef, TariffTerms, TariffVersion, Tier,
    TierPrice, in_force,
};
use voltapile_platform::timestamp::Timestamp;

use super::answer::{Listing, Put};
use super::auth::{Bill, Caller, Read};
use super::change::{Change, Guard};
use super::describe::{Routes, schema};
use super::extract::{Body, FromPath, FromQuery, Parameter, Parameters, Query};
use super::filter::{Filter, ListQuery, Listed};
use super::problem::{Kind, Problem};
use crate::store::{Comparison, DocumentQuery, PAGE_LIMIT_MAX, PageRequest, Test};

/// Piles that one call may assign a tariff to.
const ASSIGN_MAX: usize = 1000;

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("tariffs", "计费模型: prices by time of day, in versions that never change once they were used.")
        .get("/tariffs", list, "Tariffs by id.")
        .get("/tariffs/{id}", show, "One tariff with the version in force.")
        .put("/tariffs/{id}", put, "Makes a tariff, or gives it a version with other terms.")
        .get("/tariffs/{id}/versions", versions, "Its versions.")
        .post("/tariffs/{id}/assign", assign, "Assigns it to piles and stations: to all of them or to none.")
}

impl Listed for Tariff {
    const FILTERS: &'static [Filter] = &[
        Filter::is::<OperatorId>("operator", "Whose it is.", "the id of an operator"),
        Filter::begins("q", "name", "What the name begins with."),
    ];
    const SORTS: &'static [&'static str] = &["name", "created_at"];
}

impl Listed for TariffVersion {
    const FILTERS: &'static [Filter] = &[];
    const SORTS: &'static [&'static str] = &["effective_from"];
}

/// What a version charges.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TariffTerms)]
struct TermsView {
    /// Its number on the wire.
    number: TariffNumber,
    /// What people call it.
    name: String,
    /// The prices of every tier; zero for one that the day has not.
    prices: PerTier<Option<TierPrice>>,
    /// The day in stretches of half hours.
    periods: Vec<Period>,
    /// The loss between meter and plug that is billed, in %.
    loss_ratio: u8,
}

impl From<&TariffTerms> for TermsView {
    fn from(terms: &TariffTerms) -> Self {
        let TariffDraft { name, prices, periods, loss_ratio, .. } = TariffDraft::from(terms);
        Self { number: terms.number(), name, prices, periods: periods.unwrap_or_default(), loss_ratio }
    }
}

/// A tariff with what one of its versions charges.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tariff)]
struct TariffView {
    id: TariffId,
    /// Whose it is; `null` may be used by all.
    operator: Option<OperatorId>,
    /// The version that is shown.
    version: u32,
    /// Its newest version.
    latest_version: u32,
    #[serde(flatten)]
    terms: TermsView,
    /// From when on the version counts, until a later one does.
    effective_from: Timestamp,
    /// When a pile or an order first used the version; it never changes from then on.
    used_at: Option<Timestamp>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl TariffView {
    fn new(tariff: Tariff, version: TariffVersion) -> Self {
        Self {
            id: tariff.id,
            operator: tariff.operator,
            version: version.version,
            latest_version: tariff.latest_version,
            terms: TermsView::from(&version.terms),
            effective_from: version.effective_from,
            used_at: version.used_at,
            created_at: tariff.created_at,
            updated_at: tariff.updated_at,
        }
    }
}

/// A tariff in a list.
#[derive(Debug, Serialize, ToSchema)]
struct TariffSummary {
    id: TariffId,
    /// Whose it is; `null` may be used by all.
    operator: Option<OperatorId>,
    name: String,
    /// Its newest version.
    latest_version: u32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<Tariff> for TariffSummary {
    fn from(tariff: Tariff) -> Self {
        let Tariff { id, operator, name, latest_version, created_at, updated_at } = tariff;
        Self { id, operator, name, latest_version, created_at, updated_at }
    }
}

/// One version of a tariff.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TariffVersion)]
struct VersionView {
    tariff: TariffId,
    /// 1 for the first; grows.
    version: u32,
    #[serde(flatten)]
    terms: TermsView,
    effective_from: Timestamp,
    used_at: Option<Timestamp>,
    created_at: Timestamp,
}

impl From<TariffVersion> for VersionView {
    fn from(version: TariffVersion) -> Self {
        let terms = TermsView::from(&version.terms);
        let TariffVersion { tariff, version, effective_from, used_at, created_at, .. } = version;
        Self { tariff, version, terms, effective_from, used_at, created_at }
    }
}

/// Which version of a tariff.
#[derive(Debug)]
struct VersionQuery(Option<u32>);

impl FromQuery for VersionQuery {
    fn parameters() -> Vec<Parameter> {
        let about = "The version to show; the one in force when left out, and the newest before any counts.";
        vec![Parameter { name: "version", about, schema: schema::number }]
    }

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let read = |text: &str| text.parse().ok().filter(|version| *version > 0);
        parameters.parse_with("version", "a whole number from 1", read).map(Self)
    }
}

async fn list(caller: Caller<Read>, Query(query): Query<ListQuery<Tariff>>) -> Result<Listing<TariffSummary>, Problem> {
    let (query, page) = query.parts();
    Ok(Listing::of(caller.list::<Tariff>(query, page).await?, TariffSummary::from))
}

async fn show(
    caller: Caller<Read>,
    FromPath(id): FromPath<TariffId>,
    Query(VersionQuery(version)): Query<VersionQuery>,
) -> Result<Json<TariffView>, Problem> {
    let tariff: Tariff = caller.find(&id).await?;
    let version = match version {
        Some(version) => version,
        None => version_in_force(&caller, &id).await?.unwrap_or(tariff.latest_version),
    };
    let version = caller.find::<TariffVersion>(&TariffRef { tariff: id, version }).await?;
    Ok(Json(TariffView::new(tariff, version)))
}

async fn version_in_force(caller: &Caller<Read>, id: &TariffId) -> Result<Option<u32>, Problem> {
    let of_tariff = Test { field: "tariff", comparison: Comparison::Is(id.as_str().into()) };
    let query = DocumentQuery { tests: vec![of_tariff], owner: None, sort: Some(("effective_from", true)) };
    let versions = caller.list::<TariffVersion>(query, PageRequest::new(PAGE_LIMIT_MAX, None)).await?.items;
    Ok(in_force(&versions, caller.core.clock.now()).map(|version| version.version))
}

async fn versions(
    caller: Caller<Read>,
    FromPath(id): FromPath<TariffId>,
    Query(query): Query<ListQuery<TariffVersion>>,
) -> Result<Listing<VersionView>, Problem> {
    caller.find::<Tariff>(&id).await?;
    let (query, page) = query.with("tariff", id.as_str()).parts();
    Ok(Listing::of(caller.list::<TariffVersion>(query, page).await?, VersionView::from))
}

/// A tariff as a caller describes it; its id stands in the path.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TariffForm {
    /// Whose it is; an operator's token leaves it out. It never changes.
    operator: Option<OperatorId>,
    /// Its number on the wire; without one it gets the next that is free.
    number: Option<TariffNumber>,
    /// What people call it.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// The prices of the tiers that the day has.
    prices: PerTier<Option<TierPrice>>,
    /// The day in stretches of half hours; or else `slots`.
    periods: Option<Vec<Period>>,
    /// The day as 48 tiers, one per half hour.
    #[schema(min_items = 48, max_items = 48)]
    slots: Option<Vec<Tier>>,
    /// The loss between meter and plug that is billed, in %.
    #[serde(default)]
    #[schema(maximum = 100)]
    loss_ratio: u8,
    /// From when on it counts; left out, at once.
    effective_from: Option<Timestamp>,
}

impl TariffForm {
    fn parts(self) -> (Option<OperatorId>, TariffDraft) {
        let Self { operator, number, name, prices, periods, slots, loss_ratio, effective_from } = self;
        (operator, TariffDraft { number, name, prices, periods, slots, loss_ratio, effective_from })
    }
}

async fn put(
    caller: Caller<Bill>,
    FromPath(id): FromPath<TariffId>,
    Query(()): Query<()>,
    Body(form): Body<TariffForm>,
) -> Result<Put<TariffView>, Problem> {
    let change = Change::new("tariff.put", format_args!("tariffs/{id}")).saying(&form);
    let saved = caller.change(change, move |guard| {
        let before = guard.own_or_new::<Tariff>(&id)?;
        let (asked, draft) = form.parts();
        let operator = match before {
            Some(before) if asked.is_none() => before.operator,
            _ => guard.operator_for(asked)?,
        };
        guard.business.put_tariff(PutTariff { id, operator, draft })
    });
    let (tariff, version, is_new) = saved.await?;
    Ok(Put::new(is_new, TariffView::new(tariff, version)))
}

/// The piles and stations that shall have a tariff; at least one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Assignment {
    #[serde(default)]
    #[schema(max_items = 1000)]
    piles: Vec<PileCode>,
    #[serde(default)]
    #[schema(max_items = 1000)]
    stations: Vec<StationId>,
}

/// What an assignment did.
#[derive(Debug, Serialize, ToSchema)]
struct Assigned {
    tariff: TariffId,
    piles: Vec<PileCode>,
    stations: Vec<StationId>,
}

async fn assign(
    caller: Caller<Bill>,
    FromPath(id): FromPath<TariffId>,
    Query(()): Query<()>,
    Body(form): Body<Assignment>,
) -> Result<Json<Assigned>, Problem> {
    let count = form.piles.len() + form.stations.len();
    if !(1..=ASSIGN_MAX).contains(&count) {
        let detail = format!("piles and stations take 1 to {ASSIGN_MAX} in all, not {count}");
        return Err(Problem::new(Kind::InvalidBody, &detail).at_pointer("/piles", detail));
    }
    caller.find::<Tariff>(&id).await?;
    let change = Change::new("tariff.assign", format_args!("tariffs/{id}")).saying(&form);
    let assigned = caller.change(change, move |guard| {
        guard.refers::<Tariff>("tariff", &id)?;
        let Assignment { piles, stations } = form;
        for station in &stations {
            in_body("stations", guard.own::<Station>(station))?;
            guard.business.assign_tariff_to_station(station, Some(id.clone()))?;
        }
        for pile in &piles {
            assign_to_pile(guard, *pile, &id)?;
        }
        Ok(Assigned { tariff: id, piles, stations })
    });
    assigned.await.map(Json)
}

fn assign_to_pile(guard: &mut Guard<'_, '_>, pile: PileCode, tariff: &TariffId) -> Result<(), BusinessError> {
    in_body("piles", guard.own::<Pile>(&pile))?;
    guard.business.assign_tariff_to_pile(pile, Some(tariff.clone()))?;
    Ok(())
}

/// What is not there is named by the body, not by the path.
fn in_body<T>(field: &'static str, found: Result<T, BusinessError>) -> Result<T, BusinessError> {
    found.map_err(|error| match error {
        BusinessError::Refused(missing @ Refusal::NotFound { .. }) => {
            Refusal::Invalid { field, detail: format!("{missing}: nothing was assigned") }.into()
        }
        other => other,
    })
}

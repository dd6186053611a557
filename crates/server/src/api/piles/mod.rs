//! Registered piles.

mod cards;
mod connectors;
mod form;
mod list;
mod telemetry;
mod view;

use axum::Json;
use voltapile_platform::business::registry::Saved;
use voltapile_platform::business::{BusinessError, Refusal};
use voltapile_platform::identity::PileCode;
use voltapile_platform::pile::{Pile, PileState};
use voltapile_platform::station::Station;
use voltapile_platform::tariff::Tariff;

use super::answer::{Gone, Made, Put};
use super::auth::{Admin, Bill, Caller, Read};
use super::change::{Change, Guard};
use super::describe::Routes;
use super::extract::{Body, FromPath, OptionalBody, Query};
use super::problem::{Kind, Problem};
use super::{frames, sessions};
use form::{PileForm, TariffChoice};
use view::{PileDetail, PileView};

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("piles", "充电桩: registered piles, what they say of themselves, and what is in their memory.")
        .get("/piles", list::list, "Piles by code.")
        .get("/piles/{code}", show, "One pile, with the latest of what it said.")
        .put("/piles/{code}", put, "Registers a pile, or replaces what is registered of it.")
        .delete("/piles/{code}", remove, "Takes a pile out of the register; its orders and records stay.")
        .post("/piles/{code}/approve", approve, "Registers a pile that waits; for the platform's tokens.")
        .put("/piles/{code}/tariff", set_tariff, "Assigns a tariff to a pile, or takes it away.")
        .get("/piles/{code}/sessions", sessions::of_pile, "Its connections, newest first.")
        .get("/piles/{code}/frames", frames::tail, "Its frames, live and explained (server-sent events).")
        .get("/piles/{code}/offline-cards", cards::list, "The cards that it has in its memory, or is to have.")
        .post("/piles/{code}/offline-cards", cards::store, "Stores cards in its memory.")
        .post("/piles/{code}/offline-cards/clear", cards::clear, "Clears cards from its memory.")
        .post("/piles/{code}/offline-cards/query", cards::query, "Asks it which of some cards it has.")
        .get("/connectors", connectors::list, "Connectors of piles in the order of their codes; `limit` counts piles.")
}

async fn show(
    caller: Caller<Read>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
) -> Result<Json<PileDetail>, Problem> {
    let pile = caller.must_see_pile(code).await?;
    let state = caller.find_if_any::<PileState>(&code).await?;
    Ok(Json(PileDetail::new(&caller.core, pile, state)))
}

async fn put(
    caller: Caller<Admin>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
    Body(form): Body<PileForm>,
) -> Result<Put<PileView>, Problem> {
    caller.may_register(code).await?;
    let change = Change::new("pile.put", format_args!("piles/{code}")).saying(&form);
    let saved = caller.change(change, move |guard| {
        guard.own_or_new::<Pile>(&code)?;
        may_refer(guard, &form)?;
        let saved = guard.business.put_pile(form.into_pile(code, 0))?;
        let (Saved::Created(pile) | Saved::Replaced(pile)) = &saved;
        guard.owned_by(pile.operator.clone());
        Ok(saved)
    });
    let saved = saved.await?;
    let state = caller.find_if_any::<PileState>(&code).await?;
    Ok(Put::of(saved, |pile| PileView::new(&caller.core, pile, state)))
}

/// What a pile is to belong to must be the caller's. An operator's pile stands in one of its stations: a pile of
/// nobody's it could not even look at.
fn may_refer(guard: &mut Guard<'_, '_>, form: &PileForm) -> Result<(), BusinessError> {
    match &form.station {
        Some(station) => drop(guard.refers::<Station>("station", station)?),
        None if guard.is_of_operator() => {
            let detail = "a pile of an operator stands in one of its stations: name it".to_owned();
            return Err(Refusal::Invalid { field: "station", detail }.into());
        }
        None => {}
    }
    if let Some(tariff) = &form.tariff {
        guard.refers::<Tariff>("tariff", tariff)?;
    }
    Ok(())
}

async fn remove(
    caller: Caller<Admin>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
) -> Result<Gone, Problem> {
    let change = Change::new("pile.remove", format_args!("piles/{code}"));
    let removed = caller.change(change, move |guard| {
        guard.own::<Pile>(&code)?;
        guard.business.remove_pile(code)
    });
    removed.await?;
    Ok(Gone)
}

/// What the body leaves out is taken from what the pile said of itself.
async fn approve(
    caller: Caller<Admin>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
    OptionalBody(form): OptionalBody<PileForm>,
) -> Result<Made<PileView>, Problem> {
    caller.must_be_of_platform()?;
    let waiting = caller.core.store.waiting_pile(code).await?;
    let declared = match waiting {
        Some(waiting) => waiting.declared,
        // Registered already, which is then told; or never heard of.
        None if caller.find_if_any::<Pile>(&code).await?.is_some() => serde_json::Value::Null,
        None => {
            let hint = "it has not tried to log in yet; register it unseen with PUT /api/v1/piles/";
            return Err(Problem::new(Kind::NotFound, format!("no pile {code} waits for approval: {hint}{code}")));
        }
    };
    let declared = declared.get("connector_count").and_then(serde_json::Value::as_u64);
    let declared = declared.and_then(|count| u8::try_from(count).ok()).unwrap_or_default();
    let form = form.unwrap_or_default();
    let change = Change::new("pile.approve", format_args!("piles/{code}")).saying(&form);
    let made = caller.change(change, move |guard| {
        may_refer(guard, &form)?;
        let pile = guard.business.register_pile(form.into_pile(code, declared))?;
        guard.owned_by(pile.operator.clone());
        Ok(pile)
    });
    let view = PileView::new(&caller.core, made.await?, None);
    Ok(Made::at(&format!("piles/{code}"), view))
}

async fn set_tariff(
    caller: Caller<Bill>,
    FromPath(code): FromPath<PileCode>,
    Query(()): Query<()>,
    Body(form): Body<TariffChoice>,
) -> Result<Json<PileView>, Problem> {
    let change = Change::new("pile.tariff", format_args!("piles/{code}")).saying(&form);
    let assigned = caller.change(change, move |guard| {
        guard.own::<Pile>(&code)?;
        if let Some(tariff) = &form.tariff {
            guard.refers::<Tariff>("tariff", tariff)?;
        }
        guard.business.assign_tariff_to_pile(code, form.tariff)
    });
    let assigned = assigned.await?;
    let state = caller.find_if_any::<PileState>(&code).await?;
    Ok(Json(PileView::new(&caller.core, assigned, state)))
}

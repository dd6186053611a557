//! Alarms: what is wrong, since when, until when.

use axum::Json;
use voltapile_platform::alarm::{Alarm, AlarmView, Severity};
use voltapile_platform::identity::{AlarmId, OperatorId, PileCode};

use super::answer::Listing;
use super::auth::{Caller, Operate, Read};
use super::change::Change;
use super::describe::Routes;
use super::extract::{FromPath, Query};
use super::filter::{Filter, ListQuery, Listed};
use super::problem::Problem;

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("alarms", "What is wrong with a pile or connector, since when, until when.")
        .get("/alarms", list, "Alarms, newest first.")
        .get("/alarms/{id}", show, "One alarm.")
        .post("/alarms/{id}/ack", acknowledge, "Notes that somebody has seen it.")
}

impl Listed for Alarm {
    const FILTERS: &'static [Filter] = &[
        Filter::is::<OperatorId>("operator", "Whose pile.", "the id of an operator"),
        Filter::is::<PileCode>("pile", "The pile.", "the code of a pile"),
        Filter::number("connector", "The connector; 0 for the whole pile."),
        Filter::is::<String>("code", "What is wrong, in a stable word.", "a word like hardware.emergency_stop"),
        Filter::one_of::<Severity>("severity", "How bad it is.", "notice, warning or critical"),
        Filter::set("open", "open_key", "Whether it lasts."),
        Filter::from("from", "opened_at", "Opened since this moment."),
        Filter::before("to", "opened_at", "Opened before this moment."),
    ];
    const SORTS: &'static [&'static str] = &["opened_at", "closed_at"];
}

async fn list(caller: Caller<Read>, Query(query): Query<ListQuery<Alarm>>) -> Result<Listing<AlarmView>, Problem> {
    let (query, page) = query.parts();
    Ok(Listing::of(caller.list::<Alarm>(query, page).await?, AlarmView::from))
}

async fn show(
    caller: Caller<Read>,
    FromPath(id): FromPath<AlarmId>,
    Query(()): Query<()>,
) -> Result<Json<AlarmView>, Problem> {
    Ok(Json(caller.find::<Alarm>(&id).await?.into()))
}

async fn acknowledge(
    caller: Caller<Operate>,
    FromPath(id): FromPath<AlarmId>,
    Query(()): Query<()>,
) -> Result<Json<AlarmView>, Problem> {
    let change = Change::new("alarm.acknowledge", format_args!("alarms/{id}"));
    let seen = caller.change(change, move |guard| {
        guard.own::<Alarm>(&id)?;
        let by = guard.by().to_owned();
        guard.business.acknowledge_alarm(id, &by)
    });
    Ok(Json(seen.await?.into()))
}

//! Operators (运营商).

use axum::Json;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voltapile_platform::identity::OperatorId;
use voltapile_platform::operator::Operator;
use voltapile_platform::timestamp::Timestamp;

use super::answer::{Gone, Listing, Put};
use super::auth::{Admin, Caller, Read};
use super::change::Change;
use super::describe::Routes;
use super::extract::{Body, FromPath, Label, Query};
use super::filter::{Filter, ListQuery, Listed};
use super::problem::Problem;

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("operators", "运营商: who runs stations and owns what hangs below them.")
        .get("/operators", list, "Operators by id.")
        .get("/operators/{id}", show, "One operator.")
        .put("/operators/{id}", put, "Makes an operator or replaces it; for the platform's tokens.")
        .delete("/operators/{id}", remove, "Removes an operator that has nothing; for the platform's tokens.")
}

impl Listed for Operator {
    const FILTERS: &'static [Filter] = &[
        Filter::begins("q", "name", "What the name begins with."),
        Filter::is::<String>("tcec_id", "Its id in T/CEC 102.", "9 letters and digits"),
    ];
    const SORTS: &'static [&'static str] = &["name", "created_at"];
}

/// An operator as a caller describes it; its id stands in the path.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OperatorForm {
    name: Label,
    /// Its id in T/CEC 102 (组织机构代码), where it has one.
    #[schema(pattern = "^[0-9A-Za-z]{9}$")]
    tcec_id: Option<String>,
}

async fn list(caller: Caller<Read>, Query(query): Query<ListQuery<Operator>>) -> Result<Listing<Operator>, Problem> {
    let (query, page) = query.parts();
    Ok(Listing::of(caller.list(query, page).await?, std::convert::identity))
}

async fn show(
    caller: Caller<Read>,
    FromPath(id): FromPath<OperatorId>,
    Query(()): Query<()>,
) -> Result<Json<Operator>, Problem> {
    caller.find(&id).await.map(Json)
}

async fn put(
    caller: Caller<Admin>,
    FromPath(id): FromPath<OperatorId>,
    Query(()): Query<()>,
    Body(form): Body<OperatorForm>,
) -> Result<Put<Operator>, Problem> {
    caller.must_be_of_platform()?;
    let change = Change::new("operator.put", format_args!("operators/{id}")).saying(&form);
    let saved = caller.change(change, move |guard| {
        guard.own_or_new::<Operator>(&id)?;
        let OperatorForm { name, tcec_id } = form;
        guard.business.put_operator(Operator { id, name: name.into(), tcec_id, created_at: Timestamp::MIN })
    });
    Ok(Put::of(saved.await?, std::convert::identity))
}

async fn remove(
    caller: Caller<Admin>,
    FromPath(id): FromPath<OperatorId>,
    Query(()): Query<()>,
) -> Result<Gone, Problem> {
    caller.must_be_of_platform()?;
    let change = Change::new("operator.remove", format_args!("operators/{id}"));
    caller.change(change, move |guard| guard.business.remove_operator(&id)).await?;
    Ok(Gone)
}

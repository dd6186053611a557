//! The connections of a pile, as history.

use axum::Json;
use axum::extract::State;

use super::ApiState;
use super::extract::{FromPath, FromQuery, Parameters, Query};
use super::paging::Paging;
use super::problem::Problem;
use crate::store::{Page, Session, SessionFilter};
use voltapile_platform::identity::PileCode;

/// Which of them.
#[derive(Debug)]
pub(super) struct SessionQuery {
    paging: Paging,
    open: Option<bool>,
}

impl FromQuery for SessionQuery {
    const NAMES: &'static [&'static str] = &["limit", "cursor", "open"];

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        Ok(Self { paging: Paging::read(parameters)?, open: parameters.parse("open", "true or false")? })
    }
}

/// A pile's sessions, newest first.
pub(super) async fn of_pile(
    State(api): State<ApiState>,
    FromPath(code): FromPath<PileCode>,
    Query(query): Query<SessionQuery>,
) -> Result<Json<Page<Session>>, Problem> {
    let store = &api.core.store;
    if store.pile(code).await?.is_none() {
        return Err(Problem::not_found("pile", code));
    }
    let filter = SessionFilter { pile_code: Some(code), open: query.open };
    Ok(Json(store.sessions(filter, query.paging.request()).await?))
}

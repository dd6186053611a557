//! The connections of a pile, as history.

use serde::Serialize;
use utoipa::ToSchema;
use voltapile_platform::identity::PileCode;
use voltapile_platform::timestamp::Timestamp;

use super::answer::Listing;
use super::auth::{Caller, Read};
use super::describe::schema;
use super::extract::{FromPath, FromQuery, Parameter, Parameters, Query};
use super::paging::Paging;
use super::problem::Problem;
use crate::store::{Session, SessionFilter};

/// Which of them.
#[derive(Debug)]
pub(super) struct SessionQuery {
    paging: Paging,
    open: Option<bool>,
}

impl FromQuery for SessionQuery {
    fn parameters() -> Vec<Parameter> {
        let mut parameters = Paging::parameters();
        parameters.push(Parameter { name: "open", about: "Whether it lasts.", schema: schema::truth });
        parameters
    }

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        Ok(Self { paging: Paging::read(parameters)?, open: parameters.parse("open", "true or false")? })
    }
}

/// A session as it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(super) struct SessionView {
    /// Its number.
    #[schema(minimum = 1)]
    id: i64,
    pile_code: PileCode,
    /// Address and port it came from.
    peer: String,
    opened_at: Timestamp,
    /// `null` while it lasts.
    closed_at: Option<Timestamp>,
    /// Why it ended, in a stable word.
    close_reason: Option<String>,
}

impl From<Session> for SessionView {
    fn from(session: Session) -> Self {
        let Session { id, pile_code, peer, opened_at, closed_at, close_reason } = session;
        Self { id: id.0, pile_code, peer, opened_at, closed_at, close_reason }
    }
}

/// A pile's sessions, newest first.
pub(super) async fn of_pile(
    caller: Caller<Read>,
    FromPath(code): FromPath<PileCode>,
    Query(query): Query<SessionQuery>,
) -> Result<Listing<SessionView>, Problem> {
    caller.must_see_pile(code).await?;
    let filter = SessionFilter { pile_code: Some(code), open: query.open };
    let page = caller.core.store.sessions(filter, query.paging.request()).await?;
    Ok(Listing::of(page, SessionView::from))
}

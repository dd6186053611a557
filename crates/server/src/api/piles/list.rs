//! The list of piles. Registration is filtered by the store, the connection in memory.

use std::collections::HashMap;

use serde_json::Value;
use voltapile_platform::identity::{OperatorId, PileCode, StationId, TariffId};
use voltapile_platform::pile::{Pile, PileState};

use super::view::{PileView, Status};
use crate::api::answer::Listing;
use crate::api::auth::{Caller, Read};
use crate::api::describe::schema;
use crate::api::extract::{FromQuery, Parameter, Parameters, Query};
use crate::api::filter::{self, Filter, ListQuery, Listed};
use crate::api::paging::Stride;
use crate::api::problem::Problem;
use crate::store::{Comparison, DocumentQuery, PAGE_LIMIT_MAX, Page, PageRequest, Test};

/// Piles that one request looks at for those of a status; then it answers with what it found, and a cursor to go on
/// from.
const LOOKED_AT_MAX: usize = 10_000;

impl Listed for Pile {
    const FILTERS: &'static [Filter] = &[
        Filter::is::<OperatorId>("operator", "Whose it is.", "the id of an operator"),
        Filter::is::<StationId>("station", "The station it stands in.", "the id of a station"),
        Filter::is::<String>("model", "Its model.", "a text"),
        Filter::is::<TariffId>("tariff", "The tariff of its own.", "the id of a tariff"),
        Filter::truth("enabled", "Whether it may log in."),
    ];
    const SORTS: &'static [&'static str] = &["name", "created_at"];
}

/// Which piles.
#[derive(Debug)]
pub(super) struct PileQuery {
    list: ListQuery<Pile>,
    status: Option<Status>,
    beginning: Option<String>,
}

impl FromQuery for PileQuery {
    fn parameters() -> Vec<Parameter> {
        let mut parameters = ListQuery::<Pile>::parameters();
        let about = "Whether it is connected. A page may then be short, or empty, before the last.";
        parameters.push(Parameter { name: "status", about, schema: schema::of::<Status> });
        let about = "What its code begins with or, where no code begins so, its name.";
        parameters.push(Parameter { name: "q", about, schema: filter::prefix });
        parameters
    }

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let status = parameters.parse_with("status", "online or offline", Status::from_name)?;
        let beginning = parameters.parse_with("q", filter::PREFIX_TAKES, filter::as_prefix)?;
        Ok(Self { list: ListQuery::read(parameters)?, status, beginning })
    }
}

/// Piles by code.
pub(super) async fn list(
    caller: Caller<Read>,
    Query(PileQuery { mut list, status, beginning }): Query<PileQuery>,
) -> Result<Listing<PileView>, Problem> {
    if let Some(beginning) = beginning {
        list.query.tests.push(beginning_with(&caller, beginning).await?);
    }
    let page = match status {
        None => {
            let (query, page) = list.parts();
            caller.list::<Pile>(query, page).await?
        }
        Some(status) => with_status(&caller, list, status).await?,
    };
    let mut states = states_of(&caller, &page.items).await?;
    Ok(Listing::of(page, |pile| {
        let state = states.remove(&pile.code);
        PileView::new(&caller.core, pile, state)
    }))
}

/// Finds piles by their code or, where no code begins so, by their name.
async fn beginning_with(caller: &Caller<Read>, beginning: String) -> Result<Test, Problem> {
    let begins = |field, beginning| Test { field, comparison: Comparison::Begins(beginning) };
    let by_code = begins("id", beginning.clone());
    let query = DocumentQuery { tests: vec![by_code.clone()], ..DocumentQuery::default() };
    let any = caller.list::<Pile>(query, PageRequest::new(1, None)).await?;
    Ok(if any.items.is_empty() { begins("name", beginning) } else { by_code })
}

/// Looks through the store's list for piles of a status. The store's cursor is ours as well.
async fn with_status(caller: &Caller<Read>, list: ListQuery<Pile>, status: Status) -> Result<Page<Pile>, Problem> {
    let limit = list.paging.limit;
    let (mut items, mut looked_at) = (Vec::new(), 0);
    let (mut cursor, mut stride) = (list.paging.cursor, Stride::new(limit));
    loop {
        let request = stride.request(cursor.clone(), LOOKED_AT_MAX - looked_at);
        let mut page = caller.list::<Pile>(list.query.clone(), request).await?;
        let looked_at_now = page.items.len();
        page.items.retain(|pile| Status::of(&caller.core, pile.code) == status);
        if items.len() + page.items.len() > limit {
            stride.narrow(limit - items.len());
            continue;
        }
        looked_at += looked_at_now;
        items.append(&mut page.items);
        cursor = page.next_cursor;
        stride.widen();
        if cursor.is_none() || items.len() >= limit || looked_at >= LOOKED_AT_MAX {
            return Ok(Page { items, next_cursor: cursor });
        }
    }
}

/// What some piles have told, in one read.
pub(super) async fn states_of(caller: &Caller<Read>, piles: &[Pile]) -> Result<HashMap<PileCode, PileState>, Problem> {
    if piles.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Value> = piles.iter().map(|pile| pile.code.as_str().into()).collect();
    let test = Test { field: "id", comparison: Comparison::IsOneOf(ids) };
    let query = DocumentQuery { tests: vec![test], ..DocumentQuery::default() };
    let states = caller.list::<PileState>(query, PageRequest::new(PAGE_LIMIT_MAX, None)).await?;
    Ok(states.items.into_iter().map(|state| (state.code, state)).collect())
}

//! The list of piles. Registration is filtered by the store, the connection in memory.

use axum::Json;
use axum::extract::State;

use super::view::{PileView, Status};
use crate::api::ApiState;
use crate::api::extract::{FromQuery, Parameters, Query};
use crate::api::paging::{self, Paging};
use crate::api::problem::Problem;
use crate::store::{Cursor, PAGE_LIMIT_MAX, Page, PageRequest, PileFilter};
use voltapile_platform::pile::Pile;

/// Pages of the store that one request looks through for piles of a status; then it answers with what it found, and a
/// cursor to go on from.
const PAGES_MAX: usize = 20;
/// Characters in the longest beginning of a code or name.
const PREFIX_MAX: usize = 64;

/// Which piles.
#[derive(Debug)]
pub(in crate::api) struct PileQuery {
    paging: Paging,
    filter: PileFilter,
    status: Option<Status>,
}

impl FromQuery for PileQuery {
    const NAMES: &'static [&'static str] = &["limit", "cursor", "q", "enabled", "status"];

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let takes = format!("at most {PREFIX_MAX} characters, the beginning of a code or name");
        let short = |text: &str| Some(text.to_owned()).filter(|text| text.chars().count() <= PREFIX_MAX);
        Ok(Self {
            paging: Paging::read(parameters)?,
            filter: PileFilter {
                prefix: parameters.parse_with("q", &takes, short)?,
                enabled: parameters.parse("enabled", "true or false")?,
            },
            status: parameters.parse_with("status", "online or offline", Status::from_name)?,
        })
    }
}

/// Piles by code.
pub(in crate::api) async fn list(
    State(api): State<ApiState>,
    Query(query): Query<PileQuery>,
) -> Result<Json<Page<PileView>>, Problem> {
    let page = match query.status {
        None => api.core.store.piles(query.filter, query.paging.request()).await?,
        Some(status) => with_status(&api, query.filter, query.paging, status).await?,
    };
    Ok(Json(paging::map(page, |pile| PileView::new(&api.core, pile))))
}

/// Looks through the store's list for piles of a status. The cursor is the last pile looked at, so that a walk meets
/// each pile once, whatever comes and goes meanwhile.
async fn with_status(
    api: &ApiState,
    filter: PileFilter,
    paging: Paging,
    status: Status,
) -> Result<Page<Pile>, Problem> {
    let (mut items, mut cursor): (Vec<Pile>, Option<Cursor>) = (Vec::new(), paging.cursor);
    for _ in 0..PAGES_MAX {
        let page = api.core.store.piles(filter.clone(), PageRequest::new(PAGE_LIMIT_MAX, cursor)).await?;
        let looked_at = page.items.len();
        for (position, pile) in page.items.into_iter().enumerate() {
            if Status::of(&api.core, pile.code) != status {
                continue;
            }
            let code = pile.code;
            items.push(pile);
            let is_last = page.next_cursor.is_none() && position + 1 == looked_at;
            if items.len() == paging.limit && !is_last {
                return Ok(Page { items, next_cursor: Some(Cursor::after_pile(code)) });
            }
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    Ok(Page { items, next_cursor: cursor })
}

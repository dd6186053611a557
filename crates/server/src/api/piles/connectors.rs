//! Connectors across piles.

use utoipa::ToSchema;
use voltapile_platform::identity::{OperatorId, PileCode, StationId};
use voltapile_platform::pile::{ConnectorState, Pile};

use super::list::states_of;
use super::view::{ConnectorView, connectors_of};
use crate::api::answer::Listing;
use crate::api::auth::{Caller, Read};
use crate::api::describe::schema;
use crate::api::extract::{FromQuery, Parameter, Parameters, Query};
use crate::api::filter::{Filter, ListQuery, Listed};
use crate::api::paging::Stride;
use crate::api::problem::Problem;
use crate::store::Page;

/// Piles that one request looks at for connectors of a state; then it answers with what it found, and a cursor to go on
/// from.
const LOOKED_AT_MAX: usize = 5_000;

/// Piles whose connectors are listed.
#[derive(Debug)]
struct OfPiles;

impl Listed for OfPiles {
    const FILTERS: &'static [Filter] = &[
        Filter::is::<OperatorId>("operator", "Whose pile.", "the id of an operator"),
        Filter::is::<StationId>("station", "The station of the pile.", "the id of a station"),
        Filter::begins("pile", "id", "What the pile's code begins with; all of it names one."),
    ];
    const SORTS: &'static [&'static str] = &[];
}

/// Which connectors.
#[derive(Debug)]
pub(super) struct ConnectorQuery {
    list: ListQuery<OfPiles>,
    states: Option<Vec<ConnectorState>>,
}

impl FromQuery for ConnectorQuery {
    fn parameters() -> Vec<Parameter> {
        let mut parameters = ListQuery::<OfPiles>::parameters();
        let about = "What it is doing. A page may then be short, or empty, before the last.";
        parameters.push(Parameter { name: "state", about, schema: schema::some_of::<ConnectorState> });
        parameters
    }

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let takes = "offline, idle_unplugged, idle_plugged, ready, charging, full or fault";
        let state = |word: &str| serde_json::from_value(word.into()).ok();
        let states = parameters.parse_with("state", takes, |text| text.split(',').map(state).collect())?;
        Ok(Self { list: ListQuery::read(parameters)?, states })
    }
}

/// A connector with its pile.
#[derive(Debug, serde::Serialize, ToSchema)]
pub(super) struct PileConnector {
    pile: PileCode,
    operator: Option<OperatorId>,
    station: Option<StationId>,
    #[serde(flatten)]
    connector: ConnectorView,
}

/// Connectors, pile by pile. The limit counts piles: what belongs together is not torn apart, and a cursor names a pile.
pub(super) async fn list(
    caller: Caller<Read>,
    Query(ConnectorQuery { list, states }): Query<ConnectorQuery>,
) -> Result<Listing<PileConnector>, Problem> {
    let (query, limit, mut cursor) = (list.query, list.paging.limit, list.paging.cursor);
    let (mut looked_at, mut stride) = (0, Stride::new(limit));
    loop {
        let request = stride.request(cursor.clone(), LOOKED_AT_MAX - looked_at);
        let page: Page<Pile> = caller.list(query.clone(), request).await?;
        let looked_at_now = page.items.len();
        let (mut items, mut piles) = (Vec::new(), 0);
        let mut known = states_of(&caller, &page.items).await?;
        for pile in page.items {
            let state = known.remove(&pile.code);
            let connectors = connectors_of(&caller.core, pile.code, state.as_ref());
            let wanted = |connector: &ConnectorView| {
                states.as_ref().is_none_or(|states| connector.state.is_some_and(|state| states.contains(&state)))
            };
            let before = items.len();
            items.extend(connectors.into_iter().filter(wanted).map(|connector| PileConnector {
                pile: pile.code,
                operator: pile.operator.clone(),
                station: pile.station.clone(),
                connector,
            }));
            piles += usize::from(items.len() > before);
        }
        if piles > limit {
            stride.narrow(limit);
            continue;
        }
        looked_at += looked_at_now;
        cursor = page.next_cursor;
        stride.widen();
        if cursor.is_none() || !items.is_empty() || looked_at >= LOOKED_AT_MAX {
            return Ok(Listing::of(Page { items, next_cursor: cursor }, std::convert::identity));
        }
    }
}

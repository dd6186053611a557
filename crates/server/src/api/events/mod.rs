//! Events: what happened, in order, as CloudEvents; in pages or live.

mod cloud;
mod live;

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use voltapile_platform::event::EventType;
use voltapile_platform::identity::PileCode;

use super::auth::{Caller, Read};
use super::describe::{Routes, schema};
use super::extract::{FromQuery, Parameter, Parameters, Query};
use super::problem::Problem;
use crate::store::{EventQuery, PAGE_LIMIT_MAX};
use cloud::CloudEvent;

/// Events on a page when nobody says otherwise.
const LIMIT_DEFAULT: usize = 100;
/// What stands before the type of an event outside.
const TYPE_PREFIX: &str = "voltapile.";

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("events", "What happened, written in the same commit as the state it tells of; CloudEvents 1.0.")
        .get("/events", list, "Events behind a number, oldest first.")
        .get("/events/stream", live::stream, "Events as they happen (server-sent events); goes on after Last-Event-ID.")
}

/// Which events.
#[derive(Debug)]
struct Selection {
    after: Option<i64>,
    pile: Option<PileCode>,
    types: Vec<EventType>,
}

impl Selection {
    /// As the store takes it, for a caller.
    fn query<S>(self, caller: &Caller<S>, after: i64) -> EventQuery {
        let owner = caller.identity.operator.clone();
        EventQuery { after, pile: self.pile, owner, types: self.types }
    }
}

impl FromQuery for Selection {
    fn parameters() -> Vec<Parameter> {
        let parameter = |name, about, schema| Parameter { name, about, schema };
        vec![
            parameter("after", "Only those behind this id.", schema::count),
            parameter("pile", "Only of this pile.", schema::of::<PileCode>),
            parameter("type", "Only of these types, with or without `voltapile.` in front.", types_schema),
        ]
    }

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let number = |text: &str| text.parse().ok().filter(|number: &i64| *number >= 0);
        let takes = "types of events like order.settled, with commas between";
        Ok(Self {
            after: parameters.parse_with("after", "the id of an event, or 0", number)?,
            pile: parameters.parse("pile", "the code of a pile")?,
            types: parameters.parse_with("type", takes, types)?.unwrap_or_default(),
        })
    }
}

fn types(text: &str) -> Option<Vec<EventType>> {
    let of_name = |name: &str| {
        let name = name.strip_prefix(TYPE_PREFIX).unwrap_or(name);
        EventType::ALL.iter().copied().find(|event_type| event_type.name() == name)
    };
    text.split(',').map(of_name).collect()
}

fn types_schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    schema::some_of::<EventType>()
}

/// Which events, and how many.
#[derive(Debug)]
struct PageQuery {
    selection: Selection,
    limit: usize,
}

impl FromQuery for PageQuery {
    fn parameters() -> Vec<Parameter> {
        let mut parameters = Selection::parameters();
        let about = "Events on a page; 100 when left out.";
        parameters.push(Parameter { name: "limit", about, schema: schema::limit });
        parameters
    }

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let takes = format!("a whole number from 1 to {PAGE_LIMIT_MAX}");
        let limit = |text: &str| text.parse().ok().filter(|limit| (1..=PAGE_LIMIT_MAX).contains(limit));
        let limit = parameters.parse_with("limit", &takes, limit)?.unwrap_or(LIMIT_DEFAULT);
        Ok(Self { selection: Selection::read(parameters)?, limit })
    }
}

/// Events in order.
#[derive(Debug, Serialize, ToSchema)]
struct EventPage {
    items: Vec<CloudEvent>,
    /// What to give as `after` for those that follow, now or later.
    #[schema(minimum = 0)]
    last: i64,
}

async fn list(
    caller: Caller<Read>,
    Query(PageQuery { selection, limit }): Query<PageQuery>,
) -> Result<Json<EventPage>, Problem> {
    let after = selection.after.unwrap_or_default();
    let events = caller.core.store.events(selection.query(&caller, after), limit).await?;
    let last = events.last().map_or(after, |event| event.id);
    Ok(Json(EventPage { items: events.into_iter().map(CloudEvent::from).collect(), last }))
}

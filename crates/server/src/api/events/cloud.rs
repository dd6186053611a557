//! An event as CloudEvents 1.0 has it.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use voltapile_platform::identity::{OperatorId, PileCode};
use voltapile_platform::timestamp::Timestamp;

use super::TYPE_PREFIX;
use crate::store::StoredEvent;

/// An event. `pile`, `pilenumber` and `operator` are extensions, left out where they do not apply.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CloudEvent {
    /// Always `1.0`.
    specversion: &'static str,
    /// Its number among all; grows with time.
    id: String,
    /// `/voltapile/piles/…` for what happened at a pile, else `/voltapile`.
    source: String,
    /// What it tells of: `voltapile.order.settled`.
    r#type: String,
    /// What it is about, as a path below `/api/v1`: `orders/42`.
    subject: String,
    /// When it happened, by the platform's clock.
    time: Timestamp,
    /// Always `application/json`.
    datacontenttype: &'static str,
    /// The pile it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pile: Option<PileCode>,
    /// Its number among its pile's events, from 1 without gaps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pilenumber: Option<u64>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    operator: Option<OperatorId>,
    /// The state it tells of.
    #[schema(value_type = Object)]
    data: Value,
}

impl CloudEvent {
    /// Its type.
    pub(super) fn event_type(&self) -> &str {
        &self.r#type
    }

    /// Its number among all.
    pub(super) fn id(&self) -> &str {
        &self.id
    }
}

impl From<StoredEvent> for CloudEvent {
    fn from(event: StoredEvent) -> Self {
        let source = match event.pile {
            Some(pile) => format!("/voltapile/piles/{pile}"),
            None => "/voltapile".to_owned(),
        };
        Self {
            specversion: "1.0",
            id: event.id.to_string(),
            source,
            r#type: format!("{TYPE_PREFIX}{}", event.event_type.name()),
            subject: event.subject,
            time: event.at,
            datacontenttype: "application/json",
            pile: event.pile,
            pilenumber: event.number,
            operator: event.operator,
            data: event.data,
        }
    }
}

//! Alarms: something is wrong, since when, and until when.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::book::{Document, Kind};
use crate::identity::{AlarmId, ConnectorNumber, OperatorId, OrderId, PileCode};
use crate::timestamp::Timestamp;

/// An alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its number.
    pub id: AlarmId,
    /// Whose pile.
    pub operator: Option<OperatorId>,
    /// The pile.
    pub pile: PileCode,
    /// The connector; 0 for the whole pile.
    pub connector: ConnectorNumber,
    /// What is wrong, in a stable word: `hardware.emergency_stop`, `bms.…`, `pile.taken_over`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// More about it.
    pub detail: Option<String>,
    /// While it is open, `pile/connector/code`: there is one open alarm of a kind.
    pub open_key: Option<String>,
    /// The pile's code while it is open.
    pub open_pile: Option<PileCode>,
    /// Since when.
    pub opened_at: Timestamp,
    /// Until when; `None` while it lasts.
    pub closed_at: Option<Timestamp>,
    /// Who has seen it.
    pub acknowledged_by: Option<String>,
}

/// An alarm as the world sees it: in events and in the API, without what only the business needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Alarm)]
pub struct AlarmView {
    /// Its number.
    pub id: AlarmId,
    /// Whose pile.
    pub operator: Option<OperatorId>,
    /// The pile.
    pub pile: PileCode,
    /// The connector; 0 for the whole pile.
    pub connector: ConnectorNumber,
    /// What is wrong, in a stable word: `hardware.emergency_stop`, `bms.…`, `pile.taken_over`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// More about it.
    pub detail: Option<String>,
    /// Since when.
    pub opened_at: Timestamp,
    /// Until when; `null` while it lasts.
    pub closed_at: Option<Timestamp>,
    /// Who has seen it.
    pub acknowledged_by: Option<String>,
}

impl From<Alarm> for AlarmView {
    fn from(alarm: Alarm) -> Self {
        Self {
            id: alarm.id,
            operator: alarm.operator,
            pile: alarm.pile,
            connector: alarm.connector,
            code: alarm.code,
            severity: alarm.severity,
            order: alarm.order,
            detail: alarm.detail,
            opened_at: alarm.opened_at,
            closed_at: alarm.closed_at,
            acknowledged_by: alarm.acknowledged_by,
        }
    }
}

/// How bad an alarm is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Notice,
    /// Charging may suffer.
    Warning,
    /// No charging, or danger.
    Critical,
}

impl Document for Alarm {
    const KIND: Kind = Kind::Alarm;
    type Id = AlarmId;
    fn id(&self) -> AlarmId {
        self.id
    }
}

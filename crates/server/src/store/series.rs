//! What was measured during an order: a downsampled series, and the latest of each message of the vehicle's battery.

use serde::Serialize;
use serde_json::Value;
use voltapile_platform::identity::OrderId;
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::{Amount, Current, Energy, Voltage};

use super::Answer;

/// Measured values of an order at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Sample {
    /// The order.
    pub order: OrderId,
    /// When.
    pub at: Timestamp,
    /// Output voltage.
    pub voltage: Voltage,
    /// Output current.
    pub current: Current,
    /// Output power in W.
    pub power_w: u32,
    /// State of charge in %.
    pub soc: u8,
    /// Highest battery temperature in °C, where reported.
    pub temperature: Option<i16>,
    /// Energy delivered.
    pub energy: Energy,
    /// Money owed by the pile's word.
    pub amount: Amount,
}

/// The latest message of one kind that the vehicle's battery, or the pile about it, sent during an order.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct BmsMessage {
    /// The order.
    pub order: OrderId,
    /// The message's name, as in the protocol's reference.
    pub kind: String,
    /// When it came.
    pub at: Timestamp,
    /// How often it came.
    pub count: u32,
    /// Its fields, decoded.
    #[schema(value_type = Object)]
    pub data: Value,
}

/// Series of orders.
pub trait SeriesStore: Send + Sync {
    /// Adds samples and replaces the latest messages (adding up their counts), in one commit. A sample of a moment that
    /// is there already is left out.
    fn put_series(&self, samples: Vec<Sample>, messages: Vec<BmsMessage>) -> Answer<()>;

    /// An order's samples, oldest first.
    fn samples(&self, order: OrderId) -> Answer<Vec<Sample>>;

    /// An order's messages, by kind.
    fn bms_messages(&self, order: OrderId) -> Answer<Vec<BmsMessage>>;

    /// Forgets samples and messages, and events, from before two moments; at most some thousands of each, so that a
    /// call is quick. How many were forgotten.
    fn prune(&self, series_before: Timestamp, events_before: Timestamp) -> Answer<u64>;
}

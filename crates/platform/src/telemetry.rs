//! What a connector measures now: the latest values, small enough to keep for every connector of a large fleet.

use crate::identity::TransactionNumber;
use crate::timestamp::Timestamp;
use crate::unit::{Amount, Current, Energy, Voltage};
use serde::{Deserialize, Serialize};

/// The state a pile reports for a connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectorState {
    /// Cut off from its pile; a concentrator says so of a dead connector.
    Offline,
    /// Out of order.
    Fault,
    /// Free, plugged in or not.
    Idle,
    /// Delivering energy.
    Charging,
    /// A start was taken; the pile talks to the car.
    Preparing,
    /// A charge has ended or did not begin, and the car is still plugged in.
    Finished,
    /// Kept for a start at a later time.
    Reserved,
    /// Out of service by order; nothing is broken.
    Suspended,
    /// A code that this platform has no name for.
    Unknown(u8),
}

/// The latest values of one connector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Telemetry {
    /// When the platform received them.
    pub received_at: Timestamp,
    /// The charge they belong to; zero when none runs.
    pub transaction_number: TransactionNumber,
    /// What the connector is doing.
    pub state: ConnectorState,
    /// Whether a car is plugged in, where known.
    pub plugged: Option<bool>,
    /// Whether the plug is back in its holder, where known.
    pub homed: Option<bool>,
    /// State of charge of the battery in %; 0 for alternating current.
    pub soc: u8,
    /// Output voltage.
    pub voltage: Voltage,
    /// Output current.
    pub current: Current,
    /// Minutes charged so far.
    pub minutes_charged: u16,
    /// Minutes that the pile expects to go on.
    pub minutes_remaining: u16,
    /// Temperature of the cable in °C, where reported.
    pub cable_temperature: Option<i16>,
    /// Highest temperature in the battery in °C, where reported.
    pub battery_temperature: Option<i16>,
    /// Fault bits exactly as the pile sent them, or the code of the alarm while the pile says that it is faulty, else 0.
    pub fault_bits: u32,
    /// Energy delivered so far.
    pub energy: Energy,
    /// Energy to be billed so far: with the loss between meter and plug.
    pub energy_with_loss: Energy,
    /// Money owed so far.
    pub amount: Amount,
}

const _: () = assert!(size_of::<Telemetry>() <= 112, "kept per connector: memory of an idle pile is budgeted");

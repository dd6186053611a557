//! What a connector measures, as it is shown.

use serde::Serialize;
use utoipa::ToSchema;
use voltapile_platform::identity::TransactionNumber;
use voltapile_platform::telemetry::{ConnectorState, Telemetry};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::{Amount, Current, Energy, Voltage};

/// The latest values of a connector.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Telemetry)]
pub(super) struct TelemetryView {
    /// When the platform received them.
    received_at: Timestamp,
    /// The state that the pile reports: `offline`, `fault`, `idle`, `charging`; `unknown` for a code without a name.
    reported_state: &'static str,
    /// The code of a state without a name.
    reported_code: Option<u8>,
    /// The charge they belong to; zeros when none runs.
    transaction_number: TransactionNumber,
    /// Whether a car is plugged in, where known.
    plugged: Option<bool>,
    /// Whether the plug is back in its holder, where known.
    homed: Option<bool>,
    /// State of charge of the battery in %; 0 for alternating current.
    soc: u8,
    /// Output voltage.
    voltage: Voltage,
    /// Output current.
    current: Current,
    /// Minutes charged so far.
    minutes_charged: u16,
    /// Minutes that the pile expects to go on.
    minutes_remaining: u16,
    /// Temperature of the cable in °C, where reported.
    cable_temperature: Option<i16>,
    /// Highest temperature in the battery in °C, where reported.
    battery_temperature: Option<i16>,
    /// Fault bits exactly as the pile sent them (云快充), or the code of the alarm while the pile says that it is faulty,
    /// else 0 (AA F5).
    fault_bits: u32,
    /// Energy delivered so far.
    energy: Energy,
    /// Energy to be billed so far: with the loss between meter and plug.
    energy_with_loss: Energy,
    /// Money owed so far.
    amount: Amount,
}

impl From<&Telemetry> for TelemetryView {
    fn from(telemetry: &Telemetry) -> Self {
        let (reported_state, reported_code) = match telemetry.state {
            ConnectorState::Offline => ("offline", None),
            ConnectorState::Fault => ("fault", None),
            ConnectorState::Idle => ("idle", None),
            ConnectorState::Charging => ("charging", None),
            ConnectorState::Preparing => ("preparing", None),
            ConnectorState::Finished => ("finished", None),
            ConnectorState::Reserved => ("reserved", None),
            ConnectorState::Suspended => ("suspended", None),
            ConnectorState::Unknown(code) => ("unknown", Some(code)),
        };
        Self {
            received_at: telemetry.received_at,
            reported_state,
            reported_code,
            transaction_number: telemetry.transaction_number,
            plugged: telemetry.plugged,
            homed: telemetry.homed,
            soc: telemetry.soc,
            voltage: telemetry.voltage,
            current: telemetry.current,
            minutes_charged: telemetry.minutes_charged,
            minutes_remaining: telemetry.minutes_remaining,
            cable_temperature: telemetry.cable_temperature,
            battery_temperature: telemetry.battery_temperature,
            fault_bits: telemetry.fault_bits,
            energy: telemetry.energy,
            energy_with_loss: telemetry.energy_with_loss,
            amount: telemetry.amount,
        }
    }
}

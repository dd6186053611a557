//! What the vehicle's battery says during a charge, as it is kept with the order.

use serde_json::Value;
use voltapile_protocol::wire::Kind;
use voltapile_protocol::ykc::Profile;
use voltapile_protocol::ykc::field::connector_number;
use voltapile_protocol::ykc::frame::Frame;
use voltapile_protocol::ykc::message::{
    self, BmsAbort, BmsChargeParameters, BmsDemandChargerOutput, BmsError, BmsHandshake, BmsStatus,
    ChargeEndStatistics, ChargerAbort,
};

use crate::gateway::told;

/// Whether a frame type is kept with the order.
pub(super) const fn is_kept(frame_type: u8) -> bool {
    matches!(
        frame_type,
        BmsHandshake::CODE
            | BmsChargeParameters::CODE
            | ChargeEndStatistics::CODE
            | BmsError::CODE
            | BmsAbort::CODE
            | ChargerAbort::CODE
            | BmsDemandChargerOutput::CODE
            | BmsStatus::CODE
    )
}

/// A message, decoded.
pub(super) struct Told {
    pub(super) connector: u8,
    pub(super) kind: &'static str,
    pub(super) data: Value,
    /// Names of the fields that report something wrong; only errors and aborts have such.
    pub(super) errors: Vec<String>,
}

/// Decodes a frame's body along its layout.
pub(super) fn read(frame: &Frame<'_>, profile: &Profile) -> Option<Told> {
    let layout = message::layout(frame.frame_type, frame.body.len(), profile.dialect)?;
    let alarming = matches!(frame.frame_type, BmsError::CODE | BmsAbort::CODE | ChargerAbort::CODE);
    let told = told::read(layout, frame.body, profile.fault_base, |field| {
        // Of the two bits of each condition 01 says that it holds; what a reason names is no error.
        alarming && field.packed.is_some() && field.number == 1 && !field.name.starts_with("reason_")
    });
    let binary = layout.fields.iter().any(|field| matches!(field.kind, Kind::Connector { binary: true }));
    let raw = u8::try_from(told.connector).unwrap_or(0);
    let connector = connector_number(raw, binary || profile.binary_connectors);
    Some(Told { connector, kind: layout.name, data: told.data, errors: told.errors })
}

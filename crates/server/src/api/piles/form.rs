//! Bodies that describe a pile.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use voltapile_platform::identity::{PileCode, StationId, TariffId};
use voltapile_platform::pile::Pile;
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::Power;

use crate::api::extract::{Label, given};

/// A pile as a caller describes it; its code stands in the path.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PileForm {
    /// What people call it.
    name: Option<Label>,
    /// The station it stands in; whose pile it is follows from that.
    pub(super) station: Option<StationId>,
    /// Its model; names the settlement policy, and the row of the table of what models do differently.
    model: Option<Label>,
    /// The row of that table, where the model is not its name.
    profile: Option<Label>,
    /// Its maker's serial number.
    serial: Option<Label>,
    /// How many connectors it has.
    connector_count: Option<u8>,
    /// The tariff it charges by, where it is not its station's.
    pub(super) tariff: Option<TariffId>,
    /// Whether it may log in; it may when left out.
    enabled: Option<bool>,
    /// The most it may draw, in kW.
    power_limit: Option<Power>,
}

impl PileForm {
    /// The pile it describes.
    pub(super) fn into_pile(self, code: PileCode, connector_count: u8) -> Pile {
        Pile {
            code,
            operator: None,
            station: self.station,
            name: self.name.map(String::from),
            model: self.model.map(String::from),
            serial: self.serial.map(String::from),
            profile: self.profile.map(String::from),
            connector_count: self.connector_count.unwrap_or(connector_count),
            tariff: self.tariff,
            enabled: self.enabled.unwrap_or(true),
            power_limit: self.power_limit,
            created_at: Timestamp::MIN,
        }
    }
}

/// The tariff that a pile shall have; must be there, `null` takes it away.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TariffChoice {
    /// The tariff; `null` lets its station's count.
    #[serde(deserialize_with = "given")]
    #[schema(required = true)]
    pub(super) tariff: Option<TariffId>,
}

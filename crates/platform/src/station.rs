//! Stations (电站): sites that group piles.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::book::{Document, Kind};
use crate::identity::{OperatorId, StationId, TariffId};
use crate::timestamp::Timestamp;

/// A station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Station {
    /// Its id.
    pub id: StationId,
    /// Who runs it; `None` for a station of nobody in particular.
    pub operator: Option<OperatorId>,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub address: Option<String>,
    /// The tariff of its piles that have none of their own.
    pub tariff: Option<TariffId>,
    /// Charges at the same time that its grid connection carries; `None` for no limit.
    pub capacity: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Document for Station {
    const KIND: Kind = Kind::Station;
    type Id = StationId;
    fn id(&self) -> StationId {
        self.id.clone()
    }
}

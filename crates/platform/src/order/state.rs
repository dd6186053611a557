//! Where an order stands.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Made; the pile has not been told.
    Created,
    /// The pile was told; it has not been seen charging.
    Starting,
    /// The pile charges.
    Charging,
    /// The pile was asked to stop.
    Stopping,
    /// The charge has ended; its record is awaited.
    AwaitingRecord,
    /// Paid. An end.
    Settled,
    /// Never charged. An end.
    Failed,
    /// Needs a person.
    Abnormal,
}

impl OrderState {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Created,
        Self::Starting,
        Self::Charging,
        Self::Stopping,
        Self::AwaitingRecord,
        Self::Settled,
        Self::Failed,
        Self::Abnormal,
    ];

    /// Its name, the same as in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Starting => "starting",
            Self::Charging => "charging",
            Self::Stopping => "stopping",
            Self::AwaitingRecord => "awaiting_record",
            Self::Settled => "settled",
            Self::Failed => "failed",
            Self::Abnormal => "abnormal",
        }
    }

    /// Whether nothing more is to happen.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Settled | Self::Failed)
    }

    /// Whether the connector is busy with it.
    #[must_use]
    pub const fn holds_connector(self) -> bool {
        matches!(self, Self::Created | Self::Starting | Self::Charging | Self::Stopping)
    }
}

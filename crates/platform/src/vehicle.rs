//! Vehicles known by their VIN, which may charge by being plugged in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::book::{Document, Kind};
use crate::identity::{AccountId, OperatorId};
use crate::timestamp::Timestamp;

/// A vehicle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Vehicle {
    /// Its identification number, 17 characters in natural order.
    pub vin: String,
    /// Whose account pays.
    pub account: AccountId,
    /// Whose account's operator.
    pub operator: Option<OperatorId>,
    /// What people call it: a number plate.
    pub name: Option<String>,
    /// Whether it may charge.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Document for Vehicle {
    const KIND: Kind = Kind::Vehicle;
    type Id = String;
    fn id(&self) -> String {
        self.vin.clone()
    }
}

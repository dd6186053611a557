//! Piles: those the platform serves, those that knocked and wait for an answer, and what each has told of itself.

use crate::book::{Document, Kind};
use crate::identity::{ConnectorNumber, OperatorId, PileCode, StationId};
use crate::pace::Pace;
use crate::tariff::{TariffId, TariffNumber};
use crate::timestamp::Timestamp;
use crate::unit::Power;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A registered pile. That it is registered means that somebody, or open enrolment, approved it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Pile {
    /// Its code, unique on this platform.
    pub code: PileCode,
    /// Whose it is: its station's operator.
    #[serde(default)]
    pub operator: Option<OperatorId>,
    /// The station it stands in.
    #[serde(default)]
    pub station: Option<StationId>,
    /// What people call it.
    pub name: Option<String>,
    /// Its model; names the row of the quirk table that it needs, and the settlement policy.
    pub model: Option<String>,
    /// Its maker's serial number.
    #[serde(default)]
    pub serial: Option<String>,
    /// The row of the quirk table, where the model is not its name.
    #[serde(default)]
    pub profile: Option<String>,
    /// How many connectors it has; 0 until known.
    pub connector_count: u8,
    /// The tariff it charges by, where it is not its station's.
    pub tariff: Option<TariffId>,
    /// Whether it may log in.
    pub enabled: bool,
    /// The most it may draw, as a note for people and for 0x52.
    #[serde(default)]
    pub power_limit: Option<Power>,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl Pile {
    /// A pile of which only the code is known; it may log in.
    #[must_use]
    pub const fn new(code: PileCode, created_at: Timestamp) -> Self {
        Self {
            code,
            operator: None,
            station: None,
            name: None,
            model: None,
            serial: None,
            profile: None,
            connector_count: 0,
            tariff: None,
            enabled: true,
            power_limit: None,
            created_at,
        }
    }

    /// The tariff that it is to charge by: its own, else its station's.
    ///
    /// # Errors
    /// What looking up its station's tariff fails with.
    pub fn charges_by<E>(
        &self,
        of_station: impl FnOnce(&StationId) -> Result<Option<TariffId>, E>,
    ) -> Result<Option<TariffId>, E> {
        match (&self.tariff, &self.station) {
            (None, Some(station)) => of_station(station),
            (own, _) => Ok(own.clone()),
        }
    }
}

impl Document for Pile {
    const KIND: Kind = Kind::Pile;
    type Id = PileCode;
    fn id(&self) -> PileCode {
        self.code
    }
}

/// What a pile has told, as far as it must survive a restart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PileState {
    /// The pile.
    pub code: PileCode,
    /// Whose pile.
    pub operator: Option<OperatorId>,
    /// Its connectors, as far as it spoke of them, by number.
    pub connectors: Vec<ConnectorStatus>,
    /// The number of the tariff that it runs, by its own word (0x05) or because it took one (0x57).
    pub running_tariff: Option<TariffNumber>,
    /// When it said so.
    pub running_tariff_at: Option<Timestamp>,
    /// Number of the SIM card it logged in with.
    pub iccid: Option<String>,
    /// Its program's version.
    pub firmware_version: Option<String>,
    /// The latest work parameters that it took: whether it may work.
    pub work_allowed: Option<bool>,
    /// The latest work parameters that it took: power in percent.
    pub power_percent: Option<u8>,
    /// The protocol that it spoke when it logged in last.
    #[serde(default)]
    pub protocol: Option<String>,
    /// How fast it does things, by that protocol.
    #[serde(default)]
    #[schema(ignore)]
    pub pace: Pace,
}

impl PileState {
    /// What is known of a pile that has said nothing yet.
    #[must_use]
    pub fn new(code: PileCode, operator: Option<OperatorId>) -> Self {
        Self {
            code,
            operator,
            connectors: Vec::new(),
            running_tariff: None,
            running_tariff_at: None,
            iccid: None,
            firmware_version: None,
            work_allowed: None,
            power_percent: None,
            protocol: None,
            pace: Pace::default(),
        }
    }

    /// Whether it was not told to stand still.
    #[must_use]
    pub fn may_work(&self) -> bool {
        self.work_allowed != Some(false)
    }
}

impl Document for PileState {
    const KIND: Kind = Kind::PileState;
    type Id = PileCode;
    fn id(&self) -> PileCode {
        self.code
    }
}

/// A connector's state and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConnectorStatus {
    /// Its number.
    pub number: ConnectorNumber,
    /// Its state.
    pub state: ConnectorState,
    /// Since when.
    pub since: Timestamp,
    /// Its parking lock, where it has one.
    pub parking_lock: Option<ParkingLock>,
}

/// What a connector is doing, as people ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectorState {
    /// Its pile is not connected, or says that it is cut off.
    Offline,
    /// Free.
    IdleUnplugged,
    /// A car is plugged in and nothing was asked for.
    IdlePlugged,
    /// A car is plugged in and a charge is about to begin.
    Ready,
    /// Kept for a charge that begins later.
    Reserved,
    /// Delivering energy.
    Charging,
    /// The car is full and still plugged in.
    Full,
    /// Out of service by order; nothing is broken.
    Suspended,
    /// Out of order.
    Fault,
}

/// What a parking lock last said of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ParkingLock {
    /// Position of its arm: `raised`, `lowered`, `not_in_position`.
    pub position: String,
    /// Whether a vehicle stands there: `free`, `occupied`.
    pub parking: String,
    /// Its battery in %.
    pub battery: Option<u8>,
    /// What is wrong with it: `none`, `not_reached`, `broken`.
    pub alarm: String,
    /// When it said so.
    pub reported_at: Timestamp,
}

/// A pile that tried to log in, is not registered and waits for approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingPile {
    /// The code it gave.
    pub code: PileCode,
    /// Its first attempt.
    pub first_seen: Timestamp,
    /// Its latest attempt.
    pub last_seen: Timestamp,
    /// How often it tried.
    pub attempts: u32,
    /// Address and port its latest attempt came from.
    pub peer: String,
    /// What it said of itself in its latest attempt, as the protocol's adapter read it.
    #[schema(value_type = Object)]
    pub declared: serde_json::Value,
}

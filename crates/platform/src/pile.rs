//! Piles: those the platform serves, and those that knocked and wait for an answer.

use crate::identity::PileCode;
use crate::tariff::TariffId;
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};

/// A registered pile. That it is registered means that somebody, or open enrolment, approved it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pile {
    /// Its code, unique on this platform.
    pub code: PileCode,
    /// What people call it.
    pub name: Option<String>,
    /// Its model; names the row of the quirk table that it needs.
    pub model: Option<String>,
    /// How many connectors it has; 0 until known.
    pub connector_count: u8,
    /// The tariff it charges by; without one it cannot sell energy.
    pub tariff: Option<TariffId>,
    /// Whether it may log in.
    pub enabled: bool,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// A pile that tried to log in, is not registered and waits for approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    pub declared: serde_json::Value,
}

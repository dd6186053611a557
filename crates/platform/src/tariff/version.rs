//! Tariffs in the books: a name, and versions that never change once they were used.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TariffTerms;
use crate::book::{Document, Kind};
use crate::identity::{OperatorId, TariffId};
use crate::timestamp::Timestamp;

/// A tariff: what stations and piles refer to. What it charges stands in its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Tariff {
    /// Its id.
    pub id: TariffId,
    /// Whose it is; `None` may be used by all.
    pub operator: Option<OperatorId>,
    /// What people call it.
    pub name: String,
    /// Its newest version.
    pub latest_version: u32,
    /// When it was first put.
    pub created_at: Timestamp,
    /// When a version was last added or replaced.
    pub updated_at: Timestamp,
}

impl Document for Tariff {
    const KIND: Kind = Kind::Tariff;
    type Id = TariffId;
    fn id(&self) -> TariffId {
        self.id.clone()
    }
}

/// What a tariff charges from a moment on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TariffVersion {
    /// The tariff.
    pub tariff: TariffId,
    /// Whose it is.
    pub operator: Option<OperatorId>,
    /// 1 for the first; grows.
    pub version: u32,
    /// Its number on the wire, unique on this platform; the same as in the terms.
    pub number: super::TariffNumber,
    /// What it charges.
    pub terms: TariffTerms,
    /// From when on it counts, until a later version does.
    pub effective_from: Timestamp,
    /// Whether piles have yet to be told of it because its time had not come when it was put.
    pub upcoming: bool,
    /// When a pile or an order first used it; it never changes from then on.
    pub used_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl TariffVersion {
    /// Which version it is.
    #[must_use]
    pub fn reference(&self) -> TariffRef {
        TariffRef { tariff: self.tariff.clone(), version: self.version }
    }
}

impl Document for TariffVersion {
    const KIND: Kind = Kind::TariffVersion;
    type Id = TariffRef;
    fn id(&self) -> TariffRef {
        self.reference()
    }
}

/// Names a version of a tariff; as text `day-and-night/3`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct TariffRef {
    /// The tariff.
    pub tariff: TariffId,
    /// Its version.
    pub version: u32,
}

impl std::fmt::Display for TariffRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.tariff, self.version)
    }
}

/// The version in force at a moment: of those that count by then the one that began last, and of those that began
/// together the newest.
#[must_use]
pub fn in_force(versions: &[TariffVersion], at: Timestamp) -> Option<&TariffVersion> {
    let counts = versions.iter().filter(|version| version.effective_from <= at);
    counts.max_by_key(|version| (version.effective_from, version.version))
}

//! The price tiers of a day.

use crate::unit::Price;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A price tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tier {
    /// 尖: the dearest hours.
    Sharp,
    /// 峰: dear hours.
    Peak,
    /// 平: usual hours.
    Flat,
    /// 谷: cheap hours.
    Valley,
}

impl Tier {
    /// Every tier, from dear to cheap.
    pub const ALL: [Self; 4] = [Self::Sharp, Self::Peak, Self::Flat, Self::Valley];

    /// A name that never changes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sharp => "sharp",
            Self::Peak => "peak",
            Self::Flat => "flat",
            Self::Valley => "valley",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What one kWh costs in a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TierPrice {
    /// The electricity itself.
    pub electricity: Price,
    /// The service of charging.
    pub service: Price,
}

impl TierPrice {
    /// Electricity and service together, or `None` where they do not fit.
    #[must_use]
    pub fn total(self) -> Option<Price> {
        self.electricity.checked_add(self.service)
    }
}

/// One `T` for each tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PerTier<T> {
    /// For [`Tier::Sharp`].
    pub sharp: T,
    /// For [`Tier::Peak`].
    pub peak: T,
    /// For [`Tier::Flat`].
    pub flat: T,
    /// For [`Tier::Valley`].
    pub valley: T,
}

impl<T> PerTier<T> {
    /// What a function makes for each tier.
    #[must_use]
    pub fn from_fn(make: impl Fn(Tier) -> T) -> Self {
        Self { sharp: make(Tier::Sharp), peak: make(Tier::Peak), flat: make(Tier::Flat), valley: make(Tier::Valley) }
    }

    /// What belongs to one tier.
    #[must_use]
    pub const fn get(&self, tier: Tier) -> &T {
        match tier {
            Tier::Sharp => &self.sharp,
            Tier::Peak => &self.peak,
            Tier::Flat => &self.flat,
            Tier::Valley => &self.valley,
        }
    }

    /// Each tier with what belongs to it, from dear to cheap.
    pub fn iter(&self) -> impl Iterator<Item = (Tier, &T)> {
        Tier::ALL.into_iter().map(|tier| (tier, self.get(tier)))
    }

    /// The same for each tier, made into something else.
    #[must_use]
    pub fn map<U>(self, make: impl Fn(T) -> U) -> PerTier<U> {
        PerTier { sharp: make(self.sharp), peak: make(self.peak), flat: make(self.flat), valley: make(self.valley) }
    }
}

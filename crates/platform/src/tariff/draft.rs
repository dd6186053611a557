//! A tariff as somebody asks for it, before it has a number.

use serde::{Deserialize, Serialize};

use super::{PerTier, Period, Schedule, TariffError, TariffNumber, TariffTerms, Tier, TierPrice};
use crate::timestamp::Timestamp;

/// What a tariff is to charge, and from when on. The day is given as `periods` or as 48 `slots`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TariffDraft {
    /// Its number on the wire; without one it gets the next that is free.
    pub number: Option<TariffNumber>,
    /// What people call it.
    pub name: String,
    /// The prices of the tiers that the day has.
    pub prices: PerTier<Option<TierPrice>>,
    /// The day in stretches of half hours.
    pub periods: Option<Vec<Period>>,
    /// The day as 48 tiers, one per half hour.
    pub slots: Option<Vec<Tier>>,
    /// The loss between meter and plug that is billed, in %.
    #[serde(default)]
    pub loss_ratio: u8,
    /// From when on it counts; without it at once.
    pub effective_from: Option<Timestamp>,
}

impl TariffDraft {
    /// The terms that it makes under a number.
    ///
    /// # Errors
    /// When the day is not covered exactly or has a tier without a price; else as [`TariffTerms::new`].
    pub fn terms(&self, number: TariffNumber) -> Result<TariffTerms, TariffError> {
        let schedule = match (&self.periods, &self.slots) {
            (Some(periods), None) => Schedule::from_periods(periods)?,
            (None, Some(slots)) => Schedule::try_from(slots.as_slice())?,
            _ => return Err(TariffError::PeriodsOrSlots),
        };
        for (tier, price) in self.prices.iter() {
            if price.is_none() && schedule.slots().contains(&tier) {
                return Err(TariffError::NoPrice(tier));
            }
        }
        TariffTerms::new(number, &self.name, self.prices.map(Option::unwrap_or_default), schedule, self.loss_ratio)
    }
}

/// The same again, as a version of it stands in the books.
impl From<&TariffTerms> for TariffDraft {
    fn from(terms: &TariffTerms) -> Self {
        Self {
            number: Some(terms.number()),
            name: terms.name().to_owned(),
            prices: terms.prices().map(Some),
            periods: Some(terms.schedule().periods()),
            slots: None,
            loss_ratio: terms.loss_ratio(),
            effective_from: None,
        }
    }
}

impl TariffError {
    /// The field of a [`TariffDraft`] that it is about.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Name(_) | Self::NumberZero => "number",
            Self::Schedule(_) | Self::PeriodsOrSlots => "periods",
            Self::NameLength => "name",
            Self::NoPrice(_) | Self::PriceSum(_) => "prices",
            Self::LossRatio(_) => "loss_ratio",
        }
    }
}

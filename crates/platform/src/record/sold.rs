//! What a charge sold, by tier or by half hour: the two ways in which piles bill.

use super::exact;
use crate::tariff::{HALF_HOURS_PER_DAY, PerTier};
use crate::unit::{Amount, Energy, Price};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Periods of the day that a tier's energy is the sum of at most, each cut by itself (AA F5's 1105 has 12).
const PERIODS: u64 = 12;

/// What was sold when, as the pile counts it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sold {
    /// By tier: the pile knows the tariff's tiers and bills each of them.
    Tiers(PerTier<TierUsage>),
    /// By half hour of the day: the pile tells energies and the sums of the money.
    HalfHours(Box<HalfHourUsage>),
}

/// What was sold in one tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TierUsage {
    /// Electricity and service together.
    pub unit_price: Price,
    /// Energy delivered.
    pub energy: Energy,
    /// Energy billed.
    pub energy_with_loss: Energy,
    /// Money owed.
    pub amount: Amount,
}

impl TierUsage {
    /// The same in the words of another record, as far as that one is only more exact; the money goes by the energy.
    fn told_by(&self, other: &Self) -> Self {
        let energy = exact(self.energy, other.energy, PERIODS);
        let energy_with_loss = exact(self.energy_with_loss, other.energy_with_loss, PERIODS);
        let is_finer = (energy, energy_with_loss) != (self.energy, self.energy_with_loss);
        Self { energy, energy_with_loss, amount: if is_finer { other.amount } else { self.amount }, ..*self }
    }
}

/// What was sold in each half hour of the day. A charge of more than a day has two half hours in one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HalfHourUsage {
    /// Energy billed from 00:00 to 00:30 on the pile's clock, from 00:30 to 01:00, …: 48 of them.
    #[serde(serialize_with = "write_energies", deserialize_with = "read_energies")]
    #[schema(value_type = Vec<Energy>, min_items = 48, max_items = 48)]
    pub energies: [Energy; HALF_HOURS_PER_DAY],
    /// Money owed for electricity, where the pile tells it apart.
    #[serde(default)]
    pub electricity: Option<Amount>,
    /// Money owed for service, where the pile tells it apart.
    #[serde(default)]
    pub service: Option<Amount>,
}

impl Default for HalfHourUsage {
    fn default() -> Self {
        Self { energies: [Energy::ZERO; HALF_HOURS_PER_DAY], electricity: None, service: None }
    }
}

impl Sold {
    /// By half hour.
    #[must_use]
    pub fn half_hours(usage: HalfHourUsage) -> Self {
        Self::HalfHours(Box::new(usage))
    }

    /// By tier; `None` for a record of the other kind.
    #[must_use]
    pub const fn tiers(&self) -> Option<&PerTier<TierUsage>> {
        match self {
            Self::Tiers(tiers) => Some(tiers),
            Self::HalfHours(_) => None,
        }
    }

    /// The same in the words of another record, as far as that one is only more exact or tells what this one leaves out.
    pub(super) fn told_by(&self, other: &Self) -> Self {
        let (usage, other) = match (self, other) {
            (Self::HalfHours(usage), Self::HalfHours(other)) => (usage, other),
            (Self::Tiers(tiers), Self::Tiers(other)) => {
                return Self::Tiers(PerTier::from_fn(|tier| tiers.get(tier).told_by(other.get(tier))));
            }
            _ => return self.clone(),
        };
        let mut energies = usage.energies;
        for (coarse, fine) in energies.iter_mut().zip(other.energies) {
            *coarse = exact(*coarse, fine, 1);
        }
        let electricity = usage.electricity.or(other.electricity);
        Self::half_hours(HalfHourUsage { energies, electricity, service: usage.service.or(other.service) })
    }

    /// Whether neither energy nor money stands in it.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        match self {
            Self::Tiers(tiers) => tiers.iter().all(|(_, tier)| {
                (tier.energy, tier.energy_with_loss, tier.amount) == (Energy::ZERO, Energy::ZERO, Amount::ZERO)
            }),
            Self::HalfHours(usage) => {
                let amounts = [usage.electricity, usage.service];
                usage.energies.iter().all(|energy| *energy == Energy::ZERO)
                    && amounts.into_iter().flatten().all(|amount| amount == Amount::ZERO)
            }
        }
    }
}

impl Default for Sold {
    fn default() -> Self {
        Self::Tiers(PerTier::from_fn(|_| TierUsage::default()))
    }
}

fn write_energies<S: Serializer>(energies: &[Energy; HALF_HOURS_PER_DAY], serializer: S) -> Result<S::Ok, S::Error> {
    energies.as_slice().serialize(serializer)
}

fn read_energies<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[Energy; HALF_HOURS_PER_DAY], D::Error> {
    let energies = Vec::deserialize(deserializer)?;
    let told = |energies: Vec<Energy>| format!("a day has {HALF_HOURS_PER_DAY} half hours, not {}", energies.len());
    energies.try_into().map_err(|energies| serde::de::Error::custom(told(energies)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn both_kinds_are_read_as_they_were_written() {
        let mut usage = HalfHourUsage { electricity: Some(Amount::from_steps(1)), ..HalfHourUsage::default() };
        usage.energies[47] = Energy::from_steps(12_500);
        for (sold, member) in [(Sold::default(), "tiers"), (Sold::half_hours(usage), "half_hours")] {
            let json = serde_json::to_value(&sold).unwrap();
            assert!(json.get(member).is_some(), "{json}");
            assert_eq!(serde_json::from_value::<Sold>(json).unwrap(), sold);
        }
    }

    #[test]
    fn a_day_has_48_half_hours() {
        let short = json!({"half_hours": {"energies": vec!["0"; 47]}});
        assert!(serde_json::from_value::<Sold>(short).is_err());
        let whole: Value = json!({"half_hours": {"energies": vec!["0.5"; 48]}});
        assert!(serde_json::from_value::<Sold>(whole).is_ok());
    }
}

//! Settlement: what a charge costs by our tariff, what the pile says, where they differ, and which of them counts.

mod bill;
mod compare;
mod half_hours;
mod heard;
mod judge;
mod owner;
mod span;
#[cfg(test)]
mod tests;

pub use bill::{bill, cost_half_away_from_zero, with_loss_half_up};
pub use half_hours::by_tier as tiers_of_half_hours;
pub use judge::{charged, judge};
pub use owner::Witness;
pub(crate) use owner::{Owner, names as witness_names, owner, owner_before};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::tariff::{PerTier, Tier};
use crate::unit::{Amount, Balance, Energy};

/// Our bill: what each tier costs by a tariff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Bill {
    /// By tier.
    pub tiers: PerTier<TierBill>,
    /// All electricity.
    pub electricity: Amount,
    /// All service.
    pub service: Amount,
    /// Both.
    pub total: Amount,
}

/// What one tier costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct TierBill {
    /// The energy billed.
    pub energy: Energy,
    /// Its electricity.
    pub electricity: Amount,
    /// Its service.
    pub service: Amount,
    /// Both.
    pub total: Amount,
}

/// A record judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Settlement {
    /// Our bill; `None` where the tariff is not known.
    pub ours: Option<Bill>,
    /// The pile's total.
    pub pile_amount: Amount,
    /// The pile's total energy, with loss.
    pub pile_energy: Energy,
    /// Everything that differs, also within tolerance.
    pub differences: Vec<Difference>,
    /// What the policy makes of it.
    pub verdict: Verdict,
    /// By what the record was found to be this order's, where it names no charge; else nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matched_by: Vec<Witness>,
}

/// Two numbers that should be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// Which numbers.
    pub what: DifferenceKind,
    /// In which tier, where it is about one.
    pub tier: Option<Tier>,
    /// What the pile says, with its unit.
    pub pile: String,
    /// What we say, with its unit.
    pub ours: String,
    /// Whether it is more than the policy tolerates.
    pub beyond_tolerance: bool,
}

/// Which numbers differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceKind {
    /// A tier's amount and energy × price.
    TierAmount,
    /// A tier's price and the tariff's.
    TierPrice,
    /// The total and our total.
    Total,
    /// All electricity and ours, where the pile tells it apart.
    Electricity,
    /// All service and ours, where the pile tells it apart.
    Service,
    /// The total and the sum of its tiers, or of electricity and service.
    Sum,
    /// The total energy and the sum of its tiers or half hours.
    EnergySum,
    /// The energy with loss, and the energy with the tariff's loss.
    Loss,
    /// The energy and the meter's readings.
    Meter,
    /// The energy and the last telemetry's.
    Telemetry,
    /// Energy in a tier that the charge's time did not touch (V1.6 §13.3 rule 8).
    TierTime,
    /// Energy in half hours that the charge's time did not touch.
    HalfHourTime,
    /// A charge of more than a day in a record that has each half hour once: which day sold what can't be told.
    OverADay,
    /// A time that can't be.
    Clock,
    /// The card or vehicle and the order's.
    Payer,
    /// The form in which the record tells what was sold, and the one that the tariff lays down for its pile.
    Form,
}

/// Which amount counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The pile's.
    Pile,
    /// Ours.
    Ours,
    /// A person decides.
    Hold,
}

/// What the platform does about differences; per pile model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SettlementPolicy {
    /// Money that one tier may differ by.
    pub tier_tolerance: Balance,
    /// Money that the total may differ by.
    pub total_tolerance: Balance,
    /// Energy that sums, meter and telemetry may differ by.
    pub energy_tolerance: Energy,
    /// Which amount counts when nothing is beyond tolerance.
    pub within: Verdict,
    /// Which amount counts when something is.
    pub beyond: Verdict,
}

impl Default for SettlementPolicy {
    /// Piles round per slot: 2 fen per tier and 5 in all are theirs; meters with two decimals make 0.05 kWh.
    fn default() -> Self {
        Self {
            tier_tolerance: Balance::from_steps(2),
            total_tolerance: Balance::from_steps(5),
            energy_tolerance: Energy::from_steps(500),
            within: Verdict::Pile,
            beyond: Verdict::Hold,
        }
    }
}

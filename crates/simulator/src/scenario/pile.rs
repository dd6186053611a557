//! The piles of a scenario.

use voltapile_protocol::ykc::field::PileCode;

use crate::fault::FaultPlan;
use crate::model::PileSetup;

/// One pile of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PilePlan {
    /// How steps and results call it.
    pub name: String,
    /// What it is; without a number of its own in the file, its code begins with 99.
    pub setup: PileSetup,
    /// What of the fault menu it plays from the begin.
    pub faults: FaultPlan,
}

impl PilePlan {
    /// Its number.
    #[must_use]
    pub const fn code(&self) -> PileCode {
        self.setup.config.pile_code
    }
}

//! The tariffs that piles are to charge by.

use std::sync::PoisonError;

use voltapile_platform::tariff::{TariffCheck, TariffNumber, TariffRef, TariffVersion, check_tariff, in_force};
use voltapile_platform::timestamp::Timestamp;

use super::{Core, PileLive};

impl Core {
    /// The tariff version that a pile is to charge by now.
    #[must_use]
    pub fn tariff_of(&self, pile: &PileLive) -> Option<TariffVersion> {
        self.tariff_at(pile, self.clock.now())
    }

    /// The tariff version that a pile was, or will be, to charge by at a moment.
    #[must_use]
    pub fn tariff_at(&self, pile: &PileLive, at: Timestamp) -> Option<TariffVersion> {
        let id = pile.state().tariff.clone()?;
        let tariffs = self.tariffs.read().unwrap_or_else(PoisonError::into_inner);
        in_force(tariffs.get(&id)?, at).cloned()
    }

    /// A version of a tariff.
    #[must_use]
    pub fn tariff_version(&self, wanted: &TariffRef) -> Option<TariffVersion> {
        let tariffs = self.tariffs.read().unwrap_or_else(PoisonError::into_inner);
        tariffs.get(&wanted.tariff)?.iter().find(|version| version.version == wanted.version).cloned()
    }

    /// Compares the tariff that a pile reports with the one that it is to charge by.
    #[must_use]
    pub fn check_tariff(&self, pile: &PileLive, reported: TariffNumber) -> TariffCheck {
        check_tariff(self.tariff_of(pile).map(|version| version.number), reported)
    }
}

//! Versions whose time comes.

use std::collections::BTreeSet;

use crate::business::{Business, BusinessError, Due};
use crate::identity::TariffId;
use crate::tariff::TariffVersion;
use crate::timestamp::Timestamp;

/// Versions that may be waiting for their time on the whole platform.
const UPCOMING_MAX: usize = 100_000;

impl Business<'_> {
    /// Tells piles of the versions whose time has come, and says when the next one's does; asks to be woken then. To be
    /// called at [`Due::Tariffs`] and once when the server starts.
    ///
    /// # Errors
    /// When the books fail.
    pub fn tariffs_becoming_effective(&mut self) -> Result<Option<Timestamp>, BusinessError> {
        let mut begun: BTreeSet<TariffId> = BTreeSet::new();
        let mut next: Option<Timestamp> = None;
        for mut version in self.books.find::<TariffVersion>("upcoming", true, UPCOMING_MAX)? {
            if version.effective_from > self.now {
                next = Some(next.map_or(version.effective_from, |next| next.min(version.effective_from)));
                continue;
            }
            version.upcoming = false;
            self.books.put(&version)?;
            begun.insert(version.tariff);
        }
        for tariff in begun {
            self.spread_tariff(&tariff)?;
        }
        if let Some(next) = next {
            self.reaction.due.push((next, Due::Tariffs));
        }
        Ok(next)
    }
}

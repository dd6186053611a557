//! Every registered pile in memory, found by its code.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock};

use voltapile_platform::identity::PileCode;
use voltapile_platform::pile::Pile;
use voltapile_platform::tariff::TariffId;

use super::PileLive;

/// Parts of the map; piles of different parts never wait for each other.
const PARTS: usize = 64;

/// The map from code to pile, in parts.
#[derive(Debug)]
pub struct Registry {
    parts: Vec<RwLock<HashMap<PileCode, Arc<PileLive>>>>,
    hasher: RandomState,
}

impl Default for Registry {
    fn default() -> Self {
        Self { parts: (0..PARTS).map(|_| RwLock::default()).collect(), hasher: RandomState::new() }
    }
}

impl Registry {
    /// A registered pile.
    #[must_use]
    pub fn get(&self, code: PileCode) -> Option<Arc<PileLive>> {
        self.part(code)?.read().unwrap_or_else(PoisonError::into_inner).get(&code).cloned()
    }

    /// Registers a pile, or changes what is known of it; its connection stays.
    pub fn put(&self, pile: &Pile, tariff: Option<TariffId>) -> Arc<PileLive> {
        let fresh = || Arc::new(PileLive::new(pile.code));
        let live = match self.part(pile.code) {
            Some(part) => {
                let mut part = part.write().unwrap_or_else(PoisonError::into_inner);
                Arc::clone(part.entry(pile.code).or_insert_with(fresh))
            }
            None => fresh(),
        };
        live.update(pile, tariff);
        live
    }

    /// Forgets a pile; its connection, if it has one, is to let it go.
    pub(super) fn remove(&self, code: PileCode) {
        let Some(part) = self.part(code) else { return };
        let removed = part.write().unwrap_or_else(PoisonError::into_inner).remove(&code);
        if let Some(pile) = removed {
            pile.switch_off();
        }
    }

    /// Does something with every registered pile; none of them can be registered meanwhile, so it must be quick.
    pub(super) fn each(&self, mut look: impl FnMut(&Arc<PileLive>)) {
        for part in &self.parts {
            part.read().unwrap_or_else(PoisonError::into_inner).values().for_each(&mut look);
        }
    }

    /// Counts registered piles and those that `matches`.
    pub fn count(&self, matches: impl Fn(&PileLive) -> bool) -> (u64, u64) {
        let mut counts = (0, 0);
        for part in &self.parts {
            for pile in part.read().unwrap_or_else(PoisonError::into_inner).values() {
                counts.0 += 1;
                counts.1 += u64::from(matches(pile));
            }
        }
        counts
    }

    fn part(&self, code: PileCode) -> Option<&RwLock<HashMap<PileCode, Arc<PileLive>>>> {
        let hash = self.hasher.hash_one(code);
        self.parts.get(usize::try_from(hash).unwrap_or_default() % PARTS)
    }
}

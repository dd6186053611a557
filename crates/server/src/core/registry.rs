//! Every registered pile in memory, found by its code.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock};

use voltapile_platform::identity::PileCode;
use voltapile_platform::pile::Pile;
use voltapile_platform::tariff::TariffId;

use super::PileLive;

/// Parts of the map; piles of different parts never wait for each other.
const PARTS: usize = 64;

/// The piles by their codes, in parts.
#[derive(Debug)]
pub struct Registry {
    parts: Vec<RwLock<HashSet<Registered>>>,
    hasher: RandomState,
}

/// A pile that is known by its code, which stands in it: a key beside it would cost as much again.
#[derive(Debug)]
struct Registered(Arc<PileLive>);

impl PartialEq for Registered {
    fn eq(&self, other: &Self) -> bool {
        self.0.code == other.0.code
    }
}

impl Eq for Registered {}

impl Hash for Registered {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.code.hash(state);
    }
}

impl Borrow<PileCode> for Registered {
    fn borrow(&self) -> &PileCode {
        &self.0.code
    }
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
        self.part(code)?.read().unwrap_or_else(PoisonError::into_inner).get(&code).map(|pile| Arc::clone(&pile.0))
    }

    /// Registers a pile, or changes what is known of it; its connection stays.
    pub fn put(&self, pile: &Pile, tariff: Option<TariffId>) -> Arc<PileLive> {
        let fresh = || Arc::new(PileLive::new(pile.code));
        let live = match self.part(pile.code) {
            Some(part) => {
                let mut part = part.write().unwrap_or_else(PoisonError::into_inner);
                let known = part.get(&pile.code).map(|known| Arc::clone(&known.0));
                known.unwrap_or_else(|| {
                    let live = fresh();
                    part.insert(Registered(Arc::clone(&live)));
                    live
                })
            }
            None => fresh(),
        };
        live.update(pile, tariff);
        live
    }

    /// Forgets a pile; its connection, if it has one, is to let it go.
    pub(super) fn remove(&self, code: PileCode) {
        let Some(part) = self.part(code) else { return };
        let removed = part.write().unwrap_or_else(PoisonError::into_inner).take(&code);
        if let Some(Registered(pile)) = removed {
            pile.switch_off();
        }
    }

    /// Does something with every registered pile; none of them can be registered meanwhile, so it must be quick.
    pub(super) fn each(&self, mut look: impl FnMut(&Arc<PileLive>)) {
        for part in &self.parts {
            part.read().unwrap_or_else(PoisonError::into_inner).iter().for_each(|pile| look(&pile.0));
        }
    }

    /// Counts registered piles and those that `matches`.
    pub fn count(&self, matches: impl Fn(&PileLive) -> bool) -> (u64, u64) {
        let mut counts = (0, 0);
        for part in &self.parts {
            for Registered(pile) in part.read().unwrap_or_else(PoisonError::into_inner).iter() {
                counts.0 += 1;
                counts.1 += u64::from(matches(pile));
            }
        }
        counts
    }

    fn part(&self, code: PileCode) -> Option<&RwLock<HashSet<Registered>>> {
        let hash = self.hasher.hash_one(code);
        self.parts.get(usize::try_from(hash).unwrap_or_default() % PARTS)
    }
}

//! Strangers on their way into the list of piles that wait for approval. Their attempts are collected in memory while
//! one write is under way, so that however many knock, records never queue behind them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use voltapile_platform::identity::PileCode;
use voltapile_platform::pile::WaitingPile;

use crate::store::Store;

/// Piles in one write. In a flood of invented codes those beyond are not noted: a real pile tries again.
const COLLECTED_MAX: usize = 256;

/// Attempts that are not stored yet.
#[derive(Debug, Default)]
pub(super) struct Strangers(Mutex<Collected>);

#[derive(Debug, Default)]
struct Collected {
    attempts: HashMap<PileCode, WaitingPile>,
    writing: bool,
}

impl Strangers {
    /// Notes an attempt; it is stored soon after.
    pub(super) fn note(self: &Arc<Self>, store: &Arc<dyn Store>, attempt: WaitingPile) {
        let mut collected = self.lock();
        let is_full = collected.attempts.len() >= COLLECTED_MAX;
        match collected.attempts.entry(attempt.code) {
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                let (first_seen, attempts) = (known.first_seen, known.attempts.saturating_add(attempt.attempts));
                *known = WaitingPile { first_seen, attempts, ..attempt };
            }
            Entry::Vacant(_) if is_full => return,
            Entry::Vacant(place) => {
                place.insert(attempt);
            }
        }
        if !std::mem::replace(&mut collected.writing, true) {
            tokio::spawn(Arc::clone(self).write(Arc::clone(store)));
        }
    }

    /// Stores what was collected until nothing is.
    async fn write(self: Arc<Self>, store: Arc<dyn Store>) {
        while let Some(attempts) = self.take() {
            if let Err(error) = store.note_waiting(attempts).await {
                tracing::warn!(%error, "waiting piles could not be noted");
            }
        }
    }

    fn take(&self) -> Option<Vec<WaitingPile>> {
        let mut collected = self.lock();
        let attempts: Vec<WaitingPile> = std::mem::take(&mut collected.attempts).into_values().collect();
        collected.writing = !attempts.is_empty();
        collected.writing.then_some(attempts)
    }

    fn lock(&self) -> MutexGuard<'_, Collected> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! What a fleet said, heard and did: counted as it happens, so that progress and summary need only add up.

mod complaint;
mod line;
mod pile;
#[cfg(test)]
mod tests;
mod totals;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use voltapile_protocol::Protocol;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_simulator::load::Latencies;
use voltapile_simulator::model::Moment;
use voltapile_simulator::runner::{Deed, Ends, Observer};

pub(super) use self::complaint::Complaint;
pub(super) use self::pile::PileTally;
pub(super) use self::totals::{FrameCount, Totals};

/// Counts what each pile of a fleet does. Each has its own lock, so that piles never wait for each other.
pub(crate) struct Tally {
    piles: HashMap<PileCode, Mutex<PileTally>>,
    /// From a heartbeat to its answer.
    latency: Latencies,
    begun: Instant,
}

impl Tally {
    /// Nothing has happened yet.
    pub(crate) fn new(piles: impl Iterator<Item = (PileCode, Protocol)>) -> Self {
        let piles = piles.map(|(code, protocol)| (code, Mutex::new(PileTally::new(protocol)))).collect();
        Self { piles, latency: Latencies::default(), begun: Instant::now() }
    }

    /// How long the fleet has been playing.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// From heartbeats to their answers.
    pub(super) const fn latency(&self) -> &Latencies {
        &self.latency
    }

    /// What all piles come to together.
    pub(super) fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for pile in self.piles.values() {
            locked(pile).add_to(&mut totals);
        }
        totals
    }

    /// Records of a pile that the platform confirmed, and logins that it refused.
    pub(crate) fn facts(&self, pile: PileCode) -> (u64, u64) {
        self.piles.get(&pile).map_or((0, 0), |pile| locked(pile).facts())
    }

    fn note(&self, pile: PileCode, note: impl FnOnce(&mut PileTally)) {
        if let Some(pile) = self.piles.get(&pile) {
            note(&mut locked(pile));
        }
    }
}

/// Counts are right after every change, even one that a panic interrupted.
fn locked(pile: &Mutex<PileTally>) -> MutexGuard<'_, PileTally> {
    pile.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observer for Tally {
    fn connected(&self, pile: PileCode, now: Moment, _: Ends) {
        self.note(pile, |tally| tally.connected(now));
    }

    fn passed(&self, pile: PileCode, now: Moment, direction: Direction, bytes: &[u8]) {
        self.note(pile, |tally| tally.passed(now, direction, bytes));
    }

    fn disconnected(&self, pile: PileCode, now: Moment, reason: &str) {
        self.note(pile, |tally| tally.disconnected(now, reason));
    }

    fn did(&self, pile: PileCode, now: Moment, deed: &Deed<'_>) {
        self.note(pile, |tally| {
            if let Some(latency) = tally.did(now, deed) {
                self.latency.record(latency);
            }
        });
    }
}

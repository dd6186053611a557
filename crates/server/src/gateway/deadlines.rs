//! Wakes connections whose deadline has passed.
//!
//! Deadlines here are seconds, so no timer is kept per pile and none is moved when a frame comes: one task looks at every
//! connection's next deadline, one number each, four times a second. A frame only ever makes a deadline later; the
//! connection is woken at the old one and says the new.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Gateway;
use super::link::PileLink;

/// How often deadlines are looked at: how late one may be noticed.
const EVERY: Duration = Duration::from_millis(250);
/// Parts of the list, so that opening connections do not wait for the look.
const PARTS: u64 = 16;

/// Every open connection.
#[derive(Debug)]
pub(super) struct Deadlines {
    parts: Vec<Mutex<HashMap<u64, Arc<PileLink>>>>,
    next: AtomicU64,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self { parts: (0..PARTS).map(|_| Mutex::default()).collect(), next: AtomicU64::new(0) }
    }
}

impl Deadlines {
    /// Watches a connection until its number is removed.
    pub(super) fn add(&self, link: Arc<PileLink>) -> u64 {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.with_part(number, |part| part.insert(number, link));
        number
    }

    /// Watches a connection no longer.
    pub(super) fn remove(&self, number: u64) {
        self.with_part(number, |part| part.remove(&number));
    }

    /// Wakes every connection: the server stops.
    pub(super) fn wake_all(&self) {
        self.wake_if(|_| true);
    }

    fn wake_if(&self, due: impl Fn(&PileLink) -> bool) {
        for part in &self.parts {
            let part = part.lock().unwrap_or_else(PoisonError::into_inner);
            part.values().filter(|link| due(link)).for_each(|link| link.wake());
        }
    }

    fn with_part<T>(&self, number: u64, change: impl FnOnce(&mut HashMap<u64, Arc<PileLink>>) -> T) -> Option<T> {
        let part = self.parts.get(usize::try_from(number % PARTS).unwrap_or_default())?;
        Some(change(&mut part.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// Looks at the deadlines for as long as the server runs.
pub(super) async fn watch(gateway: Arc<Gateway>) {
    let mut interval = tokio::time::interval(EVERY);
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        let now = gateway.core.clock.tick();
        gateway.deadlines.wake_if(|link| link.deadline() <= now);
    }
}

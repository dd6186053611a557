//! A pile's clock: what it showed when it was set, and how long ago that was.

use crate::time::Tick;
use crate::wire::{BcdTime, CivilTime};

/// Where a clock that was never set begins: 2000-01-01 in China.
const NEVER_SET_MS: u64 = 946_656_000_000;

/// A clock that runs as fast as its driver's.
#[derive(Debug, Clone, Copy)]
pub(super) struct PileClock {
    set_at: Tick,
    /// Milliseconds since 1970 began in UTC, as it was set.
    showed_ms: u64,
}

impl PileClock {
    pub(super) const fn never_set() -> Self {
        Self { set_at: Tick(0), showed_ms: NEVER_SET_MS }
    }

    pub(super) const fn set(&mut self, now: Tick, unix_ms: u64) {
        *self = Self { set_at: now, showed_ms: unix_ms };
    }

    /// Sets it to what the platform says; whether that is a time.
    pub(super) fn set_to(&mut self, now: Tick, time: BcdTime) -> bool {
        let Some(civil) = time.civil() else { return false };
        self.set(now, civil.unix_ms_in_china());
        true
    }

    /// What it shows.
    pub(super) fn shows(&self, now: Tick) -> BcdTime {
        let passed = u64::try_from(now.since(self.set_at).as_millis()).unwrap_or(u64::MAX);
        BcdTime::new(CivilTime::in_china(self.showed_ms.saturating_add(passed)))
    }
}

//! Latencies that many tasks add to.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Significant digits of what a histogram tells: 0.1 %.
const DIGITS: u8 = 3;
/// Longest latency that is told apart, in nanoseconds: an hour. What takes longer counts as this.
const LONGEST_NS: u64 = 3_600_000_000_000;

/// Latencies of many tasks, in nanoseconds.
#[derive(Debug)]
pub struct Latencies {
    // Adding one takes some ten nanoseconds, and two threads seldom meet: one lock costs less than merging thousands.
    histogram: Mutex<Option<Histogram<u64>>>,
}

impl Default for Latencies {
    fn default() -> Self {
        // These bounds are fixed and valid; without a histogram nothing would be counted.
        Self { histogram: Mutex::new(Histogram::new_with_max(LONGEST_NS, DIGITS).ok()) }
    }
}

impl Latencies {
    /// Adds one.
    pub fn record(&self, latency: Duration) {
        let ns = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        if let Some(histogram) = &mut *self.histogram.lock().unwrap_or_else(PoisonError::into_inner) {
            histogram.saturating_record(ns);
        }
    }

    /// How many were added.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.histogram.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map_or(0, Histogram::len)
    }

    /// The usual quantiles.
    #[must_use]
    pub fn told(&self) -> Latency {
        let histogram = self.histogram.lock().unwrap_or_else(PoisonError::into_inner);
        let us = |ns: u64| ns as f64 / 1e3;
        let at = |quantile| histogram.as_ref().map_or(0.0, |all| us(all.value_at_quantile(quantile)));
        Latency {
            p50_us: at(0.5),
            p90_us: at(0.9),
            p99_us: at(0.99),
            p999_us: at(0.999),
            max_us: histogram.as_ref().map_or(0.0, |all| us(all.max())),
        }
    }
}

/// Latencies in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    /// Half of the answers came sooner.
    pub p50_us: f64,
    /// 9 of 10 came sooner.
    pub p90_us: f64,
    /// 99 of 100 came sooner.
    pub p99_us: f64,
    /// 999 of 1,000 came sooner.
    pub p999_us: f64,
    /// The slowest.
    pub max_us: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_quantiles_within_a_thousandth() {
        let latencies = Latencies::default();
        assert_eq!((latencies.count(), latencies.told().max_us), (0, 0.0));
        for us in 1..=1_000 {
            latencies.record(Duration::from_micros(us));
        }
        assert_eq!(latencies.count(), 1_000);
        let Latency { p50_us, p90_us, p99_us, p999_us, max_us } = latencies.told();
        for (told, us) in [(p50_us, 500.0), (p90_us, 900.0), (p99_us, 990.0), (p999_us, 999.0), (max_us, 1_000.0)] {
            assert!((us..=us * 1.001).contains(&told), "{told} for {us}");
        }
    }

    #[test]
    fn counts_what_is_off_the_scale() {
        let latencies = Latencies::default();
        latencies.record(Duration::MAX);
        assert_eq!(latencies.count(), 1);
    }
}

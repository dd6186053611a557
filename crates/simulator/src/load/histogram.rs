//! Latencies in buckets whose width grows with the value: exact below 64 ns, within 3 % above.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Buckets per doubling, as a power of two.
const BITS: u32 = 5;
const PER_DOUBLING: usize = 1 << BITS;
/// Values up to 2^40 ns, 18 minutes, have their buckets; what takes longer shares the last.
const HIGHEST_BIT: u32 = 40;
const BUCKETS: usize = (HIGHEST_BIT - BITS + 1) as usize * PER_DOUBLING + 1;

/// Counts of latencies that many tasks add to.
#[derive(Debug)]
pub struct Histogram {
    buckets: Box<[AtomicU64]>,
    max_ns: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(), max_ns: AtomicU64::new(0) }
    }
}

impl Histogram {
    /// Adds one.
    pub fn record(&self, latency: Duration) {
        let ns = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        if let Some(bucket) = self.buckets.get(bucket_of(ns)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        if ns > self.max_ns.load(Ordering::Relaxed) {
            self.max_ns.fetch_max(ns, Ordering::Relaxed);
        }
    }

    /// How many were added.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).sum()
    }

    /// The largest, exactly.
    #[must_use]
    pub fn max(&self) -> Duration {
        Duration::from_nanos(self.max_ns.load(Ordering::Relaxed))
    }

    /// A latency that so many of 10,000 do not exceed, rounded up to its bucket; zero when there are none.
    #[must_use]
    pub fn at_most(&self, of_10_000: u64) -> Duration {
        let count = self.count();
        let wanted = u128::from(count) * u128::from(of_10_000);
        let mut seen = 0;
        for (index, bucket) in self.buckets.iter().enumerate() {
            seen += bucket.load(Ordering::Relaxed);
            if seen > 0 && u128::from(seen) * 10_000 >= wanted {
                return Duration::from_nanos(highest_of(index)).min(self.max());
            }
        }
        Duration::ZERO
    }
}

fn bucket_of(ns: u64) -> usize {
    let highest_bit = 63 - ns.max(1).leading_zeros();
    if highest_bit <= BITS {
        return ns as usize;
    }
    if highest_bit >= HIGHEST_BIT {
        return BUCKETS - 1;
    }
    let shift = highest_bit - BITS;
    // The top bits are 32..64, and each shift adds another 32 buckets.
    shift as usize * PER_DOUBLING + (ns >> shift) as usize
}

/// The largest value of a bucket.
const fn highest_of(bucket: usize) -> u64 {
    if bucket < 2 * PER_DOUBLING {
        return bucket as u64;
    }
    let shift = bucket / PER_DOUBLING - 1;
    let top = bucket - shift * PER_DOUBLING;
    ((top as u64 + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tells_quantiles() {
        let histogram = Histogram::default();
        assert_eq!((histogram.count(), histogram.at_most(5_000), histogram.max()), (0, Duration::ZERO, Duration::ZERO));
        for us in 1..=1_000 {
            histogram.record(Duration::from_micros(us));
        }
        assert_eq!((histogram.count(), histogram.max()), (1_000, Duration::from_micros(1_000)));
        for (of_10_000, us) in [(5_000, 500.0), (9_900, 990.0), (9_990, 999.0), (10_000, 1_000.0)] {
            let told = histogram.at_most(of_10_000).as_secs_f64() * 1e6;
            assert!((us..=us * 1.04).contains(&told), "{of_10_000}: {told} for {us}");
        }
    }

    #[test]
    fn counts_what_is_off_the_scale() {
        let histogram = Histogram::default();
        histogram.record(Duration::MAX);
        assert_eq!(histogram.count(), 1);
    }

    proptest! {
        #[test]
        fn a_bucket_holds_its_values_within_3_percent(ns in 0_u64..1 << HIGHEST_BIT) {
            let bucket = bucket_of(ns);
            prop_assert!(bucket < BUCKETS);
            let highest = highest_of(bucket);
            prop_assert!(highest >= ns && (highest - ns) * 32 <= ns.max(31), "{} in {} to {}", ns, bucket, highest);
            prop_assert_eq!(bucket_of(highest), bucket);
            prop_assert_eq!(bucket_of(highest + 1), bucket + 1);
        }
    }
}

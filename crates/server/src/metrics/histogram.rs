//! A histogram of whole numbers with fixed bounds, cheap enough for every frame.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Upper bounds in microseconds, 10 µs to 5 s.
const MICROSECONDS: &[u64] =
    &[10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000];
/// Upper bounds of group sizes.
const SIZES: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256];
/// Room for the longest list of bounds and what lies above.
const BUCKETS: usize = 17;

const _: () = assert!(MICROSECONDS.len() < BUCKETS && SIZES.len() < BUCKETS);

/// Counts by bucket, and the sum.
#[derive(Debug)]
pub struct Histogram {
    bounds: &'static [u64],
    buckets: [AtomicU64; BUCKETS],
    sum: AtomicU64,
}

impl Histogram {
    /// For times.
    #[must_use]
    pub fn of_microseconds() -> Self {
        Self::new(MICROSECONDS)
    }

    /// For sizes of groups.
    #[must_use]
    pub fn of_sizes() -> Self {
        Self::new(SIZES)
    }

    fn new(bounds: &'static [u64]) -> Self {
        Self { bounds, buckets: [const { AtomicU64::new(0) }; BUCKETS], sum: AtomicU64::new(0) }
    }

    /// Counts a value.
    pub fn observe(&self, value: u64) {
        let position = self.bounds.iter().take_while(|bound| value > **bound).count();
        if let Some(bucket) = self.buckets.get(position) {
            bucket.fetch_add(1, Relaxed);
        }
        self.sum.fetch_add(value, Relaxed);
    }

    /// Adds another histogram with the same bounds.
    pub fn add(&self, other: &Self) {
        for (mine, theirs) in self.buckets.iter().zip(&other.buckets) {
            mine.fetch_add(theirs.load(Relaxed), Relaxed);
        }
        self.sum.fetch_add(other.sum.load(Relaxed), Relaxed);
    }

    /// Sum of all values.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.sum.load(Relaxed)
    }

    /// Upper bound and count of each bucket; the last has no bound.
    pub fn buckets(&self) -> impl Iterator<Item = (Option<u64>, u64)> + '_ {
        self.buckets
            .iter()
            .take(self.bounds.len() + 1)
            .enumerate()
            .map(|(position, bucket)| (self.bounds.get(position).copied(), bucket.load(Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fall_into_the_bucket_that_bounds_them() {
        let histogram = Histogram::of_sizes();
        [1, 2, 3, 256, 257].into_iter().for_each(|value| histogram.observe(value));
        let counts: Vec<_> = histogram.buckets().filter(|(_, count)| *count > 0).collect();
        assert_eq!(counts, [(Some(1), 1), (Some(2), 1), (Some(4), 1), (Some(256), 1), (None, 1)]);
        assert_eq!(histogram.sum(), 519);
    }
}

//! What the server counts, and its Prometheus text.

mod counters;
mod encode;
mod histogram;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

pub use counters::PerThread;
pub use encode::encode;
pub use histogram::Histogram;

use crate::store::StoreError;
use crate::store::sqlite::CommitObserver;

/// All counters. Those of every frame are per thread; the others are rare.
#[derive(Debug)]
pub struct Metrics {
    /// Counters of the hot path.
    pub frames: PerThread,
    /// Pile connections now.
    pub connections: AtomicU64,
    /// Pile connections accepted so far.
    pub connections_accepted: AtomicU64,
    /// Pile connections refused, by reason.
    pub connections_refused: Reasons,
    /// Pile connections that ended, by reason.
    pub connections_closed: Reasons,
    /// Logins, by result.
    pub logins: Reasons,
    /// Frames that were not processed, by reason.
    pub frames_rejected: Reasons,
    /// Bytes that belonged to no frame.
    pub skipped_bytes: AtomicU64,
    /// Transaction records, by what became of them.
    pub records: Reasons,
    /// Time of a commit.
    pub commit_latency: Histogram,
    /// Jobs in one commit.
    pub commit_group: Histogram,
    /// Commits that failed: nothing of them is stored, nothing was acknowledged.
    pub commits_failed: AtomicU64,
    /// Captures that run.
    pub captures: AtomicU64,
    /// Captures that ended, by reason.
    pub captures_ended: Reasons,
    /// Bytes that captures wrote.
    pub capture_bytes: AtomicU64,
    /// Bytes that passed and could not be captured.
    pub capture_bytes_dropped: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            frames: PerThread::default(),
            connections: AtomicU64::new(0),
            connections_accepted: AtomicU64::new(0),
            connections_refused: Reasons::default(),
            connections_closed: Reasons::default(),
            logins: Reasons::default(),
            frames_rejected: Reasons::default(),
            skipped_bytes: AtomicU64::new(0),
            records: Reasons::default(),
            commit_latency: Histogram::of_microseconds(),
            commit_group: Histogram::of_sizes(),
            commits_failed: AtomicU64::new(0),
            captures: AtomicU64::new(0),
            captures_ended: Reasons::default(),
            capture_bytes: AtomicU64::new(0),
            capture_bytes_dropped: AtomicU64::new(0),
        }
    }
}

impl CommitObserver for Metrics {
    fn committed(&self, jobs: usize, elapsed: Duration) {
        self.commit_latency.observe(u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX));
        self.commit_group.observe(jobs as u64);
    }

    fn failed(&self, _jobs: usize, _error: &StoreError) {
        self.commits_failed.fetch_add(1, Relaxed);
    }
}

/// Counts by a stable word.
#[derive(Debug, Default)]
pub struct Reasons(Mutex<BTreeMap<&'static str, u64>>);

impl Reasons {
    /// Counts one.
    pub fn count(&self, reason: &'static str) {
        self.add(reason, 1);
    }

    /// Counts several.
    pub fn add(&self, reason: &'static str, count: u64) {
        if let (Ok(mut counts), true) = (self.0.lock(), count > 0) {
            *counts.entry(reason).or_default() += count;
        }
    }

    /// What was counted.
    #[must_use]
    pub fn all(&self) -> BTreeMap<&'static str, u64> {
        self.0.lock().map(|counts| counts.clone()).unwrap_or_default()
    }
}

impl Metrics {
    /// Counts a connection that was accepted.
    pub fn connection_opened(&self) {
        self.connections.fetch_add(1, Relaxed);
        self.connections_accepted.fetch_add(1, Relaxed);
    }

    /// Counts the end of a connection.
    pub fn connection_closed(&self, reason: &'static str) {
        self.connections.fetch_sub(1, Relaxed);
        self.connections_closed.count(reason);
    }
}

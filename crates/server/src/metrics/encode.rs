//! The Prometheus text of the counters.

use std::fmt::{Error, Write};
use std::sync::atomic::Ordering::Relaxed;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

use super::{Histogram, Metrics, Reasons};
use std::sync::Arc;

/// The text of everything that is counted, with `piles_online` as the registry knows it.
#[must_use]
pub fn encode(metrics: &Arc<Metrics>, piles_registered: u64, piles_online: u64) -> String {
    let mut registry = Registry::with_prefix("voltapile");
    registry.register_collector(Box::new(Snapshot { metrics: Arc::clone(metrics), piles_registered, piles_online }));
    let mut out = String::new();
    if text::encode(&mut out, &registry).is_err() {
        let _ = write!(out, "# EOF");
    }
    out
}

/// One reading of the counters.
#[derive(Debug)]
struct Snapshot {
    metrics: Arc<Metrics>,
    piles_registered: u64,
    piles_online: u64,
}

impl Collector for Snapshot {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let metrics = &self.metrics;
        let out = &mut encoder;
        gauge(out, "piles_registered", "Piles that may log in", self.piles_registered)?;
        gauge(out, "piles_online", "Piles with a live connection", self.piles_online)?;
        gauge(out, "connections", "Pile connections now", metrics.connections.load(Relaxed))?;
        counter(out, "connections_accepted", "Pile connections accepted", metrics.connections_accepted.load(Relaxed))?;
        reasons(out, "connections_refused", "Pile connections refused", "reason", &metrics.connections_refused)?;
        reasons(out, "connections_closed", "Pile connections that ended", "reason", &metrics.connections_closed)?;
        reasons(out, "logins", "Logins of piles", "result", &metrics.logins)?;
        frames(out, metrics)?;
        reasons(out, "frames_rejected", "Frames that were not processed", "reason", &metrics.frames_rejected)?;
        counter(out, "skipped_bytes", "Bytes that belonged to no frame", metrics.skipped_bytes.load(Relaxed))?;
        reasons(out, "records", "Transaction records received", "outcome", &metrics.records)?;
        let latency = metrics.frames.reply_latency();
        histogram(out, "reply_latency_seconds", "Time from reading frames to answering them", &latency, 1e6)?;
        histogram(out, "commit_latency_seconds", "Time of a durable commit", &metrics.commit_latency, 1e6)?;
        histogram(out, "commit_group_size", "Jobs in one commit", &metrics.commit_group, 1.0)?;
        counter(out, "commits_failed", "Commits that failed", metrics.commits_failed.load(Relaxed))?;
        captures(out, metrics)?;
        gauge(out, "resident_memory_bytes", "Resident memory of the process", resident_memory())
    }
}

fn frames(out: &mut DescriptorEncoder<'_>, metrics: &Metrics) -> Result<(), Error> {
    let mut family =
        out.encode_descriptor("frames", "Frames by direction, protocol and type", None, MetricType::Counter)?;
    for counted in metrics.frames.by_type() {
        for (direction, count) in [("up", counted.up), ("down", counted.down)] {
            if count > 0 {
                let labels = [("direction", direction), ("protocol", counted.protocol), ("type", &counted.frame_type)];
                ConstCounter::new(count).encode(family.encode_family(&labels)?)?;
            }
        }
    }
    let mut family =
        out.encode_descriptor("crc_order", "Frames of YKC by order of CRC bytes", None, MetricType::Counter)?;
    let low = metrics.frames.sum(|copy| copy.crc_low_first.load(Relaxed));
    let high = metrics.frames.sum(|copy| copy.crc_high_first.load(Relaxed));
    for (order, count) in [("low_first", low), ("high_first", high)] {
        ConstCounter::new(count).encode(family.encode_family(&[("order", order)])?)?;
    }
    Ok(())
}

fn captures(out: &mut DescriptorEncoder<'_>, metrics: &Metrics) -> Result<(), Error> {
    gauge(out, "captures", "Captures that run", metrics.captures.load(Relaxed))?;
    reasons(out, "captures_ended", "Captures that ended", "reason", &metrics.captures_ended)?;
    counter(out, "capture_bytes", "Bytes that captures wrote", metrics.capture_bytes.load(Relaxed))?;
    let dropped = metrics.capture_bytes_dropped.load(Relaxed);
    counter(out, "capture_bytes_dropped", "Bytes that passed and could not be captured", dropped)
}

fn gauge(out: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> Result<(), Error> {
    let metric = out.encode_descriptor(name, help, None, MetricType::Gauge)?;
    ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX)).encode(metric)
}

fn counter(out: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> Result<(), Error> {
    ConstCounter::new(value).encode(out.encode_descriptor(name, help, None, MetricType::Counter)?)
}

fn reasons(
    out: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    label: &'static str,
    reasons: &Reasons,
) -> Result<(), Error> {
    let mut family = out.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (reason, count) in reasons.all() {
        ConstCounter::new(count).encode(family.encode_family(&[(label, reason)])?)?;
    }
    Ok(())
}

fn histogram(
    out: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    histogram: &Histogram,
    divisor: f64,
) -> Result<(), Error> {
    let mut metric = out.encode_descriptor(name, help, None, MetricType::Histogram)?;
    let mut count = 0;
    let buckets: Vec<(f64, u64)> = histogram
        .buckets()
        .map(|(bound, bucket)| {
            count += bucket;
            (bound.map_or(f64::INFINITY, |bound| bound as f64 / divisor), bucket)
        })
        .collect();
    metric.encode_histogram::<prometheus_client::encoding::NoLabelSet>(
        histogram.sum() as f64 / divisor,
        count,
        &buckets,
        None,
    )
}

/// Resident memory in bytes; 0 where the system does not say.
fn resident_memory() -> u64 {
    std::fs::read_to_string("/proc/self/status").ok().and_then(|text| resident_in(&text)).unwrap_or(0)
}

/// `VmRSS:     1234 kB`; unlike `statm` it does not count in pages, whose size differs between machines.
fn resident_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_in_bytes() {
        assert_eq!(resident_in("VmSize:\t  9000 kB\nVmRSS:\t  1234 kB\n"), Some(1234 * 1024));
        assert_eq!(resident_in("Name:\tvoltapile\n"), None);
        assert!(cfg!(not(target_os = "linux")) || resident_memory() > 1024 * 1024);
    }

    #[test]
    fn a_failed_commit_is_counted() {
        use crate::store::{StoreError, sqlite::CommitObserver};

        let metrics = Arc::new(Metrics::default());
        metrics.failed(3, &StoreError::Full);
        assert!(encode(&metrics, 0, 0).contains("voltapile_commits_failed_total 1"));
    }
}

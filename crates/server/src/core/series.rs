//! Collects what is measured during orders and writes it to the store now and then, many orders in one commit.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use voltapile_platform::identity::OrderId;
use voltapile_platform::telemetry::Telemetry;
use voltapile_platform::timestamp::Timestamp;

use super::Core;
use crate::store::{BmsMessage, Sample};

/// How often what was collected is written.
const WRITE_EVERY: Duration = Duration::from_secs(2);
/// Writes between two looks for what is too old.
const WRITES_PER_PRUNE: u32 = 30;
/// Times in a row that some thousands of each are forgotten: more than a large fleet measures between two looks.
const PRUNES_MAX: u32 = 200;
/// Samples and messages that are collected at most while the store is slow; beyond, they are left out.
const COLLECTED_MAX: usize = 100_000;
/// Running orders whose latest sample's time is remembered.
const ORDERS_MAX: usize = 500_000;

/// What is kept of telemetry, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesSettings {
    /// Least time between two samples of an order.
    pub sample_every: Duration,
    /// How long samples and battery messages are kept.
    pub keep_series: Duration,
    /// How long events are kept.
    pub keep_events: Duration,
}

/// What was collected since the last write.
#[derive(Debug)]
pub(super) struct Series {
    settings: SeriesSettings,
    collected: Mutex<Collected>,
}

#[derive(Debug, Default)]
struct Collected {
    samples: Vec<Sample>,
    messages: HashMap<(OrderId, &'static str), BmsMessage>,
    latest: HashMap<OrderId, Timestamp>,
}

impl Series {
    pub(super) fn new(settings: SeriesSettings) -> Self {
        Self { settings, collected: Mutex::default() }
    }

    /// Takes a sample, unless the order's last one is too near.
    pub(super) fn sample(&self, order: OrderId, told: &Telemetry) {
        let mut collected = self.lock();
        let every_ms = i64::try_from(self.settings.sample_every.as_millis()).unwrap_or(i64::MAX);
        let at = told.received_at;
        let near = |last: &Timestamp| at.unix_ms().saturating_sub(last.unix_ms()) < every_ms;
        let is_full = collected.samples.len() >= COLLECTED_MAX || collected.latest.len() >= ORDERS_MAX;
        if is_full || collected.latest.get(&order).is_some_and(near) {
            return;
        }
        collected.latest.insert(order, at);
        collected.samples.push(sample_of(order, told));
    }

    /// Keeps a message as the latest of its kind.
    pub(super) fn message(&self, order: OrderId, kind: &'static str, at: Timestamp, data: Value) {
        let mut collected = self.lock();
        if collected.messages.len() >= COLLECTED_MAX {
            return;
        }
        let fresh = || BmsMessage { order, kind: kind.to_owned(), at, count: 0, data: Value::Null };
        let kept = collected.messages.entry((order, kind)).or_insert_with(fresh);
        (kept.at, kept.data, kept.count) = (at, data, kept.count.saturating_add(1));
    }

    /// An order no longer charges: its curve ends with what was last heard, however near the sample before.
    pub(super) fn ended(&self, order: OrderId, last: Option<&Telemetry>) {
        let mut collected = self.lock();
        let before = collected.latest.remove(&order);
        if let (Some(before), Some(last)) = (before, last)
            && before < last.received_at
            && collected.samples.len() < COLLECTED_MAX
        {
            collected.samples.push(sample_of(order, last));
        }
    }

    fn take(&self) -> (Vec<Sample>, Vec<BmsMessage>) {
        let mut collected = self.lock();
        let messages = std::mem::take(&mut collected.messages).into_values().collect();
        (std::mem::take(&mut collected.samples), messages)
    }

    fn lock(&self) -> MutexGuard<'_, Collected> {
        self.collected.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sample_of(order: OrderId, told: &Telemetry) -> Sample {
    let decivolts_by_deciamps = u32::from(told.voltage.steps()) * u32::from(told.current.steps());
    Sample {
        order,
        at: told.received_at,
        voltage: told.voltage,
        current: told.current,
        power_w: decivolts_by_deciamps / 100,
        soc: told.soc,
        temperature: told.battery_temperature,
        energy: told.energy,
        amount: told.amount,
    }
}

/// Writes what was collected, and forgets what is too old, for as long as the server runs.
pub(super) async fn run(core: Arc<Core>) {
    let mut every = tokio::time::interval(WRITE_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut writes = 0_u32;
    loop {
        every.tick().await;
        core.write_series().await;
        if writes.is_multiple_of(WRITES_PER_PRUNE) {
            prune(&core).await;
        }
        writes = writes.wrapping_add(1);
    }
}

impl Core {
    /// Writes what was collected so far.
    pub(super) async fn write_series(&self) {
        let (samples, messages) = self.series.take();
        if samples.is_empty() && messages.is_empty() {
            return;
        }
        if let Err(error) = self.store.put_series(samples, messages).await {
            tracing::warn!(%error, "measured values of orders could not be stored");
        }
    }
}

async fn prune(core: &Core) {
    let now = core.clock.now();
    let before = |keep: Duration| now.plus_seconds(-i64::try_from(keep.as_secs()).unwrap_or(i64::MAX));
    let SeriesSettings { keep_series, keep_events, .. } = core.series.settings;
    for _ in 0..PRUNES_MAX {
        match core.store.prune(before(keep_series), before(keep_events)).await {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => return tracing::warn!(%error, "old measured values and events could not be forgotten"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(seconds: i64) -> Telemetry {
        let telemetry = serde_json::json!({
            "received_at": Timestamp::from_unix_ms(0).plus_seconds(seconds), "state": "charging",
            "transaction_number": "00".repeat(16), "plugged": true, "homed": false, "soc": 40,
            "voltage": "400.0", "current": "100.0", "minutes_charged": 1, "minutes_remaining": 9,
            "cable_temperature": null, "battery_temperature": null, "fault_bits": 0,
            "energy": "1.0000", "energy_with_loss": "1.0000", "amount": "1.0000",
        });
        serde_json::from_value(telemetry).unwrap()
    }

    #[test]
    fn a_curve_has_its_first_and_last_point_and_few_between() {
        let seconds = |seconds| Duration::from_secs(seconds);
        let series =
            Series::new(SeriesSettings { sample_every: seconds(60), keep_series: seconds(1), keep_events: seconds(1) });
        let order = OrderId(1);
        (0..10).for_each(|report| series.sample(order, &told(report * 15)));
        series.ended(order, Some(&told(135)));
        series.ended(order, Some(&told(135)));
        let (samples, _) = series.take();
        let at: Vec<i64> = samples.iter().map(|sample| sample.at.unix_ms() / 1000).collect();
        assert_eq!(at, [0, 60, 120, 135]);
        assert_eq!(samples.first().map(|sample| sample.power_w), Some(40_000));
    }
}

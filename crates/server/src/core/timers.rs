//! Moments at which the business wants to look at something again.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use voltapile_platform::business::Due;
use voltapile_platform::timestamp::Timestamp;

use super::Core;

/// The longest sleep: a wall clock that is set forward is noticed by then.
const SLEEP_MAX: Duration = Duration::from_secs(5);

/// After so many seconds what failed is tried again: a full disk may have room again.
const TRY_AGAIN_S: i64 = 30;

/// Things dealt with side by side: a good part of a commit, and little before whatever else waits for one.
const AT_ONCE: usize = 64;

/// When to wake the business for what.
#[derive(Debug, Default)]
pub(super) struct Timers {
    moments: Mutex<Moments>,
    changed: Notify,
}

/// One moment for each thing, the earliest that was asked for: whatever is woken too early asks again.
#[derive(Debug, Default)]
struct Moments {
    queue: BTreeSet<(Timestamp, Due)>,
    of: HashMap<Due, Timestamp>,
}

impl Timers {
    /// Wakes the business at a moment.
    pub(super) fn set(&self, at: Timestamp, due: Due) {
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(earlier) = moments.of.get(&due).copied() {
            if earlier <= at {
                return;
            }
            moments.queue.remove(&(earlier, due));
        }
        let is_first = moments.queue.first().is_none_or(|(first, _)| at < *first);
        moments.queue.insert((at, due));
        moments.of.insert(due, at);
        drop(moments);
        if is_first {
            self.changed.notify_one();
        }
    }

    /// Takes what is due by now; else says how long to sleep.
    fn take(&self, now: Timestamp) -> Result<Due, Duration> {
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        match moments.queue.first().copied() {
            Some((at, due)) if at <= now => {
                moments.queue.pop_first();
                moments.of.remove(&due);
                Ok(due)
            }
            Some((at, _)) => {
                let ms = u64::try_from(at.unix_ms().saturating_sub(now.unix_ms())).unwrap_or_default();
                Err(Duration::from_millis(ms).min(SLEEP_MAX))
            }
            None => Err(SLEEP_MAX),
        }
    }
}

/// Wakes the business at its moments, for as long as the server runs.
pub(super) async fn run(core: Arc<Core>) {
    loop {
        match core.timers.take(core.clock.now()) {
            Ok(due) => deal_with(&core, due).await,
            Err(sleep) => {
                tokio::select! {
                    () = tokio::time::sleep(sleep) => {}
                    () = core.timers.changed.notified() => {}
                }
            }
        }
    }
}

/// Deals with what is due, and with what else is due by now: thousands of piles that get a new tariff share commits.
async fn deal_with(core: &Arc<Core>, first: Due) {
    let mut under_way = Vec::new();
    let mut next = Ok(first);
    while let Ok(due) = next {
        under_way.push((due, core.business(move |business| business.due(due))));
        if under_way.len() >= AT_ONCE {
            break;
        }
        next = core.timers.take(core.clock.now());
    }
    for (due, done) in under_way {
        if let Err(error) = done.await {
            tracing::error!(?due, %error, "a deadline could not be dealt with; it is tried again");
            core.timers.set(core.clock.now().plus_seconds(TRY_AGAIN_S), due);
        }
    }
}

#[cfg(test)]
mod tests {
    use voltapile_platform::identity::OrderId;

    use super::*;

    #[test]
    fn moments_come_in_their_order_and_once() {
        let timers = Timers::default();
        let at = Timestamp::from_unix_ms;
        timers.set(at(3000), Due::Order(OrderId(3)));
        timers.set(at(1000), Due::Order(OrderId(1)));
        timers.set(at(1000), Due::Order(OrderId(1)));
        assert_eq!(timers.take(at(500)), Err(Duration::from_millis(500)));
        assert_eq!(timers.take(at(1000)), Ok(Due::Order(OrderId(1))));
        assert_eq!(timers.take(at(1000)), Err(Duration::from_secs(2)));
        assert_eq!(timers.take(at(9000)), Ok(Due::Order(OrderId(3))));
        assert_eq!(timers.take(at(9000)), Err(SLEEP_MAX));
    }

    #[test]
    fn however_often_a_pile_comes_and_goes_an_order_has_one_moment() {
        let timers = Timers::default();
        let at = Timestamp::from_unix_ms;
        for ms in [5000, 7000, 2000, 9000] {
            timers.set(at(ms), Due::Order(OrderId(1)));
        }
        assert_eq!(timers.take(at(2000)), Ok(Due::Order(OrderId(1))));
        assert_eq!(timers.take(at(9000)), Err(SLEEP_MAX));
    }
}

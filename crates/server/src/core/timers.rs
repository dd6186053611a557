//! Moments at which the business wants to look at something again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use voltapile_platform::business::Due;
use voltapile_platform::timestamp::Timestamp;

use super::Core;

/// The longest sleep: a wall clock that is set forward is noticed by then.
const SLEEP_MAX: Duration = Duration::from_secs(5);

/// The moments, earliest first.
#[derive(Debug, Default)]
pub(super) struct Timers {
    moments: Mutex<BTreeSet<(Timestamp, Due)>>,
    changed: Notify,
}

impl Timers {
    /// Wakes the business at a moment.
    pub(super) fn set(&self, at: Timestamp, due: Due) {
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        let is_first = moments.first().is_none_or(|(first, _)| at < *first);
        moments.insert((at, due));
        drop(moments);
        if is_first {
            self.changed.notify_one();
        }
    }

    /// Takes what is due by now; else says how long to sleep.
    fn take(&self, now: Timestamp) -> Result<Due, Duration> {
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        match moments.first() {
            Some((at, _)) if *at <= now => moments.pop_first().map(|(_, due)| due).ok_or(SLEEP_MAX),
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
            Ok(due) => {
                if let Err(error) = core.business(move |business| business.due(due)).await {
                    tracing::error!(?due, %error, "a deadline could not be dealt with");
                }
            }
            Err(sleep) => {
                tokio::select! {
                    () = tokio::time::sleep(sleep) => {}
                    () = core.timers.changed.notified() => {}
                }
            }
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
}

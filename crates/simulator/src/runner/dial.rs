//! When to dial again: later after each failure, and never all piles at once.

use std::time::Duration;

use crate::model::Rng;

/// Pause after the first failure.
const PAUSE_LEAST: Duration = Duration::from_millis(500);
/// Longest pause.
const PAUSE_MOST: Duration = Duration::from_secs(30);

/// The pauses between dials of one pile.
#[derive(Debug)]
pub(super) struct Backoff {
    rng: Rng,
    pause: Duration,
}

impl Backoff {
    pub(super) const fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed), pause: PAUSE_LEAST }
    }

    /// A login succeeded: the next pause is short again.
    pub(super) const fn succeeded(&mut self) {
        self.pause = PAUSE_LEAST;
    }

    /// The pause before the next dial: between half and all of a span that doubles each time.
    pub(super) fn next_pause(&mut self) -> Duration {
        let percent = self.rng.within(50..=100) as u32;
        let pause = self.pause * percent / 100;
        self.pause = (self.pause * 2).min(PAUSE_MOST);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_begin_anew_after_a_success() {
        let mut backoff = Backoff::new(1);
        let mut span = PAUSE_LEAST;
        for _ in 0..20 {
            let pause = backoff.next_pause();
            assert!((span / 2..=span).contains(&pause), "{pause:?} of {span:?}");
            span = (span * 2).min(PAUSE_MOST);
        }
        backoff.succeeded();
        assert!(backoff.next_pause() <= PAUSE_LEAST);
    }
}

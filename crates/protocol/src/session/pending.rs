//! Requests that wait for their answers.
//!
//! An answer is matched by what it is about, never by its sequence number: piles send zeros, repeat numbers or count per
//! connector.

use crate::time::Tick;

/// What a request and its answer have in common.
pub(crate) trait Subject: Copy {
    /// Whether an answer about `self` may be the answer to a request about `asked`.
    fn fits(self, asked: Self) -> bool;
}

/// Whether two ends speak of the same thing, where both name it.
pub(crate) fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

/// One request on its way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pending<S> {
    pub(crate) subject: S,
    pub(crate) token: u64,
    pub(crate) deadline: Tick,
}

/// The requests of one connection, oldest first.
#[derive(Debug)]
pub(crate) struct PendingRequests<S>(Vec<Pending<S>>);

/// Requests that may wait on one connection; more are refused.
pub(crate) const PENDING_MAX: usize = 64;

impl<S> Default for PendingRequests<S> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<S: Subject> PendingRequests<S> {
    /// Whether one more may wait.
    pub(crate) fn has_room(&self) -> bool {
        self.0.len() < PENDING_MAX
    }

    pub(crate) fn push(&mut self, pending: Pending<S>) {
        self.0.push(pending);
    }

    /// Takes the oldest request that an answer about this fits.
    pub(crate) fn take(&mut self, subject: S) -> Option<u64> {
        let position = self.0.iter().position(|pending| subject.fits(pending.subject))?;
        Some(self.remove(position).token)
    }

    /// The earliest deadline.
    pub(crate) fn next_deadline(&self) -> Option<Tick> {
        self.0.iter().map(|pending| pending.deadline).min()
    }

    /// Takes one request whose deadline has passed.
    pub(crate) fn take_overdue(&mut self, now: Tick) -> Option<Pending<S>> {
        let position = self.0.iter().position(|pending| pending.deadline <= now)?;
        Some(self.remove(position))
    }

    fn remove(&mut self, position: usize) -> Pending<S> {
        let pending = self.0.remove(position);
        // Every pile is asked something at its login, and then rarely: an idle one keeps no room for it.
        if self.0.is_empty() {
            self.0 = Vec::new();
        }
        pending
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Subject for u8 {
        fn fits(self, asked: Self) -> bool {
            self == asked
        }
    }

    #[test]
    fn the_oldest_that_fits_is_answered_and_nothing_is_kept_of_the_last() {
        let mut requests = PendingRequests::default();
        for (subject, token) in [(1, 10), (2, 20), (1, 30)] {
            requests.push(Pending { subject, token, deadline: Tick(token) });
        }
        assert_eq!((requests.take(3), requests.take(1), requests.take(1)), (None, Some(10), Some(30)));
        assert!(requests.take_overdue(Tick(19)).is_none());
        assert_eq!(requests.take_overdue(Tick(20)).map(|pending| pending.token), Some(20));
        assert_eq!((requests.is_empty(), requests.0.capacity()), (true, 0));
    }
}

//! Requests that wait for their answers.
//!
//! An answer is matched by pile, type and (where both name them) transaction number and connector. The sequence number
//! is no help: piles send zeros, repeat numbers or count per connector.

use crate::layout::Layout;
use crate::time::Tick;
use crate::ykc::field::{PileCode, connector_in};

/// What a request and its answer have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subject {
    transaction: Option<[u8; 16]>,
    connector: Option<u8>,
}

impl Subject {
    /// Of a body with a known layout.
    pub(super) fn of(layout: &Layout, body: &[u8]) -> Self {
        let transaction = layout.find(body, |field| field.name == "transaction_number");
        Self {
            transaction: transaction.and_then(|(_, bytes)| bytes.first_chunk().copied()),
            connector: connector_in(layout, body),
        }
    }

    /// Whether an answer about `self` may be the answer to a request about `other`.
    fn fits(self, other: Self) -> bool {
        fn agree<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
            match (one, other) {
                (Some(one), Some(other)) => one == other,
                _ => true,
            }
        }
        agree(self.transaction, other.transaction) && agree(self.connector, other.connector)
    }
}

/// One request on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pending {
    pub(super) pile: PileCode,
    pub(super) request_type: u16,
    pub(super) subject: Subject,
    pub(super) token: u64,
    pub(super) deadline: Tick,
}

/// The requests of one connection, oldest first.
#[derive(Debug, Default)]
pub(super) struct PendingRequests(Vec<Pending>);

/// Requests that may wait on one connection; more are refused.
pub(super) const PENDING_MAX: usize = 64;

impl PendingRequests {
    /// Whether one more may wait.
    pub(super) fn has_room(&self) -> bool {
        self.0.len() < PENDING_MAX
    }

    pub(super) fn push(&mut self, pending: Pending) {
        self.0.push(pending);
    }

    /// Takes the oldest request that this answer fits.
    pub(super) fn take(&mut self, pile: PileCode, request_type: u16, subject: Subject) -> Option<u64> {
        let position = self.0.iter().position(|pending| {
            pending.pile == pile && pending.request_type == request_type && subject.fits(pending.subject)
        })?;
        Some(self.0.remove(position).token)
    }

    /// The earliest deadline.
    pub(super) fn next_deadline(&self) -> Option<Tick> {
        self.0.iter().map(|pending| pending.deadline).min()
    }

    /// Takes one request whose deadline has passed.
    pub(super) fn take_overdue(&mut self, now: Tick) -> Option<Pending> {
        let position = self.0.iter().position(|pending| pending.deadline <= now)?;
        Some(self.0.remove(position))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

//! Records that the platform has not confirmed yet, and when to send each again (OQ-15).

use std::time::Duration;

use crate::time::Tick;
use crate::ykc::code::ConfirmResult;
use crate::ykc::field::TransactionNumber;
use crate::ykc::message::TransactionRecord;

/// Records a pile stores; a pile whose platform is away for longer than these must not charge on.
pub const RECORDS_MAX: usize = 1024;
/// Pause before a record is sent again.
const RESEND_PAUSE: Duration = Duration::from_secs(30);
/// How often it is sent again after that pause.
const RESENDS: u8 = 3;
/// Pause before it is sent the last time on this connection.
const LAST_PAUSE: Duration = Duration::from_secs(5 * 60);

/// The store of unconfirmed records has no room left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{RECORDS_MAX} records wait for the platform already")]
pub struct RecordsFull;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stored {
    record: Box<TransactionRecord>,
    /// How often it was sent on this connection.
    sent: u8,
    /// When to send it (again); `None` when it waits for the next connection.
    next_at: Option<Tick>,
}

/// The store of unconfirmed records, oldest first.
#[derive(Debug, Default)]
pub(super) struct RecordStore {
    stored: Vec<Stored>,
}

impl RecordStore {
    pub(super) fn len(&self) -> usize {
        self.stored.len()
    }

    /// Keeps a record; it is due at `at`, or on the next connection.
    pub(super) fn keep(&mut self, record: TransactionRecord, at: Option<Tick>) -> Result<(), RecordsFull> {
        if self.stored.len() >= RECORDS_MAX {
            return Err(RecordsFull);
        }
        self.stored.push(Stored { record: Box::new(record), sent: 0, next_at: at });
        Ok(())
    }

    /// A new connection: everything is due at once, and the count of resends begins anew.
    pub(super) fn reconnected(&mut self, now: Tick) {
        for stored in &mut self.stored {
            stored.sent = 0;
            stored.next_at = Some(now);
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Tick> {
        self.stored.iter().filter_map(|stored| stored.next_at).min()
    }

    /// Hands out each record that is due and plans its next sending.
    pub(super) fn take_due(&mut self, now: Tick, mut send: impl FnMut(&TransactionRecord)) {
        for stored in &mut self.stored {
            if stored.next_at.is_none_or(|at| at > now) {
                continue;
            }
            stored.sent = stored.sent.saturating_add(1);
            stored.next_at = match stored.sent {
                sent if sent <= RESENDS => Some(now + RESEND_PAUSE),
                sent if sent == RESENDS + 1 => Some(now + LAST_PAUSE),
                _ => None,
            };
            send(&stored.record);
        }
    }

    /// The platform answered: forgets the record unless it was refused and `keeps_refused`. Gives back whether it was
    /// known.
    pub(super) fn confirm(&mut self, number: TransactionNumber, result: ConfirmResult, keeps_refused: bool) -> bool {
        let Some(at) = self.stored.iter().position(|stored| stored.record.transaction_number == number) else {
            return false;
        };
        if result == ConfirmResult::Uploaded || !keeps_refused {
            self.stored.remove(at);
        }
        true
    }
}

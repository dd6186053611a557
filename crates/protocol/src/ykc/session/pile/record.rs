//! Records that the platform has not confirmed yet, and when to send each again (OQ-15).

use std::time::Duration;

use crate::time::Tick;
use crate::ykc::code::ConfirmResult;
use crate::ykc::field::TransactionNumber;
use crate::ykc::message::TransactionRecord;

/// Records a pile stores; a pile whose platform is away for longer than these must not charge on.
pub const RECORDS_MAX: usize = 1024;

/// When a record that nobody confirms is sent on one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordSchedule {
    /// Pause between two sendings.
    pub pause: Duration,
    /// How often it is sent with that pause, the first time included.
    pub sendings: u8,
    /// Pause before it is sent once more, where it is.
    pub last_pause: Option<Duration>,
    /// Whether it is forgotten a pause after the last sending, instead of waiting for the next connection.
    pub forgets: bool,
}

impl Default for RecordSchedule {
    /// By the book: at once, three times again after 30 s each, once more after 5 min; kept for the next connection.
    fn default() -> Self {
        Self {
            pause: Duration::from_secs(30),
            sendings: 4,
            last_pause: Some(Duration::from_secs(5 * 60)),
            forgets: false,
        }
    }
}

impl RecordSchedule {
    /// What follows the sending that is the `sent`th on this connection.
    fn after(&self, sent: u8) -> Next {
        match self.last_pause {
            _ if sent < self.sendings => Next::Again(self.pause),
            Some(pause) if sent == self.sendings => Next::Again(pause),
            _ if self.forgets => Next::Forget(self.pause),
            _ => Next::Wait,
        }
    }
}

/// What follows a sending.
enum Next {
    /// It is sent again so much later.
    Again(Duration),
    /// It is forgotten so much later.
    Forget(Duration),
    /// It waits for the next connection.
    Wait,
}

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
    /// When it is forgotten.
    forgotten_at: Option<Tick>,
}

/// The store of unconfirmed records, oldest first.
#[derive(Debug)]
pub(super) struct RecordStore {
    schedule: RecordSchedule,
    stored: Vec<Stored>,
    forgotten: usize,
}

impl RecordStore {
    pub(super) const fn new(schedule: RecordSchedule) -> Self {
        Self { schedule, stored: Vec::new(), forgotten: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.stored.len()
    }

    /// Records that were given up.
    pub(super) const fn forgotten(&self) -> usize {
        self.forgotten
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &TransactionRecord> {
        self.stored.iter().map(|stored| stored.record.as_ref())
    }

    /// Keeps a record; it is due at `at`, or on the next connection.
    pub(super) fn keep(&mut self, record: TransactionRecord, at: Option<Tick>) -> Result<(), RecordsFull> {
        if self.stored.len() >= RECORDS_MAX {
            return Err(RecordsFull);
        }
        self.stored.push(Stored { record: Box::new(record), sent: 0, next_at: at, forgotten_at: None });
        Ok(())
    }

    /// A new connection: everything is due at once, and the count of resends begins anew.
    pub(super) fn reconnected(&mut self, now: Tick) {
        for stored in &mut self.stored {
            stored.sent = 0;
            stored.next_at = Some(now);
            stored.forgotten_at = None;
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Tick> {
        self.stored.iter().flat_map(|stored| [stored.next_at, stored.forgotten_at]).flatten().min()
    }

    /// Hands out each record that is due and plans its next sending; forgets those whose time is over.
    pub(super) fn take_due(&mut self, now: Tick, mut send: impl FnMut(&TransactionRecord)) {
        let before = self.stored.len();
        self.stored.retain(|stored| stored.forgotten_at.is_none_or(|at| at > now));
        self.forgotten += before - self.stored.len();
        for stored in &mut self.stored {
            if stored.next_at.is_none_or(|at| at > now) {
                continue;
            }
            stored.sent = stored.sent.saturating_add(1);
            stored.next_at = None;
            match self.schedule.after(stored.sent) {
                Next::Again(pause) => stored.next_at = Some(now + pause),
                Next::Forget(pause) => stored.forgotten_at = Some(now + pause),
                Next::Wait => {}
            }
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

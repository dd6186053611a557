//! Records that the platform has not confirmed yet, and when to send each again.

use std::time::Duration;

use crate::time::Tick;

/// Records a pile stores; a pile whose platform is away for longer than these must not charge on.
pub const RECORDS_MAX: usize = 1024;

/// When a record that nobody confirms is sent on one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordSchedule {
    /// Pause between two sendings.
    pub pause: Duration,
    /// How often it is sent with that pause, the first time included; [`WITHOUT_END`](Self::WITHOUT_END).
    pub sendings: u8,
    /// Pause before it is sent once more, where it is.
    pub last_pause: Option<Duration>,
    /// Whether it is forgotten a pause after the last sending, instead of waiting for the next connection.
    pub forgets: bool,
}

impl Default for RecordSchedule {
    /// By YKC's book (OQ-15): at once, three times again after 30 s each, once more after 5 min; kept for the next
    /// connection.
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
    /// Number of [sendings](Self::sendings) that never comes to an end.
    pub const WITHOUT_END: u8 = u8::MAX;

    /// What follows the sending that is the `sent`th on this connection.
    fn after(&self, sent: u8) -> Next {
        match self.last_pause {
            _ if sent < self.sendings || self.sendings == Self::WITHOUT_END => Next::Again(self.pause),
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
struct Stored<R> {
    record: Box<R>,
    /// How often it was sent on this connection.
    sent: u8,
    /// When to send it (again); `None` when it waits for the next connection.
    next_at: Option<Tick>,
    /// When it is forgotten.
    forgotten_at: Option<Tick>,
}

/// The store of unconfirmed records, oldest first.
#[derive(Debug)]
pub(crate) struct RecordStore<R> {
    schedule: RecordSchedule,
    stored: Vec<Stored<R>>,
    forgotten: usize,
}

impl<R> RecordStore<R> {
    pub(crate) const fn new(schedule: RecordSchedule) -> Self {
        Self { schedule, stored: Vec::new(), forgotten: 0 }
    }

    pub(crate) const fn len(&self) -> usize {
        self.stored.len()
    }

    /// Records that were given up.
    pub(crate) const fn forgotten(&self) -> usize {
        self.forgotten
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &R> {
        self.stored.iter().map(|stored| stored.record.as_ref())
    }

    /// Keeps a record; it is due at `at`, or on the next connection.
    pub(crate) fn keep(&mut self, record: R, at: Option<Tick>) -> Result<(), RecordsFull> {
        if self.stored.len() >= RECORDS_MAX {
            return Err(RecordsFull);
        }
        self.stored.push(Stored { record: Box::new(record), sent: 0, next_at: at, forgotten_at: None });
        Ok(())
    }

    /// A new connection: everything is due at once, and the count of resends begins anew.
    pub(crate) fn reconnected(&mut self, now: Tick) {
        for stored in &mut self.stored {
            stored.sent = 0;
            stored.next_at = Some(now);
            stored.forgotten_at = None;
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<Tick> {
        self.stored.iter().flat_map(|stored| [stored.next_at, stored.forgotten_at]).flatten().min()
    }

    /// Hands out each record that is due and plans its next sending; forgets those whose time is over.
    pub(crate) fn take_due(&mut self, now: Tick, mut send: impl FnMut(&R)) {
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

    /// The platform answered about the record that `is_it` finds: forgets it, unless it was refused and is to be kept.
    /// Gives back whether it was known.
    pub(crate) fn confirm(&mut self, is_it: impl Fn(&R) -> bool, keeps: bool) -> bool {
        let Some(at) = self.stored.iter().position(|stored| is_it(&stored.record)) else { return false };
        if !keeps {
            self.stored.remove(at);
        }
        true
    }
}

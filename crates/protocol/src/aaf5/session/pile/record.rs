//! The records a pile keeps: those that the platform has not confirmed, and the last ones for questions about them.

use std::collections::VecDeque;

use super::frame_of_record::RecordConfirmation;
use crate::aaf5::field::TransactionNumber;
use crate::aaf5::message::FineChargeRecord;
use crate::session::{RecordSchedule, RecordStore, RecordsFull};
use crate::time::Tick;

/// Records kept for 401 and 421 after they were confirmed.
const HISTORY_MAX: usize = 50;

/// The records of one pile.
#[derive(Debug)]
pub(super) struct Records {
    unconfirmed: RecordStore<FineChargeRecord>,
    /// The last ones, the newest first.
    history: VecDeque<FineChargeRecord>,
    /// Number of the last record.
    last_index: i32,
}

impl Records {
    pub(super) const fn new(schedule: RecordSchedule) -> Self {
        Self { unconfirmed: RecordStore::new(schedule), history: VecDeque::new(), last_index: 0 }
    }

    /// Records that the platform has not confirmed.
    pub(super) const fn unconfirmed(&self) -> usize {
        self.unconfirmed.len()
    }

    /// Records that were given up.
    pub(super) const fn forgotten(&self) -> usize {
        self.unconfirmed.forgotten()
    }

    /// How many there ever were, as 106 tells.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.last_index).unwrap_or_default()
    }

    /// Numbers a record and keeps it; it is due at `at`, or on the next connection.
    pub(super) fn keep(&mut self, mut record: FineChargeRecord, at: Option<Tick>) -> Result<i32, RecordsFull> {
        let index = self.last_index.checked_add(1).unwrap_or(1);
        record.record_index = index;
        record.stored_index = u32::try_from(index).unwrap_or_default();
        record.stored_count = record.stored_index;
        self.unconfirmed.keep(record.clone(), at)?;
        self.last_index = index;
        self.history.push_front(record);
        self.history.truncate(HISTORY_MAX);
        Ok(index)
    }

    /// A new connection: everything is due at once.
    pub(super) fn reconnected(&mut self, now: Tick) {
        self.unconfirmed.reconnected(now);
    }

    /// The pile was switched on: its last records are due again on the next connection, confirmed or not.
    pub(super) fn restarted(&mut self, count: usize) {
        let waiting: Vec<i32> = self.unconfirmed.all().map(|record| record.record_index).collect();
        for record in self.history.iter().take(count).rev() {
            if !waiting.contains(&record.record_index) {
                // A store that is full has more important ones.
                let _ = self.unconfirmed.keep(record.clone(), None);
            }
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Tick> {
        self.unconfirmed.next_deadline()
    }

    /// Hands out each record that is due.
    pub(super) fn take_due(&mut self, now: Tick, send: impl FnMut(&FineChargeRecord)) {
        self.unconfirmed.take_due(now, send);
    }

    /// The platform has a record: forgets it, or where the firmware looks at nothing, its oldest. Gives back which.
    pub(super) fn confirm(&mut self, word: &RecordConfirmation, blindly: bool) -> Option<(i32, TransactionNumber)> {
        let record = self.unconfirmed.all().find(|record| blindly || word.fits(record))?;
        let (index, number) = (record.record_index, record.transaction_number.unwrap_or_default());
        self.unconfirmed.confirm(|record| record.record_index == index, false);
        Some((index, number))
    }

    /// The record with a number of its charge, or else by its place: 0 is the newest.
    pub(super) fn find(&self, place: u32, number: &TransactionNumber) -> Option<&FineChargeRecord> {
        if number.is_empty() {
            return self.history.get(usize::try_from(place).ok()?);
        }
        self.history.iter().find(|record| record.transaction_number.is_some_and(|its| its.says(number)))
    }

    /// The newest record of a connector.
    pub(super) fn last_of(&self, connector: u8) -> Option<&FineChargeRecord> {
        self.history.iter().find(|record| record.connector_number.number() == connector)
    }
}

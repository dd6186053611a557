//! The store of transaction records: durable before they are acknowledged, one per key, judged later.

use std::collections::{BTreeMap, BTreeSet};

use voltapile_platform::identity::{ConnectorNumber, PileCode, TransactionNumber};
use voltapile_platform::record::RecordReading;
use voltapile_platform::timestamp::Timestamp;

/// A record as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredRecord {
    pub(crate) id: i64,
    pub(crate) received_at: Timestamp,
    pub(crate) pile: PileCode,
    pub(crate) connector: ConnectorNumber,
    pub(crate) number: TransactionNumber,
    pub(crate) reading: RecordReading,
    /// Other bodies under the same key.
    pub(crate) variants: Vec<RecordReading>,
}

/// What became of a record that was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Stored,
    Duplicate,
    /// Another body came under its key.
    Differs,
}

type RecordKey = (PileCode, ConnectorNumber, TransactionNumber, Option<String>);

/// The records.
#[derive(Debug, Default)]
pub(crate) struct RecordStore {
    records: BTreeMap<i64, StoredRecord>,
    by_key: BTreeMap<RecordKey, i64>,
    /// What is to be judged: new records, and those that came again with another body.
    waiting: BTreeSet<i64>,
}

impl RecordStore {
    /// Stores a record once. As in the server, a body without a number or that cannot be read is part of its own key:
    /// two bills without a number are two bills, and a damaged copy never takes the place of a good one.
    pub(crate) fn store(
        &mut self,
        received_at: Timestamp,
        pile: PileCode,
        connector: ConnectorNumber,
        number: TransactionNumber,
        reading: RecordReading,
    ) -> Outcome {
        let opaque = number.is_zero() || matches!(reading, RecordReading::Unreadable { .. });
        let key = (pile, connector, number, opaque.then(|| format!("{reading:?}")));
        if let Some(record) = self.by_key.get(&key).and_then(|id| self.records.get_mut(id)) {
            if record.reading == reading {
                return Outcome::Duplicate;
            }
            if !record.variants.contains(&reading) {
                record.variants.push(reading);
                self.waiting.insert(record.id);
            }
            return Outcome::Differs;
        }
        let id = i64::try_from(self.records.len()).unwrap_or(i64::MAX) + 1;
        self.by_key.insert(key, id);
        self.waiting.insert(id);
        let variants = Vec::new();
        self.records.insert(id, StoredRecord { id, received_at, pile, connector, number, reading, variants });
        Outcome::Stored
    }

    /// The oldest record that waits to be judged.
    pub(crate) fn unjudged(&self) -> Option<&StoredRecord> {
        self.records.get(self.waiting.first()?)
    }

    pub(crate) fn waits(&self, id: i64) -> bool {
        self.waiting.contains(&id)
    }

    /// Notes what a commit marked as judged.
    pub(crate) fn judged(&mut self, ids: &[i64]) {
        for id in ids {
            self.waiting.remove(id);
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &StoredRecord> {
        self.records.values()
    }

    pub(crate) fn get(&self, id: i64) -> Option<&StoredRecord> {
        self.records.get(&id)
    }

    /// Whether a bill is stored exactly as it was sent.
    pub(crate) fn holds(&self, pile: PileCode, number: TransactionNumber, reading: &RecordReading) -> bool {
        let same = |record: &&StoredRecord| {
            record.pile == pile
                && record.number == number
                && (record.reading == *reading || record.variants.contains(reading))
        };
        self.records.values().any(|record| same(&record))
    }

    /// For tests of the checker: forgets the latest record.
    pub(crate) fn forget_latest(&mut self) {
        if let Some((id, _)) = self.records.pop_last() {
            self.by_key.retain(|_, record| *record != id);
            self.waiting.remove(&id);
        }
    }
}

//! Records that do not leave with the end of their charge.

use voltapile_protocol::time::Tick;

use super::record::Record;

/// Records that wait, oldest first, each until a moment or (`None`) until somebody lets it go. Their number is bounded
/// by that of unconfirmed records: nobody starts a charge beyond it.
#[derive(Debug, Default)]
pub(super) struct HeldRecords {
    held: Vec<(Option<Tick>, Record)>,
    lost: usize,
}

impl HeldRecords {
    pub(super) fn hold(&mut self, record: Record, until: Option<Tick>) {
        self.held.push((until, record));
    }

    /// A record never leaves.
    pub(super) const fn lose(&mut self) {
        self.lost += 1;
    }

    /// Records that never left.
    pub(super) const fn lost(&self) -> usize {
        self.lost
    }

    pub(super) const fn len(&self) -> usize {
        self.held.len()
    }

    pub(super) fn next_deadline(&self) -> Option<Tick> {
        self.held.iter().filter_map(|(until, _)| *until).min()
    }

    /// Takes those whose time has come.
    pub(super) fn take_due(&mut self, now: Tick) -> Vec<Record> {
        let due = self.held.extract_if(.., |(until, _)| until.is_some_and(|until| until <= now));
        due.map(|(_, record)| record).collect()
    }

    /// Takes all.
    pub(super) fn take_all(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.held).into_iter().map(|(_, record)| record).collect()
    }
}

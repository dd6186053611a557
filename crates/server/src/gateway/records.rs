//! Transaction records on their way to the disk, and the answers that wait for it.

use std::sync::Arc;

use super::link::{Kept, Letter, PileLink};
use crate::core::Core;
use crate::metrics::Metrics;
use crate::store::{NewRecord, RecordOutcome, Rejected, StoreError};

/// Records of one connection that may wait for the disk before nothing more is read from it. What one read brought is
/// taken as a whole, so there may be some more.
const WAITING_MAX: usize = 64;

/// The records of one connection that wait for the disk, each with what its answer needs.
pub(super) struct Records<A> {
    waiting: Vec<(u64, A)>,
    next_token: u64,
    /// Records that the store had no room for and that wait in a task of their own.
    crowded: u32,
}

impl<A> Default for Records<A> {
    fn default() -> Self {
        Self { waiting: Vec::new(), next_token: 0, crowded: 0 }
    }
}

impl<A> Records<A> {
    pub(super) fn is_full(&self) -> bool {
        self.crowded > 0 || self.waiting.len() >= WAITING_MAX
    }

    /// Hands a record to the store. The connection gets a letter once it is durable.
    pub(super) fn keep(&mut self, core: &Arc<Core>, link: &Arc<PileLink>, record: NewRecord, answer: A) {
        let token = self.next_token;
        self.next_token += 1;
        self.waiting.push((token, answer));
        let report = {
            let (link, core) = (Arc::clone(link), Arc::clone(core));
            move |result: Result<RecordOutcome, StoreError>| {
                count(&core.metrics, &result);
                let kept = match result {
                    Ok(RecordOutcome::Stored(_)) => Kept::Newly,
                    Ok(RecordOutcome::DuplicateDiffers(_)) => Kept::Beside,
                    Ok(RecordOutcome::Duplicate(_)) => Kept::Before,
                    Err(_) => Kept::No,
                };
                link.send(Letter::Kept { token, kept });
                if matches!(kept, Kept::Newly | Kept::Beside) {
                    core.record_stored();
                }
            }
        };
        let Err(rejected) = core.store.submit_record(record, Box::new(report.clone())) else { return };
        let Rejected { item, .. } = *rejected;
        self.crowded += 1;
        core.metrics.records.count("waited_for_room");
        let stored = core.store.store_record(item);
        tokio::spawn(async move { report(stored.await) });
    }

    /// What the answer to a record needs whose fate is known. One that could not be stored is left unanswered, so that the
    /// pile sends it again.
    pub(super) fn settled(&mut self, token: u64) -> Option<A> {
        let position = self.waiting.iter().position(|(waiting, _)| *waiting == token)?;
        let (_, answer) = self.waiting.remove(position);
        if self.waiting.is_empty() {
            self.waiting = Vec::new();
            self.crowded = 0;
        }
        Some(answer)
    }
}

fn count(metrics: &Metrics, result: &Result<RecordOutcome, StoreError>) {
    metrics.records.count(match result {
        Ok(RecordOutcome::Stored(_)) => "stored",
        Ok(RecordOutcome::Duplicate(_)) => "duplicate",
        Ok(RecordOutcome::DuplicateDiffers(_)) => "duplicate_differs",
        Err(error) => {
            tracing::error!(%error, "a transaction record could not be stored; the pile gets no answer and sends it again");
            "failed"
        }
    });
}

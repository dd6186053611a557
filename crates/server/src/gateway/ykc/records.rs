//! Transaction records on their way to the disk, and the answers that wait for it.

use std::sync::Arc;

use voltapile_protocol::ykc::code::ConfirmResult;
use voltapile_protocol::ykc::field::TransactionNumber;
use voltapile_protocol::ykc::message::TransactionRecordConfirm;
use voltapile_protocol::ykc::session::platform::ReplyTo;

use crate::core::Core;
use crate::gateway::link::{Letter, PileLink};
use crate::metrics::Metrics;
use crate::store::{NewRecord, RecordOutcome, Rejected, StoreError};

/// Records of one connection that may wait for the disk before nothing more is read from it. What one read brought is
/// taken as a whole, so there may be some more.
const WAITING_MAX: usize = 64;

/// An answer that waits for its record to be durable.
struct Waiting {
    token: u64,
    reply_to: ReplyTo,
    transaction_number: TransactionNumber,
}

/// The records of one connection that wait for the disk.
#[derive(Default)]
pub(super) struct Records {
    waiting: Vec<Waiting>,
    next_token: u64,
    /// Records that the store had no room for and that wait in a task of their own.
    crowded: u32,
}

impl Records {
    pub(super) fn is_full(&self) -> bool {
        self.crowded > 0 || self.waiting.len() >= WAITING_MAX
    }

    /// Hands a record to the store. The connection gets a letter once it is durable. A record too short to name its
    /// transaction is answered with zeros.
    pub(super) fn keep(
        &mut self,
        core: &Arc<Core>,
        link: &Arc<PileLink>,
        record: NewRecord,
        reply_to: ReplyTo,
        transaction: Option<TransactionNumber>,
    ) {
        let token = self.next_token;
        self.next_token += 1;
        self.waiting.push(Waiting { token, reply_to, transaction_number: transaction.unwrap_or_default() });
        let report = {
            let (link, core) = (Arc::clone(link), Arc::clone(core));
            move |result: Result<RecordOutcome, StoreError>| {
                count(&core.metrics, &result);
                link.send(Letter::Kept { token, durable: result.is_ok() });
                if matches!(result, Ok(RecordOutcome::Stored(_) | RecordOutcome::DuplicateDiffers(_))) {
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

    /// The answer to a record whose fate is known; `None` when it could not be stored.
    pub(super) fn settled(&mut self, token: u64, durable: bool) -> Option<(ReplyTo, TransactionRecordConfirm)> {
        let position = self.waiting.iter().position(|waiting| waiting.token == token)?;
        let waiting = self.waiting.remove(position);
        if self.waiting.is_empty() {
            self.waiting = Vec::new();
            self.crowded = 0;
        }
        let confirm = TransactionRecordConfirm {
            transaction_number: waiting.transaction_number,
            confirm_result: ConfirmResult::Uploaded,
            ..TransactionRecordConfirm::default()
        };
        durable.then_some((waiting.reply_to, confirm))
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

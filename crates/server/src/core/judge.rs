//! Hands stored records to the business. A record is acknowledged as soon as it is durable; what it means is worked out
//! here afterwards, from the store, so that a crash in between loses nothing and a flood of bills delays no answer.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use voltapile_platform::business::{Business, BusinessError, ReceivedRecord};
use voltapile_platform::record::RecordReading;

use super::Core;
use crate::store::{RecordId, RecordVariant, StoredRecord};

/// Records taken at once: small enough that answers to new ones do not queue long behind their judgement.
const BATCH: usize = 64;
/// How often records that could not be judged are tried again: a full disk may have room again.
const TRY_AGAIN_EVERY: Duration = Duration::from_secs(600);

/// So many new records in a second are a flood: piles that wait for their answers go before what the bills mean.
const FLOOD_PER_SECOND: u64 = 2_000;
/// The judge's rest between two batches during a flood.
const REST: Duration = Duration::from_millis(100);

/// What the judge hears of new records.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    stored: AtomicU64,
    changed: Notify,
}

impl Inbox {
    /// A record is stored that has not been judged.
    pub(super) fn put(&self) {
        self.stored.fetch_add(1, Relaxed);
        self.changed.notify_one();
    }
}

/// Judges records as they come, for as long as the server runs.
pub(super) async fn run(core: Arc<Core>) {
    let mut failed: HashSet<RecordId> = HashSet::new();
    let mut try_again = tokio::time::interval(TRY_AGAIN_EVERY);
    loop {
        let records = match core.store.unjudged_records(BATCH + failed.len()).await {
            Ok(records) => records,
            Err(error) => {
                tracing::error!(%error, "records that wait to be judged cannot be read");
                Vec::new()
            }
        };
        let fresh: Vec<_> = records.into_iter().filter(|record| !failed.contains(&record.id)).collect();
        if fresh.is_empty() {
            tokio::select! {
                () = core.inbox.changed.notified() => {}
                _ = try_again.tick() => failed.clear(),
            }
            continue;
        }
        let (begun, stored) = (Instant::now(), core.inbox.stored.load(Relaxed));
        failed.extend(judge(&core, fresh).await);
        let came = core.inbox.stored.load(Relaxed).saturating_sub(stored);
        if is_flood(came, begun.elapsed()) {
            tokio::time::sleep(REST).await;
        }
    }
}

/// Whether so many records in a time are more than can be judged beside them.
fn is_flood(came: u64, within: Duration) -> bool {
    u128::from(came) * 1_000_000 > within.as_micros() * u128::from(FLOOD_PER_SECOND)
}

/// Judges some records, in order; gives back those that could not be, which are tried again later.
async fn judge(core: &Arc<Core>, records: Vec<StoredRecord>) -> Vec<RecordId> {
    let mut judged = Vec::with_capacity(records.len());
    let mut failed = Vec::new();
    let mut fail = |id: RecordId, error: &dyn std::fmt::Display| {
        tracing::error!(record = id.0, %error, "a record could not be judged; it is tried again later");
        failed.push(id);
    };
    for record in records {
        let id = record.id;
        let others = match record.variants {
            0 => Ok(Vec::new()),
            _ => core.store.record_variants(id).await,
        };
        match others {
            Ok(others) => judged.push((id, core.business(move |business| judge_one(business, &record, &others)))),
            Err(error) => fail(id, &error),
        }
    }
    for (id, work) in judged {
        if let Err(error) = work.await {
            fail(id, &error);
        }
    }
    failed
}

/// A record that came again with another body is handed over again: the one that tells most of the charge, and then each
/// that bills something else. One that only tells less of the same changes nothing.
fn judge_one(
    business: &mut Business<'_>,
    record: &StoredRecord,
    others: &[RecordVariant],
) -> Result<(), BusinessError> {
    let StoredRecord { id, received_at, pile_code, connector, transaction_number, .. } = *record;
    let first = ReceivedRecord {
        record: id.0,
        received_at,
        pile: pile_code,
        connector,
        number: transaction_number,
        reading: &record.reading,
    };
    let RecordReading::Parsed(bill) = &record.reading else { return business.record_received(&first) };
    let others = || others.iter().filter_map(|other| Some((other.received_at, other.parsed.as_ref()?)));
    let fullest = others().fold(bill, |best, (_, other)| if best.tells_less_than(other) { other } else { best });
    business.record_received(&ReceivedRecord { reading: &RecordReading::Parsed(fullest.clone()), ..first })?;
    for (received_at, other) in std::iter::once((received_at, bill)).chain(others()) {
        if !fullest.bills_as(other) && !other.tells_less_than(fullest) {
            let reading = RecordReading::Parsed(other.clone());
            business.record_differs(&ReceivedRecord { received_at, reading: &reading, ..first })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_a_matter_of_time() {
        assert!(is_flood(300, Duration::from_millis(10)));
        assert!(!is_flood(300, Duration::from_secs(1)));
        assert!(!is_flood(0, Duration::ZERO));
    }
}

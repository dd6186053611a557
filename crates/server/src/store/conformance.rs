//! What every store must do, whatever database is below it.
//!
//! An adapter's tests say `store_suite!(its bed)`; each case gets a bed of its own.

pub(super) mod documents;
pub(super) mod events;
pub(super) mod history;
pub(super) mod lists;
pub(super) mod records;
pub(super) mod series;
pub(super) mod work;

use super::{Answer, NewRecord, Page, PageRequest, Store, StoreError};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;
use voltapile_platform::book::{Document, Kind, from_json};
use voltapile_platform::identity::{ConnectorNumber, OperatorId, PileCode, TransactionNumber};
use voltapile_platform::pile::Pile;
use voltapile_platform::record::{
    RecordReading, Sold, StartSource, StartedBy, StopReason, TierUsage, TransactionRecord,
};
use voltapile_platform::tariff::PerTier;
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::{Amount, Energy, Price};

/// An empty place to keep a store in. Opened again after a close, it holds what was stored.
pub(super) trait Bed {
    /// Opens the store.
    fn open(&self) -> Answer<Arc<dyn Store>>;
}

/// Every case of the suite as a test, each on a bed that `$bed` makes.
macro_rules! store_suite {
    ($bed:expr) => {
        $crate::store::conformance::store_suite! { @cases $bed;
            documents::a_document_is_put_replaced_and_removed
            documents::every_field_of_every_kind_is_found_and_sorted_by
            documents::what_is_unique_is_held_once
            documents::all_documents_of_a_kind_are_read
            lists::lists_come_in_pages_that_miss_and_repeat_none
            lists::documents_that_come_and_go_do_not_shift_a_list
            lists::what_cannot_be_compared_is_refused
            work::a_unit_of_work_is_done_whole_or_not_at_all
            work::work_is_done_in_order_and_reported_once
            work::numbers_grow_and_none_is_lost
            work::a_waiting_pile_is_counted_until_it_is_registered
            events::events_of_a_pile_have_no_gaps
            events::events_are_found_by_what_is_asked
            series::a_series_keeps_each_moment_once
            series::what_is_old_is_forgotten_in_steps
            records::a_record_sent_again_is_stored_once
            records::a_record_that_differs_is_kept_beside_the_first
            records::records_of_every_kind_and_number_are_kept
            records::records_without_a_number_are_all_kept
            records::a_damaged_copy_does_not_take_the_place_of_a_good_one
            records::records_are_found_by_what_is_asked
            records::records_come_in_pages_that_miss_and_repeat_none
            records::records_belong_to_the_operator_of_their_pile
            records::records_wait_until_they_are_judged
            records::callbacks_come_once_for_each_record
            history::old_sessions_of_a_flapping_pile_are_forgotten
            history::sessions_open_and_close
            history::sessions_left_open_by_a_crash_are_closed
            history::the_admin_token_is_set_and_replaced
            history::everything_survives_a_reopen
            history::a_closed_store_says_so
            history::a_cursor_of_another_list_is_refused
        }
    };
    (@cases $bed:expr; $($subject:ident::$case:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let bed = $bed;
                $crate::store::conformance::$subject::$case(&bed).await;
            }
        )*
    };
}
pub(super) use store_suite;

const NOW: i64 = 1_795_162_530_123;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_ms(NOW + seconds * 1000)
}

fn code(text: &str) -> PileCode {
    PileCode::new(text).unwrap()
}

fn number(last: u8) -> TransactionNumber {
    let mut bytes = [0x55; 16];
    bytes[15] = last;
    TransactionNumber::from_bcd(&bytes)
}

/// The last byte that [`number`] was made with.
pub(super) fn last(number: TransactionNumber) -> u8 {
    number.to_bcd().unwrap()[15]
}

fn pile(text: &str) -> Pile {
    Pile {
        code: code(text),
        operator: None,
        station: None,
        name: None,
        model: None,
        serial: None,
        profile: None,
        connector_count: 2,
        tariff: None,
        enabled: true,
        power_limit: None,
        created_at: at(0),
    }
}

fn operator(id: &str) -> OperatorId {
    id.parse().unwrap()
}

/// Puts documents in one unit of work.
async fn put<T: Document + Send + 'static>(store: &Arc<dyn Store>, documents: Vec<T>) {
    let work = store.work(Box::new(move |books| Ok(documents.iter().try_for_each(|document| books.put(document))?)));
    work.await.unwrap();
}

/// Puts the JSON of documents in one unit of work.
async fn write(store: &Arc<dyn Store>, kind: Kind, documents: Vec<(String, Value)>) -> Result<(), StoreError> {
    let write = move |books: &mut dyn voltapile_platform::book::Books| {
        Ok(documents.iter().try_for_each(|(id, body)| books.write(kind, id, body.to_string()))?)
    };
    store.work(Box::new(write)).await
}

/// One document.
async fn get<T: Document>(store: &Arc<dyn Store>, id: &T::Id) -> Option<T> {
    let body = store.document(T::KIND, id.to_string()).await.unwrap();
    body.map(|body| from_json(T::KIND, "", &body).unwrap())
}

/// A readable record of a pile's first connector.
pub(super) fn record(pile_code: PileCode, transaction_number: TransactionNumber) -> NewRecord {
    let usage = TierUsage {
        unit_price: Price::from_steps(120_000),
        energy: Energy::from_steps(250_000),
        energy_with_loss: Energy::from_steps(250_000),
        amount: Amount::from_steps(300_000),
    };
    let connector = ConnectorNumber(1);
    let parsed = TransactionRecord {
        transaction_number,
        pile_code,
        connector,
        started_at: Some(at(-3600)),
        ended_at: Some(at(-10)),
        transacted_at: None,
        sold: Sold::Tiers(PerTier { flat: usage, ..PerTier::default() }),
        other_form: false,
        meter_start: Energy::from_steps(1),
        meter_stop: Energy::from_steps(250_001),
        energy: usage.energy,
        energy_with_loss: usage.energy_with_loss,
        amount: usage.amount,
        vin: Some("LSVAU2180N2183294".into()),
        start_source: StartSource::new(StartedBy::App, 1),
        stop_reason: StopReason::new(0x40, Some("soc_reached")),
        physical_card: "00000000d14b0a54".into(),
        soc_start: None,
        soc_end: None,
    };
    NewRecord {
        received_at: at(0),
        pile_code,
        connector,
        transaction_number,
        protocol: "ykc",
        frame_type: 0x3B,
        raw: transaction_number.as_str().into(),
        reading: RecordReading::Parsed(Box::new(parsed)),
    }
}

/// Walks a whole list in pages of `limit` and checks that no row comes twice.
async fn walk<T, K: Ord + Debug>(
    limit: usize,
    list: impl Fn(PageRequest) -> Answer<Page<T>>,
    key: impl Fn(&T) -> K,
) -> Result<Vec<K>, StoreError> {
    let (mut walked, mut seen, mut cursor) = (Vec::new(), BTreeSet::new(), None);
    loop {
        let page = list(PageRequest::new(limit, cursor)).await?;
        assert!(page.items.len() <= limit, "a page has at most {limit} rows");
        for item in &page.items {
            assert!(seen.insert(key(item)), "{:?} came twice", key(item));
            walked.push(key(item));
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(walked);
        }
    }
}

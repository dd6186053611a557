//! Transaction records: what must never be lost, and never counted twice.

use super::{Bed, at, code, last, number, operator, pile, put, record, walk};
use crate::store::{
    Answer, NewRecord, PageRequest, RecordFilter, RecordId, RecordOutcome, Store, StoreError, StoredRecord, Undone,
    Work,
};
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use voltapile_platform::identity::{ConnectorNumber, TransactionNumber};
use voltapile_platform::pile::Pile;
use voltapile_platform::record::{HalfHourUsage, RecordReading, RecordState, Sold};
use voltapile_platform::unit::{Amount, Energy};

fn unreadable(record: NewRecord) -> NewRecord {
    NewRecord { reading: RecordReading::Unreadable { reason: "12 bytes missing".into() }, ..record }
}

async fn all(store: &Arc<dyn Store>) -> Vec<StoredRecord> {
    store.records(RecordFilter::default(), PageRequest::new(500, None)).await.unwrap().items
}

async fn assert_stored(store: &Arc<dyn Store>, record: NewRecord) {
    let outcome = store.store_record(record).await.unwrap();
    assert!(matches!(outcome, RecordOutcome::Stored(_)), "{outcome:?}");
}

pub(in crate::store) async fn a_record_sent_again_is_stored_once(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let first = record(code("1"), number(1));
    let outcome = store.store_record(first.clone()).await.unwrap();
    let again = NewRecord { received_at: at(30), ..first.clone() };
    assert_eq!(store.store_record(again).await.unwrap(), RecordOutcome::Duplicate(outcome.record()));

    let stored = all(&store).await.pop().unwrap();
    assert_eq!(outcome, RecordOutcome::Stored(stored.id));
    assert_eq!((stored.received_at, stored.last_received_at), (at(0), at(30)));
    assert_eq!((stored.duplicates, stored.variants), (1, 0));
    assert_eq!((&stored.raw, &stored.reading), (&first.raw, &first.reading));
    assert_eq!(store.record(stored.id).await.unwrap(), Some(stored.clone()));

    let neighbours = [
        record(code("2"), number(1)),
        NewRecord { connector: ConnectorNumber(2), ..first },
        record(code("1"), number(2)),
    ];
    for neighbour in neighbours {
        assert_stored(&store, neighbour).await;
    }
    assert_eq!(store.records_of_transaction(number(1)).await.unwrap().len(), 3);
}

pub(in crate::store) async fn a_record_that_differs_is_kept_beside_the_first(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let first = record(code("1"), number(1));
    let other = NewRecord { raw: b"another bill".to_vec(), received_at: at(5), ..first.clone() };
    let id = store.store_record(first.clone()).await.unwrap().record();
    store.work(Box::new(move |books| Ok(books.mark_judged(id.0)?))).await.unwrap();
    for _ in 0..2 {
        let outcome = store.store_record(other.clone()).await.unwrap();
        assert!(matches!(outcome, RecordOutcome::DuplicateDiffers(_)), "{outcome:?}");
    }
    assert_eq!(store.unjudged_records(10).await.unwrap().len(), 1, "the business is to look at both");
    let stored = all(&store).await;
    assert_eq!(stored.len(), 1);
    assert_eq!((stored[0].duplicates, stored[0].variants), (2, 1));
    assert_eq!(stored[0].raw, first.raw);
    let variants = store.record_variants(stored[0].id).await.unwrap();
    assert_eq!(variants.len(), 1);
    assert_eq!((&variants[0].raw, variants[0].received_at), (&other.raw, at(5)));
    let RecordReading::Parsed(parsed) = &other.reading else { panic!("it can be read") };
    assert_eq!(variants[0].parsed.as_ref(), Some(parsed));

    // A pile that gives all its bills one number: each is acknowledged, so each is kept.
    for bill in 0..100_u8 {
        let another = NewRecord { raw: vec![bill], ..first.clone() };
        let outcome = store.store_record(another).await.unwrap();
        assert!(matches!(outcome, RecordOutcome::DuplicateDiffers(_)), "{outcome:?}");
    }
    assert_eq!(store.record_variants(stored[0].id).await.unwrap().len(), 101);
}

pub(in crate::store) async fn records_of_every_kind_and_number_are_kept(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let text: TransactionNumber = "AB-20261120_0007".parse().unwrap();
    let mut usage = HalfHourUsage { service: Some(Amount::from_steps(7)), ..HalfHourUsage::default() };
    usage.energies[47] = Energy::from_steps(250_000);
    for (number, sold) in [(number(1), None), (text, Some(Sold::half_hours(usage)))] {
        let mut new = record(code("EN-PLUS_1"), number);
        (new.protocol, new.frame_type) = ("aaf5", 222);
        let RecordReading::Parsed(parsed) = &mut new.reading else { panic!("it can be read") };
        parsed.sold = sold.unwrap_or_else(|| parsed.sold.clone());
        (parsed.soc_start, parsed.soc_end) = (Some(20), Some(81));
        assert_stored(&store, new.clone()).await;
        let outcome = store.store_record(new.clone()).await.unwrap();
        let stored = store.record(outcome.record()).await.unwrap().unwrap();
        assert_eq!((stored.transaction_number, &stored.reading), (number, &new.reading));
        assert_eq!((stored.protocol.as_str(), stored.frame_type), ("aaf5", 222));
        assert_eq!(store.records_of_transaction(number).await.unwrap(), [stored]);
    }
}

pub(in crate::store) async fn records_without_a_number_are_all_kept(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let first = record(code("1"), TransactionNumber::ZERO);
    let second = NewRecord { raw: b"another bill".to_vec(), ..first.clone() };
    assert_stored(&store, first.clone()).await;
    assert_stored(&store, second).await;
    let outcome = store.store_record(first).await.unwrap();
    assert!(matches!(outcome, RecordOutcome::Duplicate(_)), "{outcome:?}");
    assert_eq!(store.records_of_transaction(TransactionNumber::ZERO).await.unwrap().len(), 2);
}

pub(in crate::store) async fn a_damaged_copy_does_not_take_the_place_of_a_good_one(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let good = record(code("1"), number(1));
    let damaged = unreadable(NewRecord { raw: b"half".to_vec(), ..good.clone() });
    assert_stored(&store, damaged.clone()).await;
    let outcome = store.store_record(damaged).await.unwrap();
    assert!(matches!(outcome, RecordOutcome::Duplicate(_)), "{outcome:?}");
    assert_stored(&store, good).await;
}

pub(in crate::store) async fn records_are_found_by_what_is_asked(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    for last in 1..=6 {
        let record = record(code(if last % 2 == 0 { "even" } else { "odd" }), number(last));
        let record = NewRecord { received_at: at(i64::from(last)), ..record };
        store.store_record(if last == 4 { unreadable(record) } else { record }).await.unwrap();
    }
    let found = async |filter: RecordFilter| -> Vec<u8> {
        let page = store.records(filter, PageRequest::new(10, None)).await.unwrap();
        page.items.iter().map(|record| last(record.transaction_number)).collect()
    };
    let even = RecordFilter { pile_code: Some(code("even")), ..RecordFilter::default() };
    assert_eq!(found(RecordFilter::default()).await, [6, 5, 4, 3, 2, 1]);
    assert_eq!(found(even.clone()).await, [6, 4, 2]);
    assert_eq!(found(RecordFilter { state: Some(RecordState::Unreadable), ..even.clone() }).await, [4]);
    assert_eq!(found(RecordFilter { state: Some(RecordState::Parsed), ..even.clone() }).await, [6, 2]);
    assert_eq!(found(RecordFilter { transaction_number: Some(number(2)), ..even.clone() }).await, [2]);
    let window = RecordFilter { received_from: Some(at(2)), received_to: Some(at(5)), ..RecordFilter::default() };
    assert_eq!(found(window.clone()).await, [4, 3, 2]);
    let list = |page| store.records(window.clone(), page);
    let walked = walk(1, list, |record: &StoredRecord| last(record.transaction_number)).await.unwrap();
    assert_eq!(walked, [4, 3, 2]);
}

pub(in crate::store) async fn records_belong_to_the_operator_of_their_pile(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    // Enough piles that an operator's records are not looked for pile by pile.
    let owned = |text: &str, owner: &str| Pile { operator: Some(operator(owner)), ..pile(text) };
    let mut piles: Vec<Pile> = (0..400).map(|index| owned(&format!("w{index}"), "west")).collect();
    piles.extend([owned("1", "east"), owned("2", "east"), pile("3")]);
    put(&store, piles).await;
    for last in 0..60_u8 {
        let pile = code(["1", "2", "3", "4", "w7"][usize::from(last) % 5]);
        let record = NewRecord { received_at: at(i64::from(last / 10)), ..record(pile, number(last)) };
        store.store_record(if last == 16 { unreadable(record) } else { record }).await.unwrap();
    }
    let found = async |filter: RecordFilter| -> Vec<u8> {
        let list = |page| store.records(filter.clone(), page);
        walk(7, list, |record: &StoredRecord| last(record.transaction_number)).await.unwrap()
    };
    let newest_of = |of: fn(u8) -> bool| (0..60).rev().filter(|last| of(*last)).collect::<Vec<_>>();
    let of = |owner| RecordFilter { owner: Some(operator(owner)), ..RecordFilter::default() };
    assert_eq!(found(of("east")).await, newest_of(|last| last % 5 < 2));
    assert_eq!(found(of("west")).await, newest_of(|last| last % 5 == 4));
    assert_eq!(found(of("north")).await, [0; 0]);
    let of_pile = |owner| RecordFilter { pile_code: Some(code("2")), ..of(owner) };
    assert_eq!(found(of_pile("east")).await, newest_of(|last| last % 5 == 1));
    assert_eq!(found(of_pile("west")).await, [0; 0]);
    assert_eq!(found(RecordFilter { state: Some(RecordState::Unreadable), ..of("east") }).await, [16]);
    assert_eq!(found(RecordFilter { transaction_number: Some(number(16)), ..of("east") }).await, [16]);
    let window = RecordFilter { received_from: Some(at(2)), received_to: Some(at(4)), ..of("east") };
    assert_eq!(found(window).await, newest_of(|last| last % 5 < 2 && (20..40).contains(&last)));
}

pub(in crate::store) async fn records_wait_until_they_are_judged(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let mut ids = Vec::new();
    for last in 0..3 {
        ids.push(store.store_record(record(code("1"), number(last))).await.unwrap().record());
    }
    let waiting = async |limit: usize| -> Vec<RecordId> {
        store.unjudged_records(limit).await.unwrap().iter().map(|record| record.id).collect()
    };
    assert_eq!(waiting(10).await, ids);
    assert_eq!(waiting(2).await, ids[..2]);

    let (first, second) = (ids[0].0, ids[1].0);
    store.work(Box::new(move |books| Ok(books.mark_judged(first)?))).await.unwrap();
    let refused: Work = Box::new(move |books| {
        books.mark_judged(second)?;
        Err(Undone::Refused)
    });
    assert!(matches!(store.work(refused).await, Err(StoreError::Refused)));
    store.store_record(record(code("1"), number(0))).await.unwrap();
    assert_eq!(waiting(10).await, ids[1..], "a record that comes again was judged already");
}

/// Ends the numbers of records that arrive late.
const LATE: u8 = 0xEE;

pub(in crate::store) async fn records_come_in_pages_that_miss_and_repeat_none(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let stored: Vec<TransactionNumber> = (0..50).map(number).collect();
    for number in &stored {
        store.store_record(record(code("1"), *number)).await.unwrap();
    }
    let newest_first: Vec<_> = stored.into_iter().rev().collect();

    let runtime = tokio::runtime::Handle::current();
    let check = move || {
        let late = AtomicU32::new(0);
        proptest!(ProptestConfig::with_cases(24), |(limit in 1_usize..60)| {
            // Records that arrive while somebody pages do not shift what comes next.
            let list = |page| -> Answer<_> {
                let mut number = [LATE; 16];
                number[..4].copy_from_slice(&late.fetch_add(1, Ordering::Relaxed).to_be_bytes());
                let number = TransactionNumber::from_bcd(&number);
                let page = store.records(RecordFilter::default(), page);
                let store = Arc::clone(&store);
                Box::pin(async move {
                    let page = page.await?;
                    store.store_record(record(code("2"), number)).await?;
                    Ok(page)
                })
            };
            let walked = walk(limit, list, |record: &StoredRecord| record.transaction_number);
            let walked = runtime.block_on(walked).unwrap();
            let old: Vec<_> = walked.into_iter().filter(|number| last(*number) != LATE).collect();
            prop_assert_eq!(&old, &newest_first);
        });
    };
    tokio::task::spawn_blocking(check).await.unwrap();
}

pub(in crate::store) async fn callbacks_come_once_for_each_record(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let (sender, mut outcomes) = tokio::sync::mpsc::unbounded_channel();
    for last in (0..200).chain(0..50) {
        let sender = sender.clone();
        let on_durable = Box::new(move |result| sender.send(result).unwrap());
        store.submit_record(record(code("1"), number(last)), on_durable).unwrap();
    }
    drop(sender);
    let mut stored = 0;
    let mut duplicate = 0;
    while let Some(outcome) = outcomes.recv().await {
        match outcome.unwrap() {
            RecordOutcome::Stored(_) => stored += 1,
            RecordOutcome::Duplicate(_) => duplicate += 1,
            RecordOutcome::DuplicateDiffers(_) => panic!("the bodies are the same"),
        }
    }
    assert_eq!((stored, duplicate), (200, 50));
}

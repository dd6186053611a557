//! Units of work: what is promised to those who read and write the books.

use super::{Bed, at, code, get, number, pile, put, record, walk};
use crate::store::{EventQuery, OnWork, PageRequest, StoreError, Undone, Work};
use serde_json::json;
use voltapile_platform::book::{Books, BooksError, Kind};
use voltapile_platform::event::{Event, EventType};
use voltapile_platform::pile::{Pile, WaitingPile};

/// A pile, its event and a number, and then an end of its own.
fn work(text: &'static str, end: fn() -> Result<(), Undone>) -> Work {
    Box::new(move |books| {
        books.put(&pile(text))?;
        books
            .append(&Event::new(EventType::PileRegistered, at(0), format!("piles/{text}"), &()).of_pile(code(text)))?;
        assert_eq!(books.next_number(Kind::Command)?, 1, "what was undone took no number");
        end()
    })
}

pub(in crate::store) async fn a_unit_of_work_is_done_whole_or_not_at_all(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let refused = store.work(work("1", || Err(Undone::Refused))).await;
    assert!(matches!(refused, Err(StoreError::Refused)), "{refused:?}");
    let corrupt = || Err(BooksError::Corrupt { kind: Kind::Pile, id: "7".into(), reason: "half".into() }.into());
    let failed = store.work(work("1", corrupt)).await;
    assert!(matches!(&failed, Err(StoreError::Corrupt { what: "piles", key, .. }) if key == "7"), "{failed:?}");
    let failed = store.work(work("1", || Err(BooksError::from(StoreError::Full).into()))).await;
    assert!(matches!(failed, Err(StoreError::Full)), "{failed:?}");
    let panicked = store.work(work("1", || panic!("broken work"))).await;
    assert!(matches!(panicked, Err(StoreError::Backend(_))), "{panicked:?}");
    let no_number: Work = Box::new(|books| Ok(books.write(Kind::Order, "x", "{}".into())?));
    assert!(matches!(store.work(no_number).await, Err(StoreError::Corrupt { what: "orders", .. })));
    assert_eq!(get::<Pile>(&store, &code("1")).await, None);
    assert_eq!(store.events(EventQuery::default(), 10).await.unwrap(), []);

    store.work(work("2", || Ok(()))).await.unwrap();
    assert!(get::<Pile>(&store, &code("2")).await.is_some());
    let events = store.events(EventQuery::default(), 10).await.unwrap();
    assert_eq!(events.iter().map(|event| event.number).collect::<Vec<_>>(), [Some(1)]);
}

pub(in crate::store) async fn work_is_done_in_order_and_reported_once(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let (sender, mut reported) = tokio::sync::mpsc::unbounded_channel();
    for index in 0..300_u32 {
        let append: Work = Box::new(move |books: &mut dyn Books| {
            let body = books.read(Kind::Station, "log")?.unwrap_or_else(|| "[]".into());
            let mut log: Vec<u32> = serde_json::from_str(&body).unwrap();
            log.push(index);
            books.write(Kind::Station, "log", json!(log).to_string())?;
            if index % 3 == 0 { Err(Undone::Refused) } else { Ok(()) }
        });
        let sender = sender.clone();
        let on_durable: OnWork = Box::new(move |result| sender.send((index, result)).unwrap());
        assert!(store.submit_work(append, on_durable).is_ok());
    }
    // A record on the same way: what is queued behind it finds it.
    store.submit_record(record(code("1"), number(1)), Box::new(drop)).unwrap();
    store.work(Box::new(|books| Ok(books.mark_judged(1)?))).await.unwrap();
    assert_eq!(store.unjudged_records(10).await.unwrap(), []);
    drop(sender);
    for index in 0..300 {
        let (reported, result) = reported.recv().await.unwrap();
        assert_eq!(reported, index);
        assert_eq!(matches!(result, Err(StoreError::Refused)), index % 3 == 0, "{result:?}");
    }
    assert!(reported.recv().await.is_none());
    let log = store.document(Kind::Station, "log".into()).await.unwrap().unwrap();
    let expected: Vec<u32> = (0..300).filter(|index| index % 3 != 0).collect();
    assert_eq!(log, json!(expected).to_string());
}

pub(in crate::store) async fn numbers_grow_and_none_is_lost(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let take = async |kind: Kind, end: fn() -> Result<(), Undone>| {
        let (sender, taken) = tokio::sync::oneshot::channel();
        let work: Work = Box::new(move |books| {
            sender.send(books.next_number(kind)?).unwrap();
            end()
        });
        let _ = store.work(work).await;
        taken.await.unwrap()
    };
    assert_eq!(take(Kind::Order, || Ok(())).await, 1);
    assert_eq!(take(Kind::Order, || Err(Undone::Refused)).await, 2);
    assert_eq!(take(Kind::Order, || Ok(())).await, 2);
    assert_eq!(take(Kind::Order, || Ok(())).await, 3);
    assert_eq!(take(Kind::Alarm, || Ok(())).await, 1, "each kind has its own numbers");
}

pub(in crate::store) async fn a_waiting_pile_is_counted_until_it_is_registered(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let attempt = |text: &str, seconds| WaitingPile {
        code: code(text),
        first_seen: at(seconds),
        last_seen: at(seconds),
        attempts: 1,
        peer: format!("10.0.0.{seconds}:4711"),
        declared: json!({"software": seconds}),
    };
    store.note_waiting(vec![attempt("A1", 1), attempt("B2", 2), attempt("A1", 3), attempt("C3", 3)]).await.unwrap();
    let waiting = WaitingPile { first_seen: at(1), attempts: 2, ..attempt("A1", 3) };
    assert_eq!(store.waiting_pile(code("A1")).await.unwrap(), Some(waiting));
    let walked = walk(1, |page| store.waiting_piles(page), |waiting| waiting.code).await.unwrap();
    assert_eq!(walked, [code("A1"), code("B2"), code("C3")]);

    let refused: Work = Box::new(|books| {
        books.put(&pile("A1"))?;
        Err(Undone::Refused)
    });
    assert!(store.work(refused).await.is_err());
    assert!(store.waiting_pile(code("A1")).await.unwrap().is_some(), "work that is undone changes nothing");
    put(&store, vec![pile("A1")]).await;
    assert_eq!(store.waiting_pile(code("A1")).await.unwrap(), None);

    store.note_waiting(vec![attempt("A1", 9)]).await.unwrap();
    assert_eq!(store.waiting_pile(code("A1")).await.unwrap(), None, "a registered pile does not wait");
    put(&store, vec![pile("A1"), pile("B2")]).await;
    assert!(store.forget_waiting(code("C3")).await.unwrap());
    assert!(!store.forget_waiting(code("C3")).await.unwrap());
    let empty = store.waiting_piles(PageRequest::new(10, None)).await.unwrap();
    assert_eq!((empty.items, empty.next_cursor), (vec![], None));
}

//! Sessions, the admin token, and what opening and closing a store means.

use super::series::sample;
use super::{Bed, at, code, get, number, operator, pile, put, record, walk};
use crate::store::{
    Cursor, DocumentQuery, EventQuery, PageRequest, RecordFilter, RecordOutcome, SessionChange, SessionFilter,
    SessionId, Store, StoreError, Work,
};
use voltapile_platform::book::Kind;
use voltapile_platform::event::{Event, EventType};
use voltapile_platform::identity::OrderId;
use voltapile_platform::pile::Pile;

fn opened(id: SessionId, pile: &str, seconds: i64) -> SessionChange {
    SessionChange::Opened { id, pile_code: code(pile), peer: "10.0.0.1:5000".into(), at: at(seconds) }
}

fn closed(id: SessionId, seconds: i64) -> SessionChange {
    SessionChange::Closed { id, at: at(seconds), reason: "taken_over".into() }
}

async fn ids(store: &dyn Store, filter: SessionFilter) -> Vec<SessionId> {
    walk(2, |page| store.sessions(filter.clone(), page), |session| session.id).await.unwrap()
}

pub(in crate::store) async fn sessions_open_and_close(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let [a, b, c] = std::array::from_fn(|_| store.next_session_id());
    assert!(a < b && b < c);
    store.submit_sessions(vec![opened(a, "1", 0), opened(b, "2", 1)]).unwrap();
    store.store_sessions(vec![closed(a, 5), opened(c, "1", 5), closed(SessionId(9999), 6)]).await.unwrap();

    let of_pile = SessionFilter { pile_code: Some(code("1")), open: None };
    let of = |open| SessionFilter { open: Some(open), ..SessionFilter::default() };
    assert_eq!(ids(&*store, SessionFilter::default()).await, [c, b, a]);
    assert_eq!(ids(&*store, of_pile.clone()).await, [c, a]);
    assert_eq!(ids(&*store, of(true)).await, [c, b]);
    assert_eq!(ids(&*store, of(false)).await, [a]);
    assert_eq!(ids(&*store, SessionFilter { open: Some(true), ..of_pile }).await, [c]);

    let page = store.sessions(of(false), PageRequest::new(1, None)).await.unwrap();
    let session = &page.items[0];
    assert_eq!((session.opened_at, session.closed_at), (at(0), Some(at(5))));
    assert_eq!(session.close_reason.as_deref(), Some("taken_over"));

    store.store_sessions(vec![closed(a, 77)]).await.unwrap();
    let page = store.sessions(of(false), PageRequest::new(1, None)).await.unwrap();
    assert_eq!(page.items[0].closed_at, Some(at(5)), "the first end counts");
}

pub(in crate::store) async fn sessions_left_open_by_a_crash_are_closed(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let (a, b) = (store.next_session_id(), store.next_session_id());
    store.store_sessions(vec![opened(a, "1", 0), opened(b, "2", 0), closed(a, 1)]).await.unwrap();
    store.close().await.unwrap();

    let store = bed.open().await.unwrap();
    assert_eq!(store.close_all_sessions(at(60), "crash".into()).await.unwrap(), 1);
    assert_eq!(store.close_all_sessions(at(61), "crash".into()).await.unwrap(), 0);
    assert!(store.next_session_id() > b, "an id is given once, over restarts too");
}

pub(in crate::store) async fn old_sessions_of_a_flapping_pile_are_forgotten(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let steady = store.next_session_id();
    store.store_sessions(vec![opened(steady, "2", 0), closed(steady, 1)]).await.unwrap();
    let mut changes = Vec::new();
    let mut newest = Vec::new();
    for second in 0..1200 {
        let id = store.next_session_id();
        changes.extend([opened(id, "1", second), closed(id, second)]);
        newest.insert(0, id);
    }
    store.store_sessions(changes).await.unwrap();
    let of = |pile| SessionFilter { pile_code: Some(code(pile)), open: None };
    let list = |page| store.sessions(of("1"), page);
    let kept = walk(500, list, |session| session.id).await.unwrap();
    assert!((1000..1100).contains(&kept.len()), "{} kept", kept.len());
    assert_eq!(kept, newest[..kept.len()], "the newest are kept");
    assert_eq!(ids(&*store, of("2")).await, [steady]);
}

pub(in crate::store) async fn the_admin_token_is_set_and_replaced(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    assert_eq!(store.admin_token_hash().await.unwrap(), None);
    for hash in [[1; 32], [2; 32]] {
        store.set_admin_token_hash(Some(hash)).await.unwrap();
        assert_eq!(store.admin_token_hash().await.unwrap(), Some(hash));
    }
    store.set_admin_token_hash(None).await.unwrap();
    assert_eq!(store.admin_token_hash().await.unwrap(), None);
}

pub(in crate::store) async fn everything_survives_a_reopen(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let owned = Pile { operator: Some(operator("east")), ..pile("1") };
    let event = Event::new(EventType::PileRegistered, at(0), "piles/1".into(), &owned).of_pile(owned.code);
    let put = owned.clone();
    let work: Work = Box::new(move |books| {
        books.put(&put)?;
        books.append(&event)?;
        assert_eq!(books.next_number(Kind::Order)?, 1);
        Ok(())
    });
    store.work(work).await.unwrap();
    store.put_series(vec![sample(1, 0)], vec![]).await.unwrap();
    // Not awaited: what is queued before the close is stored by it.
    for last in 0..100 {
        store.submit_record(record(code("1"), number(last)), Box::new(drop)).unwrap();
    }
    store.close().await.unwrap();

    let store = bed.open().await.unwrap();
    assert_eq!(get::<Pile>(&store, &owned.code).await, Some(owned));
    assert_eq!(store.samples(OrderId(1)).await.unwrap(), [sample(1, 0)]);
    assert_eq!(store.unjudged_records(1000).await.unwrap().len(), 100);
    let last = store.last_event().await.unwrap();
    let work: Work = Box::new(move |books| {
        books.append(&Event::new(EventType::PileOnline, at(1), "piles/1".into(), &()).of_pile(code("1")))?;
        assert_eq!(books.next_number(Kind::Order)?, 2, "a number is given once, over restarts too");
        Ok(())
    });
    store.work(work).await.unwrap();
    let numbers: Vec<_> =
        store.events(EventQuery::default(), 10).await.unwrap().iter().map(|event| event.number).collect();
    assert_eq!(numbers, [Some(1), Some(2)]);
    assert!(store.last_event().await.unwrap() > last);
    let records = walk(30, |page| store.records(RecordFilter::default(), page), |record| record.id).await.unwrap();
    assert_eq!(records.len(), 100);
    let again = store.store_record(record(code("1"), number(7))).await.unwrap();
    assert!(matches!(again, RecordOutcome::Duplicate(_)));
}

pub(in crate::store) async fn a_closed_store_says_so(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    store.close().await.unwrap();
    store.close().await.unwrap();
    assert!(matches!(store.work(Box::new(|_| Ok(()))).await, Err(StoreError::Closed)));
    assert!(matches!(store.document(Kind::Pile, "1".into()).await, Err(StoreError::Closed)));
    let given_back = store.submit_work(Box::new(|_| Ok(())), Box::new(drop)).map_err(|rejected| rejected.error);
    assert!(matches!(given_back, Err(StoreError::Closed)));
    let given_back = store.submit_record(record(code("1"), number(1)), Box::new(drop)).unwrap_err();
    assert!(matches!(given_back.error, StoreError::Closed));
    assert_eq!(given_back.item.transaction_number, number(1));
    assert!(matches!(store.submit_sessions(vec![]).unwrap_err().error, StoreError::Closed));
}

pub(in crate::store) async fn a_cursor_of_another_list_is_refused(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    put(&store, vec![pile("1"), pile("2")]).await;
    let list = |kind, query, page| store.documents(kind, query, page);
    let page = list(Kind::Pile, DocumentQuery::default(), PageRequest::new(1, None)).await.unwrap();
    let cursor = page.next_cursor.unwrap();
    assert_eq!(cursor, Cursor::after_document(Kind::Pile, "1"));
    let next = || PageRequest::new(1, Some(cursor.clone()));
    for refused in [
        store.records(RecordFilter::default(), next()).await.map(drop),
        store.sessions(SessionFilter::default(), next()).await.map(drop),
        store.waiting_piles(next()).await.map(drop),
        list(Kind::Station, DocumentQuery::default(), next()).await.map(drop),
        list(Kind::Pile, DocumentQuery { sort: Some(("name", false)), ..DocumentQuery::default() }, next())
            .await
            .map(drop),
    ] {
        assert!(matches!(refused, Err(StoreError::BadCursor)));
    }
    for nonsense in ["nonsense", "", "d", "r1"] {
        let page = PageRequest::new(1, Some(Cursor::from_text(nonsense)));
        assert!(matches!(store.records(RecordFilter::default(), page.clone()).await, Err(StoreError::BadCursor)));
        assert!(matches!(list(Kind::Pile, DocumentQuery::default(), page).await, Err(StoreError::BadCursor)));
    }
}

//! Events: numbered without gaps, in order, and found by what is asked.

use super::{Bed, at, code, operator};
use crate::store::{EventQuery, Store, StoredEvent, Undone, Work};
use proptest::prelude::*;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use voltapile_platform::event::{Event, EventType};
use voltapile_platform::identity::PileCode;

const PILES: [&str; 3] = ["1", "2", "3"];

fn event(event_type: EventType, pile: Option<usize>) -> Event {
    let event = Event::new(event_type, at(0), "somewhere".into(), &json!({"who": pile}));
    match pile {
        Some(index) => event.of_pile(code(PILES[index])).of_operator((index > 0).then(|| operator("east"))),
        None => event,
    }
}

async fn all(store: &Arc<dyn Store>) -> Vec<StoredEvent> {
    store.events(EventQuery::default(), 100_000).await.unwrap()
}

pub(in crate::store) async fn events_of_a_pile_have_no_gaps(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let runtime = tokio::runtime::Handle::current();
    let of_works =
        prop::collection::vec((prop::collection::vec(prop::option::of(0..PILES.len()), 0..5), any::<bool>()), 0..40);
    let check = move || {
        proptest!(ProptestConfig::with_cases(16), |(works in of_works)| {
            let before = runtime.block_on(all(&store)).len();
            let mut expected = 0;
            for (piles, is_refused) in works {
                expected += if is_refused { 0 } else { piles.len() };
                let work: Work = Box::new(move |books| {
                    for pile in piles {
                        books.append(&event(EventType::PileOnline, pile))?;
                    }
                    if is_refused { Err(Undone::Refused) } else { Ok(()) }
                });
                // Not awaited, so that works share their commits.
                assert!(store.submit_work(work, Box::new(drop)).is_ok());
            }
            runtime.block_on(store.work(Box::new(|_| Ok(())))).unwrap();
            let events = runtime.block_on(all(&store));
            prop_assert_eq!(events.len(), before + expected);
            prop_assert!(events.is_sorted_by(|a, b| a.id < b.id));
            let mut last: HashMap<PileCode, u64> = HashMap::new();
            for event in &events {
                let expected = event.pile.map(|pile| last.get(&pile).map_or(1, |last| last + 1));
                prop_assert_eq!(event.number, expected);
                event.pile.zip(expected).map(|(pile, number)| last.insert(pile, number));
            }
        });
    };
    tokio::task::spawn_blocking(check).await.unwrap();
}

pub(in crate::store) async fn events_are_found_by_what_is_asked(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    assert_eq!(store.last_event().await.unwrap(), 0);
    let types = [EventType::PileOnline, EventType::OrderCreated, EventType::OrderSettled];
    let events: Vec<Event> =
        (0..60).map(|index| event(types[index % 3], [Some(0), Some(1), Some(2), None][index % 4])).collect();
    let put = events.clone();
    store.work(Box::new(move |books| Ok(put.iter().try_for_each(|event| books.append(event))?))).await.unwrap();

    let stored = all(&store).await;
    assert_eq!(stored.last().unwrap().id, store.last_event().await.unwrap());
    for (stored, event) in stored.iter().zip(&events) {
        let seen = (stored.event_type, stored.at, stored.pile, &stored.operator, &stored.subject, &stored.data);
        let put = (event.event_type, event.at, event.pile, &event.operator, &event.subject, &event.data);
        assert_eq!(seen, put);
    }
    for pile in [None, Some(code("2")), Some(code("9"))] {
        for owner in [None, Some(operator("east")), Some(operator("west"))] {
            for wanted in [&[][..], &types[1..2], &[types[2], types[0], types[2]], &[EventType::AlarmOpened]] {
                for after in [0, stored[30].id, i64::MAX] {
                    let query = EventQuery { after, pile, owner: owner.clone(), types: wanted.to_vec() };
                    let matches = |event: &&StoredEvent| {
                        event.id > after
                            && pile.is_none_or(|pile| event.pile == Some(pile))
                            && owner.as_ref().is_none_or(|owner| event.operator.as_ref() == Some(owner))
                            && (wanted.is_empty() || wanted.contains(&event.event_type))
                    };
                    let expected: Vec<_> = stored.iter().filter(matches).cloned().collect();
                    assert_eq!(store.events(query.clone(), 100).await.unwrap(), expected, "{query:?}");
                    let first: Vec<_> = expected.into_iter().take(3).collect();
                    assert_eq!(store.events(query, 3).await.unwrap(), first);
                }
            }
        }
    }
}

//! What was measured during orders.

use super::{Bed, at, code};
use crate::store::{BmsMessage, EventQuery, Sample};
use serde_json::json;
use voltapile_platform::event::{Event, EventType};
use voltapile_platform::identity::OrderId;
use voltapile_platform::unit::{Amount, Current, Energy, Voltage};

pub(super) fn sample(order: u64, seconds: i64) -> Sample {
    Sample {
        order: OrderId(order),
        at: at(seconds),
        voltage: Voltage::from_steps(7501),
        current: Current::from_steps(1234),
        power_w: 92_563,
        soc: 51,
        temperature: (seconds % 2 == 0).then_some(-3),
        energy: Energy::from_steps(seconds.unsigned_abs()),
        amount: Amount::from_steps(-seconds),
    }
}

fn message(order: u64, kind: &str, seconds: i64, count: u32) -> BmsMessage {
    let data = json!({"cells": [seconds]});
    BmsMessage { order: OrderId(order), kind: kind.into(), at: at(seconds), count, data }
}

pub(in crate::store) async fn a_series_keeps_each_moment_once(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let first = vec![sample(1, 30), sample(2, 0), sample(1, 15)];
    store.put_series(first, vec![message(1, "battery", 1, 2), message(2, "battery", 1, 1)]).await.unwrap();
    let again = Sample { soc: 99, ..sample(1, 15) };
    let later = vec![message(1, "battery", 9, 3), message(1, "an end", 9, 1)];
    store.put_series(vec![again, sample(1, 45)], later).await.unwrap();

    assert_eq!(store.samples(OrderId(1)).await.unwrap(), [sample(1, 15), sample(1, 30), sample(1, 45)]);
    assert_eq!(store.samples(OrderId(2)).await.unwrap(), [sample(2, 0)]);
    assert_eq!(store.samples(OrderId(3)).await.unwrap(), []);
    let messages = store.bms_messages(OrderId(1)).await.unwrap();
    assert_eq!(messages, [message(1, "an end", 9, 1), message(1, "battery", 9, 5)]);

    let impossible = sample(u64::MAX, 0);
    assert!(store.put_series(vec![sample(3, 0), impossible], vec![]).await.is_err());
    assert_eq!(store.samples(OrderId(3)).await.unwrap(), [], "a series is put whole or not at all");
}

pub(in crate::store) async fn what_is_old_is_forgotten_in_steps(bed: &impl Bed) {
    const OLD: i64 = 10_000;
    let store = bed.open().await.unwrap();
    let samples = (0..=OLD).map(|seconds| sample(1 + seconds.unsigned_abs() % 3, seconds)).collect();
    store.put_series(samples, vec![message(1, "battery", 3, 1), message(2, "battery", OLD, 1)]).await.unwrap();
    let put = store.work(Box::new(|books| {
        for seconds in [0, 1, 50] {
            let event = Event::new(EventType::PileOnline, at(seconds), "piles/1".into(), &());
            books.append(&event.of_pile(code("1")))?;
        }
        Ok(())
    }));
    put.await.unwrap();

    let mut forgotten = 0;
    loop {
        match store.prune(at(OLD), at(50)).await.unwrap() {
            0 => break,
            some => forgotten += some,
        }
    }
    assert_eq!(forgotten, OLD.unsigned_abs() + 1 + 2);
    assert_eq!(store.samples(OrderId(2)).await.unwrap(), [sample(2, OLD)]);
    assert_eq!(store.samples(OrderId(1)).await.unwrap(), []);
    assert_eq!(store.bms_messages(OrderId(1)).await.unwrap(), []);
    assert_eq!(store.bms_messages(OrderId(2)).await.unwrap().len(), 1);

    let numbers = async || -> Vec<_> {
        let events = store.events(EventQuery::default(), 10).await.unwrap();
        events.iter().map(|event| (event.id, event.number.unwrap())).collect()
    };
    let last = store.last_event().await.unwrap();
    assert_eq!(numbers().await, [(last, 3)]);
    assert_eq!(store.prune(at(OLD), at(51)).await.unwrap(), 1);
    assert_eq!(store.last_event().await.unwrap(), last, "who reads on begins behind it");
    let again = Event::new(EventType::PileOnline, at(60), "piles/1".into(), &()).of_pile(code("1"));
    store.work(Box::new(move |books| Ok(books.append(&again)?))).await.unwrap();
    let (id, number) = numbers().await[0];
    assert!(id > last);
    assert_eq!(number, 4);
}

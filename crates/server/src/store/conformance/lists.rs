//! Lists of documents, held against a model that looks at every document.

use super::{Bed, operator, walk, write};
use crate::store::{Comparison, DocumentQuery, PageRequest, StoreError, Test};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use std::cmp::Ordering;
use std::sync::Arc;
use voltapile_platform::book::Kind;
use voltapile_platform::unit::Balance;

const DOCUMENTS: i64 = 120;

/// A kind with numbers and money, one with texts and yes or no, one with money that nobody is without.
const KINDS: [Kind; 3] = [Kind::Order, Kind::Pile, Kind::Account];

/// What a field may hold, the commonest first.
fn palette(field: &str) -> Vec<Value> {
    match field {
        "enabled" => vec![json!(true), json!(false)],
        "connector" | "record" => vec![json!(1), json!(2), json!(10)],
        "balance" | "charged" => ["9.00", "10.00", "-0.05", "-10.00", "0.00"].map(Value::from).to_vec(),
        _ => ["a", "b", "A", "ab", "a_1", "a%", "é", ""].map(Value::from).to_vec(),
    }
}

fn is_text(field: &str) -> bool {
    palette(field)[0].as_str().is_some_and(|text| text == "a")
}

/// A document with a value of each field, picked by a small generator: the same each time.
fn document(kind: Kind, index: i64) -> (String, Value) {
    let mut state = index.unsigned_abs().wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut body = Map::new();
    let id = if kind.is_numbered() { index + 1 } else { index * 37 % DOCUMENTS + 100 };
    body.insert("id".into(), json!(id));
    for field in kind.fields() {
        let values = palette(field);
        let value = match *field {
            "open_on" => json!((next(3) == 0).then(|| format!("{index}/1"))),
            "operator" => [Value::Null, json!("east"), json!("west")][next(3)].clone(),
            // Half of them the commonest, so that lists have long runs of one value.
            _ if next(4) == 0 => Value::Null,
            _ if next(2) == 0 => values[0].clone(),
            _ => values[next(values.len())].clone(),
        };
        body.insert((*field).to_owned(), value);
    }
    (id.to_string(), Value::Object(body))
}

/// A value as it is compared: nothing before numbers before texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Nothing,
    Number(i64),
    Text(String),
}

fn key(field: &str, value: &Value) -> Key {
    match value {
        Value::Null => Key::Nothing,
        Value::Bool(flag) => Key::Number(i64::from(*flag)),
        Value::Number(number) => Key::Number(number.as_i64().unwrap()),
        Value::String(text) if matches!(field, "balance" | "charged") => {
            Key::Number(text.parse::<Balance>().unwrap().steps())
        }
        Value::String(text) => Key::Text(text.clone()),
        other => panic!("{other} is no scalar"),
    }
}

/// The id as it is ordered and compared: text, where it is no number.
fn id_key(kind: Kind, body: &Value) -> Key {
    let id = body["id"].as_i64().unwrap();
    if kind.is_numbered() { Key::Number(id) } else { Key::Text(id.to_string()) }
}

fn holds(kind: Kind, body: &Value, test: &Test) -> bool {
    let found = if test.field == "id" { id_key(kind, body) } else { key(test.field, &body[test.field]) };
    let wanted = |value: &Value| key(test.field, value);
    match &test.comparison {
        Comparison::Is(value) => found == wanted(value),
        Comparison::IsSet => found != Key::Nothing,
        Comparison::IsOneOf(values) => values.iter().any(|value| found == wanted(value)),
        Comparison::From(least) => found != Key::Nothing && found >= wanted(least),
        Comparison::Before(end) => found != Key::Nothing && found < wanted(end),
        Comparison::Begins(beginning) => match found {
            Key::Text(text) => text.to_ascii_lowercase().starts_with(&beginning.to_ascii_lowercase()),
            Key::Number(number) => number.to_string().starts_with(beginning),
            Key::Nothing => false,
        },
    }
}

/// The ids that a list shows, in order.
fn model(kind: Kind, documents: &[(String, Value)], query: &DocumentQuery) -> Vec<String> {
    let range = query.tests.iter().find(|test| matches!(test.comparison, Comparison::From(_) | Comparison::Before(_)));
    let (sort, descending) = query.sort.unwrap_or((range.map_or("id", |test| test.field), kind.is_numbered()));
    let owned = |body: &Value| query.owner.as_ref().is_none_or(|owner| body["operator"] == json!(owner));
    let matches = |(_, body): &&(String, Value)| owned(body) && query.tests.iter().all(|test| holds(kind, body, test));
    let mut found: Vec<_> = documents.iter().filter(matches).collect();
    found.sort_by(|(_, a), (_, b)| {
        let by_sort = if sort == "id" { Ordering::Equal } else { key(sort, &a[sort]).cmp(&key(sort, &b[sort])) };
        let order = by_sort.then_with(|| id_key(kind, a).cmp(&id_key(kind, b)));
        if descending { order.reverse() } else { order }
    });
    found.into_iter().map(|(id, _)| id.clone()).collect()
}

fn field(kind: Kind) -> impl Strategy<Value = &'static str> {
    select(kind.fields())
}

fn test(kind: Kind) -> impl Strategy<Value = Test> {
    let on_id = (select(vec!["1", "10", "11", "150", "x"]), 0..3).prop_map(move |(text, how)| {
        // No number is a BadQuery, which has a case of its own.
        let value = json!(if kind.is_numbered() && text == "x" { "7" } else { text });
        let comparison = match how {
            0 => Comparison::Begins(text.to_owned()),
            1 if !kind.is_numbered() => Comparison::From(value),
            _ if kind.is_numbered() => Comparison::Is(json!(value.as_str().unwrap().parse::<i64>().unwrap())),
            _ => Comparison::Is(value),
        };
        Test { field: "id", comparison }
    });
    let on_field = field(kind).prop_flat_map(|field| {
        let value = move || select(palette(field));
        let beginning =
            || select(vec!["a", "A", "a_", "a%", "%", "", "é"]).prop_map(|text| Comparison::Begins(text.into()));
        let maybe = move || prop_oneof![6 => value().boxed(), 1 => Just(Value::Null).boxed()];
        let comparison = prop_oneof![
            3 => maybe().prop_map(Comparison::Is),
            1 => Just(Comparison::IsSet),
            2 => prop::collection::vec(maybe(), 0..4).prop_map(Comparison::IsOneOf),
            1 => prop::collection::vec(maybe(), 30).prop_map(Comparison::IsOneOf),
            2 => value().prop_map(Comparison::From),
            2 => value().prop_map(Comparison::Before),
            1 => if is_text(field) { beginning().boxed() } else { Just(Comparison::IsSet).boxed() },
        ];
        comparison.prop_map(move |comparison| Test { field, comparison })
    });
    prop_oneof![1 => on_id, 9 => on_field]
}

fn query(kind: Kind) -> impl Strategy<Value = DocumentQuery> {
    let owner = prop::option::of(select(vec!["east", "west", "north"]).prop_map(operator));
    let sort = prop::option::of((prop_oneof![5 => field(kind), 1 => Just("id")], any::<bool>()));
    (owner, prop::collection::vec(test(kind), 0..3), sort).prop_map(|(owner, tests, sort)| DocumentQuery {
        owner,
        tests,
        sort,
    })
}

fn id_of(body: &str) -> String {
    serde_json::from_str::<Value>(body).unwrap()["id"].to_string()
}

pub(in crate::store) async fn lists_come_in_pages_that_miss_and_repeat_none(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    for kind in KINDS {
        let documents: Vec<_> = (0..DOCUMENTS).map(|index| document(kind, index)).collect();
        // Each was something else before.
        let before = |(index, (id, _)): (usize, &(String, Value))| (id.clone(), document(kind, 1000 + index as i64).1);
        write(&store, kind, documents.iter().enumerate().map(before).collect()).await.unwrap();
        write(&store, kind, documents.clone()).await.unwrap();
        let (store, runtime) = (Arc::clone(&store), tokio::runtime::Handle::current());
        let check = move || {
            proptest!(ProptestConfig::with_cases(300), |(query in query(kind), limit in 1_usize..50)| {
                let list = |page| store.documents(kind, query.clone(), page);
                let walked = runtime.block_on(walk(limit, list, |body: &String| id_of(body))).unwrap();
                prop_assert_eq!(walked, model(kind, &documents, &query), "{:?}", query);
            });
        };
        tokio::task::spawn_blocking(check).await.unwrap();
    }
}

pub(in crate::store) async fn documents_that_come_and_go_do_not_shift_a_list(bed: &impl Bed) {
    let one = |id: i64| (id.to_string(), json!({"id": id, "created_at": format!("{:04}", id / 4)}));
    for (kind, sort) in [(Kind::Order, None), (Kind::Order, Some(("created_at", true))), (Kind::Alarm, None)] {
        let store = bed.open().await.unwrap();
        write(&store, kind, (1..=40).map(one).collect()).await.unwrap();
        let query = DocumentQuery { sort, ..DocumentQuery::default() };
        let (mut walked, mut cursor, mut newest) = (Vec::new(), None, 40);
        loop {
            let page = store.documents(kind, query.clone(), PageRequest::new(7, cursor)).await.unwrap();
            walked.extend(page.items.iter().map(|body| id_of(body).parse::<i64>().unwrap()));
            // The one shown last goes away, and a newer one comes.
            let gone = walked.last().unwrap().to_string();
            store.work(Box::new(move |books| Ok(books.remove(kind, &gone).map(drop)?))).await.unwrap();
            newest += 1;
            write(&store, kind, vec![one(newest)]).await.unwrap();
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(walked, (1..=40).rev().collect::<Vec<_>>());
        for id in 1..=newest {
            store.work(Box::new(move |books| Ok(books.remove(kind, &id.to_string()).map(drop)?))).await.unwrap();
        }
        store.close().await.unwrap();
    }
}

pub(in crate::store) async fn what_cannot_be_compared_is_refused(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let refused = async |kind: Kind, query: DocumentQuery| {
        let answer = store.documents(kind, query, PageRequest::new(1, None)).await;
        assert!(matches!(answer, Err(StoreError::BadQuery { .. })), "{answer:?}");
    };
    for (field, comparison) in [
        ("body", Comparison::IsSet),
        ("charged", Comparison::Is(json!("a lot"))),
        ("charged", Comparison::Begins("1".into())),
        ("state", Comparison::IsOneOf(vec![json!({"a": 1})])),
        ("id", Comparison::Is(json!("no number"))),
    ] {
        refused(Kind::Order, DocumentQuery { tests: vec![Test { field, comparison }], ..DocumentQuery::default() })
            .await;
    }
    refused(Kind::Order, DocumentQuery { sort: Some(("body", true)), ..DocumentQuery::default() }).await;
}

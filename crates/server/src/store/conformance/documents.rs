//! Documents: put, found and taken away.

use super::{Bed, at, code, get, operator, pile, put, write};
use crate::store::{Comparison, DocumentQuery, Page, PageRequest, Store, StoreError, Test};
use serde_json::{Value, json};
use std::sync::Arc;
use voltapile_platform::book::{Books, Document, FieldSpan, Kind};
use voltapile_platform::pile::Pile;

pub(in crate::store) async fn a_document_is_put_replaced_and_removed(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let first = pile("55031412782305");
    assert_eq!(get::<Pile>(&store, &first.code).await, None);
    put(&store, vec![first.clone()]).await;
    assert_eq!(get(&store, &first.code).await, Some(first.clone()));

    let renamed =
        Pile { name: Some("北门 1".into()), enabled: false, operator: Some(operator("east")), ..first.clone() };
    let (seen, id) = (renamed.clone(), first.code);
    let work = store.work(Box::new(move |books| {
        books.put(&seen)?;
        assert_eq!(books.get::<Pile>(&id)?, Some(seen.clone()), "work reads what it wrote");
        assert_eq!(books.first::<Pile>("name", "北门 1")?, Some(seen.clone()));
        assert_eq!(books.find::<Pile>("enabled", true, 10)?, []);
        let made = seen.created_at;
        for (from, before, found) in [(made, made.plus_seconds(1), 1), (made.plus_seconds(-1), made, 0)] {
            let span = FieldSpan { field: "created_at", from, before };
            assert_eq!(books.find_span::<Pile>("enabled", false, &span, 10)?.len(), found);
            assert_eq!(books.find_span::<Pile>("enabled", true, &span, 10)?, []);
        }
        Ok(())
    }));
    work.await.unwrap();
    assert_eq!(get(&store, &first.code).await, Some(renamed));

    let work = store.work(Box::new(move |books| {
        assert!(books.remove(Kind::Pile, &id.to_string())?);
        assert!(!books.remove(Kind::Pile, &id.to_string())?);
        assert!(!books.remove(Kind::Order, "no number")?);
        Ok(())
    }));
    work.await.unwrap();
    assert_eq!(get::<Pile>(&store, &first.code).await, None);
    assert_eq!(store.document(Kind::Order, "no number".into()).await.unwrap(), None);
}

/// Two values of a field, the lesser first.
fn values(field: &str) -> [Value; 2] {
    match field {
        "enabled" | "upcoming" => [json!(false), json!(true)],
        "connector" | "order" | "record" => [json!(9), json!(10)],
        "balance" | "charged" => [json!("9.00"), json!("10.00")],
        _ if field.ends_with("at") => [json!(at(0)), json!(at(1))],
        _ => [json!("a"), json!("b")],
    }
}

/// The ids that a list shows.
async fn ids(store: &Arc<dyn Store>, kind: Kind, query: DocumentQuery) -> Vec<u64> {
    let page: Page<String> = store.documents(kind, query, PageRequest::new(10, None)).await.unwrap();
    let id = |body: &String| serde_json::from_str::<Value>(body).unwrap()["n"].as_u64().unwrap();
    page.items.iter().map(id).collect()
}

/// Those that an operator must have: SQLite's own way to say that a value is there once.
fn needs_value(kind: Kind, field: &str) -> bool {
    matches!((kind, field), (Kind::TariffVersion, "number") | (Kind::Token, "hash"))
}

pub(in crate::store) async fn every_field_of_every_kind_is_found_and_sorted_by(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    for kind in Kind::ALL {
        for field in kind.fields() {
            let [lesser, greater] = values(field);
            let document = |n: u64, value: &Value| (n.to_string(), json!({"n": n, *field: value}));
            let mut documents = vec![document(1, &greater), document(2, &lesser)];
            if !needs_value(kind, field) {
                documents.push(document(3, &Value::Null));
                documents.push(("4".into(), json!({"n": 4})));
            }
            let without: Vec<u64> = (3..=documents.len() as u64).collect();
            write(&store, kind, documents).await.unwrap();

            let what = format!("{field} of {kind:?}");
            let by = |descending| DocumentQuery { sort: Some((field, descending)), ..DocumentQuery::default() };
            assert_eq!(ids(&store, kind, by(false)).await, [without.as_slice(), &[2, 1]].concat(), "{what}");
            let newest_without: Vec<u64> = without.iter().rev().copied().collect();
            assert_eq!(ids(&store, kind, by(true)).await, [&[1, 2], newest_without.as_slice()].concat(), "{what}");
            let test = |comparison| DocumentQuery {
                tests: vec![Test { field, comparison }],
                sort: Some(("id", false)),
                ..DocumentQuery::default()
            };
            for (comparison, expected) in [
                (Comparison::Is(greater.clone()), vec![1]),
                (Comparison::Is(Value::Null), without.clone()),
                (Comparison::IsSet, vec![1, 2]),
                (Comparison::IsOneOf(vec![lesser.clone(), greater.clone(), lesser.clone()]), vec![1, 2]),
                (Comparison::IsOneOf(vec![greater.clone(), Value::Null]), [&[1], without.as_slice()].concat()),
                (Comparison::IsOneOf(vec![]), vec![]),
                (Comparison::From(greater.clone()), vec![1]),
                (Comparison::Before(greater.clone()), vec![2]),
            ] {
                assert_eq!(ids(&store, kind, test(comparison.clone())).await, expected, "{comparison:?} {what}");
            }
            searched(&store, kind, field, without).await;
        }
    }
}

/// The same in a unit of work, which then takes the documents away.
async fn searched(store: &Arc<dyn Store>, kind: Kind, field: &'static str, without: Vec<u64>) {
    let work = store.work(Box::new(move |books: &mut dyn Books| {
        let [lesser, greater] = values(field);
        let found = |body: &String| serde_json::from_str::<Value>(body).unwrap()["n"].as_u64().unwrap();
        for (value, expected) in [(lesser, vec![2]), (greater, vec![1]), (Value::Null, without)] {
            let ids: Vec<u64> = books.search(kind, field, &value, 10)?.iter().map(found).collect();
            assert_eq!(ids, expected, "{field} of {kind:?}");
        }
        for id in ["1", "2", "3", "4"] {
            books.remove(kind, id)?;
        }
        Ok(())
    }));
    work.await.unwrap();
}

pub(in crate::store) async fn what_is_unique_is_held_once(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    for (kind, field) in [
        (Kind::Order, "open_on"),
        (Kind::Alarm, "open_key"),
        (Kind::TariffVersion, "number"),
        (Kind::Token, "hash"),
        (Kind::Command, "key"),
    ] {
        let one = |id: &str, value: Option<&str>| (id.to_owned(), json!({field: value}));
        write(&store, kind, vec![one("1", Some("x")), one("2", Some("y"))]).await.unwrap();
        let second = write(&store, kind, vec![one("4", Some("z")), one("3", Some("x"))]).await;
        assert!(matches!(second, Err(StoreError::Backend(_))), "{second:?}");
        assert_eq!(store.document(kind, "4".into()).await.unwrap(), None, "none of the work was done");
        write(&store, kind, vec![one("1", Some("x"))]).await.unwrap();
        write(&store, kind, vec![one("1", None), one("3", Some("x"))]).await.unwrap();
    }
}

pub(in crate::store) async fn all_documents_of_a_kind_are_read(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let piles: Vec<Pile> =
        (0..600).map(|index| Pile { enabled: index % 2 == 0, ..pile(&format!("{:04}", index * 7 % 600)) }).collect();
    put(&store, piles.clone()).await;
    let codes = |bodies: Vec<String>| -> Vec<_> {
        bodies.iter().map(|body| serde_json::from_str::<Pile>(body).unwrap().id()).collect()
    };
    let mut all: Vec<_> = piles.iter().map(|pile| pile.code).collect();
    all.sort();
    assert_eq!(codes(store.all_documents(Kind::Pile, None).await.unwrap()), all);
    let disabled = store.all_documents(Kind::Pile, Some(("enabled", vec![json!(false)]))).await.unwrap();
    assert_eq!(disabled.len(), 300);
    let two = store.all_documents(Kind::Pile, Some(("id", vec![json!("0007"), json!("0001"), json!("x")]))).await;
    assert_eq!(codes(two.unwrap()), [code("0001"), code("0007")]);
    let none = store.all_documents(Kind::Pile, Some(("enabled", vec![]))).await.unwrap();
    assert_eq!(none, [""; 0]);
}

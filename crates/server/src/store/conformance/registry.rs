//! Piles, tariffs and who waits to become a pile.

use super::{Bed, at, code, pile, terms, walk};
use crate::store::{PageRequest, PileFilter, Put, StoreError};
use proptest::prelude::*;
use voltapile_platform::pile::{Pile, WaitingPile};
use voltapile_platform::tariff::TariffId;

fn id(text: &str) -> TariffId {
    text.parse().unwrap()
}

pub(in crate::store) async fn a_pile_is_put_replaced_and_found(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let first = pile("55031412782305");
    assert_eq!(store.pile(first.code).await.unwrap(), None);
    assert_eq!(store.put_pile(first.clone()).await.unwrap(), Put::Created(first.clone()));

    let renamed = Pile { name: Some("北门 1".into()), enabled: false, created_at: at(99), ..first.clone() };
    let stored = Pile { created_at: first.created_at, ..renamed.clone() };
    assert_eq!(store.put_pile(renamed).await.unwrap(), Put::Replaced(stored.clone()));
    assert_eq!(store.pile(first.code).await.unwrap(), Some(stored.clone()));
    assert_eq!(store.all_piles().await.unwrap(), std::slice::from_ref(&stored));

    store.enrol_pile(pile("55031412782305")).await.unwrap();
    assert_eq!(store.pile(first.code).await.unwrap(), Some(stored), "enrolment changes nothing that was put");
    store.enrol_pile(pile("77")).await.unwrap();
    assert!(store.pile(code("77")).await.unwrap().is_some());

    let lost = Pile { tariff: Some(id("nowhere")), ..first };
    let refused = store.put_pile(lost).await;
    assert!(matches!(refused, Err(StoreError::NotFound { what: "tariff", .. })), "{refused:?}");
}

pub(in crate::store) async fn piles_come_in_pages_that_miss_and_repeat_none(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let mut piles = Vec::new();
    for index in 0..60 {
        let name = (index % 3 == 0).then(|| format!("Gate_{index}"));
        piles.push(Pile { name, enabled: index % 2 == 0, ..pile(&format!("{:x}", 1000 + index * 37)) });
    }
    for pile in &piles {
        store.put_pile(pile.clone()).await.unwrap();
    }
    piles.sort_by_key(|pile| pile.code);

    let runtime = tokio::runtime::Handle::current();
    let prefixes = prop::sample::select(vec![None, Some("4"), Some("gate_1"), Some("GATE"), Some("%"), Some("x")]);
    let check = move || {
        proptest!(ProptestConfig::with_cases(48), |(limit in 1_usize..70, prefix in prefixes, enabled: Option<bool>)| {
            let begins = |text: &str, prefix: &str| text.to_lowercase().starts_with(&prefix.to_lowercase());
            let matches = |pile: &&Pile| {
                let name = pile.name.as_deref().unwrap_or_default();
                prefix.is_none_or(|prefix| begins(pile.code.as_str(), prefix) || begins(name, prefix))
                    && enabled.is_none_or(|enabled| enabled == pile.enabled)
            };
            let wanted: Vec<_> = piles.iter().filter(matches).map(|pile| pile.code).collect();
            let filter = PileFilter { prefix: prefix.map(Into::into), enabled };
            let list = |page| store.piles(filter.clone(), page);
            let walked = runtime.block_on(walk(limit, list, |pile: &Pile| pile.code)).unwrap();
            prop_assert_eq!(walked, wanted);
        });
    };
    tokio::task::spawn_blocking(check).await.unwrap();
}

pub(in crate::store) async fn a_tariff_number_is_held_once(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let created = store.put_tariff(id("day"), terms("0100"), at(0)).await.unwrap().into_inner();
    assert_eq!(store.tariff(id("day")).await.unwrap(), Some(created));

    let taken = store.put_tariff(id("night"), terms("0100"), at(1)).await.unwrap_err();
    assert!(matches!(&taken, StoreError::TariffNumberTaken { holder, .. } if *holder == id("day")), "{taken}");
    assert_eq!(store.tariff(id("night")).await.unwrap(), None);

    let renamed = voltapile_platform::tariff::TariffTerms::new(
        "0100".parse().unwrap(),
        "another name",
        *terms("0100").prices(),
        *terms("0100").schedule(),
        terms("0100").loss_ratio(),
    );
    store.put_tariff(id("day"), renamed.unwrap(), at(1)).await.unwrap();
    let dearer = voltapile_platform::tariff::TariffTerms::new(
        "0100".parse().unwrap(),
        "dearer",
        *terms("0100").prices(),
        *terms("0100").schedule(),
        terms("0100").loss_ratio() + 1,
    );
    let unchanged = store.put_tariff(id("day"), dearer.unwrap(), at(1)).await.unwrap_err();
    assert!(matches!(unchanged, StoreError::TariffNumberUnchanged { .. }), "{unchanged}");

    let replaced = store.put_tariff(id("day"), terms("0200"), at(2)).await.unwrap();
    let Put::Replaced(replaced) = replaced else { panic!("{replaced:?}") };
    assert_eq!((replaced.created_at, replaced.updated_at), (at(0), at(2)));
    store.put_tariff(id("night"), terms("0100"), at(3)).await.unwrap();

    let walked = walk(1, |page| store.tariffs(page), |tariff| tariff.id.clone()).await.unwrap();
    assert_eq!(walked, [id("day"), id("night")]);
    assert_eq!(store.all_tariffs().await.unwrap().len(), 2);
}

pub(in crate::store) async fn a_tariff_is_assigned_and_taken_away(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    store.put_pile(pile("1")).await.unwrap();
    store.put_tariff(id("day"), terms("0100"), at(0)).await.unwrap();
    let assigned = store.assign_tariff(code("1"), Some(id("day"))).await.unwrap();
    assert_eq!(assigned.tariff, Some(id("day")));
    store.put_tariff(id("day"), terms("0200"), at(1)).await.unwrap();
    assert_eq!(store.pile(code("1")).await.unwrap(), Some(assigned));

    let no_tariff = store.assign_tariff(code("1"), Some(id("dusk"))).await;
    assert!(matches!(no_tariff, Err(StoreError::NotFound { what: "tariff", .. })));
    let no_pile = store.assign_tariff(code("2"), Some(id("day"))).await;
    assert!(matches!(no_pile, Err(StoreError::NotFound { what: "pile", .. })));
    assert_eq!(store.assign_tariff(code("1"), None).await.unwrap().tariff, None);
}

pub(in crate::store) async fn a_tariff_is_assigned_to_all_or_none(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    for text in ["1", "2"] {
        store.put_pile(pile(text)).await.unwrap();
    }
    store.put_tariff(id("day"), terms("0100"), at(0)).await.unwrap();

    let one_missing = store.assign_tariff_to_all(vec![code("1"), code("3")], id("day")).await;
    assert!(matches!(one_missing, Err(StoreError::NotFound { what: "pile", key }) if key == "3"));
    assert_eq!(store.pile(code("1")).await.unwrap().unwrap().tariff, None);
    let no_tariff = store.assign_tariff_to_all(vec![code("1")], id("dusk")).await;
    assert!(matches!(no_tariff, Err(StoreError::NotFound { what: "tariff", .. })));

    let assigned = store.assign_tariff_to_all(vec![code("2"), code("1")], id("day")).await.unwrap();
    assert_eq!(assigned.iter().map(|pile| pile.code).collect::<Vec<_>>(), [code("2"), code("1")]);
    assert_eq!(store.all_piles().await.unwrap().iter().filter(|pile| pile.tariff == Some(id("day"))).count(), 2);
}

pub(in crate::store) async fn a_waiting_pile_is_counted_and_approved(bed: &impl Bed) {
    let store = bed.open().await.unwrap();
    let attempt = |text: &str, seconds| WaitingPile {
        code: code(text),
        first_seen: at(seconds),
        last_seen: at(seconds),
        attempts: 1,
        peer: format!("10.0.0.{seconds}:4711"),
        declared: serde_json::json!({"software": seconds}),
    };
    store.note_waiting(vec![attempt("A1", 1), attempt("B2", 2), attempt("A1", 3)]).await.unwrap();
    let waiting = WaitingPile { first_seen: at(1), attempts: 2, ..attempt("A1", 3) };
    assert_eq!(store.waiting_pile(code("A1")).await.unwrap(), Some(waiting));
    let walked = walk(1, |page| store.waiting_piles(page), |waiting| waiting.code).await.unwrap();
    assert_eq!(walked, [code("A1"), code("B2")]);

    let stranger = store.approve_pile(pile("C3")).await;
    assert!(matches!(stranger, Err(StoreError::NotFound { what: "waiting pile", .. })));
    let untaxed = Pile { tariff: Some(id("nowhere")), ..pile("A1") };
    assert!(store.approve_pile(untaxed).await.is_err());
    assert!(store.waiting_pile(code("A1")).await.unwrap().is_some(), "a failed approval changes nothing");

    assert_eq!(store.approve_pile(pile("A1")).await.unwrap(), pile("A1"));
    assert_eq!(store.waiting_pile(code("A1")).await.unwrap(), None);
    assert_eq!(store.pile(code("A1")).await.unwrap(), Some(pile("A1")));

    store.note_waiting(vec![attempt("A1", 9)]).await.unwrap();
    assert_eq!(store.waiting_pile(code("A1")).await.unwrap(), None, "a registered pile does not wait");
    store.put_pile(pile("B2")).await.unwrap();
    let empty = store.waiting_piles(PageRequest::new(10, None)).await.unwrap();
    assert_eq!((empty.items, empty.next_cursor), (vec![], None));
}

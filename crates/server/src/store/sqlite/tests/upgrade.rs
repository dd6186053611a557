//! A database of the first version, brought up to date.

use super::super::migrations;
use super::*;
use crate::store::{BookStore, PageRequest, RecordFilter, WaitingStore};
use serde_json::json;
use voltapile_platform::book::{Document, Kind, from_json};
use voltapile_platform::pile::Pile;
use voltapile_platform::tariff::{Tariff, TariffTerms, TariffVersion};
use voltapile_platform::timestamp::Timestamp;

const NOW: i64 = 1_795_162_530_123;

fn terms() -> TariffTerms {
    let form = json!({
        "number": "01ab",
        "name": "日夜 \"day\"",
        "prices": {"flat": {"electricity": "0.8", "service": "0.4"}},
        "periods": [{"from": "00:00", "to": "24:00", "tier": "flat"}],
    });
    serde_json::from_value(form).unwrap()
}

fn fill(db: &rusqlite::Connection) {
    let terms = serde_json::to_string(&terms()).unwrap();
    let tariff = "INSERT INTO tariffs VALUES ('day', x'01ab', ?1, ?2, ?3)";
    db.execute(tariff, (terms, NOW, NOW + 4001)).unwrap();
    let piles =
        [("1", Some("北门 'A'"), Some("day"), true, NOW), ("2", None, None, false, -1), ("3", None, None, true, 0)];
    for (code, name, tariff, enabled, created_at) in piles {
        let pile = "INSERT INTO piles VALUES (?1, ?2, 'model', 2, ?3, ?4, ?5)";
        db.execute(pile, (code, name, tariff, enabled, created_at)).unwrap();
    }
    db.execute("INSERT INTO waiting_piles VALUES ('9', 0, 0, 1, '', 'null')", []).unwrap();
    let record = "INSERT INTO records (received_at, last_received_at, pile_code, connector, transaction_number,
            discriminator, frame_type, raw, state, unreadable_reason)
        VALUES (?1, ?1, '1', 1, zeroblob(16), ?2, 59, x'00', 'unreadable', 'short')";
    for index in 0..3_u8 {
        db.execute(record, (NOW, vec![index])).unwrap();
    }
}

async fn get<T: Document>(store: &SqliteStore, id: &str) -> Option<T> {
    let body = store.document(T::KIND, id.to_owned()).await.unwrap();
    body.map(|body| {
        let document: T = from_json(T::KIND, id, &body).unwrap();
        assert_eq!(serde_json::to_string(&document).unwrap(), body, "written as the platform writes it");
        document
    })
}

#[tokio::test]
async fn what_the_first_version_kept_becomes_documents() {
    let directory = Directory::new();
    std::fs::create_dir_all(directory.path().parent().unwrap()).unwrap();
    let mut db = connection::open_writer(&directory.path()).unwrap();
    migrations::migrate_to(&mut db, 1).unwrap();
    fill(&db);
    drop(db);

    let store = SqliteStore::open(&directory.path(), None).unwrap();
    let at = Timestamp::from_unix_ms;
    let tariff: Tariff = get(&store, "day").await.unwrap();
    let expected = Tariff {
        id: "day".parse().unwrap(),
        operator: None,
        name: "日夜 \"day\"".into(),
        latest_version: 1,
        created_at: at(NOW),
        updated_at: at(NOW + 4001),
    };
    assert_eq!(tariff, expected);
    let version: TariffVersion = get(&store, "day/1").await.unwrap();
    assert_eq!((version.version, version.operator, version.upcoming), (1, None, false));
    assert_eq!((version.number, version.terms), (terms().number(), terms()));
    assert_eq!((version.effective_from, version.used_at, version.created_at), (at(NOW), Some(at(NOW)), at(NOW)));

    let pile: Pile = get(&store, "1").await.unwrap();
    let expected = Pile {
        code: PileCode::new("1").unwrap(),
        operator: None,
        station: None,
        name: Some("北门 'A'".into()),
        model: Some("model".into()),
        serial: None,
        profile: None,
        connector_count: 2,
        tariff: Some(expected.id),
        enabled: true,
        power_limit: None,
        created_at: at(NOW),
    };
    assert_eq!(pile, expected);
    let pile: Pile = get(&store, "2").await.unwrap();
    assert_eq!((pile.name, pile.tariff, pile.enabled, pile.created_at), (None, None, false, at(-1)));
    assert_eq!(store.all_documents(Kind::Pile, None).await.unwrap().len(), 3);

    for (kind, field, value, found) in [
        (Kind::Pile, "enabled", json!(false), 1),
        (Kind::Pile, "tariff", json!("day"), 1),
        (Kind::Pile, "name", json!(null), 2),
        (Kind::Pile, "model", json!("model"), 3),
        (Kind::Pile, "created_at", json!(at(-1)), 1),
        (Kind::Pile, "operator", json!(null), 3),
        (Kind::Tariff, "name", json!("日夜 \"day\""), 1),
        (Kind::Tariff, "created_at", json!(at(NOW)), 1),
        (Kind::TariffVersion, "tariff", json!("day"), 1),
        (Kind::TariffVersion, "number", json!("01ab"), 1),
        (Kind::TariffVersion, "effective_from", json!(at(NOW)), 1),
        (Kind::TariffVersion, "upcoming", json!(false), 1),
    ] {
        let bodies = store.all_documents(kind, Some((field, vec![value]))).await.unwrap();
        assert_eq!(bodies.len(), found, "{field} of {kind:?}");
    }

    assert_eq!(store.waiting_piles(PageRequest::new(10, None)).await.unwrap().items.len(), 1);
    assert_eq!(store.records(RecordFilter::default(), PageRequest::new(10, None)).await.unwrap().items.len(), 3);
    assert_eq!(store.unjudged_records(10).await.unwrap(), [], "what was there before is history");
}

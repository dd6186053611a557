//! Databases of earlier versions, brought up to date.

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

/// A record's body as it was written before there were two kinds and names for reasons.
const BEFORE_0005: &str = r#"{"transaction_number":"5503141278230501261120160000000a","pile_code":"1","connector":1,
    "started_at":"2026-11-20T08:00:00.000Z","ended_at":null,"transacted_at":null,"tiers":{
    "sharp":{"unit_price":"0.00000","energy":"0.0000","energy_with_loss":"0.0000","amount":"0.0000"},
    "peak":{"unit_price":"0.00000","energy":"0.0000","energy_with_loss":"0.0000","amount":"0.0000"},
    "flat":{"unit_price":"1.20000","energy":"1.0000","energy_with_loss":"1.0000","amount":"1.2000"},
    "valley":{"unit_price":"0.00000","energy":"0.0000","energy_with_loss":"0.0000","amount":"0.0000"}},
    "meter_start":"0.0000","meter_stop":"1.0000","energy":"1.0000","energy_with_loss":"1.0000","amount":"1.2000",
    "vin":null,"start_source":{"code":4,"name":"offline_card"},"stop_reason":65,"physical_card":"00000000d14b0a54"}"#;

#[tokio::test]
async fn records_from_before_a_second_protocol_are_read() {
    let directory = Directory::new();
    std::fs::create_dir_all(directory.path().parent().unwrap()).unwrap();
    let mut db = connection::open_writer(&directory.path()).unwrap();
    migrations::migrate_to(&mut db, 4).unwrap();
    let number = "x'5503141278230501261120160000000A'";
    db.execute_batch(&format!(
        "INSERT INTO records (id, received_at, last_received_at, duplicates, pile_code, connector, transaction_number,
             discriminator, frame_type, raw, state, parsed, judged)
         VALUES (7, {NOW}, {NOW}, 2, '1', 1, {number}, x'', 59, x'3b', 'parsed', '{BEFORE_0005}', 0);
         INSERT INTO record_variants (id, record_id, received_at, frame_type, raw, parsed)
         VALUES (3, 7, {NOW}, 59, x'3c', '{BEFORE_0005}')"
    ))
    .unwrap();
    drop(db);

    let store = SqliteStore::open(&directory.path(), None).unwrap();
    let number: TransactionNumber = "5503141278230501261120160000000a".parse().unwrap();
    let [record] = &store.records_of_transaction(number).await.unwrap()[..] else { panic!("one record") };
    assert_eq!((record.id, record.duplicates, record.variants), (RecordId(7), 2, 1));
    assert_eq!((record.protocol.as_str(), record.frame_type, &record.raw[..]), ("ykc", 59, &[0x3b][..]));
    let RecordReading::Parsed(parsed) = &record.reading else { panic!("{record:?}") };
    assert_eq!(parsed.sold.tiers().unwrap().flat.amount.steps(), 12_000);
    assert_eq!(parsed.start_source, StartSource::new(StartedBy::OfflineCard, 4));
    assert_eq!((parsed.stop_reason.code, &parsed.stop_reason.name), (65, &None));
    let variants = store.record_variants(RecordId(7)).await.unwrap();
    assert_eq!(variants[0].parsed.as_ref(), Some(parsed));
    assert_eq!(store.unjudged_records(10).await.unwrap().len(), 1, "what was to be judged still is");

    // Sent again it is the same record.
    let again = NewRecord {
        received_at: Timestamp::from_unix_ms(NOW),
        pile_code: PileCode::new("1").unwrap(),
        connector: ConnectorNumber(1),
        transaction_number: number,
        protocol: "ykc",
        frame_type: 59,
        raw: vec![0x3b],
        reading: record.reading.clone(),
    };
    assert_eq!(store.store_record(again).await.unwrap(), RecordOutcome::Duplicate(RecordId(7)));
}

#[tokio::test]
async fn orders_from_before_are_found_by_their_records() {
    let directory = Directory::new();
    std::fs::create_dir_all(directory.path().parent().unwrap()).unwrap();
    let mut db = connection::open_writer(&directory.path()).unwrap();
    migrations::migrate_to(&mut db, 5).unwrap();
    db.execute_batch(
        r#"INSERT INTO orders (id, body) VALUES (1, '{"id": 1, "record": 7}'), (2, '{"id": 2, "record": null}'),
             (3, '{"id": 3}')"#,
    )
    .unwrap();
    drop(db);

    let store = SqliteStore::open(&directory.path(), None).unwrap();
    for (record, found) in [(json!(7), vec![1]), (json!(8), vec![]), (json!(null), vec![2, 3])] {
        let bodies = store.all_documents(Kind::Order, Some(("record", vec![record]))).await.unwrap();
        let id = |body: &String| serde_json::from_str::<serde_json::Value>(body).unwrap()["id"].as_i64().unwrap();
        assert_eq!(bodies.iter().map(id).collect::<Vec<_>>(), found);
    }
}

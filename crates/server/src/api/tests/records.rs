//! Transaction records: found, listed, with what else was sent under their key.

use serde_json::{Value, json};
use voltapile_platform::business::{Business, ReceivedRecord};
use voltapile_platform::identity::{ConnectorNumber, TransactionNumber};
use voltapile_platform::record::{
    HalfHourUsage, RecordReading, Sold, StartSource, StartedBy, StopReason, TransactionRecord,
};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::{Amount, Energy};
use voltapile_protocol::Protocol;

use super::{Bed, pile_code};
use crate::store::NewRecord;

const START_MS: i64 = 1_795_162_530_000;

fn number(last: u8) -> TransactionNumber {
    let mut bytes = [0x55; 16];
    bytes[15] = last;
    TransactionNumber::from_bcd(&bytes)
}

pub(super) fn record(pile: &str, last: u8, raw: u8) -> NewRecord {
    let (pile_code, connector, transaction_number) = (pile_code(pile), ConnectorNumber(1), number(last));
    let energy = Energy::from_steps(1650);
    let parsed = TransactionRecord {
        transaction_number,
        pile_code,
        connector,
        started_at: None,
        ended_at: None,
        transacted_at: None,
        sold: Sold::default(),
        other_form: false,
        meter_start: Energy::ZERO,
        meter_stop: energy,
        energy,
        energy_with_loss: energy,
        amount: Amount::from_steps(1400),
        vin: None,
        start_source: StartSource::new(StartedBy::App, 1),
        stop_reason: StopReason::new(0x40, Some("soc_reached")),
        physical_card: "0000000000000000".to_owned(),
        soc_start: None,
        soc_end: None,
    };
    NewRecord {
        received_at: Timestamp::from_unix_ms(START_MS + i64::from(last) * 1000),
        pile_code,
        connector,
        transaction_number,
        protocol: "ykc",
        frame_type: 0x3B,
        raw: vec![0xAB, raw],
        reading: RecordReading::Parsed(Box::new(parsed)),
    }
}

async fn bed() -> Bed {
    let bed = Bed::new().await;
    for last in 1..=5 {
        bed.core.store.store_record(record(if last == 5 { "2" } else { "1" }, last, 0)).await.unwrap();
    }
    let reading = RecordReading::Unreadable { reason: "too short".to_owned() };
    bed.core.store.store_record(NewRecord { reading, ..record("1", 6, 0) }).await.unwrap();
    bed
}

fn ids(items: &[Value]) -> Vec<i64> {
    items.iter().map(|item| item["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn a_record_is_found_by_its_id_and_its_number() {
    let bed = bed().await;
    let record = bed.get("/api/v1/records/3").await.ok();
    assert_eq!(record["transaction_number"], "55555555555555555555555555555503");
    assert_eq!((&record["frame_type"], &record["raw"]), (&json!("0x3B"), &json!("AB00")));
    assert_eq!((&record["state"], &record["unreadable_reason"]), (&json!("parsed"), &Value::Null));
    assert_eq!((&record["parsed"]["energy"], &record["parsed"]["amount"]), (&json!("0.1650"), &json!("0.1400")));
    assert_eq!(bed.get("/api/v1/records/55555555555555555555555555555503").await.ok(), record);

    let unreadable = bed.get("/api/v1/records/6").await.ok();
    assert_eq!((&unreadable["state"], &unreadable["parsed"]), (&json!("unreadable"), &Value::Null));
    assert_eq!(unreadable["unreadable_reason"], "too short");

    bed.get("/api/v1/records/99").await.problem(404, "not-found");
    let detail = bed.get("/api/v1/records/55555555555555555555555555555599").await.problem(404, "not-found");
    assert!(detail.contains("55555555555555555555555555555599"), "{detail}");
}

#[tokio::test]
async fn a_record_by_half_hour_shows_them_all_and_our_bill_by_tier() {
    let bed = Bed::new().await;
    bed.put("/api/v1/piles/1", json!({})).await;
    bed.put("/api/v1/tariffs/day", super::one_price("0100")).await;
    bed.put("/api/v1/piles/1/tariff", json!({"tariff": "day"})).await.ok();
    let number: TransactionNumber = "AB-7".parse().unwrap();
    let mut usage = HalfHourUsage { electricity: Some(Amount::from_steps(14_000)), ..HalfHourUsage::default() };
    usage.energies[1] = Energy::from_steps(10_000);
    let mut new = record("1", 1, 0);
    new.received_at = bed.core.clock.now();
    (new.transaction_number, new.protocol, new.frame_type) = (number, Protocol::Aaf5.name(), 222);
    let RecordReading::Parsed(parsed) = &mut new.reading else { panic!() };
    (parsed.transaction_number, parsed.sold) = (number, Sold::half_hours(usage));
    let record = bed.core.store.store_record(new.clone()).await.unwrap().record().0;
    let unjudged = bed.get("/api/v1/records/AB-7").await.ok();
    assert_eq!((&unjudged["order"], &unjudged["bill"]), (&Value::Null, &Value::Null));
    let judge = move |business: &mut Business<'_>| {
        let NewRecord { received_at, pile_code: pile, connector, reading, .. } = &new;
        let (received_at, pile, connector) = (*received_at, *pile, *connector);
        business.record_received(&ReceivedRecord { record, received_at, pile, connector, number, reading })
    };
    bed.core.business(judge).await.unwrap();

    let shown = bed.get("/api/v1/records/AB-7").await.ok();
    assert_eq!((&shown["protocol"], &shown["frame_type"]), (&json!("aaf5"), &json!("222")));
    let half_hours = &shown["parsed"]["half_hours"];
    assert_eq!(half_hours["energies"].as_array().unwrap().len(), 48);
    assert_eq!((&half_hours["energies"][1], &half_hours["electricity"]), (&json!("1.0000"), &json!("1.4000")));
    assert_eq!((&shown["parsed"]["tiers"], &shown["order"]), (&Value::Null, &json!(1)));
    assert_eq!(shown["bill"]["tiers"]["flat"]["energy"], "1.0000");
}

#[tokio::test]
async fn of_several_records_with_a_number_the_newest_is_shown() {
    let bed = bed().await;
    bed.core.store.store_record(record("2", 3, 0)).await.unwrap();
    let newest = bed.get("/api/v1/records/55555555555555555555555555555503").await.ok();
    assert_eq!((&newest["id"], &newest["pile_code"]), (&json!(7), &json!("2")));
    let all = bed.walk("/api/v1/records?transaction_number=55555555555555555555555555555503", 1).await;
    assert_eq!(ids(&all), [7, 3]);
}

#[tokio::test]
async fn records_are_listed_by_what_is_asked() {
    let bed = bed().await;
    let list = async |query: &str| ids(&bed.walk(&format!("/api/v1/records{query}"), 2).await);
    assert_eq!(list("").await, [6, 5, 4, 3, 2, 1]);
    assert_eq!(list("?pile=2").await, [5]);
    assert_eq!(list("?pile=3").await, [0_i64; 0]);
    assert_eq!(list("?state=unreadable").await, [6]);
    let (from, to) = (Timestamp::from_unix_ms(START_MS + 2000), Timestamp::from_unix_ms(START_MS + 4000));
    assert_eq!(list(&format!("?received_from={from}&received_to={to}")).await, [3, 2]);
    assert_eq!(list("?received_from=2026-11-20T16:00:00%2B08:00&pile=1&state=parsed").await, [4, 3, 2, 1]);
}

#[tokio::test]
async fn what_else_was_sent_is_shown() {
    let bed = bed().await;
    bed.core.store.store_record(record("1", 3, 0x77)).await.unwrap();
    assert_eq!(bed.get("/api/v1/records/3").await.ok()["variants"], 1);
    let variants = bed.get("/api/v1/records/3/variants").await.ok();
    assert_eq!(variants["next_cursor"], Value::Null);
    assert_eq!(variants["items"][0]["raw"], "AB77");
    assert_eq!(variants["items"][0]["frame_type"], "0x3B");
    assert_eq!(bed.get("/api/v1/records/1/variants").await.ok()["items"], json!([]));
    bed.get("/api/v1/records/99/variants").await.problem(404, "not-found");
}

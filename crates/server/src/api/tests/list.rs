//! Pages of piles: each once, whatever is asked for.

use serde_json::Value;

use super::Bed;

/// Registers piles 00001 … in one go.
fn many(count: u32) -> impl FnOnce(&rusqlite::Connection) {
    move |db| {
        let sql = "INSERT INTO piles (id, name, enabled, created_at, body)
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
             SELECT printf('%05d', i), 'P' || i, i % 2, '2026-11-20T08:15:30.000Z',
                 json_object('code', printf('%05d', i), 'operator', NULL, 'station', NULL, 'name', 'P' || i,
                     'model', NULL, 'serial', NULL, 'profile', NULL, 'connector_count', 2, 'tariff', NULL,
                     'enabled', json(iif(i % 2 = 1, 'true', 'false')), 'power_limit', NULL,
                     'created_at', '2026-11-20T08:15:30.000Z') FROM n";
        db.execute(sql, [count]).unwrap();
    }
}

fn codes(items: &[Value]) -> Vec<u32> {
    items.iter().map(|pile| pile["code"].as_str().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn pages_visit_each_pile_once() {
    let bed = Bed::prepared(many(120)).await;
    assert_eq!(bed.get("/api/v1/piles").await.ok()["items"].as_array().unwrap().len(), 50);
    assert_eq!(codes(&bed.walk("/api/v1/piles", 7).await), (1..=120).collect::<Vec<_>>());
    assert_eq!(codes(&bed.walk("/api/v1/piles?enabled=true", 7).await), (1..=120).step_by(2).collect::<Vec<_>>());
    assert_eq!(codes(&bed.walk("/api/v1/piles?q=0001", 3).await), (10..=19).collect::<Vec<_>>());
    assert_eq!(codes(&bed.walk("/api/v1/piles?q=p12", 3).await), [12, 120]);
}

#[tokio::test]
async fn pages_of_a_status_are_full_and_visit_each_pile_once() {
    let bed = Bed::prepared(many(1200)).await;
    let (online, offline): (Vec<u32>, Vec<u32>) = (1..=1200).partition(|number| number % 3 == 0);
    for number in &online {
        bed.log_in(&format!("{number:05}"));
    }
    for limit in [1, 7, 400, 500] {
        assert_eq!(codes(&bed.walk("/api/v1/piles?status=online", limit).await), online);
    }
    assert_eq!(codes(&bed.walk("/api/v1/piles?status=offline", 500).await), offline);
    let first = bed.get("/api/v1/piles?status=online&limit=400").await.ok();
    assert_eq!(first["items"].as_array().unwrap().len(), 400);
    assert_eq!(first["next_cursor"], Value::Null, "the last page says so");
    let metrics = bed.get("/metrics").await.text;
    assert!(metrics.contains("voltapile_piles_online 400"), "{metrics}");
}

#[tokio::test]
async fn few_piles_far_apart_are_found_once_each() {
    let bed = Bed::prepared(many(1200)).await;
    let online: Vec<u32> = (650..=660).chain([3, 900, 1199]).collect();
    online.iter().for_each(|number| drop(bed.log_in(&format!("{number:05}"))));
    let sorted = [&[3], &online[..11], &[900, 1199]].concat();
    for limit in [1, 4, 50] {
        assert_eq!(codes(&bed.walk("/api/v1/piles?status=online", limit).await), sorted);
    }
    let sorted: Vec<u32> = sorted.into_iter().rev().collect();
    assert_eq!(codes(&bed.walk("/api/v1/piles?status=online&sort=-created_at", 2).await), sorted);
}

#[tokio::test]
async fn one_request_looks_through_a_bounded_number_of_piles() {
    let bed = Bed::prepared(many(10_001)).await;
    bed.log_in("10001");
    let first = bed.get("/api/v1/piles?status=online").await.ok();
    assert!(first["items"].as_array().unwrap().is_empty() && first["next_cursor"].is_string());
    assert_eq!(codes(&bed.walk("/api/v1/piles?status=online", 50).await), [10_001]);
}

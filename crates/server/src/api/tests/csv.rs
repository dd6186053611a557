//! Lists as CSV.

use axum::body::Body;
use axum::http::{Method, header};
use serde_json::json;

use super::{Answer, Bed, request};

async fn csv(bed: &Bed, path: &str) -> Answer {
    let request = request(Method::GET, path).header(header::ACCEPT, "text/csv, */*;q=0.1");
    bed.answer(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn orders_come_as_a_table() {
    let bed = Bed::new().await;
    bed.two_operators().await;
    bed.put("/api/v1/tariffs/day", super::one_price("0100")).await;
    bed.put("/api/v1/accounts/li", json!({"name": "Li", "operator": "east"})).await;
    bed.post("/api/v1/accounts/li/top-ups", json!({"amount": "100"})).await;
    bed.put("/api/v1/piles/1/tariff", json!({"tariff": "day"})).await;
    bed.log_in("1");
    for connector in [1, 2] {
        let form = json!({"pile": "1", "connector": connector, "account": "li", "limit": "20"});
        let made = bed.post("/api/v1/orders", form).await;
        assert_eq!(made.status.as_u16(), 201, "{}", made.text);
    }
    let answer = csv(&bed, "/api/v1/orders?limit=1").await;
    assert_eq!(answer.header(header::CONTENT_TYPE), "text/csv; charset=utf-8; header=present");
    assert_eq!(answer.header(header::CONTENT_DISPOSITION), "attachment; filename=\"orders.csv\"");
    let text = answer.text.strip_prefix('\u{FEFF}').unwrap();
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 3, "all of it, whatever the limit: {text}");
    assert!(lines[0].starts_with("id,transaction_number,state,origin,operator,station,pile,connector,account,"));
    let cells: Vec<&str> = lines[2].split(',').collect();
    assert_eq!(cells.len(), lines[0].split(',').count());
    assert_eq!((cells[0], cells[3], &cells[4..9]), ("1", "remote", ["east", "east-gate", "1", "1", "li"].as_slice()));
    assert_eq!(csv(&bed, "/api/v1/orders?format=json").await.ok()["items"].as_array().unwrap().len(), 2);
    assert_eq!(bed.get("/api/v1/orders?format=csv&connector=2").await.text.matches("\r\n").count(), 2);
    csv(&bed, "/api/v1/orders?cursor=zz").await.problem(400, "invalid-parameter");

    let token = bed.token(Some("west"), &["read"]).await;
    let theirs = bed.ask(&token, Method::GET, "/api/v1/orders?format=csv", None).await;
    assert_eq!(theirs.text.matches("\r\n").count(), 1, "only the names of columns: {}", theirs.text);
}

#[tokio::test]
async fn records_come_as_a_table_of_any_length() {
    let bed = Bed::new().await;
    for last in 0..=250 {
        bed.core.store.store_record(super::records::record("1", last, 0)).await.unwrap();
    }
    for last in 0..=250 {
        bed.core.store.store_record(super::records::record("2", last, 0)).await.unwrap();
    }
    let answer = csv(&bed, "/api/v1/records").await;
    assert_eq!(answer.text.matches("\r\n").count(), 503, "more than a page");
    assert!(answer.text.contains("\r\n502,2026-"), "{}", &answer.text[..300]);
    assert_eq!(csv(&bed, "/api/v1/records?pile=2").await.text.matches("\r\n").count(), 252);
}

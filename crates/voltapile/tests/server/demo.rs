//! `serve --demo`: what a newcomer sees first.

use std::time::Duration;

use serde_json::json;

use crate::support::{Setup, eventually, eventually_within};

/// The demo plays 60 times as fast as life; its first car leaves after some 25 s.
const FIRST_BILL_WITHIN: Duration = Duration::from_secs(75);

#[test]
fn twelve_piles_come_alive_and_bill() {
    let server = Setup::new().flag("--demo").without_token().start();
    let greeting = server.greeting.join("\n");
    assert!(greeting.contains("12 virtual piles") && !greeting.contains("shown only now"), "{greeting}");
    let token = greeting.split("Bearer ").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    let api = server.api.with_token(token);
    eventually("12 online piles", || (api.items("piles?status=online").len() == 12).then_some(()));
    let record = eventually_within(FIRST_BILL_WITHIN, "a bill", || api.items("records").pop());
    assert_eq!((&record["state"], &record["variants"]), (&json!("parsed"), &json!(0)));
    server.stop();
}

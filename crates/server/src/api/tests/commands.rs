//! Commands and orders through the API: asked, waited for, taken back, asked twice.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Bed;

#[tokio::test]
async fn a_command_is_asked_and_waited_for() {
    let bed = Bed::new().await;
    bed.two_operators().await;
    bed.log_in_obedient("1");
    let made = bed.post("/api/v1/piles/1/commands?wait=10s", json!({"action": "reboot", "when": "now"})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let command = made.json();
    assert_eq!((&command["state"], &command["operator"]), (&json!("succeeded"), &json!("east")));
    assert_eq!((&command["created_by"], &command["answer"]), (&json!("admin"), &json!({"done": true})));
    let id = command["id"].as_u64().unwrap();
    assert_eq!(made.headers["location"], format!("/api/v1/commands/{id}"));
    assert_eq!(bed.get(&format!("/api/v1/commands/{id}?wait=1s")).await.ok(), command);
    assert_eq!(
        bed.walk("/api/v1/commands?pile=1&state=succeeded&action=reboot", 1).await,
        std::slice::from_ref(&command)
    );
    assert_eq!(bed.walk("/api/v1/piles/1/commands?action=reboot", 1).await, [command]);
    bed.post(&format!("/api/v1/commands/{id}/cancel"), json!({})).await.problem(409, "command-ended");
}

#[tokio::test]
async fn a_pile_that_is_away_is_told_at_once_unless_the_command_is_kept() {
    let bed = Bed::new().await;
    bed.put("/api/v1/piles/1", json!({"connector_count": 2})).await;
    let path = "/api/v1/piles/1/commands";
    bed.post(path, json!({"action": "sync_clock"})).await.problem(409, "pile-offline");
    let kept = bed.post(&format!("{path}?keep=1h"), json!({"action": "sync_clock"})).await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.text);
    let command = kept.json();
    assert_eq!(command["state"], "queued");
    assert!(command["keep_until"].is_string());
    let cancelled = bed.post(&format!("/api/v1/commands/{}/cancel", command["id"]), json!({})).await.ok();
    assert_eq!(cancelled["state"], "cancelled");
    bed.post(&format!("{path}?keep_until=2020-01-01T00:00:00Z"), json!({"action": "sync_clock"}))
        .await
        .problem(422, "unprocessable");
    bed.post(&format!("{path}?keep=1h&keep_until=2126-01-01T00:00:00Z"), json!({"action": "sync_clock"}))
        .await
        .problem(400, "invalid-parameter");
    bed.post("/api/v1/piles/9/commands", json!({"action": "sync_clock"})).await.problem(404, "not-found");
}

#[tokio::test]
async fn what_does_not_fit_is_named() {
    let bed = Bed::new().await;
    bed.put("/api/v1/piles/1", json!({"connector_count": 2})).await;
    bed.log_in("1");
    for (body, status, pointer) in [
        (json!({"action": "explode"}), 400, "/action"),
        (json!({"action": "start_charge", "connector": 1}), 400, "/action"),
        (json!({"action": "read_telemetry", "connector": 0}), 400, ""),
        (json!({"action": "sync_clock", "colour": 1}), 400, ""),
        (json!({"action": "read_telemetry", "connector": 3}), 422, "/connector"),
        (json!({"action": "set_work_parameters", "enabled": true, "power_percent": 20}), 422, "/power_percent"),
    ] {
        let answer = bed.post("/api/v1/piles/1/commands", body).await;
        answer.problem(status, if status == 400 { "invalid-body" } else { "unprocessable" });
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{}", answer.text);
    }
}

#[tokio::test]
async fn a_command_under_a_key_is_asked_once_and_shows_no_password() {
    let bed = Bed::new().await;
    bed.put("/api/v1/piles/1", json!({"connector_count": 2})).await;
    bed.log_in("1");
    let firmware = json!({
        "action": "update_firmware", "model": "dc", "server": "192.0.2.1", "port": 21, "user": "ykc",
        "password": "hidden", "path": "v2.bin", "when": "idle", "timeout_minutes": 10,
    });
    let first = bed.post_once("k", "/api/v1/piles/1/commands", firmware.clone()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text);
    let again = bed.post_once("k", "/api/v1/piles/1/commands", firmware).await;
    assert_eq!(again.json(), first.json());
    assert_eq!(again.headers["idempotent-replayed"], "true");
    bed.post_once("k", "/api/v1/piles/1/commands", json!({"action": "sync_clock"})).await.problem(409, "key-reused");
    for answer in [first, bed.get("/api/v1/commands").await, bed.get("/api/v1/audit").await] {
        assert!(!answer.text.contains("hidden"), "{}", answer.text);
        assert!(!answer.text.contains("\"key\"") && !answer.text.contains("open_pile"), "{}", answer.text);
    }
}

#[tokio::test]
async fn an_alarm_shows_nothing_that_only_the_business_needs() {
    let bed = Bed::new().await;
    bed.put("/api/v1/piles/1", json!({"connector_count": 2})).await;
    let opened = bed.core.business(|business| business.pile_alarm(super::pile_code("1"), "taken_over", None));
    opened.await.unwrap();
    let listed = bed.get("/api/v1/alarms?open=true").await;
    let id = listed.ok()["items"][0]["id"].as_u64().unwrap();
    let (shown, acknowledged) = (format!("/api/v1/alarms/{id}"), format!("/api/v1/alarms/{id}/ack"));
    let events = bed.get("/api/v1/events?type=alarm.opened").await;
    for answer in [listed, bed.get(&shown).await, events, bed.post(&acknowledged, json!({})).await] {
        assert!(answer.text.contains("pile.taken_over") && !answer.text.contains("open_"), "{}", answer.text);
    }
}

#[tokio::test]
async fn offline_cards_are_stored_and_listed() {
    let bed = Bed::new().await;
    bed.two_operators().await;
    bed.put("/api/v1/accounts/li", json!({"name": "Li", "operator": "east"})).await;
    bed.put("/api/v1/cards/a1", json!({"logical_number": "42", "account": "li", "offline": true})).await;
    bed.log_in_obedient("1");
    let path = "/api/v1/piles/1/offline-cards";
    let stored = bed.post_once("k", &format!("{path}?wait=10s"), json!({"cards": ["A1"]})).await.ok();
    assert_eq!(stored["commands"][0]["request"]["cards"][0]["physical_number"], "00000000000000a1");
    let again = bed.post_once("k", &format!("{path}?wait=10s"), json!({"cards": ["A1"]})).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let listed = bed.walk(path, 1).await;
    assert_eq!((listed.len(), &listed[0]["card"]), (1, &json!("00000000000000a1")));
    assert_eq!(bed.walk("/api/v1/cards/a1/piles", 1).await, listed);
    bed.post(path, json!({"cards": ["z.z"]})).await.problem(400, "invalid-body");
    bed.post(path, json!({"cards": ["b2"]})).await.problem(404, "not-found");
    bed.post(path, json!({"cards": []})).await.problem(422, "unprocessable");
    bed.post(path, json!({"cards": vec!["a1"; 201]})).await.problem(400, "invalid-body");
}

#[tokio::test]
async fn a_charge_is_started_once_and_stopped() {
    let bed = Bed::new().await;
    bed.two_operators().await;
    bed.put("/api/v1/accounts/li", json!({"name": "Li", "operator": "east"})).await;
    bed.post("/api/v1/accounts/li/top-ups", json!({"amount": "100"})).await;
    let body = json!({"pile": "1", "connector": 1, "account": "li", "limit": "20"});
    bed.post("/api/v1/orders", body.clone()).await.problem(409, "pile-offline");

    bed.put("/api/v1/tariffs/day", super::one_price("0100")).await;
    bed.put("/api/v1/piles/1/tariff", json!({"tariff": "day"})).await;
    bed.log_in("1");
    let made = bed.post_once("k", "/api/v1/orders", body.clone()).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let order = made.json();
    let id = order["id"].as_u64().unwrap();
    assert_eq!(made.headers["location"], format!("/api/v1/orders/{id}"));
    assert_eq!((&order["pile"], &order["account"], &order["operator"]), (&json!("1"), &json!("li"), &json!("east")));
    assert_eq!(order["created_by"], "admin");
    assert!(order["actions"].is_array());
    let again = bed.post_once("k", "/api/v1/orders", body.clone()).await;
    assert_eq!(again.json()["id"], order["id"]);
    let busy = bed.post_once("k2", "/api/v1/orders", body).await;
    assert_eq!(busy.status, StatusCode::CONFLICT, "{}", busy.text);

    assert_eq!(bed.get(&format!("/api/v1/orders/{id}")).await.ok()["id"], order["id"]);
    let number = order["transaction_number"].as_str().unwrap();
    assert_eq!(bed.get(&format!("/api/v1/orders/{number}")).await.ok()["id"], order["id"]);
    assert_eq!(bed.walk("/api/v1/orders?open=true&pile=1&connector=1&state=created,starting", 1).await.len(), 1);
    assert_eq!(bed.walk("/api/v1/orders?open=false", 1).await, [Value::Null; 0]);
    assert_eq!(bed.get(&format!("/api/v1/orders/{id}/series")).await.ok()["items"], json!([]));
    assert_eq!(bed.get(&format!("/api/v1/orders/{id}/bms")).await.ok()["items"], json!([]));

    let stopped = bed.post_once("s", &format!("/api/v1/orders/{id}/stop"), json!({})).await;
    let again = bed.post_once("s", &format!("/api/v1/orders/{id}/stop"), json!({})).await;
    assert_eq!((stopped.status, &again.text), (again.status, &stopped.text));
    bed.post("/api/v1/orders/99/stop", json!({})).await.problem(404, "not-found");
    bed.post(&format!("/api/v1/orders/{id}/resolve"), json!({"action": "write_off"}))
        .await
        .problem(409, "order-not-abnormal");
    bed.post("/api/v1/orders", json!({"pile": "1", "connector": 1, "limit": "0"})).await.problem(422, "unprocessable");
}

#[tokio::test]
async fn a_start_takes_options_and_keeps_its_password() {
    let bed = Bed::new().await;
    bed.two_operators().await;
    bed.put("/api/v1/tariffs/day", super::one_price("0100")).await;
    bed.put("/api/v1/piles/1/tariff", json!({"tariff": "day"})).await;
    bed.log_in("1");
    let start = |options: Value| json!({"pile": "1", "connector": 1, "options": options});
    let start_at = bed.core.clock.now().plus_seconds(3600);
    let options = json!({
        "limit": {"energy": "12.5"}, "start_at": start_at, "hold_minutes": 15, "stop_password": "4711",
        "offline_energy": "1",
    });
    let made = bed.post_once("k", "/api/v1/orders", start(options.clone())).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    let order = made.json();
    assert_eq!(order["options"]["limit"], json!({"energy": "12.5000"}));
    assert_eq!((&order["options"]["hold_minutes"], &order["options"]["stop_password"]), (&json!(15), &json!("***")));
    let again = bed.post_once("k", "/api/v1/orders", start(options)).await;
    assert_eq!((&again.headers["idempotent-replayed"], &again.json()["id"]), (&"true".parse().unwrap(), &order["id"]));
    for path in ["/api/v1/commands", "/api/v1/audit", "/api/v1/orders", "/api/v1/events"] {
        let shown = bed.get(path).await.text;
        assert!(!shown.contains("4711"), "{path}: {shown}");
    }
    for (options, pointer) in [
        (json!({"limit": {"energy": "0"}}), "/options/limit"),
        (json!({"hold_minutes": 5}), "/options/hold_minutes"),
        (json!({"start_at": "2020-01-01T00:00:00Z"}), "/options/start_at"),
    ] {
        let refused = bed.post("/api/v1/orders", start(options)).await;
        refused.problem(422, "unprocessable");
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer);
    }
    bed.post("/api/v1/orders", start(json!({"soon": true}))).await.problem(400, "invalid-body");
    let cancel = json!({"action": "cancel_reservation", "connector": 1});
    let cancelled = bed.post_once("c", "/api/v1/piles/1/commands", cancel).await.json();
    assert_eq!((&cancelled["order"], &cancelled["state"]), (&order["id"], &json!("sent")));
    let path = format!("/api/v1/orders/{}", order["id"]);
    assert_eq!(bed.get(&path).await.ok()["state"], "stopping");
}

#[tokio::test]
async fn what_newer_protocols_can_be_asked_is_checked() {
    let bed = Bed::new().await;
    bed.two_operators().await;
    bed.log_in("1");
    let path = "/api/v1/piles/1/commands";
    for (key, asked) in [
        ("a", json!({"action": "read_settings", "names": ["status_interval"]})),
        ("b", json!({"action": "write_settings", "values": {"status_interval": 15, "admin_password": "4711"}})),
        ("c", json!({"action": "read_record", "transaction_number": "AB-7"})),
        ("d", json!({"action": "read_tariff"})),
        ("e", json!({"action": "read_half_hours", "connector": 1})),
        ("f", json!({"action": "write_settings", "values": {"aes_key": "4711", "Operator_Password": "4711"}})),
    ] {
        let made = bed.post_once(key, path, asked.clone()).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        assert_eq!(made.json()["action"], asked["action"]);
        assert!(!made.text.contains("4711"), "{}", made.text);
    }
    assert!(!bed.get("/api/v1/audit").await.text.contains("4711"));
    for parameter in voltapile_protocol::aaf5::parameter::Parameter::all().filter(|parameter| parameter.secret) {
        assert!(voltapile_platform::command::is_secret_name(parameter.name), "{}", parameter.name);
    }
    for asked in [json!({"action": "read_settings", "names": []}), json!({"action": "read_record"})] {
        bed.post_once("z", path, asked).await.problem(422, "unprocessable");
    }
}

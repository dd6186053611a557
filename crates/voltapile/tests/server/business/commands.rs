//! Commands: asked, answered, refused, kept, taken back; each kind once with success and, where a pile can refuse, so.

use serde_json::{Value, json};
use voltapile_protocol::wire::Ascii;
use voltapile_protocol::ykc::code::{LockAlarm, LockState, RemoteStopFailure, UpdateResult};
use voltapile_simulator::model::{Action, Behaviour};

use super::stage::{Sim, Stage};

/// The outcome of a command and why.
#[track_caller]
fn outcome(stage: &Stage, pile: &Sim, body: &Value) -> (String, Value) {
    let command = stage.ask(pile, body);
    assert_eq!((&command["pile"], &command["action"]), (&json!(pile.code.to_string()), &body["action"]));
    assert!(command["sent_at"].is_string() && command["ended_at"].is_string(), "{command:#}");
    (command["state"].as_str().unwrap().to_owned(), command["reason"].clone())
}

/// That a pile does what it is asked; gives what it answered besides.
#[track_caller]
fn done(stage: &Stage, pile: &Sim, body: &Value) -> Value {
    let command = stage.ask(pile, body);
    assert_eq!((&command["state"], &command["reason"]), (&json!("succeeded"), &Value::Null), "{command:#}");
    assert_eq!(command["attempts"], 1, "{command:#}");
    command["answer"].clone()
}

#[track_caller]
fn refused(stage: &Stage, pile: &Sim, body: &Value, reason: &str) {
    assert_eq!(outcome(stage, pile, body), ("refused".to_owned(), json!(reason)), "{body}");
}

#[test]
fn telemetry_clock_and_sim_card_are_read_and_set() {
    let stage = Stage::new();
    let pile =
        stage.pile_with(1, |setup| setup.config.iccid.0 = [0x89, 0x86, 0x01, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34]);
    let received =
        |stage: &Stage| stage.shown(&pile)["connectors"][1]["telemetry"]["received_at"].as_str().unwrap().to_owned();
    stage.until_connector(&pile, 2, "idle_unplugged");
    let before = received(&stage);
    done(&stage, &pile, &json!({"action": "read_telemetry", "connector": 2}));
    assert!(received(&stage) > before);
    done(&stage, &pile, &json!({"action": "sync_clock"}));
    assert!(pile.snapshot().clock_ahead_ms.abs() < 60_000);
    let answer = done(&stage, &pile, &json!({"action": "read_sim_number"}));
    assert_eq!(answer["iccid"], "89860112345678901234");
    assert_eq!(stage.shown(&pile)["iccid"], "89860112345678901234");
}

#[test]
fn a_charge_is_stopped_by_connector() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let stop = json!({"action": "stop_charge", "connector": 1});
    refused(&stage, &pile, &stop, "not_charging");
    let order = stage.charge(&pile, 1);
    pile.behave(Behaviour { refuses_stop: Some(RemoteStopFailure::Other), ..Behaviour::default() });
    refused(&stage, &pile, &stop, "other");
    assert_eq!(stage.order(&order)["state"], "charging");
    pile.behave(Behaviour::default());
    done(&stage, &pile, &stop);
    stage.until(&order, "settled");
}

#[test]
fn work_parameters_and_power_limits_reach_the_pile() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    done(&stage, &pile, &json!({"action": "set_work_parameters", "enabled": true, "power_percent": 60}));
    assert_eq!((pile.snapshot().power_percent, pile.snapshot().is_locked), (60, false));
    let shown = stage.shown(&pile);
    assert_eq!((&shown["work_allowed"], &shown["power_percent"]), (&json!(true), &json!(60)));
    done(&stage, &pile, &json!({"action": "limit_connector_power", "connector": 2, "power": "35.5"}));
    assert_eq!(pile.connector(2).power_limit_w, Some(35_500));
    // Locked in the middle of a charge, the pile ends it.
    let order = stage.charge(&pile, 1);
    done(&stage, &pile, &json!({"action": "set_work_parameters", "enabled": false, "power_percent": 100}));
    assert_eq!(stage.until(&order, "settled")["stop_code"], 0x6A);
    done(&stage, &pile, &json!({"action": "set_work_parameters", "enabled": true, "power_percent": 100}));
    stage.finish(&stage.charge(&pile, 1));
}

#[test]
fn a_parking_lock_moves_where_nothing_is_in_its_way() {
    let stage = Stage::new();
    let pile = stage.pile_with(1, |setup| setup.parking_locks = true);
    let mark = stage.latest_event();
    let (lower, raise) = (
        json!({"action": "move_parking_lock", "connector": 1, "raise": false}),
        json!({"action": "move_parking_lock", "connector": 1, "raise": true}),
    );
    done(&stage, &pile, &lower);
    assert_eq!(pile.connector(1).lock.unwrap().arm, LockState::Lowered);
    stage.event(mark, "parking_lock.changed", |event| event["data"]["parking_lock"]["position"] == "lowered");
    let lock = &stage.shown(&pile)["connectors"][0]["parking_lock"];
    assert_eq!(
        (&lock["position"], &lock["parking"], &lock["battery"]),
        (&json!("lowered"), &json!("free"), &json!(87))
    );
    pile.plug(1);
    stage.event(mark, "parking_lock.changed", |event| event["data"]["parking_lock"]["parking"] == "occupied");
    refused(&stage, &pile, &raise, "refused");
    pile.unplug(1);
    done(&stage, &pile, &raise);
    pile.act(Action::SetLockAlarm { connector: 1, alarm: LockAlarm::NotReached });
    let opened = stage.event(mark, "alarm.opened", |_| true);
    assert_eq!(
        (&opened["data"]["code"], &opened["data"]["connector"]),
        (&json!("parking_lock.not_reached"), &json!(1))
    );
    refused(&stage, &pile, &lower, "refused");
    pile.act(Action::SetLockAlarm { connector: 1, alarm: LockAlarm::None });
    stage.event(mark, "alarm.closed", |event| event["data"]["id"] == opened["data"]["id"]);
}

#[test]
fn firmware_is_installed_or_the_pile_says_why_not() {
    let stage = Stage::new();
    let pile = stage.pile_with(1, |setup| setup.behaviour.update_result = Some(UpdateResult::Succeeded));
    let update = json!({
        "action": "update_firmware", "model": "dc", "power": 120, "server": "192.0.2.7", "port": 21, "user": "volta",
        "password": "secret-of-ftp", "path": "fw/V4.2.0.bin", "when": "now", "timeout_minutes": 1,
    });
    let mark = stage.latest_event();
    done(&stage, &pile, &update);
    let online = stage.event(mark, "pile.online", |_| true);
    assert_eq!(online["data"]["firmware_version"], "V4.2.0");
    pile.until("at work again", |pile| pile.is_working);
    assert_eq!(stage.shown(&pile)["firmware_version"], "V4.2.0");
    for (result, reason) in
        [(UpdateResult::ModelMismatch, "model_mismatch"), (UpdateResult::DownloadTimeout, "download_timeout")]
    {
        pile.behave(Behaviour { update_result: Some(result), ..Behaviour::default() });
        refused(&stage, &pile, &update, reason);
    }
    assert_eq!(pile.snapshot().firmware_version, "V4.2.0");
    // Whoever looks anywhere does not see the password.
    let shown = stage.api.get(&format!("piles/{}/commands", pile.code)).text;
    let told = stage.api.get("events?limit=500").text;
    let audit = stage.api.get("audit").text;
    assert!(shown.contains("fw/V4.2.0.bin") && audit.contains("fw/V4.2.0.bin"));
    for text in [shown, told, audit] {
        assert!(!text.contains("secret-of-ftp"), "{text}");
    }
}

#[test]
fn a_firmware_waits_for_the_end_of_a_charge() {
    let stage = Stage::new();
    let next = Ascii::new("V9.9").ok();
    let pile = stage.pile_with(1, |setup| {
        setup.behaviour.next_firmware_version = next;
        setup.behaviour.update_result = Some(UpdateResult::Succeeded);
    });
    let order = stage.charge(&pile, 1);
    let update = json!({
        "action": "update_firmware", "model": "dc", "server": "ftp.example", "port": 2121, "user": "", "password": "",
        "path": "a.bin", "when": "idle", "timeout_minutes": 1,
    });
    let command = stage.api.post(&format!("piles/{}/commands", pile.code), &update).ok();
    assert_eq!(command["state"], "sent");
    pile.until("told", |pile| pile.is_updating);
    stage.finish(&order);
    let ended = stage.api.get(&format!("commands/{}?wait=10s", command["id"])).ok();
    assert_eq!(ended["state"], "succeeded", "{ended:#}");
    pile.until("installed", |pile| pile.is_working && pile.firmware_version == "V9.9");
}

#[test]
fn a_qr_code_gets_its_prefix() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let prefix = "https://charge.example/q?no=";
    done(&stage, &pile, &json!({"action": "set_qr_prefix", "format": "pile_and_connector", "prefix": prefix}));
    assert_eq!(pile.snapshot().qr_prefix.as_deref(), Some(prefix));
}

#[test]
fn a_car_is_asked_for_its_number() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    pile.plug(2);
    let mark = stage.latest_event();
    let answer = done(&stage, &pile, &json!({"action": "query_vin", "connector": 2}));
    let vin = pile.connector(2).vin.unwrap();
    assert_eq!(answer["vin"], json!(vin));
    assert!(answer["soc"].as_u64().unwrap() >= 10, "{answer}");
    let told = stage.event(mark, "vehicle.reported", |_| true);
    assert_eq!((&told["data"]["vin"], &told["data"]["registered"]), (&json!(vin), &json!(false)));
}

#[test]
fn parameters_that_cannot_be_are_refused_before_a_pile_hears_of_them() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let path = format!("piles/{}/commands", pile.code);
    for (body, pointer) in [
        (json!({"action": "set_work_parameters", "enabled": true, "power_percent": 29}), "/power_percent"),
        (json!({"action": "read_telemetry", "connector": 3}), "/connector"),
        (json!({"action": "set_qr_prefix", "format": "pile", "prefix": "x".repeat(201)}), "/prefix"),
    ] {
        let answer = stage.api.post(&path, &body);
        assert_eq!(answer.problem(422), "unprocessable", "{body}");
        assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{answer:?}");
    }
    for body in [
        json!({"action": "start_charge", "connector": 1}),
        json!({"action": "dance"}),
        json!({"action": "reboot"}),
        json!({"action": "reboot", "when": "now", "colour": "red"}),
    ] {
        assert_eq!(stage.api.post(&path, &body).problem(400), "invalid-body", "{body}");
    }
    assert_eq!(
        stage.api.post("piles/32010600000077/commands", &json!({"action": "sync_clock"})).problem(404),
        "not-found"
    );
    assert!(stage.api.items(&format!("{path}?action=set_work_parameters")).is_empty());
}

#[test]
fn a_command_under_a_key_is_given_once() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    let path = format!("piles/{}/commands?wait=10s", pile.code);
    let body = json!({"action": "read_telemetry", "connector": 1});
    let first = stage.api.post_once("key-1", &path, &body);
    let again = stage.api.post_once("key-1", &path, &body);
    assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), (None, Some("true")));
    assert_eq!(again.json(), first.json());
    let other = stage.api.post_once("key-1", &path, &json!({"action": "read_telemetry", "connector": 2}));
    assert!(other.problem(409).ends_with("key-reused"), "{other:?}");
    let another = stage.api.post_once("key-2", &path, &body).ok();
    assert_ne!(another["id"], first.json()["id"]);
    // The same holds for whatever else acts: money above all.
    for _ in 0..3 {
        let entry = stage.api.post_once("pay-1", "accounts/li-wei/top-ups", &json!({"amount": "12.34"})).ok();
        assert_eq!(entry["balance"], "512.34");
    }
    let start = json!({"pile": pile.code.to_string(), "connector": 1, "account": "li-wei", "limit": "50.00"});
    let orders: Vec<Value> = (0..2).map(|_| stage.api.post_once("go-1", "orders?wait=10s", &start).ok()).collect();
    assert_eq!(orders[0]["id"], orders[1]["id"]);
}

#[test]
fn a_pile_that_is_away_says_so_at_once_or_is_waited_for() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    pile.disconnect();
    stage.until_connector(&pile, 1, "offline");
    let path = format!("piles/{}/commands", pile.code);
    let reboot = json!({"action": "read_telemetry", "connector": 1});
    assert_eq!(stage.api.post(&format!("{path}?wait=10s"), &reboot).problem(409), "pile-offline");
    let kept = stage.api.post(&format!("{path}?keep=1h"), &reboot).ok();
    assert_eq!((&kept["state"], &kept["attempts"]), (&json!("queued"), &json!(0)));
    let given_up = stage.api.post(&format!("{path}?keep=1h"), &json!({"action": "sync_clock"})).ok();
    let cancelled = stage.api.act(&format!("commands/{}/cancel", given_up["id"])).ok();
    assert_eq!((&cancelled["state"], &cancelled["reason"]), (&json!("cancelled"), &json!("cancelled")));
    let answer = stage.api.act(&format!("commands/{}/cancel", given_up["id"]));
    assert_eq!(answer.problem(409), "command-ended");
    let expired = stage.api.post(&format!("{path}?keep=1s&wait=10s"), &json!({"action": "read_sim_number"})).ok();
    assert_eq!((&expired["state"], &expired["reason"]), (&json!("cancelled"), &json!("expired")), "{expired:#}");
    pile.reconnect();
    let ended = stage.api.get(&format!("commands/{}?wait=10s", kept["id"])).ok();
    assert_eq!((&ended["state"], &ended["attempts"]), (&json!("succeeded"), &json!(1)), "{ended:#}");
    let told: Vec<Value> = stage.events("type=command.ended").iter().map(|event| event["data"]["id"].clone()).collect();
    assert_eq!(told.iter().filter(|id| **id == kept["id"]).count(), 1);
}

#[test]
fn a_pile_is_asked_one_thing_of_a_kind_at_a_time() {
    let stage = Stage::new();
    let pile = stage.pile_with(1, |setup| setup.behaviour.ignores = vec![0x12]);
    let path = format!("piles/{}/commands", pile.code);
    let read = |connector: u8| stage.api.post(&path, &json!({"action": "read_telemetry", "connector": connector})).ok();
    let (first, second, elsewhere) = (read(1), read(1), read(2));
    assert_eq!((&first["state"], &second["state"]), (&json!("sent"), &json!("queued")));
    assert_eq!(elsewhere["state"], "sent", "another connector is another turn");
    done(&stage, &pile, &json!({"action": "sync_clock"}));
    assert_eq!(stage.api.act(&format!("commands/{}/cancel", first["id"])).problem(409), "command-sent");
    let cancelled = stage.api.act(&format!("commands/{}/cancel", second["id"])).ok();
    assert_eq!(cancelled["state"], "cancelled");
    // What was under way when the connection ends is given up, and whoever waits learns it at once.
    pile.disconnect();
    for command in [&first, &elsewhere] {
        let ended = stage.api.get(&format!("commands/{}?wait=10s", command["id"])).ok();
        assert_eq!((&ended["state"], &ended["reason"]), (&json!("cancelled"), &json!("pile_offline")));
    }
}

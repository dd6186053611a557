//! Who sees and may do what: two operators on one platform, tokens with scopes, people with passwords.

use serde_json::{Value, json};

use super::stage::{CUSTOMER, OPERATOR, STATION, Sim, Stage, TARIFF, all_events, card_text};
use crate::support::messages::code;
use crate::support::{Api, eventually};

const PASSWORD: &str = "correct-horse-battery";
const EVERYTHING: [&str; 4] = ["read", "operate", "bill", "admin"];

/// Somebody with a new token: of an operator, or of the platform.
#[track_caller]
fn token(stage: &Stage, operator: Option<&str>, scopes: &[&str]) -> (Api, Value) {
    let body = json!({"name": "a program", "operator": operator, "scopes": scopes});
    let made = stage.api.post("tokens", &body).ok();
    (stage.api.with_token(made["token"].as_str().unwrap()), made["id"].clone())
}

/// Signs a user in.
#[track_caller]
fn log_in(stage: &Stage, user: &str, password: &str) -> Api {
    let signed_in = stage.api.post("login", &json!({"user": user, "password": password})).ok();
    stage.api.with_token(signed_in["token"].as_str().unwrap())
}

/// Everything that the east has, one of each kind, behind it a charge with an alarm; and a pile that is at work.
struct East {
    pile: Sim,
    order: Value,
    command: Value,
    alarm: Value,
}

#[track_caller]
fn east(stage: &Stage) -> East {
    stage.card(7, CUSTOMER);
    stage.api.put("vins/LVPTEST10SA000001", &json!({"account": CUSTOMER})).ok();
    stage.api.put("tariffs/own", &own_tariff(OPERATOR)).ok();
    stage.api.put("users/wang", &json!({"operator": OPERATOR, "role": "operator", "password": PASSWORD})).ok();
    token(stage, Some(OPERATOR), &["read"]);
    let pile = stage.pile(1);
    let order = stage.charge(&pile, 1);
    pile.break_down(2, &[13]);
    let alarm = stage.event(0, "alarm.opened", |_| true)["data"]["id"].clone();
    let order = stage.finish(&order);
    let command = stage.ask(&pile, &json!({"action": "sync_clock"}));
    East { pile, order, command, alarm }
}

/// What the west has: an account, a station, a pile.
#[track_caller]
fn west(stage: &Stage) -> (Api, Sim) {
    stage.api.put("operators/west", &json!({"name": "西部充电"})).ok();
    let (west, _) = token(stage, Some("west"), &EVERYTHING);
    west.put("tariffs/wests", &own_tariff("west")).ok();
    west.put("stations/west-gate", &json!({"name": "西门站", "tariff": "wests"})).ok();
    west.put("accounts/zhao", &json!({"name": "赵"})).ok();
    west.post("accounts/zhao/top-ups", &json!({"amount": "80.00"})).ok();
    west.put(&format!("piles/{}", code(9)), &json!({"station": "west-gate"})).ok();
    let pile = stage.play(9, |_| {});
    stage.until_connector(&pile, 2, "idle_unplugged");
    (west, pile)
}

fn own_tariff(operator: &str) -> Value {
    let mut tariff = super::stage::tariff();
    tariff["operator"] = json!(operator);
    tariff
}

#[test]
fn nothing_of_another_operator_is_seen() {
    let stage = Stage::new();
    let east = east(&stage);
    let (west, pile) = west(&stage);
    let body = json!({"pile": pile.code.to_string(), "connector": 1, "account": "zhao", "limit": "20.00"});
    let order = west.post("orders?wait=10s", &body).ok();
    let order = stage.until(&order, "charging");
    pile.until_energy(1);
    west.act(&format!("orders/{}/stop?wait=10s", order["id"])).ok();
    stage.until(&order, "settled");

    for (list, count) in [
        ("operators", 1),
        ("users", 0),
        ("stations", 1),
        ("piles", 1),
        ("accounts", 1),
        ("cards", 0),
        ("vins", 0),
        ("orders", 1),
        ("alarms", 0),
        ("tokens", 1),
    ] {
        let items = west.items(list);
        assert_eq!(items.len(), count, "{list}: {items:#?}");
        let owner = if list == "operators" { "id" } else { "operator" };
        assert!(items.iter().all(|item| item[owner] == "west"), "{list}: {items:#?}");
        assert!(stage.api.items(list).len() > count, "the platform sees more {list}");
    }
    // The tariff of nobody in particular is there for all.
    let tariffs: Vec<Value> = west.items("tariffs").iter().map(|tariff| tariff["id"].clone()).collect();
    assert_eq!(tariffs, [json!(TARIFF), json!("wests")]);
    let of_east = |value: &Value| {
        let text = value.to_string();
        text.contains(&east.pile.code.to_string()) || text.contains("\"east\"") || text.contains("li-wei")
    };
    for list in ["connectors", "records", "commands", "audit"] {
        let items = west.items(list);
        assert!(!items.is_empty() && !items.iter().any(of_east), "{list}: {items:#?}");
        assert!(stage.api.items(list).iter().any(of_east), "the platform sees more {list}");
    }
    let seen = all_events(&west, 0, "");
    assert!(!seen.is_empty() && seen.iter().all(|event| event["operator"] == "west"), "{seen:#?}");
    let mut live = west.follow("events/stream?after=0");
    stage.top_up(CUSTOMER, "1.00");
    west.post("accounts/zhao/top-ups", &json!({"amount": "1.00"})).ok();
    let last = loop {
        let event = live.next();
        assert!(!of_east(&event), "{event:#}");
        if event["type"] == "voltapile.account.changed" && event["data"]["entry"]["amount"] == "1.00" {
            break event;
        }
    };
    assert_eq!(last["data"]["account"], "zhao");
    for path in ["orders?format=csv", "records?format=csv"] {
        assert!(!west.get(path).text.contains(&east.pile.code.to_string()), "{path}");
    }
    assert!(west.items(&format!("orders?pile={}", east.pile.code)).is_empty());
    assert!(west.items(&format!("records?pile={}", east.pile.code)).is_empty());
}

#[test]
fn what_belongs_to_another_operator_is_answered_like_what_is_not_there() {
    let stage = Stage::new();
    let east = east(&stage);
    let (west, pile) = west(&stage);
    let (there, here) = (east.pile.code, pile.code);
    let (order, command, alarm) = (&east.order["id"], &east.command["id"], &east.alarm);
    let number = east.order["transaction_number"].as_str().unwrap();
    let before = stage.latest_event();
    let audited = stage.api.items("audit").len();
    for path in [
        format!("operators/{OPERATOR}"),
        "users/wang".to_owned(),
        format!("stations/{STATION}"),
        format!("piles/{there}"),
        format!("piles/{there}/sessions"),
        format!("piles/{there}/commands"),
        format!("piles/{there}/offline-cards"),
        format!("piles/{there}/frames"),
        "tariffs/own".to_owned(),
        "tariffs/own/versions".to_owned(),
        format!("accounts/{CUSTOMER}"),
        format!("accounts/{CUSTOMER}/entries"),
        format!("cards/{}", card_text(7)),
        format!("cards/{}/piles", card_text(7)),
        "vins/LVPTEST10SA000001".to_owned(),
        format!("orders/{order}"),
        format!("orders/{number}"),
        format!("orders/{order}/series"),
        format!("orders/{order}/bms"),
        format!("records/{number}"),
        format!("records/{}/variants", east.order["record"]),
        format!("commands/{command}"),
        format!("alarms/{alarm}"),
        "tokens/1".to_owned(),
    ] {
        assert_eq!(stage.api.get(&path.replace("/frames", "")).status, 200, "{path}");
        let answer = west.get(&path);
        assert_eq!(answer.problem(404), "not-found", "{path}");
    }
    let nothing = json!({});
    for (path, body) in [
        (format!("piles/{there}/commands"), json!({"action": "reboot", "when": "now"})),
        (format!("piles/{there}/offline-cards"), json!({"cards": [card_text(7)]})),
        (format!("piles/{there}/offline-cards/clear"), json!({"cards": [card_text(7)]})),
        (format!("piles/{there}/offline-cards/query"), json!({"cards": [card_text(7)]})),
        (format!("piles/{here}/offline-cards"), json!({"cards": [card_text(7)]})),
        (format!("accounts/{CUSTOMER}/top-ups"), json!({"amount": "1.00"})),
        (format!("accounts/{CUSTOMER}/adjustments"), json!({"amount": "1.00", "note": "x"})),
        (format!("orders/{order}/stop"), nothing.clone()),
        (format!("orders/{order}/resolve"), json!({"action": "write_off"})),
        (format!("commands/{command}/cancel"), nothing.clone()),
        (format!("alarms/{alarm}/ack"), nothing.clone()),
        ("tariffs/own/assign".to_owned(), json!({"piles": [here.to_string()]})),
    ] {
        assert_eq!(west.post(&path, &body).problem(404), "not-found", "{path}");
    }
    for (path, body) in [
        (format!("stations/{STATION}"), json!({"name": "mine"})),
        (format!("piles/{there}"), json!({"station": "west-gate"})),
        (format!("piles/{there}/tariff"), json!({"tariff": null})),
        ("tariffs/own".to_owned(), super::stage::tariff()),
        (format!("accounts/{CUSTOMER}"), json!({"name": "mine"})),
        (format!("cards/{}", card_text(7)), json!({"logical_number": "1", "account": "zhao"})),
        ("vins/LVPTEST10SA000001".to_owned(), json!({"account": "zhao"})),
        ("users/wang".to_owned(), json!({"role": "admin", "password": PASSWORD})),
    ] {
        assert_eq!(west.put(&path, &body).problem(404), "not-found", "{path}");
    }
    for path in
        [format!("piles/{there}"), format!("accounts/{CUSTOMER}"), format!("stations/{STATION}"), "tokens/1".to_owned()]
    {
        assert_eq!(west.delete(&path).problem(404), "not-found", "{path}");
    }
    // Nor can it be referred to.
    for (path, body) in [
        (format!("piles/{here}"), json!({"station": STATION})),
        (format!("piles/{here}"), json!({"station": "west-gate", "tariff": "own"})),
        (format!("piles/{here}/tariff"), json!({"tariff": "own"})),
        ("stations/west-gate".to_owned(), json!({"name": "x", "tariff": "own"})),
        ("stations/another".to_owned(), json!({"name": "x", "operator": OPERATOR})),
        ("accounts/another".to_owned(), json!({"name": "x", "operator": OPERATOR})),
        ("cards/0000000000000abc".to_owned(), json!({"logical_number": "1", "account": CUSTOMER})),
        ("users/another".to_owned(), json!({"role": "admin", "password": PASSWORD, "operator": OPERATOR})),
    ] {
        assert_eq!(west.put(&path, &body).problem(422), "unprocessable", "{path} {body}");
    }
    let body = json!({"pile": there.to_string(), "connector": 1, "account": "zhao"});
    assert_eq!(west.post("orders", &body).problem(422), "unprocessable");
    let body = json!({"pile": here.to_string(), "connector": 1, "account": CUSTOMER});
    assert_eq!(west.post("orders", &body).problem(422), "unprocessable");
    let body = json!({"name": "x", "operator": OPERATOR, "scopes": ["read"]});
    assert_eq!(west.post("tokens", &body).problem(422), "unprocessable");
    for answer in [
        west.put("operators/another", &json!({"name": "x"})),
        west.delete(&format!("operators/{OPERATOR}")),
        west.get("waiting-piles"),
        west.post(&format!("piles/{}/approve", code(5)), &nothing),
    ] {
        assert_eq!(answer.problem(403), "platform-only");
    }
    // Nothing of all that left a trace: what there is tells of the west's own pile, which has just logged in.
    let logged_in = ["pile.online", "pile.tariff_changed", "connector.changed", "command.ended"]
        .map(|name| format!("voltapile.{name}"));
    let traces = stage.events_after(before, "");
    let of_login = |event: &Value| {
        event["pile"] == here.to_string() && logged_in.contains(&event["type"].as_str().unwrap().to_owned())
    };
    assert!(traces.iter().all(of_login), "{traces:#?}");
    assert_eq!(stage.api.items("audit").len(), audited);
    assert_eq!(stage.order(&east.order), east.order);
}

#[test]
fn a_token_may_do_what_its_scopes_say() {
    let stage = Stage::new();
    let East { pile, order, .. } = east(&stage);
    let (pile, order) = (pile.code.to_string(), order["id"].to_string());
    let acts: [(&str, &str, String, Value); 14] = [
        ("read", "GET", "orders".to_owned(), Value::Null),
        ("read", "GET", "events".to_owned(), Value::Null),
        ("operate", "POST", format!("piles/{pile}/commands"), json!({"action": "sync_clock"})),
        ("operate", "POST", "orders".to_owned(), json!({"pile": "32010600000077", "connector": 1})),
        ("operate", "POST", format!("orders/{order}/stop"), json!({})),
        ("operate", "POST", "alarms/1/ack".to_owned(), json!({})),
        ("bill", "PUT", "accounts/new".to_owned(), json!({"name": "x"})),
        ("bill", "POST", format!("accounts/{CUSTOMER}/top-ups"), json!({"amount": "1.00"})),
        ("bill", "POST", format!("orders/{order}/resolve"), json!({"action": "write_off"})),
        ("bill", "PUT", "tariffs/new".to_owned(), super::stage::tariff()),
        ("admin", "PUT", format!("stations/{STATION}"), json!({"name": "x", "tariff": TARIFF})),
        ("admin", "PUT", format!("piles/{pile}"), json!({"station": STATION})),
        ("admin", "GET", "audit".to_owned(), Value::Null),
        ("admin", "GET", "tokens".to_owned(), Value::Null),
    ];
    for scope in EVERYTHING {
        let (bearer, _) = token(&stage, Some(OPERATOR), &[scope]);
        assert_eq!(bearer.get("me").ok()["scopes"], json!([scope]));
        for (needed, method, path, body) in &acts {
            let answer = match *method {
                "GET" => bearer.get(path),
                "POST" => bearer.post(path, body),
                _ => bearer.put(path, body),
            };
            if *needed == scope {
                assert!(![401, 403].contains(&answer.status), "{scope} {method} {path}: {answer:?}");
            } else {
                assert_eq!(answer.problem(403), "insufficient-scope", "{scope} {method} {path}");
            }
        }
    }
    // Nobody gives what he has not.
    let (admin, _) = token(&stage, None, &["admin"]);
    assert_eq!(admin.post("tokens", &json!({"name": "x", "scopes": ["bill"]})).problem(422), "unprocessable");
    assert_eq!(admin.put("users/new", &json!({"role": "admin", "password": PASSWORD})).problem(422), "unprocessable");
}

#[test]
fn a_token_counts_until_it_is_revoked_or_expires() {
    let stage = Stage::new();
    let (bearer, id) = token(&stage, None, &["read"]);
    let made = stage.api.get(&format!("tokens/{id}")).ok();
    assert!(made.get("token").is_none() && made.get("hash").is_none(), "{made:#}");
    assert_eq!(bearer.get("piles").status, 200);
    assert_eq!(stage.api.delete(&format!("tokens/{id}")).status, 204);
    assert_eq!(bearer.get("piles").problem(401), "unauthorized");
    // A second from now, by the server's own clock.
    let now = stage.events("").pop().unwrap()["time"].as_str().unwrap().to_owned();
    let now: voltapile_platform::timestamp::Timestamp = now.parse().unwrap();
    let body = json!({"name": "brief", "scopes": ["read"], "expires_at": now.plus_seconds(1).to_string()});
    let made = stage.api.post("tokens", &body).ok();
    let brief = stage.api.with_token(made["token"].as_str().unwrap());
    eventually("expired", || (brief.get("piles").status == 401).then_some(()));
}

#[test]
fn people_sign_in_for_what_they_are_there_for() {
    let stage = Stage::new();
    let put = |user: &str, body: Value| stage.api.put(&format!("users/{user}"), &body).ok();
    put("wang", json!({"operator": OPERATOR, "role": "operator", "password": PASSWORD}));
    put("chen", json!({"operator": OPERATOR, "role": "accountant", "password": PASSWORD}));
    assert!(!stage.api.get("users/wang").text.contains("password"), "no hash is shown");
    let (wang, chen) = (log_in(&stage, "wang", PASSWORD), log_in(&stage, "chen", PASSWORD));
    let me = wang.get("me").ok();
    assert_eq!(
        (&me["actor"], &me["operator"], &me["scopes"]),
        (&json!("user:wang"), &json!(OPERATOR), &json!(["read", "operate"]))
    );
    let pile = stage.pile(1);
    let start = json!({"pile": pile.code.to_string(), "connector": 1, "account": CUSTOMER, "limit": "20.00"});
    let order = wang.post("orders?wait=10s", &start).ok();
    assert_eq!(order["created_by"], "user:wang");
    chen.post(&format!("accounts/{CUSTOMER}/top-ups"), &json!({"amount": "5.00"})).ok();
    assert_eq!(wang.post(&format!("accounts/{CUSTOMER}/top-ups"), &json!({"amount": "5.00"})).status, 403);
    assert_eq!(chen.post("orders", &start).status, 403);
    stage.until(&order, "charging");
    wang.act(&format!("orders/{}/stop?wait=10s", order["id"])).ok();
    stage.until(&order, "settled");

    // Who did what, in the order in which it was done.
    let audit = stage.api.items("audit?operator=east");
    let done: Vec<(&str, &str)> = audit
        .iter()
        .rev()
        .map(|entry| (entry["actor"].as_str().unwrap(), entry["action"].as_str().unwrap()))
        .filter(|(actor, _)| actor.starts_with("user:"))
        .collect();
    let login = |user| (user, "user.login");
    assert_eq!(
        done,
        [
            login("user:wang"),
            login("user:chen"),
            ("user:wang", "order.start"),
            ("user:chen", "account.top_up"),
            ("user:wang", "order.stop"),
        ]
    );
    let start = audit.iter().find(|entry| entry["action"] == "order.start").unwrap();
    assert_eq!(
        (&start["resource"], &start["detail"]["limit"]),
        (&json!(format!("orders/{}", order["id"])), &json!("20.00"))
    );
    assert!(!stage.api.get("audit?limit=500").text.contains(PASSWORD));

    assert_eq!(chen.act("logout").status, 204);
    assert_eq!(chen.get("me").status, 401);
    // Another password, or none any more, ends what somebody is signed in for.
    put("wang", json!({"operator": OPERATOR, "role": "operator", "password": "another-password"}));
    assert_eq!(wang.get("me").status, 401);
    let login = |password: &str| stage.api.post("login", &json!({"user": "wang", "password": password}));
    assert_eq!(login(PASSWORD).problem(401), "unauthorized");
    let wang = log_in(&stage, "wang", "another-password");
    put("wang", json!({"operator": OPERATOR, "role": "operator", "enabled": false}));
    assert_eq!(wang.get("me").status, 401);
    assert_eq!(login("another-password").status, 401);
}

#[test]
fn guessing_passwords_costs_ever_more_time() {
    let stage = Stage::new();
    stage.api.put("users/wang", &json!({"role": "viewer", "password": PASSWORD})).ok();
    let guess = || stage.api.post("login", &json!({"user": "wang", "password": "a-wrong-guess"}));
    let slowed_down = (0..20).map(|_| guess()).find(|answer| answer.status != 401).expect("some guess is one too many");
    assert_eq!(slowed_down.problem(429), "too-many-attempts");
    assert!(slowed_down.header("retry-after").is_some());
    let right = stage.api.post("login", &json!({"user": "wang", "password": PASSWORD}));
    assert_eq!(right.problem(429), "too-many-attempts", "the right one waits as well");
    assert_eq!(stage.api.get("me").status, 200, "tokens do not");
}

//! Our own server under the exam that any platform may be put through: it breaks no rule.

use serde_json::{Value, json};

use crate::support::messages::code;
use crate::support::{Process, Server};

/// Serves whatever the exam asks for; its silence and remote starts are for others to show.
const NOT_SEEN: [&str; 3] = ["platform.silence.patient", "platform.silence.closes", "platform.start.valid"];
const CARD: &str = "00000000D14B0A54";

#[test]
fn our_server_breaks_no_rule() {
    let server = Server::start();
    furnish(&server);
    let (address, pile, second) = (server.piles.to_string(), code(1).to_string(), code(2).to_string());
    let exam = ["certify", "platform", "--server", &address, "--pile", &pile, "--second-pile", &second];
    let how = ["--card", CARD, "--quick", "--lang", "en", "--json", "-"];
    let ended = Process::start(&[&exam[..], &how].concat(), &[]).ended();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(ended.stderr.contains("[12/12] Silence"), "{}", ended.stderr);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let of = |verdict: &str| -> Vec<&str> {
        let checks = report["checks"].as_array().unwrap().iter();
        checks.filter(|check| check["verdict"] == verdict).map(|check| check["id"].as_str().unwrap()).collect()
    };
    assert_eq!(of("fail"), [""; 0]);
    assert_eq!(of("not_seen"), NOT_SEEN);
    assert!(of("pass").len() > 80, "{:?}", of("pass"));
    // What the exam did is in the books: the charge that the card was allowed is settled without a difference.
    let orders = server.api.items(&format!("orders?pile={pile}&state=settled"));
    let [order] = orders.as_slice() else { panic!("one order: {orders:#?}") };
    assert_eq!((&order["origin"], &order["settlement"]["differences"]), (&json!("card"), &json!([])), "{order:#}");
}

/// Two piles with a tariff and a card with money.
fn furnish(server: &Server) {
    let price = json!({"electricity": "0.80", "service": "0.40"});
    let prices = json!({"sharp": price, "peak": price, "flat": price, "valley": price});
    let periods = json!([{"from": "00:00", "to": "24:00", "tier": "flat"}]);
    let tariff = json!({"name": "all day", "prices": prices, "periods": periods, "loss_ratio": 0});
    let api = &server.api;
    api.put("operators/east", &json!({"name": "east"})).ok();
    api.put("tariffs/all-day", &tariff).ok();
    api.put("stations/north", &json!({"name": "north", "operator": "east", "tariff": "all-day"})).ok();
    api.put("accounts/li", &json!({"name": "li", "operator": "east"})).ok();
    api.post("accounts/li/top-ups", &json!({"amount": "50.00"})).ok();
    api.put("cards/00000000d14b0a54", &json!({"logical_number": "0000001000000573", "account": "li"})).ok();
    for number in [1, 2] {
        api.put(&format!("piles/{}", code(number)), &json!({"station": "north"})).ok();
    }
}

/// The clock of the played pile is right, and nobody starts anything there.
const NOT_SEEN_AAF5: [&str; 4] = [
    "aaf5.platform.silence.patient",
    "aaf5.platform.silence.closes",
    "aaf5.platform.clock.valid",
    "aaf5.platform.start.valid",
];

#[test]
fn our_server_breaks_no_rule_of_aaf5() {
    let server = Server::start();
    furnish(&server);
    let (address, pile) = (server.piles.to_string(), "SX-0001");
    server.api.put(&format!("piles/{pile}"), &json!({"station": "north"})).ok();
    let exam = ["certify", "platform", "--protocol", "aaf5", "--server", &address, "--pile", pile];
    let how = ["--card", CARD, "--quick", "--lang", "en", "--json", "-"];
    let ended = Process::start(&[&exam[..], &how].concat(), &[]).ended();
    assert_eq!(ended.status.code(), Some(0), "{}", failed(&ended.stdout));
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let of = |verdict: &str| -> Vec<&str> {
        let checks = report["checks"].as_array().unwrap().iter();
        checks.filter(|check| check["verdict"] == verdict).map(|check| check["id"].as_str().unwrap()).collect()
    };
    let unseen = of("not_seen");
    assert!(unseen.iter().all(|id| NOT_SEEN_AAF5.contains(id)), "{unseen:?}");
    assert!(of("pass").len() > 80, "{:?}", of("pass"));
}

/// What failed and why.
fn failed(report: &str) -> String {
    let Ok(report) = serde_json::from_str::<Value>(report) else { return report.to_owned() };
    let checks = report["checks"].as_array().into_iter().flatten().filter(|check| check["verdict"] == "fail");
    checks.map(|check| format!("{}: {}\n", check["id"], check["note"]["en"])).collect()
}

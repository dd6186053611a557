//! What people and programs see of a running server.

use serde_json::{Value, json};
use voltapile_protocol::ykc::code::{Outcome, StartMethod, StartRefusal};
use voltapile_protocol::ykc::field::{ConnectorNumber, ParallelSessionNumber};
use voltapile_protocol::ykc::message::{ParallelStartRequest, StartRequest};

use crate::support::messages::{code, login, record, telemetry, transaction};
use crate::support::pile::take;
use crate::support::{Api, Server, eventually};

#[test]
fn telemetry_is_shown_by_connector() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    pile.send(telemetry(code(1)));
    pile.beat();
    let show = || server.api.get(&format!("piles/{}", code(1))).ok()["connectors"].as_array().unwrap().clone();
    let connectors = show();
    assert_eq!(connectors.len(), 2, "the heartbeat speaks of 1, the telemetry of 2");
    let second = &connectors[1];
    let measured = &second["telemetry"];
    assert_eq!((&second["number"], &measured["reported_state"]), (&json!(2), &json!("charging")));
    assert_eq!((&measured["voltage"], &measured["current"]), (&json!("380.0"), &json!("32.0")));
    assert_eq!((&measured["soc"], &measured["energy"]), (&json!(42), &json!("1.2345")));
    assert_eq!((&measured["cable_temperature"], &measured["battery_temperature"]), (&json!(25), &json!(null)));
    assert_eq!(measured["transaction_number"], json!(transaction(code(1), 1).to_string()));
    // What it means is worked out, and kept, a moment later.
    eventually("charging", || (show()[1]["state"] == "charging").then_some(()));
}

#[test]
fn starts_are_refused_with_a_reason() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    let connector_number = ConnectorNumber(2);
    for (start_method, reason) in [
        (StartMethod::Card, StartRefusal::AccountUnknown),
        (StartMethod::Unknown(9), StartRefusal::CardsNotSupported),
        (StartMethod::Account, StartRefusal::AccountUnknown),
        (StartMethod::Vin, StartRefusal::VinUnknown),
    ] {
        let request = StartRequest { pile_code: code(1), connector_number, start_method, ..StartRequest::default() };
        let sequence = pile.send(request);
        let received = pile.receive();
        assert_eq!((received.frame_type, received.sequence), (0x32, sequence));
        let voltapile_protocol::ykc::Message::StartResponse(answer) = received.message() else { unreachable!() };
        assert_eq!((answer.pile_code, answer.connector_number), (code(1), connector_number));
        assert_eq!((answer.auth_result, answer.fail_reason), (Outcome::Failed, reason));
    }
    let parallel_session_number = ParallelSessionNumber([0x26, 0x11, 0x20, 0x08, 0x15, 0x30]);
    pile.send(ParallelStartRequest {
        pile_code: code(1),
        connector_number,
        start_method: StartMethod::Vin,
        parallel_session_number,
        ..ParallelStartRequest::default()
    });
    let answer = take!(pile, ParallelStartResponse);
    assert_eq!((answer.auth_result, answer.fail_reason), (Outcome::Failed, StartRefusal::VinUnknown));
    assert_eq!(answer.parallel_session_number, parallel_session_number);
}

/// Direction and type of an event's frame.
fn passed(event: &Value) -> (&str, &str) {
    (event["direction"].as_str().unwrap(), event["type"].as_str().unwrap())
}

#[test]
fn the_live_tail_shows_both_directions_decoded_from_the_login_on() {
    let server = Server::start();
    server.register(code(1));
    server.register(code(2));
    let mut events = server.api.follow(&format!("piles/{}/frames?lang=zh", code(1)));
    server.dial(code(2)).log_in();
    let mut pile = server.dial(code(1));
    pile.log_in();
    for expected in [("up", "0x01"), ("down", "0x02"), ("down", "0x56")] {
        let event = events.next();
        assert_eq!(passed(&event), expected);
    }
    pile.beat();
    let (asked, answered) = (events.next(), events.next());
    assert_eq!((passed(&asked), passed(&answered)), (("up", "0x03"), ("down", "0x04")));
    assert_eq!(asked["sequence"], answered["sequence"]);
    let fields = asked["fields"].as_array().unwrap();
    assert_eq!((&fields[0]["name"], &fields[0]["value"]), (&json!("pile_code"), &json!(code(1).to_string())));
    let number = transaction(code(1), 1);
    pile.send(record(code(1), number));
    take!(pile, TransactionRecordConfirm);
    assert_eq!((passed(&events.next()), passed(&events.next())), (("up", "0x3B"), ("down", "0x40")));
}

#[test]
fn the_tail_follows_a_pile_to_its_next_connection() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    let mut events = server.api.follow(&format!("piles/{}/frames", code(1)));
    pile.beat();
    assert_eq!((passed(&events.next()), passed(&events.next())), (("up", "0x03"), ("down", "0x04")));
    server.dial(code(1)).log_in();
    assert_eq!(passed(&events.next()), ("up", "0x01"));
}

#[test]
fn what_happened_is_counted() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    let mut stranger = server.dial(code(2));
    stranger.send(login(code(2)));
    take!(stranger, LoginResponse);
    (0..5).for_each(|_| pile.beat());
    pile.send(record(code(1), transaction(code(1), 1)));
    take!(pile, TransactionRecordConfirm);
    for (name, count) in [
        ("piles_registered", 1),
        ("piles_online", 1),
        ("connections_accepted_total", 2),
        ("logins_total{result=\"accepted\"}", 1),
        ("logins_total{result=\"unknown\"}", 1),
        ("frames_total{direction=\"up\",protocol=\"ykc\",type=\"0x03\"}", 5),
        ("frames_total{direction=\"down\",protocol=\"ykc\",type=\"0x04\"}", 5),
        ("frames_total{direction=\"up\",protocol=\"ykc\",type=\"0x3B\"}", 1),
        ("frames_total{direction=\"down\",protocol=\"ykc\",type=\"0x40\"}", 1),
        ("records_total{outcome=\"stored\"}", 1),
    ] {
        assert_eq!(server.api.metric(name), count, "{name} in\n{}", server.api.get("/metrics").text);
    }
    assert!(server.api.metric("reply_latency_seconds_count") >= 6);
    assert!(server.api.metric("commit_group_size_count") >= 1);
    assert!(server.api.metric("resident_memory_bytes") > 1 << 20);
}

#[test]
fn health_needs_no_token_and_the_api_does() {
    let server = Server::start();
    let anonymous = Api::new(server.http, None);
    assert_eq!(anonymous.get("/healthz").ok(), json!({"status": "ok"}));
    assert_eq!(anonymous.get("/readyz").ok(), json!({"status": "ready"}));
    assert_eq!(anonymous.get("/metrics").status, 200);
    assert_eq!(anonymous.get("piles").status, 401);
    assert_eq!(anonymous.with_token("a-guess-that-is-wrong").get("piles").status, 401);
    assert_eq!(server.api.get("piles").status, 200);
}

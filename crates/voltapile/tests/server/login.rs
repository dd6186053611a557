//! Logging in: who is let in, what follows, and how strangers are approved.

use std::time::SystemTime;

use serde_json::json;
use voltapile_protocol::wire::Quantity;
use voltapile_protocol::ykc::code::{LoginResult, VerifyResult};
use voltapile_protocol::ykc::field::TariffId;
use voltapile_protocol::ykc::message::{TariffRequest, TariffVerifyRequest};

use crate::support::messages::{code, heartbeat, login};
use crate::support::pile::take;
use crate::support::{Server, Setup, eventually};

#[test]
fn a_login_is_answered_and_the_clock_set() {
    let server = Setup::new().set("ZONE_HOURS", 0).start();
    server.register(code(1));
    let mut pile = server.dial(code(1));
    let sequence = pile.send(login(code(1)));
    let answer = pile.receive();
    assert_eq!(answer.sequence, sequence);
    assert_eq!((answer.frame_type, answer.encryption), (0x02, 0));
    let clock = take!(pile, ClockSyncRequest);
    assert_eq!(clock.pile_code, code(1));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let told = clock.current_time.civil().unwrap();
    let minutes = u64::from(told.hour) * 60 + u64::from(told.minute);
    let apart = (now / 60 % 1440).abs_diff(minutes);
    assert!(told.year >= 2025 && apart.min(1440 - apart) <= 2, "{told}");
    assert!(server.is_online(code(1)));
}

#[test]
fn a_heartbeat_is_answered_with_its_own_sequence_number() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    for _ in 0..3 {
        pile.beat();
    }
    let shown = server.api.get(&format!("piles/{}", code(1))).ok();
    assert_eq!(shown["connectors"][0]["heartbeat_fault"], json!(false));
    assert_eq!(shown["declared"]["firmware_version"], json!("V4.1.50"));
}

#[test]
fn a_tariff_is_checked_and_handed_out_to_the_last_slot() {
    let server = Server::start();
    let tiers = ["sharp", "peak", "flat", "valley"];
    let slots: Vec<&str> = (0..48).map(|slot| tiers[slot * 7 % 4]).collect();
    let terms = json!({
        "number": "0815", "name": "four prices", "loss_ratio": 3, "slots": slots,
        "prices": {
            "sharp": {"electricity": "1.23456", "service": "0.60001"},
            "peak": {"electricity": "1.00002", "service": "0.50003"},
            "flat": {"electricity": "0.70004", "service": "0.40005"},
            "valley": {"electricity": "0.30006", "service": "0.20007"},
        },
    });
    server.api.put("tariffs/summer", &terms).ok();
    let mut pile = server.pile(code(1));
    let mut check = |tariff_id| {
        pile.send(TariffVerifyRequest { pile_code: code(1), tariff_id, ..TariffVerifyRequest::default() });
        let answer = take!(pile, TariffVerifyResponse);
        assert_eq!((answer.pile_code, answer.tariff_id), (code(1), tariff_id));
        answer.verify_result
    };
    let assigned = TariffId([0x08, 0x15]);
    assert_eq!(check(assigned), VerifyResult::Differs, "none is assigned yet");
    server.api.post("tariffs/summer/assign", &json!({"piles": [code(1).to_string()]})).ok();
    assert_eq!(check(TariffId::default()), VerifyResult::Differs);
    assert_eq!(check(assigned), VerifyResult::Same);

    pile.send(TariffRequest { pile_code: code(1), ..TariffRequest::default() });
    let tariff = take!(pile, TariffResponse);
    assert_eq!((tariff.pile_code, tariff.tariff_id), (code(1), assigned));
    let rates = [
        (tariff.sharp_energy_rate, tariff.sharp_service_rate),
        (tariff.peak_energy_rate, tariff.peak_service_rate),
        (tariff.flat_energy_rate, tariff.flat_service_rate),
        (tariff.valley_energy_rate, tariff.valley_service_rate),
    ];
    let rates = rates.map(|(energy, service)| (energy.raw(), service.raw()));
    assert_eq!(rates, [(123_456, 60_001), (100_002, 50_003), (70_004, 40_005), (30_006, 20_007)]);
    assert_eq!(tariff.loss_ratio.raw(), 3);
    let numbers: Vec<u8> = (0_u8..48).map(|slot| slot % 4 * 7 % 4).collect();
    assert_eq!(tariff.slots.0.as_slice(), numbers);
}

#[test]
fn logging_in_again_on_the_same_connection_is_answered_again() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    let sequence = pile.send(login(code(1)));
    let answer = pile.receive();
    assert_eq!((answer.frame_type, answer.sequence), (0x02, sequence));
    pile.beat();
    let sessions = server.sessions(code(1));
    assert_eq!(sessions.len(), 1, "the session goes on: {sessions:?}");
}

#[test]
fn an_unknown_pile_is_refused_then_approved_then_let_in() {
    let server = Server::start();
    for _ in 0..3 {
        let mut pile = server.dial(code(7));
        pile.send(login(code(7)));
        assert_eq!(take!(pile, LoginResponse).login_result, LoginResult::Refused);
        pile.expect_close();
    }
    let path = format!("waiting-piles/{}", code(7));
    let waiting = eventually("three attempts", || {
        let waiting = server.api.get(&path).json();
        (waiting["attempts"] == json!(3)).then_some(waiting)
    });
    assert_eq!(waiting["declared"]["firmware_version"], json!("V4.1.50"));
    assert!(waiting["peer"].as_str().unwrap().starts_with("127.0.0.1:"));
    assert_eq!(server.api.items("waiting-piles").len(), 1);

    let approved = server.api.post(&format!("piles/{}/approve", code(7)), &json!({"name": "bay 7"}));
    assert_eq!((approved.status, &approved.json()["connector_count"]), (201, &json!(2)));
    assert_eq!(server.api.items("waiting-piles").len(), 0);
    let mut pile = server.dial(code(7));
    pile.log_in();
    pile.beat();
    assert_eq!(server.api.metric("logins_total{result=\"accepted\"}"), 1);
}

#[test]
fn open_enrollment_registers_strangers() {
    let server = Setup::new().flag("--open-enrollment").start();
    let mut pile = server.dial(code(3));
    pile.log_in();
    let shown = eventually("the pile is registered", || {
        let answer = server.api.get(&format!("piles/{}", code(3)));
        (answer.status == 200).then(|| answer.json())
    });
    assert_eq!((&shown["status"], &shown["connector_count"]), (&json!("online"), &json!(2)));
}

#[test]
fn a_refused_pile_that_talks_on_is_heard_out_and_not_reset() {
    let server = Server::start();
    let mut pile = server.dial(code(7));
    pile.send(login(code(7)));
    assert_eq!(take!(pile, LoginResponse).login_result, LoginResult::Refused);
    pile.expect_close();
    // A reset would let one of the later of these fail.
    for _ in 0..50 {
        pile.send(heartbeat(code(7)));
    }
    drop(pile);
    let refused = "connections_closed_total{reason=\"login_refused\"}";
    eventually("let go", || (server.api.metric(refused) == 1).then_some(()));
    assert_eq!(
        server.api.metric("frames_total{direction=\"up\",protocol=\"ykc\",type=\"0x03\"}"),
        0,
        "nothing of it is taken"
    );
}

#[test]
fn a_disabled_pile_is_refused_and_a_connected_one_disconnected() {
    let server = Server::start();
    let path = format!("piles/{}", code(1));
    let mut pile = server.pile(code(1));
    let mut other = server.pile(code(2));
    server.api.put(&path, &json!({"enabled": false})).ok();
    pile.expect_close();
    assert!(!server.is_online(code(1)));
    let sessions = server.sessions(code(1));
    assert_eq!((sessions.len(), &sessions[0]["close_reason"]), (1, &json!("disabled")));

    let closed = "connections_closed_total{reason=\"disabled\"}";
    eventually("counted as switched off", || (server.api.metric(closed) == 1).then_some(()));

    let mut again = server.dial(code(1));
    again.send(login(code(1)));
    assert_eq!(take!(again, LoginResponse).login_result, LoginResult::Refused);
    again.expect_close();
    assert!(server.api.items("waiting-piles").is_empty(), "it is registered, not waiting");
    other.beat();

    server.api.put(&path, &json!({"enabled": true})).ok();
    server.dial(code(1)).log_in();
}

#[test]
fn nothing_is_answered_before_login() {
    let server = Server::start();
    server.register(code(1));
    let mut pile = server.dial(code(1));
    pile.send(heartbeat(code(1)));
    pile.send(TariffRequest { pile_code: code(1), ..TariffRequest::default() });
    pile.log_in();
    pile.beat();
    assert_eq!(server.api.metric("frames_rejected_total{reason=\"before_login\"}"), 2);
}

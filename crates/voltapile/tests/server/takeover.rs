//! One pile, several connections: the newest login wins.

use serde_json::json;
use voltapile_protocol::ykc::code::LoginResult;
use voltapile_protocol::ykc::field::PileCode;

use crate::support::messages::{self, code, heartbeat, login};
use crate::support::pile::take;
use crate::support::{Server, Setup, eventually};

#[test]
fn the_newest_login_wins_and_the_old_connection_is_closed() {
    let server = Server::start();
    let mut old = server.pile(code(1));
    let mut new = server.dial(code(1));
    new.log_in();
    old.expect_close();
    new.beat();
    assert!(server.is_online(code(1)), "the old connection's end does not touch the new session");
    let shown = server.api.get(&format!("piles/{}", code(1))).ok();
    assert_eq!(shown["peer"], json!(new.stream.local_addr().unwrap().to_string()));
    let sessions = server.sessions(code(1));
    let reasons: Vec<_> = sessions.iter().map(|session| session["close_reason"].clone()).collect();
    assert_eq!(reasons, [json!(null), json!("taken_over")]);
    server.process.logged("took a pile over");
    let closed = "connections_closed_total{reason=\"replaced\"}";
    eventually("counted as replaced", || (server.api.metric(closed) == 1).then_some(()));
}

#[test]
fn a_chain_of_reconnects_ends_with_the_last() {
    let server = Server::start();
    let mut connections = vec![server.pile(code(1))];
    for _ in 0..10 {
        let mut pile = server.dial(code(1));
        pile.log_in();
        connections.push(pile);
    }
    let mut last = connections.pop().unwrap();
    connections.iter_mut().for_each(|pile| pile.expect_close());
    last.beat();
    assert!(server.is_online(code(1)));
    let open = server.sessions(code(1)).into_iter().filter(|session| session["closed_at"].is_null()).count();
    assert_eq!(open, 1);
}

#[test]
fn a_concentrator_carries_piles_and_loses_one_of_them() {
    let server = Server::start();
    let mut concentrator = server.pile(code(1));
    for number in 2..=4 {
        server.register(code(number));
        concentrator.log_in_as(code(number));
    }
    for number in 1..=4 {
        concentrator.beat_as(code(number));
        assert!(server.is_online(code(number)));
    }
    // Telemetry goes to the pile that it names.
    concentrator.send(messages::telemetry(code(3)));
    concentrator.beat();
    let soc =
        |number| server.api.get(&format!("piles/{}", code(number))).ok()["connectors"][1]["telemetry"]["soc"].clone();
    assert_eq!((soc(3), soc(2)), (json!(42), json!(null)));
    // A record is answered by its number, whichever pile's it is.
    let number = messages::transaction(code(4), 1);
    concentrator.send(messages::record(code(4), number));
    assert_eq!(take!(concentrator, TransactionRecordConfirm).transaction_number, number);

    let mut elsewhere = server.dial(code(2));
    elsewhere.log_in();
    elsewhere.beat();
    for number in [1, 3, 4] {
        concentrator.beat_as(code(number));
        assert!(server.is_online(code(number)));
    }
    // Whoever asks for the lost one here is not answered.
    concentrator.send(heartbeat(code(2)));
    concentrator.beat();
    assert_eq!(server.api.metric("frames_rejected_total{reason=\"before_login\"}"), 1);
    elsewhere.beat();

    // It comes back to the concentrator.
    concentrator.log_in_as(code(2));
    elsewhere.expect_close();
    concentrator.beat_as(code(2));
    assert!(server.is_online(code(2)));
}

#[test]
fn the_end_of_a_concentrator_takes_all_its_piles_offline() {
    let server = Server::start();
    let mut concentrator = server.pile(code(1));
    server.register(code(2));
    concentrator.log_in_as(code(2));
    concentrator.stream.shutdown(std::net::Shutdown::Write).unwrap();
    concentrator.expect_close();
    assert!(!server.is_online(code(1)) && !server.is_online(code(2)));
    let sessions = server.sessions(code(2));
    assert_eq!(sessions[0]["close_reason"], json!("closed_by_pile"));
}

#[test]
fn a_connection_carries_256_piles_and_not_one_more() {
    let server = Setup::new().flag("--open-enrollment").start();
    let numbered = |number: u16| {
        let [high, low] = number.to_be_bytes();
        PileCode([0x99, 0, 0, 0, 0, high, low])
    };
    let mut concentrator = server.dial(numbered(0));
    for number in 0..256 {
        concentrator.log_in_as(numbered(number));
    }
    concentrator.send(login(numbered(256)));
    assert_eq!(take!(concentrator, LoginResponse).login_result, LoginResult::Refused);
    concentrator.beat_as(numbered(255));
    server.dial(numbered(256)).log_in();
}

#[test]
fn a_stranger_on_a_concentrator_is_refused_alone() {
    let server = Server::start();
    let mut concentrator = server.pile(code(1));
    concentrator.send(login(code(66)));
    let answer = take!(concentrator, LoginResponse);
    assert_eq!((answer.pile_code, answer.login_result), (code(66), LoginResult::Refused));
    concentrator.beat();
}

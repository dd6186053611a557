//! Who may sign in, and what that is answered.

use serde_json::json;
use voltapile_protocol::aaf5::code::{DeviceType, FineEnergy, Service, WorkState};
use voltapile_protocol::aaf5::message::{SignInRequest, TextParameterRequest};
use voltapile_protocol::wire::{BcdTime, CivilTime, SecondsByte};

use super::pile::RANDOM;
use super::{PILE, Pile, assert_closed, register, shown, signed_in, take};
use crate::support::{Server, Setup, eventually};

#[test]
fn a_sign_in_is_answered_with_its_random_number_the_time_and_what_is_offered() {
    let server = Server::start();
    register(&server, PILE);
    let mut pile = Pile::dial(server.piles, PILE);
    let answer = pile.sign_in();
    assert_eq!((answer.random, answer.service), (Some(RANDOM), Some(Service::Normal)));
    assert_eq!(answer.fine_energy, Some(FineEnergy::Supported));
    let told = answer.platform_time.and_then(|time| time.civil()).map(CivilTime::unix_ms_in_china).unwrap();
    assert!(told.abs_diff(super::pile::now().unix_ms_in_china()) < 60_000);
    pile.beat();
    let shown = shown(&server);
    let declared = &shown["declared"];
    assert_eq!((&shown["status"], &declared["protocol"]), (&json!("online"), &json!("aaf5")), "{shown:#}");
    assert_eq!((&declared["protocol_version"], &declared["firmware_version"]), (&json!("5.2"), &json!("210.01")));
}

#[test]
fn a_pile_that_is_not_registered_gets_no_answer_and_is_listed() {
    let server = Server::start();
    let mut pile = Pile::dial(server.piles, PILE);
    pile.send(pile.sign_in_request());
    pile.expect_close();
    let waiting = eventually("the pile is listed", || {
        let waiting = server.api.items("waiting-piles");
        waiting.into_iter().find(|waiting| waiting["code"] == PILE)
    });
    assert_eq!(waiting["declared"]["protocol"], "aaf5");
    assert_closed(&server, "login_refused");
    // Once it is approved, it gets in.
    register(&server, PILE);
    Pile::dial(server.piles, PILE).sign_in();
}

#[test]
fn a_sign_in_that_is_repeated_is_answered_and_changes_nothing() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    pile.beat();
    for _ in 0..3 {
        assert_eq!(pile.sign_in().random, Some(RANDOM));
    }
    pile.beat();
    // The store writes in order: once this is answered, everything before it is written.
    register(&server, "ANOTHER");
    assert_eq!(server.api.items(&format!("piles/{PILE}/sessions")).len(), 1);
    assert_eq!(server.api.metric("logins_total{result=\"accepted\"}"), 1);
}

#[test]
fn another_pile_on_the_same_connection_ends_it() {
    let server = Server::start();
    register(&server, "OTHER");
    let mut pile = signed_in(&server);
    pile.beat();
    pile.code = super::pile::text("OTHER");
    pile.send(pile.sign_in_request());
    pile.expect_close();
    assert_closed(&server, "other_pile");
}

#[test]
fn a_concentrator_is_a_pile_with_many_connectors() {
    let server = Server::start();
    register(&server, PILE);
    let mut pile = Pile::dial(server.piles, PILE);
    let request = pile.sign_in_request();
    pile.sign_in_with(SignInRequest { device_type: Some(DeviceType::Concentrator), connector_count: 20, ..request });
    let mut status = pile.status(WorkState::Idle, "");
    status.connector_number.0 = 17;
    pile.send(status);
    pile.beat();
    assert_eq!(shown(&server)["connectors"][0]["number"], 17);
}

#[test]
fn a_clock_that_is_off_is_set() {
    let server = Server::start();
    register(&server, PILE);
    let mut pile = Pile::dial(server.piles, PILE);
    let request = pile.sign_in_request();
    let pile_time = BcdTime::new(CivilTime::in_china(1_700_000_000_000));
    pile.sign_in_with(SignInRequest { pile_time, ..request });
    let TextParameterRequest { index, byte_count, value, .. } = take!(pile, TextParameterRequest);
    assert_eq!((index, byte_count, value.0.len()), (2, 8, 8));
}

#[test]
fn a_pile_that_falls_silent_is_offline_and_comes_back_with_a_word() {
    let server = Setup::new().set("TIMING_OFFLINE_SECONDS", 11).set("TIMING_CLOSE_SECONDS", 60).start();
    register(&server, PILE);
    let mut pile = Pile::dial(server.piles, PILE);
    let request = pile.sign_in_request();
    pile.sign_in_with(SignInRequest { heartbeat_seconds: SecondsByte::from_raw(1), heartbeat_misses: 0, ..request });
    server.process.logged("a pile has fallen silent");
    eventually("it is shown as offline", || (shown(&server)["status"] == "offline").then_some(()));
    pile.beat();
    eventually("it is back", || (shown(&server)["status"] == "online").then_some(()));
}

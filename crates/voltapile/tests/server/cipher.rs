//! Bodies in 3DES, which the specification names and nobody describes.

use serde_json::json;
use voltapile_protocol::ykc::BodyCipher;
use voltapile_protocol::ykc::cipher::{FLAG_3DES, Mode, Padding};
use voltapile_protocol::ykc::code::ConnectorHealth;
use voltapile_protocol::ykc::frame::{Envelope, write_frame};
use voltapile_protocol::ykc::message::{HeartbeatRequest, HeartbeatResponse, LoginResponse, Message};

use crate::support::messages::{body_of, code, heartbeat, login};
use crate::support::pile::Received;
use crate::support::{Pile, Server, Setup};

const KEY: &str = "0123456789ABCDEFFEDCBA9876543210";
const VECTOR: &str = "1122334455667788";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn cipher(mode: Mode, padding: Padding) -> BodyCipher {
    BodyCipher::new(&bytes(KEY), mode, padding).unwrap()
}

fn server(mode: &str, padding: &str, pile: &str) -> Server {
    let server = Setup::new()
        .set("ENCRYPTION_MODE", mode)
        .set("ENCRYPTION_PADDING", padding)
        .set("ENCRYPTION_VECTOR", VECTOR)
        .set("ENCRYPTION_KEYS", format!("{pile}:{KEY}"))
        .start();
    server.register(code(1));
    server
}

fn send(pile: &mut Pile, cipher: &BodyCipher, message: impl Into<Message>) -> [u8; 2] {
    let message = message.into();
    let sequence = pile.next_sequence();
    let envelope = Envelope { sequence, encryption: FLAG_3DES, ..Envelope::default() };
    let body = cipher.encrypt(&body_of(message.clone()));
    let mut frame = Vec::new();
    write_frame(&mut frame, envelope, message.frame_type(), |writer| writer.put(&body)).unwrap();
    pile.write(&frame);
    sequence
}

/// The answer in cipher. Compared as it is on the wire: zero padding has no unique way back.
#[track_caller]
fn assert_answer(received: &Received, cipher: &BodyCipher, sequence: [u8; 2], expected: impl Into<Message>) {
    let expected = expected.into();
    assert_eq!((received.frame_type, received.encryption), (expected.frame_type(), FLAG_3DES));
    assert_eq!(received.sequence, sequence);
    assert_eq!(received.body, cipher.encrypt(&body_of(expected)));
}

fn answer_to_heartbeat() -> HeartbeatResponse {
    let HeartbeatRequest { pile_code, connector_number, .. } = heartbeat(code(1));
    HeartbeatResponse { pile_code, connector_number, ..HeartbeatResponse::default() }
}

/// Login and heartbeats, one of a connector that is well and one of a connector that is not.
fn log_in_and_beat(server: &Server, cipher: &BodyCipher) {
    let mut pile = server.dial(code(1));
    let sequence = send(&mut pile, cipher, login(code(1)));
    let accepted = LoginResponse { pile_code: code(1), ..LoginResponse::default() };
    assert_answer(&pile.receive(), cipher, sequence, accepted);
    assert_eq!(pile.receive().frame_type, 0x56);
    for connector_health in [ConnectorHealth::Fault, ConnectorHealth::Normal] {
        let sequence = send(&mut pile, cipher, HeartbeatRequest { connector_health, ..heartbeat(code(1)) });
        assert_answer(&pile.receive(), cipher, sequence, answer_to_heartbeat());
        let shown = server.api.get(&format!("piles/{}", code(1))).ok();
        let fault = connector_health == ConnectorHealth::Fault;
        assert_eq!(shown["connectors"][0]["heartbeat_fault"], json!(fault));
    }
    // What was asked in plain text is answered in plain text.
    pile.beat();
}

#[test]
fn ecb_with_pkcs5_is_understood_and_answered_in_kind() {
    log_in_and_beat(&server("ecb", "pkcs5", "*"), &cipher(Mode::Ecb, Padding::Pkcs5));
}

#[test]
fn cbc_with_zeros_is_understood_and_answered_in_kind() {
    // A body's own zeros at its end used to be lost: the heartbeat of a connector that is well ends with one.
    let mode = Mode::Cbc(bytes(VECTOR).try_into().unwrap());
    log_in_and_beat(&server("cbc", "zero", "*"), &cipher(mode, Padding::Zero));
}

#[test]
fn a_piles_own_key_opens_its_login_and_nobody_elses() {
    let server = server("cbc", "pkcs5", &code(1).to_string());
    let cipher = cipher(Mode::Cbc(bytes(VECTOR).try_into().unwrap()), Padding::Pkcs5);
    log_in_and_beat(&server, &cipher);

    server.register(code(2));
    let mut impostor = server.dial(code(2));
    send(&mut impostor, &cipher, login(code(2)));
    send(&mut impostor, &cipher, login(code(1)));
    impostor.log_in();
    assert_eq!(server.sessions(code(1)).len(), 1, "one login that no key opens is all that a connection gets");
    assert_eq!(server.api.metric("frames_rejected_total{reason=\"encrypted\"}"), 2);
}

#[test]
fn a_piles_own_key_opens_what_follows_its_login() {
    let server = server("ecb", "pkcs5", &code(1).to_string());
    let cipher = cipher(Mode::Ecb, Padding::Pkcs5);
    let mut pile = server.pile(code(1));
    let sequence = send(&mut pile, &cipher, heartbeat(code(1)));
    assert_answer(&pile.receive(), &cipher, sequence, answer_to_heartbeat());
    let mut other = server.pile(code(2));
    send(&mut other, &cipher, heartbeat(code(2)));
    other.beat();
    assert_eq!(server.api.metric("frames_rejected_total{reason=\"encrypted\"}"), 1);
}

#[test]
fn without_a_key_an_encrypted_frame_is_counted_and_kept_and_not_answered() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    let cipher = cipher(Mode::Ecb, Padding::Pkcs5);
    send(&mut pile, &cipher, heartbeat(code(1)));
    send(&mut pile, &cipher, login(code(1)));
    pile.beat();
    assert_eq!(server.api.metric("frames_rejected_total{reason=\"encrypted\"}"), 2);
    let shown = server.api.get(&format!("piles/{}", code(1))).ok();
    let kept: Vec<_> = shown["latest"].as_array().unwrap().iter().map(|message| message["type"].clone()).collect();
    assert_eq!(kept, [json!("0x01"), json!("0x03")]);
}

#[test]
fn another_key_opens_nothing() {
    let server = server("ecb", "pkcs5", "*");
    let mut pile = server.dial(code(1));
    let other = BodyCipher::new(&[7; 24], Mode::Ecb, Padding::Pkcs5).unwrap();
    send(&mut pile, &other, login(code(1)));
    pile.log_in();
    assert_eq!(server.api.metric("frames_rejected_total{reason=\"encrypted\"}"), 1);
}

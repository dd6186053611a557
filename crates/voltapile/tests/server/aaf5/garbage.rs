//! However the network and the piles mangle the stream, frames are found and answered.

use serde_json::json;
use voltapile_protocol::aaf5::code::WorkState;
use voltapile_protocol::aaf5::message::{HeartbeatRequest, Message};
use voltapile_protocol::wire::Tail;

use super::pile::frame;
use super::{PILE, Pile, assert_closed, register, shown, signed_in, take};
use crate::support::Server;

#[test]
fn bytes_may_come_one_by_one_and_frames_glued_together() {
    let server = Server::start();
    register(&server, PILE);
    let mut pile = Pile::dial(server.piles, PILE);
    for byte in frame(1, pile.sign_in_request()) {
        pile.write(&[byte]);
    }
    take!(pile, SignInResponse);
    let beat = |sequence| frame(sequence, HeartbeatRequest { pile_code: pile.code, ..HeartbeatRequest::default() });
    let glued: Vec<u8> = (0..200).flat_map(beat).collect();
    pile.write(&glued);
    let sequences: Vec<u8> = (0..200).map(|_| pile.receive().sequence).collect();
    assert_eq!(sequences, (0..200).collect::<Vec<u8>>());
}

#[test]
fn garbage_between_frames_is_skipped_and_counted() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    let whole = frame(9, HeartbeatRequest { pile_code: pile.code, ..HeartbeatRequest::default() });
    let mut broken = whole.clone();
    *broken.last_mut().unwrap() ^= 0xFF;
    let garbage: [&[u8]; 4] = [b"\x00\xFFAT+CSQ\r\n", &[0xAA], &[0xAA, 0xF5, 3, 0], &broken];
    for garbage in garbage {
        pile.write(garbage);
        pile.beat();
    }
    assert!(server.api.metric("frames_rejected_total{reason=\"bad_checksum\"}") > 0);
    assert!(server.api.metric("frames_rejected_total{reason=\"bad_length\"}") > 0);
    assert!(server.api.metric("skipped_bytes_total") > 0);
}

#[test]
fn nothing_but_junk_is_given_up_on() {
    let server = Server::start();
    let mut pile = Pile::dial(server.piles, PILE);
    pile.write(&[0xAA; 3000]);
    pile.expect_close();
    assert_closed(&server, "junk");
}

#[test]
fn what_comes_before_the_sign_in_and_what_nobody_knows_is_not_answered() {
    let server = Server::start();
    register(&server, PILE);
    let mut pile = Pile::dial(server.piles, PILE);
    pile.report(WorkState::Idle, "");
    pile.sign_in();
    pile.send(Message::Unknown { frame_type: 1234, body: Tail::new(&[0xCA, 0xFE]) });
    pile.send(Message::Unknown { frame_type: 104, body: Tail::new(&[0; 20]) });
    pile.beat();
    let counted = |reason: &str| server.api.metric(&format!("frames_rejected_total{{reason=\"{reason}\"}}"));
    assert_eq!((counted("before_login"), counted("unknown_type"), counted("unreadable")), (1, 1, 1));
    let shown = shown(&server);
    let kept: Vec<_> = shown["latest"].as_array().unwrap().iter().map(|message| message["type"].clone()).collect();
    assert_eq!(kept, [json!("104"), json!("1234")]);
}

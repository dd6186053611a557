//! However the network and the piles mangle the stream, frames are found and answered.

use serde_json::json;
use voltapile_protocol::ykc::CrcOrder;
use voltapile_protocol::ykc::crc::crc16;

use crate::support::Server;
use crate::support::messages::{code, heartbeat, login, raw};
use crate::support::pile::{frame, take};

#[test]
fn bytes_may_come_one_by_one() {
    let server = Server::start();
    server.register(code(1));
    let mut pile = server.dial(code(1));
    let bytes = [frame([1, 2], login(code(1))), frame([3, 4], heartbeat(code(1)))].concat();
    // Without delay, and with the other end reading at once, most of these are segments of their own.
    for byte in bytes {
        pile.write(&[byte]);
    }
    assert_eq!((take!(pile, LoginResponse).pile_code, take!(pile, ClockSyncRequest).pile_code), (code(1), code(1)));
    assert_eq!(pile.receive().sequence, [3, 4]);
}

#[test]
fn glued_frames_are_answered_one_by_one_and_in_order() {
    let server = Server::start();
    server.register(code(1));
    let mut pile = server.dial(code(1));
    let mut bytes = frame([0xFF, 0xFF], login(code(1)));
    (0..200_u8).for_each(|number| bytes.extend(frame([number, 0x68], heartbeat(code(1)))));
    pile.write(&bytes);
    assert_eq!(pile.receive().frame_type, 0x02);
    let mut answers: Vec<_> = (0..201).map(|_| pile.receive()).collect();
    answers.retain(|answer| answer.frame_type != 0x56);
    let sequences: Vec<_> = answers.iter().map(|answer| answer.sequence).collect();
    assert_eq!(sequences, (0..200).map(|number| [number, 0x68]).collect::<Vec<_>>());
}

#[test]
fn garbage_between_frames_is_skipped_and_counted() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    let whole = frame([9, 9], heartbeat(code(1)));
    let broken = {
        let mut bytes = whole.clone();
        *bytes.last_mut().unwrap() ^= 0xFF;
        bytes
    };
    let garbage: [&[u8]; 6] =
        [b"\x00\xFFAT+CSQ\r\n", &[0x68], &[0x68, 0x68, 0x68], &[0x68, 0x03], &whole[..whole.len() - 1], &broken];
    for (number, garbage) in (1_u8..).zip(garbage) {
        // Two heartbeats, since what a false start hides is found once enough bytes follow.
        let bytes =
            [garbage, &frame([number, 0], heartbeat(code(1))), &[0; 259], &frame([number, 1], heartbeat(code(1)))];
        pile.write(&bytes.concat());
        for which in [0, 1] {
            assert_eq!(pile.receive().sequence, [number, which], "behind {garbage:02x?}");
        }
    }
    assert!(server.api.metric("frames_rejected_total{reason=\"bad_crc\"}") > 0);
    assert!(server.api.metric("frames_rejected_total{reason=\"bad_length\"}") > 0);
    assert!(server.api.metric("skipped_bytes_total") > 6 * 259);
}

#[test]
fn both_orders_of_the_crc_are_understood_on_one_link() {
    let server = Server::start();
    server.register(code(1));
    let mut pile = server.dial(code(1));
    pile.send_with(CrcOrder::HighFirst, login(code(1)));
    assert_eq!(take!(pile, LoginResponse).pile_code, code(1));
    take!(pile, ClockSyncRequest);
    for order in [CrcOrder::LowFirst, CrcOrder::HighFirst, CrcOrder::HighFirst, CrcOrder::LowFirst] {
        let sequence = pile.send_with(order, heartbeat(code(1)));
        let answer = pile.receive();
        assert_eq!((answer.sequence, answer.crc_order), (sequence, CrcOrder::LowFirst));
    }
    let count = |order: &str| server.api.metric(&format!("crc_order_total{{order=\"{order}\"}}"));
    assert_eq!((count("low_first"), count("high_first")), (2, 3));
}

#[test]
fn an_unknown_type_is_kept_and_shown_and_not_answered() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    pile.send(raw(0xE7, &[0xCA, 0xFE]));
    pile.beat();
    let shown = server.api.get(&format!("piles/{}", code(1))).ok();
    let latest = shown["latest"].as_array().unwrap();
    let unknown = latest.iter().find(|message| message["type"] == json!("0xE7"));
    assert!(unknown.is_some_and(|message| message.to_string().to_lowercase().contains("cafe")), "{latest:?}");
    assert_eq!(server.api.metric("frames_rejected_total{reason=\"unknown_type\"}"), 1);
}

#[test]
fn an_unreadable_body_is_kept_and_not_answered() {
    let server = Server::start();
    let mut pile = server.pile(code(1));
    pile.send(raw(0x13, &[0x12; 20]));
    pile.beat();
    let shown = server.api.get(&format!("piles/{}", code(1))).ok();
    assert_eq!(shown["latest"][0]["type"], json!("0x13"));
    assert_eq!(server.api.metric("frames_rejected_total{reason=\"unreadable\"}"), 1);
}

#[test]
fn a_pile_that_speaks_version_2_is_refused_with_a_word_about_it() {
    let server = Server::start();
    let mut pile = server.dial(code(1));
    // Start, length in two bytes, sequence, time, encryption, type, a body of 148 bytes.
    let counted = [&[0, 1, 0, 0, 0, 12, 20, 11, 26, 0, 1][..], &[0x32; 148]].concat();
    let length = u16::try_from(counted.len()).unwrap().to_be_bytes();
    pile.write(&[&[0x68][..], &length, &counted, &crc16(&counted).to_le_bytes()].concat());
    pile.expect_close();
    let line = server.process.logged("V2.x");
    assert!(line.contains("WARN") && line.contains("127.0.0.1"), "{line}");
    assert_eq!(server.api.metric("logins_total{result=\"version_2\"}"), 1);
}

//! Frames of AA F5 in a stream: cut, glued, between junk, damaged, on any port, beside YKC.

use voltapile_capture::Side;
use voltapile_protocol::aaf5::Framer;
use voltapile_protocol::aaf5::frame::{ENCRYPTED, Envelope, FIRMWARE_DATA};
use voltapile_protocol::aaf5::framer::Piece;

use super::{frame, framed};
use crate::capture::{Capture, PORT};
use crate::frames::{Dice, HEARTBEAT};
use crate::tshark::Tshark;

/// What frames are told by: their sequences, what was skipped, the check sums.
const SEEN: [&str; 4] = ["tcp.stream", "aaf5.sequence", "aaf5.skipped", "aaf5.checksum.status"];

/// What was seen on each connection, packets joined.
fn by_connection(rows: &[Vec<String>], connections: usize) -> Vec<[String; 3]> {
    let mut seen = vec![[const { Vec::new() }; 3]; connections];
    for row in rows {
        let connection: usize = row[0].parse().unwrap();
        for (column, text) in row[1..].iter().enumerate() {
            seen[connection][column].extend(text.split(',').filter(|text| !text.is_empty()).map(str::to_owned));
        }
    }
    seen.into_iter().map(|columns| columns.map(|texts| texts.join(","))).collect()
}

fn up<'a>(capture: &mut Capture, port: u16, packets: impl IntoIterator<Item = &'a [u8]>) {
    let mut connection = capture.connection(port);
    for packet in packets {
        capture.says(&mut connection, Side::Client, packet);
    }
}

fn of<'a>(packets: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut capture = Capture::new();
    up(&mut capture, PORT, packets);
    capture.into_bytes()
}

/// Three frames, told apart by their sequences; in the second stand starts, one of them of what could be a whole frame.
fn three() -> Vec<u8> {
    let inner = [&[0xAA, 0xF5, 0xAA], &frame(9, 0x7777, &[0; 6])[..], &[0xAA]].concat();
    [frame(1, 102, &[0xAA; 54]), frame(2, 104, &inner), frame(0xF5, 1101, &[])].concat()
}

#[test]
fn frames_are_found_however_they_were_cut() {
    let tshark = Tshark::new(&[]);
    let stream = three();
    let mut capture = Capture::new();
    for cut in 1..stream.len() {
        up(&mut capture, PORT, [&stream[..cut], &stream[cut..]]);
    }
    up(&mut capture, PORT, stream.chunks(1));
    up(&mut capture, PORT, [&stream[..]]);
    let rows = tshark.columns(&capture.into_bytes(), "aaf5", &SEEN);
    for (cut, seen) in by_connection(&rows, stream.len() + 1).iter().enumerate() {
        assert_eq!(*seen, ["01,02,f5", "", "good,good,good"], "cut behind {}", cut + 1);
    }
}

#[test]
fn a_block_of_firmware_is_put_together() {
    let block = frame(7, FIRMWARE_DATA, &[0xA5; 4096]);
    let rows = Tshark::new(&[]).columns(&of(block.chunks(1460)), "aaf5.frame_type", &["aaf5.length", "aaf5.skipped"]);
    assert_eq!(rows, [["4105", ""]]);
}

#[test]
fn junk_is_skipped_and_shown() {
    let junk: [&[u8]; 8] = [
        b"\x00",
        b"GET / HTTP/1.1\r\n\r\n",
        &[0xAA; 40],
        // False starts: too short to be a frame, too long, too long for its command, of an unknown command, alone.
        b"\xAA\xF5\x08\x00",
        b"\xAA\xF5\xFF\xFF",
        b"\xAA\xF5\x00\x20\x10\x00\x68\x00",
        b"\xAA\xF5\x0A\x00\x10\x00\x77\x77\x00\x00",
        b"\xAA\xF5",
    ];
    let good = frame(3, 102, &[1; 54]);
    let mut capture = Capture::new();
    for junk in junk {
        let stream = [junk, &good, junk, &good].concat();
        up(&mut capture, PORT, [&stream[..]]);
    }
    let tshark = Tshark::new(&[]);
    let capture = capture.into_bytes();
    let rows = tshark.columns(&capture, "aaf5", &SEEN);
    for (junk, seen) in junk.iter().zip(by_connection(&rows, junk.len())) {
        let shown = crate::hex(junk);
        assert_eq!(seen, ["03,03".to_owned(), format!("{shown},{shown}"), "good,good".to_owned()]);
    }
    assert_eq!(tshark.found(&capture, "aaf5.expert.skipped").len(), junk.len());
}

#[test]
fn what_the_framer_finds_is_shown_whatever_stands_between() {
    let mut dice = Dice(0x5EED_0000_0000_0004);
    let mut capture = Capture::new();
    let mut expected = Vec::new();
    for _ in 0..150 {
        let mut stream = Vec::new();
        for number in 0..6_u8 {
            let starts = (0..dice.below(8)).map(|_| if dice.below(3) == 0 { [0xAA, 0xF5] } else { [dice.byte(), 0] });
            stream.extend(starts.collect::<Vec<_>>().concat());
            let length = dice.below(30);
            let body: Vec<u8> = (0..length).map(|_| dice.byte()).collect();
            stream.extend(frame(number, 104, &body));
        }
        let mut sequences = Vec::new();
        let mut note = |piece: Piece<'_>| {
            if let Piece::Frame(frame) = piece {
                sequences.push(format!("{:02x}", frame.sequence));
            }
        };
        let mut framer = Framer::new();
        framer.push(&stream, &mut note);
        // A false start at the end that no more bytes will prove wrong: what it hides is shown, too.
        while framer.pending() > 0 {
            framer.give_up_partial(&mut note);
        }
        up(&mut capture, PORT, [&stream[..]]);
        expected.push(sequences.join(","));
    }
    let rows = Tshark::new(&[]).columns(&capture.into_bytes(), "aaf5", &SEEN);
    for (expected, [sequences, _, statuses]) in expected.iter().zip(by_connection(&rows, expected.len())) {
        let good = sequences.split(',').zip(statuses.split(',')).filter(|(_, status)| *status == "good");
        assert_eq!(good.map(|(sequence, _)| sequence).collect::<Vec<_>>().join(","), *expected);
    }
}

#[test]
fn false_starts_cost_little_and_lose_nothing() {
    let tshark = Tshark::new(&[]);
    let good = frame(3, 102, &[1; 54]);
    for pattern in [&[0xAA][..], &[0xAA, 0xF5], &[0xAA, 0xF5, 0, 0], &[0xAA, 0xF5, 0, 0x10], &[0xAA, 0xF5, 9, 0]] {
        let junk = pattern.repeat(7_000 / pattern.len());
        let stream = [&junk[..], &good, &[0; 5_000]].concat();
        let rows = tshark.columns(&of(stream.chunks(1_400)), "aaf5", &SEEN);
        let [sequences, ..] = &by_connection(&rows, 1)[0];
        assert_eq!(sequences.split(',').filter(|sequence| *sequence == "03").count(), 1, "{pattern:02x?}: {sequences}");
    }
}

#[test]
fn each_frame_has_a_verdict_on_its_check_sum() {
    let tshark = Tshark::new(&["--lang", "en"]);
    let good = frame(1, 104, &[]);
    let mut bad = frame(2, 104, &[]);
    bad[8] ^= 1;
    let capture = of([&good[..], &bad]);
    let columns = ["aaf5.checksum.status", "aaf5.checksum", "aaf5.checksum.expected", "_ws.expert.message"];
    let rows = tshark.columns(&capture, "aaf5", &columns);
    assert_eq!(rows[0][..3], ["good", "0x68", ""]);
    assert_eq!(rows[1][..3], ["bad", "0x69", "68"]);
    assert!(rows[1][3].contains("wrong check sum: 69 ≠ 68"), "{rows:?}");
    assert_eq!(tshark.found(&capture, "aaf5.expert.checksum_bad"), [2]);
}

#[test]
fn encrypted_bodies_are_shown_as_bytes() {
    let tshark = Tshark::new(&["--lang", "en"]);
    let envelope = Envelope { info: 0x0A | ENCRYPTED, sequence: 4 };
    let capture = of([&framed(envelope, 104, &[[239, 0].as_slice(), &[0xCD; 240]].concat())[..]]);
    let columns = ["aaf5.encrypted", "aaf5.major_version", "aaf5.plain_length", "aaf5.body", "_ws.expert.message"];
    let rows = tshark.columns(&capture, "aaf5", &columns);
    let truth = rows[0][0].to_lowercase();
    assert!(["1", "true"].contains(&truth.as_str()), "{truth}");
    assert_eq!(rows[0][1..], ["10", "239", &format!("ef00{}", "cd".repeat(240)), "encrypted body, not decoded"]);
    assert_eq!(tshark.found(&capture, "aaf5.encrypted == 1"), [1]);
    assert_eq!(tshark.found(&capture, "aaf5.pile_code"), [0; 0]);
}

#[test]
fn frames_on_any_port_are_known_by_length_and_check_sum() {
    let tshark = Tshark::new(&[]);
    let good = frame(3, 102, &[1; 54]);
    let mut capture = Capture::new();
    // Nobody's port, and that of platforms.
    for port in [23_456, PORT] {
        let mut pile = capture.connection(port);
        capture.says(&mut pile, Side::Client, &good);
        capture.says(&mut pile, Side::Server, &frame(3, 101, &[0; 6]));
        capture.says(&mut pile, Side::Client, &good[..5]);
        capture.says(&mut pile, Side::Client, &good[5..]);
    }
    up(&mut capture, PORT, [HEARTBEAT, &HEARTBEAT[..5], &HEARTBEAT[5..]]);
    // The first word is cut, or the capture begins in the middle of one.
    up(&mut capture, PORT, [&good[..5], &good[5..]]);
    up(&mut capture, PORT, [&[&good[20..], &good].concat()[..]]);
    // Somebody else's protocols: some begin alike.
    let mut other = capture.connection(23_458);
    capture.says(&mut other, Side::Client, &[0xAA, 0xF5, 0x04, 0x00]);
    capture.says(&mut other, Side::Client, &[&[0xAA, 0xF5, 0x0B, 0x00], &[0; 7][..]].concat());
    capture.says(&mut other, Side::Client, b"HTTP/1.1 200 OK\r\n\r\n");
    let capture = capture.into_bytes();
    assert_eq!(tshark.found(&capture, "aaf5.frame_type"), [1, 2, 4, 5, 6, 8, 13, 14]);
    assert_eq!(tshark.found(&capture, "ykc.frame_type"), [9, 11]);
    assert_eq!(tshark.found(&capture, "aaf5.skipped || ykc.skipped"), [14]);
}

#[test]
fn one_protocol_can_be_chosen() {
    let mut capture = Capture::new();
    up(&mut capture, 23_456, [&frame(3, 102, &[1; 54])[..]]);
    up(&mut capture, 23_457, [HEARTBEAT]);
    let capture = capture.into_bytes();
    for (arguments, expected) in [
        (&["--protocol", "aaf5"][..], "AA F5"),
        (&["--protocol", "ykc"], "YKC"),
        (&["--protocol", "aaf5", "--ports", "9000"], "AA F5"),
    ] {
        let rows = Tshark::new(arguments).columns(&capture, arguments[1], &["_ws.col.Protocol"]);
        assert_eq!(rows, [[expected]], "{arguments:?}");
    }
}

//! Frames in a stream: cut, glued, between junk, damaged.

use voltapile_capture::Side;
use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::frame::{CrcOrder, Envelope};
use voltapile_protocol::ykc::framer::{Framer, Piece};

use super::capture::{self, Capture, PORT};
use super::frames::{self, Dice, HEARTBEAT, frame, framed};
use super::tshark::Tshark;

/// What frames are told by: their sequences, what was skipped, the CRCs.
const SEEN: [&str; 4] = ["tcp.stream", "ykc.sequence", "ykc.skipped", "ykc.crc.status"];

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

/// Three frames of different lengths, told apart by their sequences.
fn three() -> Vec<u8> {
    let numbered = |sequence| Envelope { sequence, ..Envelope::default() };
    let telemetry = framed(numbered([2, 0x68]), 0x13, &[0x11; 60]);
    [framed(numbered([1, 0]), 0x03, &[0x68; 9]), telemetry, framed(numbered([3, 0]), 0x09, &[0; 7])].concat()
}

#[test]
fn frames_are_found_however_they_were_cut() {
    let tshark = Tshark::new(&[]);
    let stream = three();
    let mut capture = Capture::new();
    for cut in 1..stream.len() {
        capture.up([&stream[..cut], &stream[cut..]]);
    }
    capture.up(stream.chunks(1));
    capture.up([&stream[..]]);
    let rows = tshark.columns(&capture.into_bytes(), "ykc", &SEEN);
    for (cut, seen) in by_connection(&rows, stream.len() + 1).iter().enumerate() {
        let expected = ["0100,0268,0300", "", "low_first,low_first,low_first"];
        assert_eq!(*seen, expected, "cut behind {}", cut + 1);
    }
}

#[test]
fn frames_in_one_packet_are_told_one_by_one() {
    let tshark = Tshark::new(&[]);
    let capture = capture::of([&three()[..]]);
    let info = &tshark.columns(&capture, "ykc", &["_ws.col.Protocol", "_ws.col.Info"])[0];
    assert_eq!(info[0], "YKC");
    assert_eq!(
        info[1],
        "↑ 0x03 heartbeat, pile code 68686868686868, connector number 68, connector health unknown 0x68; \
         ↑ 0x13 telemetry, pile code 11111111111111, connector number 11, \
         transaction number 11111111111111111111111111111111, connector state unknown 0x11; \
         ↑ 0x09 tariff request"
    );
    // The end of one frame and the whole of the next arrive together: both are told of, in order.
    let stream = [HEARTBEAT, &frame(0x09, &[1; 7])].concat();
    let capture = capture::of([&stream[..10], &stream[10..]]);
    let info = &tshark.columns(&capture, "ykc.frame_type", &["frame.number", "_ws.col.Info"])[0];
    assert_eq!(info[0], "2");
    assert_eq!(
        info[1],
        "↑ 0x03 heartbeat, pile code 20231212000010, connector number 1, connector health normal (0x00); \
         ↑ 0x09 tariff request, pile code 01010101010101"
    );
}

#[test]
fn junk_is_skipped_and_shown() {
    let junk: [&[u8]; 7] = [
        b"\x00",
        b"GET / HTTP/1.1\r\n\r\n",
        &[0xFF; 40],
        // False starts: of a long frame, of one too short to be, of one whose type is none, and a start alone.
        b"\x68\xFF\x00\x01",
        b"\x68\x00\x00\x01",
        b"\x68\x08\x00\x01\x07\x77\x00\x00\x00\x00\x00\x00",
        b"\x68",
    ];
    let mut capture = Capture::new();
    for junk in junk {
        let stream = [junk, HEARTBEAT, junk, HEARTBEAT].concat();
        capture.up([&stream[..]]);
    }
    let tshark = Tshark::new(&[]);
    let capture = capture.into_bytes();
    let rows = tshark.columns(&capture, "ykc", &SEEN);
    for (junk, seen) in junk.iter().zip(by_connection(&rows, junk.len())) {
        let shown = super::hex(junk);
        assert_eq!(seen, ["25d3,25d3".to_owned(), format!("{shown},{shown}"), "low_first,low_first".to_owned()]);
    }
    assert_eq!(tshark.found(&capture, "ykc.expert.skipped").len(), junk.len());
}

#[test]
fn false_starts_cost_little_and_lose_nothing() {
    // Every byte a start; starts of the shortest frame, of the longest, of a length too small, of a long one of V2.x.
    let patterns: [&[u8]; 5] = [b"\x68", b"\x68\x04\x00\x00", b"\x68\xFF", b"\x68\x00\x00\x00\x09", b"\x68\x03\xFF"];
    let tshark = Tshark::new(&[]);
    for pattern in patterns {
        let junk = pattern.repeat(7_000 / pattern.len());
        let stream = [&junk[..], HEARTBEAT, &[0; 300]].concat();
        let capture = capture::of(stream.chunks(1_400));
        let rows = tshark.columns(&capture, "ykc", &SEEN);
        let [sequences, skipped, _] = &by_connection(&rows, 1)[0];
        let good = sequences.split(',').filter(|sequence| *sequence == "25d3").count();
        let shown = skipped.replace(',', "").len() / 2;
        assert!(good == 1, "{pattern:02x?}: {sequences}");
        assert!(shown <= junk.len() + 300 && shown > 290, "{pattern:02x?}: {shown} bytes");
    }
}

#[test]
fn what_the_framer_finds_is_shown_whatever_stands_between() {
    let mut dice = Dice(0x5EED_0000_0000_0002);
    let mut capture = Capture::new();
    let mut expected = Vec::new();
    for _ in 0..150 {
        let mut stream = Vec::new();
        for number in 0..6_u8 {
            let junk = dice.below(12);
            stream.extend((0..junk).map(|_| if dice.below(4) == 0 { 0x68 } else { dice.byte() }));
            let length = dice.below(30);
            let body: Vec<u8> = (0..length).map(|_| dice.byte()).collect();
            stream.extend(framed(Envelope { sequence: [number, dice.byte()], ..Envelope::default() }, 0x13, &body));
        }
        let mut sequences = Vec::new();
        let mut note = |piece: Piece<'_>| {
            if let Piece::Frame(frame) = piece {
                sequences.push(super::hex(&frame.sequence));
            }
        };
        let mut framer = Framer::new();
        framer.push(&stream, &mut note);
        // A false start at the end that no more bytes will prove wrong: what it hides is shown, too.
        while framer.pending() > 0 {
            framer.give_up_partial(&mut note);
        }
        capture.up([&stream[..]]);
        expected.push(sequences.join(","));
    }
    let rows =
        Tshark::new(&[]).columns(&capture.into_bytes(), "ykc", &["tcp.stream", "ykc.sequence", "ykc.crc.status"]);
    for (connection, expected) in expected.iter().enumerate() {
        let row = rows.iter().find(|row| row[0] == connection.to_string()).unwrap();
        let statuses = row[2].split(',');
        let good = row[1].split(',').zip(statuses).filter(|(_, status)| *status != "bad");
        let sequences: Vec<&str> = good.map(|(sequence, _)| sequence).collect();
        assert_eq!(sequences.join(","), *expected, "connection {connection}");
    }
}

#[test]
fn each_frame_has_a_verdict_on_its_crc() {
    let tshark = Tshark::new(&[]);
    let mut bad = HEARTBEAT.to_vec();
    bad[16] ^= 1;
    let high_first = framed(Envelope { crc_order: CrcOrder::HighFirst, ..Envelope::default() }, 0x09, &[0; 7]);
    let capture = capture::of([HEARTBEAT, &bad, &high_first]);
    let columns = ["ykc.crc.status", "ykc.crc", "ykc.crc.expected", "_ws.expert.message", "ykc.pile_code"];
    let rows = tshark.columns(&capture, "ykc", &columns);
    assert_eq!(rows[0], ["low_first", "acd1", "", "", "20231212000010"]);
    assert_eq!(rows[1], ["bad", "acd0", "ACD1", "wrong CRC: ACD0 ≠ ACD1", "20231212000010"]);
    assert_eq!(rows[2][0..1], ["high_first"]);
    assert_eq!(rows[2][3], "CRC high byte first");
    assert_eq!(tshark.found(&capture, "ykc.expert.crc_bad"), [2]);
    assert_eq!(tshark.found(&capture, "ykc.crc.status == \"high_first\" && ykc.expert.crc_high_first"), [3]);
}

#[test]
fn a_wrong_length_byte_is_seen_where_the_crc_says_so() {
    let tshark = Tshark::new(&[]);
    let with_length = |length: u8| {
        let mut frame = HEARTBEAT.to_vec();
        frame[1] = length;
        [&frame[..], HEARTBEAT].concat()
    };
    for length in [0, 3, 9, 12, 14, 200] {
        let stream = with_length(length);
        let capture = capture::of([&stream[..]]);
        let columns = ["ykc.crc.status", "ykc.connector_number", "_ws.expert.message", "ykc.skipped"];
        let expected = ["low_first,low_first", "1,1", &format!("wrong length byte: {length} ≠ 13"), ""];
        assert_eq!(tshark.columns(&capture, "ykc", &columns), [expected], "{length}");
    }
}

#[test]
fn bodies_that_cannot_be_read_are_shown_as_bytes() {
    let tshark = Tshark::new(&[]);
    let encrypted = framed(Envelope { encryption: 1, ..Envelope::default() }, 0x13, &[0xAB; 64]);
    let capture = capture::of([&encrypted[..], &frame(0x77, &[1, 2, 3]), &frames::version2(), HEARTBEAT]);
    let columns = ["ykc.frame_type", "ykc.body", "ykc.version2", "_ws.expert.message"];
    let rows = tshark.columns(&capture, "ykc", &columns);
    assert_eq!(rows[0], ["0x13", &"ab".repeat(64), "", "encrypted body, not decoded"]);
    assert_eq!(rows[1], ["0x77", "010203", "", "unknown frame type"]);
    assert_eq!(rows[2], ["", "", &super::hex(&frames::version2()), "frame of V2.x, not decoded"]);
    assert_eq!(rows[3][0], "0x03");
    assert_eq!(tshark.found(&capture, "ykc.transaction_number"), [0; 0]);
}

#[test]
fn a_frame_of_version_2_is_put_together_too() {
    let login = frames::version2();
    let capture = capture::of([&login[..1], &login[1..60], &login[60..]]);
    let rows = Tshark::new(&[]).columns(&capture, "ykc.version2", &["frame.number", "ykc.skipped"]);
    assert_eq!(rows, [["3", ""]]);
}

#[test]
fn bodies_of_a_wrong_length_are_told() {
    let tshark = Tshark::new(&[]);
    let capture = capture::of([&frame(0x13, &[1; 40])[..], &frame(0x09, &[1; 8]), &frame(0x44, &[2; 8]), HEARTBEAT]);
    let rows = tshark.columns(&capture, "ykc", &["_ws.expert.message", "ykc.tail"]);
    assert_eq!(rows[0], ["body too short: SOC", ""]);
    assert_eq!(rows[1], ["bytes beyond the layout", "01"]);
    assert_eq!(rows[2], ["body too short: cards 0 < 2", ""]);
    assert_eq!(rows[3], ["", ""]);
    assert_eq!(tshark.found(&capture, "ykc.expert.body_short"), [1, 3]);
    assert_eq!(tshark.found(&capture, "ykc.expert.body_long"), [2]);
}

#[test]
fn what_never_ends_is_shown_where_wireshark_puts_nothing_together() {
    let tshark = Tshark::new(&[]);
    let capture = capture::of([&HEARTBEAT[..10]]);
    let arguments = ["-o", "tcp.desegment_tcp_streams:FALSE", "-T", "fields", "-e", "ykc.incomplete"];
    assert_eq!(tshark.read(&capture, &arguments), "680d25d3000320231212\n");
    assert_eq!(tshark.found(&capture, "ykc.incomplete"), [0; 0], "the rest may still come");
}

#[test]
fn frames_on_other_ports_are_known_by_their_crc() {
    let tshark = Tshark::new(&[]);
    let mut capture = Capture::new();
    let mut pile = capture.connection(23_456);
    let answer = framed(Envelope { sequence: [0x25, 0xD3], ..Envelope::default() }, 0x04, &HEARTBEAT[6..15]);
    capture.says(&mut pile, Side::Client, HEARTBEAT);
    capture.says(&mut pile, Side::Server, &answer);
    // From then on the connection is known: a frame in halves is put together, junk is junk.
    capture.says(&mut pile, Side::Client, &HEARTBEAT[..5]);
    capture.says(&mut pile, Side::Client, &HEARTBEAT[5..]);
    let mut version2 = capture.connection(23_457);
    capture.says(&mut version2, Side::Client, &frames::version2());
    // Somebody else's protocols: one begins with the same byte.
    let mut other = capture.connection(23_458);
    capture.says(&mut other, Side::Client, b"\x68\x04\x07\x00\x00\x00");
    capture.says(&mut other, Side::Client, b"\x68\x0E\x02\x00\x02\x00\x64\x01\x06\x00\x01\x00\x00\x00\x00\x14");
    capture.says(&mut other, Side::Client, b"HTTP/1.1 200 OK\r\n\r\n");
    assert_eq!(tshark.found(&capture.into_bytes(), "ykc"), [1, 2, 4, 5]);
}

#[test]
fn captures_that_cut_packets_off_are_read_as_far_as_they_go() {
    let mut capture = Capture::new();
    let mut connection = capture.connection(PORT);
    let stream = frames::instances(Dialect::V16).concat();
    capture.says(&mut connection, Side::Client, &stream[..1_000]);
    let text = Tshark::new(&[]).read(&cut_off(&capture.into_bytes(), 300), &["-V"]);
    assert!(text.contains("0x01 login") && text.contains("incomplete frame"), "{text}");
}

/// The same capture as if only the first bytes of each packet had been kept.
fn cut_off(capture: &[u8], keep: usize) -> Vec<u8> {
    let number = |at: usize| u32::from_le_bytes(capture[at..at + 4].try_into().unwrap()) as usize;
    let mut out = Vec::new();
    let mut at = 0;
    while at < capture.len() {
        let (kind, length) = (number(at), number(at + 4));
        let block = &capture[at..at + length];
        at += length;
        if kind != 6 {
            out.extend(block);
            continue;
        }
        // Type, length, interface, time (8), kept, original, bytes, length again. 300 bytes need no padding.
        let total = u32::try_from(28 + keep + 4).unwrap().to_le_bytes();
        let kept = u32::try_from(keep).unwrap().to_le_bytes();
        out.extend([&block[..4], &total, &block[8..20], &kept, &block[24..28], &block[28..28 + keep], &total].concat());
    }
    out
}

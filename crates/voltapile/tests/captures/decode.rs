//! `voltapile decode` on captures and on logs with times.

use serde_json::Value as Json;

use crate::sample::{self, OTHER_PILE, PILE};
use crate::{file, json_lines, run, stderr, stdout};

#[test]
fn every_frame_has_its_time_connection_and_direction() {
    let folder = tempfile::tempdir().unwrap();
    for piece in [1, 7, 400] {
        let path = file(folder.path(), "piles.pcapng", &sample::capture(piece));
        let output = run(&["decode", "--json", &path]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let frames = json_lines(&output);
        assert_eq!(frames.len(), 22, "in pieces of {piece}");
        let of = |connection: u64| frames.iter().filter(|frame| frame["connection"] == connection).collect::<Vec<_>>();
        for (connection, pile) in [(1, PILE), (2, OTHER_PILE)] {
            let expected = sample::charge(pile, &format!("{pile}{}", &sample::ORDER[14..]));
            for (frame, (side, later, raw)) in of(connection).iter().zip(expected) {
                let up = side == voltapile_capture::Side::Client;
                assert_eq!(frame["raw"].as_str().unwrap().len(), raw.len() * 2);
                assert_eq!(frame["direction"], if up { "up" } else { "down" });
                assert_eq!(frame["client"], format!("10.1.0.7:{}", 50_999 + connection));
                assert_eq!(frame["server"], "10.0.0.1:8767");
                let (second, ms) = (later / 1000, later % 1000);
                assert_eq!(frame["time"], format!("2026-01-31T08:15:{second:02}.{ms:03}Z"));
            }
        }
        let said = stderr(&output);
        assert!(said.contains("connection 3 (10.1.0.7:40000 → 10.0.0.1:8767): no frame in 38 bytes"), "{said}");
    }
}

#[test]
fn the_classic_format_and_standard_input_are_read_too() {
    let folder = tempfile::tempdir().unwrap();
    let ng = sample::capture(400);
    let classic = sample::pcap(&sample::packets(&ng));
    let both = [file(folder.path(), "a.pcapng", &ng), file(folder.path(), "a.pcap", &classic)];
    let [first, second] = both.map(|path| stdout(&run(&["decode", &path])));
    assert_eq!(first, second);
    let heading =
        "#1 0x01 login (login_request)\n  2026-01-31T08:15:00.000Z · connection 1 · 10.1.0.7:51000 → 10.0.0.1:8767\n";
    assert!(first.starts_with(heading), "{first}");
}

#[test]
fn only_some_frames_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "piles.pcapng", &sample::capture(400));
    let types = |arguments: &[&str]| -> Vec<String> {
        let output = run(&[&["decode", "--json", &path], arguments].concat());
        json_lines(&output).iter().map(|frame| frame["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(types(&["--type", "0x3B,40", "--connection", "2"]), ["0x3B", "0x40"]);
    assert_eq!(types(&["--pile", PILE, "--type", "0x40,0x01"]), ["0x01", "0x40"], "0x40 names no pile");
    assert_eq!(types(&["--from", "2026-01-31T08:15:04.6Z", "--connection", "1"]), ["0x94"]);
    assert_eq!(types(&["--to", "2026-01-31T08:15:00.2Z"]), ["0x01", "0x01"]);
    let none = run(&["decode", &path, "--pile", "1"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(stderr(&none).contains("none of 22 frames"), "{}", stderr(&none));
}

#[test]
fn one_line_says_what_a_frame_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "piles.pcapng", &sample::capture(400));
    let text = stdout(&run(&["decode", "--brief", &path, "--connection", "1", "--type", "0x03,0x04"]));
    let expected = "2026-01-31T08:15:01.000Z  #1  →  0x03 heartbeat  55031412782305  connector 1  normal\n\
                    2026-01-31T08:15:01.500Z  #1  ←  0x04 heartbeat answer  55031412782305  connector 1\n";
    assert_eq!(text, expected);
}

#[test]
fn what_is_lost_is_said_and_reading_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut packets = sample::packets(&sample::capture(20));
    let begins_record = |packet: &[u8]| packet.len() == 60 && packet[40] == 0x68 && packet[45] == 0x3B;
    let record = packets.iter().position(|(_, packet)| begins_record(packet)).unwrap();
    packets.remove(record + 3);
    let path = file(folder.path(), "lost.pcap", &sample::pcap(&packets));
    let output = run(&["decode", "--json", &path]);
    assert_eq!(output.status.code(), Some(1), "the frame around the gap is damaged: {}", stderr(&output));
    assert!(stderr(&output).contains("20 bytes are missing from the capture"), "{}", stderr(&output));
    let errors = |frame: &&Json| frame["findings"].as_array().unwrap().iter().any(|one| one["severity"] == "error");
    let frames = json_lines(&output);
    assert!((21..=24).contains(&frames.len()), "{}", frames.len());
    assert!(frames.iter().filter(errors).count() <= 3);
}

#[test]
fn a_frame_that_goes_the_wrong_way_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = voltapile_capture::write::Writer::new(Vec::new()).unwrap();
    let mut stream = voltapile_capture::write::Stream::new(sample::ends(51_000));
    let at = voltapile_capture::Timestamp(sample::BEGIN);
    writer.open(&mut stream, at).unwrap();
    let (_, _, login) = &sample::charge(PILE, sample::ORDER)[0];
    writer.bytes(&mut stream, voltapile_capture::Side::Server, at, login).unwrap();
    let path = file(folder.path(), "wrong.pcapng", &writer.into_inner());
    let frames = json_lines(&run(&["decode", "--json", &path]));
    assert_eq!(frames[0]["direction"], "down");
    assert_eq!(frames[0]["findings"][0]["code"], "wrong-direction");
}

#[test]
fn a_capture_from_the_middle_finds_out_who_the_pile_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut packets = sample::packets(&sample::capture(400));
    // Without any begin, and with a platform on a port above those of its piles.
    packets.retain(|(_, packet)| packet[33] & 2 == 0);
    for (_, packet) in &mut packets {
        for at in [20, 22] {
            if packet[at..at + 2] == 8767_u16.to_be_bytes() {
                packet[at..at + 2].copy_from_slice(&60_000_u16.to_be_bytes());
            }
        }
    }
    let path = file(folder.path(), "middle.pcap", &sample::pcap(&packets));
    let frames = json_lines(&run(&["decode", "--json", &path]));
    assert_eq!(frames.len(), 22);
    assert!(frames.iter().all(|frame| frame["server"] == "10.0.0.1:60000"), "{}", frames[0]);
    assert!(frames.iter().all(|frame| frame["findings"].to_string().find("wrong-direction").is_none()));
}

#[test]
fn logs_have_times_and_ways_too() {
    let folder = tempfile::tempdir().unwrap();
    let log = "2026-01-31 08:15:00.250 上行 680D25D3000320231212000010 0100ACD1\n";
    let path = file(folder.path(), "pile.log", log.as_bytes());
    let frames = json_lines(&run(&["decode", "--json", &path]));
    assert_eq!(
        (&frames[0]["time"], &frames[0]["direction"]),
        (&Json::from("2026-01-31T08:15:00.250"), &Json::from("up"))
    );
    assert_eq!(stdout(&run(&["decode", "--brief", &path])).split_whitespace().next(), Some("2026-01-31T08:15:00.250"));
}

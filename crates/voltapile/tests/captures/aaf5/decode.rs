//! `voltapile decode` on captures with AA F5.

use super::sample::{PILE, capture, conversation, frames};
use crate::sample::{self, charge};
use crate::{file, json_lines, run, stderr, stdout};

#[test]
fn both_protocols_are_read_in_one_capture() {
    let folder = tempfile::tempdir().unwrap();
    let (aaf5, ykc) = (frames(&conversation()), charge(sample::PILE, sample::ORDER));
    for piece in [1, 7, 1400] {
        let path = file(folder.path(), "both.pcapng", &capture(&[aaf5.clone(), ykc.clone()], piece));
        let output = run(&["decode", "--json", &path]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let found = json_lines(&output);
        for (connection, protocol, said) in [(1, "aaf5", &aaf5), (2, "ykc", &ykc)] {
            let of: Vec<_> = found.iter().filter(|frame| frame["connection"] == connection).collect();
            assert_eq!(of.len(), said.len(), "in pieces of {piece}");
            for (frame, (side, later, raw)) in of.iter().zip(said) {
                let up = *side == voltapile_capture::Side::Client;
                let hex: String = raw.iter().map(|byte| format!("{byte:02X}")).collect();
                assert_eq!((&frame["protocol"], &frame["raw"]), (&protocol.into(), &hex.into()));
                assert_eq!(frame["direction"], if up { "up" } else { "down" }, "{frame}");
                let (second, ms) = (later / 1000, later % 1000);
                assert_eq!(frame["time"], format!("2026-01-31T08:15:{second:02}.{ms:03}Z"));
            }
        }
    }
}

#[test]
fn a_capture_from_the_middle_finds_out_who_the_pile_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut packets = sample::packets(&capture(&[frames(&conversation())], 40));
    // Without any begin, in the middle of the first frame, and with a platform on a port above those of its piles.
    packets.retain(|(_, packet)| packet[33] & 2 == 0);
    packets.drain(..3);
    for (_, packet) in &mut packets {
        for at in [20, 22] {
            if packet[at..at + 2] == 8767_u16.to_be_bytes() {
                packet[at..at + 2].copy_from_slice(&60_000_u16.to_be_bytes());
            }
        }
    }
    let path = file(folder.path(), "middle.pcap", &sample::pcap(&packets));
    let output = run(&["decode", "--json", &path]);
    let found = json_lines(&output);
    assert_eq!(found.len(), conversation().len() - 1, "{}", stderr(&output));
    assert!(
        found.iter().all(|frame| frame["server"] == "10.0.0.1:60000" && frame["protocol"] == "aaf5"),
        "{}",
        found[0]
    );
    assert!(found.iter().all(|frame| !frame["findings"].to_string().contains("wrong-direction")));
}

#[test]
fn only_some_frames_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let both = capture(&[frames(&conversation()), charge(sample::PILE, sample::ORDER)], 1400);
    let path = file(folder.path(), "both.pcapng", &both);
    let types = |arguments: &[&str]| -> Vec<String> {
        let output = run(&[&["decode", "--json", &path], arguments].concat());
        json_lines(&output).iter().map(|frame| frame["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(types(&["--type", "222,0x3B"]), ["0x3B", "222"]);
    assert_eq!(types(&["--pile", PILE, "--type", "105,204,0x01"]), ["105", "204"], "105 names no pile");
    assert_eq!(types(&["--protocol", "ykc"]).len(), 11);
    let brief = stdout(&run(&["decode", "--brief", &path, "--type", "102,101"]));
    let expected = format!(
        "2026-01-31T08:15:01.000Z  #1  →  CMD 102 heartbeat  {PILE}\n\
         2026-01-31T08:15:01.500Z  #1  ←  CMD 101 heartbeat answer\n"
    );
    assert_eq!(brief, expected);
}

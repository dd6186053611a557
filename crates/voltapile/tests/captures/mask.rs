//! `voltapile mask`: nothing that names somebody is left, and nothing else changes.

use serde_json::Value as Json;

use crate::sample::{self, CARD, LOGICAL_CARD, ORDER, OTHER_PILE, PASSWORD, PILE, SIM, VIN};
use crate::{file, json_lines, run, stderr};

/// Everything that a sample names, as bytes and as text.
fn names() -> Vec<Vec<u8>> {
    let digits = |text: &str| -> Vec<u8> {
        text.as_bytes()
            .as_chunks::<2>()
            .0
            .iter()
            .map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap())
            .collect()
    };
    let card = CARD.trim_start_matches('0');
    let mut names: Vec<Vec<u8>> = [PILE, OTHER_PILE, card, LOGICAL_CARD, SIM, ORDER].map(digits).to_vec();
    let texts = [PILE, OTHER_PILE, card, LOGICAL_CARD, SIM, ORDER, VIN, PASSWORD, "192.168.7.9"];
    names.extend(texts.map(|text| text.as_bytes().to_vec()));
    names.extend(texts.map(|text| text.to_ascii_lowercase().into_bytes()));
    names.push(VIN.bytes().rev().collect());
    let vin_in_hex: String = VIN.bytes().map(|byte| format!("{byte:02X}")).collect();
    names.push(vin_in_hex.clone().into_bytes());
    names.push(vin_in_hex.to_ascii_lowercase().into_bytes());
    names
}

fn assert_clean(masked: &[u8]) {
    for name in names() {
        let found = masked.windows(name.len()).position(|window| window == name);
        assert_eq!(found, None, "{} is left", String::from_utf8_lossy(&name));
    }
}

/// Masks a file; gives back the masked bytes, their path, and what was said.
fn mask(folder: &std::path::Path, name: &str, bytes: &[u8], more: &[&str]) -> (Vec<u8>, String, String) {
    let input = file(folder, name, bytes);
    let output = folder.join(format!("masked-{name}")).to_str().unwrap().to_owned();
    let done = run(&[&["mask", &input, "-o", &output, "--key", "test"], more].concat());
    assert_eq!(done.status.code(), Some(0), "{}", stderr(&done));
    (std::fs::read(&output).unwrap(), output, stderr(&done))
}

/// Takes out what masking changes: the values of fields that name somebody, and what follows from them.
fn without_names(frames: Vec<Json>) -> Vec<Json> {
    let named = |field: &Json| {
        let name = field["name"].as_str().unwrap().rsplit('.').next().unwrap().to_owned();
        ["pile_code", "transaction_number", "vin", "sim_iccid"].contains(&name.as_str())
            || name.ends_with("card_number")
            || name.starts_with("ftp_")
    };
    let mut frames = frames;
    for frame in &mut frames {
        for field in frame["fields"].as_array_mut().unwrap() {
            if named(field) {
                (field["raw"], field["value"]) = (Json::Null, Json::Null);
            }
        }
        for finding in frame["findings"].as_array_mut().unwrap() {
            finding["message"] = Json::Null; // some messages quote what is wrong
        }
        (frame["raw"], frame["crc"]["raw"]) = (Json::Null, Json::Null);
    }
    frames
}

/// Both decode to the same frames but for the names.
fn assert_same(masked: &str, original: &str) {
    let (masked, original) = (without_names(decoded(masked)), without_names(decoded(original)));
    assert_eq!(masked.len(), original.len());
    for (masked, original) in masked.iter().zip(&original) {
        assert!(masked == original, "{masked}\n{original}");
    }
}

fn decoded(path: &str) -> Vec<Json> {
    let output = run(&["decode", "--json", path]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    json_lines(&output)
}

#[test]
fn captures_lose_all_names_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    for piece in [3, 400] {
        let ng = sample::capture(piece);
        let mut packets = sample::packets(&ng);
        for at in [10, 20, 30] {
            let again = packets[at].clone();
            packets.insert(at + 1, again);
        }
        for (name, bytes) in [("a.pcapng", ng), ("a.pcap", sample::pcap(&packets))] {
            let (masked, path, said) = mask(folder.path(), name, &bytes, &[]);
            assert_clean(&masked);
            assert_same(&path, &file(folder.path(), name, &bytes));
            assert!(said.contains("22 frames, masked: 2 pile codes, 2 transaction numbers"), "{said}");
            assert!(said.contains("38 bytes of no frame were blanked"), "{said}");
        }
    }
}

#[test]
fn checksums_hold_after_masking() {
    let folder = tempfile::tempdir().unwrap();
    for more in [&[][..], &["--addresses"]] {
        let (masked, ..) = mask(folder.path(), "a.pcapng", &sample::capture(20), more);
        let packets = sample::packets(&masked);
        assert!(packets.len() > 50);
        for (_, packet) in packets {
            let sum = |bytes: &[u8]| {
                bytes.chunks(2).map(|two| u32::from(two[0]) * 256 + u32::from(*two.get(1).unwrap_or(&0))).sum::<u32>()
            };
            let folded = |sum: u32| (sum & 0xFFFF) + (sum >> 16);
            assert_eq!(folded(sum(&packet[..20])), 0xFFFF, "the header of IP");
            let pseudo = sum(&packet[12..20]) + 6 + (packet.len() as u32 - 20);
            assert_eq!(folded(folded(pseudo + sum(&packet[20..]))), 0xFFFF, "the segment");
            assert_eq!(more.is_empty(), packet[12..16] == [10, 1, 0, 7] || packet[12..16] == [10, 0, 0, 1]);
        }
    }
}

#[test]
fn the_same_key_gives_the_same_names_and_no_key_new_ones() {
    let folder = tempfile::tempdir().unwrap();
    let capture = sample::capture(400);
    let (first, ..) = mask(folder.path(), "a.pcapng", &capture, &[]);
    let (second, ..) = mask(folder.path(), "b.pcapng", &capture, &[]);
    assert_eq!(first, second);
    let path = file(folder.path(), "c.pcapng", &capture);
    let (one, other) = (run(&["mask", &path]), run(&["mask", &path]));
    assert_ne!(one.stdout, other.stdout);
    assert_clean(&one.stdout);
    let (kept, path, _) = mask(folder.path(), "d.pcapng", &capture, &["--keep-pile-codes"]);
    assert!(kept.len() == first.len() && decoded(&path).iter().any(|frame| frame["fields"][0]["value"] == PILE));
}

#[test]
fn logs_keep_their_words_and_lose_the_names() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = String::from("服务启动 version 1.2.3\n");
    for (index, (_, _, raw)) in sample::charge(PILE, ORDER).iter().enumerate() {
        let spaced: Vec<String> = raw.iter().map(|byte| format!("{byte:02x}")).collect();
        let written = match index % 3 {
            0 => spaced.join(""),
            1 => spaced.join(" ").to_uppercase(),
            _ => format!("[{}]", spaced.iter().map(|byte| format!("0x{byte}")).collect::<Vec<_>>().join(", ")),
        };
        log.push_str(&format!("2026-01-31 08:15:{index:02}.000 INFO pile={PILE} 收到 {written} ok\n"));
    }
    log.push_str(&format!("order {ORDER} of card {CARD} settled\n"));
    let (masked, path, said) = mask(folder.path(), "pile.log", log.as_bytes(), &[]);
    assert_clean(&masked);
    let masked = String::from_utf8(masked).unwrap();
    assert_eq!(masked.lines().count(), log.lines().count());
    assert!(masked.starts_with("服务启动 version 1.2.3\n2026-01-31 08:15:00.000 INFO pile="), "{masked}");
    for (before, after) in log.lines().zip(masked.lines()) {
        assert_eq!(before.len(), after.len());
        assert!(before.chars().zip(after.chars()).all(|(one, other)| one == other || one.is_ascii_hexdigit()));
    }
    assert_same(&path, &file(folder.path(), "pile.log", log.as_bytes()));
    assert!(!said.contains("please look"), "{said}");
}

#[test]
fn dumps_and_decimal_lists_are_masked_where_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    let (_, _, start) = &sample::charge(PILE, ORDER)[4];
    let mut dump = String::new();
    for (index, row) in start.chunks(16).enumerate() {
        let bytes: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
        let text: String =
            row.iter().map(|byte| if (0x20..0x7F).contains(byte) { char::from(*byte) } else { '.' }).collect();
        dump.push_str(&format!("{:08x}  {:<48} |{text}|\n", index * 16, bytes.join(" ")));
    }
    let list = format!("bytes: {:?}\n", start.iter().map(|byte| byte.cast_signed()).collect::<Vec<_>>());
    for (name, text) in [("dump.txt", dump), ("list.txt", list)] {
        let (masked, path, _) = mask(folder.path(), name, text.as_bytes(), &[]);
        assert_clean(&masked);
        assert_same(&path, &file(folder.path(), name, text.as_bytes()));
    }
}

#[test]
fn what_nobody_can_read_is_blanked_or_told() {
    let folder = tempfile::tempdir().unwrap();
    let (_, _, mut start) = sample::charge(PILE, ORDER)[4].clone();
    let body = start.len() - 2;
    start[4] = 1; // encrypted, says the frame
    let crc = voltapile_protocol::ykc::crc::crc16(&start[2..body]);
    start[body..].copy_from_slice(&crc.to_le_bytes());
    let cut = &start[..30];
    let (_, _, login) = &sample::charge(PILE, ORDER)[0];
    let stream = [login, &start[..], &[0x55, 0x03, 0x14, 0x12, 0x78, 0x23, 0x05], cut].concat();
    let (masked, _, said) = mask(folder.path(), "frames.bin", &stream, &[]);
    assert_clean(&masked);
    assert_eq!(masked.len(), stream.len());
    assert!(said.contains("1 frames") && said.contains("were blanked"), "{said}");
    let hex: String = login.iter().map(|byte| format!("{byte:02X}")).collect();
    let (_, _, said) = mask(folder.path(), "a.log", format!("{hex}\ncard 00AABBCCDDEE11 seen\n").as_bytes(), &[]);
    assert!(
        said.contains("please look: 1 lines hold long numbers or hex outside of frames, left as they are: 2"),
        "{said}"
    );
    let nothing = run(&["mask", &file(folder.path(), "no.pcap", &sample::pcap(&[]))]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(nothing.stdout.is_empty() && stderr(&nothing).contains("no frame was found"));
}

#[test]
fn words_beside_the_frames_are_masked_or_told() {
    let folder = tempfile::tempdir().unwrap();
    let hex = |raw: &[u8]| -> String { raw.iter().map(|byte| format!("{byte:02X}")).collect() };
    let charge = sample::charge(PILE, ORDER);
    let (login, start, update) = (hex(&charge[0].2), hex(&charge[4].2), hex(&charge[10].2));
    let backward: String = VIN.chars().rev().collect();
    let log = format!(
        "{login}\n{start}\n{update}\nlogin with {PASSWORD} at {PILE}/{VIN}/{backward}\n\
         user 13812345678\ncard 3511355988\nvin=LFPHC7PE0K2A07972\n{CARD}99887766\nall is well on 20260131\n"
    );
    let (masked, _, said) = mask(folder.path(), "a.log", log.as_bytes(), &[]);
    assert_clean(&masked);
    assert!(!masked.windows(17).any(|window| window == backward.as_bytes()), "{said}");
    assert!(said.contains("please look: 4 lines") && said.contains(": 5, 6, 7, 8\n"), "{said}");
}

#[test]
fn what_stands_between_the_packets_is_blanked() {
    let folder = tempfile::tempdir().unwrap();
    let mut capture = sample::capture(400);
    let block = |kind: u32, body: &[u8]| {
        let length = (body.len() as u32 + 12).to_le_bytes();
        [&kind.to_le_bytes()[..], &length, body, &length].concat()
    };
    let (_, packet) = sample::packets(&capture).swap_remove(0);
    assert_eq!(packet.len() % 4, 0);
    let length = (packet.len() as u32).to_le_bytes();
    let head = [&[0; 12][..], &length, &length, &packet].concat();
    // Options that end before their block does, options that do not hold together, one whose value is too long.
    capture.extend(block(6, &[&head[..], &[0; 4], VIN.as_bytes(), b"..."].concat()));
    capture.extend(block(6, &[&head[..], &[1, 0, 0xFF, 0xFF], VIN.as_bytes(), b"..."].concat()));
    capture.extend(block(6, &[&head[..], &[2, 0, 17, 0], VIN.as_bytes(), PASSWORD.as_bytes(), &[0; 1]].concat()));
    // Names of hosts, and bytes of a vendor.
    capture.extend(block(4, &[VIN.as_bytes(), b"..."].concat()));
    capture.extend(block(0x0BAD, &[PASSWORD.as_bytes(), b".."].concat()));
    let (masked, _, said) = mask(folder.path(), "a.pcapng", &capture, &[]);
    assert_clean(&masked);
    assert!(voltapile_capture::read::Records::new(&masked).all(|record| record.is_ok()), "it can still be read");
    assert!(said.contains("2 records were left out"), "{said}");
}

#[test]
fn a_damaged_frame_whose_fields_have_moved_is_blanked() {
    let folder = tempfile::tempdir().unwrap();
    let charge = sample::charge(PILE, ORDER);
    let mut record = charge[6].2.clone();
    let begin = record.windows(17).position(|window| window == VIN.as_bytes()).unwrap();
    // Three bytes too early, three more at the end: the length is right, and part of the VIN stands in a number.
    record.drain(begin - 40..begin - 37);
    let end = record.len() - 2;
    record.splice(end..end, [0, 0, 0]);
    let stream = [&charge[0].2[..], &record, &charge[2].2].concat();
    let (masked, _, said) = mask(folder.path(), "a.bin", &stream, &[]);
    assert_clean(&masked);
    assert!(!masked.windows(3).any(|window| window == &VIN.as_bytes()[..3]), "{said}");
}

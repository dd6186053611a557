//! Piles of both protocols at one port, over good lines and bad ones, as the server captured them: what tshark shows is what
//! `decode` says, frame by frame.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::fields::Both;
use crate::pdml::{self, Item};
use crate::stage::Stage;
use crate::support::Setup;
use crate::tshark::Tshark;
use crate::voltapile;

/// The first piles of the scenario, with each protocol.
const PILES: [(&str, &str); 2] = [("ykc", "32010600000121"), ("aaf5", "32010600000131")];

/// What the dissector notes at a frame for what the inspector finds. What is not here only the inspector knows.
const NOTES: [(&str, &str); 17] = [
    ("body-too-short", "body_short"),
    ("count-mismatch", "body_short"),
    ("trailing-bytes", "body_long"),
    ("unknown-type", "unknown_type"),
    ("unknown-code", "unknown_code"),
    ("slot-without-tier", "unknown_code"),
    ("code-of-the-rest", "code_of_the_rest"),
    ("encrypted", "encrypted"),
    ("length-wrong", "length_wrong"),
    ("crc-high-byte-first", "crc_high_first"),
    ("crc-wrong", "crc_bad"),
    ("crc-wrong-range", "crc_bad"),
    ("crc-0x180d", "crc_bad"),
    ("crc-other-algorithm", "crc_bad"),
    ("checksum-wrong", "checksum_bad"),
    ("checksum-other", "checksum_bad"),
    ("checksum-crc", "checksum_bad"),
];

/// A side of a connection: the number of the connection, from 1, and whether it is the pile's.
type Side = (u64, bool);

/// What was said by each side, as `decode` tells it.
fn decoded(capture: &Path) -> BTreeMap<Side, Vec<Json>> {
    let output = voltapile(&["decode", "--json", capture.to_str().unwrap()]).output().unwrap();
    let mut said: BTreeMap<Side, Vec<Json>> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let json: Json = serde_json::from_str(line).unwrap();
        let side = (json["connection"].as_u64().unwrap(), json["direction"] == "up");
        said.entry(side).or_default().push(json);
    }
    said
}

/// The same as tshark shows it.
fn shown(capture: &Path, port: u16) -> BTreeMap<Side, Vec<Item>> {
    let tshark = Tshark::new(&["--lang", "en", "--ports", &port.to_string()]);
    let bytes = std::fs::read(capture).unwrap();
    let pdml = tshark.read(&bytes, &["-Y", "ykc || aaf5", "-T", "pdml", "-J", "tcp ykc aaf5"]);
    let mut said: BTreeMap<Side, Vec<Item>> = BTreeMap::new();
    for mut parts in pdml::read_all(&pdml, &["tcp", "ykc", "aaf5"]) {
        let tcp = parts.remove(0);
        let number = |name: &str| tcp.show(name).unwrap().parse::<u64>().unwrap();
        let side = (number("tcp.stream") + 1, number("tcp.dstport") == u64::from(port));
        let is_frame = |part: &Item| part.show(&format!("{}.frame_type", part.name)).is_some();
        said.entry(side).or_default().extend(parts.into_iter().filter(is_frame));
    }
    said
}

/// What the dissector notes at a frame.
fn noted(item: &Item) -> BTreeSet<String> {
    let prefix = format!("{}.expert.", item.name);
    item.all().into_iter().filter_map(|note| note.name.strip_prefix(&prefix)).map(str::to_owned).collect()
}

/// What it is to note by what the inspector finds.
fn found(json: &Json) -> BTreeSet<String> {
    let codes = json["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap());
    let note = |code| NOTES.iter().find(|(finding, _)| *finding == code).map(|(_, note)| (*note).to_owned());
    codes.filter_map(note).collect()
}

#[test]
fn what_passes_between_a_fleet_and_the_server_is_shown_as_decode_says() {
    let folder = tempfile::tempdir().unwrap();
    let setup = Setup::new().flag("--open-enrollment").flag("--capture").flag(folder.path().to_str().unwrap());
    let stage = Stage::of(setup.start(), &PILES.map(|(_, pile)| pile));
    let scenario = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/dissector/fleet.toml");
    for (protocol, pile) in PILES {
        // One after the other: both charge for the same customer.
        let ended = stage.sim(&["--scenario", scenario.to_str().unwrap(), "--protocol", protocol, "--pile-code", pile]);
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    }
    let port = stage.server.piles.port();
    stage.server.stop();
    let captures: Vec<PathBuf> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [capture] = captures.as_slice() else { panic!("{captures:?}") };
    let (decoded, shown) = (decoded(capture), shown(capture, port));
    assert_eq!(decoded.keys().collect::<Vec<_>>(), shown.keys().collect::<Vec<_>>());
    let mut types = BTreeSet::new();
    for (side, said) in &decoded {
        let shown = &shown[side];
        for (json, item) in said.iter().zip(shown) {
            types.insert((json["protocol"].as_str().unwrap(), json["type"].as_str().unwrap()));
            Both { json, shown: item, lang: "en" }.check();
            assert_eq!(noted(item), found(json), "{side:?}: {json}");
        }
        assert_eq!(said.len(), shown.len(), "{side:?}");
    }
    for expected in
        [("ykc", "0x3B"), ("ykc", "0x40"), ("aaf5", "106"), ("aaf5", "104"), ("aaf5", "222"), ("aaf5", "221")]
    {
        assert!(types.contains(&expected), "{expected:?} is not among {types:?}");
    }
}

//! Traffic as it is: what virtual piles and the server say, shown by tshark.

use std::collections::BTreeSet;
use std::path::Path;

use crate::stage::{Stage, shipped};
use crate::tshark::Tshark;

const PILE: &str = "32010600000101";

/// Types that a pile which charges and its platform certainly exchange: login, tariff, state, start by VIN, record and
/// the answers.
const TYPES: [&str; 9] = ["0x01", "0x02", "0x09", "0x0a", "0x13", "0x31", "0x32", "0x3b", "0x40"];

/// Shows a capture and holds it to frames that are whole.
fn assert_shown(capture: &Path) {
    let bytes = std::fs::read(capture).unwrap();
    let tshark = Tshark::new(&[]);
    // Complaints of the dissector fail in there.
    tshark.read(&bytes, &["-V"]);
    let wrong = "_ws.malformed || _ws.lua.error || ykc.skipped || ykc.crc.status == \"bad\"";
    assert!(tshark.found(&bytes, wrong).is_empty());
    let rows = tshark.columns(&bytes, "ykc", &["ykc.frame_type"]);
    let types: BTreeSet<String> = rows.iter().flatten().flat_map(|row| row.split(',')).map(str::to_lowercase).collect();
    for expected in TYPES {
        assert!(types.contains(expected), "{expected} is not among {types:?}");
    }
}

#[test]
fn what_virtual_piles_and_the_server_say_is_understood() {
    let stage = Stage::new(&[PILE]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sim.pcapng");
    let scenario = shipped("plug-and-charge.toml");
    let arguments = ["--scenario", scenario.to_str().unwrap(), "--capture", path.to_str().unwrap()];
    let ended = stage.sim(&arguments);
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert_shown(&path);
}

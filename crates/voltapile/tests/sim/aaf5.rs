//! What only piles that speak AA F5 do: keys, passwords to stop, limits that are told while they charge.

use std::fs;

use serde_json::json;

use crate::fleet::complaints;
use crate::stage::{CUSTOMER, Stage, json_of, shipped};
use crate::support::Setup;
use crate::support::process::Ended;

const PILE: &str = "32010600000102";

/// A key of one byte over and over, as 64 hex digits.
fn key(byte: u8) -> String {
    format!("{byte:02x}").repeat(32)
}

/// The scenario of two charges by card, played by a pile with a key against a server that may have one for it.
fn charges(pile: u8, server: Option<u8>, more: &[&str]) -> Ended {
    let keys = server.map(|byte| format!("{PILE}:{}", key(byte))).unwrap_or_default();
    let stage = Stage::of(Setup::new().set("ENCRYPTION_AES_KEYS", keys).start(), &[PILE]);
    let path = shipped("card-charge.toml");
    let own = key(pile);
    let play = ["--scenario", path.to_str().unwrap(), "--protocol", "aaf5", "--aes-key", &own];
    stage.sim(&[&play[..], more].concat())
}

/// Whether these bytes stand somewhere in a file.
fn has(file: &[u8], bytes: &[u8]) -> bool {
    file.windows(bytes.len()).any(|window| window == bytes)
}

#[test]
fn a_whole_charge_is_encrypted() {
    let directory = tempfile::tempdir().unwrap();
    let captured = directory.path().join("cipher.pcapng");
    let ended = charges(7, Some(7), &["--json", "--capture", captured.to_str().unwrap()]);
    assert_eq!(ended.status.code(), Some(0), "{}\n{}", ended.stderr, ended.stdout);
    let report = json_of(&ended);
    assert_eq!(report["summary"]["complaints"], json!([]), "{report:#}");
    assert_eq!(report["summary"]["records"]["confirmed"], json!(2), "{report:#}");
    let file = fs::read(captured).unwrap();
    // Of the card, which 204, 104 and the records name, nothing is to be read; of the sign-in, all.
    assert!(!has(&file, b"D14B0001") && !has(&file, b"d14b0001"));
    assert!(has(&file, PILE.as_bytes()) && has(&file, &[7; 32]), "106 and the key of 105 are plain");
}

#[test]
fn another_key_is_told_clearly() {
    let another = ["--pile-code", PILE, "--unattended", "--for", "1s", "--protocol", "aaf5"];
    let keys = format!("{PILE}:{}", key(8));
    let stage = Stage::of(Setup::new().set("ENCRYPTION_AES_KEYS", keys).start(), &[PILE]);
    let play = |more: &[&str]| stage.sim(&[&another[..], &["--aes-key", &key(7)], more].concat());
    let ended = play(&["--json"]);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    let report = json_of(&ended);
    assert_eq!(complaints(&report), ["key_wrong"], "{report:#}");
    assert_eq!(report["logins"]["accepted"], json!(0), "{report:#}");
    for (lang, told) in [("en", "another AES key than the pile"), ("zh", "另一个 AES 密钥")] {
        let ended = play(&["--lang", lang]);
        assert!(ended.stdout.contains(told), "{}", ended.stdout);
        assert!(!ended.stdout.contains(&key(7)) && !ended.stderr.contains(&key(7)), "keys are not told");
    }
}

#[test]
fn a_platform_that_does_not_encrypt_is_told_so() {
    let stage = Stage::new(&[PILE]);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("key");
    fs::write(&file, format!("{}\n", key(7))).unwrap();
    let play = ["--pile-code", PILE, "--unattended", "--for", "1s", "--protocol", "aaf5"];
    let keyed = |more: &[&str]| stage.sim(&[&play[..], &["--aes-key-file", file.to_str().unwrap()], more].concat());
    let ended = keyed(&["--json"]);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert_eq!(complaints(&json_of(&ended)), ["key_unused"]);
    let told = keyed(&["--lang", "zh"]).stdout;
    assert!(told.contains("× 桩主动断开") && !told.contains("closed by"), "{told}");
}

#[test]
fn a_pile_that_nobody_knows_says_that_it_was_refused() {
    let stage = Stage::new(&[]);
    let play = ["--pile-code", PILE, "--unattended", "--for", "1s", "--protocol", "aaf5", "--json"];
    let ended = stage.sim(&play);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    let report = json_of(&ended);
    assert_eq!(complaints(&report), ["login_refused"], "{report:#}");
    assert!(report["logins"]["refused"]["refused"].as_u64().unwrap() > 0, "{report:#}");
}

const STOPS: &str = r#"
title = "A driver stops with a password"
speed = 10
[[pile]]
protocol = "aaf5"
[[step]]
when = "working"
do = "plug"
soc = 20
battery_kwh = 90
[[step]]
do = "say"
text = "the platform starts now"
[[step]]
expect = "charging"
[[step]]
do = "stop"
[[step]]
do = "stop"
password = 4712
[[step]]
hold = "charging"
for = "500ms"
[[step]]
do = "stop"
password = 4711
[[step]]
expect = "plugged"
[[step]]
expect = "record-confirmed"
"#;

#[test]
fn a_scenario_stops_with_a_password() {
    let stage = Stage::new(&[PILE]);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("stops.toml");
    fs::write(&path, STOPS.replace("[[pile]]", &format!("[[pile]]\ncode = \"{PILE}\""))).unwrap();
    let sim = stage.begin(&["--scenario", path.to_str().unwrap(), "--lang", "en", "--json"]);
    sim.logged("the platform starts now");
    let start = json!({"pile": PILE, "connector": 1, "account": CUSTOMER, "options": {"stop_password": "4711"}});
    stage.server.api.post("orders", &start).ok();
    let ended = sim.ended();
    assert_eq!(ended.status.code(), Some(0), "{}\n{}", ended.stderr, ended.stdout);
    assert!(ended.stderr.contains("press stop and enter a password at connector 1"), "{}", ended.stderr);
    let orders = stage.server.api.items(&format!("orders?pile={PILE}"));
    // 200: the user broke it off.
    assert_eq!(orders[0]["stop_code"], json!(200), "{orders:#?}");
}

//! Fleets that live by themselves, and what is told of them.

use serde_json::{Value, json};

use crate::stage::{CARD, Stage, json_of};
use crate::support::Process;

const FIRST: &str = "32010600000121";
const SECOND: &str = "32010600000122";
/// A key of 64 hex digits.
/// One digit short.
const NO_KEY: &str = "070707070707070707070707070707070707070707070707070707070707070";
const KEY: &str = "0707070707070707070707070707070707070707070707070707070707070707";

/// The codes of what the piles complain about.
pub(crate) fn complaints(report: &Value) -> Vec<&str> {
    report["complaints"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

#[test]
fn visitors_charge_and_the_summary_tells() {
    let stage = Stage::new(&[FIRST, SECOND]);
    let piles = ["--pile-code", FIRST, "--piles", "2", "--connectors", "1", "--card", CARD];
    let play = ["--speed", "600x", "--for", "6s", "--json"];
    let ended = stage.sim(&[&piles[..], &play].concat());
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    let report = json_of(&ended);
    assert_eq!((&report["piles"]["online"], &report["logins"]["accepted"]), (&json!(2), &json!(2)), "{report:#}");
    assert!(report["charges"]["begun"].as_u64().unwrap() > 0, "{report:#}");
    let names: Vec<_> = report["frames"]["down"].as_array().unwrap().iter().map(|frame| &frame["name"]).collect();
    assert!(names.contains(&&json!("login_response")), "{report:#}");
}

#[test]
fn a_pile_that_nobody_knows_says_that_it_was_refused() {
    let stage = Stage::new(&[]);
    let ended = stage.sim(&["--pile-code", FIRST, "--for", "1s", "--json"]);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    let report = json_of(&ended);
    assert_eq!(complaints(&report), ["login_refused"], "{report:#}");
    assert!(report["logins"]["refused"]["refused"].as_u64().unwrap() > 0, "{report:#}");
}

#[test]
fn ctrl_c_ends_with_a_summary_in_the_language_asked_for() {
    let stage = Stage::new(&[FIRST]);
    let sim = stage.begin(&["--pile-code", FIRST, "--unattended", "--lang", "zh"]);
    sim.logged("Ctrl-C 结束");
    // The pile asks about its tariff once it has heard that its login was taken; that it is online it may not know yet.
    while stage.server.api.metric("frames_total{direction=\"up\",protocol=\"ykc\",type=\"0x05\"}") == 0 {
        std::thread::yield_now();
    }
    sim.terminate();
    let ended = sim.ended();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(ended.stdout.contains("成功 1，被拒绝 0") && ended.stdout.contains("平台没有差错。"), "{}", ended.stdout);
}

#[test]
fn what_passes_is_captured() {
    let stage = Stage::new(&[FIRST]);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sim.pcapng");
    let ended = stage.sim(&["--pile-code", FIRST, "--unattended", "--for", "1s", "--capture", path.to_str().unwrap()]);
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    let written = std::fs::read(&path).unwrap();
    assert_eq!(written[..4], [0x0A, 0x0D, 0x0D, 0x0A], "pcapng begins with a section");
    let login = [0x01, 0x32, 0x01, 0x06, 0x00, 0x00, 0x01, 0x21];
    assert!(written.windows(login.len()).any(|window| window == login), "the login is in it");
}

#[test]
fn faults_are_played_and_counted() {
    let stage = Stage::new(&[FIRST]);
    let fault = ["--fault", "crc-high-first,byte-by-byte:0.5", "--fault", "unknown-type:1"];
    let ended = stage.sim(&[&["--pile-code", FIRST, "--unattended", "--for", "2s", "--json"][..], &fault].concat());
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    let report = json_of(&ended);
    assert!(report["faults"]["unknown-type"].as_u64().unwrap() > 0, "{report:#}");
    assert_eq!(report["logins"]["accepted"], json!(1), "{report:#}");
}

#[test]
fn misuse_is_told() {
    let cases: [(&[&str], &str); 16] = [
        (&["sim"], "--server"),
        (&["sim", "--server", "nowhere"], "give host and port"),
        (&["sim", "--server", "127.0.0.1:1", "--fault", "glue"], "did you mean \"glued\"?"),
        (&["sim", "--server", "127.0.0.1:1", "--speed", "0x"], "expected 1x to 3600x"),
        (&["sim", "--server", "127.0.0.1:1", "--for", "soon"], "expected a time such as 10s"),
        (&["sim", "--server", "127.0.0.1:1", "--firmware", "none"], "--list-firmwares"),
        (&["sim", "--server", "127.0.0.1:1", "--aes-key", NO_KEY], "an AES key has 64 hex digits"),
        (&["sim", "--server", "127.0.0.1:1", "--aes-key", KEY], "only piles with protocol aaf5 encrypt"),
        (
            &["sim", "--server", "127.0.0.1:1", "--protocol", "aaf5", "--firmware", "v2.6", "--aes-key", KEY],
            "--firmware v4.9-aes",
        ),
        (&["sim", "--server", "127.0.0.1:1", "--aes-key-file", "/nowhere/key"], "--aes-key-file /nowhere/key"),
        (&["sim", "--server", "127.0.0.1:1", "--interactive"], "needs a terminal"),
        (&["sim", "--server", "127.0.0.1:1", "--piles", "0"], "expected 1 to 100000"),
        (&["sim", "--server", "127.0.0.1:1", "--first-pile", "1000000000000"], "999999999999"),
        (&["sim", "--server", "127.0.0.1:1", "--load", "--firmware", "v1.7"], "cannot be used with"),
        (&["sim", "--server", "127.0.0.1:1", "--load", "--busy", "0"], "--busy"),
        (&["sim", "--server", "127.0.0.1:1", "--scenario", "x.toml", "--for", "1s"], "cannot be used with"),
    ];
    for (arguments, expected) in cases {
        let ended = Process::start(arguments, &[]).ended();
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(expected), "{arguments:?}: {}", ended.stderr);
        assert!(!ended.stderr.contains(KEY) && !ended.stderr.contains(NO_KEY), "keys are not told: {}", ended.stderr);
    }
}

#[test]
fn the_tables_are_printed_in_both_languages() {
    for (lang, expected) in [("en", "A frame leaves in two parts"), ("zh", "一帧分两次发出")] {
        let ended = Process::start(&["sim", "--list-faults", "--list-firmwares", "--lang", lang], &[]).ended();
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        assert!(ended.stdout.contains("half-packets") && ended.stdout.contains(expected), "{}", ended.stdout);
    }
}

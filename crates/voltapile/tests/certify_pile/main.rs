//! `voltapile certify` as a process: a pile dials it over a real socket, and what comes of it is in the exit code, on the
//! output and in the files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "../server/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the server's tests use more of it")]
mod support;

use std::net::SocketAddr;

use serde_json::Value;
use support::Process;
use support::process::Ended;
use voltapile_protocol::ykc::CrcOrder;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_simulator::model::{ModelOptions, PileSetup};
use voltapile_simulator::runner::PileRun;

const PILE: PileCode = PileCode([0x32, 0x01, 0x06, 0x00, 0x00, 0x00, 0x09]);
/// Steps that take no longer than the pile's answers.
const SHORT: [&str; 2] = ["--steps", "clock,tariff,read,cards"];

fn certify(arguments: &[&str]) -> Process {
    let all = [&["certify", "pile", "--listen", "127.0.0.1:0", "--lang", "en"], arguments].concat();
    Process::start(&all, &[])
}

fn address(process: &Process) -> SocketAddr {
    let line = process.line().expect("a line that says where it listens");
    line.strip_prefix("ready piles=").expect("ready piles=").parse().unwrap()
}

/// Lets a pile dial until the exam is over.
fn examined(setup: PileSetup, arguments: &[&str]) -> Ended {
    let process = certify(arguments);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let _pile = PileRun::new(setup.unattended(), ModelOptions::default(), address(&process)).spawn();
    process.ended()
}

#[test]
fn a_good_pile_passes_and_the_report_is_in_three_forms() {
    let directory = tempfile::tempdir().unwrap();
    let (json, html) = (directory.path().join("report.json"), directory.path().join("report.html"));
    let files = ["--quick", "--json", json.to_str().unwrap(), "--html", html.to_str().unwrap()];
    let ended = examined(PileSetup::dc(PILE, 2), &[&SHORT[..], &files].concat());
    assert_eq!(ended.status.code(), Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains(&PILE.to_string()), "{}", ended.stdout);
    assert!(ended.stderr.contains("[4/4] offline cards"), "{}", ended.stderr);
    let report: Value = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    let verdict = |id: &str| {
        let found = report["checks"].as_array().unwrap().iter().find(|check| check["id"] == id);
        found.unwrap_or_else(|| panic!("no {id} in {report:#}"))["verdict"].clone()
    };
    for (id, expected) in
        [("pile.clock.answered", "pass"), ("pile.cards.kept", "pass"), ("pile.reboot.answered", "not_seen")]
    {
        assert_eq!(verdict(id), expected, "{id}");
    }
    let page = std::fs::read_to_string(html).unwrap();
    assert!(page.contains("pile.clock.answered") && page.contains("对 0x56 应答 0x55"));
}

#[test]
fn a_faulty_pile_fails() {
    let mut setup = PileSetup::dc(PILE, 1);
    setup.config.quirks.crc_order = CrcOrder::HighFirst;
    let ended = examined(setup, &SHORT);
    assert_eq!(ended.status.code(), Some(1), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("pile.frame.crc_order"), "{}", ended.stdout);
}

#[test]
fn only_the_pile_that_is_wanted_is_examined() {
    let process = certify(&["--pile", "99000000000001"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let setup = PileSetup::dc(PILE, 1).unattended();
    let _pile = PileRun::new(setup, ModelOptions::default(), address(&process)).spawn();
    process.logged("another pile, 32010600000009, was sent away");
    process.terminate();
    assert_eq!(process.ended().status.code(), Some(2));
}

#[test]
fn an_exam_that_is_broken_off_says_its_last_words() {
    let process = certify(&["--steps", "clock,plug", "--json", "-"]);
    let ready = process.logged("ready piles=");
    let server = ready.strip_prefix("ready piles=").unwrap().parse().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let _pile = PileRun::new(PileSetup::dc(PILE, 1).unattended(), ModelOptions::default(), server).spawn();
    process.logged("[2/2] plugging in");
    process.terminate();
    let ended = process.ended();
    assert_eq!(ended.status.code(), Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains("the pile is left as it was found"), "{}", ended.stderr);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let clocks = report["trace"].as_array().unwrap().iter().filter(|entry| {
        let hex = entry["hex"].as_str().unwrap_or_default();
        entry["direction"] == "down" && hex.get(10..12) == Some("56")
    });
    let times: Vec<&str> = clocks.map(|entry| entry["hex"].as_str().unwrap()).collect();
    assert_eq!(times.len(), 2, "set ahead, and set right: {times:?}");
}

#[test]
fn nobody_came() {
    let process = certify(&[]);
    let _ = address(&process);
    process.terminate();
    let ended = process.ended();
    assert_eq!(ended.status.code(), Some(2));
    assert!(ended.stderr.contains("no pile logged in"), "{}", ended.stderr);
}

#[test]
fn a_capture_is_judged_like_an_exam() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pile.pcapng");
    let file = file.to_str().unwrap();
    let exam = certify(&SHORT);
    let server = address(&exam).to_string();
    let pile = PILE.to_string();
    let sim = ["sim", "--server", &server, "--pile-code", &pile, "--unattended", "--for", "2s", "--capture", file];
    let played = Process::start(&sim, &[]).ended();
    assert!(played.status.success(), "{}{}", played.stdout, played.stderr);
    assert_eq!(exam.ended().status.code(), Some(0));
    let judge = ["certify", "pile", "--lang", "en", "--capture", file];
    let ended = Process::start(&judge, &[]).ended();
    assert_eq!(ended.status.code(), Some(0), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains(&pile), "{}", ended.stdout);
    let wanted = ["--pile", "99000000000001"];
    let unseen = Process::start(&[&judge[..], &wanted].concat(), &[]).ended();
    assert_eq!(unseen.status.code(), Some(2), "{}{}", unseen.stdout, unseen.stderr);
    let nothing = directory.path().join("nothing.pcap");
    std::fs::write(&nothing, b"nothing of the kind").unwrap();
    let ended = Process::start(&["certify", "pile", "--capture", nothing.to_str().unwrap()], &[]).ended();
    assert_eq!(ended.status.code(), Some(2), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains("no pile speaks"), "{}", ended.stderr);
}

#[test]
fn misuse_is_told_apart() {
    for arguments in [&["--steps", "dance"][..], &["--card", "12"], &["--pile", "xyz"]] {
        let ended = certify(arguments).ended();
        assert_eq!(ended.status.code(), Some(2), "{arguments:?}: {}", ended.stderr);
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = Process::start(&["certify", "pile", "--listen", &address], &[]).ended();
    assert_eq!(ended.status.code(), Some(2));
    assert!(ended.stderr.contains("cannot listen on"), "{}", ended.stderr);
}

#[test]
fn a_platform_that_is_not_there_fails() {
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let ended = Process::start(
        &["certify", "platform", "--server", &free, "--pile", "32010600000009", "--quick", "--lang", "en"],
        &[],
    )
    .ended();
    assert!(matches!(ended.status.code(), Some(1 | 2)), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("YKC conformance"), "{}", ended.stdout);
}

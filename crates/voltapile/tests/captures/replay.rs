//! `voltapile replay` against the real server.

use std::net::TcpListener;
use std::process::Output;

use serde_json::{Value as Json, json};

use crate::stage::Stage;
use crate::support::eventually;
use crate::{file, json_lines, run, stderr, stdout};

/// A car that charges by its VIN, from docs/samples.
const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/samples/charge.pcapng");
/// The pile of the sample.
pub(crate) const PILE: &str = "32010600000101";

fn replay(stage: &Stage, more: &[&str]) -> Output {
    let address = stage.server.piles.to_string();
    run(&[&["replay", SAMPLE, "--server", &address, "--speed", "max"], more].concat())
}

/// The differences, and what sums up.
fn report(output: &Output) -> (Vec<Json>, Json) {
    let mut lines = json_lines(output);
    let summary = lines.pop().unwrap()["summary"].clone();
    (lines, summary)
}

/// The order of a pile, once its only one is settled.
pub(crate) fn settled(stage: &Stage, pile: &str) -> Json {
    eventually("the order is settled", || {
        let orders = stage.server.api.items(&format!("orders?pile={pile}"));
        (orders.len() == 1 && orders[0]["state"] == "settled").then(|| orders[0].clone())
    })
}

#[test]
fn the_same_platform_answers_the_same() {
    let stage = Stage::new(&[PILE]);
    let output = replay(&stage, &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    let (differences, summary) = report(&output);
    assert!(differences.is_empty());
    assert_eq!(summary, json!({"connections": 1, "sent": 17, "same": 8, "different": 0, "missing": 0, "unasked": 0}));
    assert!(stderr(&output).contains("1 of 1 connections replayed"));
    // The orders are new ones, with the pile's bills: what the platform had numbered anew was carried along.
    settled(&stage, PILE);
    let output = replay(&stage, &["--json"]);
    assert_eq!(output.status.code(), Some(1), "the account has less money the second time");
    let (differences, _) = report(&output);
    assert_eq!(differences.len(), 1);
    assert_eq!((&differences[0]["kind"], &differences[0]["type"]), (&json!("different"), &json!("0x32")));
    let fields = json!([{"name": "account_balance", "then": 500.0, "now": 498.65}]);
    assert_eq!(differences[0]["fields"], fields);
}

#[test]
fn another_pile_says_the_same() {
    let stage = Stage::new(&["32010600000999"]);
    let output = replay(&stage, &["--pile", "32010600000101=32010600000999"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    assert_eq!(stage.server.api.items("orders?pile=32010600000999").len(), 1);
}

#[test]
fn a_platform_that_does_not_know_the_pile_is_different() {
    let stage = Stage::new(&[]);
    let output = replay(&stage, &[]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(
        text.contains("0x02 login answer differs\n  login result: was accepted (0x00), is refused (0x01)"),
        "{text}"
    );
    assert!(text.contains("the platform closed the connection, 16 frames were not sent"), "{text}");
    let chinese = stdout(&replay(&stage, &["--lang", "zh"]));
    assert!(chinese.contains("0x02 登录认证应答 不同") && chinese.contains("平台断开了连接"), "{chinese}");
}

#[test]
fn misuse_says_what_to_do() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let empty = file(folder.path(), "empty.log", b"nothing here");
    let cases: [(&[&str], &str); 5] = [
        (&["replay", SAMPLE, "--server", &free], "cannot reach the platform at"),
        (&["replay", SAMPLE, "--server", &free, "--connection", "7"], "no connection to replay"),
        (&["replay", SAMPLE, "--server", &free, "--speed", "fast"], "neither a speed"),
        (&["replay", SAMPLE, "--server", &free, "--pile", "123"], "not OLD=NEW"),
        (&["replay", &empty, "--server", &free], "no hex"),
    ];
    for (arguments, expected) in cases {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(expected), "{arguments:?}: {}", stderr(&output));
    }
}

//! `sim --load` against `serve`: the program measured with itself.

use serde_json::{Value, json};

use crate::support::{Process, Setup};

#[test]
fn fifty_piles_are_answered_without_a_flaw() {
    let server = Setup::new().flag("--open-enrollment").start();
    let (address, pid) = (server.piles.to_string(), server.process.id().to_string());
    for mode in ["heartbeats", "records"] {
        let arguments = ["sim", "--load", "--server", &address, "--piles", "50", "--seconds", "1", "--json"];
        let ended = Process::start(&[&arguments[..], &["--mode", mode, "--pid", &pid]].concat(), &[]).ended();
        assert_eq!(ended.status.code(), Some(0), "{ended:?}");
        let report: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!((&report["logins"]["succeeded"], &report["logins"]["failed"]), (&json!(50), &json!(0)));
        let exchanges = &report["exchanges"];
        for flaw in ["mismatched", "missing", "connections_lost"] {
            assert_eq!(exchanges[flaw], json!(0), "{report:#}");
        }
        let answered = exchanges["answered"].as_u64().unwrap();
        assert!(answered > 50, "{report:#}");
        if mode == "records" {
            assert_eq!(server.api.metric("records_total{outcome=\"stored\"}"), answered);
        }
    }
}

#[test]
fn a_charging_fleet_keeps_its_schedule() {
    let server = Setup::new().flag("--open-enrollment").start();
    let address = server.piles.to_string();
    let arguments = ["sim", "--load", "--server", &address, "--piles", "30", "--seconds", "2", "--json"];
    let paced = ["--mode", "mix", "--rate", "1800"];
    let ended = Process::start(&[&arguments[..], &paced].concat(), &[]).ended();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let exchanges = &report["exchanges"];
    assert_eq!(exchanges["pacing"], json!("open"));
    // 2 s of 1,800 frames, and the records of the few whose turn it is.
    let sent = exchanges["sent"].as_u64().unwrap();
    assert!((3_600..3_700).contains(&sent), "{report:#}");
    assert!(server.api.metric("records_total{outcome=\"stored\"}") > 0);
    let telemetry = server.api.metric("frames_total{direction=\"up\",protocol=\"ykc\",type=\"0x13\"}");
    assert!((740..=800).contains(&telemetry), "{telemetry}");
}

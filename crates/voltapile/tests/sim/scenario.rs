//! Every scenario that is shipped, played against the real server.

use std::fs;

use serde_json::{Value, json};

use crate::stage::{CARD, Stage, json_of, shipped};

/// Plays a shipped scenario with piles of one protocol, which must pass without a complaint; gives what was printed.
#[track_caller]
fn passes(protocol: &str, stage: &Stage, name: &str) -> Value {
    let path = shipped(name);
    let ended = stage.sim(&["--scenario", path.to_str().unwrap(), "--protocol", protocol, "--json"]);
    assert_eq!(ended.status.code(), Some(0), "{name}:\n{}\n{}", ended.stderr, ended.stdout);
    let report = json_of(&ended);
    assert_eq!(report["scenario"]["passed"], json!(true), "{report:#}");
    assert_eq!(report["summary"]["complaints"], json!([]), "{report:#}");
    report
}

/// The states of the orders of a pile.
#[track_caller]
fn orders(stage: &Stage, pile: &str) -> Vec<Value> {
    stage.server.api.items(&format!("orders?pile={pile}"))
}

/// Each of these once with piles of either protocol.
macro_rules! with_both_protocols {
    ($($test:ident),* $(,)?) => {
        mod ykc {
            $(#[test] fn $test() { super::$test("ykc"); })*
        }
        mod aaf5 {
            $(#[test] fn $test() { super::$test("aaf5"); })*
        }
    };
}
with_both_protocols!(
    a_car_charges_by_its_vin,
    a_card_charges_twice_in_a_row,
    an_unknown_card_is_refused_for_the_right_reason,
    a_charge_that_the_power_cut_off_is_billed,
    an_offline_charge_is_billed_afterwards,
    a_pulled_plug_ends_the_charge,
    late_and_repeated_records_are_confirmed,
    a_mixed_fleet_charges,
);

fn a_car_charges_by_its_vin(protocol: &str) {
    let stage = Stage::new(&["32010600000101"]);
    let report = passes(protocol, &stage, "plug-and-charge.toml");
    assert_eq!(report["summary"]["records"]["confirmed"], json!(1), "{report:#}");
    assert_eq!(orders(&stage, "32010600000101").len(), 1);
}

fn a_card_charges_twice_in_a_row(protocol: &str) {
    let stage = Stage::new(&["32010600000102"]);
    let report = passes(protocol, &stage, "card-charge.toml");
    assert_eq!(report["summary"]["records"]["confirmed"], json!(2), "{report:#}");
    assert_eq!(orders(&stage, "32010600000102").len(), 2);
}

fn an_unknown_card_is_refused_for_the_right_reason(protocol: &str) {
    let stage = Stage::new(&["32010600000103"]);
    let report = passes(protocol, &stage, "card-refused.toml");
    assert_eq!(report["summary"]["charges"]["asked_and_refused"], json!({"account_unknown": 1}), "{report:#}");
}

fn a_charge_that_the_power_cut_off_is_billed(protocol: &str) {
    let stage = Stage::new(&["32010600000104"]);
    let report = passes(protocol, &stage, "power-cut.toml");
    assert_eq!(report["summary"]["logins"]["accepted"], json!(2), "{report:#}");
    assert_eq!(report["summary"]["records"]["confirmed"], json!(1), "{report:#}");
}

fn an_offline_charge_is_billed_afterwards(protocol: &str) {
    let stage = Stage::new(&["32010600000105"]);
    let path = shipped("offline-charge.toml");
    let sim = stage.begin(&["--scenario", path.to_str().unwrap(), "--protocol", protocol, "--json"]);
    // The scenario says when the card is to come; the platform sends it to the pile.
    sim.logged("the platform sends the offline card now");
    stage.server.api.post("piles/32010600000105/offline-cards", &json!({"cards": [CARD]})).ok();
    let ended = sim.ended();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert_eq!(json_of(&ended)["summary"]["records"]["confirmed"], json!(1));
}

fn a_pulled_plug_ends_the_charge(protocol: &str) {
    let stage = Stage::new(&["32010600000106"]);
    passes(protocol, &stage, "unplug-mid-charge.toml");
}

fn late_and_repeated_records_are_confirmed(protocol: &str) {
    let stage = Stage::new(&["32010600000107"]);
    let report = passes(protocol, &stage, "late-records.toml");
    assert_eq!(report["summary"]["records"]["sent"], json!(2), "{report:#}");
    assert_eq!(stage.server.api.items("records").len(), 2);
}

fn a_mixed_fleet_charges(protocol: &str) {
    let piles: Vec<String> = (110..=115).map(|number| format!("32010600000{number}")).collect();
    let piles: Vec<&str> = piles.iter().map(String::as_str).collect();
    let stage = Stage::new(&piles);
    let report = passes(protocol, &stage, "mixed-fleet.toml");
    let turned = report["summary"]["faults"]["crc-high-first"].as_u64().unwrap_or_default();
    // A check sum of one byte has no order.
    assert_eq!(turned > 0, protocol == "ykc", "{report:#}");
}

#[test]
fn what_does_not_happen_fails_the_scenario() {
    let stage = Stage::new(&["32010600000101"]);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("hasty.toml");
    let hasty = fs::read_to_string(shipped("plug-and-charge.toml")).unwrap();
    let hasty = hasty.replacen("within = \"15s\"", "within = \"1s\"", 1).replace("0SA000001", "0SA000002");
    fs::write(&path, hasty).unwrap();
    let ended = stage.sim(&["--scenario", path.to_str().unwrap()]);
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    assert!(ended.stderr.contains("expect charging within 1.0 s (line"), "{}", ended.stderr);
    assert!(ended.stdout.contains("4 steps not played") && ended.stdout.contains("VIN unknown"), "{}", ended.stdout);
}

#[test]
fn a_scenario_that_makes_no_sense_is_told_with_its_line() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wrong.toml");
    fs::write(&path, "title = \"x\"\n[[pile]]\nconectors = 2\n").unwrap();
    let stage = Stage::new(&[]);
    let ended = stage.sim(&["--scenario", path.to_str().unwrap()]);
    assert_eq!(ended.status.code(), Some(2), "{ended:?}");
    assert!(ended.stderr.contains("wrong.toml: line 3: unknown field `conectors`"), "{}", ended.stderr);
}

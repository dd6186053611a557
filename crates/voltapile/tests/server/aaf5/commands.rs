//! What else can be asked of a pile, and what it says unasked.

use serde_json::{Value, json};
use voltapile_protocol::aaf5::code::{
    ControlIndex, ListAction, Outcome, ParameterAction, Service, UpdateAnswer, UpdateProgress, WorkState,
};
use voltapile_protocol::aaf5::field::Alarms;
use voltapile_protocol::aaf5::message::{
    AlarmReport, ControlRequest, ControlResponse, FirmwareUpdateReport, FirmwareUpdateRequest, FirmwareUpdateResponse,
    IntegerParameterRequest, IntegerParameterResponse, IntegerValue, LastChargeSlotsResponse, TextParameterRequest,
    TextParameterResponse, WhiteListRequest, WhiteListResponse,
};
use voltapile_protocol::aaf5::parameter::Parameter;
use voltapile_protocol::wire::{BytesToEnd, KilowattHours16};

use super::{PILE, Pile, ask, assert_end, shown, signed_in, take};
use crate::business::stage::{CUSTOMER, STATION, Stage, card_text};
use crate::support::{Server, eventually};

/// Answers 5; gives what it asked.
#[track_caller]
fn control(pile: &mut Pile, result: Outcome) -> (ControlIndex, u8, u32) {
    let ControlRequest { connector_number, first_index, count, arguments, .. } = take!(pile, ControlRequest);
    pile.send(ControlResponse {
        pile_code: pile.code,
        connector_number,
        first_index,
        count,
        result,
        ..Default::default()
    });
    (first_index, connector_number.0, arguments[0].value)
}

#[test]
fn control_commands_are_carried_out_or_refused() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    for (body, expected) in [
        (json!({"action": "stop_charge", "connector": 2}), (ControlIndex::StopCharging, 2, 0x55)),
        (json!({"action": "reboot", "when": "now"}), (ControlIndex::Reboot, 1, 0x55)),
        (
            json!({"action": "limit_connector_power", "connector": 1, "power": "60.5"}),
            (ControlIndex::MaximumPower, 1, 605),
        ),
    ] {
        let command = ask(&server, &body, || assert_eq!(control(&mut pile, Outcome::Succeeded), expected));
        assert_end(&command, "succeeded", Value::Null, Value::Null);
    }
    let body = json!({"action": "limit_connector_power", "connector": 1, "power": "60"});
    let command = ask(&server, &body, || {
        control(&mut pile, Outcome::Failed);
    });
    assert_end(&command, "refused", json!("refused"), Value::Null);
}

#[test]
fn work_is_suspended_and_resumed_connector_by_connector() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    for (enabled, value) in [(false, 0x55), (true, 0)] {
        let body = json!({"action": "set_work_parameters", "enabled": enabled, "power_percent": 100});
        let command = ask(&server, &body, || {
            for connector in [1, 2] {
                assert_eq!(control(&mut pile, Outcome::Succeeded), (ControlIndex::SuspendService, connector, value));
            }
        });
        assert_end(&command, "succeeded", Value::Null, Value::Null);
        // What is not said again at a sign-in the pile takes as a yes.
        let expected = if enabled { Service::Normal } else { Service::Suspended };
        assert_eq!(pile.sign_in().service, Some(expected));
        if !enabled {
            pile = Pile::dial(server.piles, PILE);
            pile.sign_in();
            for connector in [1, 2] {
                assert_eq!(control(&mut pile, Outcome::Succeeded), (ControlIndex::SuspendService, connector, 0x55));
            }
            assert_eq!(pile.sign_in().service, Some(Service::Suspended));
        }
    }
}

#[test]
fn what_the_protocol_has_no_word_for_is_refused_before_anything_is_sent() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    for (body, why) in [
        (json!({"action": "read_sim_number"}), "SIM card"),
        (json!({"action": "query_vin", "connector": 1}), "VIN"),
        (json!({"action": "move_parking_lock", "connector": 1, "raise": true}), "only reported"),
        (json!({"action": "reboot", "when": "idle"}), "at once"),
        (json!({"action": "limit_connector_power", "connector": 1, "power": "60", "minutes": 5}), "no end"),
        (json!({"action": "set_work_parameters", "enabled": true, "power_percent": 50}), "in kW"),
        (json!({"action": "set_qr_prefix", "format": "pile", "prefix": "http://a/"}), "always appends"),
        (json!({"action": "read_settings", "names": ["heartbeat_perod"]}), "there is no parameter"),
    ] {
        let command = ask(&server, &body, || {});
        assert_eq!(command["state"], "cancelled", "{command:#}");
        assert!(command["reason"].as_str().unwrap().contains(why), "{command:#}");
    }
    pile.beat();
}

#[test]
fn a_status_is_asked_for() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    let command = ask(&server, &json!({"action": "read_telemetry", "connector": 1}), || {
        take!(pile, StatusResponse);
        pile.report(WorkState::Suspended, "");
    });
    assert_end(&command, "succeeded", Value::Null, Value::Null);
    assert_eq!(shown(&server)["connectors"][0]["state"], "suspended");
}

#[test]
fn settings_are_read_and_changed_by_name() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    let [period, misses] = [21, 22].map(|index| Parameter::integer(index).unwrap().name);
    let hotline = Parameter::text(8).unwrap().name;
    let names = json!({"action": "read_settings", "names": [hotline, misses, period]});
    let command = ask(&server, &names, || {
        let IntegerParameterRequest { action, first_index, count, .. } = take!(pile, IntegerParameterRequest);
        assert_eq!((action, first_index, count), (ParameterAction::Query, 21, 2));
        let values = vec![IntegerValue { value: 20 }, IntegerValue { value: 3 }];
        pile.send(IntegerParameterResponse {
            pile_code: pile.code,
            action,
            first_index,
            count,
            values,
            ..Default::default()
        });
        let TextParameterRequest { action, index, .. } = take!(pile, TextParameterRequest);
        let value = BytesToEnd((*b"400-100\0").into());
        pile.send(TextParameterResponse { pile_code: pile.code, action, index, value, ..Default::default() });
    });
    assert_end(&command, "succeeded", Value::Null, json!({period: 20, misses: 3, hotline: "400-100"}));

    let values = json!({"action": "write_settings", "values": {period: 15}});
    let command = ask(&server, &values, || {
        let IntegerParameterRequest { action, first_index, count, values, .. } = take!(pile, IntegerParameterRequest);
        assert_eq!((action, first_index, count, values[0].value), (ParameterAction::Set, 21, 1, 15));
        pile.send(IntegerParameterResponse { pile_code: pile.code, action, first_index, count, ..Default::default() });
    });
    assert_end(&command, "succeeded", Value::Null, Value::Null);
}

/// Answers 1301; gives what it was.
#[track_caller]
fn white_list(pile: &mut Pile, result: Outcome) -> (ListAction, u32, Vec<String>) {
    let WhiteListRequest { list_kind, action, version, entries, .. } = take!(pile, WhiteListRequest);
    pile.send(WhiteListResponse { pile_code: pile.code, list_kind, action, version, result, ..Default::default() });
    (action, version, entries.iter().map(|entry| entry.card_number.text()).collect())
}

#[test]
fn a_white_list_is_added_to_in_batches_and_cleared_as_a_whole() {
    let stage = Stage::new();
    let (station, cards) = (json!({"station": STATION, "connector_count": 2}), 12);
    stage.api.put(&format!("piles/{PILE}"), &station).ok();
    let numbers: Vec<String> = (1..=cards).map(card_text).collect();
    (1..=cards).for_each(|card| stage.card(card, CUSTOMER));
    let mut pile = Pile::dial(stage.piles, PILE);
    pile.sign_in();
    stage.api.post(&format!("piles/{PILE}/offline-cards"), &json!({"cards": numbers})).ok();
    let first = white_list(&mut pile, Outcome::Succeeded);
    assert_eq!((first.0, first.1, first.2.len()), (ListAction::Add, 8, 10));
    let second = white_list(&mut pile, Outcome::Succeeded);
    assert_eq!((second.1, second.2.len()), (9, 2));
    eventually("all cards are there", || {
        let cards = stage.api.items(&format!("piles/{PILE}/offline-cards"));
        let present = cards.iter().filter(|card| card["state"] == "present").count();
        (present == 12).then_some(())
    });

    stage.api.post(&format!("piles/{PILE}/offline-cards/clear"), &json!({"cards": [numbers[0]]})).ok();
    assert_eq!(white_list(&mut pile, Outcome::Succeeded).0, ListAction::Clear);
    let (_, version, first) = white_list(&mut pile, Outcome::Succeeded);
    let (_, _, second) = white_list(&mut pile, Outcome::Succeeded);
    assert_eq!((version > 0, first.len() + second.len()), (true, 11));
    assert!(!first.contains(&numbers[0]) && !second.contains(&numbers[0]));
    eventually("the card is gone", || {
        let cards = stage.api.items(&format!("piles/{PILE}/offline-cards"));
        cards.iter().all(|card| card["physical_number"] != numbers[0] || card["state"] != "present").then_some(())
    });
}

#[test]
fn alarms_of_a_pile_open_and_close_with_their_bits() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    let mut bits = [0; 32];
    // Emergency stop, and a reserved one.
    bits[0] = 0b0000_0011;
    pile.send(AlarmReport { pile_code: pile.code, alarms: Alarms(bits), ..Default::default() });
    take!(pile, AlarmResponse);
    let open = || -> Vec<Value> {
        let alarms = server.api.items(&format!("alarms?pile={PILE}&open=true"));
        alarms.iter().map(|alarm| alarm["code"].clone()).collect()
    };
    eventually("the alarm opens", || (open() == [json!("hardware.emergency_stop")]).then_some(()));
    pile.send(AlarmReport { pile_code: pile.code, ..Default::default() });
    eventually("the alarm closes", || open().is_empty().then_some(()));
}

#[test]
fn firmware_is_fetched_and_its_progress_decides() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    let body = json!({
        "action": "update_firmware", "model": "dc", "server": "192.0.2.1", "port": 21, "user": "u", "password": "p",
        "path": "v2.bin", "when": "idle", "timeout_minutes": 5,
    });
    for (progress, state, reason) in [
        (UpdateProgress::Downloaded, "succeeded", Value::Null),
        (UpdateProgress::LoginFailed, "refused", json!("login_failed")),
    ] {
        let command = ask(&server, &body, || {
            let FirmwareUpdateRequest { host, path, .. } = take!(pile, FirmwareUpdateRequest);
            assert_eq!((host.text(), path.text()), ("192.0.2.1".to_owned(), "v2.bin".to_owned()));
            pile.send(FirmwareUpdateResponse { result: UpdateAnswer::Accepted, ..Default::default() });
            for progress in [UpdateProgress::HalfDone, progress] {
                pile.send(FirmwareUpdateReport { progress, ..Default::default() });
            }
        });
        assert_end(&command, state, reason, Value::Null);
    }
}

#[test]
fn half_hours_of_the_last_charge_are_read() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    let command = ask(&server, &json!({"action": "read_half_hours", "connector": 2}), || {
        let asked = take!(pile, LastChargeSlotsRequest);
        let mut answer = LastChargeSlotsResponse {
            pile_code: pile.code,
            connector_number: asked.connector_number,
            ..Default::default()
        };
        answer.slots.0[20] = KilowattHours16::from_raw(123);
        pile.send(answer);
    });
    assert_eq!(command["answer"]["energies"][20], "1.2300", "{command:#}");
}

#[test]
fn a_qr_prefix_and_the_clock_are_text_parameters() {
    let server = Server::start();
    let mut pile = signed_in(&server);
    let prefix = json!({"action": "set_qr_prefix", "format": "pile_and_connector", "prefix": "https://a.example/?p="});
    for (body, expected) in [(prefix, 11), (json!({"action": "sync_clock"}), 2)] {
        let command = ask(&server, &body, || {
            let TextParameterRequest { action, index, .. } = take!(pile, TextParameterRequest);
            assert_eq!((action, index), (ParameterAction::Set, expected));
            pile.send(TextParameterResponse { pile_code: pile.code, action, index, ..Default::default() });
        });
        assert_end(&command, "succeeded", Value::Null, Value::Null);
    }
}

//! Filters, languages, preferences, and which frame answers which.

use voltapile_capture::Side;
use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::frame::Envelope;

use super::capture::{self, Capture, PORT};
use super::frames::{self, HEARTBEAT, frame, framed};
use super::tshark::Tshark;

/// The messages that a filter finds in a capture with one frame a packet.
fn messages(tshark: &Tshark, capture: &[u8], filter: &str) -> Vec<String> {
    tshark.columns(capture, filter, &["ykc.message"]).concat()
}

fn instances() -> Vec<u8> {
    capture::of(frames::instances(Dialect::V16).iter().map(Vec::as_slice))
}

#[test]
fn filters_find_what_they_should() {
    let tshark = Tshark::new(&["--lang", "en"]);
    let capture = instances();
    let cases = [
        ("ykc.frame_type == 0x01", "login_request"),
        ("ykc.message == \"storage_report\"", "storage_report"),
        ("ykc.storage_report.soc", "storage_report"),
        ("ykc.sequence == 09:00", "realtime_report"),
        ("ykc.connector_state == \"charging\" && ykc.cable_temperature == 31", "realtime_report"),
        ("ykc.hardware_faults.door_open == 1 && !(ykc.hardware_faults.dc_fuse == 1)", "realtime_report"),
        ("ykc.start_response.fail_reason == 0", "start_response"),
        ("ykc.slots.tier == \"sharp\" && ykc.connector_number", "tariff_response_v17"),
        ("ykc.max_power == 60 && ykc.direction == \"down\"", "power_limit_request"),
        ("ykc.pile_type == \"DC pile\"", "login_request"),
        ("ykc.start_time >= \"2026-01-31T08:15:04\" && ykc.frame_type == 0x3d", "transaction_record_v17"),
        ("ykc.new_balance > 88.7 && ykc.physical_card_number == 00:00:00:00:d1:4b:0a:54", "balance_update_request"),
    ];
    for (filter, expected) in cases {
        let found = messages(&tshark, &capture, filter);
        assert!(found.contains(&expected.to_owned()) && found.len() <= 3, "{filter}: {found:?}");
    }
    for nothing in ["ykc.connector_state == \"fault\"", "_ws.expert", "ykc.crc.status == \"bad\"", "ykc.skipped"] {
        assert_eq!(messages(&tshark, &capture, nothing), [""; 0], "{nothing}");
    }
    // One number everywhere, in messages of every chapter.
    let transaction = "ykc.transaction_number == \"32010600213533012601310815000007\"";
    assert!(messages(&tshark, &capture, transaction).len() > 15);
    assert!(messages(&tshark, &capture, "ykc.pile_code == \"32010600213533\"").len() > 60);
}

#[test]
fn a_field_that_says_nothing_has_no_value_to_filter_on() {
    let tshark = Tshark::new(&[]);
    // Idle telemetry: no transaction, temperatures of raw 0, which is no sensor rather than −50 °C.
    let mut body = [0; 60];
    body[24] = 2;
    let idle = frame(0x13, &body);
    body[24] = 3;
    let charging = frame(0x13, &body);
    let capture = capture::of([&idle[..], &charging]);
    assert_eq!(tshark.found(&capture, "ykc.cable_temperature == -50"), [2]);
    assert_eq!(tshark.found(&capture, "ykc && !ykc.cable_temperature"), [1]);
    let info = tshark.columns(&capture, "frame.number == 1", &["_ws.col.Info"]);
    assert_eq!(info[0][0], "↑ 0x13 telemetry, connector state idle (0x02)");
}

#[test]
fn texts_and_filters_on_texts_are_in_the_language_asked_for() {
    let chinese = Tshark::new(&["--lang", "zh"]);
    let capture = instances();
    let charging = "ykc.connector_state == \"充电\"";
    assert_eq!(messages(&chinese, &capture, charging), ["realtime_report"]);
    let info = chinese.columns(&capture, charging, &["_ws.col.Info"]).concat().concat();
    assert!(info.starts_with("↑ 0x13 上传实时监测数据, 桩编号 32010600213533, 枪号 1, "), "{info}");
    // The preference overrules the file for what is shown; what filters compare with stays.
    let details = chinese.read(&capture, &["-o", "ykc.lang:en", "-Y", charging, "-O", "ykc"]);
    for expected in ["pile → platform", "output voltage: 386.4 V", "emergency stop pressed (bit 1): yes"] {
        assert!(details.contains(expected), "{expected} in {details}");
    }
    let english = Tshark::new(&["--lang", "en"]);
    let details = english.read(&capture, &["-o", "ykc.lang:zh", "-Y", "ykc.frame_type == 0x3b", "-O", "ykc"]);
    for expected in ["桩 → 平台", "电表总起值: ", " 元/kWh", "CRC 校验: 成立，低字节在前"] {
        assert!(details.contains(expected), "{expected} in {details}");
    }
}

#[test]
fn the_dialect_is_chosen_when_the_file_is_made_or_later() {
    let whole_kilowatts = frame(0x52, &[0, 0, 0, 0, 0, 0, 1, 1, 60, 0, 0, 0, 0]);
    let capture = capture::of([&whole_kilowatts[..]]);
    let power = |tshark: &Tshark, option: &str| {
        tshark.read(&capture, &["-o", option, "-T", "fields", "-e", "ykc.message", "-e", "ykc.max_power"])
    };
    let usual = Tshark::new(&[]);
    assert_eq!(power(&usual, "ykc.dialect:v16"), "power_limit_request\t6\n");
    assert_eq!(power(&usual, "ykc.dialect:gongniu"), "power_limit_request_whole\t60\n");
    assert_eq!(power(&Tshark::new(&["--dialect", "gongniu"]), "ykc.fault_base:1"), "power_limit_request_whole\t60\n");
}

#[test]
fn the_fault_base_is_chosen_when_the_file_is_made_or_later() {
    let mut body = [0; 60];
    body[58] = 0b10;
    let capture = capture::of([&frame(0x13, &body)[..]]);
    let second = "ykc.hardware_faults.no_rectifier == 1";
    let first = "ykc.hardware_faults.emergency_stop == 1";
    let usual = Tshark::new(&[]);
    assert_eq!((usual.found(&capture, first), usual.found(&capture, second)), (vec![1], vec![]));
    let shifted = Tshark::new(&["--fault-base", "1"]);
    assert_eq!((shifted.found(&capture, first), shifted.found(&capture, second)), (vec![], vec![1]));
    let text = usual.read(&capture, &["-o", "ykc.fault_base:1", "-O", "ykc"]);
    assert!(text.contains("hardware faults: no rectifier module available (bit 2)"), "{text}");
}

#[test]
fn ports_are_chosen_when_the_file_is_made_or_later() {
    // Half a frame: no other way to know it than by its port.
    let mut capture = Capture::new();
    for port in [PORT, 9_001, 9_002] {
        let mut connection = capture.connection(port);
        capture.says(&mut connection, Side::Client, &HEARTBEAT[..7]);
        capture.says(&mut connection, Side::Client, &HEARTBEAT[7..]);
    }
    let capture = capture.into_bytes();
    assert_eq!(Tshark::new(&[]).found(&capture, "ykc.frame_type"), [2]);
    let chosen = Tshark::new(&["--ports", "9001,9002"]);
    assert_eq!(chosen.found(&capture, "ykc.frame_type"), [4, 6]);
    let ports = |text: &str| {
        let option = format!("ykc.ports:{text}");
        chosen.read(&capture, &["-o", &option, "-Y", "ykc.frame_type", "-T", "fields", "-e", "tcp.dstport"])
    };
    assert_eq!(ports("8000-8999"), "8768\n");
    assert_eq!(ports("8768,9001-9002"), "8768\n9001\n9002\n");
    assert_eq!(ports(""), "");
}

#[test]
fn requests_and_replies_lead_to_each_other() {
    let tshark = Tshark::new(&[]);
    let mut capture = Capture::new();
    let mut pile = capture.connection(PORT);
    let mut other = capture.connection(PORT);
    let numbered = |sequence| Envelope { sequence: [sequence, 0], ..Envelope::default() };
    let request = |sequence| framed(numbered(sequence), 0x03, &HEARTBEAT[6..15]);
    let answer = |sequence| framed(numbered(sequence), 0x04, &HEARTBEAT[6..15]);
    capture.says(&mut pile, Side::Client, &request(1));
    capture.says(&mut other, Side::Client, &request(1));
    capture.says(&mut pile, Side::Client, &request(2));
    capture.says(&mut other, Side::Server, &answer(1));
    // Two in one packet, and one that nobody asked for.
    capture.says(&mut pile, Side::Server, &[answer(2), answer(1), answer(7)].concat());
    let capture = capture.into_bytes();
    let columns = ["-2", "-T", "fields", "-E", "separator=|", "-e", "ykc.response_in", "-e", "ykc.response_to", "-e"];
    let rows = tshark.read(&capture, &[&columns[..], &["ykc.response_time"]].concat());
    assert_eq!(rows.lines().collect::<Vec<_>>(), ["5||", "4||", "5||", "|2|0.5", "|3,1|0.5,1"]);
    assert_eq!(tshark.found(&capture, "ykc.response_time > 0.75"), [5]);
}

#[test]
fn what_cannot_be_asked_for_is_refused() {
    for arguments in
        [["dissector", "--ports", "70000"], ["dissector", "--dialect", "v17"], ["dissector", "--lang", "fr"]]
    {
        let output = super::voltapile(&arguments).output().unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
    }
}

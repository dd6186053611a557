//! Filters on AA F5, and which frame answers which.

use voltapile_capture::Side;

use super::{frame, golden};
use crate::capture::{self, Capture, PORT};
use crate::tshark::Tshark;

#[test]
fn filters_find_what_they_should() {
    let tshark = Tshark::new(&["--lang", "en"]);
    let capture = capture::of(golden().iter().map(Vec::as_slice));
    let cases = [
        ("aaf5.frame_type == 104", "status_report"),
        ("aaf5.message == \"sign_in_request\" && aaf5.connector_count == 2", "sign_in_request"),
        ("aaf5.work_state == \"charging\" && aaf5.dc_voltage > 300", "status_report"),
        ("aaf5.slots.item > 10", "fine_charge_record"),
        ("aaf5.plugged.connector == 1", "heartbeat_request"),
        ("aaf5.alarm_report.alarms", "alarm_report"),
        ("aaf5.electricity_price", "tariff_query_response"),
        ("aaf5.direction == \"down\" && aaf5.byte_count", "integer_parameter_request"),
    ];
    for (filter, expected) in cases {
        let found = tshark.columns(&capture, filter, &["aaf5.message"]).concat();
        assert!(found.contains(&expected.to_owned()), "{filter}: {found:?}");
    }
    for nothing in ["aaf5.checksum.status == \"bad\"", "aaf5.skipped", "aaf5.encrypted == 1", "aaf5.incomplete"] {
        assert_eq!(tshark.found(&capture, nothing), [0; 0], "{nothing}");
    }
}

#[test]
fn requests_and_replies_lead_to_each_other_whatever_their_sequence() {
    let tshark = Tshark::new(&[]);
    let mut capture = Capture::new();
    let mut pile = capture.connection(PORT);
    let heartbeat = |sequence| frame(sequence, 102, &[0; 54]);
    let answer = |sequence| frame(sequence, 101, &[0; 6]);
    capture.says(&mut pile, Side::Client, &heartbeat(1));
    capture.says(&mut pile, Side::Client, &heartbeat(2));
    // One platform echoes the sequence, another counts its own.
    capture.says(&mut pile, Side::Server, &answer(2));
    capture.says(&mut pile, Side::Server, &answer(99));
    let capture = capture.into_bytes();
    let columns = ["-2", "-T", "fields", "-E", "separator=|", "-e", "aaf5.response_in", "-e", "aaf5.response_to"];
    let rows = tshark.read(&capture, &columns);
    assert_eq!(rows.lines().collect::<Vec<_>>(), ["4|", "3|", "|2", "|1"]);
    assert_eq!(tshark.found(&capture, "aaf5.response_time > 0.5"), [4]);
}

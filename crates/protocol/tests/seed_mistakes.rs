//! The usual mistakes, each made in a correct frame: what the inspector says, and what it proposes.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

use serde_json::{Value as Json, json};
use voltapile_protocol::inspect::value::hex;
use voltapile_protocol::inspect::{
    Inspection, Options, Report, Severity, compose, inspect, inspect_chunks, read_input,
};
use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::crc::crc16;

const PILE: &str = "32010600213533";

fn frame(json: Json) -> Vec<u8> {
    compose(&json, Options::default()).unwrap()
}

fn heartbeat() -> Vec<u8> {
    frame(json!({"type": "0x03", "sequence": "0102", "fields": {"pile_code": PILE, "connector_number": 1}}))
}

fn explained(bytes: &[u8]) -> Report {
    let mut inspection = inspect(bytes, Options::default());
    assert_eq!(inspection.reports.len(), 1, "{inspection:?}");
    inspection.reports.remove(0)
}

fn codes(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.code).collect()
}

/// The same frame with other bytes in it, length and CRC right.
fn patched(frame: &[u8], offset: usize, bytes: &[u8]) -> Vec<u8> {
    let mut patched = frame.to_vec();
    patched[offset..offset + bytes.len()].copy_from_slice(bytes);
    sealed(patched)
}

/// The same frame with its body made longer or shorter, length and CRC right.
fn with_body(frame: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut changed = frame[..frame.len() - 2].to_vec();
    change(&mut changed);
    changed[1] = u8::try_from(changed.len() - 2).unwrap();
    changed.extend([0, 0]);
    sealed(changed)
}

fn sealed(mut frame: Vec<u8>) -> Vec<u8> {
    let end = frame.len() - 2;
    let crc = crc16(&frame[2..end]).to_le_bytes();
    frame[end..].copy_from_slice(&crc);
    frame
}

/// One finding of that code, and the correction.
fn diagnosed(bytes: &[u8], severity: Severity, code: &str, offset: usize) -> Option<Vec<u8>> {
    let report = explained(bytes);
    let found = report.findings.iter().find(|finding| finding.code == code);
    let found = found.unwrap_or_else(|| panic!("no {code} in {:?}", report.findings));
    assert_eq!((found.severity, found.offset), (severity, offset), "{found:?}");
    assert!(!found.message.zh.is_empty() && !found.message.en.is_empty());
    report.corrected
}

#[test]
fn a_crc_high_byte_first_is_accepted() {
    let mut swapped = heartbeat();
    swapped.swap(15, 16);
    let report = explained(&swapped);
    assert_eq!((codes(&report), report.has_error(), report.corrected), (vec!["crc-high-byte-first"], false, None));
}

#[test]
fn a_length_byte_off_is_corrected_between_other_frames() {
    let right = heartbeat();
    for length in [0, 9, 12, 14, 17, 200] {
        let mut wrong = right.clone();
        wrong[1] = length;
        assert_eq!(diagnosed(&wrong, Severity::Error, "length-wrong", 1), Some(right.clone()), "{length}");
        let inspection = inspect(&[right.clone(), wrong, right.clone()].concat(), Options::default());
        let lengths: Vec<usize> = inspection.reports.iter().map(|report| report.raw.len()).collect();
        assert_eq!(lengths, [17, 17, 17], "{length}");
        assert_eq!(inspection.reports.iter().filter(|report| report.has_error()).count(), 1);
    }
}

#[test]
fn a_frame_cut_off_is_explained_as_far_as_it_goes() {
    let right = heartbeat();
    let report = explained(&right[..14]);
    assert_eq!(codes(&report), ["incomplete"]);
    assert_eq!(
        report.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(),
        ["pile_code", "connector_number"]
    );
    assert_eq!(explained(&right[..3]).findings[0].code, "incomplete");
    let short = explained(&[0x68, 0x00, 0x9F, 0x01]);
    assert!(short.findings[0].message.en.contains("1 more is missing"), "{:?}", short.findings);
}

#[test]
fn a_digit_left_over_is_told_at_its_frame() {
    let frame = hex(&heartbeat());
    let findings = |text: &str| {
        let inspection = inspect_chunks(&read_input(text.as_bytes()).unwrap(), Options::default());
        inspection.reports.iter().map(|report| (codes(report), report.has_error())).collect::<Vec<_>>()
    };
    assert_eq!(findings(&format!("{frame}7")), [(vec!["odd-digits"], false)]);
    assert_eq!(findings(&frame[..31]), [(vec!["incomplete", "odd-digits"], true)]);
    assert_eq!(findings(&format!("{frame}7 {frame}")), [(vec!["odd-digits"], false), (vec![], false)]);
    let report = inspect_chunks(&read_input(&frame.as_bytes()[..31]).unwrap(), Options::default()).reports.remove(0);
    let finding = &report.findings[1];
    assert_eq!((finding.severity, finding.offset), (Severity::Warning, 15));
    let dropped = &frame[30..31];
    assert!(finding.message.zh.contains(&format!("31 位，是奇数：丢弃了末位“{dropped}”")), "{finding:?}");
    assert!(finding.message.en.contains(&format!("31 digits, an odd number: the last, {dropped}, was dropped")));
}

#[test]
fn bytes_around_frames_are_told() {
    let right = heartbeat();
    let inspection = inspect(&[&[0xFF, 0x00][..], &right, &[0x01], &right, &[0xAA, 0xBB]].concat(), Options::default());
    let said: Vec<_> = inspection
        .reports
        .iter()
        .map(|report| (report.offset, report.findings.iter().map(|it| (it.code, it.offset)).collect::<Vec<_>>()))
        .collect();
    assert_eq!(said, [(2, vec![("skipped-bytes", 0)]), (20, vec![("skipped-bytes", 0), ("skipped-bytes", 17)])]);
    assert_eq!(inspect(&[1, 2, 3], Options::default()).strays.len(), 1);
}

#[test]
fn unknown_types_and_encrypted_bodies_are_kept() {
    let mut unknown = heartbeat();
    unknown[5] = 0xEE;
    diagnosed(&sealed(unknown), Severity::Warning, "unknown-type", 5);
    let mut encrypted = heartbeat();
    encrypted[4] = 1;
    let report = explained(&sealed(encrypted));
    assert_eq!(codes(&report), ["encrypted"]);
    assert_eq!((report.fields.len(), report.fields[0].name.as_str()), (1, "body"));
}

#[test]
fn numbers_written_high_byte_first() {
    let tariff = json!({"type": "0x0A", "fields": {"pile_code": PILE, "sharp_energy_rate": 1.1}});
    let right = frame(tariff);
    let mut wrong = right.clone();
    wrong[15..19].reverse();
    assert_eq!(diagnosed(&sealed(wrong), Severity::Error, "big-endian", 15), Some(right));
    let report =
        json!({"type": "0x13", "fields": {"pile_code": PILE, "connector_state": "charging", "output_voltage": 398.4}});
    let right = frame(report);
    let mut wrong = right.clone();
    wrong[33..35].reverse();
    assert_eq!(diagnosed(&sealed(wrong), Severity::Error, "big-endian", 33), Some(right));
    let start = frame(json!({"type": "0x34", "fields": {"pile_code": PILE, "account_balance": 128.5}}));
    let mut wrong = start.clone();
    wrong[46..50].reverse();
    assert_eq!(diagnosed(&sealed(wrong), Severity::Error, "big-endian", 46), Some(start));
}

#[test]
fn arguments_of_the_wrong_width() {
    let reboot = frame(json!({"type": "0x92", "fields": {"pile_code": PILE, "execute_mode": "when_idle"}}));
    for argument in [&[0, 0, 0, 2][..], &[2, 0, 0, 0], &[0, 2], &[2, 0]] {
        let wrong = with_body(&reboot, |body| {
            body.pop();
            body.extend(argument);
        });
        assert_eq!(diagnosed(&wrong, Severity::Error, "argument-width", 13), Some(reboot.clone()), "{argument:?}");
        assert_eq!(codes(&explained(&wrong)), ["argument-width"]);
    }
    let parallel = json!({"type": "0xA4", "fields": {"pile_code": PILE, "parallel_session_number": "260131081500"}});
    let right = frame(parallel);
    let wrong = with_body(&right, |body| body.insert(50, 0x20));
    assert_eq!(diagnosed(&wrong, Severity::Error, "year-of-four-digits", 50), Some(right));
}

#[test]
fn a_reply_that_carries_another_types_body() {
    let confirm = frame(json!({"type": "0x40", "fields": {"transaction_number": format!("{PILE}012601310815000007")}}));
    let mut wrong = confirm.clone();
    wrong[5] = 0x06;
    assert_eq!(diagnosed(&sealed(wrong), Severity::Error, "body-of-other-type", 5), Some(confirm));
    // Sent as 0x32, the answer to a parallel start reads well, but something follows it.
    let fields = json!({"transaction_number": format!("{PILE}012601310815000007"), "pile_code": PILE, "parallel_session_number": "260131081500"});
    let answer = frame(json!({"type": "0xA2", "fields": fields}));
    let mut wrong = answer.clone();
    wrong[5] = 0x32;
    assert_eq!(diagnosed(&sealed(wrong), Severity::Warning, "body-of-other-type", 5), Some(answer));
}

#[test]
fn vins_that_stand_the_wrong_way_or_are_none() {
    let vin = "1M8GDM9AXKP042788";
    let fields = json!({"pile_code": PILE, "connector_number": 1, "start_method": "vin", "vin": vin});
    let right = frame(json!({"type": "0x31", "fields": fields}));
    assert!(explained(&right).findings.is_empty(), "{:?}", explained(&right).findings);
    let wrong = patched(&right, 40, vin.as_bytes());
    diagnosed(&wrong, Severity::Info, "vin-order", 40);
    assert_eq!(explained(&wrong).fields.last().unwrap().value.to_json(), json!(vin));
    diagnosed(&patched(&right, 40, b"O"), Severity::Info, "vin-unusual", 40);
}

#[test]
fn other_versions_and_dialects_are_recognised() {
    let counted: Vec<u8> = (0..159_u16).map(|byte| byte as u8).collect();
    let login2 = [&[0x68, 0x00, 0x9F][..], &counted, &crc16(&counted).to_le_bytes()].concat();
    let Inspection { reports, strays } = inspect(&[login2.clone(), heartbeat()].concat(), Options::default());
    assert_eq!((codes(&reports[0]), reports[0].raw.len(), reports.len(), strays.len()), (vec!["version-2"], 164, 2, 0));
    let gongniu = Options { dialect: Dialect::Gongniu, ..Options::default() };
    let update =
        json!({"name": "key_update_request", "fields": {"pile_code": PILE, "key": "MFwwDQYJ", "execute_mode": "now"}});
    let key = compose(&update, gongniu).unwrap();
    diagnosed(&key, Severity::Warning, "other-dialect", 5);
    assert!(inspect(&key, gongniu).reports[0].findings.is_empty());
}

#[test]
fn an_idle_connector_without_sensors_has_no_temperature() {
    let idle = explained(&frame(json!({"type": "0x13", "fields": {"pile_code": PILE, "connector_state": "idle"}})));
    let charging = explained(&frame(
        json!({"type": "0x13", "fields": {"pile_code": PILE, "connector_state": "charging", "cable_temperature": -50}}),
    ));
    let temperature =
        |report: &Report| report.fields.iter().find(|field| field.name == "cable_temperature").unwrap().value.to_json();
    assert_eq!((temperature(&idle), temperature(&charging)), (Json::Null, json!(-50)));
    assert_eq!(hex(&idle.raw[37..38]), "00");
}

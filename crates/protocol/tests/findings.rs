//! Each thing that the inspector finds: a frame in which it is found, and the lawful frame beside it in which nothing is.
//! Whoever adds a rule adds its frames here, and its line to the tables of `docs/inspector*.md`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

mod support;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value as Json, json};
use voltapile_protocol::inspect::json::FrameJson;
use voltapile_protocol::inspect::value::hex;
use voltapile_protocol::inspect::{Lang, Options, Report, Severity, compose, inspect, inspect_chunks, read_input};
use voltapile_protocol::layout::Direction;
use voltapile_protocol::ykc::crc::crc16;

/// What is found in a wrong frame, and in the lawful one beside it.
struct Case {
    protocol: &'static str,
    code: &'static str,
    wrong: Report,
    right: Report,
}

fn explained(bytes: &[u8]) -> Report {
    inspect(bytes, Options::default()).reports.remove(0)
}

/// A frame of a golden file: of AA F5 by what it is, of YKC by its message.
fn golden(name: &str) -> Vec<u8> {
    let frames = support::frames(include_str!("golden/aaf5/frames.hex"));
    let ykc = || {
        let mut lines =
            include_str!("golden/layouts.jsonl").lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
        let json = lines.find(|json| json["name"] == name && json["dialect"].is_null());
        compose(&json.unwrap_or_else(|| panic!("no frame {name}")), Options::default()).unwrap()
    };
    frames.into_iter().find(|(what, _)| *what == name).map_or_else(ykc, |(_, bytes)| bytes)
}

/// A frame with other values in some of its fields.
fn with(frame: &[u8], values: &Json) -> Vec<u8> {
    let mut json = serde_json::to_value(FrameJson::new(&explained(frame), Lang::En)).unwrap();
    for (name, value) in values.as_object().unwrap() {
        let fields = json["fields"].as_array_mut().unwrap();
        let field = fields.iter_mut().find(|field| field["name"] == *name);
        field.unwrap_or_else(|| panic!("no field {name}"))["value"] = value.clone();
    }
    for made in ["crc", "checksum", "corrected"] {
        json.as_object_mut().unwrap().remove(made);
    }
    compose(&json, Options::default()).unwrap()
}

/// A lawful frame with other values in some fields.
fn values(rows: &[(&'static str, &str, Json)]) -> Vec<Case> {
    let case = |(code, name, values): &(&'static str, &str, Json)| {
        let right = golden(name);
        bytes(code, &with(&right, values), &right)
    };
    rows.iter().map(case).collect()
}

fn bytes(code: &'static str, wrong: &[u8], right: &[u8]) -> Case {
    reports(code, explained(wrong), explained(right))
}

fn reports(code: &'static str, wrong: Report, right: Report) -> Case {
    Case { protocol: wrong.protocol.name(), code, wrong, right }
}

/// A frame with its length and check sum made right.
fn sealed(mut frame: Vec<u8>) -> Vec<u8> {
    let length = frame.len();
    if frame[0] == 0x68 {
        frame[1] = u8::try_from(length - 4).unwrap();
        let crc = crc16(&frame[2..length - 2]).to_le_bytes();
        frame[length - 2..].copy_from_slice(&crc);
    } else {
        frame[2..4].copy_from_slice(&u16::try_from(length).unwrap().to_le_bytes());
        frame[length - 1] = sum(&frame[6..length - 1]);
    }
    frame
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

/// A frame with other bytes from an offset on.
fn patched(frame: &[u8], offset: usize, bytes: &[u8]) -> Vec<u8> {
    let mut patched = frame.to_vec();
    patched[offset..offset + bytes.len()].copy_from_slice(bytes);
    patched
}

/// A lawful frame with other bytes from an offset on, and whose check sum holds.
fn contents(rows: &[(&'static str, &str, usize, &[u8])]) -> Vec<Case> {
    let case = |(code, name, offset, other): &(&'static str, &str, usize, &[u8])| {
        let right = golden(name);
        bytes(code, &sealed(patched(&right, *offset, other)), &right)
    };
    rows.iter().map(case).collect()
}

/// A lawful frame whose body has other bytes from an offset on, more or fewer.
fn lengths(rows: &[(&'static str, &str, usize, usize, &[u8])]) -> Vec<Case> {
    let case = |(code, name, offset, remove, insert): &(&'static str, &str, usize, usize, &[u8])| {
        let right = golden(name);
        let wrong = [&right[..*offset], insert, &right[offset + remove..]].concat();
        bytes(code, &sealed(wrong), &right)
    };
    rows.iter().map(case).collect()
}

/// What surrounds frames of both protocols.
fn surroundings(right: &[u8]) -> Vec<Case> {
    let digits = hex(right);
    let odd =
        inspect_chunks(&read_input(format!("{digits}7").as_bytes()).unwrap(), Options::default()).reports.remove(0);
    let (mut turned, mut went) = (explained(right), explained(right));
    let direction = went.direction.unwrap();
    turned.went(if direction == Direction::Up { Direction::Down } else { Direction::Up });
    went.went(direction);
    vec![
        reports("odd-digits", odd, explained(right)),
        reports("wrong-direction", turned, went),
        bytes("skipped-bytes", &[&[1, 2], right].concat(), right),
        bytes("skipped-bytes", &[right, &[1, 2]].concat(), right),
        bytes("incomplete", &right[..right.len() - 3], right),
        bytes("incomplete", &right[..3], right),
    ]
}

const SIGN_IN: &str = "sign-in of a pile with two connectors, V4.9";
const HEARTBEAT: &str = "heartbeat, connector 1 plugged in";
const STATUS: &str = "status of a charging connector: 350 V, 100 A, 5.833 kWh, 8.75 yuan";
const STOP: &str = "stop charging";
const STOPPED: &str = "stopped";
const START: &str = "start at once, until full";
const RECORD: &str = "found in the field, names replaced: record of 0.001 kWh, V5";
const TARIFF: &str = "set the same tariff";
const BOTH_PRICES: &str = "set a time-of-use tariff";
const TAKEN: &str = "record taken, with a discount";

/// AA F5: what stands around bodies.
fn aaf5_frames() -> Vec<Case> {
    let right = golden(STOPPED);
    let end = right.len() - 1;
    let with_sum = |sum: u8| patched(&right, end, &[sum]);
    let crc = crc16(&right[6..end]).to_le_bytes();
    let with_crc = patched(&[&right[..end], &crc].concat(), 2, &[right[2] + 1]);
    let sign_in = golden(SIGN_IN);
    let mut eleven = [&sign_in[..5], &[1, 0, 0, 0, 106, 0], &sign_in[8..]].concat();
    eleven[2] += 3;
    let last = eleven.len() - 1;
    eleven[last] = sum(&eleven[..last]);
    let mut six_more = patched(&sign_in, 2, &[sign_in[2] + 6]);
    six_more[sign_in.len() - 1] = sum(&six_more[..sign_in.len() - 1]);
    let status = golden("status answer");
    vec![
        bytes("checksum-wrong", &with_sum(0x5A), &right),
        bytes("checksum-other", &with_sum(sum(&right[..end])), &right),
        bytes("checksum-crc", &with_crc, &right),
        bytes("checksum-missing", &patched(&right[..end], 2, &[right[2] - 1]), &right),
        bytes("length-wrong", &patched(&right, 2, &[right[2] - 9]), &right),
        bytes("relative", &eleven, &sign_in),
        bytes("relative", &six_more, &sign_in),
        bytes("command-big-endian", &patched(&status, 6, &[0, 103]), &status),
        bytes("encrypted", &patched(&right, 4, &[0x82]), &right),
        bytes("unknown-type", &golden("a command that nobody knows"), &right),
        bytes("other-version", &golden("answer to a sign-in, 9 bytes as V3 has it"), &sign_in),
    ]
}

/// AA F5: what stands in bodies.
fn aaf5_bodies() -> Vec<Case> {
    let mut cases = values(&[
        ("reserved-used", STOP, json!({"reserved1": "1122"})),
        ("code-of-the-rest", STOPPED, json!({"result": 7})),
        ("unknown-code", STATUS, json!({"work_state": 99})),
        ("out-of-range", STATUS, json!({"soc": 101})),
        ("big-endian", STATUS, json!({"dc_voltage": 4404.5})),
        ("connector-zero", STATUS, json!({"connector_number": 0})),
        ("connector-above-count", STATUS, json!({"connector_number": 3})),
        ("charging-unplugged", STATUS, json!({"plug": "unplugged"})),
        ("amount-sum", STATUS, json!({"service_amount": 5})),
        ("energy-not-meter-difference", STATUS, json!({"meter_now": 1006.83})),
        ("meter-runs-backwards", STATUS, json!({"meter_now": 999.0})),
        ("clock-not-set", SIGN_IN, json!({"pile_time": "2000-01-01T00:00:05"})),
        ("pile-code-zero", HEARTBEAT, json!({"pile_code": ""})),
        ("text-characters", HEARTBEAT, json!({"pile_code": "P.1"})),
        ("limit-too-small", START, json!({"strategy": "by_time", "strategy_argument": 299})),
        ("limit-too-small", START, json!({"strategy": "by_amount", "strategy_argument": 99})),
        ("limit-too-small", START, json!({"strategy": "by_energy", "strategy_argument": 99})),
        ("offline-unlimited", START, json!({"offline_energy": 0})),
        ("reservation-without-time", START, json!({"start_mode": "scheduled", "start_time": null})),
        ("reservation-without-time", START, json!({"start_mode": "reservation"})),
        ("parameter-unknown", "query a text parameter", json!({"index": 99})),
        ("parameter-unknown", "query three integer parameters", json!({"first_index": 38, "count": 1})),
        ("parameter-read-only", "set address and port of the server", json!({"first_index": 81})),
        ("address-without-port", "set address and port of the server", json!({"first_index": 24})),
        ("control-argument", STOP, json!({"arguments[0].value": 1})),
        ("byte-count", "set the clock", json!({"byte_count": 7})),
        ("tariff-periods", TARIFF, json!({"periods[1].start_hour": 11})),
        ("tariff-periods", TARIFF, json!({"periods[1].start_hour": 9})),
        ("tariff-periods", TARIFF, json!({"periods[1].end_hour": 10})),
        ("tariff-periods", TARIFF, json!({"periods[0].end_minute": 15})),
        ("tariff-periods", TARIFF, json!({"periods[2].end_hour": 23})),
        ("tariff-rest", TARIFF, json!({"periods[3].electricity_price": 1})),
        (
            "price-unit",
            TARIFF,
            json!({
                "periods[0].electricity_price": 120.0, "periods[1].electricity_price": 100.0, "periods[2].electricity_price": 46.0,
            }),
        ),
        (
            "price-unit",
            BOTH_PRICES,
            json!({
                "periods[0].electricity_price": 0.003, "periods[0].service_price": 0.005,
                "periods[1].electricity_price": 0.008, "periods[1].service_price": 0.005,
            }),
        ),
        (
            "encryption-without-key",
            "answer to it, with clock, records of 0.001 kWh wanted",
            json!({"encryption": "aes"}),
        ),
        ("success-with-reason", "plug and charge accepted", json!({"refusal": "blocked"})),
        ("refused-without-reason", "plug and charge accepted", json!({"result": "refused"})),
        ("clock-not-set", SIGN_IN, json!({"pile_time": "2165-01-01T00:00:00"})),
        ("vin-needed-without-vin", "card accepted", json!({"vin_needed": "needed"})),
        ("amount-sum", TAKEN, json!({"discount": 0})),
        ("amount-sum", TAKEN, json!({"service_amount": 1})),
        ("vin-unusual", "plug and charge asked for", json!({"vin": "LTESTO00000000000"})),
        ("energy-not-meter-difference", RECORD, json!({"meter_stop": 2000.0, "meter_start": 1925.0})),
        ("meter-runs-backwards", RECORD, json!({"meter_stop": 1.0})),
        ("ends-before-start", RECORD, json!({"end_time": "2026-07-28T01:01:54"})),
        ("duration-not-time-difference", RECORD, json!({"charging_seconds": 4000})),
        ("service-above-total", RECORD, json!({"service_amount": 48.0})),
        ("digit-above-nine", RECORD, json!({"energy_digit": 0.011})),
        ("digit-counted-twice", RECORD, json!({"total_energy": 74.874})),
        (
            "energy-outside-charge",
            RECORD,
            json!({"start_time": "2026-07-28T12:01:54", "end_time": "2026-07-28T13:34:54"}),
        ),
    ]);
    let reversed = [0xFF, 0x05, 0x04, 0x15, 0x02, 0x01, 0x26, 0x20];
    cases.extend(contents(&[
        ("count-mismatch", "set address and port of the server", 17, &[3]),
        ("energy-sum", RECORD, 183, &[0; 4]),
        ("time-impossible", SIGN_IN, 68, &[0x13]),
        ("time-reversed", SIGN_IN, 66, &reversed),
        ("time-end", SIGN_IN, 73, &[0]),
        ("text-padded-with-spaces", HEARTBEAT, 28, &[b' '; 16]),
        ("text-garbage", HEARTBEAT, 32, &[0x5A]),
        ("text-not-ascii", HEARTBEAT, 14, &[0xC3]),
    ]));
    cases.extend(lengths(&[
        ("body-too-short", "heartbeat answer", 13, 1, &[]),
        ("trailing-bytes", "heartbeat answer", 14, 0, &[1, 2, 3]),
    ]));
    cases
}

/// YKC: what stands around bodies.
fn ykc_frames() -> Vec<Case> {
    let right = golden("heartbeat_response");
    let end = right.len() - 2;
    let with_crc = |crc: [u8; 2]| patched(&right, end, &crc);
    let shifted = |polynomial: u16| {
        let step = |crc: u16| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ polynomial };
        let crc = |crc: u16, byte: &u8| (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| step(crc));
        right[2..end].iter().fold(0xFFFF, crc).to_be_bytes()
    };
    let counted: Vec<u8> = (0..159_u16).map(|byte| byte as u8).collect();
    let version2 = [&[0x68, 0x00, 0x9F][..], &counted, &crc16(&counted).to_le_bytes()].concat();
    let like_version2 = b"\x68\x00\x30\0\x01\x10\x27\x0A\x08\x1F\x01\x1A\0\x01";
    let (confirm, tariff, record) =
        (golden("transaction_record_confirm"), golden("tariff_response"), golden("transaction_record"));
    let ascii_slots: Vec<u8> = tariff[48..96].iter().map(|slot| slot + b'0').collect();
    // The readings without their fifth bytes.
    let short_readings = [&record[..112], &record[113..117], &record[118..]].concat();
    vec![
        bytes("crc-wrong", &with_crc([0x12, 0x34]), &right),
        bytes("crc-0x180d", &with_crc(shifted(0x180D)), &right),
        bytes("crc-wrong-range", &with_crc(crc16(&right[..end]).to_le_bytes()), &right),
        bytes("crc-other-algorithm", &with_crc(shifted(0x1021)), &right),
        bytes("crc-high-byte-first", &with_crc([right[end + 1], right[end]]), &right),
        bytes("length-wrong", &patched(&right, 1, &[9]), &right),
        bytes("version-2", &version2, &right),
        bytes("version-2", &[&like_version2[..], &[0; 39]].concat(), &right),
        bytes("encrypted", &sealed(patched(&right, 4, &[1])), &right),
        bytes("encrypted", &sealed(patched(&right, 4, &[0x33])), &right),
        bytes("unknown-type", &sealed(patched(&right, 5, &[0xEE])), &right),
        bytes("body-of-other-type", &sealed(patched(&confirm, 5, &[6])), &confirm),
        bytes("ascii-digit", &sealed(patched(&tariff, 48, &ascii_slots)), &tariff),
        bytes("record-before-v15", &sealed(short_readings), &record),
        bytes("other-dialect", &gongniu_key(), &right),
    ]
}

/// A frame that another dialect reads.
fn gongniu_key() -> Vec<u8> {
    let options = Options { dialect: voltapile_protocol::ykc::Dialect::Gongniu, ..Options::default() };
    let fields = json!({"pile_code": "32010600213533", "key": "MFwwDQYJ", "execute_mode": "now"});
    compose(&json!({"name": "key_update_request", "fields": fields}), options).unwrap()
}

/// YKC: what stands in bodies.
fn ykc_bodies() -> Vec<Case> {
    let mut cases = values(&[
        ("unknown-code", "realtime_report", json!({"connector_state": 9})),
        ("out-of-range", "realtime_report", json!({"soc": 130})),
        ("connector-zero", "heartbeat_request", json!({"connector_number": 0})),
        ("heartbeat-ack-not-zero", "heartbeat_response", json!({"heartbeat_ack": 5})),
        ("stop-reason-zero", "transaction_record", json!({"stop_reason": 0})),
        ("pile-code-zero", "heartbeat_response", json!({"pile_code": "00000000000000"})),
        ("transaction-of-other-pile", "remote_start_request", json!({"transaction_number": "99".repeat(16)})),
        ("fault-bit-base", "realtime_report", json!({"hardware_faults": ["bit_0"]})),
        ("reason-in-result", "remote_start_response", json!({"start_result": 5})),
        ("success-with-reason", "remote_start_response", json!({"fail_reason": 2})),
        ("amount-sum", "transaction_record", json!({"total_amount": 1})),
        (
            "energy-sum",
            "transaction_record",
            json!({"valley_energy": 1.0, "valley_energy_with_loss": 0.0, "valley_unit_price": 0}),
        ),
        ("amount-not-energy-times-price", "transaction_record", json!({"peak_unit_price": 1.36})),
        ("energy-not-meter-difference", "transaction_record", json!({"meter_start": 1.0})),
        ("meter-runs-backwards", "transaction_record", json!({"meter_stop": 1.0})),
        ("ends-before-start", "transaction_record", json!({"end_time": "2026-01-31T08:00:00"})),
        ("qr-prefix-too-long", "qr_prefix_request", json!({"prefix": "x".repeat(201)})),
        ("vin-unusual", "vehicle_report", json!({"vin": "LFPHC7PE8MOA12345"})),
    ]);
    cases.extend(contents(&[
        ("ascii-digit", "transaction_record_confirm", 22, b"0"),
        ("ascii-digit", "heartbeat_request", 13, b"1"),
        ("ascii-digit", "heartbeat_response", 14, b"0"),
        ("ascii-digit", "tariff_response", 47, b"5"),
        ("slot-without-tier", "tariff_response", 50, &[9]),
        ("bcd-not-decimal", "heartbeat_response", 7, &[0x1A]),
        ("bcd-not-decimal", "login_request", 34, &[0x5F]),
        ("pile-code-ascii", "heartbeat_response", 6, b"3201060"),
        ("time-impossible", "clock_sync_request", 18, &[13]),
        ("time-marked-invalid", "clock_sync_request", 15, &[0x80 | 15]),
        ("count-mismatch", "offline_card_clear_request", 13, &[5]),
        ("text-too-short", "qr_prefix_request", 14, &[99]),
        ("vin-order", "start_request", 40, b"1M8GDM9AXKP042788"),
        ("big-endian", "tariff_response", 15, &110_000_u32.to_be_bytes()),
    ]));
    cases.extend(lengths(&[
        ("body-too-short", "clock_sync_request", 15, 5, &[]),
        ("trailing-bytes", "clock_sync_request", 20, 0, &[1, 2, 3]),
        ("argument-width", "reboot_request", 13, 1, &[0, 0, 0, 1]),
        ("year-of-four-digits", "parallel_remote_start_request", 50, 0, &[0x20]),
    ]));
    cases
}

fn cases() -> Vec<Case> {
    let around = [STOPPED, "heartbeat_response"].into_iter().flat_map(|name| surroundings(&golden(name)));
    around.chain(aaf5_frames()).chain(aaf5_bodies()).chain(ykc_frames()).chain(ykc_bodies()).collect()
}

fn codes(report: &Report) -> Vec<&'static str> {
    report.findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn each_is_found_in_its_frame_and_nothing_in_the_lawful_one() {
    for Case { protocol, code, wrong, right } in cases() {
        let lawful = codes(&right);
        let about = format!("{protocol} {code}: {:?}, lawful {:?}", wrong.findings, right.findings);
        assert!(right.findings.iter().all(|finding| finding.severity == Severity::Info), "{about}");
        let found: Vec<&str> = codes(&wrong).into_iter().filter(|code| !lawful.contains(code)).collect();
        assert_eq!(found, [code], "{about}");
        if let Some(corrected) = wrong.corrected {
            assert_eq!(hex(&corrected), hex(&right.raw), "{about}");
        }
    }
}

/// What the inspector may find by its source: names in `kebab-case`, and what stands first behind `Finding::new`. Each with
/// whether only AA F5 has it.
fn in_source(folder: &Path, found: &mut BTreeSet<(String, bool)>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            in_source(&entry, found);
            continue;
        }
        let text = std::fs::read_to_string(&entry).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        let is_name = |literal: &&str| {
            let letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
            literal.starts_with(|first: char| first.is_ascii_lowercase()) && literal.chars().all(letter)
        };
        let first = text.split("Finding::new(").skip(1).filter_map(|call| call.split('"').nth(1));
        let hyphenated = text.split('"').skip(1).step_by(2).filter(|literal| literal.contains('-'));
        let is_aaf5 = folder.ends_with("rules/aaf5");
        found.extend(first.chain(hyphenated).filter(is_name).map(|name| (name.to_owned(), is_aaf5)));
    }
}

#[test]
fn whatever_can_be_found_has_its_frames() {
    let mut names = BTreeSet::new();
    in_source(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/inspect"), &mut names);
    assert!(names.len() > 80, "{names:?}");
    let cases: BTreeSet<(&str, &str)> = cases().iter().map(|case| (case.code, case.protocol)).collect();
    for (name, is_aaf5) in &names {
        let has = |protocol| cases.contains(&(name.as_str(), protocol));
        assert!(has("aaf5") || (!is_aaf5 && has("ykc")), "{name} has no frame in which it is found");
    }
}

#[test]
fn whatever_can_be_found_stands_in_the_documents() {
    let cases: BTreeSet<&str> = cases().iter().map(|case| case.code).collect();
    for document in [include_str!("../../../docs/inspector.md"), include_str!("../../../docs/inspector.zh-CN.md")] {
        let rows = document.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1));
        let told: BTreeSet<&str> = rows.flat_map(|names| names.split('`').skip(1).step_by(2)).collect();
        let missing: Vec<&&str> = cases.iter().filter(|code| !told.contains(*code)).collect();
        let gone: Vec<&&str> = told.iter().filter(|name| !name.starts_with("--") && !cases.contains(*name)).collect();
        assert!(missing.is_empty() && gone.is_empty(), "missing {missing:?}, gone {gone:?}");
    }
}

//! `voltapile replay` of AA F5 piles against the real server.

use std::process::Output;

use serde_json::json;
use voltapile_capture::Side;
use voltapile_protocol::aaf5::code::{FineEnergy, ParameterAction, WorkState};
use voltapile_protocol::aaf5::field::ConnectorNumber;
use voltapile_protocol::aaf5::message::*;
use voltapile_protocol::wire::{BcdTime, BytesToEnd, Celsius, SignedAmps, Text, Volts, Yuan, YuanPerKwh};

use super::sample::{PILE, capture, frames};
use crate::replay::settled;
use crate::stage::Stage;
use crate::{file, json_lines, run, stderr, stdout};

/// The number of the customer's card on the stage.
const CARD: &str = "1000000000000001";
/// What the platform called the order then.
const THEN: &str = "SH-Pile_0042012601310815300001";
const BEGIN: BcdTime = BcdTime([0x20, 0x26, 0x01, 0x31, 0x08, 0x00, 0x00, 0xFF]);
const END: BcdTime = BcdTime([0x20, 0x26, 0x01, 0x31, 0x08, 0x20, 0x00, 0xFF]);

/// What the platform sets: the clock, as it was then.
fn clock() -> TextParameterRequest {
    let value = BytesToEnd(BEGIN.0.as_slice().into());
    TextParameterRequest { action: ParameterAction::Set, index: 2, byte_count: 8, value, ..Default::default() }
}

/// The stage's prices: electricity for 0.80 CNY all day.
fn tariff() -> TariffSetRequest {
    let mut request = TariffSetRequest::default();
    request.periods[0] =
        TariffPeriod { end_hour: 24, electricity_price: YuanPerKwh::from_raw(80), ..TariffPeriod::default() };
    request
}

/// And service for 0.40.
fn service_price() -> IntegerParameterRequest {
    IntegerParameterRequest {
        action: ParameterAction::Set,
        first_index: 27,
        count: 1,
        byte_count: 4,
        values: vec![IntegerValue { value: 40 }],
        ..IntegerParameterRequest::default()
    }
}

/// A charge by card: the pile signs in, asks for the card, reports, and hands in its record.
fn charge() -> Vec<(Side, Message)> {
    let text = |text| Text::new(text).unwrap();
    let (pile_code, card_number, connector_number) = (text(PILE), text(CARD), ConnectorNumber(1));
    let transaction_number = text(THEN);
    let status = |work_state, transaction: &str| {
        let report = StatusReport {
            pile_code,
            connector_count: 1,
            connector_number,
            work_state,
            dc_voltage: Volts::from_raw(3864),
            dc_current: SignedAmps(1250),
            outlet_temperature: Some(Celsius::from_raw(85)),
            ambient_temperature: Some(Celsius::from_raw(72)),
            gun_temperature: Some(Celsius::from_raw(91)),
            vin: Some(Default::default()),
            vin_end: Some(Default::default()),
            stowed: Some(Default::default()),
            limiting: Some(Default::default()),
            door_reserved: Some(Default::default()),
            transaction_number: Some(Text::new(transaction).unwrap()),
            ..StatusReport::default()
        };
        [
            (Side::Client, report.into()),
            (
                Side::Server,
                StatusResponse { connector_number, report_now: Some(Default::default()), ..StatusResponse::default() }
                    .into(),
            ),
        ]
    };
    let mut said: Vec<(Side, Message)> = vec![
        (
            Side::Client,
            SignInRequest { pile_code, connector_count: 1, random: Some(77), ..SignInRequest::default() }.into(),
        ),
        (
            Side::Server,
            SignInResponse {
                random: Some(77),
                login_check: Some(Default::default()),
                encryption: Some(Default::default()),
                rsa_modulus: Some(Default::default()),
                rsa_exponent: Some(0),
                service: Some(Default::default()),
                platform_time: Some(BEGIN),
                fine_energy: Some(FineEnergy::Supported),
                aes_key: Some(Default::default()),
                ..SignInResponse::default()
            }
            .into(),
        ),
        // The pile has another tariff and no clock: the platform asks, and sets both.
        (Side::Server, TariffQuery::default().into()),
        (Side::Server, clock().into()),
        (Side::Client, TariffQueryResponse::default().into()),
        (
            Side::Client,
            TextParameterResponse { pile_code, action: ParameterAction::Set, index: 2, ..Default::default() }.into(),
        ),
        (Side::Server, tariff().into()),
        (Side::Client, TariffSetResponse::default().into()),
        (Side::Server, service_price().into()),
        (
            Side::Client,
            IntegerParameterResponse {
                pile_code,
                action: ParameterAction::Set,
                first_index: 27,
                count: 1,
                ..IntegerParameterResponse::default()
            }
            .into(),
        ),
    ];
    said.extend(status(WorkState::Idle, ""));
    said.extend([
        (
            Side::Client,
            AccountQueryRequest {
                pile_code,
                card_number,
                password_md5: Some(Default::default()),
                sector_random: Some(Default::default()),
                card_serial: Some(0),
                auth_method: Some(Default::default()),
                connector_number: Some(connector_number),
                ..AccountQueryRequest::default()
            }
            .into(),
        ),
        (
            Side::Server,
            AccountQueryResponse {
                account_balance: Yuan::from_raw(50_000),
                transaction_number: Some(transaction_number),
                vin: Some(Default::default()),
                connector_number: Some(connector_number),
                ..AccountQueryResponse::default()
            }
            .into(),
        ),
    ]);
    said.extend(status(WorkState::Charging, THEN));
    said.extend(status(WorkState::Finished, THEN));
    said.extend([
        (
            Side::Client,
            ChargeRecord {
                pile_code,
                connector_number,
                card_number,
                start_time: BEGIN,
                end_time: END,
                record_index: 5,
                transaction_number: Some(transaction_number),
                ..ChargeRecord::default()
            }
            .into(),
        ),
        (
            Side::Server,
            RecordConfirm {
                connector_number,
                card_number,
                record_index: Some(5),
                amounts_valid: Some(Default::default()),
                full_amount: Some(Default::default()),
                discount: Some(Default::default()),
                charged_amount: Some(Default::default()),
                account_balance: Some(Default::default()),
                electricity_amount: Some(Default::default()),
                service_amount: Some(Default::default()),
                ..RecordConfirm::default()
            }
            .into(),
        ),
    ]);
    said
}

/// Replays the charge as fast as the platform answers.
fn replay(stage: &Stage, more: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "charge.pcapng", &capture(&[frames(&charge())], 1400));
    let address = stage.server.piles.to_string();
    run(&[&["replay", &path, "--server", &address, "--speed", "max"], more].concat())
}

#[test]
fn the_same_platform_answers_the_same() {
    let stage = Stage::new(&[PILE]);
    let output = replay(&stage, &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    let lines = json_lines(&output);
    let summary = json!({"connections": 1, "sent": 10, "same": 10, "different": 0, "missing": 0, "unasked": 0});
    assert_eq!(lines, [json!({"summary": summary})]);
    // The platform has numbered the order anew, and the pile's reports and record carried that number.
    assert_ne!(settled(&stage, PILE)["transaction_number"], THEN);
}

#[test]
fn another_pile_says_the_same() {
    let stage = Stage::new(&["Other-Pile_9"]);
    let output = replay(&stage, &["--pile", "SH-Pile_0042=Other-Pile_9"]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    assert_eq!(settled(&stage, "Other-Pile_9")["stop_name"], "ended_normally");
}

#[test]
fn a_platform_that_does_not_know_the_pile_is_different() {
    let stage = Stage::new(&[]);
    let output = replay(&stage, &[]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("CMD 105 sign-in answer is missing"), "{text}");
    assert!(text.contains("the platform closed the connection, 9 frames were not sent"), "{text}");
}

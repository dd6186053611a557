//! Charges from the start to the bill: by the platform, by card, by vehicle.

use serde_json::{Value, json};
use voltapile_protocol::aaf5::code::{
    AccountAnswer, AuthMethod, ControlIndex, OfflineCharging, StartFailure, StartMode, StartStrategy, VinRefusal,
    VinResult, WorkState,
};
use voltapile_protocol::aaf5::field::ConnectorNumber;
use voltapile_protocol::aaf5::message::{
    AccountQueryRequest, AccountQueryResponse, BmsReport, ControlRequest, ControlResponse, StartCompleteReport,
    StartRequest, StartResponse, StatusReport, VinStartRequest, VinStartResponse,
};
use voltapile_protocol::wire::{BcdTime, CivilTime, KilowattHours, KilowattHours8, Quantity, Vin};

use super::pile::{now, text};
use super::records::pay;
use super::tariffs::{day, on_stage};
use super::{PILE, Pile, take};
use crate::business::stage::{CUSTOMER, Stage, card_text, fen};
use crate::support::{Setup, eventually};

/// A stage with the pile in its station, where a kWh costs 1.60 yuan all day.
pub(super) fn stage() -> (Stage, Pile) {
    stage_on(Setup::new())
}

/// The same on a server that is set up otherwise.
pub(super) fn stage_on(setup: Setup) -> (Stage, Pile) {
    on_stage(setup, &day(&[("00:00", "24:00", "peak")], "1.00", "0.60"))
}

/// Has a start sent to the pile; gives the order and what the pile was told.
#[track_caller]
fn start(stage: &Stage, pile: &mut Pile, options: Value) -> (Value, StartRequest) {
    let body = json!({"pile": PILE, "connector": 1, "account": CUSTOMER, "limit": "30.00", "options": options});
    let order = stage.api.post("orders", &body).ok();
    let told = take!(pile, StartRequest);
    assert_eq!(told.transaction_number.unwrap().text(), order["transaction_number"].as_str().unwrap());
    (order, told)
}

/// The pile takes the start.
fn started(pile: &Pile, told: &StartRequest) -> StartResponse {
    StartResponse {
        pile_code: pile.code,
        connector_number: told.connector_number,
        transaction_number: told.transaction_number,
        ..StartResponse::default()
    }
}

/// The pile takes the start and charges.
#[track_caller]
pub(super) fn charge(stage: &Stage, pile: &mut Pile) -> (Value, String) {
    let (order, told) = start(stage, pile, json!({}));
    pile.send(started(pile, &told));
    let number = told.transaction_number.unwrap().text();
    pile.report(WorkState::Preparing, &number);
    pile.report(WorkState::Charging, &number);
    stage.until(&order, "charging");
    (order, number)
}

#[test]
fn a_charge_is_started_measured_stopped_and_paid() {
    let (stage, mut pile) = stage();
    let (order, number) = charge(&stage, &mut pile);
    let energy = StatusReport {
        total_energy: KilowattHours::from_raw(99),
        energy_digit: Some(KilowattHours8::from_raw(4)),
        electricity_amount: Some(Default::default()),
        service_amount: Some(Default::default()),
        holster: Some(Default::default()),
        parking_lock: Some(Default::default()),
        ..pile.status(WorkState::Charging, &number)
    };
    pile.send(energy);
    pile.send(BmsReport { pile_code: pile.code, ..BmsReport::default() });
    take!(pile, BmsConfirm);
    let shown = stage.api.get(&format!("piles/{PILE}")).ok();
    let telemetry = &shown["connectors"][0]["telemetry"];
    assert_eq!((&telemetry["energy"], &telemetry["plugged"]), (&json!("0.9940"), &json!(true)), "{telemetry:#}");

    let stop = stage.api.act(&format!("orders/{}/stop", order["id"])).ok();
    let ControlRequest { connector_number, first_index, arguments, .. } = take!(pile, ControlRequest);
    assert_eq!((first_index, arguments[0].value), (ControlIndex::StopCharging, 0x55));
    pile.send(ControlResponse { pile_code: pile.code, connector_number, first_index, count: 1, ..Default::default() });
    assert_eq!(stage.api.get(&format!("commands/{}?wait=20s", stop["id"])).ok()["state"], "succeeded");
    pile.report(WorkState::Finished, &number);
    pay(&mut pile, &number);
    let settled = stage.until(&order, "settled");
    assert_eq!(fen(&settled["charged"]), 160, "{settled:#}");
    let messages = format!("orders/{}/bms", order["id"]);
    eventually("the battery's messages", || {
        let messages = stage.api.get(&messages).ok();
        messages["items"].as_array().unwrap().iter().any(|message| message["kind"] == "bms_report").then_some(())
    });
}

#[test]
fn a_start_without_options_forbids_charging_offline() {
    let (stage, mut pile) = stage();
    let (order, told) = start(&stage, &mut pile, json!({}));
    assert_eq!(
        (told.start_mode, told.strategy, told.stop_password),
        (StartMode::Immediate, StartStrategy::UntilFull, 0)
    );
    // Nothing at all would be no bound.
    assert_eq!((told.offline_charging, told.offline_energy.raw()), (OfflineCharging::Forbidden, 1));
    assert_eq!(told.account_balance.unwrap().raw(), 3_000);
    pile.send(StartResponse { result: StartFailure(13), ..started(&pile, &told) });
    assert_eq!(stage.until(&order, "failed")["failure"], "already_charging");
}

#[test]
fn each_option_has_its_place_in_the_start() {
    let (stage, mut pile) = stage();
    for (options, strategy, argument) in [
        (json!({"limit": {"seconds": 3600}}), StartStrategy::ByTime, 3600),
        (json!({"limit": {"amount": "20.00"}}), StartStrategy::ByAmount, 2000),
        (json!({"limit": {"energy": "12.34"}}), StartStrategy::ByEnergy, 1234),
    ] {
        let (order, told) = start(&stage, &mut pile, options);
        assert_eq!((told.strategy, told.strategy_argument), (strategy, argument));
        pile.send(StartResponse { result: StartFailure(1), ..started(&pile, &told) });
        assert_eq!(stage.until(&order, "failed")["failure"], "gun_not_plugged");
    }
    let (order, told) = start(&stage, &mut pile, json!({"stop_password": "2468", "offline_energy": "5"}));
    assert_eq!(told.stop_password, 2468);
    assert_eq!((told.offline_charging, told.offline_energy.raw()), (OfflineCharging::Allowed, 500));
    pile.send(StartResponse { result: StartFailure(1), ..started(&pile, &told) });
    stage.until(&order, "failed");
}

#[test]
fn a_start_may_be_for_later_with_the_connector_kept_or_not() {
    let (stage, mut pile) = stage();
    // In two hours; the piles' clock is eight ahead of UTC.
    let at_ms = now().unix_ms_in_china() / 1000 * 1000 + 2 * 3_600_000;
    let (at, utc) = (CivilTime::in_china(at_ms), CivilTime::in_china(at_ms - 8 * 3_600_000));
    for (hold_minutes, mode) in [(None, StartMode::Scheduled), (Some(30), StartMode::Reservation)] {
        let options = json!({"start_at": format!("{utc}Z"), "hold_minutes": hold_minutes});
        let (order, told) = start(&stage, &mut pile, options);
        assert_eq!((told.start_mode, told.start_time), (mode, BcdTime::new(at)));
        assert_eq!(told.hold_minutes.raw(), hold_minutes.unwrap_or_default());
        pile.send(StartResponse { result: StartFailure(16), ..started(&pile, &told) });
        assert_eq!(stage.until(&order, "failed")["failure"], "reserved_by_another_user");
    }
}

#[test]
fn a_start_that_is_taken_and_fails_later_is_told_by_the_pile() {
    let (stage, mut pile) = stage();
    let (order, told) = start(&stage, &mut pile, json!({}));
    pile.send(started(&pile, &told));
    pile.report(WorkState::Preparing, &told.transaction_number.unwrap().text());
    pile.send(StartCompleteReport {
        pile_code: pile.code,
        connector_number: ConnectorNumber(1),
        result: StartFailure(10),
        transaction_number: told.transaction_number,
        ..StartCompleteReport::default()
    });
    take!(pile, StartCompleteResponse);
    assert_eq!(stage.until(&order, "failed")["failure"], "bms_handshake_failed");
}

/// What a card at connector 1 is answered.
#[track_caller]
pub(super) fn swipe(pile: &mut Pile, card: &str) -> AccountQueryResponse {
    pile.send(AccountQueryRequest {
        pile_code: pile.code,
        card_number: text(card),
        password_md5: Some(Default::default()),
        sector_random: Some(Default::default()),
        card_serial: Some(0),
        auth_method: Some(AuthMethod::Card),
        connector_number: Some(ConnectorNumber(1)),
        ..AccountQueryRequest::default()
    });
    take!(pile, AccountQueryResponse)
}

#[test]
fn a_card_starts_a_charge_or_is_told_why_not() {
    let (stage, mut pile) = stage();
    assert_eq!(swipe(&mut pile, "0000000000004711").answer, AccountAnswer::UnknownCard);
    stage.card(7, CUSTOMER);
    let card = card_text(7);
    let answer = swipe(&mut pile, &card);
    assert_eq!((answer.answer, answer.connector_number), (AccountAnswer::Valid, Some(ConnectorNumber(1))));
    assert!(answer.account_balance.raw() > 0);
    let number = answer.transaction_number.unwrap().text();
    pile.report(WorkState::Charging, &number);
    pay(&mut pile, &number);
    let order = stage.api.items(&format!("orders?pile={PILE}")).remove(0);
    assert_eq!(fen(&stage.until(&order, "settled")["charged"]), 160);
    stage.account("poor", "0");
    stage.card(8, "poor");
    assert_eq!(swipe(&mut pile, &card_text(8)).answer, AccountAnswer::BalanceTooLow);
}

/// What a vehicle at connector 1 is answered.
#[track_caller]
fn plug_in(pile: &mut Pile, vin: &[u8; 17]) -> VinStartResponse {
    let (pile_code, connector_number) = (pile.code, ConnectorNumber(1));
    pile.send(VinStartRequest { pile_code, connector_number, vin: Vin(*vin), ..VinStartRequest::default() });
    take!(pile, VinStartResponse)
}

#[test]
fn a_vehicle_starts_a_charge_or_is_told_why_not() {
    let (stage, mut pile) = stage();
    let vin = b"LVPTEST10SA000001";
    let refused = plug_in(&mut pile, vin);
    assert_eq!((refused.result, refused.refusal), (VinResult::Refused, VinRefusal::VehicleUnknown));
    stage.api.put("vins/LVPTEST10SA000001", &json!({"account": CUSTOMER})).ok();
    let accepted = plug_in(&mut pile, vin);
    assert_eq!((accepted.result, accepted.vin), (VinResult::Accepted, Vin(*vin)));
    let number = accepted.transaction_number.text();
    pile.report(WorkState::Charging, &number);
    pay(&mut pile, &number);
    let order = stage.api.items(&format!("orders?pile={PILE}")).remove(0);
    assert_eq!(fen(&stage.until(&order, "settled")["charged"]), 160);
}

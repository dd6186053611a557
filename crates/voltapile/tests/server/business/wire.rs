//! Piles whose firmware does things no virtual pile does: spoken by hand.

use serde_json::{Value, json};
use voltapile_protocol::wire::{KilowattHours, MeterReading, Yuan};
use voltapile_protocol::ykc::code::Outcome;
use voltapile_protocol::ykc::field::{ConnectorNumber, TransactionNumber};
use voltapile_protocol::ykc::message::{
    Message, RealtimeReport, RemoteStartRequest, RemoteStartResponse, TransactionRecord,
};

use super::stage::{CUSTOMER, OPERATOR, STATION, Stage, fen};
use crate::support::Pile;
use crate::support::messages::{body_of, code, raw, record, telemetry};

/// A pile that has logged in, in a station where a kWh costs 1.60 yuan all day.
fn pile(stage: &Stage) -> Pile {
    let flat = json!({
        "name": "平价", "prices": {"peak": {"electricity": "1.60000", "service": "0"}},
        "periods": [{"from": "00:00", "to": "24:00", "tier": "peak"}],
    });
    stage.api.put("tariffs/flat", &flat).ok();
    let station = json!({"name": "北门站", "operator": OPERATOR, "tariff": "flat"});
    stage.api.put(&format!("stations/{STATION}"), &station).ok();
    stage.place(code(1));
    let mut pile = stage.dial(code(1));
    pile.log_in();
    pile
}

/// What the server sends next that is of a kind; whatever else it asks meanwhile is passed over.
#[track_caller]
fn take<T>(pile: &mut Pile, of_kind: impl Fn(Message) -> Option<T>) -> T {
    loop {
        if let Some(taken) = of_kind(pile.receive().message()) {
            return taken;
        }
    }
}

/// Has a start sent to the pile; gives the order and what the pile was told.
#[track_caller]
fn start(stage: &Stage, pile: &mut Pile) -> (Value, RemoteStartRequest) {
    let body = json!({"pile": code(1).to_string(), "connector": 1, "account": CUSTOMER, "limit": "30.00"});
    let order = stage.api.post("orders", &body).ok();
    let told = take(pile, |message| match message {
        Message::RemoteStartRequest(request) => Some(request),
        _ => None,
    });
    assert_eq!(told.transaction_number.to_string(), order["transaction_number"].as_str().unwrap());
    (order, told)
}

fn started(told: &RemoteStartRequest) -> RemoteStartResponse {
    RemoteStartResponse {
        transaction_number: told.transaction_number,
        pile_code: told.pile_code,
        connector_number: told.connector_number,
        start_result: Outcome::Succeeded,
        ..RemoteStartResponse::default()
    }
}

/// Connector 1 charges under a number, and has not delivered anything.
fn charging(transaction_number: TransactionNumber) -> RealtimeReport {
    let (energy, amount) = (KilowattHours::from_raw(0), Yuan::from_raw(0));
    let connector_number = ConnectorNumber(1);
    RealtimeReport { transaction_number, connector_number, energy, amount, ..telemetry(code(1)) }
}

/// A bill over one kWh for 1.60 yuan.
fn small_bill(transaction_number: TransactionNumber) -> TransactionRecord {
    let (energy, amount) = (KilowattHours::from_raw(10_000), Yuan::from_raw(16_000));
    TransactionRecord {
        peak_energy: energy,
        peak_energy_with_loss: energy,
        peak_amount: amount,
        total_energy: energy,
        total_energy_with_loss: energy,
        total_amount: amount,
        meter_stop: MeterReading::from_raw(1_010_000),
        ..record(code(1), transaction_number)
    }
}

/// Sends a bill, which is confirmed whatever is in it.
#[track_caller]
fn send_bill(pile: &mut Pile, bill: impl Into<Message>) {
    pile.send(bill);
    take(pile, |message| matches!(message, Message::TransactionRecordConfirm(_)).then_some(()));
}

#[track_caller]
fn assert_paid(stage: &Stage, order: &Value) {
    let settled = stage.until(order, "settled");
    assert_eq!(fen(&settled["charged"]), 160, "{settled:#}");
    assert_eq!(stage.money(CUSTOMER), (49_840, 0));
}

#[test]
fn a_reason_in_the_result_byte_is_understood() {
    let stage = Stage::new();
    let mut pile = pile(&stage);
    let (order, told) = start(&stage, &mut pile);
    pile.send(RemoteStartResponse { start_result: Outcome::Unknown(3), ..started(&told) });
    assert_eq!(stage.until(&order, "failed")["failure"], "device_fault");
}

#[test]
fn a_bill_that_overtakes_the_answer_to_the_start_settles_the_order() {
    let stage = Stage::new();
    let mut pile = pile(&stage);
    let (order, told) = start(&stage, &mut pile);
    send_bill(&mut pile, small_bill(told.transaction_number));
    assert_paid(&stage, &order);
    pile.send(started(&told));
    let command = stage.api.items(&format!("commands?order={}", order["id"])).remove(0);
    let ended = stage.api.get(&format!("commands/{}?wait=10s", command["id"])).ok();
    assert_eq!(ended["state"], "succeeded");
    assert_eq!(stage.order(&order)["state"], "settled", "late, it changes nothing");
}

#[test]
fn a_bill_that_cannot_be_read_waits_for_a_person_or_for_one_that_can() {
    let stage = Stage::new();
    let mut pile = pile(&stage);
    let (order, told) = start(&stage, &mut pile);
    pile.send(started(&told));
    pile.send(charging(told.transaction_number));
    stage.until(&order, "charging");
    let whole = small_bill(told.transaction_number);
    send_bill(&mut pile, raw(0x3B, &body_of(whole.clone())[..60]));
    let unreadable = stage.until(&order, "abnormal");
    assert_eq!(unreadable["abnormal_reason"], "record_unreadable");
    assert_eq!(stage.money(CUSTOMER), (50_000, 3_000), "nothing is decided");
    send_bill(&mut pile, whole);
    assert_paid(&stage, &order);
}

#[test]
fn a_bill_without_a_number_is_that_of_the_charge_that_its_card_tells() {
    let stage = Stage::new();
    let mut pile = pile(&stage);
    let (order, told) = start(&stage, &mut pile);
    pile.send(started(&told));
    // Nor do some piles name it at once while they charge.
    pile.send(charging(TransactionNumber::default()));
    stage.until(&order, "charging");
    // The card that it was given with the start still tells whose bill it is.
    let physical_card_number = told.physical_card_number;
    let nameless = small_bill(TransactionNumber::default());
    send_bill(&mut pile, TransactionRecord { physical_card_number, ..nameless });
    assert_paid(&stage, &order);
}

#[test]
fn a_charge_under_another_number_is_for_a_person() {
    let stage = Stage::new();
    let mut pile = pile(&stage);
    let (order, told) = start(&stage, &mut pile);
    pile.send(started(&told));
    pile.send(charging(told.transaction_number));
    stage.until(&order, "charging");
    let other = crate::support::messages::transaction(code(1), 4711);
    pile.send(charging(other));
    let order = stage.until(&order, "abnormal");
    assert_eq!(order["abnormal_reason"], "number_changed");
    let detail = order["evidence"][0]["detail"].as_str().unwrap();
    assert!(detail.contains(&other.to_string()), "{detail}");
    // Its own bill comes after all; what it is worth is still for a person to say.
    send_bill(&mut pile, small_bill(told.transaction_number));
    stage.event(0, "record.judged", |_| true);
    assert_eq!(stage.order(&order)["state"], "abnormal");
    let body = json!({"action": "settle_by_pile"});
    stage.api.post(&format!("orders/{}/resolve", order["id"]), &body).ok();
    assert_paid(&stage, &order);
}

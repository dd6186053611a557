//! What piles do in the field: refuse, err, break, and say things twice.

use serde_json::{Value, json};
use voltapile_protocol::wire::{Quantity, Yuan};
use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::code::RemoteStartFailure;
use voltapile_protocol::ykc::message::{Message, TransactionRecord};
use voltapile_simulator::model::{Action, Behaviour, Billing, BreakOff, RecordDelivery, StartBehaviour};

use super::stage::{CUSTOMER, OPERATOR, STATION, Sim, Stage, bill, card, card_text, fen, tariff};
use crate::support::messages::{self, code};
use crate::support::pile::take;

/// A decision about an abnormal order; the order afterwards.
#[track_caller]
fn resolve(stage: &Stage, order: &Value, action: &str) -> Value {
    let body = json!({"action": action, "note": "checked by hand"});
    stage.api.post(&format!("orders/{}/resolve", order["id"]), &body).ok()
}

/// What is noted of an order under a word.
#[track_caller]
fn evidence(order: &Value, what: &str) -> String {
    let found = order["evidence"].as_array().unwrap().iter().find(|evidence| evidence["what"] == what);
    found.unwrap_or_else(|| panic!("no {what} in {order:#}"))["detail"].as_str().unwrap().to_owned()
}

#[track_caller]
fn abnormal(stage: &Stage, order: &Value, reason: &str) -> Value {
    let order = stage.until(order, "abnormal");
    assert_eq!(order["abnormal_reason"], reason, "{order:#}");
    let work = stage.api.items(&format!("orders?state=abnormal&abnormal_reason={reason}"));
    assert!(work.iter().any(|one| one["id"] == order["id"]), "it is on the list");
    order
}

/// The record of an order as it came, to be sent again by somebody else.
#[track_caller]
fn record_on_the_wire(stage: &Stage, order: &Value) -> TransactionRecord {
    let raw = stage.record_of(order)["raw"].as_str().unwrap().to_owned();
    let bytes: Vec<u8> =
        (0..raw.len()).step_by(2).map(|at| u8::from_str_radix(&raw[at..at + 2], 16).unwrap()).collect();
    match Message::decode(0x3B, &bytes, Dialect::V16).unwrap() {
        Message::TransactionRecord(record) => record,
        other => panic!("{other:?}"),
    }
}

/// A bill that is a yuan too high, held for review.
fn overcharged(stage: &Stage, number: u8) -> (Sim, Value) {
    let billing = Billing::Overcharged(Yuan::from_raw(10_000));
    let pile = stage.pile_with(number, |setup| setup.behaviour.billing = billing);
    let order = stage.charge(&pile, 1);
    pile.stop(1);
    let order = abnormal(stage, &order, "bill_differs");
    (pile, order)
}

#[test]
fn a_start_fails_for_the_reason_that_the_pile_gives() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    for (reason, word) in [
        (RemoteStartFailure::PileCodeMismatch, "pile_code_mismatch"),
        (RemoteStartFailure::AlreadyCharging, "already_charging"),
        (RemoteStartFailure::DeviceFault, "device_fault"),
        (RemoteStartFailure::DeviceOffline, "device_offline"),
        (RemoteStartFailure::Tariff, "tariff"),
        (RemoteStartFailure::Updating, "updating"),
        (RemoteStartFailure::Disabled, "disabled"),
        (RemoteStartFailure::Unknown(0x77), "code_119"),
    ] {
        pile.behave(Behaviour { start: StartBehaviour::Refuses(reason), ..Behaviour::default() });
        let order = stage.until(&stage.start(&pile, 1), "failed");
        assert_eq!(order["failure"], word, "{order:#}");
        assert_eq!((&order["charged"], &order["reserved"]), (&Value::Null, &json!("0.00")));
        assert_eq!(stage.money(CUSTOMER), (50_000, 0));
        assert_eq!(stage.api.act(&format!("orders/{}/stop", order["id"])).problem(409), "order-ended");
    }
    assert_eq!(stage.events("type=order.failed").len(), 8);
    pile.behave(Behaviour::default());
    stage.finish(&stage.charge(&pile, 1));
}

#[test]
fn a_start_that_is_stopped_before_somebody_plugs_in_never_charges() {
    let stage = Stage::new();
    let pile = stage.pile_with(1, |setup| setup.behaviour.demands_plug = true);
    let order = stage.start(&pile, 1);
    let command = stage.api.act(&format!("orders/{}/stop?wait=10s", order["id"])).ok();
    assert_eq!(command["state"], "succeeded", "{command:#}");
    pile.plug(1);
    stage.until_connector(&pile, 1, "idle_plugged");
    assert!(pile.snapshot().charging().is_empty());
    assert_ne!(stage.order(&order)["state"], "charging");
}

#[test]
fn two_idle_reports_while_charging_need_a_person_who_can_decide_in_every_way() {
    let stage = Stage::new();
    let denies =
        Behaviour { reports_idle_while_charging: true, record_delivery: RecordDelivery::Held, ..Behaviour::default() };
    let piles: Vec<Sim> = (1..=3).map(|number| stage.pile(number)).collect();
    let orders: Vec<Value> = piles.iter().map(|pile| stage.charge(pile, 1)).collect();
    piles.iter().for_each(|pile| pile.behave(denies.clone()));
    let orders: Vec<Value> = orders.iter().map(|order| abnormal(&stage, order, "idle_while_charging")).collect();
    assert_eq!(orders[0]["actions"], json!(["settle_by_pile", "write_off", "ask_again"]));
    assert_eq!(fen(&orders[0]["reserved"]), 10_000, "nothing is decided");
    assert_eq!(
        stage
            .api
            .post(&format!("orders/{}/resolve", orders[0]["id"]), &json!({"action": "settle_by_ours"}))
            .problem(409),
        "action-not-possible"
    );
    let healthy = Behaviour { record_delivery: RecordDelivery::Held, ..Behaviour::default() };
    piles.iter().for_each(|pile| pile.behave(healthy.clone()));
    piles.iter().for_each(|pile| pile.stop(1));

    // Written off: nothing is paid; the record that comes after all is for a person again.
    let written_off = resolve(&stage, &orders[0], "write_off");
    assert_eq!((&written_off["state"], &written_off["charged"]), (&json!("settled"), &json!("0.00")));
    assert!(evidence(&written_off, "resolved").contains("checked by hand"));
    // Asked again: the record settles it.
    let asked = resolve(&stage, &orders[1], "ask_again");
    assert_eq!(asked["state"], "awaiting_record");
    piles[1].act(Action::ReleaseRecords);
    let settled = stage.until(&orders[1], "settled");
    assert_eq!(fen(&settled["charged"]), bill(&stage.record_of(&settled), &tariff()));
    // Left alone: the record settles it as well.
    piles[2].act(Action::ReleaseRecords);
    let healed = stage.until(&orders[2], "settled");
    assert!(evidence(&healed, "settled_by_record").contains("idle_while_charging"));
    let body = json!({"action": "write_off"});
    let answer = stage.api.post(&format!("orders/{}/resolve", healed["id"]), &body);
    assert_eq!(answer.problem(409), "order-not-abnormal");
    let paid = fen(&settled["charged"]) + fen(&healed["charged"]);
    assert_eq!(stage.money(CUSTOMER), (50_000 - paid, 0));
}

#[test]
fn a_record_sent_twice_is_paid_once() {
    let stage = Stage::new();
    let twice = Behaviour { record_delivery: RecordDelivery::Twice, ..Behaviour::default() };
    let pile = stage.pile_with(1, |setup| setup.behaviour = twice);
    let settled = stage.finish(&stage.charge(&pile, 1));
    pile.until_billed();
    // The heartbeat of the books: what follows is behind the second record.
    stage.ask(&pile, &json!({"action": "sync_clock"}));
    let record = stage.record_of(&settled);
    assert_eq!((&record["duplicates"], &record["variants"]), (&json!(1), &json!(0)));
    assert_eq!(stage.order(&settled), settled);
    assert_eq!(stage.events("type=order.settled").len(), 1);
}

#[test]
fn a_bill_that_differs_is_held_and_settled_as_a_person_decides() {
    let stage = Stage::new();
    let mut paid = 0;
    for (number, action) in [(1, "settle_by_ours"), (2, "settle_by_pile"), (3, "write_off")] {
        let (_pile, order) = overcharged(&stage, number);
        assert_eq!(order["actions"], json!(["settle_by_ours", "settle_by_pile", "write_off"]));
        assert_eq!((&order["settlement"]["verdict"], &order["charged"]), (&json!("hold"), &Value::Null));
        assert!(evidence(&order, "bill_differs").contains("total: "), "{order:#}");
        let ours = bill(&stage.record_of(&order), &tariff());
        let resolved = resolve(&stage, &order, action);
        let due = match action {
            "settle_by_ours" => ours,
            "settle_by_pile" => ours + 100,
            _ => 0,
        };
        // Ours rounds electricity and service apart: half a fen may fall to the other side.
        let charged = fen(&resolved["charged"]);
        assert!((charged - due).abs() <= 1, "{charged} instead of {due}: {resolved:#}");
        assert_eq!(resolved["state"], "settled");
        paid += charged;
        assert_eq!(stage.money(CUSTOMER), (50_000 - paid, 0));
    }
    assert!(stage.api.items("orders?state=abnormal").is_empty());
}

#[test]
fn totals_and_tiers_that_contradict_themselves_are_held() {
    let stage = Stage::new();
    for (number, billing, what) in
        [(1, Billing::WrongTotal(Yuan::from_raw(5_000)), "sum: "), (2, Billing::WrongTiers, "tier_time")]
    {
        let pile = stage.pile_with(number, |setup| setup.behaviour.billing = billing);
        let order = stage.charge(&pile, 1);
        pile.stop(1);
        let order = abnormal(&stage, &order, "bill_differs");
        assert!(evidence(&order, "bill_differs").contains(what), "{order:#}");
        resolve(&stage, &order, "settle_by_ours");
    }
}

#[test]
fn another_record_under_the_same_number_is_for_a_person_and_money_goes_back() {
    let stage = Stage::new();
    let sim = stage.pile(1);
    let settled = stage.finish(&stage.charge(&sim, 1));
    let first = fen(&settled["charged"]);
    let record = record_on_the_wire(&stage, &settled);
    drop(sim);
    let mut pile = stage.dial(code(1));
    pile.log_in();
    let more = u32::try_from(record.total_amount.raw()).unwrap() + 70_000;
    let other = TransactionRecord { total_amount: Yuan::from_raw(more), ..record };
    pile.send(other.clone());
    take!(pile, TransactionRecordConfirm);
    let order = abnormal(&stage, &settled, "record_differs");
    assert_eq!(stage.money(CUSTOMER), (50_000 - first, 0), "what was settled stays settled");
    evidence(&order, "record_differs");
    let variants = stage.api.get(&format!("records/{}/variants", order["record"])).ok()["items"].clone();
    let (raw, sent) = (variants[0]["raw"].as_str().unwrap(), messages::body_of(other));
    assert_eq!(raw, sent.iter().map(|byte| format!("{byte:02X}")).collect::<String>());
    let resolved = resolve(&stage, &order, "write_off");
    assert_eq!((&resolved["state"], &resolved["charged"]), (&json!("settled"), &json!("0.00")));
    assert_eq!(stage.money(CUSTOMER), (50_000, 0), "it was given back");
}

#[test]
fn a_record_that_no_order_is_known_for_is_paid_by_its_card_or_waits_for_a_person() {
    let stage = Stage::new();
    stage.card(7, CUSTOMER);
    stage.place(code(1));
    let mut pile = stage.dial(code(1));
    pile.log_in();
    let flat = json!({
        "name": "平价", "prices": {"peak": {"electricity": "1.60000", "service": "0"}},
        "periods": [{"from": "00:00", "to": "24:00", "tier": "peak"}],
    });
    stage.api.put("tariffs/flat", &flat).ok();
    stage
        .api
        .put(&format!("stations/{STATION}"), &json!({"name": "北门站", "operator": OPERATOR, "tariff": "flat"}))
        .ok();
    for (counter, number, state) in [(1, 7, "settled"), (2, 8, "abnormal")] {
        let record = messages::record(code(1), messages::transaction(code(1), counter));
        pile.send(TransactionRecord { physical_card_number: card(number), ..record });
        loop {
            if let Message::TransactionRecordConfirm(_) = pile.receive().message() {
                break;
            }
        }
        let subject = format!("orders?state={state}");
        let order = stage.after_events("", &subject, |_| true, || stage.api.items(&subject).pop());
        assert_eq!(order["origin"], "record", "{order:#}");
        if state == "settled" {
            assert_eq!((&order["charged"], &order["card"]), (&json!("16.00"), &json!(card_text(7))));
            assert_eq!(stage.money(CUSTOMER), (48_400, 0));
        } else {
            assert_eq!(order["abnormal_reason"], "payer_unknown");
            resolve(&stage, &order, "write_off");
        }
    }
}

#[test]
fn a_clock_of_1999_does_not_move_the_charge_to_another_century() {
    let stage = Stage::new();
    let flat = json!({
        "name": "平价", "prices": {"flat": {"electricity": "7.00000", "service": "0.50000"}},
        "periods": [{"from": "00:00", "to": "24:00", "tier": "flat"}],
    });
    stage.api.put("tariffs/flat", &flat).ok();
    stage
        .api
        .put(&format!("stations/{STATION}"), &json!({"name": "北门站", "operator": OPERATOR, "tariff": "flat"}))
        .ok();
    let pile = stage.pile_with(1, |setup| setup.behaviour.clock_of_1999 = true);
    let settled = stage.finish(&stage.charge(&pile, 1));
    assert_eq!(fen(&settled["charged"]), bill(&stage.record_of(&settled), &flat));
    let year = &settled["created_at"].as_str().unwrap()[..4];
    for moment in ["started_at", "ended_at", "settled_at"] {
        assert!(settled[moment].as_str().unwrap().starts_with(year), "{settled:#}");
    }
    let differences = settled["settlement"]["differences"].as_array().unwrap();
    assert!(differences.iter().any(|difference| difference["what"] == "clock"), "{settled:#}");
}

#[test]
fn a_top_up_during_a_charge_reaches_the_pile() {
    let stage = Stage::new();
    stage.account("zhang-min", "20.00");
    stage.card(7, "zhang-min");
    let pile = stage.pile(1);
    pile.swipe(1, 7);
    assert_eq!(pile.until_charging(1).balance, Some(200_000));
    let order = stage.order_at(&pile, 1, "charging");
    stage.top_up("zhang-min", "30.50");
    pile.until("told", |pile| pile.connector(1).unwrap().balance == Some(505_000));
    let updates = stage.api.items(&format!("commands?action=update_balance&order={}", order["id"]));
    let update = stage.api.get(&format!("commands/{}?wait=10s", updates[0]["id"])).ok();
    assert_eq!((&update["state"], &update["request"]["balance"]), (&json!("succeeded"), &json!("50.50")));
    assert_eq!(stage.money("zhang-min"), (5_050, 5_050));
    let order = stage.order(&order);
    assert_eq!((&order["limit"], &order["reserved"]), (&json!("50.50"), &json!("50.50")));
    pile.stop(1);
    let charged = fen(&stage.until(&order, "settled")["charged"]);
    assert_eq!(stage.money("zhang-min"), (5_050 - charged, 0));
}

#[test]
fn hardware_faults_open_and_close_alarms() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    pile.plug(1);
    let order = stage.charge(&pile, 1);
    let mark = stage.latest_event();
    // An open door does not end a charge, the emergency stop does.
    pile.break_down(1, &[13]);
    let door = stage.event(mark, "alarm.opened", |_| true);
    assert_eq!((&door["data"]["code"], &door["data"]["order"]), (&json!("hardware.door_open"), &order["id"]));
    assert_eq!(stage.order(&order)["state"], "charging");
    pile.break_down(1, &[1, 13]);
    let stop = stage.event(mark, "alarm.opened", |event| event["data"]["code"] == "hardware.emergency_stop");
    assert_eq!((&stop["data"]["severity"], &stop["data"]["connector"]), (&json!("critical"), &json!(1)));
    assert_eq!(stage.until(&order, "settled")["stop_code"], 0x72);
    stage.until_connector(&pile, 1, "fault");
    assert_eq!(stage.api.items(&format!("alarms?open=true&pile={}", pile.code)).len(), 2);
    let seen = stage.api.act(&format!("alarms/{}/ack", stop["data"]["id"])).ok();
    assert_eq!((&seen["acknowledged_by"], &seen["closed_at"]), (&json!("admin"), &Value::Null));
    pile.break_down(1, &[]);
    stage.event(mark, "alarm.closed", |event| event["data"]["id"] == stop["data"]["id"]);
    stage.until_connector(&pile, 1, "idle_plugged");
    assert!(stage.api.items("alarms?open=true").is_empty());
    assert_eq!(stage.api.items("alarms").len(), 2);
}

#[test]
fn errors_of_battery_and_charger_are_alarms_of_their_charge() {
    let stage = Stage::new();
    let pile = stage.pile(1);
    for (cause, code, severity, stop_code) in [
        (BreakOff::BmsError, "bms.cem_bcs_timeout", "warning", 0x84),
        (BreakOff::BmsAbort, "bms.fault_battery_overtemp", "critical", 0x7C),
        (BreakOff::ChargerAbort, "bms.fault_emergency_stop", "critical", 0x72),
    ] {
        let order = stage.charge(&pile, 1);
        let mark = stage.latest_event();
        pile.act(Action::BreakOff { connector: 1, cause });
        let opened = stage.event(mark, "alarm.opened", |_| true);
        let told = &opened["data"];
        assert_eq!((&told["code"], &told["severity"], &told["order"]), (&json!(code), &json!(severity), &order["id"]));
        assert_eq!(stage.until(&order, "settled")["stop_code"], stop_code);
        stage.event(mark, "alarm.closed", |event| event["data"]["id"] == told["id"]);
    }
    assert!(stage.api.items("alarms?open=true").is_empty());
}

#[test]
fn a_device_with_another_sim_card_is_not_taken_for_the_same_pile() {
    let stage = Stage::new();
    let pile = stage.pile_with(1, |setup| setup.config.iccid.0 = [0x89; 10]);
    let order = stage.charge(&pile, 1);
    let other = stage.play(1, |setup| setup.config.iccid.0 = [0x77; 10]);
    let order = abnormal(&stage, &order, "pile_replaced");
    assert!(evidence(&order, "pile_replaced").contains("77777777777777777777"), "{order:#}");
    let alarm = stage.api.items("alarms?open=true").pop().unwrap();
    assert_eq!((&alarm["code"], &alarm["severity"]), (&json!("pile.taken_over"), &json!("critical")));
    let closed = stage.api.act(&format!("alarms/{}/ack", alarm["id"])).ok();
    assert!(closed["closed_at"].is_string(), "nothing else would ever close it");
    drop((pile, other));
    resolve(&stage, &order, "write_off");
}

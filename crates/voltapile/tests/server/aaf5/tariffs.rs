//! Tariffs: told in the form that their prices ask for, compared at each sign-in.

use serde_json::{Value, json};
use voltapile_protocol::aaf5::code::{Outcome, WorkState};
use voltapile_protocol::aaf5::field::SLOTS;
use voltapile_protocol::aaf5::message::{
    FineChargeRecord, IntegerParameterRequest, IntegerParameterResponse, IntegerValue, SignInRequest,
    StoredFineRecordResponse, TariffQueryResponse, TariffSetRequest, TariffSetResponse, TimeOfUseTariffQueryResponse,
    TimeOfUseTariffSetRequest, TimeOfUseTariffSetResponse,
};
use voltapile_protocol::wire::{Decimal16, KilowattHours, List, Quantity, Yuan};

use super::charging::charge;
use super::records::{bill, send_bill, stored};
use super::{PILE, Pile, ask, ended, take};
use crate::business::stage::{OPERATOR, STATION, Stage, fen};
use crate::support::{Setup, eventually};

/// A tariff whose peak costs so much, and its flat 0.50 less.
pub(super) fn day(periods: &[(&str, &str, &str)], electricity: &str, service: &str) -> Value {
    let periods: Vec<Value> =
        periods.iter().map(|(from, to, tier)| json!({"from": from, "to": to, "tier": tier})).collect();
    json!({
        "name": "盛弘", "periods": periods,
        "prices": {
            "peak": {"electricity": electricity, "service": service},
            "flat": {"electricity": "0.50", "service": "0.60"},
        },
    })
}

/// A stage with the pile in its station, which has taken this tariff of one price for the service.
#[track_caller]
pub(super) fn on_stage(setup: Setup, tariff: &Value) -> (Stage, Pile) {
    let (stage, mut pile) = placed(Stage::on(setup), tariff);
    pile.sign_in();
    pile.report(WorkState::Idle, "");
    take_coarse(&mut pile, Outcome::Succeeded);
    until_running(&stage);
    (stage, pile)
}

/// A stage with the pile in its station, not signed in.
#[track_caller]
fn placed(stage: Stage, tariff: &Value) -> (Stage, Pile) {
    stage.api.put("tariffs/shenghong", tariff).ok();
    let station = json!({"name": "北门站", "operator": OPERATOR, "tariff": "shenghong"});
    stage.api.put(&format!("stations/{STATION}"), &station).ok();
    stage.api.put(&format!("piles/{PILE}"), &json!({"station": STATION, "connector_count": 2})).ok();
    let pile = Pile::dial(stage.piles, PILE);
    (stage, pile)
}

/// The pile takes 1103 and the service price.
#[track_caller]
fn take_coarse(pile: &mut Pile, result: Outcome) -> (TariffSetRequest, u32) {
    let tariff = take!(pile, TariffSetRequest);
    pile.send(TariffSetResponse { result, ..Default::default() });
    if result != Outcome::Succeeded {
        return (tariff, 0);
    }
    let IntegerParameterRequest { action, first_index, count, values, .. } = take!(pile, IntegerParameterRequest);
    assert_eq!((first_index, count), (27, 1));
    pile.send(IntegerParameterResponse { pile_code: pile.code, action, first_index, count, ..Default::default() });
    (tariff, values[0].value)
}

#[track_caller]
fn until_running(stage: &Stage) {
    eventually("the pile runs its tariff", || {
        let pile = stage.api.get(&format!("piles/{PILE}")).ok();
        pile["running_tariff"].is_string().then_some(())
    });
}

/// The command that told the pile its tariff, at its end.
#[track_caller]
fn told(stage: &Stage) -> Value {
    let commands = eventually("a tariff is told", || {
        let commands = stage.api.items(&format!("piles/{PILE}/commands?action=set_tariff"));
        (!commands.is_empty()).then_some(commands)
    });
    ended(stage, &commands[0])
}

#[test]
fn a_tariff_in_fen_with_one_service_price_is_1103_and_a_parameter() {
    let tariff =
        day(&[("00:00", "08:00", "flat"), ("08:00", "12:30", "peak"), ("12:30", "24:00", "flat")], "1.00", "0.60");
    let (stage, mut pile) = placed(Stage::new(), &tariff);
    pile.sign_in();
    pile.report(WorkState::Idle, "");
    let (request, service) = take_coarse(&mut pile, Outcome::Succeeded);
    let periods: Vec<_> = request
        .periods
        .iter()
        .map(|period| {
            (
                [period.start_hour, period.start_minute, period.end_hour, period.end_minute],
                period.electricity_price.raw(),
            )
        })
        .collect();
    assert_eq!(periods[..3], [([0, 0, 8, 0], 50), ([8, 0, 12, 30], 100), ([12, 30, 24, 0], 50)]);
    assert!(periods[3..].iter().all(|period| *period == ([0; 4], 0)));
    assert_eq!(service, 60);
    until_running(&stage);

    // After the next sign-in the pile is asked what it has, and nothing else.
    drop(pile);
    let mut pile = Pile::dial(stage.piles, PILE);
    pile.sign_in();
    take!(pile, TariffQuery);
    pile.send(TariffQueryResponse { periods: request.periods, ..Default::default() });
    let IntegerParameterRequest { action, first_index, count, .. } = take!(pile, IntegerParameterRequest);
    let values = vec![IntegerValue { value: 60 }];
    pile.send(IntegerParameterResponse {
        pile_code: pile.code,
        action,
        first_index,
        count,
        values,
        ..Default::default()
    });
    pile.report(WorkState::Idle, "");
    pile.beat();
    // One that has forgotten it is told again.
    drop(pile);
    let mut pile = Pile::dial(stage.piles, PILE);
    pile.sign_in();
    take!(pile, TariffQuery);
    pile.report(WorkState::Idle, "");
    pile.send(TariffQueryResponse::default());
    take_coarse(&mut pile, Outcome::Succeeded);
}

#[test]
fn a_pile_that_took_half_a_tariff_runs_none_that_is_known() {
    let (stage, mut pile) = placed(Stage::new(), &day(&[("00:00", "24:00", "peak")], "1.00", "0.60"));
    pile.sign_in();
    pile.report(WorkState::Idle, "");
    take!(pile, TariffSetRequest);
    pile.send(TariffSetResponse { result: Outcome::Succeeded, ..Default::default() });
    let IntegerParameterRequest { action, first_index, count, .. } = take!(pile, IntegerParameterRequest);
    let refusal = IntegerParameterResponse { pile_code: pile.code, action, first_index, count, ..Default::default() };
    pile.send(IntegerParameterResponse { result: Outcome::Failed, ..refusal });
    assert_eq!(told(&stage)["state"], "refused");
    assert_eq!(stage.api.get(&format!("piles/{PILE}")).ok()["running_tariff"], "0000");
}

#[test]
fn a_tariff_with_finer_prices_is_1105_and_its_records_are_by_period() {
    let all_day = [("00:00", "12:00", "flat"), ("12:00", "24:00", "peak")];
    let (stage, mut pile) = placed(Stage::new(), &day(&all_day, "1.0001", "0.2"));
    pile.sign_in();
    pile.report(WorkState::Idle, "");
    let TimeOfUseTariffSetRequest { periods, .. } = take!(pile, TimeOfUseTariffSetRequest);
    assert_eq!((periods[0].electricity_price.raw(), periods[0].service_price.raw()), (5_000, 6_000));
    assert_eq!((periods[1].electricity_price.raw(), periods[1].service_price.raw()), (10_001, 2_000));
    pile.send(TimeOfUseTariffSetResponse::default());
    until_running(&stage);

    let (order, number) = charge(&stage, &mut pile);
    let whole = bill(&pile, &number);
    let is_afternoon = whole.start_time.civil().unwrap().hour >= 12;
    let sold = |energy| {
        let mut slots = [KilowattHours::default(); SLOTS];
        slots[usize::from(is_afternoon)] = KilowattHours::from_raw(energy);
        List(slots)
    };
    let (fen_due, service) = if is_afternoon { (120, 20) } else { (110, 60) };
    let by_period = FineChargeRecord {
        slots: sold(1004),
        total_energy: KilowattHours::from_raw(1004),
        meter_stop: KilowattHours::from_raw(51_004),
        total_amount: Yuan::from_raw(fen_due),
        service_amount: Some(Yuan::from_raw(service)),
        ..whole
    };
    send_bill(&mut pile, by_period.clone());
    let settled = stage.until(&order, "settled");
    assert_eq!(fen(&settled["charged"]), i64::from(fen_due), "{settled:#}");
    let record = stage.api.items("records").remove(0);
    let tier = if is_afternoon { "peak" } else { "flat" };
    assert_eq!(record["parsed"]["tiers"][tier]["energy"], "1.0040", "{record:#}");

    // Read from its memory once more, with two decimals, it is the same bill.
    let coarse = StoredFineRecordResponse {
        slots: sold(1000),
        total_amount: by_period.total_amount,
        service_amount: by_period.service_amount,
        stop_reason: by_period.stop_reason,
        ..stored(&pile, &number, by_period.record_index)
    };
    let mark = stage.latest_event();
    ask(&stage, &json!({"action": "read_record", "transaction_number": number}), || {
        take!(pile, StoredFineRecordRequest);
        pile.send(coarse);
    });
    stage.event(mark, "record.judged", |_| true);
    assert_eq!(stage.record_of(&order)["variants"], 1);
    assert_eq!(stage.order(&order), settled);
}

#[test]
fn a_record_that_comes_late_is_read_by_the_tariff_of_its_time() {
    let halves = |first, then| day(&[("00:00", "12:00", first), ("12:00", "24:00", then)], "1.0001", "0.2");
    let mut old = halves("flat", "peak");
    old["effective_from"] = json!("2020-01-01T00:00:00Z");
    let (stage, mut pile) = placed(Stage::new(), &old);
    pile.sign_in();
    pile.report(WorkState::Idle, "");
    take!(pile, TimeOfUseTariffSetRequest);
    pile.send(TimeOfUseTariffSetResponse::default());
    until_running(&stage);

    let late = bill(&pile, "SERIAL-1");
    stage.api.put("tariffs/shenghong", &halves("peak", "flat")).ok();
    take!(pile, TimeOfUseTariffSetRequest);
    pile.send(TimeOfUseTariffSetResponse::default());
    let is_afternoon = late.start_time.civil().unwrap().hour >= 12;
    let mut slots = [KilowattHours::default(); SLOTS];
    slots[usize::from(is_afternoon)] = KilowattHours::from_raw(1000);
    send_bill(&mut pile, FineChargeRecord { slots: List(slots), ..late });
    let record = stage.api.items("records").remove(0);
    let tier = if is_afternoon { "peak" } else { "flat" };
    assert_eq!(record["parsed"]["tiers"][tier]["energy"], "1.0000", "{record:#}");
}

#[test]
fn an_older_pile_that_does_not_answer_1105_is_asked_what_it_has() {
    let (stage, mut pile) = placed(Stage::new(), &day(&[("00:00", "24:00", "peak")], "1.0001", "0.2"));
    let request = pile.sign_in_request();
    pile.sign_in_with(SignInRequest { protocol_version: Some(Decimal16::from_raw(45)), ..request });
    take!(pile, TimeOfUseTariffQuery);
    pile.send(TimeOfUseTariffQueryResponse::default());
    pile.report(WorkState::Idle, "");
    let TimeOfUseTariffSetRequest { periods, .. } = take!(pile, TimeOfUseTariffSetRequest);
    take!(pile, TimeOfUseTariffQuery);
    pile.send(TimeOfUseTariffQueryResponse { periods, ..Default::default() });
    assert_eq!(told(&stage)["state"], "succeeded");
    until_running(&stage);
}

#[test]
fn a_tariff_that_no_pile_can_take_is_refused_before_anything_is_sent() {
    let hours: Vec<String> = (0..=13).map(|hour| format!("{:02}:00", if hour == 13 { 24 } else { hour })).collect();
    let periods: Vec<(&str, &str, &str)> = (0..13)
        .map(|hour| (hours[hour].as_str(), hours[hour + 1].as_str(), if hour % 2 == 0 { "flat" } else { "peak" }))
        .collect();
    let (stage, mut pile) = placed(Stage::new(), &day(&periods, "1.00", "0.60"));
    pile.sign_in();
    pile.report(WorkState::Idle, "");
    let command = told(&stage);
    assert_eq!(command["state"], "cancelled", "{command:#}");
    assert!(command["reason"].as_str().unwrap().contains("13 times a day"), "{command:#}");
    pile.beat();
    assert_eq!(stage.api.metric("frames_total{direction=\"down\",protocol=\"aaf5\",type=\"1103\"}"), 0);
    assert_eq!(stage.api.metric("frames_total{direction=\"down\",protocol=\"aaf5\",type=\"1105\"}"), 0);
}

#[test]
fn a_tariff_that_the_pile_refuses_is_known_as_refused() {
    let (stage, mut pile) = placed(Stage::new(), &day(&[("00:00", "24:00", "peak")], "1.00", "0.60"));
    pile.sign_in();
    pile.report(WorkState::Idle, "");
    take_coarse(&mut pile, Outcome::Failed);
    assert_eq!(told(&stage)["state"], "refused");
}

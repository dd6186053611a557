//! Piles that break one thing: exactly the checks fail that look at it.

use std::time::Duration;

use voltapile_certify::Verdict;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{KilowattHours, Writer, Yuan};
use voltapile_protocol::ykc::code::{RemoteStartFailure, RemoteStopFailure};
use voltapile_protocol::ykc::frame::{Envelope, write_frame};
use voltapile_protocol::ykc::message::{Message, RealtimeReport, TransactionRecord};
use voltapile_protocol::ykc::{CrcOrder, Dialect, Frame};
use voltapile_simulator::model::{Behaviour, Billing, PileSetup, RecordDelivery, StartBehaviour};

use voltapile_certify::ykc::pile::PileExam;

use super::{options, stage};
use crate::stage::{Stage, by_the_book};
use crate::{ids, why};

#[track_caller]
fn fails(stage: Stage<PileExam>, expected: &[&str]) {
    let report = stage.run();
    assert_eq!(ids(&report, Verdict::Fail), expected, "{}", why(&report));
    for finding in report.findings.iter().filter(|finding| finding.verdict == Verdict::Fail) {
        assert!(!finding.evidence.is_empty(), "{} shows nothing", finding.check.id);
    }
}

#[track_caller]
fn behaves(change: impl FnOnce(&mut Behaviour), expected: &[&str]) {
    let mut setup = by_the_book();
    change(&mut setup.behaviour);
    fails(stage(setup, options()), expected);
}

#[track_caller]
fn is_set_up(change: impl FnOnce(&mut PileSetup), expected: &[&str]) {
    let mut setup = by_the_book();
    change(&mut setup);
    fails(stage(setup, options()), expected);
}

#[track_caller]
fn meddled(meddler: impl FnMut(Tick, &Frame<'_>) -> Vec<Vec<u8>> + 'static, expected: &[&str]) {
    fails(super::meddled(stage(by_the_book(), options()), meddler), expected);
}

/// A frame with another body.
fn with_body(frame: &Frame<'_>, write: impl FnOnce(&mut Writer<'_>)) -> Vec<Vec<u8>> {
    let envelope = Envelope { sequence: frame.sequence, ..Envelope::default() };
    let mut out = Vec::new();
    write_frame(&mut out, envelope, frame.frame_type, write).unwrap();
    vec![out]
}

/// Changes records on their way.
fn records(change: impl Fn(&mut TransactionRecord) + 'static) -> impl FnMut(Tick, &Frame<'_>) -> Vec<Vec<u8>> {
    move |_, frame| match Message::decode(frame.frame_type, frame.body, Dialect::V16) {
        Ok(Message::TransactionRecord(mut record)) => {
            change(&mut record);
            with_body(frame, |writer| record.write(writer))
        }
        _ => vec![frame.raw.to_vec()],
    }
}

/// Changes telemetry on its way.
fn reports(change: impl Fn(&mut RealtimeReport) + 'static) -> impl FnMut(Tick, &Frame<'_>) -> Vec<Vec<u8>> {
    move |_, frame| match Message::decode(frame.frame_type, frame.body, Dialect::V16) {
        Ok(Message::RealtimeReport(mut report)) => {
            change(&mut report);
            with_body(frame, |writer| report.write(writer))
        }
        _ => vec![frame.raw.to_vec()],
    }
}

/// Drops some frames.
fn dropping(
    mut is_lost: impl FnMut(Tick, &Frame<'_>) -> bool + 'static,
) -> impl FnMut(Tick, &Frame<'_>) -> Vec<Vec<u8>> {
    move |now, frame| if is_lost(now, frame) { Vec::new() } else { vec![frame.raw.to_vec()] }
}

#[test]
fn silent_on_starts() {
    behaves(|behaviour| behaviour.start = StartBehaviour::Silent, &["start.answered"]);
}

#[test]
fn starts_without_an_answer() {
    behaves(|behaviour| behaviour.withholds = vec![0x33], &["start.answered", "start.refused_stays_off"]);
}

#[test]
fn refuses_every_start() {
    let refuses = StartBehaviour::Refuses(RemoteStartFailure::DeviceFault);
    behaves(|behaviour| behaviour.start = refuses, &["start.obeyed"]);
}

#[test]
fn says_that_it_starts_and_never_does() {
    behaves(|behaviour| behaviour.start = StartBehaviour::NeverCharges, &["start.charging_shown", "card.starts"]);
}

#[test]
fn refuses_first_and_starts_later() {
    behaves(|behaviour| behaviour.start = StartBehaviour::RefusesThenConfirms, &["start.reason"]);
}

#[test]
fn charges_on_after_a_stop() {
    behaves(|behaviour| behaviour.refuses_stop = Some(RemoteStopFailure::Other), &["stop.stops"]);
}

#[test]
fn idle_while_it_charges() {
    behaves(
        |behaviour| behaviour.reports_idle_while_charging = true,
        &["telemetry.idle_while_charging", "start.charging_shown", "card.starts"],
    );
}

#[test]
fn a_late_record() {
    let late = RecordDelivery::Late(Duration::from_secs(70));
    behaves(|behaviour| behaviour.record_delivery = late, &["record.in_time"]);
}

#[test]
fn no_record_at_all() {
    behaves(|behaviour| behaviour.record_delivery = RecordDelivery::Never, &["record.arrives"]);
}

#[test]
fn a_record_twice() {
    behaves(|behaviour| behaviour.record_delivery = RecordDelivery::Twice, &["record.not_doubled"]);
}

#[test]
fn a_record_that_is_never_repeated() {
    let mut sent = Vec::new();
    let is_lost = move |_, frame: &Frame<'_>| {
        let number = frame.body.get(..16).map(<[u8]>::to_vec);
        let is_again = frame.frame_type == 0x3B && sent.contains(&number);
        sent.push(number.filter(|_| frame.frame_type == 0x3B));
        is_again
    };
    meddled(dropping(is_lost), &["record.repeats", "record.last_repeat"]);
}

#[test]
fn a_record_that_is_forgotten_after_three_repetitions() {
    let mut sent = Vec::new();
    let is_lost = move |_, frame: &Frame<'_>| {
        let number = frame.body.get(..16).map(<[u8]>::to_vec).filter(|_| frame.frame_type == 0x3B);
        sent.push(number.clone());
        number.is_some() && sent.iter().filter(|known| **known == number).count() > 4
    };
    meddled(dropping(is_lost), &["record.last_repeat"]);
}

#[test]
fn a_record_with_another_number() {
    meddled(
        records(|record| record.transaction_number.0[15] ^= 0x80),
        // The pile does not recognise the answers either, and goes on sending.
        &["record.arrives", "record.forgotten", "record.transaction", "offline.record"],
    );
}

#[test]
fn a_tier_that_costs_too_much() {
    let more = Billing::Overcharged(Yuan::from_raw(10_000));
    behaves(|behaviour| behaviour.billing = more, &["bill.tier_amounts"]);
}

#[test]
fn a_total_that_is_no_sum() {
    let more = Billing::WrongTotal(Yuan::from_raw(10_000));
    behaves(|behaviour| behaviour.billing = more, &["bill.total_amount"]);
}

#[test]
fn energy_under_the_wrong_tier() {
    behaves(|behaviour| behaviour.billing = Billing::WrongTiers, &["bill.periods"]);
}

#[test]
fn amounts_a_hundred_times_too_high() {
    behaves(|behaviour| behaviour.billing = Billing::Hundredfold, &["bill.tier_amounts"]);
}

#[test]
fn a_meter_that_runs_backwards() {
    behaves(|behaviour| behaviour.billing = Billing::MeterBackwards, &["bill.meter"]);
}

#[test]
fn a_record_with_less_energy_than_telemetry() {
    let change = |record: &mut TransactionRecord| record.total_energy = KilowattHours::from_raw(0);
    meddled(records(change), &["bill.total_energy", "bill.loss", "bill.meter", "bill.telemetry_energy"]);
}

#[test]
fn a_clock_of_1999() {
    behaves(|behaviour| behaviour.clock_of_1999 = true, &["clock.obeyed"]);
}

#[test]
fn a_clock_that_nobody_can_set() {
    behaves(|behaviour| behaviour.ignores = vec![0x56], &["clock.answered", "clock.obeyed"]);
}

#[test]
fn no_telemetry() {
    behaves(|behaviour| behaviour.withholds = vec![0x13], &["telemetry.read", "start.charging_shown", "card.starts"]);
}

#[test]
fn energy_that_falls() {
    let change = |report: &mut RealtimeReport| {
        use voltapile_protocol::wire::Quantity;
        let energy = u32::try_from(report.energy.raw()).unwrap();
        if energy > 0 {
            report.energy = KilowattHours::from_raw(1_000_000 - energy);
            report.energy_with_loss = report.energy;
        }
    };
    let expected = ["telemetry.energy_rises", "bill.telemetry_energy", "bill.telemetry_amount"];
    meddled(reports(change), &expected);
}

#[test]
fn speaks_before_its_login() {
    behaves(|behaviour| behaviour.speaks_before_login = true, &["login.first"]);
}

#[test]
fn slow_heartbeats() {
    let mut count = 0;
    let is_lost = move |_, frame: &Frame<'_>| {
        count += usize::from(frame.frame_type == 0x03);
        frame.frame_type == 0x03 && count % 4 != 1
    };
    meddled(dropping(is_lost), &["heartbeat.period"]);
}

#[test]
fn the_high_byte_of_the_crc_first() {
    is_set_up(|setup| setup.config.quirks.crc_order = CrcOrder::HighFirst, &["frame.crc_order"]);
}

#[test]
fn a_wrong_crc_now_and_then() {
    let mut count = 0;
    let meddler = move |_, frame: &Frame<'_>| {
        let mut raw = frame.raw.to_vec();
        count += usize::from(frame.frame_type == 0x25);
        if frame.frame_type == 0x25 && count % 5 == 0 {
            *raw.last_mut().unwrap() ^= 0xFF;
        }
        vec![raw]
    };
    meddled(meddler, &["frame.crc"]);
}

#[test]
fn junk_between_frames() {
    meddled(|_, frame| vec![b"\r\n".to_vec(), frame.raw.to_vec()], &["frame.no_junk"]);
}

#[test]
fn the_same_number_in_every_request() {
    is_set_up(|setup| setup.config.quirks.zero_sequence = true, &["sequence.counts"]);
}

#[test]
fn answers_with_numbers_of_their_own() {
    let meddler = |_, frame: &Frame<'_>| {
        let is_answer = matches!(frame.frame_type, 0x33 | 0x35 | 0x41 | 0x43 | 0x45 | 0x47 | 0x51 | 0x55 | 0x57 | 0x91);
        let [low, high] = frame.sequence;
        let mut out = Vec::new();
        let sequence = if is_answer { [high, low] } else { frame.sequence };
        let envelope = Envelope { sequence, ..Envelope::default() };
        write_frame(&mut out, envelope, frame.frame_type, |writer| writer.put(frame.body)).unwrap();
        vec![out]
    };
    meddled(meddler, &["sequence.echo"]);
}

#[test]
fn no_messages_of_the_battery() {
    behaves(|behaviour| behaviour.withholds = vec![0x23, 0x25], &["bms.demand", "bms.status"]);
}

#[test]
fn offline_cards_that_are_not_kept() {
    let meddler = |_, frame: &Frame<'_>| match Message::decode(frame.frame_type, frame.body, Dialect::V16) {
        Ok(Message::OfflineCardQueryResponse(mut found)) => {
            found.cards.iter_mut().for_each(|card| {
                card.query_result = voltapile_protocol::ykc::code::CardPresence::Absent;
            });
            with_body(frame, |writer| found.write(writer))
        }
        _ => vec![frame.raw.to_vec()],
    };
    meddled(meddler, &["cards.kept"]);
}

#[test]
fn commands_that_it_does_not_know() {
    behaves(
        |behaviour| behaviour.ignores = vec![0x52, 0x42, 0x92],
        &["parameters.answered", "parameters.locked", "balance.answered", "reboot.answered"],
    );
}

//! Records: when they come, and what they say.

use voltapile_certify::Happening;
use voltapile_protocol::aaf5::code::*;
use voltapile_protocol::aaf5::field::CardNumber;
use voltapile_protocol::aaf5::message::*;
use voltapile_protocol::layout::Direction::Up;
use voltapile_protocol::wire::*;

use super::number;
use crate::aaf5::tale::*;

/// No record comes from a place on, though the connections live on for a while.
fn forgotten_from(tale: &mut Tale, place: usize) {
    tale.all(222).into_iter().filter(|at| *at >= place).for_each(|at| tale.erase(at));
    let is_end = |at: &usize| matches!(tale.entries[*at].happening, Happening::Closed(_));
    let ends: Vec<usize> = (0..tale.entries.len()).filter(is_end).collect();
    ends.into_iter().for_each(|at| tale.delay(at, 100));
}

pub(super) fn of_records() -> Vec<(&'static str, Twist)> {
    vec![
        ("record.arrives", without(&[202, 222])),
        (
            "record.fine",
            bytes(|raw| {
                raw[6] = 202;
                sealed(raw);
            }),
        ),
        ("record.same", reworded_at(0, of!(FineChargeRecord, record => record.total_amount = Yuan::from_raw(1)))),
        (
            "record.right_confirm",
            otherwise(|tale| {
                let again = *tale.said().last().unwrap();
                forgotten_from(tale, again);
            }),
        ),
        (
            "record.forgotten",
            otherwise(|tale| {
                let confirm = tale.shown[0];
                let record = tale.all(222).into_iter().rfind(|at| *at < confirm).unwrap();
                let (again, next) = (tale.raw(record), tale.next(confirm, Up));
                tale.edit(next, |raw| raw.clone_from(&again));
                tale.entries[next].at.0 = tale.entries[confirm].at.0 + 5_000;
            }),
        ),
        (
            "record.reconnect",
            otherwise(|tale| {
                let again = tale.said()[1];
                forgotten_from(tale, again);
            }),
        ),
        ("offline.charges_on", over_offline(311)),
        ("offline.charges_on", over_offline(413)),
        ("record.index", every(222, of!(FineChargeRecord, record => record.record_index = 1))),
        (
            "record.serial",
            every(222, of!(FineChargeRecord, record => record.transaction_number = Some(number("STRANGER")))),
        ),
        (
            "record.card",
            reworded(of!(FineChargeRecord, record => record.card_number = CardNumber::new("ANOTHER").unwrap())),
        ),
        (
            "record.stored",
            otherwise(|tale| {
                let answer = *tale.said().last().unwrap();
                tale.reword(answer, |message| match message {
                    Message::StoredRecordResponse(found) => found.record_index = 4_242,
                    Message::StoredFineRecordResponse(found) => found.record_index = 4_242,
                    _ => {}
                });
            }),
        ),
        (
            "record.stored_none",
            reworded(|message| match message {
                Message::StoredRecordResponse(found) => found.record_index = 5,
                Message::StoredFineRecordResponse(found) => found.record_index = 5,
                _ => {}
            }),
        ),
        (
            "record.half_hours",
            reworded(
                of!(LastChargeSlotsResponse, told => told.slots.0.iter_mut().for_each(|slot| *slot = KilowattHours16::from_raw(999))),
            ),
        ),
        (
            "record.slots",
            reworded(of!(FineChargeRecord, record => record.slots.0[0] = KilowattHours::from_raw(99_999))),
        ),
        (
            "record.slot_times",
            reworded(of!(FineChargeRecord, record => record.slots = List([KilowattHours::from_raw(10); 48]))),
        ),
        (
            "record.meter",
            reworded(of!(FineChargeRecord, record => record.meter_stop = KilowattHours::from_raw(99_999_999))),
        ),
        (
            "record.meter_goes_on",
            reworded_at(0, of!(FineChargeRecord, record => record.meter_start = KilowattHours::from_raw(0))),
        ),
        (
            "record.times",
            reworded(of!(FineChargeRecord, record => record.charging_seconds = Seconds::from_raw(99_999))),
        ),
        ("record.span", reworded(of!(FineChargeRecord, record => record.start_time.0[3] = 0x01))),
        (
            "record.service",
            reworded(of!(FineChargeRecord, record => record.service_amount = Some(Yuan::from_raw(99_999_999)))),
        ),
        (
            "record.status_energy",
            reworded(of!(FineChargeRecord, record => record.total_energy = KilowattHours::from_raw(0))),
        ),
        ("record.stop_code", reworded(of!(FineChargeRecord, record => record.stop_reason = StopReason(777_777)))),
        ("record.stopped_by", reworded(of!(FineChargeRecord, record => record.stop_reason = StopReason(1)))),
        (
            "record.soc",
            reworded(
                of!(FineChargeRecord, record => (record.soc_start, record.soc_end) = (Percent::from_raw(90), Percent::from_raw(10))),
            ),
        ),
    ]
}

/// The charge during which the line goes is over when the line is back, and its record gives a reason.
fn over_offline(reason: u32) -> Twist {
    and(
        reworded_at(0, of!(StatusReport, report => report.work_state = WorkState::Idle)),
        every(222, of!(FineChargeRecord, record => record.stop_reason = StopReason(reason))),
    )
}

/// What looks like a breach and is none.
pub(super) fn pardoned() -> Vec<(&'static str, Twist)> {
    vec![
        (
            "record.same",
            last_bytes(|raw| {
                raw[8 + 120..8 + 128].fill(0x2A);
                sealed(raw);
            }),
        ),
        // The car is full, the start did not allow it, the start allowed no more energy than that.
        ("offline.charges_on", over_offline(31)),
        (
            "offline.charges_on",
            and(
                over_offline(413),
                every(7, of!(StartRequest, start => start.offline_charging = OfflineCharging::Forbidden)),
            ),
        ),
        (
            "offline.charges_on",
            and(
                over_offline(413),
                every(7, of!(StartRequest, start => start.offline_energy = KilowattHours::from_raw(1))),
            ),
        ),
    ]
}

//! Frames, sign-ins, heartbeats, status and the battery's data.

use voltapile_certify::Happening;
use voltapile_protocol::aaf5::code::*;
use voltapile_protocol::aaf5::field::ConnectorNumber;
use voltapile_protocol::aaf5::message::*;
use voltapile_protocol::layout::Direction::{Down, Up};
use voltapile_protocol::wire::*;

use super::{is_first, number};
use crate::aaf5::tale::*;

pub(super) fn of_presence() -> Vec<(&'static str, Twist)> {
    vec![
        ("frame.checksum", last_bytes(|raw| *raw.last_mut().unwrap() ^= 0x11)),
        (
            "frame.no_junk",
            otherwise(|tale| {
                let place = tale.all(102)[1];
                tale.entries[place].happening = Happening::Junk(Up, b"\r\n".to_vec());
            }),
        ),
        (
            "frame.length",
            last_bytes(|raw| {
                raw.truncate(11);
                sealed(raw);
            }),
        ),
        (
            "frame.direction",
            last_bytes(|raw| {
                raw[6..8].copy_from_slice(&101_u16.to_le_bytes());
                sealed(raw);
            }),
        ),
        (
            "frame.plain",
            last_bytes(|raw| {
                raw[4] |= 0x80;
                sealed(raw);
            }),
        ),
        (
            "frame.info_byte",
            last_bytes(|raw| {
                raw[4] ^= 0x02;
                sealed(raw);
            }),
        ),
        ("frame.pile_code", every(104, of!(StatusReport, report => report.pile_code = number("ANOTHER")))),
        ("frame.padding", every(102, of!(HeartbeatRequest, beat => beat.pile_code.0[30] = 0xA5))),
        ("frame.connector", every(104, of!(StatusReport, report => report.connector_number = ConnectorNumber(9)))),
        (
            "sequence.counts",
            bytes(|raw| {
                raw[5] = 7;
                sealed(raw);
            }),
        ),
        (
            "sequence.echo",
            bytes(|raw| {
                raw[5] ^= 0x40;
                sealed(raw);
            }),
        ),
        (
            "reserved.echo",
            bytes(|raw| {
                raw[8..12].fill(0);
                sealed(raw);
            }),
        ),
        (
            "signin.first",
            otherwise(|tale| {
                let (first, beat) = (tale.shown[0], tale.raw(tale.all(102)[0]));
                tale.edit(first, |raw| raw.clone_from(&beat));
            }),
        ),
        (
            "signin.waits",
            otherwise(|tale| {
                let (sign_in, beat) = (tale.shown[0], tale.raw(tale.all(102)[0]));
                let answer = tale.next(sign_in, Down);
                tale.entries[answer].happening = Happening::Frame(Up, beat);
            }),
        ),
        ("signin.fields", reworded(of!(SignInRequest, request => request.connector_count = 0))),
        (
            "signin.stable",
            reworded_at(0, of!(SignInRequest, request => request.software_version = Decimal32::from_raw(1))),
        ),
        ("signin.random", every(106, of!(SignInRequest, request => request.random = Some(4)))),
        ("signin.clock", reworded(of!(SignInRequest, request => request.pile_time.0[1] = 0x01))),
        ("heartbeat.begins", reworded(of!(HeartbeatRequest, beat => beat.counter = 7))),
        ("heartbeat.counter", reworded_at(0, of!(HeartbeatRequest, beat => beat.counter = 999))),
        (
            "heartbeat.plugged",
            reworded(of!(HeartbeatRequest, beat => {
                beat.plugged.iter_mut().for_each(|connectors| connectors.0[0] ^= 1);
            })),
        ),
        (
            "status.each",
            otherwise(|tale| {
                let of_second =
                    |at: &usize| matches!(tale.message(*at), Message::StatusReport(report) if !is_first(&report));
                let all: Vec<usize> = tale.all(104).into_iter().filter(of_second).collect();
                all.into_iter().for_each(|at| tale.erase(at));
            }),
        ),
        ("status.count", reworded(of!(StatusReport, report => report.connector_count = 7))),
        ("status.known", reworded(of!(StatusReport, report => report.work_state = WorkState::Unknown(0x77)))),
        (
            "status.lawful",
            otherwise(|tale| {
                let said = tale.said();
                let [.., one, next] = said.as_slice() else { panic!("no pair") };
                tale.reword(*one, of!(StatusReport, report => report.work_state = WorkState::Idle));
                tale.reword(*next, of!(StatusReport, report => report.work_state = WorkState::Finished));
            }),
        ),
        (
            "status.energy_rises",
            reworded_at(1, of!(StatusReport, report => report.total_energy = KilowattHours::from_raw(99_999))),
        ),
        (
            "status.amount_rises",
            reworded_at(1, of!(StatusReport, report => report.total_amount = Yuan::from_raw(99_999))),
        ),
        (
            "status.time_rises",
            reworded_at(1, of!(StatusReport, report => report.charging_seconds = Seconds::from_raw(99_999))),
        ),
        ("status.meter", reworded(of!(StatusReport, report => report.meter_now = KilowattHours::from_raw(99_999_999)))),
        ("status.plausible", reworded(of!(StatusReport, report => report.soc = Percent::from_raw(200)))),
        ("status.plugged", reworded(of!(StatusReport, report => report.plug = Plug::Unplugged))),
        ("status.idle_without_current", reworded(of!(StatusReport, report => report.dc_current = SignedAmps(1_000)))),
        ("status.serial", reworded(of!(StatusReport, report => report.transaction_number = Some(Text::default())))),
        ("alarm.period", without(&[108])),
        ("bms.counter", reworded_at(0, of!(BmsReport, report => report.counter = 999))),
        ("bms.counter", and(by_turns(), reworded_at(0, of!(BmsReport, report => report.counter = 999)))),
        ("bms.agrees", reworded(of!(BmsReport, report => report.work_state = WorkState::Idle))),
    ]
}

/// Every second 302 is of the other connector.
fn by_turns() -> Twist {
    otherwise(|tale| {
        for at in tale.all(302).into_iter().step_by(2) {
            tale.reword(at, of!(BmsReport, report => report.connector_number = Default::default()));
        }
    })
}

/// What looks like a breach and is none.
pub(super) fn pardoned() -> Vec<(&'static str, Twist)> {
    // Either all connectors count together, or each for itself.
    let each = otherwise(|tale| {
        for (place, at) in tale.all(302).into_iter().enumerate() {
            tale.reword(at, of!(BmsReport, report => report.counter = u16::try_from(place / 2 + 5).unwrap()));
        }
    });
    vec![("bms.counter", by_turns()), ("bms.counter", and(by_turns(), each))]
}

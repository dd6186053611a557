//! Every rule of the exam of platforms, and a conversation by which it fails.

use voltapile_certify::aaf5::platform::PlatformExam;
use voltapile_certify::{Exam, Happening};
use voltapile_protocol::aaf5::code::*;
use voltapile_protocol::aaf5::field::ConnectorNumber;
use voltapile_protocol::aaf5::message::*;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::wire::*;

use super::platform::{Fault, Platform, options};
use super::tale::*;
use crate::world;

/// A command that no version knows.
const NO_COMMAND: [u8; 2] = 7_779_u16.to_le_bytes();

/// What was to be passed over is answered: by the next frame, with its number.
fn answered_by(answer: fn() -> Message) -> Twist {
    otherwise(move |tale| {
        let strange = tale.shown[0];
        let sequence = tale.raw(strange)[5];
        let next = tale.next(strange, Direction::Down);
        tale.put(next, sequence, &answer());
        tale.entries[next].at = tale.entries[strange].at;
    })
}

/// The same, by a command that nobody knows.
fn answered_by_unknown() -> Twist {
    otherwise(|tale| {
        let strange = tale.shown[0];
        let sequence = tale.raw(strange)[5];
        let next = tale.next(strange, Direction::Down);
        tale.edit(next, |raw| {
            raw[5] = sequence;
            raw[6..8].copy_from_slice(&NO_COMMAND);
            sealed(raw);
        });
        tale.entries[next].at = tale.entries[strange].at;
    })
}

/// The platform asks something that it should not have: in the place of an answer to a heartbeat.
fn asks(message: fn() -> Message) -> Twist {
    otherwise(move |tale| {
        let place = tale.all(101)[1];
        tale.put(place, 0x77, &message());
    })
}

fn periods(hours: &[(u8, u8)]) -> [TariffPeriod; 12] {
    let mut periods: [TariffPeriod; 12] = Default::default();
    for (period, (start_hour, end_hour)) in periods.iter_mut().zip(hours) {
        (period.start_hour, period.end_hour) = (*start_hour, *end_hour);
    }
    periods
}

/// The end of the silent connection comes so long after the pile's last word.
fn ends_after(seconds: u64, by: Direction) -> Twist {
    otherwise(move |tale| {
        let last = tale.shown[0];
        let (at, connection) = (tale.entries[last].at, tale.entries[last].connection);
        for entry in &mut tale.entries[last + 1..] {
            if entry.connection == connection && matches!(entry.happening, Happening::Closed(_)) {
                entry.happening = Happening::Closed(Some(by));
                entry.at.0 = at.0 + seconds * 1_000;
            }
        }
    })
}

fn twists() -> Vec<(&'static str, Twist)> {
    // Answers that come too late for whoever waits.
    const AWAITED: &[&str] = &[
        "signin.answered",
        "signin.again",
        "signin.after_early_frame",
        "signin.v26",
        "signin.v34",
        "signin.longer",
        "signin.behind_code",
        "heartbeat.answered",
        "heartbeat.zero_sequence",
        "heartbeat.v26",
        "heartbeat.longer",
        "heartbeat.wraps",
        "heartbeat.info_byte",
        "status.answered",
        "status.v26",
        "status.longer",
        "status.connector_zero",
        "status.odd_values",
        "status.unknown_charge",
        "alarm.harmless",
        "bms.answered",
        "start.completed",
        "vin.result",
        "card.answered",
        "card.repeated",
        "card.v26",
        "card.password",
        "card.record",
        "vin.answered",
        "record.coarse",
        "record.fine",
        "record.prompt",
        "record.duplicate",
        "record.burst",
        "record.v26",
        "record.v52",
        "record.no_serial",
        "record.negative_index",
        "record.wrong_sums",
        "record.invalid_times",
        "record.odd_stop_code",
        "stream.halves",
        "stream.bytes",
        "stream.glued",
        "stream.garbage",
        "stream.false_start",
        "stream.too_short",
        "stream.absurd_length",
        "checksum.goes_on",
        "malformed.unknown_goes_on",
        "malformed.empty",
        "malformed.short",
        "malformed.longest",
        "malformed.direction_goes_on",
        "malformed.encrypted",
        "malformed.foreign_pile",
        "malformed.connector",
        "session.second_connection",
        "session.newest_wins",
        "session.old_end_harmless",
        "session.reconnect",
        "session.reconnect_storm",
    ];
    let mut twists: Vec<(&'static str, Twist)> = AWAITED.iter().map(|id| (*id, late(35))).collect();
    let others: Vec<(&'static str, Twist)> = vec![
        ("signin.random", reworded(of!(SignInResponse, said => said.random = Some(1)))),
        ("signin.complete", reworded(of!(SignInResponse, said => (said.fine_energy, said.aes_key) = (None, None)))),
        ("signin.clock", reworded(of!(SignInResponse, said => said.platform_time = Some(BcdTime([0x99; 8]))))),
        ("signin.codes", reworded(of!(SignInResponse, said => said.service = Some(Service::Unknown(9))))),
        ("signin.plain", reworded(of!(SignInResponse, said => said.encryption = Some(EncryptionFlag::Aes)))),
        ("signin.first", answered_by(|| HeartbeatResponse::default().into())),
        (
            "signin.unknown_pile",
            otherwise(|tale| {
                let asked = tale.shown[0];
                let (connection, sequence) = (tale.entries[asked].connection, tale.raw(asked)[5]);
                let answer = tale.raw(tale.all(105)[0]);
                let end =
                    (asked + 1..tale.entries.len()).find(|at| tale.entries[*at].connection == connection).unwrap();
                tale.entries[end].happening = Happening::Frame(Direction::Down, answer);
                tale.edit(end, |raw| {
                    raw[5] = sequence;
                    sealed(raw);
                });
            }),
        ),
        ("heartbeat.counter", reworded_at(0, of!(HeartbeatResponse, said => said.counter = 999))),
        (
            "heartbeat.once",
            otherwise(|tale| {
                let (copy, place) = (tale.raw(tale.all(101)[1]), tale.all(103)[0]);
                tale.edit(place, |raw| raw.clone_from(&copy));
            }),
        ),
        (
            "reserved.heartbeat",
            bytes(|raw| {
                raw[8..12].fill(0);
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
            "status.connector",
            bytes(|raw| {
                raw[12] = 9;
                sealed(raw);
            }),
        ),
        ("status.no_ping_pong", every(103, of!(StatusResponse, said => said.report_now = Some(ReportNow::Yes)))),
        ("silence.patient", ends_after(5, Direction::Down)),
        ("silence.closes", ends_after(600, Direction::Up)),
        ("card.refused", reworded(of!(AccountQueryResponse, said => said.answer = AccountAnswer::Valid))),
        ("card.code", reworded(of!(AccountQueryResponse, said => said.answer = AccountAnswer::Unknown(99)))),
        (
            "card.connector",
            reworded(of!(AccountQueryResponse, said => said.connector_number = Some(ConnectorNumber(9)))),
        ),
        ("card.known", reworded(of!(AccountQueryResponse, said => said.answer = AccountAnswer::UnknownCard))),
        ("card.serial", reworded(of!(AccountQueryResponse, said => said.transaction_number = Some(Text::default())))),
        ("card.balance", reworded(of!(AccountQueryResponse, said => said.account_balance = Yuan::from_raw(0)))),
        ("vin.echoes", reworded(of!(VinStartResponse, said => said.vin = Vin(*b"LANOTHERVIN000001")))),
        ("vin.refused", reworded(of!(VinStartResponse, said => said.refusal = VinRefusal::None))),
        (
            "record.connector",
            bytes(|raw| {
                raw[8 + 4] = 9;
                sealed(raw);
            }),
        ),
        (
            "record.card",
            bytes(|raw| {
                raw[8 + 5] ^= 1;
                sealed(raw);
            }),
        ),
        (
            "record.index",
            bytes(|raw| {
                raw[8 + 37] ^= 0x40;
                sealed(raw);
            }),
        ),
        (
            "record.amounts",
            otherwise(|tale| {
                for at in tale.all(221) {
                    tale.reword(at, of!(FineRecordConfirm, said => {
                    said.amounts_valid = Some(AmountsValid::Valid);
                    (said.full_amount, said.charged_amount) = (Some(Yuan::from_raw(500)), Some(Yuan::from_raw(1)));
                    said.discount = Some(Yuan::from_raw(0));
                }));
                }
            }),
        ),
        ("record.before_signin", without(&[201, 221])),
        ("checksum.ignored", answered_by(|| HeartbeatResponse::default().into())),
        ("malformed.unknown", answered_by_unknown()),
        ("malformed.direction", answered_by_unknown()),
        ("frame.whole", last_bytes(|raw| *raw.last_mut().unwrap() ^= 0x11)),
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
                raw[6..8].copy_from_slice(&102_u16.to_le_bytes());
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
        ("frame.pile_code", every(207, of!(VinStartResponse, said => said.pile_code = Text::new("ANOTHER").unwrap()))),
        (
            "clock.valid",
            asks(|| {
                let value = BytesToEnd([0x99; 8].as_slice().into());
                let (action, index) = (ParameterAction::Set, 2);
                TextParameterRequest { action, index, byte_count: 8, value, ..Default::default() }.into()
            }),
        ),
        (
            "tariff.covers",
            asks(|| TariffSetRequest { periods: periods(&[(0, 8), (9, 24)]), ..Default::default() }.into()),
        ),
        (
            "tariff.unused",
            asks(|| {
                let mut periods = periods(&[(0, 24)]);
                periods[7].electricity_price = YuanPerKwh::from_raw(1);
                TariffSetRequest { periods, ..Default::default() }.into()
            }),
        ),
        ("start.valid", asks(|| StartRequest::default().into())),
    ];
    twists.extend(others);
    twists
}

#[test]
fn every_rule_fails_where_it_is_broken() {
    let mut exam = PlatformExam::new(options());
    let lawful = world::run(&mut exam, Platform::new(Fault::None));
    let wrong = wrong(&lawful, Direction::Down, &twists(), "aaf5.platform.", |trace| exam.report_of(trace));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(exam.report().findings, lawful.findings);
}

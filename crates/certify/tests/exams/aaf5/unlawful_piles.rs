//! Every rule of the exam of piles, and a conversation by which it fails.

use voltapile_certify::Happening;
use voltapile_protocol::aaf5::code::*;
use voltapile_protocol::aaf5::field::{CardNumber, ConnectorNumber};
use voltapile_protocol::aaf5::message::*;
use voltapile_protocol::layout::Direction::{Down, Up};
use voltapile_protocol::wire::*;

use super::pile::{by_the_book, stage};
use super::tale::*;

/// Answers that come too late for whoever waits.
const AWAITED: &[&str] = &[
    "signin.asked",
    "parameters.integers",
    "parameters.texts",
    "stop.answered",
    "robust.split",
    "robust.glued",
    "robust.goes_on",
    "robust.unknown_goes_on",
    "robust.garbage",
    "robust.absurd_length",
    "robust.longer",
    "signin.tries",
];

/// What comes much later than it should.
const SLOW: &[&str] = &[
    "signin.repeats",
    "heartbeat.period",
    "heartbeat.dead_link",
    "status.period",
    "status.asked",
    "bms.period",
    "reboot.signs_in",
    "start.shown",
    "stop.stops",
    "card.starts",
    "record.in_time",
    "record.repeats",
    "alarm.period",
    "reconnect.in_time",
];

fn is_first(report: &StatusReport) -> bool {
    report.connector_number.number() == 1
}

/// Reports of connector 1 are like that, as far as they stand within some places.
fn reports(tale: &mut Tale, within: std::ops::Range<usize>, change: impl Fn(&mut StatusReport)) {
    for at in tale.all(104).into_iter().filter(|at| within.contains(at)) {
        tale.reword(at, of!(StatusReport, report => if is_first(report) { change(report) }));
    }
}

/// What was to be passed over is answered: by the next frame, with its number and of that command.
fn answered_by(command: u16) -> Twist {
    otherwise(move |tale| {
        let strange = tale.shown[0];
        let (sequence, model) = (tale.raw(strange)[5], tale.all(2)[0]);
        let (mut answer, next) = (tale.raw(model), tale.next(strange, Up));
        answer[5] = sequence;
        answer[6..8].copy_from_slice(&command.to_le_bytes());
        sealed(&mut answer);
        tale.edit(next, |raw| raw.clone_from(&answer));
        tale.entries[next].at = tale.entries[strange].at;
    })
}

/// No record comes from a place on, though the connections live on for a while.
fn forgotten_from(tale: &mut Tale, place: usize) {
    tale.all(222).into_iter().filter(|at| *at >= place).for_each(|at| tale.erase(at));
    let is_end = |at: &usize| matches!(tale.entries[*at].happening, Happening::Closed(_));
    let ends: Vec<usize> = (0..tale.entries.len()).filter(is_end).collect();
    ends.into_iter().for_each(|at| tale.delay(at, 100));
}

/// A start at once, without a limit, that the pile took.
fn accepted(tale: &Tale) -> usize {
    let is_plain = |at: &usize| match (tale.message(*at), tale.message(tale.next(*at, Up))) {
        (Message::StartRequest(start), Message::StartResponse(said)) => {
            start.start_mode == StartMode::Immediate && start.strategy_argument == 0 && said.result == StartFailure(0)
        }
        _ => false,
    };
    tale.all(7).into_iter().find(is_plain).unwrap()
}

fn number(text: &str) -> Text<32> {
    Text::new(text).unwrap()
}

fn of_records() -> Vec<(&'static str, Twist)> {
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

fn of_starts() -> Vec<(&'static str, Twist)> {
    vec![
        ("start.answered", late(155)),
        ("start.echoes", reworded(of!(StartResponse, said => said.transaction_number = Some(number("ANOTHER"))))),
        ("start.code", reworded(of!(StartResponse, said => said.result = StartFailure(7_777)))),
        (
            "start.refused_stays_off",
            otherwise(|tale| {
                let answer = *tale.said().last().unwrap();
                let Message::StartResponse(refusal) = tale.message(answer) else { panic!("no 8") };
                let report = tale.all(104).into_iter().find(|at| *at > answer).unwrap();
                tale.reword(report, of!(StatusReport, report => {
                (report.work_state, report.transaction_number) = (WorkState::Charging, refusal.transaction_number);
            }));
            }),
        ),
        (
            "start.not_plugged",
            otherwise(|tale| {
                let start = accepted(tale);
                reports(tale, 0..start, |report| (report.work_state, report.plug) = (WorkState::Idle, Plug::Unplugged));
            }),
        ),
        ("start.no_such_connector", reworded(of!(StartResponse, said => said.result = StartFailure(0)))),
        ("start.bad_mode", reworded(of!(StartResponse, said => said.result = StartFailure(0)))),
        ("start.bad_strategy", reworded(of!(StartResponse, said => said.result = StartFailure(0)))),
        ("start.already_charging", reworded(of!(StartResponse, said => said.result = StartFailure(0)))),
        ("start.names", reworded(of!(StatusReport, report => report.transaction_number = Some(number("ANOTHER"))))),
        (
            "start.strategy",
            reworded(of!(FineChargeRecord, record => record.total_energy = KilowattHours::from_raw(99_999))),
        ),
        ("start.reserved", reworded_at(0, of!(StatusReport, report => report.work_state = WorkState::Idle))),
        ("start.cancelled", reworded_at(0, of!(StatusReport, report => report.work_state = WorkState::Reserved))),
        ("offline.charges_on", reworded_at(0, of!(StatusReport, report => report.work_state = WorkState::Idle))),
        ("card.named", reworded(of!(AccountQueryRequest, query => query.card_number = Text::default()))),
        (
            "card.refused",
            otherwise(|tale| {
                let refusal = tale.shown[0];
                reports(tale, refusal..usize::MAX, |report| report.work_state = WorkState::Charging);
                let next = tale.next(refusal, Up);
                let report = tale.all(104).into_iter().find(|at| *at > refusal).unwrap();
                tale.entries[report].at = tale.entries[next.min(report)].at;
                tale.entries[report].at.0 = tale.entries[refusal].at.0 + 1_000;
            }),
        ),
        (
            "card.repeated",
            otherwise(|tale| {
                tale.all(203).into_iter().for_each(|at| tale.erase(at));
                let asked = tale.all(204);
                tale.entries[asked[1]].at.0 = tale.entries[asked[0]].at.0 + 20_000;
            }),
        ),
        // It starts by card; the first heartbeat and its answer become a car's question and a consent.
        (
            "vin.result",
            otherwise(|tale| {
                let (asked, answer) = (tale.all(102)[0], tale.all(101)[0]);
                let sequence = tale.raw(asked)[5];
                tale.put(
                    asked,
                    sequence,
                    &VinStartRequest { connector_number: ConnectorNumber(1), ..Default::default() }.into(),
                );
                let consent = VinStartResponse { result: VinResult::Accepted, ..Default::default() };
                tale.put(answer, sequence, &consent.into());
            }),
        ),
    ]
}

fn of_presence() -> Vec<(&'static str, Twist)> {
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
        ("bms.counter", reworded_at(0, of!(BmsReport, report => report.counter = 999))),
        ("bms.agrees", reworded(of!(BmsReport, report => report.work_state = WorkState::Idle))),
    ]
}

fn of_commands() -> Vec<(&'static str, Twist)> {
    let other_body = || {
        last_bytes(|raw| {
            raw[12] ^= 1;
            sealed(raw);
        })
    };
    vec![
        ("parameters.values", reworded(of!(IntegerParameterResponse, said => said.count = 3))),
        (
            "parameters.kept",
            reworded(of!(IntegerParameterResponse, said => said.values = vec![IntegerValue { value: 99 }])),
        ),
        ("parameters.unknown", reworded(of!(IntegerParameterResponse, said => said.result = Outcome::Succeeded))),
        ("clock.set", reworded(of!(TextParameterResponse, said => said.result = Outcome::Failed))),
        (
            "clock.obeyed",
            reworded(of!(TextParameterResponse, said => {
                let wrong = [0x20, 0x01, 0x01, 0x01, 0, 0, 0, 0xFF];
                said.value = BytesToEnd(wrong.as_slice().into());
            })),
        ),
        ("tariff.set", reworded(of!(TariffSetResponse, said => said.result = Outcome::Failed))),
        ("tariff.gap_refused", reworded(of!(TariffSetResponse, said => said.result = Outcome::Succeeded))),
        ("tariff.kept", other_body()),
        ("tariff.time_of_use", reworded(of!(TimeOfUseTariffSetResponse, said => said.result = Outcome::Failed))),
        ("tariff.time_of_use_kept", other_body()),
        ("whitelist.answered", reworded(of!(WhiteListResponse, said => said.result = Outcome::Failed))),
        ("whitelist.kept", reworded(of!(WhiteListResponse, said => said.version = 1))),
        ("reboot.answered", reworded(of!(ControlResponse, said => said.result = Outcome::Failed))),
        ("robust.bad_checksum", answered_by(2)),
        ("robust.unknown", answered_by(7_778)),
    ]
}

fn twists() -> Vec<(&'static str, Twist)> {
    let awaited = AWAITED.iter().map(|id| (*id, late(35)));
    let slow = SLOW.iter().map(|id| (*id, late(2_000)));
    let others = [of_presence(), of_commands(), of_starts(), of_records()];
    awaited.chain(slow).chain(others.into_iter().flatten()).collect()
}

#[test]
fn every_rule_fails_where_it_is_broken() {
    let mut stage = stage(by_the_book(), false);
    stage.run_to_the_end();
    let exam = stage.exam;
    let lawful = voltapile_certify::Exam::report(&exam);
    assert_eq!(crate::ids(&lawful, voltapile_certify::Verdict::Fail), [""; 0], "{}", crate::why(&lawful));
    let wrong = wrong(&lawful, Up, &twists(), "aaf5.pile.", |trace| exam.report_of(trace));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

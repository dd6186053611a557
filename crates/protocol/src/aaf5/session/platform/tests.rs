//! Tests on virtual time: what goes in is bytes and moments, what comes out is looked at.

mod deadline;
mod request;
mod sign_in;

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::aaf5::Frame;
use crate::aaf5::code::{ReportNow, StopReason};
use crate::aaf5::field::{CardNumber, ConnectorNumber, PileCode, TransactionNumber};
use crate::aaf5::frame::{Envelope, write_frame};
use crate::aaf5::message::*;
use crate::time::Tick;
use crate::wire::{BcdTime, CivilTime, Text, Writer};

fn code(text: &str) -> PileCode {
    Text::new(text).unwrap()
}

fn pile() -> PileCode {
    code("AAF5-0001")
}

fn seconds(count: u64) -> Tick {
    Tick(count * 1000)
}

/// The clock on the wall at the start of a test.
fn clock() -> BcdTime {
    BcdTime::new(CivilTime::in_china(1_800_000_000_000))
}

/// A frame with an unusual information byte, and reserved fields that are to be echoed.
fn frame(sequence: u8, message: impl Into<Message>) -> Vec<u8> {
    let message = message.into();
    let mut out = Vec::new();
    write_frame(&mut out, Envelope { info: 0x02, sequence }, message.frame_type(), |writer| {
        let mut body = Vec::new();
        message.write(&mut Writer::new(&mut body));
        if message.layout().is_some_and(|layout| layout.fields.first().is_some_and(|field| field.name == "reserved1")) {
            body[..4].copy_from_slice(&[1, 2, 3, sequence]);
        }
        writer.put(&body);
    })
    .unwrap();
    out
}

fn sign_in(pile_code: PileCode) -> SignInRequest {
    SignInRequest { pile_code, connector_count: 2, random: Some(0x1234_5678), pile_time: clock(), ..Default::default() }
}

fn heartbeat(pile_code: PileCode) -> HeartbeatRequest {
    HeartbeatRequest { pile_code, counter: 7, ..Default::default() }
}

fn status(connector: u8) -> StatusReport {
    StatusReport { pile_code: pile(), connector_number: ConnectorNumber(connector), ..Default::default() }
}

/// The platform's end with a driver that lets everybody in.
struct Platform {
    connection: Connection,
    answer: SignInAnswer,
    /// Names of the events, for comparing.
    seen: Vec<String>,
}

impl Platform {
    fn new() -> Self {
        Self {
            connection: Connection::new(Arc::new(Settings::default()), Tick(0)),
            answer: SignInAnswer { platform_time: clock(), ..Default::default() },
            seen: Vec::new(),
        }
    }

    fn signed_in() -> Self {
        let mut platform = Self::new();
        platform.receive(Tick(0), &frame(0, sign_in(pile()))).unwrap();
        assert_eq!(platform.due(Tick(0)).0, []);
        platform.seen.clear();
        platform
    }

    fn receive(&mut self, now: Tick, bytes: &[u8]) -> Result<Vec<u8>, CloseReason> {
        let mut out = Vec::new();
        let (seen, answer) = (&mut self.seen, self.answer);
        self.connection.handle_bytes(now, bytes, &mut out, |session, event, _, out| {
            seen.push(name(&event));
            if let Event::SignIn { reply_to, request, .. } = event
                && let Err(error) = session.accept_sign_in(now, reply_to, &request, answer, out)
            {
                seen.push(error.to_string());
            }
        })?;
        Ok(out)
    }

    /// What is due, and what was sent with it.
    fn due(&mut self, now: Tick) -> (Vec<DeadlineEvent>, Vec<u8>) {
        let mut out = Vec::new();
        let due = std::iter::from_fn(|| self.connection.handle_deadline(now, &mut out, |_, _, _, _| {})).collect();
        (due, out)
    }
}

fn name(event: &Event<'_>) -> String {
    match event {
        Event::SignIn { again, .. } => format!("sign in again={again}"),
        Event::Heartbeat(_) => "heartbeat".to_owned(),
        Event::Record { signed_in, answers, body: RecordBody::Read(_), .. } => {
            format!("record signed_in={signed_in} answers={answers:?}")
        }
        Event::Record { pile, .. } => format!("unreadable record {}", pile.is_some()),
        Event::Message { message, answers, .. } => format!("{} answers={answers:?}", message.frame_type()),
        Event::BeforeSignIn { command, .. } => format!("before sign in {command}"),
        Event::Unreadable(error) => format!("unreadable {} at {}", error.field, error.offset),
        Event::Encrypted { command } => format!("encrypted {command}"),
        Event::WrongDirection { command } => format!("wrong direction {command}"),
        Event::Relative(relative) => relative.name().to_owned(),
    }
}

/// Each frame: sequence, command, body.
fn sent(mut bytes: &[u8]) -> Vec<(u8, u16, Vec<u8>)> {
    let mut frames = Vec::new();
    while let Ok(frame) = Frame::parse(bytes) {
        assert_eq!(frame.info, 0x02, "the pile's own information byte");
        frames.push((frame.sequence, frame.command, frame.body.to_vec()));
        bytes = &bytes[frame.raw.len()..];
    }
    assert!(bytes.is_empty());
    frames
}

fn decoded(frame: &(u8, u16, Vec<u8>)) -> Message {
    Message::decode(frame.1, &frame.2, Dialect::Standard).unwrap()
}

#[test]
fn what_needs_no_decision_is_answered_with_sequence_and_reserved_fields() {
    let mut platform = Platform::signed_in();
    let (pile_code, connector_number) = (pile(), ConnectorNumber(2));
    let bytes = [
        frame(9, heartbeat(pile())),
        frame(10, status(2)),
        frame(11, BmsReport { pile_code, ..Default::default() }),
        frame(12, AlarmReport { pile_code, ..Default::default() }),
        frame(13, StartCompleteReport { pile_code, ..Default::default() }),
        frame(14, VinStartResult { pile_code, connector_number, ..Default::default() }),
    ]
    .concat();
    let answers = sent(&platform.receive(seconds(1), &bytes).unwrap());
    let commands: Vec<_> =
        answers.iter().map(|(sequence, command, body)| (*sequence, *command, body[..4].to_vec())).collect();
    let expected = [(9, 101), (10, 103), (11, 301), (12, 107), (13, 109), (14, 209)];
    assert_eq!(commands, expected.map(|(sequence, command)| (sequence, command, vec![1, 2, 3, sequence])));
    let Message::HeartbeatResponse(answer) = decoded(&answers[0]) else { panic!() };
    assert_eq!(answer.counter, 7);
    let Message::StatusResponse(answer) = decoded(&answers[1]) else { panic!() };
    assert_eq!((answer.connector_number, answer.report_now), (connector_number, Some(ReportNow::No)));
    let names = [
        "heartbeat",
        "104 answers=None",
        "302 answers=None",
        "108 answers=None",
        "110 answers=None",
        "210 answers=None",
    ];
    assert_eq!(platform.seen, names);
}

#[test]
fn a_game_of_status_and_answer_comes_to_an_end() {
    let mut platform = Platform::signed_in();
    let reports = frame(1, status(1)).repeat(1000);
    assert_eq!(sent(&platform.receive(seconds(1), &reports).unwrap()).len(), 256);
    assert_eq!(sent(&platform.receive(seconds(2), &frame(1, status(1))).unwrap()).len(), 1);
}

#[test]
fn nothing_but_records_is_taken_before_the_sign_in() {
    let mut platform = Platform::new();
    let other = code("AAF5-0002");
    let bytes = [
        frame(0, heartbeat(pile())),
        frame(1, status(1)),
        frame(2, TariffSetResponse::default()),
        frame(3, ChargeRecord { pile_code: pile(), ..Default::default() }),
    ]
    .concat();
    assert_eq!(sent(&platform.receive(Tick(0), &bytes).unwrap()), []);
    assert_eq!(
        platform.seen,
        ["before sign in 102", "before sign in 104", "before sign in 1104", "record signed_in=false answers=None"]
    );

    let mut platform = Platform::signed_in();
    let bytes = [frame(0, heartbeat(other)), frame(1, FineChargeRecord { pile_code: other, ..Default::default() })];
    assert_eq!(sent(&platform.receive(Tick(0), &bytes.concat()).unwrap()), []);
    assert_eq!(platform.seen, ["before sign in 102", "record signed_in=false answers=None"]);
}

#[test]
fn odd_frames_are_told_apart() {
    let mut platform = Platform::signed_in();
    let mut bytes = Vec::new();
    write_frame(&mut bytes, Envelope { info: 0x02, sequence: 0 }, 9999, |writer| writer.put(&[1, 2, 3])).unwrap();
    write_frame(&mut bytes, Envelope { info: 0x02, sequence: 0 }, 104, |writer| writer.put(&[0; 20])).unwrap();
    write_frame(&mut bytes, Envelope { info: 0x82, sequence: 0 }, 104, |writer| writer.put(&[0; 34])).unwrap();
    bytes.extend(frame(0, TariffQuery::default()));
    assert_eq!(sent(&platform.receive(Tick(0), &bytes).unwrap()), [], "none of them is answered");
    let expected = ["9999 answers=None", "unreadable pile_code at 4", "encrypted 104", "wrong direction 1101"];
    assert_eq!(platform.seen, expected);
}

#[test]
fn the_peer_of_a_relative_is_told_so() {
    let mut bytes = frame(0, sign_in(pile()));
    let last = bytes.pop().unwrap();
    bytes.push(last.wrapping_add(bytes[..6].iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte))));
    let mut platform = Platform::new();
    assert_eq!(platform.receive(Tick(0), &bytes), Err(CloseReason::Relative));
    assert_eq!(platform.seen, ["sum_from_start"]);
}

#[test]
fn a_record_is_confirmed_by_what_it_says_of_itself_even_when_it_is_cut() {
    let card_number: CardNumber = Text::new("0000111122223333").unwrap();
    let record = FineChargeRecord {
        pile_code: pile(),
        connector_number: ConnectorNumber(2),
        card_number,
        record_index: -7,
        stop_reason: StopReason::default(),
        transaction_number: Some(TransactionNumber::new("SN1").unwrap()),
        ..Default::default()
    };
    let mut body = Vec::new();
    record.write(&mut Writer::new(&mut body));
    for cut in [body.len(), 200, 116] {
        let Some(Message::FineRecordConfirm(confirm)) = Session::record_confirm(222, &body[..cut]) else { panic!() };
        assert_eq!((confirm.connector_number.0, confirm.card_number), (2, card_number));
        assert_eq!(confirm.record_index, Some(-7));
    }
    assert!(matches!(Session::record_confirm(202, &body), Some(Message::RecordConfirm(_))));
    assert_eq!((Session::record_confirm(222, &body[..115]), Session::record_confirm(402, &body)), (None, None));

    let mut platform = Platform::signed_in();
    let mut bytes = Vec::new();
    write_frame(&mut bytes, Envelope::default(), 222, |writer| writer.put(&body[..200])).unwrap();
    platform.receive(Tick(0), &bytes).unwrap();
    assert_eq!(platform.seen, ["unreadable record true"]);
}

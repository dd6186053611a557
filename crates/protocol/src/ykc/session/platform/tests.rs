//! Tests on virtual time: what goes in is bytes and moments, what comes out is looked at.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::time::Tick;
use crate::ykc::Profile;
use crate::ykc::cipher::{BodyCipher, Mode, Padding};
use crate::ykc::code::{ConnectorState, LoginResult};
use crate::ykc::field::{ConnectorNumber, PileCode, TransactionNumber};
use crate::ykc::frame::{CrcOrder, Envelope, Frame, write_frame, write_message};
use crate::ykc::message::{
    ClockSyncRequest, ClockSyncResponse, HeartbeatRequest, LoginRequest, Message, QrCodeResponseGuochong,
    RealtimeReadRequest, RealtimeReport, RemoteStopResponse, TransactionRecord, VehicleQuery, VehicleReport,
};

const PILE: PileCode = PileCode([0x32, 0x01, 0x06, 0, 0, 0, 1]);
const OTHER: PileCode = PileCode([0x32, 0x01, 0x06, 0, 0, 0, 2]);

fn seconds(count: u64) -> Tick {
    Tick(count * 1000)
}

fn frame(sequence: [u8; 2], message: impl Into<Message>) -> Vec<u8> {
    let mut out = Vec::new();
    write_message(&mut out, Envelope { sequence, ..Envelope::default() }, &message.into()).unwrap();
    out
}

fn login(pile: PileCode) -> LoginRequest {
    LoginRequest { pile_code: pile, ..LoginRequest::default() }
}

fn heartbeat(pile: PileCode) -> HeartbeatRequest {
    HeartbeatRequest { pile_code: pile, connector_number: ConnectorNumber(1), ..HeartbeatRequest::default() }
}

/// The platform's end with a driver that lets everybody in.
struct Platform {
    connection: Connection,
    /// Names of the events, for comparing.
    seen: Vec<String>,
}

impl Platform {
    fn new() -> Self {
        Self { connection: Connection::new(Arc::new(Settings::default()), Tick(0)), seen: Vec::new() }
    }

    fn receive(&mut self, now: Tick, bytes: &[u8]) -> Result<Vec<u8>, CloseReason> {
        let mut out = Vec::new();
        let seen = &mut self.seen;
        self.connection.handle_bytes(now, bytes, &mut out, |session, event, _, out| {
            seen.push(name(&event));
            if let Event::Login { reply_to, request, .. } = event {
                session.accept_login(now, reply_to, &request, out).unwrap();
            }
        })?;
        Ok(out)
    }

    fn due(&mut self, now: Tick) -> Vec<DeadlineEvent> {
        std::iter::from_fn(|| self.connection.handle_deadline(now, &mut Vec::new(), |_, _, _, _| {})).collect()
    }

    fn logged_in() -> Self {
        let mut platform = Self::new();
        platform.receive(Tick(0), &frame([0, 0], login(PILE))).unwrap();
        assert_eq!(platform.due(Tick(0)), [DeadlineEvent::ClockSync(PILE)]);
        platform.seen.clear();
        platform
    }
}

fn name(event: &Event<'_>) -> String {
    match event {
        Event::Login { again, .. } => format!("login again={again}"),
        Event::Heartbeat(_) => "heartbeat".to_owned(),
        Event::Record { logged_in, body: RecordBody::Read(_), .. } => format!("record logged_in={logged_in}"),
        Event::Record { transaction, .. } => format!("unreadable record {}", transaction.is_some()),
        Event::Message { message, answers, .. } => format!("0x{:02X} answers={answers:?}", message.frame_type()),
        Event::BeforeLogin { frame_type, .. } => format!("before login 0x{frame_type:02X}"),
        Event::Unreadable(error) => format!("unreadable {} at {}", error.field, error.offset),
        Event::Encrypted { frame_type, .. } => format!("encrypted 0x{frame_type:02X}"),
        Event::WrongDirection { frame_type } => format!("wrong direction 0x{frame_type:02X}"),
        Event::Version2 => "version 2".to_owned(),
    }
}

#[test]
fn a_login_is_answered_with_its_own_sequence_and_again_when_repeated() {
    let mut platform = Platform::new();
    for (sequence, expected) in [([0x12, 0x34], "login again=false"), ([0xFF, 0x00], "login again=true")] {
        let out = platform.receive(Tick(0), &frame(sequence, login(PILE))).unwrap();
        let answer = Frame::parse(&out).unwrap();
        assert_eq!((answer.sequence, answer.frame_type, answer.body[7]), (sequence, 0x02, 0));
        assert_eq!(platform.seen.pop().unwrap(), expected);
    }
    assert_eq!(platform.connection.session().piles().count(), 1);
}

#[test]
fn an_answer_of_a_dialect_is_its_piles_own() {
    let mut platform = Platform::logged_in();
    let answer = QrCodeResponseGuochong { pile_code: OTHER, ..Default::default() };
    platform.connection.session().set_profile(Profile::named("guochong").unwrap());
    platform.receive(seconds(1), &frame([0, 1], answer)).unwrap();
    assert_eq!(platform.seen, ["before login 0x59"], "that pile has not logged in");
}

#[test]
fn a_refused_login_leaves_no_pile() {
    let mut connection = Connection::new(Arc::new(Settings::default()), Tick(0));
    let mut out = Vec::new();
    let bytes = frame([1, 2], login(PILE));
    connection
        .handle_bytes(Tick(0), &bytes, &mut out, |session, event, _, out| {
            let Event::Login { reply_to, request, .. } = event else { panic!("{event:?}") };
            session.refuse_login(reply_to, &request, out);
        })
        .unwrap();
    let answer = Frame::parse(&out).unwrap();
    let Ok(Message::LoginResponse(answer)) = Message::decode(answer.frame_type, answer.body, Default::default()) else {
        panic!("{answer:?}")
    };
    assert_eq!(answer.login_result, LoginResult::Refused);
    assert_eq!(connection.session().piles().count(), 0);
}

#[test]
fn a_heartbeat_is_answered_at_once_whatever_the_crc_order() {
    let mut platform = Platform::logged_in();
    for crc_order in [CrcOrder::LowFirst, CrcOrder::HighFirst] {
        let mut bytes = Vec::new();
        let envelope = Envelope { sequence: [7, 8], encryption: 0, crc_order };
        write_message(&mut bytes, envelope, &heartbeat(PILE).into()).unwrap();
        let out = platform.receive(seconds(10), &bytes).unwrap();
        let answer = Frame::parse(&out).unwrap();
        assert_eq!((answer.frame_type, answer.sequence, answer.crc_order), (0x04, [7, 8], CrcOrder::LowFirst));
    }
    assert_eq!(platform.connection.session().high_first_crcs(), 1);
}

#[test]
fn nothing_but_records_is_taken_before_login() {
    let mut platform = Platform::new();
    let bytes = [
        frame([0, 0], heartbeat(PILE)),
        frame([0, 1], RealtimeReport { pile_code: PILE, ..RealtimeReport::default() }),
        frame([0, 2], TransactionRecord { pile_code: PILE, ..TransactionRecord::default() }),
    ]
    .concat();
    let out = platform.receive(Tick(0), &bytes).unwrap();
    assert!(out.is_empty());
    assert_eq!(platform.seen, ["before login 0x03", "before login 0x13", "record logged_in=false"]);
}

#[test]
fn records_of_any_version_and_length_are_records() {
    let mut platform = Platform::logged_in();
    for (frame_type, body, expected) in [
        (0x3B, vec![0; 157], "unreadable record true"),
        (0x3B, vec![0; 3], "unreadable record false"),
        (0x39, vec![0; 140], "unreadable record true"),
        (0x3F, vec![0; 156], "record logged_in=false"),
        (0x3D, vec![0; 201], "record logged_in=false"),
    ] {
        let mut bytes = Vec::new();
        write_frame(&mut bytes, Envelope::default(), frame_type, |writer| writer.put(&body)).unwrap();
        platform.receive(Tick(0), &bytes).unwrap();
        assert_eq!(platform.seen.pop().unwrap(), expected, "0x{frame_type:02X}");
    }
}

#[test]
fn several_piles_share_a_connection_and_each_has_its_own_deadlines() {
    let mut platform = Platform::logged_in();
    platform.receive(seconds(30), &frame([0, 0], login(OTHER))).unwrap();
    assert_eq!(platform.due(seconds(30)), [DeadlineEvent::ClockSync(OTHER)]);
    assert_eq!(platform.connection.next_deadline(), seconds(45));
    assert_eq!(platform.due(seconds(45)), [DeadlineEvent::PileSilent(PILE)]);
    assert_eq!(platform.connection.next_deadline(), seconds(75));
    platform.receive(seconds(50), &frame([0, 1], heartbeat(PILE))).unwrap();
    assert_eq!(platform.due(seconds(75)), [DeadlineEvent::PileSilent(OTHER)]);
    platform.connection.session().remove(OTHER);
    assert_eq!(platform.connection.session().piles().collect::<Vec<_>>(), [PILE]);
}

#[test]
fn deadlines_of_peers_that_say_nothing_sensible() {
    let mut mute = Platform::new();
    assert_eq!(mute.connection.next_deadline(), seconds(10));
    assert_eq!(mute.due(seconds(9)), []);
    assert_eq!(
        mute.connection.handle_deadline(seconds(10), &mut Vec::new(), |_, _, _, _| {}),
        Some(DeadlineEvent::Close(CloseReason::NoValidFrame))
    );

    let mut stranger = Platform::new();
    stranger.receive(seconds(1), &frame([0, 0], heartbeat(PILE))).unwrap();
    assert_eq!(stranger.connection.next_deadline(), seconds(30));
    assert_eq!(
        stranger.connection.handle_deadline(seconds(30), &mut Vec::new(), |_, _, _, _| {}),
        Some(DeadlineEvent::Close(CloseReason::NoLogin))
    );

    let mut silent = Platform::logged_in();
    assert_eq!(silent.due(seconds(60)), [DeadlineEvent::PileSilent(PILE)]);
    assert_eq!(silent.connection.next_deadline(), seconds(120));
    assert_eq!(
        silent.connection.handle_deadline(seconds(120), &mut Vec::new(), |_, _, _, _| {}),
        Some(DeadlineEvent::Close(CloseReason::Silent))
    );
}

#[test]
fn a_clock_is_set_after_login_and_every_day() {
    const DAY: u64 = 24 * 60 * 60;
    let mut platform = Platform::logged_in();
    platform.receive(seconds(DAY - 1), &frame([0, 0], heartbeat(PILE))).unwrap();
    assert_eq!(platform.due(seconds(DAY - 1)), []);
    assert_eq!(platform.due(seconds(DAY)), [DeadlineEvent::ClockSync(PILE)]);
}

#[test]
fn junk_is_bounded() {
    let mut platform = Platform::new();
    assert!(platform.receive(Tick(0), &[0xAA; 1024]).is_ok());
    assert_eq!(platform.receive(Tick(0), &[0xAA]), Err(CloseReason::Junk));

    let mut known = Platform::logged_in();
    assert!(known.receive(Tick(0), &[0xAA; 60_000]).is_ok());
    known.receive(Tick(0), &frame([0, 0], heartbeat(PILE))).unwrap();
    assert!(known.receive(Tick(0), &[0xAA; 60_000]).is_ok(), "a good frame forgives the junk before it");
    assert_eq!(known.receive(Tick(0), &[0xAA; 6_000]), Err(CloseReason::Junk));
}

#[test]
fn a_login_hidden_behind_a_false_start_is_found_when_the_peer_waits() {
    let mut connection = Connection::new(Arc::new(Settings::default()), Tick(0));
    let bytes = [&[0x68, 0xFF][..], &frame([0, 0], login(PILE))].concat();
    let mut out = Vec::new();
    connection.handle_bytes(Tick(0), &bytes, &mut out, |_, _, _, _| panic!("too early")).unwrap();
    assert_eq!(connection.next_deadline(), seconds(5));
    let mut found = false;
    let due = connection.handle_deadline(seconds(5), &mut out, |_, event, _, _| {
        found = matches!(event, Event::Login { .. });
    });
    assert!(found);
    assert_eq!(due, None);
}

#[test]
fn answers_find_their_requests_by_pile_type_and_subject() {
    let mut platform = Platform::logged_in();
    let mut out = Vec::new();
    let session = platform.connection.session();
    let read = |number| RealtimeReadRequest {
        pile_code: PILE,
        connector_number: ConnectorNumber(number),
        ..Default::default()
    };
    let within = Duration::from_secs(10);
    session.request(Tick(0), PILE, &read(1).into(), within, 1, &mut out).unwrap();
    session.request(Tick(0), PILE, &read(2).into(), within, 2, &mut out).unwrap();
    let clock = ClockSyncRequest { pile_code: PILE, ..ClockSyncRequest::default() };
    session.request(Tick(0), PILE, &clock.into(), within, 3, &mut out).unwrap();
    let sequences: Vec<[u8; 2]> = std::iter::from_fn(|| {
        let frame = Frame::parse(&out).ok()?;
        let (sequence, length) = (frame.sequence, frame.raw.len());
        out.drain(..length);
        Some(sequence)
    })
    .collect();
    assert_eq!(sequences, [[0, 0], [1, 0], [2, 0]]);

    let report = RealtimeReport {
        pile_code: PILE,
        connector_number: ConnectorNumber(2),
        connector_state: ConnectorState::Idle,
        ..RealtimeReport::default()
    };
    let stop = RemoteStopResponse { pile_code: PILE, ..RemoteStopResponse::default() };
    let clock = ClockSyncResponse { pile_code: PILE, ..ClockSyncResponse::default() };
    let bytes =
        [frame([9, 9], report.clone()), frame([0, 0], report), frame([9, 9], stop), frame([0, 0], clock)].concat();
    platform.receive(seconds(1), &bytes).unwrap();
    assert_eq!(
        platform.seen,
        ["0x13 answers=Some(2)", "0x13 answers=None", "0x35 answers=None", "0x55 answers=Some(3)"]
    );
    assert_eq!(platform.due(seconds(11)), [DeadlineEvent::RequestTimedOut { pile: PILE, token: 1 }]);
}

#[test]
fn the_vin_that_was_asked_for_is_an_answer() {
    let mut platform = Platform::logged_in();
    let (pile_code, connector_number) = (PILE, ConnectorNumber(1));
    let query = VehicleQuery { pile_code, connector_number, ..VehicleQuery::default() };
    let session = platform.connection.session();
    session.request(Tick(0), PILE, &query.into(), Duration::from_secs(10), 1, &mut Vec::new()).unwrap();
    let report = VehicleReport { pile_code, connector_number, ..VehicleReport::default() };
    platform.receive(seconds(1), &[frame([0, 0], report.clone()), frame([1, 0], report)].concat()).unwrap();
    assert_eq!(platform.seen, ["0x71 answers=Some(1)", "0x71 answers=None"]);
}

#[test]
fn odd_frames_are_told_apart() {
    let mut platform = Platform::logged_in();
    let mut bytes = Vec::new();
    write_frame(&mut bytes, Envelope::default(), 0xEE, |writer| writer.put(&[1, 2, 3])).unwrap();
    write_frame(&mut bytes, Envelope::default(), 0x13, |writer| writer.put(&[0; 20])).unwrap();
    write_frame(&mut bytes, Envelope { encryption: 1, ..Envelope::default() }, 0x03, |writer| writer.put(&[0; 16]))
        .unwrap();
    bytes.extend(frame([0, 0], RealtimeReadRequest { pile_code: PILE, ..RealtimeReadRequest::default() }));
    let out = platform.receive(Tick(0), &bytes).unwrap();
    assert!(out.is_empty(), "none of them is answered");
    assert_eq!(
        platform.seen,
        ["0xEE answers=None", "unreadable pile_code at 16", "encrypted 0x03", "wrong direction 0x12"]
    );
}

#[test]
fn what_was_asked_in_cipher_is_answered_in_cipher() {
    let cipher = Arc::new(BodyCipher::new(&[7; 24], Mode::Cbc([1; 8]), Padding::Pkcs5).unwrap());
    let mut platform = Platform::new();
    platform.connection.session().set_cipher(Some(Arc::clone(&cipher)));
    let mut body = Vec::new();
    Message::from(login(PILE)).write(&mut crate::wire::Writer::new(&mut body));
    let mut bytes = Vec::new();
    let envelope = Envelope { encryption: 1, ..Envelope::default() };
    write_frame(&mut bytes, envelope, 0x01, |writer| writer.put(&cipher.encrypt(&body))).unwrap();
    let out = platform.receive(Tick(0), &bytes).unwrap();
    let answer = Frame::parse(&out).unwrap();
    assert_eq!((answer.frame_type, answer.encryption), (0x02, 1));
    assert_eq!(cipher.decrypt(answer.body, 0).unwrap()[..7], PILE.0);
}

#[test]
fn a_connection_carries_a_bounded_number_of_piles() {
    let mut session = Session::new(Arc::new(Settings::default()), Tick(0));
    let mut out = Vec::new();
    for number in 0..=PILES_MAX {
        let [high, low] = u16::try_from(number).unwrap().to_be_bytes();
        let request = login(PileCode([0, 0, 0, 0, 0, high, low]));
        let accepted = session.accept_login(Tick(0), ReplyTo::default(), &request, &mut out);
        assert_eq!(accepted.is_ok(), number < PILES_MAX);
    }
    let refusal = Frame::parse(&out[out.len() - 16..]).unwrap();
    assert_eq!(refusal.body[7], 1);
}

#[test]
fn a_transaction_number_belongs_to_the_subject_of_a_request() {
    let number = |last| TransactionNumber([last; 16]);
    let mut platform = Platform::logged_in();
    let start = |last| crate::ykc::message::RemoteStartRequest {
        transaction_number: number(last),
        pile_code: PILE,
        connector_number: ConnectorNumber(1),
        ..Default::default()
    };
    let mut out = Vec::new();
    let within = Duration::from_secs(10);
    platform.connection.session().request(Tick(0), PILE, &start(1).into(), within, 1, &mut out).unwrap();
    let answer = |last| crate::ykc::message::RemoteStartResponse {
        transaction_number: number(last),
        pile_code: PILE,
        connector_number: ConnectorNumber(1),
        ..Default::default()
    };
    platform.receive(Tick(0), &[frame([0, 0], answer(2)), frame([0, 0], answer(1))].concat()).unwrap();
    assert_eq!(platform.seen, ["0x33 answers=None", "0x33 answers=Some(1)"]);
}

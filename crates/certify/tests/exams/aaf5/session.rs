//! The exam of a pile, and a small pile of the protocol's session: nobody plugs in, so it refuses to charge.

use voltapile_certify::aaf5::pile::{PileExam, PileExamOptions};
use voltapile_certify::{ConnectionId, Effect, Exam, Input, Report, Verdict};
use voltapile_protocol::aaf5::checksum::checksum;
use voltapile_protocol::aaf5::code::{Outcome, StartFailure, StartMode, StartStrategy};
use voltapile_protocol::aaf5::framer::Piece;
use voltapile_protocol::aaf5::message::{ControlResponse, Message, StartResponse};
use voltapile_protocol::aaf5::session::pile::{PileConfig, PileEvent, PileSession};
use voltapile_protocol::aaf5::{Frame, Framer};
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Text;

use super::BEGAN;
use crate::{ids, why};

const LINE: ConnectionId = ConnectionId(0);
/// Steps that need neither a car nor a second connection.
const STEPS: [&str; 8] = ["signin", "heartbeat", "parameters", "clock", "tariff", "whitelist", "robust", "refuse"];
/// No exam takes longer than this on virtual time.
const LONGEST: Tick = Tick(3_600_000);

type Meddler = Box<dyn FnMut(&mut Vec<u8>, u16)>;

/// The pile's answer to what its session leaves to its model.
fn decide(message: &Message) -> Option<Message> {
    Some(match message {
        Message::StartRequest(request) => {
            let result = match () {
                () if request.connector_number.number() > 1 => 17,
                () if matches!(request.start_mode, StartMode::Unknown(_)) => 20,
                () if request.strategy == StartStrategy::ByEnergy && request.strategy_argument < 100 => 21,
                () => 1,
            };
            StartResponse {
                pile_code: pile_code(),
                connector_number: request.connector_number,
                result: StartFailure(result),
                transaction_number: request.transaction_number,
                ..Default::default()
            }
            .into()
        }
        Message::ControlRequest(request) => ControlResponse {
            pile_code: pile_code(),
            connector_number: request.connector_number,
            first_index: request.first_index,
            count: request.count,
            result: Outcome::Failed,
            ..Default::default()
        }
        .into(),
        _ => return None,
    })
}

fn pile_code() -> Text<32> {
    Text::new("EXAMINED-1").unwrap()
}

/// Frames of bytes, each changed on its way; a frame without bytes is lost.
fn meddled(bytes: &[u8], meddler: &mut Option<Meddler>) -> Vec<u8> {
    let Some(meddler) = meddler else { return bytes.to_vec() };
    let mut out = Vec::new();
    Framer::new().push(bytes, |piece| {
        if let Piece::Frame(frame) = piece {
            let mut raw = frame.raw.to_vec();
            meddler(&mut raw, frame.command);
            out.extend(raw);
        }
    });
    out
}

/// The last 104 in bytes.
fn last_status(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut status = None;
    Framer::new().push(bytes, |piece| {
        if let Piece::Frame(frame) = piece
            && frame.command == 104
        {
            status = Some(frame.raw.to_vec());
        }
    });
    status
}

/// A frame with another number, which stands outside of the check sum.
fn renumbered(mut raw: Vec<u8>) -> Vec<u8> {
    raw[5] ^= 0x80;
    raw
}

fn sealed(raw: &mut [u8]) {
    let end = raw.len() - 1;
    raw[end] = checksum(&raw[6..end]);
}

fn examine(change: impl FnOnce(&mut PileConfig), mut meddler: Option<Meddler>) -> Report {
    let mut config = PileConfig::new(pile_code());
    change(&mut config);
    let only = STEPS.map(str::to_owned).to_vec();
    let mut exam = PileExam::new(PileExamOptions { only, began_unix_ms: BEGAN, ..PileExamOptions::default() });
    let (mut pile, mut framer, mut now) = (PileSession::new(config), Framer::new(), Tick(0));
    let (mut effects, mut out, mut status) = (Vec::new(), Vec::new(), Vec::new());
    exam.handle_deadline(now, &mut effects);
    exam.handle(now, Input::Opened(LINE), &mut effects);
    pile.connect(now, 0x0BAD_CAFE, &mut out);
    loop {
        while !out.is_empty() || !effects.is_empty() {
            status.extend(last_status(&out));
            let said = meddled(&std::mem::take(&mut out), &mut meddler);
            if !said.is_empty() {
                exam.handle(now, Input::Bytes(LINE, &said), &mut effects);
            }
            for effect in std::mem::take(&mut effects) {
                let Effect::Send(_, bytes) = effect else { continue };
                let mut frames = Vec::new();
                framer.push(&bytes, |piece| {
                    if let Piece::Frame(frame) = piece {
                        frames.push(frame.raw.to_vec());
                    }
                });
                // While it waits for the rest of a frame, it reports: the answer must not fall into that frame.
                if framer.pending() > 0 {
                    out.extend(status.last().cloned().map(renumbered).unwrap());
                }
                for raw in frames {
                    let event = pile.handle_frame(now, &Frame::parse(&raw).unwrap(), &mut out);
                    if let Some(PileEvent::Request(message)) = event
                        && let Some(answer) = decide(&message)
                    {
                        pile.send(&answer, &mut out).unwrap();
                    }
                }
            }
        }
        let Some(deadline) = exam.next_deadline() else { return exam.report() };
        assert!(now < LONGEST, "the exam takes too long");
        now = pile.next_deadline().map_or(deadline, |other| other.min(deadline)).max(now);
        if pile.next_deadline().is_some_and(|at| at <= now) {
            pile.handle_deadline(now, &mut out);
        }
        exam.handle_deadline(now, &mut effects);
    }
}

#[track_caller]
fn fails(meddler: impl FnMut(&mut Vec<u8>, u16) + 'static, expected: &[&str]) {
    let report = examine(|_| {}, Some(Box::new(meddler)));
    assert_eq!(ids(&report, Verdict::Fail), expected, "{}", why(&report));
}

#[test]
fn a_pile_by_the_book_fails_nothing() {
    let report = examine(|_| {}, None);
    assert_eq!(ids(&report, Verdict::Fail), [""; 0], "{}", why(&report));
    let passed = ids(&report, Verdict::Pass);
    for id in [
        "signin.first",
        "parameters.kept",
        "clock.obeyed",
        "tariff.kept",
        "whitelist.kept",
        "robust.glued",
        "start.bad_mode",
    ] {
        assert!(passed.contains(&id), "{id}: {passed:?}");
    }
}

#[test]
fn a_wrong_checksum_now_and_then() {
    let mut count = 0;
    fails(
        move |raw, command| {
            count += usize::from(command == 104);
            if command == 104 && count % 4 == 3 {
                *raw.last_mut().unwrap() ^= 0x55;
            }
        },
        &["frame.checksum"],
    );
}

#[test]
fn junk_between_frames() {
    fails(|raw, _| raw.splice(0..0, *b"\r\n").for_each(drop), &["frame.no_junk"]);
}

#[test]
fn a_number_of_its_own_in_answers() {
    fails(
        |raw, command| {
            if command == 4 {
                raw[5] ^= 0x80;
            }
        },
        &["sequence.echo"],
    );
}

#[test]
fn more_connectors_in_status_than_at_the_sign_in() {
    fails(
        |raw, command| {
            if command == 104 {
                raw[8 + 36] = 7;
                sealed(raw);
            }
        },
        &["status.count"],
    );
}

#[test]
fn a_soc_of_200() {
    fails(
        |raw, command| {
            if command == 104 {
                raw[8 + 40] = 200;
                sealed(raw);
            }
        },
        &["status.plausible"],
    );
}

#[test]
fn heartbeats_that_stand_still() {
    fails(
        |raw, command| {
            if command == 102 {
                raw[8 + 36] = 0;
                sealed(raw);
            }
        },
        &["heartbeat.counter"],
    );
}

#[test]
fn garbage_behind_the_pile_code() {
    fails(
        |raw, command| {
            if command == 102 {
                raw[8 + 4 + 30] = 0xA5;
                sealed(raw);
            }
        },
        &["frame.padding"],
    );
}

#[test]
fn a_tariff_with_a_gap_is_taken() {
    fails(
        |raw, command| {
            if command == 1104 {
                raw[8] = 0;
                sealed(raw);
            }
        },
        &["tariff.gap_refused"],
    );
}

#[test]
fn a_start_that_ought_to_be_refused() {
    fails(
        |raw, command| {
            if command == 8 && raw[8 + 37] == 20 {
                raw[8 + 37] = 0;
                sealed(raw);
            }
        },
        &["start.bad_mode"],
    );
}

#[test]
fn silent_about_the_white_list() {
    fails(
        |raw, command| {
            if command == 1302 {
                raw.clear();
            }
        },
        &["whitelist.answered"],
    );
}

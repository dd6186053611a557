//! The exam of a platform, and a small platform of the protocol's session.

use std::collections::BTreeMap;
use std::sync::Arc;

use voltapile_certify::aaf5::platform::{PlatformExam, PlatformOptions};
use voltapile_certify::{ConnectionId, Report, Verdict};
use voltapile_protocol::aaf5::checksum::checksum;
use voltapile_protocol::aaf5::code::{AccountAnswer, VinRefusal, VinResult};
use voltapile_protocol::aaf5::field::{CardNumber, PileCode};
use voltapile_protocol::aaf5::message::{AccountQueryResponse, Message, VinStartResponse};
use voltapile_protocol::aaf5::session::platform::{Connection, DeadlineEvent, Event, Session, SignInAnswer};
use voltapile_protocol::session::Settings;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{BcdTime, CivilTime, Text, Yuan};

use super::BEGAN;
use crate::world::{self, Said};
use crate::{ids, why};

/// One thing that a platform does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    NoConfirm,
    ConfirmsOtherNumber,
    OtherRandom,
    TakesUnknownPiles,
    TakesUnknownCards,
    ZeroSequence,
    ForgetsConnector,
    AlwaysAsksAgain,
    AnswersTwice,
    FlagsAsEncrypted,
    WrongChecksum,
    NoReserved,
    IgnoresDuplicates,
    IgnoresBms,
}

const EXPECTED: &[(Fault, &[&str])] = &[
    (
        Fault::NoConfirm,
        &[
            "card.record",
            "record.coarse",
            "record.fine",
            "record.duplicate",
            "record.burst",
            "record.v26",
            "record.v52",
            "record.no_serial",
            "record.negative_index",
            "record.wrong_sums",
            "record.invalid_times",
            "record.odd_stop_code",
            "record.before_signin",
        ],
    ),
    (Fault::ConfirmsOtherNumber, &["record.index"]),
    (Fault::OtherRandom, &["signin.random"]),
    (Fault::TakesUnknownPiles, &["signin.unknown_pile"]),
    (Fault::TakesUnknownCards, &["card.refused"]),
    (Fault::ZeroSequence, &["sequence.echo"]),
    (Fault::ForgetsConnector, &["status.connector"]),
    // The session leaves unanswered what comes of its own asking.
    (Fault::AlwaysAsksAgain, &["status.answered", "status.no_ping_pong"]),
    // Among glued heartbeats the second answer to one is taken for the answer to the next.
    (Fault::AnswersTwice, &["heartbeat.once", "sequence.echo"]),
    (Fault::FlagsAsEncrypted, &["frame.plain"]),
    (Fault::WrongChecksum, &["bms.answered", "frame.whole"]),
    (Fault::NoReserved, &["reserved.heartbeat"]),
    (Fault::IgnoresDuplicates, &["record.duplicate"]),
    (Fault::IgnoresBms, &["bms.answered"]),
];

fn pile() -> PileCode {
    Text::new("CERTIFY-PILE-1").unwrap()
}

fn card() -> CardNumber {
    Text::new("GOODCARD01").unwrap()
}

pub(super) struct Platform {
    fault: Fault,
    settings: Arc<Settings>,
    lines: BTreeMap<ConnectionId, Connection>,
    owner: Option<ConnectionId>,
    records: Vec<Vec<u8>>,
}

impl Platform {
    pub(super) fn new(fault: Fault) -> Self {
        let settings = Settings::default();
        Self { fault, settings: Arc::new(settings), lines: BTreeMap::new(), owner: None, records: Vec::new() }
    }

    fn end(&mut self, line: ConnectionId) -> Vec<Said> {
        self.lines.remove(&line).map(|_| Said::Closed(line)).into_iter().collect()
    }

    /// Whether the connection goes on.
    fn deal(
        &mut self,
        now: Tick,
        line: ConnectionId,
        session: &mut Session,
        event: Event<'_>,
        out: &mut Vec<u8>,
    ) -> bool {
        match event {
            Event::SignIn { reply_to, request, .. } => {
                if !request.pile_code.says(&pile()) && self.fault != Fault::TakesUnknownPiles {
                    return false;
                }
                let platform_time = BcdTime::new(CivilTime::in_china(BEGAN + now.0));
                let answer = SignInAnswer { platform_time, ..SignInAnswer::default() };
                self.owner = Some(line);
                return session.accept_sign_in(now, reply_to, &request, answer, out).is_ok();
            }
            Event::Record { reply_to, command, raw, .. } => {
                let is_again = self.records.iter().any(|known| known == raw);
                self.records.push(raw.to_vec());
                let ignores = self.fault == Fault::NoConfirm
                    || (self.fault == Fault::IgnoresDuplicates && is_again && command == 222);
                if let Some(confirm) = Session::record_confirm(command, raw).filter(|_| !ignores) {
                    session.reply(reply_to, &confirm, out).unwrap();
                }
            }
            Event::Message { reply_to, message, .. } => {
                let answer: Message = match message {
                    Message::AccountQueryRequest(query) => {
                        let is_known = query.card_number.says(&card()) || self.fault == Fault::TakesUnknownCards;
                        AccountQueryResponse {
                            answer: if is_known { AccountAnswer::Valid } else { AccountAnswer::UnknownCard },
                            account_balance: Yuan::from_raw(5000),
                            transaction_number: Some(Text::new("ORDER1").unwrap()),
                            vin: Some(Default::default()),
                            connector_number: query.connector_number.or(Some(Default::default())),
                            ..Default::default()
                        }
                        .into()
                    }
                    Message::VinStartRequest(query) => VinStartResponse {
                        pile_code: query.pile_code,
                        connector_number: query.connector_number,
                        vin: query.vin,
                        result: VinResult::Refused,
                        refusal: VinRefusal::VehicleUnknown,
                        ..Default::default()
                    }
                    .into(),
                    _ => return true,
                };
                session.reply(reply_to, &answer, out).unwrap();
            }
            _ => {}
        }
        true
    }

    fn on_the_way_out(&self, bytes: &[u8]) -> Vec<u8> {
        let (mut out, mut rest) = (Vec::new(), bytes);
        while let [0xAA, 0xF5, low, high, ..] = rest {
            let (frame, behind) = rest.split_at(usize::from(u16::from_le_bytes([*low, *high])));
            let (mut frame, command) = (frame.to_vec(), u16::from_le_bytes([frame[6], frame[7]]));
            rest = behind;
            match (self.fault, command) {
                (Fault::OtherRandom, 105) => frame[12] ^= 1,
                (Fault::ZeroSequence, 101) => frame[5] = 0,
                (Fault::ForgetsConnector, 103) => frame[12] = 9,
                (Fault::AlwaysAsksAgain, 103) => frame[13] = 1,
                (Fault::FlagsAsEncrypted, 301) => frame[4] |= 0x80,
                (Fault::ConfirmsOtherNumber, 201 | 221) => frame[45] ^= 0x40,
                (Fault::NoReserved, 101) => frame[8..12].fill(0),
                (Fault::IgnoresBms, 301) => continue,
                _ => {}
            }
            let end = frame.len() - 1;
            frame[end] = checksum(&frame[6..end]);
            if (self.fault, command) == (Fault::WrongChecksum, 301) {
                frame[end] ^= 0x11;
            }
            let copy = frame.clone();
            out.extend(frame);
            if (self.fault, command) == (Fault::AnswersTwice, 101) {
                out.extend(copy);
            }
        }
        out
    }
}

impl world::Platform for Platform {
    fn opened(&mut self, now: Tick, line: ConnectionId) -> Vec<Said> {
        self.lines.insert(line, Connection::new(Arc::clone(&self.settings), now));
        vec![Said::Opened(line)]
    }

    fn heard(&mut self, now: Tick, line: ConnectionId, bytes: &[u8]) -> Vec<Said> {
        let Some(mut connection) = self.lines.remove(&line) else { return Vec::new() };
        let (mut out, mut closes, mut replaced) = (Vec::new(), false, None);
        let verdict = connection.handle_bytes(now, bytes, &mut out, |session, event, _, out| {
            let before = self.owner;
            closes |= !self.deal(now, line, session, event, out);
            if self.owner != before {
                replaced = before;
            }
        });
        let mut said = Vec::new();
        let out = self.on_the_way_out(&out);
        if !out.is_empty() {
            said.push(Said::Bytes(line, out));
        }
        if verdict.is_err() || closes {
            said.push(Said::Closed(line));
        } else {
            self.lines.insert(line, connection);
        }
        said.extend(replaced.filter(|old| *old != line).into_iter().flat_map(|old| self.end(old)));
        said
    }

    fn next_deadline(&self) -> Option<Tick> {
        self.lines.values().map(Connection::next_deadline).min()
    }

    fn handle_deadline(&mut self, now: Tick) -> Vec<Said> {
        let mut said = Vec::new();
        let lines: Vec<ConnectionId> = self.lines.keys().copied().collect();
        for line in lines {
            let Some(mut connection) = self.lines.remove(&line) else { continue };
            let (mut out, mut closes) = (Vec::new(), false);
            while let Some(event) = connection.handle_deadline(now, &mut out, |session, event, _, out| {
                closes |= !self.deal(now, line, session, event, out);
            }) {
                if let DeadlineEvent::Close(_) = event {
                    closes = true;
                    break;
                }
            }
            let out = self.on_the_way_out(&out);
            if !out.is_empty() {
                said.push(Said::Bytes(line, out));
            }
            if closes {
                said.push(Said::Closed(line));
            } else {
                self.lines.insert(line, connection);
            }
        }
        said
    }

    fn closed(&mut self, line: ConnectionId) -> Vec<Said> {
        self.end(line);
        Vec::new()
    }
}

fn examine(fault: Fault, options: PlatformOptions) -> Report {
    world::run(&mut PlatformExam::new(options), Platform::new(fault))
}

pub(super) fn options() -> PlatformOptions {
    let mut options = PlatformOptions::new("in process", pile(), BEGAN);
    options.known_card = Some(card());
    options
}

#[test]
fn a_good_platform_passes() {
    let report = examine(Fault::None, options());
    assert_eq!(ids(&report, Verdict::Fail), [""; 0], "{}", why(&report));
    // It asks nothing of the pile.
    let unseen = ["clock.valid", "tariff.covers", "tariff.unused", "start.valid", "record.amounts"];
    let not_seen = ids(&report, Verdict::NotSeen);
    assert!(not_seen.iter().all(|id| unseen.contains(id)), "{not_seen:?}");
}

#[test]
fn each_fault_fails_exactly_its_rules() {
    let mut wrong = Vec::new();
    for (fault, expected) in EXPECTED {
        let report = examine(*fault, options());
        let failed = ids(&report, Verdict::Fail);
        if failed != *expected {
            wrong.push(format!("{fault:?} fails {failed:?}, expected {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_was_not_given_or_left_out_is_not_seen() {
    let mut options = PlatformOptions::new("in process", pile(), BEGAN);
    options.quick = true;
    let report = examine(Fault::None, options);
    assert_eq!(ids(&report, Verdict::Fail), [""; 0], "{}", why(&report));
    let unseen = ids(&report, Verdict::NotSeen);
    for id in ["card.known", "card.record", "silence.patient", "silence.closes"] {
        assert!(unseen.contains(&id), "{id}: {unseen:?}");
    }
}

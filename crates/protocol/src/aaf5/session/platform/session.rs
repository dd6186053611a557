//! Who speaks on a connection, until when, and what was asked of it.

use std::sync::Arc;
use std::time::Duration;

use super::event::{Event, RecordBody, ReplyTo};
use super::sign_in::Member;
use super::subject::Subject;
use crate::aaf5::cipher::BodyCipher;
use crate::aaf5::code::ReportNow;
use crate::aaf5::field::PileCode;
use crate::aaf5::frame::{ENCRYPTED, Envelope, Frame, USUAL_INFO, write_around};
use crate::aaf5::message::{
    self, AlarmResponse, BmsConfirm, ChargeRecord, Dialect, FineChargeRecord, HeartbeatRequest, HeartbeatResponse,
    LAYOUTS, Message, StartCompleteResponse, StatusReport, StatusResponse, StoredFineRecordResponse,
    StoredRecordResponse, VinStartResultConfirm, pile_code_offset,
};
use crate::aaf5::profile::Profile;
use crate::aaf5::session::has_reserved;
use crate::layout::{Direction, Layout};
use crate::session::{Pending, PendingRequests, Settings};
use crate::time::Tick;
use crate::wire::{Overflow, Text, Writer};

/// Reports of status that are answered in one second. Some firmware answers the answer with another report: without a
/// bound, both ends would play that game as fast as the line carries it.
const STATUS_ANSWERS_PER_SECOND: u16 = 256;

/// The platform's state of one connection.
#[derive(Debug)]
pub struct Session {
    settings: Arc<Settings>,
    pub(super) opened: Tick,
    pub(super) heard: Tick,
    pub(super) seen_frame: bool,
    /// Number of the next own request.
    sequence: u8,
    /// What the pile's information byte was last, without the bit for encryption.
    info: u8,
    pub(super) profile: &'static Profile,
    pub(super) cipher: Option<Box<BodyCipher>>,
    pub(super) member: Option<Member>,
    pub(super) pending: PendingRequests<Subject>,
    /// When the second began in which answered reports of status are being counted.
    status_second: Tick,
    status_answers: u16,
}

const _: () = assert!(size_of::<Session>() <= 152, "an idle pile's session has a budget");

impl Session {
    /// A connection that was just accepted.
    #[must_use]
    pub fn new(settings: Arc<Settings>, now: Tick) -> Self {
        Self {
            settings,
            opened: now,
            heard: now,
            seen_frame: false,
            sequence: 0,
            info: USUAL_INFO,
            profile: Profile::standard(),
            cipher: None,
            member: None,
            pending: PendingRequests::default(),
            status_second: now,
            status_answers: 0,
        }
    }

    /// The times and habits.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What the pile's model does differently.
    #[must_use]
    pub const fn profile(&self) -> &'static Profile {
        self.profile
    }

    /// Sets what its model does differently.
    pub const fn set_profile(&mut self, profile: &'static Profile) {
        self.profile = profile;
    }

    /// The pile that is signed in; its code has zeros behind its end.
    #[must_use]
    pub fn pile(&self) -> Option<PileCode> {
        self.member.as_ref().map(|member| member.code)
    }

    /// Whether bodies are encrypted from now on.
    #[must_use]
    pub const fn is_encrypted(&self) -> bool {
        self.cipher.is_some()
    }

    /// Takes a frame. Answers that need no decision are appended to `out`.
    pub fn handle_frame<'a>(
        &mut self,
        now: Tick,
        frame: &Frame<'a>,
        decrypted: &'a mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Event<'a> {
        self.seen_frame = true;
        self.heard = now;
        self.info = frame.info & !ENCRYPTED;
        let body = if frame.is_encrypted() {
            match self.cipher.as_ref().and_then(|cipher| cipher.decrypt(frame.body).ok()) {
                Some(plain) => {
                    *decrypted = plain;
                    decrypted
                }
                None => return Event::Encrypted { command: frame.command },
            }
        } else {
            frame.body
        };
        let reserved = body.first_chunk().copied().unwrap_or_default();
        let reply_to = ReplyTo { sequence: frame.sequence, reserved, encrypted: frame.is_encrypted() };
        if frame.command == HeartbeatRequest::CODE {
            return self.handle_heartbeat(now, reply_to, body, out);
        }
        self.handle_body(now, reply_to, frame.command, body, out)
    }

    /// The hot path: decoded, answered, forgotten. The answer's number is the heartbeat's own, which piles that expect a
    /// count of the platform's cannot tell from one.
    fn handle_heartbeat<'a>(&mut self, now: Tick, reply_to: ReplyTo, body: &[u8], out: &mut Vec<u8>) -> Event<'a> {
        let heartbeat = match HeartbeatRequest::decode(body) {
            Ok(heartbeat) => heartbeat,
            Err(error) => return Event::Unreadable(error),
        };
        if !self.heard_from(now, &heartbeat.pile_code) {
            return Event::BeforeSignIn { command: HeartbeatRequest::CODE, pile: Some(heartbeat.pile_code) };
        }
        let answer = HeartbeatResponse { counter: heartbeat.counter, ..HeartbeatResponse::default() };
        self.write_own(reply_to, HeartbeatResponse::CODE, |writer| answer.write(writer), out);
        Event::Heartbeat(heartbeat)
    }

    fn handle_body<'a>(
        &mut self,
        now: Tick,
        reply_to: ReplyTo,
        command: u16,
        body: &'a [u8],
        out: &mut Vec<u8>,
    ) -> Event<'a> {
        let pile = pile_in(command, body);
        let signed_in = match &pile {
            Some(pile) => self.heard_from(now, pile),
            None => self.heard_from_anyone(now),
        };
        if is_record(command) {
            return self.record(reply_to, command, pile, body, signed_in);
        }
        let message = match Message::decode(command, body, Dialect::default()) {
            Ok(Message::SignInRequest(request)) => return Event::SignIn { reply_to, again: signed_in, request },
            Ok(message) => message,
            Err(error) => return Event::Unreadable(error),
        };
        let Some(member) = self.pile().filter(|_| signed_in) else {
            return Event::BeforeSignIn { command, pile };
        };
        if message.layout().is_some_and(|layout| layout.direction == Direction::Down) {
            return Event::WrongDirection { command };
        }
        let answers = self.match_answer(command, body);
        self.answer_at_once(now, reply_to, &message, out);
        Event::Message { reply_to, pile: member, message, answers }
    }

    fn record<'a>(
        &mut self,
        reply_to: ReplyTo,
        command: u16,
        pile: Option<PileCode>,
        raw: &'a [u8],
        signed_in: bool,
    ) -> Event<'a> {
        let layout = message::layout(command, raw.len(), Dialect::default());
        let transaction = layout.and_then(|layout| layout.named(raw, "transaction_number")).map(Text);
        let body = match Message::decode(command, raw, Dialect::default()) {
            Ok(message) => RecordBody::Read(Box::new(message)),
            Err(error) => RecordBody::Unreadable(Some(error)),
        };
        let answers = if signed_in { self.match_answer(command, raw) } else { None };
        Event::Record { reply_to, command, pile, transaction, body, raw, signed_in, answers }
    }

    fn match_answer(&mut self, command: u16, body: &[u8]) -> Option<u64> {
        if self.pending.is_empty() {
            return None;
        }
        let layout = message::layout(command, body.len(), Dialect::default())?;
        self.pending.take(Subject::of(request_of(layout)?, layout, body))
    }

    /// Answers what needs no decision.
    fn answer_at_once(&mut self, now: Tick, reply_to: ReplyTo, message: &Message, out: &mut Vec<u8>) {
        let answer: Message = match message {
            Message::StatusReport(report) if self.may_answer_status(now) => {
                // Never "report again now": firmware that answers this with a report would not come to rest.
                let (connector_number, report_now) = (report.connector_number, Some(ReportNow::No));
                StatusResponse { connector_number, report_now, ..Default::default() }.into()
            }
            Message::BmsReport(_) => BmsConfirm::default().into(),
            Message::AlarmReport(_) => AlarmResponse::default().into(),
            Message::StartCompleteReport(_) => StartCompleteResponse::default().into(),
            Message::VinStartResult(result) => VinStartResultConfirm {
                pile_code: result.pile_code,
                connector_number: result.connector_number,
                ..Default::default()
            }
            .into(),
            _ => return,
        };
        // Bodies of 54 bytes at most always fit.
        let _ = self.reply(reply_to, &answer, out);
    }

    fn may_answer_status(&mut self, now: Tick) -> bool {
        if now.since(self.status_second) >= Duration::from_secs(1) {
            (self.status_second, self.status_answers) = (now, 0);
        }
        self.status_answers = self.status_answers.saturating_add(1);
        self.status_answers <= STATUS_ANSWERS_PER_SECOND
    }

    /// The answer to a record (201, 221): what it must repeat is read from the body, so that a record whose rest cannot
    /// be read can be confirmed, too. `None` for another command and a body that ends before.
    #[must_use]
    pub fn record_confirm(command: u16, raw: &[u8]) -> Option<Message> {
        super::record::confirm(command, raw)
    }

    /// Appends an answer that repeats its request's sequence number and reserved fields.
    ///
    /// # Errors
    /// [`Overflow`] when the message is longer than a frame can carry; nothing is appended.
    pub fn reply(&mut self, reply_to: ReplyTo, message: &Message, out: &mut Vec<u8>) -> Result<(), Overflow> {
        self.write(reply_to, message.frame_type(), message.layout(), |writer| message.write(writer), out)
    }

    /// Whether one more request may wait for its answer.
    #[must_use]
    pub fn has_room_for_request(&self) -> bool {
        self.pending.has_room()
    }

    /// Appends a request and remembers it: the answer comes as [`Event::Message`] with this token, else
    /// [`DeadlineEvent::RequestTimedOut`](super::DeadlineEvent::RequestTimedOut). Where too many wait already, the request is sent but not remembered.
    ///
    /// # Errors
    /// [`Overflow`] when the message is longer than a frame can carry; nothing is appended or remembered.
    pub fn request(
        &mut self,
        now: Tick,
        message: &Message,
        within: Duration,
        token: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Overflow> {
        let sequence = self.next_sequence();
        let header = ReplyTo { sequence, reserved: [0; 4], encrypted: self.is_encrypted() };
        self.reply(header, message, out)?;
        let request = message.frame_type();
        let is_answered = LAYOUTS.iter().any(|layout| request_of(layout) == Some(request));
        if let Some(layout) = message.layout().filter(|_| is_answered && self.pending.has_room()) {
            let mut body = Vec::new();
            message.write(&mut Writer::new(&mut body));
            let subject = Subject::of(request, layout, &body);
            self.pending.push(Pending { subject, token, deadline: now + within });
        }
        Ok(())
    }

    /// Notes a sign of life; whether it is of the pile that is signed in.
    pub(super) fn heard_from(&mut self, now: Tick, pile: &PileCode) -> bool {
        self.member.as_mut().filter(|member| member.code.says(pile)).map(|member| member.hear(now)).is_some()
    }

    /// The same for a frame that names no pile: on a connection of one pile it can only be that one's.
    fn heard_from_anyone(&mut self, now: Tick) -> bool {
        self.member.as_mut().map(|member| member.hear(now)).is_some()
    }

    pub(super) const fn next_sequence(&mut self) -> u8 {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        sequence
    }

    /// Appends a message of the session's own, all of which begin with the reserved fields and fit into a frame.
    pub(super) fn write_own(
        &self,
        header: ReplyTo,
        command: u16,
        write_body: impl FnOnce(&mut Writer<'_>),
        out: &mut Vec<u8>,
    ) {
        let layout = Some(HeartbeatResponse::LAYOUT);
        let _ = self.write(header, command, layout, write_body, out);
    }

    fn write(
        &self,
        header: ReplyTo,
        command: u16,
        layout: Option<&Layout>,
        write_body: impl FnOnce(&mut Writer<'_>),
        out: &mut Vec<u8>,
    ) -> Result<(), Overflow> {
        let has_reserved = layout.is_some_and(has_reserved);
        let append = |out: &mut Vec<u8>| {
            let begin = out.len();
            write_body(&mut Writer::new(out));
            if let Some(bytes) = out.get_mut(begin..begin + header.reserved.len()).filter(|_| has_reserved) {
                bytes.copy_from_slice(&header.reserved);
            }
        };
        let plain = Envelope { info: self.info, sequence: header.sequence };
        match self.cipher.as_ref().filter(|_| header.encrypted) {
            Some(cipher) => {
                let mut body = Vec::new();
                append(&mut body);
                let envelope = Envelope { info: self.info | ENCRYPTED, ..plain };
                write_around(out, envelope, command, |out| out.extend(cipher.encrypt(&body)))
            }
            None => write_around(out, plain, command, append),
        }
    }
}

/// The request that a message answers. A report of status may answer the question for it, whose other meaning is the
/// answer to a report.
fn request_of(layout: &Layout) -> Option<u16> {
    layout.reply_to.or_else(|| (layout.code == StatusReport::CODE).then_some(StatusResponse::CODE))
}

/// The pile that a body names.
fn pile_in(command: u16, body: &[u8]) -> Option<PileCode> {
    let offset = pile_code_offset(command, Dialect::default())?;
    body.get(offset..)?.first_chunk().map(|code| Text(*code))
}

/// Whether a command carries a record.
const fn is_record(command: u16) -> bool {
    matches!(
        command,
        ChargeRecord::CODE | FineChargeRecord::CODE | StoredRecordResponse::CODE | StoredFineRecordResponse::CODE
    )
}

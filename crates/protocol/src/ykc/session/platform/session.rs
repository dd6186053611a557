//! Who speaks on a connection, until when, and what was asked of them.

use std::sync::Arc;
use std::time::Duration;

use super::event::{DeadlineEvent, Event, RecordBody, ReplyTo};
use super::subject::Subject;
use crate::layout::{Direction, Layout};
use crate::session::{CloseReason, Pending, PendingRequests, Settings};
use crate::time::Tick;
use crate::wire::{Overflow, Writer};
use crate::ykc::Profile;
use crate::ykc::cipher::{BodyCipher, FLAG_3DES};
use crate::ykc::code::LoginResult;
use crate::ykc::field::{PileCode, TransactionNumber};
use crate::ykc::frame::{CrcOrder, Envelope, Frame, write_frame};
use crate::ykc::message::{
    self, HeartbeatRequest, HeartbeatResponse, LAYOUTS, LoginRequest, LoginResponse, Message, TransactionRecord,
    TransactionRecordV14, TransactionRecordV17, pile_code_offset,
};
use crate::ykc::session::SequenceCounter;

/// Piles that one connection may carry (a concentrator); more logins are refused.
pub const PILES_MAX: usize = 256;

/// Frame type of transaction records before V1.3; its layout is not public.
const RECORD_BEFORE_V13: u8 = 0x39;

/// Why a login cannot be accepted by the session itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// The connection carries as many piles as it may.
    #[error("the connection already carries {PILES_MAX} piles")]
    TooManyPiles,
}

/// A logged-in pile.
#[derive(Debug)]
struct Member {
    code: PileCode,
    heard: Tick,
    /// Whether its silence was reported already.
    silent: bool,
    clock_sync_at: Tick,
}

/// The platform's state of one connection.
#[derive(Debug)]
pub struct Session {
    settings: Arc<Settings>,
    opened: Tick,
    heard: Tick,
    seen_frame: bool,
    sequence: SequenceCounter,
    profile: &'static Profile,
    cipher: Option<Arc<BodyCipher>>,
    members: Vec<Member>,
    pending: PendingRequests<Subject>,
    high_first_crcs: u64,
}

const _: () = assert!(size_of::<Session>() <= 104, "an idle pile's session has a budget");

impl Session {
    /// A connection that was just accepted.
    #[must_use]
    pub fn new(settings: Arc<Settings>, now: Tick) -> Self {
        Self {
            settings,
            opened: now,
            heard: now,
            seen_frame: false,
            sequence: SequenceCounter::default(),
            profile: Profile::standard(),
            cipher: None,
            members: Vec::new(),
            pending: PendingRequests::default(),
            high_first_crcs: 0,
        }
    }

    /// The times and habits.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What the model of the connection's piles does differently.
    #[must_use]
    pub const fn profile(&self) -> &'static Profile {
        self.profile
    }

    /// Sets what their model does differently; a concentrator's piles share one.
    pub const fn set_profile(&mut self, profile: &'static Profile) {
        self.profile = profile;
    }

    /// Sets the key for encrypted bodies.
    pub fn set_cipher(&mut self, cipher: Option<Arc<BodyCipher>>) {
        self.cipher = cipher;
    }

    /// Frames whose CRC stood high byte first.
    #[must_use]
    pub const fn high_first_crcs(&self) -> u64 {
        self.high_first_crcs
    }

    /// Piles logged in.
    pub fn piles(&self) -> impl Iterator<Item = PileCode> + '_ {
        self.members.iter().map(|member| member.code)
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
        self.high_first_crcs += u64::from(frame.crc_order == CrcOrder::HighFirst);
        let reply_to = ReplyTo { sequence: frame.sequence, encryption: frame.encryption };
        let body = match frame.encryption {
            0 => frame.body,
            flag => match self.decrypt(flag, frame) {
                Some(plain) => {
                    *decrypted = plain;
                    decrypted
                }
                None => return Event::Encrypted { frame_type: frame.frame_type, flag },
            },
        };
        if frame.frame_type == HeartbeatRequest::CODE {
            return self.handle_heartbeat(now, reply_to, body, out);
        }
        self.handle_body(now, reply_to, frame.frame_type, body)
    }

    /// The hot path: decoded, answered, forgotten.
    fn handle_heartbeat<'a>(&mut self, now: Tick, reply_to: ReplyTo, body: &[u8], out: &mut Vec<u8>) -> Event<'a> {
        let heartbeat = match HeartbeatRequest::decode(body) {
            Ok(heartbeat) => heartbeat,
            Err(error) => return Event::Unreadable(error),
        };
        if !self.heard_from(now, heartbeat.pile_code) {
            return Event::BeforeLogin { frame_type: HeartbeatRequest::CODE, pile: Some(heartbeat.pile_code) };
        }
        let answer = HeartbeatResponse {
            pile_code: heartbeat.pile_code,
            connector_number: heartbeat.connector_number,
            heartbeat_ack: 0,
            ..HeartbeatResponse::default()
        };
        // A body of 9 bytes always fits.
        let _ = self.write(reply_to, HeartbeatResponse::CODE, |writer| answer.write(writer), out);
        Event::Heartbeat(heartbeat)
    }

    fn handle_body<'a>(&mut self, now: Tick, reply_to: ReplyTo, frame_type: u8, body: &'a [u8]) -> Event<'a> {
        let pile = pile_code_offset(frame_type, self.profile.dialect)
            .and_then(|offset| body.get(offset..))
            .and_then(<[u8]>::first_chunk)
            .map(|code| PileCode(*code));
        let logged_in = match pile {
            Some(pile) => self.heard_from(now, pile),
            None => !self.members.is_empty(),
        };
        if is_record(frame_type) {
            return self.record(reply_to, frame_type, pile, body, logged_in);
        }
        let message = match Message::decode(frame_type, body, self.profile.dialect) {
            Ok(Message::LoginRequest(request)) => return Event::Login { reply_to, again: logged_in, request },
            Ok(message) => message,
            Err(error) => return Event::Unreadable(error),
        };
        // An unknown type names no pile; on a connection of one pile it can only be that one's.
        let pile = pile.or_else(|| self.members.first().map(|member| member.code));
        let Some(pile) = pile.filter(|_| logged_in) else {
            return Event::BeforeLogin { frame_type, pile };
        };
        if message.layout().is_some_and(|layout| layout.direction == Direction::Down) {
            return Event::WrongDirection { frame_type };
        }
        let answers = self.match_answer(pile, &message, body);
        Event::Message { reply_to, pile, message, answers }
    }

    fn record<'a>(
        &self,
        reply_to: ReplyTo,
        frame_type: u8,
        pile: Option<PileCode>,
        raw: &'a [u8],
        logged_in: bool,
    ) -> Event<'a> {
        let transaction = raw.first_chunk().map(|number| TransactionNumber(*number));
        let body = match Message::decode(frame_type, raw, self.profile.dialect) {
            Ok(Message::Unknown { .. }) => RecordBody::Unreadable(None),
            Ok(message) => RecordBody::Read(message),
            Err(error) => RecordBody::Unreadable(Some(error)),
        };
        Event::Record { reply_to, frame_type, pile, transaction, body, raw, logged_in }
    }

    fn match_answer(&mut self, pile: PileCode, message: &Message, body: &[u8]) -> Option<u64> {
        if self.pending.is_empty() {
            return None;
        }
        let layout = message.layout()?;
        self.pending.take(Subject::of(pile, layout.reply_to?, layout, body))
    }

    /// Accepts a login and answers it. A pile that is logged in here already is only answered again.
    ///
    /// # Errors
    /// [`LoginError`] when the connection carries too many piles; the pile has been answered with a refusal.
    pub fn accept_login(
        &mut self,
        now: Tick,
        reply_to: ReplyTo,
        request: &LoginRequest,
        out: &mut Vec<u8>,
    ) -> Result<(), LoginError> {
        if !self.heard_from(now, request.pile_code) {
            if self.members.len() >= PILES_MAX {
                self.refuse_login(reply_to, request, out);
                return Err(LoginError::TooManyPiles);
            }
            self.members.reserve_exact(1);
            self.members.push(Member { code: request.pile_code, heard: now, silent: false, clock_sync_at: now });
        }
        self.answer_login(reply_to, request, LoginResult::Accepted, out);
        Ok(())
    }

    /// Answers a login with a refusal. The driver closes the connection once that is written, unless other piles use it.
    pub fn refuse_login(&mut self, reply_to: ReplyTo, request: &LoginRequest, out: &mut Vec<u8>) {
        self.answer_login(reply_to, request, LoginResult::Refused, out);
    }

    fn answer_login(&mut self, reply_to: ReplyTo, request: &LoginRequest, result: LoginResult, out: &mut Vec<u8>) {
        let answer = LoginResponse { pile_code: request.pile_code, login_result: result, ..LoginResponse::default() };
        // A body of 8 bytes always fits.
        let _ = self.reply(reply_to, &answer.into(), out);
    }

    /// Forgets a pile whose newer login lives on another connection.
    pub fn remove(&mut self, pile: PileCode) {
        self.members.retain(|member| member.code != pile);
    }

    /// Appends an answer that repeats its request's sequence number.
    ///
    /// # Errors
    /// [`Overflow`] when the message is longer than a frame can carry; nothing is appended.
    pub fn reply(&mut self, reply_to: ReplyTo, message: &Message, out: &mut Vec<u8>) -> Result<(), Overflow> {
        self.write(reply_to, message.frame_type(), |writer| message.write(writer), out)
    }

    /// Whether one more request may wait for its answer.
    #[must_use]
    pub fn has_room_for_request(&self) -> bool {
        self.pending.has_room()
    }

    /// Appends a request and remembers it: the answer comes as [`Event::Message`] with this token, else
    /// [`DeadlineEvent::RequestTimedOut`]. Where too many wait already, the request is sent but not remembered.
    ///
    /// # Errors
    /// [`Overflow`] when the message is longer than a frame can carry; nothing is appended or remembered.
    pub fn request(
        &mut self,
        now: Tick,
        pile: PileCode,
        message: &Message,
        within: Duration,
        token: u64,
        out: &mut Vec<u8>,
    ) -> Result<(), Overflow> {
        let header = ReplyTo { sequence: self.sequence.next(), encryption: 0 };
        self.reply(header, message, out)?;
        let request_type = u16::from(message.frame_type());
        let is_answered = LAYOUTS.iter().any(|layout| layout.reply_to == Some(request_type));
        if let Some(layout) = message.layout().filter(|_| is_answered && self.pending.has_room()) {
            let mut body = Vec::new();
            message.write(&mut Writer::new(&mut body));
            let subject = Subject::of(pile, request_type, layout, &body);
            self.pending.push(Pending { subject, token, deadline: now + within });
        }
        Ok(())
    }

    /// When [`handle_deadline`](Self::handle_deadline) is to be called at the latest.
    #[must_use]
    pub fn next_deadline(&self) -> Tick {
        let mut next = self.heard + self.settings.close_after;
        if self.members.is_empty() {
            let within = if self.seen_frame { self.settings.login_within } else { self.settings.first_frame_within };
            next = next.min(self.opened + within);
        }
        for member in &self.members {
            next = next.min(member.clock_sync_at);
            if !member.silent {
                next = next.min(member.heard + self.settings.offline_after);
            }
        }
        self.pending.next_deadline().map_or(next, |deadline| next.min(deadline))
    }

    /// Gives one thing that has become due; to be called until it gives `None`.
    pub fn handle_deadline(&mut self, now: Tick) -> Option<DeadlineEvent> {
        if now >= self.heard + self.settings.close_after {
            return Some(DeadlineEvent::Close(CloseReason::Silent));
        }
        if self.members.is_empty() {
            if !self.seen_frame && now >= self.opened + self.settings.first_frame_within {
                return Some(DeadlineEvent::Close(CloseReason::NoValidFrame));
            }
            if now >= self.opened + self.settings.login_within {
                return Some(DeadlineEvent::Close(CloseReason::NoLogin));
            }
        }
        for member in &mut self.members {
            if !member.silent && now >= member.heard + self.settings.offline_after {
                member.silent = true;
                return Some(DeadlineEvent::PileSilent(member.code));
            }
            if now >= member.clock_sync_at {
                member.clock_sync_at = now + self.settings.clock_sync_every;
                return Some(DeadlineEvent::ClockSync(member.code));
            }
        }
        let overdue = self.pending.take_overdue(now)?;
        Some(DeadlineEvent::RequestTimedOut { pile: overdue.subject.pile, token: overdue.token })
    }

    /// Notes a sign of life; whether the pile is logged in here.
    fn heard_from(&mut self, now: Tick, pile: PileCode) -> bool {
        let Some(member) = self.members.iter_mut().find(|member| member.code == pile) else { return false };
        member.heard = now;
        member.silent = false;
        true
    }

    fn decrypt(&self, flag: u8, frame: &Frame<'_>) -> Option<Vec<u8>> {
        let cipher = self.cipher.as_ref().filter(|_| flag == FLAG_3DES)?;
        let layout = message::layout(frame.frame_type, frame.body.len(), self.profile.dialect);
        cipher.decrypt(frame.body, layout.map_or(0, Layout::required_length)).ok()
    }

    fn write(
        &mut self,
        header: ReplyTo,
        frame_type: u8,
        write_body: impl FnOnce(&mut Writer<'_>),
        out: &mut Vec<u8>,
    ) -> Result<(), Overflow> {
        let crc_order = self.profile.crc_order;
        let plain = Envelope { sequence: header.sequence, encryption: 0, crc_order };
        match &self.cipher {
            Some(cipher) if header.encryption == FLAG_3DES => {
                let mut body = Vec::new();
                write_body(&mut Writer::new(&mut body));
                let envelope = Envelope { encryption: FLAG_3DES, ..plain };
                write_frame(out, envelope, frame_type, |writer| writer.put(&cipher.encrypt(&body)))
            }
            _ => write_frame(out, plain, frame_type, write_body),
        }
    }
}

/// Whether a frame type carries a transaction record, in any version.
const fn is_record(frame_type: u8) -> bool {
    matches!(
        frame_type,
        TransactionRecord::CODE | TransactionRecordV17::CODE | TransactionRecordV14::CODE | RECORD_BEFORE_V13
    )
}

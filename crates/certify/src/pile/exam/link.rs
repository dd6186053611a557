//! The exam's connections: what comes in is recorded and answered, what goes out is made and recorded.

use std::time::Duration;

use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::wire::Writer;
use voltapile_protocol::ykc::Frame;
use voltapile_protocol::ykc::code::{LoginResult, Outcome, VerifyResult};
use voltapile_protocol::ykc::field::PileCode;
use voltapile_protocol::ykc::frame::{Envelope, write_frame, write_message};
use voltapile_protocol::ykc::message::{LoginRequest, LoginResponse, Message, TariffSetRequest};

use super::PileExam;
use crate::exam::{ConnectionId, Effect};
use crate::pile::manners::{Given, answers};
use crate::pile::mark::{Mark, Marked};
use crate::pile::request::{Clerk, Request, UNKNOWN_TYPE};
use crate::pile::script::Manners;
use crate::pile::view::understand;
use crate::trace::{EntryId, Happening};

/// Between the two halves of a frame: long enough to be two packets, shorter than any pile waits for the rest.
const HALVES_APART: Duration = Duration::from_millis(300);
/// The first number of the platform's requests: its bytes differ, so that an answer with swapped ones shows.
const FIRST_SEQUENCE: u16 = 0x1A01;
/// Connections that are open at once; more are hung up. One pile needs one, or two while it dials anew.
const OPEN_MAX: usize = 16;

/// An open connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Line {
    connection: ConnectionId,
    /// Whether a login was taken on it.
    is_logged_in: bool,
}

/// The open connections, and that of the examined pile.
#[derive(Debug, Default)]
pub(super) struct Links {
    open: Vec<Line>,
    current: Option<ConnectionId>,
    sequence: u16,
}

impl Links {
    pub(super) fn opened(&mut self, connection: ConnectionId) {
        self.open.push(Line { connection, is_logged_in: false });
    }

    /// Whether it was open.
    pub(super) fn closed(&mut self, connection: ConnectionId) -> bool {
        let before = self.open.len();
        self.open.retain(|line| line.connection != connection);
        self.current = self.current.filter(|current| *current != connection);
        self.open.len() < before
    }

    /// The examined pile's connection.
    pub(super) const fn current(&self) -> Option<ConnectionId> {
        self.current
    }

    pub(super) const fn is_online(&self) -> bool {
        self.current.is_some()
    }

    pub(super) fn take_all(&mut self) -> Vec<ConnectionId> {
        self.current = None;
        self.open.drain(..).map(|line| line.connection).collect()
    }

    fn is_logged_in(&self, connection: ConnectionId) -> bool {
        self.open.iter().any(|line| line.connection == connection && line.is_logged_in)
    }

    fn is_open(&self, connection: ConnectionId) -> bool {
        self.open.iter().any(|line| line.connection == connection)
    }

    fn set_logged_in(&mut self, connection: ConnectionId, is_logged_in: bool) {
        let lines = self.open.iter_mut().filter(|line| line.connection == connection);
        lines.for_each(|line| line.is_logged_in = is_logged_in);
    }

    const fn next_sequence(&mut self) -> [u8; 2] {
        let number = FIRST_SEQUENCE.wrapping_add(self.sequence);
        self.sequence = self.sequence.wrapping_add(1);
        number.to_le_bytes()
    }
}

impl PileExam {
    /// Bytes came: records them, and answers the frames in them.
    pub(super) fn take(&mut self, connection: ConnectionId, bytes: &[u8], effects: &mut Vec<Effect>) {
        if !self.links.is_open(connection) {
            return;
        }
        if self.links.open.len() > OPEN_MAX && !self.links.is_logged_in(connection) {
            return self.close(connection, effects);
        }
        for id in self.recorder.passed(self.now, connection, Direction::Up, bytes) {
            let Some(raw) = self.raw(id) else { continue };
            let Ok(frame) = Frame::parse(&raw) else { continue };
            if let Some(message) = understand(&frame) {
                self.hear(connection, frame.sequence, &message, effects);
            }
        }
    }

    fn raw(&self, id: EntryId) -> Option<Vec<u8>> {
        match &self.recorder.trace().get(id)?.happening {
            Happening::Frame(_, raw) => Some(raw.clone()),
            _ => None,
        }
    }

    /// Takes a message: notes what it says, and answers it.
    fn hear(&mut self, connection: ConnectionId, sequence: [u8; 2], message: &Message, effects: &mut Vec<Effect>) {
        let login = if let Message::LoginRequest(login) = message { Some(login) } else { None };
        if let Some(login) = login
            && !self.admit(connection, sequence, login, effects)
        {
            return;
        }
        if login.is_none() && !self.links.is_logged_in(connection) {
            return;
        }
        let unix_ms = self.unix_ms();
        let Some(clerk) = &mut self.clerk else { return };
        let is_own = pile_in(message).is_none_or(|pile| pile == clerk.pile);
        let replies = if is_own {
            answers(message, self.manners, &mut self.given, clerk, unix_ms)
        } else {
            // Another pile of a concentrator: served, so that it does not disturb.
            answers(message, Manners::GOOD, &mut Given::default(), clerk, unix_ms)
        };
        if is_own {
            self.facts.note(message);
            self.take_tariff_answer(message);
        }
        for reply in replies {
            if is_own {
                self.follow(connection, &reply, effects);
            }
            self.send(connection, sequence, &reply, effects);
        }
    }

    /// Whether a login is of the pile under examination or beside it on its connection. Anybody else is sent away.
    fn admit(
        &mut self,
        connection: ConnectionId,
        sequence: [u8; 2],
        login: &LoginRequest,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let pile = login.pile_code;
        let clerk = self.clerk.get_or_insert_with(|| Clerk::new(pile, self.options.card));
        if clerk.pile == pile {
            clerk.connectors = login.connector_count;
            return true;
        }
        if self.links.current == Some(connection) {
            return true;
        }
        let examined = clerk.pile;
        effects.push(Effect::Tell(Bilingual::new(
            format!("另一台桩 {pile} 要登录，已拒绝：一次只检测一台（{examined}）"),
            format!("another pile, {pile}, was sent away: one is examined at a time ({examined})"),
        )));
        let login_result = LoginResult::Refused;
        let refusal = LoginResponse { pile_code: pile, login_result, ..Default::default() };
        self.send(connection, sequence, &refusal.into(), effects);
        self.close(connection, effects);
        false
    }

    /// What an answer of ours changes.
    fn follow(&mut self, connection: ConnectionId, reply: &Message, effects: &mut Vec<Effect>) {
        match reply {
            Message::LoginResponse(answer) if answer.login_result == LoginResult::Accepted => {
                // The newest login counts; the connection before it is half open at best.
                if let Some(old) = self.links.current.filter(|old| *old != connection) {
                    self.close(old, effects);
                }
                self.links.set_logged_in(connection, true);
                self.links.current = Some(connection);
                self.facts.logged_in();
            }
            Message::LoginResponse(_) => {
                self.links.set_logged_in(connection, false);
                self.links.current = self.links.current.filter(|current| *current != connection);
            }
            Message::TariffResponse(_) => self.facts.settle_tariff(),
            Message::TariffVerifyResponse(answer) if answer.verify_result == VerifyResult::Same => {
                self.facts.settle_tariff();
            }
            _ => {}
        }
    }

    /// A tariff that was set and taken is the one that the pile has from now on.
    fn take_tariff_answer(&mut self, message: &Message) {
        let Message::TariffSetResponse(answer) = message else { return };
        let set = self.recorder.trace().entries().iter().rev().find_map(|entry| match &entry.happening {
            Happening::Frame(Direction::Down, raw) => {
                let frame = Frame::parse(raw).ok().filter(|frame| frame.frame_type == TariffSetRequest::CODE)?;
                TariffSetRequest::decode(frame.body).ok()
            }
            _ => None,
        });
        if let Some(set) = set.filter(|_| answer.set_result == Outcome::Succeeded) {
            self.given.number = Some(set.tariff_id);
        }
    }

    /// Hangs up on the examined pile.
    pub(super) fn hang_up(&mut self, effects: &mut Vec<Effect>) {
        if let Some(connection) = self.links.current {
            self.close(connection, effects);
        }
    }

    fn close(&mut self, connection: ConnectionId, effects: &mut Vec<Effect>) {
        if self.links.closed(connection) {
            self.recorder.closed(self.now, connection, Some(Direction::Down));
            effects.push(Effect::Close(connection));
        }
    }

    fn send(&mut self, connection: ConnectionId, sequence: [u8; 2], message: &Message, effects: &mut Vec<Effect>) {
        let mut bytes = Vec::new();
        // The exam's own messages fit into a frame.
        if write_message(&mut bytes, Envelope { sequence, ..Envelope::default() }, message).is_ok() {
            self.emit(connection, bytes, effects);
        }
    }

    /// Sends a request in the way that it wants; with another one behind it, or not.
    pub(super) fn send_specially(
        &mut self,
        connection: ConnectionId,
        request: Request,
        message: Option<Message>,
        also: Option<Message>,
        effects: &mut Vec<Effect>,
    ) {
        let envelope = Envelope { sequence: self.links.next_sequence(), ..Envelope::default() };
        let mut bytes = Vec::new();
        let written = match &message {
            Some(message) => write_message(&mut bytes, envelope, message),
            None => {
                let pile = self.pile().unwrap_or_default();
                write_frame(&mut bytes, envelope, UNKNOWN_TYPE, |writer| writer.put(&pile.0))
            }
        };
        if written.is_err() {
            return;
        }
        let wants_answer = !matches!(request, Request::Unknown | Request::BadCrc | Request::OtherPile);
        if let Some(message) = message.filter(|_| wants_answer) {
            self.facts.awaited.push(message.frame_type());
        }
        match request {
            Request::Split => {
                let rest = bytes.split_off(bytes.len() / 2);
                self.rest = Some((self.now + HALVES_APART, connection, rest));
                self.emit(connection, bytes, effects);
            }
            Request::Glued => {
                let second = Envelope { sequence: self.links.next_sequence(), ..Envelope::default() };
                if let Some(also) = also
                    && write_message(&mut bytes, second, &also).is_ok()
                {
                    self.facts.awaited.push(also.frame_type());
                }
                let sent = self.emit(connection, bytes, effects);
                self.mark(&sent, Mark::Glued);
            }
            Request::BadCrc => {
                bytes.iter_mut().rev().take(2).for_each(|byte| *byte ^= 0xA5);
                self.emit(connection, bytes, effects);
            }
            _ => _ = self.emit(connection, bytes, effects),
        }
    }

    /// The second half of a frame.
    pub(super) fn send_rest(&mut self, connection: ConnectionId, bytes: Vec<u8>, effects: &mut Vec<Effect>) {
        if self.links.is_open(connection) {
            let sent = self.emit(connection, bytes, effects);
            self.mark(&sent, Mark::Split);
        }
    }

    fn emit(&mut self, connection: ConnectionId, bytes: Vec<u8>, effects: &mut Vec<Effect>) -> Vec<EntryId> {
        let sent = self.recorder.passed(self.now, connection, Direction::Down, &bytes);
        effects.push(Effect::Send(connection, bytes));
        sent
    }

    fn mark(&mut self, sent: &[EntryId], mark: Mark) {
        self.marks.extend(sent.iter().map(|entry| Marked { entry: *entry, mark }));
    }
}

/// The pile that a message names.
fn pile_in(message: &Message) -> Option<PileCode> {
    let mut body = Vec::new();
    message.write(&mut Writer::new(&mut body));
    let (_, bytes) = message.layout()?.find(&body, |field| field.name == "pile_code")?;
    bytes.first_chunk().copied().map(PileCode)
}

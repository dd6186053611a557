//! What goes out to the pile and what comes in: made, recorded, answered.

use std::time::Duration;

use voltapile_protocol::aaf5::frame::{Envelope, write_frame, write_message};
use voltapile_protocol::aaf5::message::Message;
use voltapile_protocol::aaf5::{Dialect, Frame};
use voltapile_protocol::inspect::lang::Bilingual;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::wire::Writer;

use super::PileExam;
use crate::aaf5::marks::Mark;
use crate::aaf5::pile::answers::answer;
use crate::aaf5::pile::request::{Clerk, Request, UNKNOWN};
use crate::exam::{ConnectionId, Effect};
use crate::trace::{EntryId, Happening};

/// Between the two halves of a frame.
const HALVES_APART: Duration = Duration::from_millis(300);
/// Reserved fields of the request that looks whether they are echoed.
const RESERVED: [u8; 4] = [0x21, 0x43, 0x65, 0x87];

impl PileExam {
    /// Sends a request in the way that it wants.
    pub(super) fn send_request(&mut self, request: Request, effects: &mut Vec<Effect>) {
        let unix_ms = self.unix_ms();
        let (Some(clerk), Some(connection)) = (&mut self.clerk, self.current) else { return };
        let message = clerk.message(request, unix_ms);
        let (command, mut body) = match &message {
            Some(message) => {
                let mut body = Vec::new();
                message.write(&mut Writer::new(&mut body));
                (message.frame_type(), body)
            }
            None => (UNKNOWN, vec![0; 8]),
        };
        match request {
            Request::Longer => body.extend([0x5A; 7]),
            Request::Reserved => body.iter_mut().zip(RESERVED).for_each(|(byte, reserved)| *byte = reserved),
            _ => {}
        }
        let Some(mut frame) = self.frame(command, &body) else { return };
        let rule = request.rule();
        let waits = !matches!(request, Request::Unknown | Request::BadChecksum | Request::StatusNow);
        if waits {
            self.facts.awaited.push(command);
        }
        match request {
            Request::Split => {
                let (head, rest) = frame.split_at_checked(frame.len() / 2).unwrap_or_default();
                effects.push(Effect::Send(connection, head.to_vec()));
                self.rest = Some((self.now + HALVES_APART, connection, rest.to_vec(), frame.clone(), rule));
            }
            Request::Glued => {
                let Some(second) = self.frame(command, &body) else { return };
                self.facts.awaited.push(command);
                self.note(connection, &frame, rule);
                self.note(connection, &second, rule);
                frame.extend(second);
                effects.push(Effect::Send(connection, frame));
            }
            Request::Garbage | Request::Absurd => {
                let junk: &[u8] =
                    if request == Request::Garbage { b"OK\r\n" } else { &[0xAA, 0xF5, 0xFF, 0xFF, 0x10, 0, 1, 0] };
                self.recorder.passed(self.now, connection, Direction::Down, junk);
                self.note(connection, &frame, rule);
                effects.push(Effect::Send(connection, [junk, &frame].concat()));
            }
            Request::BadChecksum => {
                frame.iter_mut().rev().take(1).for_each(|byte| *byte ^= 0xA5);
                self.note(connection, &frame, rule);
                effects.push(Effect::Send(connection, frame));
            }
            _ => {
                self.note(connection, &frame, rule);
                effects.push(Effect::Send(connection, frame));
            }
        }
        self.owed.retain(|owed| *owed != request);
        if let Some(undo) = request.undone_by().filter(|undo| !self.owed.contains(undo)) {
            self.owed.push(undo);
        }
    }

    /// A request's frame.
    fn frame(&mut self, command: u16, body: &[u8]) -> Option<Vec<u8>> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut frame = Vec::new();
        let envelope = Envelope { info: self.info, sequence: self.sequence };
        write_frame(&mut frame, envelope, command, |writer| writer.put(body)).ok()?;
        Some(frame)
    }

    pub(super) fn note(&mut self, connection: ConnectionId, frame: &[u8], rule: Option<&'static str>) {
        let entry = self.recorder.sent(self.now, connection, Direction::Down, frame);
        if let (Some(entry), Some(rule)) = (entry, rule) {
            self.marks.push(Mark { entry, rule });
        }
    }

    pub(super) fn take(&mut self, connection: ConnectionId, bytes: &[u8], effects: &mut Vec<Effect>) {
        if !self.open.contains(&connection) {
            return;
        }
        for id in self.recorder.passed(self.now, connection, Direction::Up, bytes) {
            let Some(raw) = self.raw(id) else { continue };
            let Ok(frame) = Frame::parse(&raw) else { continue };
            if let Ok(message) = Message::decode(frame.command, frame.body, Dialect::Standard) {
                self.hear(connection, &frame, &message, effects);
            }
        }
    }

    fn raw(&self, id: EntryId) -> Option<Vec<u8>> {
        match &self.recorder.trace().get(id)?.happening {
            Happening::Frame(_, raw) => Some(raw.clone()),
            _ => None,
        }
    }

    fn hear(&mut self, connection: ConnectionId, frame: &Frame<'_>, message: &Message, effects: &mut Vec<Effect>) {
        if let Message::SignInRequest(request) = message {
            let clerk = self.clerk.get_or_insert_with(|| Clerk::new(request.pile_code, self.options.card));
            if !clerk.pile.says(&request.pile_code) {
                let (other, own) = (request.pile_code.text(), clerk.pile.text());
                effects.push(Effect::Tell(Bilingual::new(
                    format!("另一台桩 {other} 要签到，已断开：一次只检测一台（{own}）"),
                    format!("another pile, {other}, was sent away: one is examined at a time ({own})"),
                )));
                return self.close(connection, effects);
            }
            clerk.connectors = request.connector_count;
        } else if self.current != Some(connection) {
            return;
        }
        if let (Some(clerk), Message::IntegerParameterResponse(said)) = (&mut self.clerk, message)
            && let (1, Some(value), true) = (said.first_index, said.values.first(), self.owed.is_empty())
        {
            clerk.interval = value.value;
        }
        self.facts.note(message);
        self.info = frame.info & 0x7F;
        let unix_ms = self.unix_ms();
        let Some(clerk) = &mut self.clerk else { return };
        let time = clerk.clock(unix_ms);
        let Some(reply) = answer(message, self.manners, clerk, time, unix_ms) else { return };
        if let Message::SignInResponse(_) = reply {
            // The newest sign-in counts; the connection before it is half open at best.
            if let Some(old) = self.current.filter(|old| *old != connection) {
                self.close(old, effects);
            }
            self.current = Some(connection);
            self.facts.sign_ins_taken += 1;
            self.facts.was_ever_online = true;
        }
        // Whoever is let in charges soon, before 104 shows it.
        let lets_in = matches!(reply, Message::AccountQueryResponse(_) | Message::VinStartResponse(_));
        if lets_in && self.manners.allows_cards && !self.owed.contains(&Request::Stop) {
            self.owed.push(Request::Stop);
        }
        let mut bytes = Vec::new();
        if write_message(&mut bytes, Envelope { info: self.info, sequence: frame.sequence }, &reply).is_ok() {
            self.note(connection, &bytes, None);
            effects.push(Effect::Send(connection, bytes));
        }
    }
}

//! Questions and answers.

use std::time::Duration;

use voltapile_protocol::ykc::CrcOrder;
use voltapile_protocol::ykc::code::LoginResult;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_protocol::ykc::frame::{Envelope, Frame, HEADER_LENGTH, write_message};
use voltapile_protocol::ykc::message::{LoginResponse, Message};

use super::{Desk, REQUESTS_MAX};
use crate::exam::ConnectionId;
use crate::trace::EntryId;
use crate::ykc::platform::asked::{Asked, Heard};
use crate::ykc::platform::{reaction, say};

impl Desk {
    /// The bytes of a message with the connection's next sequence number.
    pub(in crate::ykc::platform) fn frame(&mut self, id: ConnectionId, message: impl Into<Message>) -> Vec<u8> {
        let Some(line) = self.line_mut(id) else { return Vec::new() };
        let sequence = line.sequence.to_le_bytes();
        line.sequence = line.sequence.wrapping_add(1);
        say::frame(sequence, message)
    }

    /// Sends a message with the next sequence number and waits for its answer.
    pub(in crate::ykc::platform) fn ask(&mut self, line: ConnectionId, message: impl Into<Message>) {
        let frame = self.frame(line, message);
        self.ask_bytes(line, &frame);
    }

    /// Sends a frame and waits for its answer, where its type has one.
    pub(in crate::ykc::platform) fn ask_bytes(&mut self, line: ConnectionId, frame: &[u8]) {
        self.note(line, frame, Duration::ZERO, true);
        self.put(line, frame);
    }

    /// Sends a frame that gets no answer, or need not get one: if one comes, it is noted.
    pub(in crate::ykc::platform) fn tell(&mut self, line: ConnectionId, frame: &[u8]) {
        self.note(line, frame, Duration::ZERO, false);
        self.put(line, frame);
    }

    /// Notes a frame that leaves after a time, whole or in parts, with [`put`](Self::put) or
    /// [`put_later`](Self::put_later).
    pub(in crate::ykc::platform) fn note(&mut self, line: ConnectionId, frame: &[u8], after: Duration, wanted: bool) {
        let parsed = Frame::parse(frame).ok().or_else(|| unchecked(frame));
        if let Some(parsed) = parsed.filter(|_| self.is_open(line)) {
            self.asked.push(Asked::new(line, self.now() + after, &parsed, wanted));
        }
    }

    /// Sends bytes.
    pub(in crate::ykc::platform) fn put(&mut self, line: ConnectionId, bytes: &[u8]) {
        if !self.is_open(line) || bytes.is_empty() {
            return;
        }
        self.exchange.put(line, bytes.to_vec());
        for entry in self.exchange.note_bytes(line, bytes) {
            self.sent(line, entry);
        }
    }

    /// Sends bytes after a time; times must not decrease within a phase.
    pub(in crate::ykc::platform) fn put_later(&mut self, line: ConnectionId, after: Duration, bytes: &[u8]) {
        self.exchange.put_later(line, after, bytes.to_vec(), None);
    }

    /// Sends bytes once everything scheduled has left: they must not fall into the middle of another frame.
    fn put_in_turn(&mut self, line: ConnectionId, bytes: &[u8]) {
        match self.exchange.last_part() {
            Some(last) => self.put_later(line, last.since(self.now()), bytes),
            None => self.put(line, bytes),
        }
    }

    /// Sends what is due.
    pub(in crate::ykc::platform) fn send_due(&mut self) {
        while let Some(part) = self.exchange.due() {
            self.put(part.line, &part.bytes);
        }
    }

    /// Remembers where a question stands in the trace.
    fn sent(&mut self, line: ConnectionId, entry: EntryId) {
        let header = self.exchange.raw(entry).and_then(|raw| raw.get(2..HEADER_LENGTH));
        let is_it = |asked: &&mut Asked| {
            let [s0, s1] = asked.sequence;
            let same = matches!(header, Some([h0, h1, _, code]) if (*h0, *h1, *code) == (s0, s1, asked.frame_type));
            asked.entry.is_none() && asked.line == line && same
        };
        if let Some(asked) = self.asked.iter_mut().find(is_it) {
            asked.entry = Some(entry);
        }
    }

    /// Takes bytes of the platform.
    pub(in crate::ykc::platform) fn heard(&mut self, line: ConnectionId, bytes: &[u8]) {
        for entry in self.exchange.heard(line, bytes) {
            let frame = self.exchange.raw(entry).and_then(|raw| Frame::parse(raw).ok());
            let heard = frame.map(|frame| Heard::new(entry, self.now(), line, &frame));
            heard.into_iter().for_each(|heard| self.assign(heard));
        }
    }

    /// Finds the question that a frame answers: the one whose number it repeats, else the oldest of the phase that
    /// waits for one of its type, so that a wrong number is told as such and not as silence.
    fn assign(&mut self, heard: Heard) {
        let waiting = |asked: &Asked| asked.is_open() && asked.answer_type == Some(heard.frame_type);
        let place = self
            .asked
            .iter()
            .position(|asked| waiting(asked) && asked.is_meant_by(&heard))
            .or_else(|| self.asked.iter().rposition(|asked| asked.is_meant_by(&heard)))
            .or_else(|| {
                let of_phase = self.asked.iter().enumerate().skip(self.phase_asks);
                of_phase.filter(|(_, asked)| waiting(asked) && asked.line == heard.line).map(|(at, _)| at).next()
            });
        let Some(asked) = place.and_then(|place| self.asked.get_mut(place)) else { return self.requested(heard) };
        let logged_in = is_accepted(&heard, asked, self.options.pile_code);
        asked.add(heard);
        if logged_in {
            self.main = Some(asked.line);
        }
    }

    /// The platform asks something of the pile: does as a pile does.
    fn requested(&mut self, heard: Heard) {
        if let Some(reply) = heard.message().and_then(|message| reaction::to(&message, &self.options)) {
            let mut frame = Vec::new();
            let envelope = Envelope { sequence: heard.sequence, ..Envelope::default() };
            // The bodies of such answers are short.
            if write_message(&mut frame, envelope, &reply).is_ok() {
                self.put_in_turn(heard.line, &frame);
            }
        }
        if self.requests.len() < REQUESTS_MAX {
            self.requests.push(heard);
        }
    }
}

/// Whether a login of the examined pile was accepted.
fn is_accepted(heard: &Heard, asked: &Asked, pile: PileCode) -> bool {
    let accepted = match heard.message() {
        Some(Message::LoginResponse(LoginResponse { login_result, .. })) => login_result == LoginResult::Accepted,
        _ => false,
    };
    accepted && asked.body.first_chunk() == Some(&pile.0)
}

/// A frame whose length or CRC is wrong on purpose, as far as its header says.
fn unchecked(raw: &[u8]) -> Option<Frame<'_>> {
    let [_, _, s0, s1, encryption, frame_type, rest @ ..] = raw else { return None };
    let body = rest.get(..rest.len().saturating_sub(2)).unwrap_or_default();
    Some(Frame {
        sequence: [*s0, *s1],
        encryption: *encryption,
        frame_type: *frame_type,
        body,
        crc_order: CrcOrder::LowFirst,
        raw,
    })
}

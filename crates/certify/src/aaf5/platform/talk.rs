//! What the played pile sends, and what it makes of what comes back.

use std::time::Duration;

use voltapile_protocol::aaf5::code::AccountAnswer;
use voltapile_protocol::aaf5::frame::{Envelope, USUAL_INFO, write_message};
use voltapile_protocol::aaf5::message::{LAYOUTS, Message};
use voltapile_protocol::aaf5::{Dialect, Frame};
use voltapile_protocol::layout::{Direction, Layout};

use super::say::Speech;
use super::script::Manner;
use super::{ANSWER, PlatformExam, RECORD, reaction};
use crate::exam::ConnectionId;

/// Between the parts of a frame: long enough that no network joins them again.
const PART: Duration = Duration::from_millis(150);
/// Between single bytes.
const BYTE: Duration = Duration::from_millis(5);

impl PlatformExam {
    /// Says something that may stand for a rule, and waits for its answer; whether there was anything to say.
    pub(super) fn ask(&mut self, speech: Speech, rule: Option<&'static str>, manner: Manner) -> bool {
        self.awaited.clear();
        let is_said = self.say(speech, rule, manner);
        let time = if self.awaited.iter().any(|command| matches!(command, 202 | 222)) { RECORD } else { ANSWER };
        self.wait_for_answers(time);
        is_said
    }

    pub(super) fn glue(&mut self, rule: &'static str, speeches: &[Speech]) -> bool {
        self.awaited.clear();
        let (Some(line), unix_ms) = (self.current(), self.unix_ms()) else { return false };
        let mut packet = Vec::new();
        for speech in speeches {
            let Some(frame) = self.speaker.frame(*speech, &self.options, unix_ms) else { continue };
            self.note(line, &frame, Some(rule));
            packet.extend(frame);
        }
        self.exchange.put(line, packet);
        self.wait_for_answers(RECORD);
        true
    }

    /// Says something on the current connection; whether there is one, and something to say.
    pub(super) fn say(&mut self, speech: Speech, rule: Option<&'static str>, manner: Manner) -> bool {
        let unix_ms = self.unix_ms();
        let Some(line) = self.current() else { return false };
        let Some(frame) = self.speaker.frame(speech, &self.options, unix_ms) else { return false };
        self.asked_known = speech == Speech::KnownCard;
        match manner {
            Manner::Whole => {
                self.note(line, &frame, rule);
                self.exchange.put(line, frame);
            }
            Manner::Behind(junk) => {
                self.exchange.note_bytes(line, junk);
                self.note(line, &frame, rule);
                self.exchange.put(line, [junk, &frame].concat());
            }
            Manner::Halves => {
                let (head, rest) = frame.split_at_checked(frame.len() / 2).unwrap_or_default();
                self.exchange.put(line, head.to_vec());
                let rest = rest.to_vec();
                self.exchange.put_later(line, PART, rest, Some((frame, rule)));
            }
            Manner::Bytes => {
                let (mut after, last) = (Duration::ZERO, frame.len().saturating_sub(1));
                for (place, byte) in frame.iter().enumerate() {
                    after += BYTE;
                    let whole = (place == last).then(|| (frame.clone(), rule));
                    self.exchange.put_later(line, after, vec![*byte], whole);
                }
            }
        }
        true
    }

    /// Notes a frame that has left, what it stands for, and that its answer is waited for.
    fn note(&mut self, line: ConnectionId, frame: &[u8], rule: Option<&'static str>) {
        self.exchange.note(line, frame, rule);
        let Ok(frame) = Frame::parse(frame) else { return };
        let is_answered =
            |layout: &&&Layout| layout.direction == Direction::Down && layout.reply_to == Some(frame.command);
        if LAYOUTS.iter().find(is_answered).is_some() && frame.command != 108 {
            self.awaited.push(frame.command);
        }
    }

    pub(super) fn heard(&mut self, id: ConnectionId, bytes: &[u8]) {
        for entry in self.exchange.heard(id, bytes) {
            let Some(raw) = self.exchange.raw(entry).map(<[u8]>::to_vec) else { continue };
            let Ok(frame) = Frame::parse(&raw) else { continue };
            let Ok(message) = Message::decode(frame.command, frame.body, Dialect::Standard) else { continue };
            self.take(id, &frame, &message);
        }
    }

    fn take(&mut self, id: ConnectionId, frame: &Frame<'_>, message: &Message) {
        if let Some(question) = message.layout().and_then(|layout| layout.reply_to)
            && let Some(place) = self.awaited.iter().position(|awaited| *awaited == question)
        {
            self.awaited.swap_remove(place);
        }
        match message {
            Message::SignInResponse(_) => {
                self.exchange.set_logged_in(id, true);
                self.was_signed_in = true;
            }
            Message::AccountQueryResponse(answer) if self.asked_known && answer.answer == AccountAnswer::Valid => {
                self.speaker.order = answer.transaction_number.filter(|number| !number.is_empty());
            }
            _ => {}
        }
        let Some(answer) = reaction::to(message, &self.options) else { return };
        let mut out = Vec::new();
        let envelope = Envelope { info: USUAL_INFO, sequence: frame.sequence };
        if write_message(&mut out, envelope, &answer).is_ok() {
            self.exchange.send(id, out, None);
        }
    }

    pub(super) fn send_parts(&mut self) {
        while let Some(part) = self.exchange.due() {
            self.exchange.put(part.line, part.bytes);
            if let Some((frame, rule)) = part.whole {
                self.note(part.line, &frame, rule);
            }
        }
    }
}

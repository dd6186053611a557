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
use crate::aaf5::marks::Mark;
use crate::exam::{ConnectionId, Effect};
use crate::trace::{EntryId, Happening};

/// Between the parts of a frame: long enough that no network joins them again.
const PART: Duration = Duration::from_millis(150);
/// Between single bytes.
const BYTE: Duration = Duration::from_millis(5);

impl PlatformExam {
    pub(super) fn ask(
        &mut self,
        speech: Speech,
        rule: &'static str,
        manner: Manner,
        effects: &mut Vec<Effect>,
    ) -> bool {
        self.awaited.clear();
        let is_record = self.say(speech, rule, manner, effects);
        let time = if self.awaited.iter().any(|command| matches!(command, 202 | 222)) { RECORD } else { ANSWER };
        self.wait_for_answers(time);
        is_record
    }

    pub(super) fn glue(&mut self, rule: &'static str, speeches: &[Speech], effects: &mut Vec<Effect>) -> bool {
        self.awaited.clear();
        let (Some(line), unix_ms) = (self.current(), self.unix_ms()) else { return false };
        let mut packet = Vec::new();
        for speech in speeches {
            let Some(frame) = self.speaker.frame(*speech, &self.options, unix_ms) else { continue };
            self.note(line.id, &frame, rule);
            packet.extend(frame);
        }
        effects.push(Effect::Send(line.id, packet));
        self.wait_for_answers(RECORD);
        true
    }

    /// Says something on the current connection; whether there is one, and something to say.
    pub(super) fn say(
        &mut self,
        speech: Speech,
        rule: &'static str,
        manner: Manner,
        effects: &mut Vec<Effect>,
    ) -> bool {
        let unix_ms = self.unix_ms();
        let Some(line) = self.current() else { return false };
        let Some(frame) = self.speaker.frame(speech, &self.options, unix_ms) else { return false };
        self.asked_known = speech == Speech::KnownCard;
        match manner {
            Manner::Whole => {
                self.note(line.id, &frame, rule);
                effects.push(Effect::Send(line.id, frame));
            }
            Manner::Behind(junk) => {
                self.recorder.passed(self.now, line.id, Direction::Up, junk);
                self.note(line.id, &frame, rule);
                effects.push(Effect::Send(line.id, [junk, &frame].concat()));
            }
            Manner::Halves => {
                let (head, rest) = frame.split_at_checked(frame.len() / 2).unwrap_or_default();
                effects.push(Effect::Send(line.id, head.to_vec()));
                let rest = rest.to_vec();
                self.parts.push_back((self.now + PART, line.id, rest, Some((frame, rule))));
            }
            Manner::Bytes => {
                let (mut at, last) = (self.now, frame.len().saturating_sub(1));
                for (place, byte) in frame.iter().enumerate() {
                    at = at + BYTE;
                    let whole = (place == last).then(|| (frame.clone(), rule));
                    self.parts.push_back((at, line.id, vec![*byte], whole));
                }
            }
        }
        true
    }

    /// Notes a frame that has left, what it stands for, and that its answer is waited for.
    fn note(&mut self, line: ConnectionId, frame: &[u8], rule: &'static str) {
        let Some(entry) = self.recorder.sent(self.now, line, Direction::Up, frame) else { return };
        if !rule.is_empty() {
            self.marks.push(Mark { entry, rule });
        }
        let Ok(frame) = Frame::parse(frame) else { return };
        let is_answered =
            |layout: &&&Layout| layout.direction == Direction::Down && layout.reply_to == Some(frame.command);
        if LAYOUTS.iter().find(is_answered).is_some() && frame.command != 108 {
            self.awaited.push(frame.command);
        }
    }

    pub(super) fn heard(&mut self, id: ConnectionId, bytes: &[u8], effects: &mut Vec<Effect>) {
        let entries = self.recorder.passed(self.now, id, Direction::Down, bytes);
        for entry in entries {
            let Some(raw) = self.raw(entry) else { continue };
            let Ok(frame) = Frame::parse(&raw) else { continue };
            let Ok(message) = Message::decode(frame.command, frame.body, Dialect::Standard) else { continue };
            self.take(id, &frame, &message, effects);
        }
    }

    fn raw(&self, entry: EntryId) -> Option<Vec<u8>> {
        match &self.recorder.trace().get(entry)?.happening {
            Happening::Frame(_, raw) => Some(raw.clone()),
            _ => None,
        }
    }

    fn take(&mut self, id: ConnectionId, frame: &Frame<'_>, message: &Message, effects: &mut Vec<Effect>) {
        if let Some(question) = message.layout().and_then(|layout| layout.reply_to)
            && let Some(place) = self.awaited.iter().position(|awaited| *awaited == question)
        {
            self.awaited.swap_remove(place);
        }
        match message {
            Message::SignInResponse(_) => {
                if let Some(line) = self.line_mut(id) {
                    line.is_signed_in = true;
                }
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
            // It must not fall into the middle of another frame.
            match self.parts.back().map(|(at, ..)| *at) {
                Some(at) => self.parts.push_back((at, id, out.clone(), Some((out, "-")))),
                None => {
                    self.recorder.sent(self.now, id, Direction::Up, &out);
                    effects.push(Effect::Send(id, out));
                }
            }
        }
    }

    pub(super) fn send_parts(&mut self, effects: &mut Vec<Effect>) {
        while self.parts.front().is_some_and(|(at, ..)| *at <= self.now) {
            let Some((_, id, bytes, whole)) = self.parts.pop_front() else { return };
            if self.line_mut(id).is_some_and(|line| line.is_open) {
                effects.push(Effect::Send(id, bytes));
                if let Some((frame, rule)) = whole {
                    self.note(id, &frame, rule);
                }
            }
        }
    }
}

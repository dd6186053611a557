//! A trace of AA F5 as rules see it: frames decoded, answers beside their questions.

use std::ops::Deref;
use std::time::Duration;

use voltapile_protocol::aaf5::field::{PileCode, connector_in};
use voltapile_protocol::aaf5::message::{FineChargeRecord, Message, SignInRequest, StatusReport, layout};
use voltapile_protocol::aaf5::session::pile::record_of;
use voltapile_protocol::aaf5::{Dialect, Frame};
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{Quantity, Text};

use crate::exam::exchange::Mark;
use crate::exam::talk::{self, Read, Talk};
use crate::trace::Trace;

/// An answer that comes later than this after its question is none.
const ANSWER_WITHIN: Duration = Duration::from_secs(40);
/// The same for a start: some piles answer when the charge has begun.
const START_WITHIN: Duration = Duration::from_secs(160);
const START: u16 = 7;

/// A frame that passed.
pub(super) type Seen<'t> = talk::Seen<Content<'t>>;

/// What stands in a frame.
#[derive(Debug)]
pub(crate) struct Content<'t> {
    pub(super) info: u8,
    pub(super) sequence: u8,
    pub(super) command: u16,
    pub(super) body: &'t [u8],
    /// What it says, where it holds, is plain and complete.
    pub(super) message: Option<Message>,
    /// The pile it names.
    pub(super) pile: Option<PileCode>,
    /// The connector it names; 0 is 1.
    pub(super) connector: Option<u8>,
    /// The question that it answers, by place.
    question: Option<usize>,
    /// Its answer, by place.
    answer: Option<usize>,
}

impl<'t> Read<'t> for Content<'t> {
    fn read(raw: &'t [u8]) -> (Self, bool) {
        let parsed = Frame::parse(raw).ok();
        let holds = parsed.is_some();
        let (info, sequence, command, body) = match (parsed, raw) {
            (Some(frame), _) => (frame.info, frame.sequence, frame.command, frame.body),
            (None, [_, _, _, _, info, sequence, low, high, body @ .., _]) => {
                (*info, *sequence, u16::from_le_bytes([*low, *high]), body)
            }
            _ => (0, 0, 0, [].as_slice()),
        };
        let is_plain = info & 0x80 == 0;
        let layout = layout(command, body.len(), Dialect::Standard).filter(|_| is_plain);
        let message = (holds && is_plain).then(|| Message::decode(command, body, Dialect::Standard).ok()).flatten();
        let pile = layout.and_then(|layout| layout.find(body, |field| field.name == "pile_code"));
        let pile = pile.and_then(|(_, bytes)| bytes.first_chunk().copied()).map(Text);
        let connector = layout.and_then(|layout| connector_in(layout, body));
        let (question, answer) = (None, None);
        (Self { info, sequence, command, body, message, pile, connector, question, answer }, holds)
    }
}

impl Content<'_> {
    /// Whether its command is declared.
    pub(super) fn is_known(&self) -> bool {
        layout(self.command, self.body.len(), Dialect::Standard).is_some()
    }

    /// The command that this kind of frame answers. A status asked for by 103 answers it; by itself it is a question.
    pub(super) fn replies_to(&self) -> Option<u16> {
        layout(self.command, self.body.len(), Dialect::Standard)?.reply_to
    }

    /// The reserved fields that most bodies begin with.
    pub(super) fn reserved(&self) -> Option<[u8; 4]> {
        let layout = layout(self.command, self.body.len(), Dialect::Standard)?;
        layout.fields.first().filter(|field| field.name == "reserved1")?;
        self.body.first_chunk().copied()
    }

    /// What it is about, where one command serves many purposes: a parameter's index, a control's, a record's number.
    fn index(&self) -> Option<u32> {
        use voltapile_protocol::wire::Code;
        Some(match self.message.as_ref()? {
            Message::IntegerParameterRequest(request) => request.first_index,
            Message::IntegerParameterResponse(answer) => answer.first_index,
            Message::TextParameterRequest(request) => request.index,
            Message::TextParameterResponse(answer) => answer.index,
            Message::ControlRequest(request) => request.first_index.number(),
            Message::ControlResponse(answer) => answer.first_index.number(),
            _ => return None,
        })
    }
}

impl talk::Seen<Content<'_>> {
    /// Whether it may be the answer to a question.
    fn fits(&self, question: &Seen<'_>) -> bool {
        let soon = if question.command == START { START_WITHIN } else { ANSWER_WITHIN };
        let agree = |one: Option<u32>, other: Option<u32>| one.zip(other).is_none_or(|(one, other)| one == other);
        self.replies_to() == Some(question.command)
            && question.holds
            && self.direction != question.direction
            && self.connection == question.connection
            && self.at <= question.at + soon
            && agree(self.index(), question.index())
    }
}

/// A trace as rules see it.
#[derive(Debug)]
pub(super) struct View<'t> {
    pub(super) pile: PileCode,
    talk: Talk<'t, Content<'t>>,
}

impl<'t> Deref for View<'t> {
    type Target = Talk<'t, Content<'t>>;

    fn deref(&self) -> &Self::Target {
        &self.talk
    }
}

impl<'t> View<'t> {
    /// Looks at a trace for one pile's sake: at the connections on which it spoke, or at all that an exam made.
    pub(super) fn new(trace: &'t Trace, pile: PileCode, until: Tick, marks: Option<&'t [Mark]>, has_all: bool) -> Self {
        let matters = |seen: &Seen<'_>| has_all || seen.is_up() && seen.pile.is_some_and(|named| named.says(&pile));
        let mut talk = Talk::new(trace, until, marks, matters, |seen| seen.command == 105);
        join(&mut talk.frames);
        Self { pile, talk }
    }

    /// Good frames of the pile.
    pub(super) fn up(&self) -> impl DoubleEndedIterator<Item = &Seen<'t>> {
        self.frames.iter().filter(|seen| seen.is_up() && seen.holds)
    }

    /// Good frames of the platform.
    pub(super) fn down(&self) -> impl DoubleEndedIterator<Item = &Seen<'t>> {
        self.frames.iter().filter(|seen| !seen.is_up() && seen.holds)
    }

    /// Good frames of a command.
    pub(super) fn of(&self, command: u16) -> impl DoubleEndedIterator<Item = &Seen<'t>> {
        self.frames.iter().filter(move |seen| seen.command == command && seen.holds)
    }

    /// Good frames of a command that were sent by the book: none of those that stand for a rule of their own.
    pub(super) fn questions(&self, command: u16) -> impl DoubleEndedIterator<Item = &Seen<'t>> {
        self.of(command).filter(|seen| !self.is_marked(seen))
    }

    /// 104.
    pub(super) fn statuses(&self) -> impl DoubleEndedIterator<Item = (&Seen<'t>, &StatusReport)> {
        self.of(StatusReport::CODE).filter_map(|seen| match &seen.message {
            Some(Message::StatusReport(status)) => Some((seen, status)),
            _ => None,
        })
    }

    /// 106.
    pub(super) fn sign_ins(&self) -> impl DoubleEndedIterator<Item = (&Seen<'t>, &SignInRequest)> {
        self.of(SignInRequest::CODE).filter_map(|seen| match &seen.message {
            Some(Message::SignInRequest(request)) => Some((seen, request)),
            _ => None,
        })
    }

    /// Whether the pile says at its last sign-in that it speaks a version, in tenths, or a newer one.
    pub(super) fn speaks(&self, version: u64) -> bool {
        let told = self.sign_ins().next_back().and_then(|(_, request)| request.protocol_version);
        told.is_some_and(|told| told.raw() >= version)
    }

    /// 202 and 222, in thousandths of a kWh.
    pub(super) fn records(&self) -> impl DoubleEndedIterator<Item = (&Seen<'t>, FineChargeRecord)> {
        self.up()
            .filter(|seen| matches!(seen.command, 202 | 222))
            .filter_map(|seen| seen.message.as_ref().and_then(record_of).map(|record| (seen, record)))
    }

    /// Frames after another one on its connection.
    pub(super) fn after(&self, before: &Seen<'_>) -> impl Iterator<Item = &Seen<'t>> {
        self.behind(before.id).filter(|seen| seen.connection == before.connection)
    }

    /// The answer to a question.
    pub(super) fn answer(&self, question: &Seen<'_>) -> Option<&Seen<'t>> {
        self.frames.get(question.answer?)
    }

    /// The question that a frame answers.
    pub(super) fn question_of(&self, answer: &Seen<'_>) -> Option<&Seen<'t>> {
        self.frames.get(answer.question?)
    }
}

/// Finds the answer to each question: the frame that repeats its number, else the newest that waits for one. What repeats
/// the number of a newer question that has its answer is one too many.
fn join(frames: &mut [Seen<'_>]) {
    for place in 0..frames.len() {
        let (before, rest) = frames.split_at_mut(place);
        let Some(seen) = rest.first_mut().filter(|seen| seen.holds && seen.replies_to().is_some()) else { continue };
        let is_meant = |question: &Seen<'_>| seen.fits(question) && question.sequence == seen.sequence;
        let waits = |question: &Seen<'_>| question.answer.is_none() && seen.fits(question);
        let exact = before.iter().rposition(|question| waits(question) && is_meant(question));
        let answered = before.iter().rposition(is_meant);
        let newest = before.iter().rposition(waits).filter(|newest| answered.is_none_or(|answered| answered < *newest));
        let found = exact.or(newest);
        let Some(question) = found.and_then(|found| before.get_mut(found)) else { continue };
        question.frame.answer = Some(place);
        seen.frame.question = found;
    }
}

/// The pile that a trace is about: the first that signs in, else the first that is named at all.
pub(super) fn pile_of(trace: &Trace) -> Option<PileCode> {
    let named = |content: &Content<'_>| content.pile.filter(|pile| !pile.is_empty());
    talk::pile_of(trace, |content| Some((named(content)?, content.command == SignInRequest::CODE)))
}

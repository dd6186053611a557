//! What the exam asked of the platform, and what came back.

use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;
use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::field::TransactionNumber;
use voltapile_protocol::ykc::frame::Frame;
use voltapile_protocol::ykc::message::{
    LAYOUTS, Message, TransactionRecord, TransactionRecordConfirm, TransactionRecordV14, TransactionRecordV17,
};

use crate::exam::ConnectionId;
use crate::trace::EntryId;

/// Answers kept to one question; one is right, a second shows the fault, more show nothing new.
const ANSWERS_MAX: usize = 4;

/// A question's place among all questions of the exam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AskId(pub(super) usize);

/// A frame that was sent, and what the platform answered.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) line: ConnectionId,
    /// When its last byte left.
    pub(super) at: Tick,
    pub(super) entry: Option<EntryId>,
    pub(super) frame_type: u8,
    pub(super) sequence: [u8; 2],
    pub(super) encryption: u8,
    pub(super) body: Vec<u8>,
    /// Frame type of its answer; `None` for what is not answered.
    pub(super) answer_type: Option<u8>,
    /// Whether the exam waits for an answer; else one is noted when it comes, and may be a fault.
    pub(super) wanted: bool,
    pub(super) answers: Vec<Heard>,
}

/// A good frame of the platform.
#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) entry: EntryId,
    pub(super) at: Tick,
    pub(super) line: ConnectionId,
    pub(super) frame_type: u8,
    pub(super) sequence: [u8; 2],
    pub(super) body: Vec<u8>,
}

impl Asked {
    /// A frame that is about to leave.
    pub(super) fn new(line: ConnectionId, at: Tick, frame: &Frame<'_>, wanted: bool) -> Self {
        let answer_type = answer_type(frame.frame_type);
        Self {
            line,
            at,
            entry: None,
            frame_type: frame.frame_type,
            sequence: frame.sequence,
            encryption: frame.encryption,
            body: frame.body.to_vec(),
            answer_type,
            wanted: wanted && answer_type.is_some(),
            answers: Vec::new(),
        }
    }

    /// The first answer.
    pub(super) fn answer(&self) -> Option<&Heard> {
        self.answers.first()
    }

    /// Whether the exam still waits for it.
    pub(super) fn is_open(&self) -> bool {
        self.wanted && self.answers.is_empty()
    }

    pub(super) fn add(&mut self, heard: Heard) {
        if self.answers.len() < ANSWERS_MAX {
            self.answers.push(heard);
        }
    }

    /// Whether a frame repeats exactly what an answer to this has to repeat: the transaction number of a record, else
    /// the sequence number.
    pub(super) fn is_meant_by(&self, heard: &Heard) -> bool {
        if self.line != heard.line {
            return false;
        }
        match self.answer_type {
            Some(TransactionRecordConfirm::CODE) if heard.frame_type == TransactionRecordConfirm::CODE => {
                self.transaction().is_some_and(|number| heard.body.first_chunk() == Some(&number.0))
            }
            Some(answer_type) => answer_type == heard.frame_type && self.sequence == heard.sequence,
            // What is not answered at all: whatever repeats its sequence number and is no request of the platform.
            None => self.sequence == heard.sequence && !heard.is_request(),
        }
    }

    /// The transaction number of a record.
    pub(super) fn transaction(&self) -> Option<TransactionNumber> {
        self.body.first_chunk().map(|number| TransactionNumber(*number))
    }

    /// The entries of the trace with the question and its answers.
    pub(super) fn evidence(&self) -> Vec<EntryId> {
        self.entry.into_iter().chain(self.answers.iter().map(|heard| heard.entry)).collect()
    }
}

impl Heard {
    pub(super) fn new(entry: EntryId, at: Tick, line: ConnectionId, frame: &Frame<'_>) -> Self {
        Self { entry, at, line, frame_type: frame.frame_type, sequence: frame.sequence, body: frame.body.to_vec() }
    }

    /// The message; `None` when the body is too short.
    pub(super) fn message(&self) -> Option<Message> {
        Message::decode(self.frame_type, &self.body, Dialect::V16).ok()
    }

    /// Whether a platform sends frames of this type without being asked.
    fn is_request(&self) -> bool {
        let mut layouts = LAYOUTS.iter().filter(|layout| layout.code == u16::from(self.frame_type));
        layouts.any(|layout| layout.direction == Direction::Down && layout.reply_to.is_none())
    }
}

/// Frame type with which a platform answers another; `None` where it does not.
fn answer_type(frame_type: u8) -> Option<u8> {
    if matches!(frame_type, TransactionRecord::CODE | TransactionRecordV17::CODE | TransactionRecordV14::CODE) {
        return Some(TransactionRecordConfirm::CODE);
    }
    let answers = |layout: &&&voltapile_protocol::layout::Layout| {
        layout.direction == Direction::Down && layout.reply_to == Some(u16::from(frame_type))
    };
    LAYOUTS.iter().find(answers).and_then(|layout| u8::try_from(layout.code).ok())
}

//! An exam's lines, and what passes on them: recorded as it passes, done by effects.

use std::collections::VecDeque;
use std::time::Duration;

use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;

use super::{ConnectionId, Effect};
use crate::recorder::Recorder;
use crate::trace::{EntryId, Happening};

/// A frame of the exam that stands for a rule: the rule judges what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub(crate) entry: EntryId,
    /// Id of the rule.
    pub(crate) rule: &'static str,
}

/// How a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Dialling,
    Open,
    /// The exam ended it.
    Closed,
    /// It ended without the exam's doing, or never stood.
    Lost,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    id: ConnectionId,
    state: State,
    is_logged_in: bool,
}

/// Bytes that leave later.
#[derive(Debug)]
pub(crate) struct Part {
    at: Tick,
    pub(crate) line: ConnectionId,
    pub(crate) bytes: Vec<u8>,
    /// The frame that is whole with them, and the rule that it stands for.
    pub(crate) whole: Option<(Vec<u8>, Option<&'static str>)>,
}

/// The lines of an exam.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) now: Tick,
    pub(crate) effects: Vec<Effect>,
    pub(crate) recorder: Recorder,
    pub(crate) marks: Vec<Mark>,
    /// The direction in which the exam speaks.
    own: Direction,
    /// All lines, oldest first.
    lines: Vec<Line>,
    parts: VecDeque<Part>,
}

impl Exchange {
    /// No line yet. `own` is the direction in which the exam speaks.
    pub(crate) fn new(own: Direction) -> Self {
        Self {
            now: Tick::default(),
            effects: Vec::new(),
            recorder: Recorder::default(),
            marks: Vec::new(),
            own,
            lines: Vec::new(),
            parts: VecDeque::new(),
        }
    }

    /// The direction in which the examined side speaks.
    const fn other(&self) -> Direction {
        match self.own {
            Direction::Up => Direction::Down,
            Direction::Down => Direction::Up,
        }
    }

    fn line(&self, id: ConnectionId) -> Option<&Line> {
        self.lines.iter().rev().find(|line| line.id == id)
    }

    fn line_mut(&mut self, id: ConnectionId) -> Option<&mut Line> {
        self.lines.iter_mut().rev().find(|line| line.id == id)
    }

    pub(crate) fn is_open(&self, id: ConnectionId) -> bool {
        self.line(id).is_some_and(|line| line.state == State::Open)
    }

    /// Whether a line ended without the exam's doing.
    pub(crate) fn is_lost(&self, id: ConnectionId) -> bool {
        self.line(id).is_some_and(|line| line.state == State::Lost)
    }

    /// Whether a dial is neither answered nor given up.
    pub(crate) fn is_dialling(&self) -> bool {
        self.lines.iter().any(|line| line.state == State::Dialling)
    }

    pub(crate) fn is_logged_in(&self, id: ConnectionId) -> bool {
        self.line(id).is_some_and(|line| line.state == State::Open && line.is_logged_in)
    }

    pub(crate) fn set_logged_in(&mut self, id: ConnectionId, is_logged_in: bool) {
        if let Some(line) = self.line_mut(id) {
            line.is_logged_in = is_logged_in;
        }
    }

    /// All lines, newest first.
    pub(crate) fn ids(&self) -> impl Iterator<Item = ConnectionId> {
        self.lines.iter().rev().map(|line| line.id)
    }

    /// Open lines, oldest first.
    pub(crate) fn open_ids(&self) -> impl Iterator<Item = ConnectionId> {
        self.lines.iter().filter(|line| line.state == State::Open).map(|line| line.id)
    }

    /// Dials the examined side.
    pub(crate) fn dial(&mut self) -> ConnectionId {
        let id = ConnectionId(u16::try_from(self.lines.len()).unwrap_or(u16::MAX));
        self.lines.push(Line { id, state: State::Dialling, is_logged_in: false });
        self.effects.push(Effect::Dial(id));
        id
    }

    /// A line stands: one that was dialled, or one that the examined side made.
    pub(crate) fn opened(&mut self, id: ConnectionId) {
        match self.line_mut(id) {
            Some(line) if line.state == State::Dialling => line.state = State::Open,
            Some(_) => return,
            None => self.lines.push(Line { id, state: State::Open, is_logged_in: false }),
        }
        self.recorder.opened(self.now, id);
    }

    /// A line ended without the exam's doing, because the other side ended it or (`true`) because it broke.
    pub(crate) fn lost(&mut self, id: ConnectionId, is_broken: bool) {
        let by = (!is_broken).then(|| self.other());
        self.end(id, State::Lost, by);
    }

    /// Ends a line.
    pub(crate) fn close(&mut self, id: ConnectionId) {
        if self.is_open(id) {
            self.end(id, State::Closed, Some(self.own));
            self.effects.push(Effect::Close(id));
        }
    }

    pub(crate) fn close_all(&mut self) {
        let open: Vec<ConnectionId> = self.open_ids().collect();
        open.into_iter().for_each(|id| self.close(id));
    }

    fn end(&mut self, id: ConnectionId, state: State, by: Option<Direction>) {
        if self.is_open(id) {
            self.recorder.closed(self.now, id, by);
        }
        if let Some(line) = self.line_mut(id).filter(|line| matches!(line.state, State::Open | State::Dialling)) {
            line.state = state;
        }
        self.parts.retain(|part| part.line != id);
    }

    /// Takes bytes of the examined side: the places of the frames that ended with them.
    pub(crate) fn heard(&mut self, id: ConnectionId, bytes: &[u8]) -> Vec<EntryId> {
        if !self.is_open(id) {
            return Vec::new();
        }
        self.recorder.passed(self.now, id, self.other(), bytes)
    }

    /// The bytes of a frame that passed.
    pub(crate) fn raw(&self, entry: EntryId) -> Option<&[u8]> {
        match &self.recorder.trace().get(entry)?.happening {
            Happening::Frame(_, raw) => Some(raw),
            _ => None,
        }
    }

    /// Sends bytes that are recorded elsewhere.
    pub(crate) fn put(&mut self, id: ConnectionId, bytes: Vec<u8>) {
        self.effects.push(Effect::Send(id, bytes));
    }

    /// Sends a frame; it may stand for a rule. It must not fall into the middle of another frame: where parts still wait on
    /// its line, it leaves behind them.
    pub(crate) fn send(&mut self, id: ConnectionId, frame: Vec<u8>, rule: Option<&'static str>) {
        match self.last_part().filter(|_| self.parts.iter().any(|part| part.line == id)) {
            Some(last) => self.put_later(id, last.since(self.now), frame.clone(), Some((frame, rule))),
            None => {
                self.note(id, &frame, rule);
                self.put(id, frame);
            }
        }
    }

    /// Records a frame that leaves now, and the rule that it stands for.
    pub(crate) fn note(&mut self, id: ConnectionId, frame: &[u8], rule: Option<&'static str>) {
        let entry = self.recorder.sent(self.now, id, self.own, frame);
        if let (Some(entry), Some(rule)) = (entry, rule) {
            self.marks.push(Mark { entry, rule });
        }
    }

    /// Records bytes that leave now, whatever they are: the places of the frames in them.
    pub(crate) fn note_bytes(&mut self, id: ConnectionId, bytes: &[u8]) -> Vec<EntryId> {
        self.recorder.passed(self.now, id, self.own, bytes)
    }

    /// Sends bytes after a time; times must not decrease while parts wait.
    pub(crate) fn put_later(
        &mut self,
        line: ConnectionId,
        after: Duration,
        bytes: Vec<u8>,
        whole: Option<(Vec<u8>, Option<&'static str>)>,
    ) {
        self.parts.push_back(Part { at: self.now + after, line, bytes, whole });
    }

    /// The next part that is due.
    pub(crate) fn due(&mut self) -> Option<Part> {
        let is_due = self.next_part().is_some_and(|at| at <= self.now);
        if is_due { self.parts.pop_front() } else { None }
    }

    /// When the next part leaves.
    pub(crate) fn next_part(&self) -> Option<Tick> {
        self.parts.front().map(|part| part.at)
    }

    /// When the last part leaves: what must not fall into the middle of another frame leaves then.
    pub(crate) fn last_part(&self) -> Option<Tick> {
        self.parts.back().map(|part| part.at)
    }
}

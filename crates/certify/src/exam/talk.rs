//! A trace as rules see it: the frames of the connections that matter, read, and the connections' lives.

use std::ops::Deref;
use std::time::Duration;

use voltapile_protocol::layout::Direction;
use voltapile_protocol::time::Tick;

use super::ConnectionId;
use super::exchange::Mark;
use crate::trace::{EntryId, Happening, Trace};

/// What a protocol reads in a frame.
pub(crate) trait Read<'t>: Sized {
    /// Reads a frame as far as it can be read, and says whether start, length and check sum hold.
    fn read(raw: &'t [u8]) -> (Self, bool);
}

/// A frame that passed.
#[derive(Debug)]
pub(crate) struct Seen<F> {
    pub(crate) id: EntryId,
    pub(crate) at: Tick,
    pub(crate) connection: ConnectionId,
    pub(crate) direction: Direction,
    /// Whether start, length and check sum hold.
    pub(crate) holds: bool,
    pub(crate) frame: F,
}

impl<F> Deref for Seen<F> {
    type Target = F;

    fn deref(&self) -> &F {
        &self.frame
    }
}

impl<F> Seen<F> {
    pub(crate) fn is_up(&self) -> bool {
        self.direction == Direction::Up
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) connection: ConnectionId,
    pub(crate) opened: Tick,
    /// When it ended, or the end of the trace.
    pub(crate) until: Tick,
    /// Its end, and who made it; `None` while it lives.
    pub(crate) closed: Option<(EntryId, Option<Direction>)>,
    /// When the platform let the pile in the first time, and that answer.
    pub(crate) logged_in: Option<(Tick, EntryId)>,
}

/// What passed, as rules see it.
#[derive(Debug)]
pub(crate) struct Talk<'t, F> {
    /// When the trace ends.
    pub(crate) until: Tick,
    /// Frames of the connections that matter, in order.
    pub(crate) frames: Vec<Seen<F>>,
    /// Bytes of no frame on these connections.
    pub(crate) junk: Vec<(EntryId, Direction, usize)>,
    pub(crate) lines: Vec<Line>,
    /// Frames that stand for rules; `None` where nobody led, as with a capture.
    marks: Option<&'t [Mark]>,
}

impl<'t, F: Read<'t>> Talk<'t, F> {
    /// Reads a trace: the connections on which there is a frame that matters. `lets_in` knows the answer by which a
    /// platform lets a pile in.
    pub(crate) fn new(
        trace: &'t Trace,
        until: Tick,
        marks: Option<&'t [Mark]>,
        matters: impl Fn(&Seen<F>) -> bool,
        lets_in: impl Fn(&Seen<F>) -> bool,
    ) -> Self {
        let mut frames: Vec<Seen<F>> = frames_of(trace).collect();
        let mut own: Vec<ConnectionId> =
            frames.iter().filter(|seen| matters(seen)).map(|seen| seen.connection).collect();
        own.sort_unstable();
        own.dedup();
        frames.retain(|seen| own.binary_search(&seen.connection).is_ok());
        let until = trace.entries().last().map_or(until, |last| last.at.max(until));
        let line = |connection: &ConnectionId| {
            let is_it = |seen: &&Seen<F>| seen.connection == *connection && seen.holds && lets_in(seen);
            line(trace, *connection, until, frames.iter().find(is_it).map(|seen| (seen.at, seen.id)))
        };
        let lines = own.iter().map(line).collect();
        let mut junk = Vec::new();
        for (index, entry) in trace.entries().iter().enumerate() {
            if let Happening::Junk(direction, bytes) = &entry.happening
                && own.binary_search(&entry.connection).is_ok()
            {
                junk.push((EntryId(index), *direction, bytes.len()));
            }
        }
        Self { until, frames, junk, lines, marks }
    }
}

impl<F> Talk<'_, F> {
    /// Whether somebody led, so that the trace has all that happened.
    pub(crate) const fn is_exam(&self) -> bool {
        self.marks.is_some()
    }

    /// Bytes of no frame that the pile sent, and how many.
    pub(crate) fn junk_of_pile(&self) -> impl Iterator<Item = (EntryId, usize)> {
        self.junk.iter().filter(|(_, direction, _)| *direction == Direction::Up).map(|(id, _, count)| (*id, *count))
    }

    pub(crate) fn line(&self, connection: ConnectionId) -> Option<&Line> {
        self.lines.iter().find(|line| line.connection == connection)
    }

    /// Whether a connection lived from a moment for some time on.
    pub(crate) fn lived(&self, connection: ConnectionId, from: Tick, time: Duration) -> bool {
        self.line(connection).is_some_and(|line| line.until >= from + time)
    }

    /// All frames behind an entry.
    pub(crate) fn behind(&self, id: EntryId) -> impl Iterator<Item = &Seen<F>> {
        let first = self.frames.partition_point(|seen| seen.id <= id);
        self.frames.get(first..).unwrap_or_default().iter()
    }

    /// Frames that stand for a rule.
    pub(crate) fn marked(&self, rule: &str) -> impl Iterator<Item = &Seen<F>> {
        let marks = self.marks.unwrap_or_default().iter();
        let entries: Vec<EntryId> = marks.filter(|mark| mark.rule == rule).map(|mark| mark.entry).collect();
        self.frames.iter().filter(move |seen| entries.contains(&seen.id))
    }

    /// Whether a frame stands for a rule.
    pub(crate) fn is_marked(&self, seen: &Seen<F>) -> bool {
        self.marks.unwrap_or_default().iter().any(|mark| mark.entry == seen.id)
    }
}

fn frames_of<'t, F: Read<'t>>(trace: &'t Trace) -> impl Iterator<Item = Seen<F>> {
    trace.entries().iter().enumerate().filter_map(|(index, entry)| {
        let Happening::Frame(direction, raw) = &entry.happening else { return None };
        let (frame, holds) = F::read(raw);
        let (id, at, connection, direction) = (EntryId(index), entry.at, entry.connection, *direction);
        Some(Seen { id, at, connection, direction, holds, frame })
    })
}

fn line(trace: &Trace, connection: ConnectionId, until: Tick, logged_in: Option<(Tick, EntryId)>) -> Line {
    let entries = || trace.entries().iter().enumerate().filter(|(_, entry)| entry.connection == connection);
    let opened = entries().next().map_or(until, |(_, entry)| entry.at);
    let closed = entries().find_map(|(index, entry)| match entry.happening {
        Happening::Closed(by) => Some((entry.at, EntryId(index), by)),
        _ => None,
    });
    Line {
        connection,
        opened,
        until: closed.map_or(until, |(at, ..)| at),
        closed: closed.map(|(_, id, by)| (id, by)),
        logged_in,
    }
}

/// The pile that a trace is about: the first that logs in, else the first that is named at all. `named` gives the pile
/// that a frame names, and whether it is a login.
pub(crate) fn pile_of<'t, F: Read<'t>, P>(trace: &'t Trace, named: impl Fn(&F) -> Option<(P, bool)>) -> Option<P> {
    let mut first = None;
    for seen in frames_of::<F>(trace).filter(|seen| seen.is_up() && seen.holds) {
        match named(&seen.frame) {
            Some((pile, true)) => return Some(pile),
            Some((pile, false)) => _ = first.get_or_insert(pile),
            None => {}
        }
    }
    first
}

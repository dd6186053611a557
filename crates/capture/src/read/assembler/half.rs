//! One side of a conversation: its bytes in order, out of segments in any order.

use std::collections::BTreeMap;

use crate::Timestamp;

/// Sequence numbers that lie farther apart do not belong together, in bytes: more than any pile has under way.
const FARTHEST: u32 = 16 * 1024 * 1024;

/// What a waiting segment costs beside its bytes, so that many small ones count too.
const OVERHEAD: usize = 64;

/// How long a segment that came too early waits for what is missing once the other side has confirmed it, so the
/// capture has lost it: long enough for captures that mix up their own order. In microseconds.
const PATIENCE_WHEN_CONFIRMED: u64 = 1_000_000;

/// How long it waits when nothing was confirmed, in microseconds: TCP sends again within this time.
const PATIENCE: u64 = 30_000_000;

/// A run of bytes of a segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) position: u64,
    pub(super) at: Timestamp,
    pub(super) packet: u64,
    pub(super) offset: usize,
    pub(super) bytes: &'a [u8],
    /// Bytes behind them that were not captured.
    pub(super) cut: u64,
}

impl Run<'_> {
    fn end(&self) -> u64 {
        self.position + self.bytes.len() as u64 + self.cut
    }

    /// The part between two positions.
    fn part(&self, from: u64, to: u64) -> Self {
        let (from, to) = (from.max(self.position), to.min(self.end()));
        let captured = self.bytes.len() as u64;
        let index = |position: u64| usize::try_from((position - self.position).min(captured)).unwrap_or(usize::MAX);
        let (begin, end) = (index(from), index(to.max(from)));
        let bytes = self.bytes.get(begin..end).unwrap_or_default();
        let cut = to.saturating_sub(from).saturating_sub(bytes.len() as u64);
        Self { position: from, offset: self.offset + begin, bytes, cut, ..*self }
    }
}

#[derive(Debug)]
struct Waiting {
    at: Timestamp,
    packet: u64,
    offset: usize,
    bytes: Vec<u8>,
    cut: u64,
}

/// What a half hands on.
pub(super) enum Out<'a> {
    /// The next bytes, and how many are missing before them.
    Next(Run<'a>, u64),
    /// Bytes that had come before; whether their position is known.
    Again(Run<'a>, bool),
}

/// Where a sequence number stands.
pub(super) enum Place {
    /// At this position of what the side says.
    At(u64),
    /// Before the first byte that was seen.
    Before,
    /// So far away that it belongs to something else.
    Elsewhere,
}

/// One side's bytes.
#[derive(Debug, Default)]
pub(super) struct Half {
    /// Sequence number of position 0; `None` before the first segment.
    origin: Option<u32>,
    /// Position of the next byte.
    position: u64,
    /// Segments that came too early, by position; they do not overlap.
    waiting: BTreeMap<u64, Waiting>,
    /// What they cost, in bytes.
    held: usize,
    /// When the first of them began to wait.
    since: Timestamp,
    /// Up to where the other side has confirmed.
    confirmed: u64,
    /// Bytes missing before the next.
    missing: u64,
    /// Where the side said that it ends.
    end: Option<u64>,
}

impl Half {
    /// The sequence number of position 0.
    pub(super) fn origin(&self) -> Option<u32> {
        self.origin
    }

    /// Lets position 0 be a sequence number, unless that is known.
    pub(super) fn begin(&mut self, sequence: u32) {
        self.origin.get_or_insert(sequence);
    }

    /// Where a sequence number stands.
    pub(super) fn place(&self, sequence: u32) -> Place {
        let Some(origin) = self.origin else { return Place::At(self.position) };
        let low = u32::try_from(self.position & u64::from(u32::MAX)).unwrap_or_default();
        let distance = sequence.wrapping_sub(origin.wrapping_add(low)).cast_signed();
        if distance.unsigned_abs() > FARTHEST {
            return Place::Elsewhere;
        }
        self.position.checked_add_signed(i64::from(distance)).map_or(Place::Before, Place::At)
    }

    /// Goes on at a sequence number that has nothing to do with the ones before.
    pub(super) fn jump(&mut self, sequence: u32, on_out: &mut dyn FnMut(Out<'_>)) {
        self.flush(on_out);
        let low = u32::try_from(self.position & u64::from(u32::MAX)).unwrap_or_default();
        self.origin = Some(sequence.wrapping_sub(low));
        self.end = None;
    }

    /// The other side has received everything before a position.
    pub(super) fn confirm(&mut self, position: u64) {
        self.confirmed = self.confirmed.max(position);
    }

    /// The side says that it ends at a position.
    pub(super) fn end_at(&mut self, position: u64) {
        self.end.get_or_insert(position);
    }

    /// Whether it has ended and all of it was handed on.
    pub(super) fn is_over(&self) -> bool {
        self.end.is_some_and(|end| self.position >= end)
    }

    /// Whether a run comes before something that is still missing.
    pub(super) fn is_early(&self, run: &Run<'_>) -> bool {
        run.position > self.position
    }

    /// Takes a run; hands on whatever is next.
    pub(super) fn take(&mut self, run: Run<'_>, on_out: &mut dyn FnMut(Out<'_>)) {
        let again = run.part(run.position, self.position.max(run.position));
        if !again.bytes.is_empty() {
            on_out(Out::Again(again, true));
        }
        let fresh = run.part(self.position, run.end());
        if fresh.end() <= self.position {
            return;
        }
        if self.waiting.is_empty() {
            if fresh.position == self.position {
                self.hand_on(fresh, on_out);
                return;
            }
            self.since = run.at;
        }
        self.keep(fresh, on_out);
        self.drain(run.at, on_out);
    }

    /// Keeps what no waiting run has yet: what was said first counts.
    fn keep(&mut self, run: Run<'_>, on_out: &mut dyn FnMut(Out<'_>)) {
        let mut taken: Vec<(u64, u64)> = self
            .waiting
            .range(..run.end())
            .rev()
            .map(|(begin, waiting)| (*begin, *begin + waiting.bytes.len() as u64 + waiting.cut))
            .take_while(|(_, end)| *end > run.position)
            .collect();
        taken.reverse();
        let mut at = run.position;
        for (begin, end) in taken {
            self.store(run.part(at, begin.max(at)));
            let again = run.part(begin, end);
            if !again.bytes.is_empty() {
                on_out(Out::Again(again, true));
            }
            at = end.max(at);
        }
        self.store(run.part(at, run.end().max(at)));
    }

    fn store(&mut self, run: Run<'_>) {
        if run.bytes.is_empty() && run.cut == 0 {
            return;
        }
        self.held += run.bytes.len() + OVERHEAD;
        let Run { position, at, packet, offset, bytes, cut } = run;
        self.waiting.insert(position, Waiting { at, packet, offset, bytes: bytes.to_vec(), cut });
    }

    fn drain(&mut self, now: Timestamp, on_out: &mut dyn FnMut(Out<'_>)) {
        while let Some(waiting) = self.waiting.remove(&self.position) {
            let Waiting { at, packet, offset, bytes, cut } = waiting;
            self.held = self.held.saturating_sub(bytes.len() + OVERHEAD);
            self.since = now;
            self.hand_on(Run { position: self.position, at, packet, offset, bytes: &bytes, cut }, on_out);
        }
    }

    fn hand_on(&mut self, run: Run<'_>, on_out: &mut dyn FnMut(Out<'_>)) {
        if !run.bytes.is_empty() {
            on_out(Out::Next(run, std::mem::take(&mut self.missing)));
        }
        self.missing += run.cut;
        self.position = run.end();
    }

    /// Gives up on what is missing, where it will not come any more or too much waits for it.
    pub(super) fn give_up(&mut self, now: Timestamp, most: usize, on_out: &mut dyn FnMut(Out<'_>)) {
        while let Some(first) = self.waiting.first_key_value().map(|(first, _)| *first) {
            let waited = now.0.saturating_sub(self.since.0);
            let lost = self.confirmed > self.position && waited >= PATIENCE_WHEN_CONFIRMED;
            if self.held <= most && !lost && waited < PATIENCE {
                return;
            }
            self.skip_to(first, now, on_out);
        }
    }

    fn skip_to(&mut self, position: u64, now: Timestamp, on_out: &mut dyn FnMut(Out<'_>)) {
        self.missing += position.saturating_sub(self.position);
        self.position = position;
        self.drain(now, on_out);
    }

    /// Hands on everything that waits. Gives back how many bytes are missing behind the last.
    pub(super) fn flush(&mut self, on_out: &mut dyn FnMut(Out<'_>)) -> u64 {
        while let Some((first, now)) = self.waiting.first_key_value().map(|(first, waiting)| (*first, waiting.at)) {
            self.skip_to(first, now, on_out);
        }
        // What the other side has confirmed, or this side has announced with its end, was sent.
        let said = self.end.unwrap_or(self.confirmed);
        let unseen = said.saturating_sub(self.position);
        // A single confirmed byte is the end itself, whose segment is missing: it has a number but is no byte.
        self.missing += if self.end.is_none() && unseen == 1 { 0 } else { unseen };
        self.position = self.position.max(said);
        std::mem::take(&mut self.missing)
    }

    /// Position of the next byte.
    pub(super) fn position(&self) -> u64 {
        self.position
    }
}

//! Where a written conversation stands.

use super::packet::Flags;
use crate::{Ends, Side, Timestamp};

/// A conversation that is being written: its ends, and the sequence numbers that both have come to. It outlives the file
/// it began in, so that a conversation goes on in the next one.
#[derive(Debug, Clone)]
pub struct Stream {
    pub(super) ends: Ends,
    /// Known from the first packet on.
    numbers: Option<Numbers>,
    note: Option<String>,
}

#[derive(Debug, Clone, Copy)]
struct Numbers {
    client: Said,
    server: Said,
}

/// How far a side has come.
#[derive(Debug, Clone, Copy)]
struct Said {
    /// The sequence number of its next byte.
    next: u32,
    /// Up to where the other side has acknowledged.
    acknowledged: u32,
}

impl Stream {
    /// A conversation of which nothing is written yet.
    #[must_use]
    pub fn new(ends: Ends) -> Self {
        Self { ends, numbers: None, note: None }
    }

    /// Adds a comment to the next packet; several become one, a line each.
    pub fn note(&mut self, text: &str) {
        match &mut self.note {
            Some(note) => {
                note.push('\n');
                note.push_str(text);
            }
            None => self.note = Some(text.to_owned()),
        }
    }

    /// Passes over bytes that a side said and nobody kept: readers see a gap.
    pub fn skip(&mut self, side: Side, at: Timestamp, bytes: u64) {
        // Sequence numbers live modulo 2^32, so what is cut off here is no loss.
        let bytes = (bytes & u64::from(u32::MAX)) as u32;
        let said = self.said(side, at);
        said.next = said.next.wrapping_add(bytes);
    }

    /// Bytes a side has said since the other last acknowledged.
    pub(super) fn unacknowledged(&self, side: Side) -> u32 {
        self.numbers.map_or(0, |numbers| {
            let said = numbers.of(side);
            said.next.wrapping_sub(said.acknowledged)
        })
    }

    /// Counts a packet that a side sends: its sequence number and what it acknowledges.
    pub(super) fn say(&mut self, side: Side, at: Timestamp, flags: Flags, bytes: usize) -> (u32, u32) {
        let heard = self.said(super::other(side), at);
        if flags.ack {
            heard.acknowledged = heard.next;
        }
        let acknowledged = if flags.ack { heard.next } else { 0 };
        let said = self.said(side, at);
        let sequence = said.next;
        // SYN and FIN count as a byte each. A payload is a segment's at most.
        let length = u32::try_from(bytes).unwrap_or(0) + u32::from(flags.syn) + u32::from(flags.fin);
        said.next = sequence.wrapping_add(length);
        (sequence, acknowledged)
    }

    /// The comment for the packet at hand.
    pub(super) fn take_note(&mut self) -> Option<String> {
        self.note.take()
    }

    fn said(&mut self, side: Side, at: Timestamp) -> &mut Said {
        let numbers = self.numbers.get_or_insert_with(|| Numbers::first(at));
        match side {
            Side::Client => &mut numbers.client,
            Side::Server => &mut numbers.server,
        }
    }
}

impl Numbers {
    /// Numbers to begin with, from the clock as RFC 9293 has it: a tick each 4 µs. So a pile that dials in again from the
    /// same port is another conversation to who reads.
    fn first(at: Timestamp) -> Self {
        let clock = ((at.0 / 4) & u64::from(u32::MAX)) as u32;
        let begin = |next| Said { next, acknowledged: next };
        Self { client: begin(clock), server: begin(clock.wrapping_add(u32::MAX / 2)) }
    }

    fn of(&self, side: Side) -> Said {
        match side {
            Side::Client => self.client,
            Side::Server => self.server,
        }
    }
}

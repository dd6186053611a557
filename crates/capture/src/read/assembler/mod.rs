//! Puts segments of TCP back into conversations.

mod conversation;
mod half;

use std::collections::HashMap;
use std::net::SocketAddr;

use super::{End, Event, Known, Opened, Packet, Problem, Repeated, Segment, Statistics, segment};
use crate::{Ends, Timestamp};
use conversation::{Conversation, Desk};

/// After so long a silence, in microseconds, what comes on the ports of an ended conversation is a new one whose begin
/// is not in the capture: systems keep ports of ended connections free for two minutes at most.
const QUARANTINE: u64 = 120_000_000;

/// What an assembler keeps at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of segments that came too early, for each side of each conversation.
    pub early_bytes: usize,
    /// Conversations that are remembered at the same time.
    pub conversations: usize,
}

impl Default for Limits {
    /// 256 KiB that came too early, which is more than a pile sends in an hour, and 65,536 conversations, which is more
    /// than a pile's address has ports.
    fn default() -> Self {
        Self { early_bytes: 256 * 1024, conversations: 65_536 }
    }
}

/// Puts segments of TCP back into conversations. Memory is bounded by its [`Limits`], not by the capture's length.
#[derive(Debug, Default)]
pub struct Assembler {
    limits: Limits,
    open: HashMap<(SocketAddr, SocketAddr), Conversation>,
    begun: usize,
    last: (Timestamp, u64),
    statistics: Statistics,
}

impl Assembler {
    /// An assembler that has seen nothing.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// What was seen so far.
    #[must_use]
    pub fn statistics(&self) -> &Statistics {
        &self.statistics
    }

    /// Takes the next packet of the capture and tells what it makes certain.
    pub fn packet(&mut self, packet: &Packet<'_>, on_event: &mut dyn FnMut(Event<'_>)) {
        self.statistics.packets += 1;
        self.statistics.cut += u64::from(packet.original_length > packet.data.len());
        self.last = (packet.at, packet.number);
        match segment(packet.link, packet.data) {
            Ok(segment) => {
                self.statistics.segments += 1;
                self.segment(packet, &segment, on_event);
            }
            Err(reason) => {
                let count = self.statistics.skipped.entry(reason).or_default();
                *count += 1;
                if *count == 1 {
                    let problem = Problem::Skipped(reason);
                    on_event(Event::Problem { packet: packet.number, at: packet.at, problem });
                }
            }
        }
    }

    fn segment(&mut self, packet: &Packet<'_>, segment: &Segment<'_>, on_event: &mut dyn FnMut(Event<'_>)) {
        let key = key(segment);
        if self.needs_new(key, packet, segment, on_event) {
            self.open(key, packet, segment, on_event);
        }
        let mut desk = Desk { statistics: &mut self.statistics, on_event };
        match self.open.get_mut(&key) {
            Some(conversation) if conversation.closed && segment.payload.is_empty() => {}
            Some(conversation) if conversation.closed => (desk.on_event)(Event::Repeated(Repeated {
                conversation: conversation.number,
                side: conversation.side_of(segment.source),
                position: None,
                offset: packet.offset + segment.places.payload.start,
                bytes: segment.payload,
            })),
            Some(conversation) => conversation.take(packet, segment, self.limits.early_bytes, &mut desk),
            None => {}
        }
    }

    /// Whether a segment begins a conversation; one on the same ports before it ends.
    fn needs_new(
        &mut self,
        key: (SocketAddr, SocketAddr),
        packet: &Packet<'_>,
        segment: &Segment<'_>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) -> bool {
        let says_something = segment.syn || segment.payload.len() + segment.cut > 1;
        let Some(before) = self.open.get_mut(&key) else { return says_something && !segment.reset };
        let begins = segment.syn && segment.acknowledged.is_none() && !before.is_begun_by(segment);
        let late = before.closed && says_something && packet.at.0.saturating_sub(before.last.0) > QUARANTINE;
        if begins || late {
            let mut desk = Desk { statistics: &mut self.statistics, on_event };
            before.close(End::Replaced, packet.at, packet.number, &mut desk);
        }
        begins || late
    }

    fn open(
        &mut self,
        key: (SocketAddr, SocketAddr),
        packet: &Packet<'_>,
        segment: &Segment<'_>,
        on_event: &mut dyn FnMut(Event<'_>),
    ) {
        self.make_room(on_event);
        let (source, destination) = (segment.source, segment.destination);
        let forward = Ends { client: source, server: destination };
        let backward = Ends { client: destination, server: source };
        let (ends, known) = match (segment.syn, segment.acknowledged) {
            (true, None) => (forward, Known::Handshake),
            (true, Some(_)) => (backward, Known::Handshake),
            (false, _) if source.port() > destination.port() => (forward, Known::Ports),
            (false, _) if source.port() < destination.port() => (backward, Known::Ports),
            (false, _) => (forward, Known::FirstWord),
        };
        self.begun += 1;
        self.statistics.conversations += 1;
        self.open.insert(key, Conversation::new(self.begun, ends, packet.at));
        on_event(Event::Opened(Opened { conversation: self.begun, at: packet.at, ends, known }));
    }

    /// Forgets what has been silent for longest, many at once so that it seldom has to be done.
    fn make_room(&mut self, on_event: &mut dyn FnMut(Event<'_>)) {
        if self.open.len() < self.limits.conversations.max(1) {
            return;
        }
        let mut silent: Vec<_> = self.open.iter().map(|(key, one)| (!one.closed, one.last_packet, *key)).collect();
        silent.sort_unstable_by_key(|(open, last, _)| (*open, *last));
        for (_, _, key) in silent.iter().take(silent.len().div_ceil(16)) {
            if let Some(mut conversation) = self.open.remove(key) {
                let (at, packet) = (conversation.last, conversation.last_packet);
                let mut desk = Desk { statistics: &mut self.statistics, on_event };
                conversation.close(End::Evicted, at, packet, &mut desk);
            }
        }
    }

    /// Ends the capture: what waits for something missing is handed on, what is open ends.
    pub fn finish(mut self, on_event: &mut dyn FnMut(Event<'_>)) -> Statistics {
        let mut open: Vec<Conversation> = self.open.drain().map(|(_, conversation)| conversation).collect();
        open.sort_unstable_by_key(|conversation| conversation.number);
        let (at, packet) = self.last;
        let mut desk = Desk { statistics: &mut self.statistics, on_event };
        for conversation in &mut open {
            conversation.close(End::Capture, at, packet, &mut desk);
        }
        self.statistics
    }
}

/// Both ends, in an order that does not depend on who sends.
fn key(segment: &Segment<'_>) -> (SocketAddr, SocketAddr) {
    let (one, other) = (segment.source, segment.destination);
    if one <= other { (one, other) } else { (other, one) }
}

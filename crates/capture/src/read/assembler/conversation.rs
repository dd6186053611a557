//! One conversation: two sides and who is who.

use std::net::SocketAddr;

use super::half::{Half, Out, Place, Run};
use crate::read::{End, Event, Flight, Packet, Problem, Repeated, Segment, Statistics};
use crate::{Ends, Side, Timestamp};

/// A conversation that is or was under way.
#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) number: usize,
    pub(super) ends: Ends,
    client: Half,
    server: Half,
    /// Whether its end was told.
    pub(super) closed: bool,
    /// When its last packet passed.
    pub(super) last: Timestamp,
    /// Number of its last packet.
    pub(super) last_packet: u64,
}

/// What is shared by all conversations while one takes a segment.
pub(super) struct Desk<'e> {
    pub(super) statistics: &'e mut Statistics,
    pub(super) on_event: &'e mut dyn FnMut(Event<'_>),
}

impl Conversation {
    pub(super) fn new(number: usize, ends: Ends, at: Timestamp) -> Self {
        let (client, server) = (Half::default(), Half::default());
        Self { number, ends, client, server, closed: false, last: at, last_packet: 0 }
    }

    pub(super) fn side_of(&self, source: SocketAddr) -> Side {
        if source == self.ends.client { Side::Client } else { Side::Server }
    }

    /// Whether a segment that begins a connection begins this one, once more.
    pub(super) fn is_begun_by(&self, segment: &Segment<'_>) -> bool {
        let half = match self.side_of(segment.source) {
            Side::Client => &self.client,
            Side::Server => &self.server,
        };
        !self.closed && half.origin().is_none_or(|origin| origin == segment.sequence.wrapping_add(1))
    }

    fn halves(&mut self, side: Side) -> (&mut Half, &mut Half) {
        match side {
            Side::Client => (&mut self.client, &mut self.server),
            Side::Server => (&mut self.server, &mut self.client),
        }
    }

    /// Takes a segment of this conversation.
    pub(super) fn take(&mut self, packet: &Packet<'_>, segment: &Segment<'_>, most: usize, desk: &mut Desk<'_>) {
        (self.last, self.last_packet) = (packet.at, packet.number);
        let side = self.side_of(segment.source);
        let number = self.number;
        let (half, other) = self.halves(side);
        // A segment that begins the connection has a number of its own before its first byte.
        let sequence = if segment.syn { segment.sequence.wrapping_add(1) } else { segment.sequence };
        let length = segment.payload.len() + segment.cut;
        if is_keep_alive(half, segment) {
            desk.statistics.keep_alives += 1;
        }
        if segment.syn || segment.fin || length > 1 {
            half.begin(sequence);
        }
        if let (Some(next), Some(_)) = (segment.acknowledged, other.origin())
            && let Place::At(position) = other.place(next)
        {
            other.confirm(position);
        }
        if half.origin().is_some() && (segment.fin || length > 0) {
            take_part(half, packet, segment, sequence, number, side, desk);
        }
        for side in [Side::Client, Side::Server] {
            let (half, _) = self.halves(side);
            half.give_up(packet.at, most, &mut told(number, side, desk));
        }
        if segment.reset {
            self.close(End::Reset(side), packet.at, packet.number, desk);
        } else if self.client.is_over() && self.server.is_over() {
            self.close(End::Finished, packet.at, packet.number, desk);
        }
    }

    /// Hands on what still waits and tells the end.
    pub(super) fn close(&mut self, end: End, at: Timestamp, packet: u64, desk: &mut Desk<'_>) {
        if std::mem::replace(&mut self.closed, true) {
            return;
        }
        let number = self.number;
        for side in [Side::Client, Side::Server] {
            let (half, _) = self.halves(side);
            let missing = half.flush(&mut told(number, side, desk));
            let position = half.position();
            if missing > 0 {
                let run = Run { position, at, packet, offset: 0, bytes: &[], cut: 0 };
                told(number, side, desk)(Out::Next(run, missing));
            }
        }
        (desk.on_event)(Event::Closed { conversation: number, at, end });
    }
}

/// Whether a segment only asks if the other side is there: nothing, or one byte, right before what comes next.
fn is_keep_alive(half: &Half, segment: &Segment<'_>) -> bool {
    let plain = !segment.syn && !segment.fin && !segment.reset && segment.payload.len() <= 1 && segment.cut == 0;
    let stands_before = match half.place(segment.sequence) {
        Place::At(position) => position + 1 == half.position(),
        Place::Before => half.position() == 0,
        Place::Elsewhere => false,
    };
    plain && half.origin().is_some() && stands_before
}

fn take_part(
    half: &mut Half,
    packet: &Packet<'_>,
    segment: &Segment<'_>,
    sequence: u32,
    number: usize,
    side: Side,
    desk: &mut Desk<'_>,
) {
    let mut run = Run {
        position: 0,
        at: packet.at,
        packet: packet.number,
        offset: packet.offset + segment.places.payload.start,
        bytes: segment.payload,
        cut: segment.cut as u64,
    };
    match half.place(sequence) {
        Place::At(position) => run.position = position,
        Place::Before => {
            told(number, side, desk)(Out::Again(run, false));
            return;
        }
        Place::Elsewhere => {
            let problem = Problem::Jump { conversation: number, side };
            (desk.on_event)(Event::Problem { packet: packet.number, at: packet.at, problem });
            half.jump(sequence, &mut told(number, side, desk));
            run.position = half.position();
        }
    }
    if segment.fin {
        half.end_at(run.position + run.bytes.len() as u64 + run.cut);
    }
    desk.statistics.reordered += u64::from(half.is_early(&run));
    half.take(run, &mut told(number, side, desk));
}

/// Turns what a half hands on into events, and counts it.
fn told<'d>(conversation: usize, side: Side, desk: &'d mut Desk<'_>) -> impl FnMut(Out<'_>) + 'd {
    move |out| match out {
        Out::Next(run, gap) => {
            if gap > 0 {
                desk.statistics.gaps += 1;
                desk.statistics.missing += gap;
                let problem = Problem::Gap { conversation, side, bytes: gap };
                (desk.on_event)(Event::Problem { packet: run.packet, at: run.at, problem });
            }
            desk.statistics.bytes += run.bytes.len() as u64;
            let Run { position, at, packet, offset, bytes, .. } = run;
            (desk.on_event)(Event::Flight(Flight { conversation, at, packet, side, gap, position, offset, bytes }));
        }
        Out::Again(run, known) => {
            if run.bytes.len() > 1 {
                desk.statistics.repeated += run.bytes.len() as u64;
            }
            let position = known.then_some(run.position);
            let Run { offset, bytes, .. } = run;
            (desk.on_event)(Event::Repeated(Repeated { conversation, side, position, offset, bytes }));
        }
    }
}

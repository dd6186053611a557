//! Frames in captures: conversations of bytes become conversations of frames, with who said them when.

pub(crate) mod log;
pub(crate) mod rewrite;

mod begin;
mod cutter;

use std::collections::HashMap;
use std::net::SocketAddr;

use voltapile_capture::read::{
    Assembler, Content, Event, FileProblem, Flight, Known, Limits, Opened, Problem, Records, Statistics,
};
use voltapile_capture::{Side, Timestamp};
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Options;
use voltapile_protocol::inspect::declared::layout;
use voltapile_protocol::inspect::scan::{Found, Piece};
use voltapile_protocol::layout::Direction;
use voltapile_protocol::ykc::Dialect;

use begin::Begin;
use cutter::{Cut, Cutter};

/// A conversation between a pile and a platform.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Talk {
    /// Its number in the capture, from 1.
    pub(crate) number: usize,
    /// Who dialled: the pile.
    pub(crate) client: SocketAddr,
    /// Who was dialled: the platform.
    pub(crate) server: SocketAddr,
    /// Whether it is certain who is who.
    certain: bool,
    /// Whether the capture's ports had it the wrong way round.
    turned: bool,
    /// Whether a frame has been found in it.
    pub(crate) has_frames: bool,
    /// Which protocol is spoken, as its first frame that holds says.
    pub(crate) protocol: Option<Protocol>,
}

impl Talk {
    fn new(opened: &Opened) -> Self {
        let ends = opened.ends;
        let certain = opened.known == Known::Handshake;
        Self {
            number: opened.conversation,
            client: ends.client,
            server: ends.server,
            certain,
            turned: false,
            has_frames: false,
            protocol: None,
        }
    }

    fn direction_of(&self, side: Side) -> Direction {
        if (side == Side::Client) == self.turned { Direction::Down } else { Direction::Up }
    }
}

/// What a side said: a frame, or bytes of no frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) talk: Talk,
    pub(crate) direction: Direction,
    /// When its last byte passed.
    pub(crate) at: Timestamp,
    /// Where it begins in what the side has said, gaps counted.
    pub(crate) position: u64,
    pub(crate) piece: Piece<'a>,
}

/// What is found in a capture, in order.
#[derive(Debug)]
pub(crate) enum Happening<'a> {
    Said(Said<'a>),
    /// A conversation ended; how many bytes of no frame it had.
    Closed {
        talk: Talk,
        stray: u64,
    },
    /// Something is missing.
    Problem {
        packet: u64,
        problem: Problem,
    },
    /// The file itself is damaged.
    Damaged(FileProblem),
}

/// A conversation while it is read.
struct Open {
    talk: Talk,
    up: Cutter,
    down: Cutter,
    stray: u64,
}

/// Finds the frames of a capture, one after the other; what is kept is bounded by the assembler's limits.
pub(crate) fn watch(file: &[u8], options: Options, on: &mut dyn FnMut(Happening<'_>)) -> Statistics {
    let mut open: HashMap<usize, Open> = HashMap::new();
    let mut assembler = Assembler::new(Limits::default());
    for record in Records::new(file) {
        match record {
            Ok(record) => {
                if let Content::Packet(packet) = record.content {
                    assembler.packet(&packet, &mut |event| take(event, &mut open, options, on));
                }
            }
            Err(problem) => on(Happening::Damaged(problem)),
        }
    }
    assembler.finish(&mut |event| take(event, &mut open, options, on))
}

fn take(event: Event<'_>, open: &mut HashMap<usize, Open>, options: Options, on: &mut dyn FnMut(Happening<'_>)) {
    match event {
        Event::Opened(opened) => {
            let (up, down) = (Cutter::new(options), Cutter::new(options));
            open.insert(opened.conversation, Open { talk: Talk::new(&opened), up, down, stray: 0 });
        }
        Event::Flight(flight) => {
            if let Some(one) = open.get_mut(&flight.conversation) {
                one.flight(&flight, on);
            }
        }
        Event::Closed { conversation, .. } => {
            if let Some(mut one) = open.remove(&conversation) {
                one.end(on);
                on(Happening::Closed { talk: one.talk, stray: one.stray });
            }
        }
        Event::Problem { packet, problem, .. } => on(Happening::Problem { packet, problem }),
        Event::Repeated(_) => {}
    }
}

impl Open {
    fn flight(&mut self, flight: &Flight<'_>, on: &mut dyn FnMut(Happening<'_>)) {
        let Self { talk, up, down, stray } = self;
        let mut report = |cut: Cut<'_>| said(talk, stray, flight.side, &cut, on);
        let (cutter, other) = if flight.side == Side::Client { (up, down) } else { (down, up) };
        if flight.gap > 0 {
            cutter.flush(&mut report);
        }
        cutter.push(flight.position, flight.at, flight.bytes, &mut report);
        // Both sides speak the same.
        if let Some(protocol) = cutter.protocol() {
            other.speaks(protocol);
        }
    }

    fn end(&mut self, on: &mut dyn FnMut(Happening<'_>)) {
        let Self { talk, up, down, stray } = self;
        up.flush(&mut |cut| said(talk, stray, Side::Client, &cut, on));
        down.flush(&mut |cut| said(talk, stray, Side::Server, &cut, on));
    }
}

/// Tells what a side said. Who is who is settled by the first frame where the capture does not have the begin.
fn said(talk: &mut Talk, stray: &mut u64, side: Side, cut: &Cut<'_>, on: &mut dyn FnMut(Happening<'_>)) {
    match cut.piece {
        Piece::Found(found) if talk.has_frames || found.framing.holds() => {
            if let Some(direction) = declared(&found).filter(|_| !talk.certain) {
                talk.certain = true;
                if direction != talk.direction_of(side) {
                    talk.turned = true;
                    std::mem::swap(&mut talk.client, &mut talk.server);
                }
            }
            talk.has_frames = true;
            talk.protocol = talk.protocol.or(Some(found.protocol));
        }
        Piece::Found(Found { raw, .. }) | Piece::Skipped { bytes: raw, .. } => *stray += raw.len() as u64,
    }
    let direction = talk.direction_of(side);
    on(Happening::Said(Said { talk: *talk, direction, at: cut.at, position: cut.position, piece: cut.piece }));
}

/// Which way frames of its type go.
fn declared(found: &Found<'_>) -> Option<Direction> {
    let frame_type = match found.protocol {
        Protocol::Ykc => u16::from(*found.raw.get(5)?),
        Protocol::Aaf5 => found.raw.get(6..)?.first_chunk().copied().map(u16::from_le_bytes)?,
    };
    layout(found.protocol, frame_type, usize::MAX, Dialect::V16).map(|layout| layout.direction)
}

/// Which protocol bytes are in: that asked for, else that of the first frame that holds.
pub(crate) fn spoken(bytes: &[u8], options: Options) -> Option<Protocol> {
    options.protocol.or_else(|| {
        (0..bytes.len()).find_map(|at| match Begin::of(bytes.get(at..)?, None) {
            Begin::Frame(protocol, _) => Some(protocol),
            _ => None,
        })
    })
}

//! Makes packets and files by hand, apart from the code under test.

use std::net::SocketAddr;

use etherparse::PacketBuilder;
use voltapile_capture::read::{
    Assembler, Content, Event, Flight, Limits, Opened, Packet, Problem, Records, Statistics,
};
use voltapile_capture::{Side, Timestamp};

/// A segment to be written.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) sequence: u32,
    pub(crate) acknowledged: Option<u32>,
    pub(crate) flags: &'static str,
    pub(crate) payload: Vec<u8>,
}

impl Sent {
    pub(crate) fn new(from: SocketAddr, to: SocketAddr, sequence: u32, payload: &[u8]) -> Self {
        Self { from, to, sequence, acknowledged: None, flags: "", payload: payload.to_vec() }
    }

    /// `S` begins, `F` ends, `R` breaks off.
    pub(crate) fn flags(mut self, flags: &'static str) -> Self {
        self.flags = flags;
        self
    }

    pub(crate) fn acknowledging(mut self, next: u32) -> Self {
        self.acknowledged = Some(next);
        self
    }

    /// The packet from IP on.
    pub(crate) fn ip(&self) -> Vec<u8> {
        let builder = match (self.from, self.to) {
            (SocketAddr::V4(from), SocketAddr::V4(to)) => PacketBuilder::ipv4(from.ip().octets(), to.ip().octets(), 64),
            (SocketAddr::V6(from), SocketAddr::V6(to)) => PacketBuilder::ipv6(from.ip().octets(), to.ip().octets(), 64),
            mixed => panic!("{mixed:?}"),
        };
        let mut step = builder.tcp(self.from.port(), self.to.port(), self.sequence, 4096);
        if let Some(next) = self.acknowledged {
            step = step.ack(next);
        }
        for flag in self.flags.chars() {
            step = match flag {
                'S' => step.syn(),
                'F' => step.fin(),
                _ => step.rst(),
            };
        }
        let mut bytes = Vec::new();
        step.write(&mut bytes, &self.payload).unwrap();
        bytes
    }
}

/// One thing that an assembler told, with bytes of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Told {
    Opened(Opened),
    Said { conversation: usize, side: Side, at: u64, gap: u64, position: u64, bytes: Vec<u8> },
    Again(Vec<u8>),
    Closed(usize, voltapile_capture::read::End),
    Problem(Problem),
}

/// Lets an assembler see packets of raw IP, a millisecond apart.
pub(crate) fn assemble(packets: &[Vec<u8>], limits: Limits) -> (Vec<Told>, Statistics) {
    let timed: Vec<(u64, &[u8])> =
        packets.iter().enumerate().map(|(at, packet)| (at as u64 * 1000, packet.as_slice())).collect();
    assemble_at(&timed, limits)
}

pub(crate) fn assemble_at(packets: &[(u64, &[u8])], limits: Limits) -> (Vec<Told>, Statistics) {
    let mut told = Vec::new();
    let mut assembler = Assembler::new(limits);
    for (index, (at, data)) in packets.iter().enumerate() {
        let number = index as u64 + 1;
        let packet = Packet { number, at: Timestamp(*at), link: 101, data, offset: 0, original_length: data.len() };
        assembler.packet(&packet, &mut |event| told.push(owned(event)));
    }
    let statistics = assembler.finish(&mut |event| told.push(owned(event)));
    (told, statistics)
}

fn owned(event: Event<'_>) -> Told {
    match event {
        Event::Opened(opened) => Told::Opened(opened),
        Event::Flight(Flight { conversation, side, at, gap, position, bytes, .. }) => {
            Told::Said { conversation, side, at: at.0, gap, position, bytes: bytes.to_vec() }
        }
        Event::Repeated(repeated) => Told::Again(repeated.bytes.to_vec()),
        Event::Closed { conversation, end, .. } => Told::Closed(conversation, end),
        Event::Problem { problem, .. } => Told::Problem(problem),
    }
}

/// All that a side of a conversation said, with `·` bytes (0xB7) where bytes are missing.
pub(crate) fn said(told: &[Told], conversation: usize, side: Side) -> Vec<u8> {
    let mut all = Vec::new();
    for one in told {
        if let Told::Said { conversation: of, side: by, gap, bytes, .. } = one
            && (*of, *by) == (conversation, side)
        {
            all.resize(all.len() + *gap as usize, 0xB7);
            all.extend(bytes);
        }
    }
    all
}

/// A capture of the classic format.
pub(crate) fn pcap(magic: [u8; 4], link: u32, packets: &[(u32, u32, &[u8])]) -> Vec<u8> {
    let big = magic[0] == 0xA1;
    let word = |number: u32| if big { number.to_be_bytes() } else { number.to_le_bytes() };
    let mut file = magic.to_vec();
    file.extend(word(if big { 0x0002_0004 } else { 0x0004_0002 }));
    for field in [0, 0, 65_535, link] {
        file.extend(word(field));
    }
    for (seconds, fraction, data) in packets {
        for field in [*seconds, *fraction, data.len() as u32, data.len() as u32] {
            file.extend(word(field));
        }
        file.extend(*data);
    }
    file
}

/// A block of the newer format.
pub(crate) fn block(big: bool, kind: u32, body: &[u8]) -> Vec<u8> {
    let word = |number: usize| if big { (number as u32).to_be_bytes() } else { (number as u32).to_le_bytes() };
    let padded = body.len().next_multiple_of(4);
    let mut block = word(kind as usize).to_vec();
    block.extend(word(padded + 12));
    block.extend(body);
    block.resize(8 + padded, 0);
    block.extend(word(padded + 12));
    block
}

/// The header of a section.
pub(crate) fn section(big: bool) -> Vec<u8> {
    let mut body =
        if big { vec![0x1A, 0x2B, 0x3C, 0x4D, 0, 1, 0, 0] } else { vec![0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0] };
    body.extend([0xFF; 8]);
    block(big, 0x0A0D_0D0A, &body)
}

/// An interface with options in their form on disk.
pub(crate) fn interface(big: bool, link: u16, options: &[u8]) -> Vec<u8> {
    let mut body = if big { link.to_be_bytes() } else { link.to_le_bytes() }.to_vec();
    body.extend([0; 6]);
    body.extend(options);
    block(big, 1, &body)
}

/// A packet of an interface.
pub(crate) fn enhanced(big: bool, interface: u32, units: u64, data: &[u8]) -> Vec<u8> {
    let word = |number: u32| if big { number.to_be_bytes() } else { number.to_le_bytes() };
    let mut body = Vec::new();
    for field in [interface, (units >> 32) as u32, units as u32, data.len() as u32, data.len() as u32] {
        body.extend(word(field));
    }
    body.extend(data);
    block(big, 6, &body)
}

/// Number, time, link type and length of a packet.
type Seen = (u64, u64, u16, usize);

/// Each packet of a file, and the problems.
pub(crate) fn packets(file: &[u8]) -> (Vec<Seen>, Vec<String>) {
    let (mut packets, mut problems) = (Vec::new(), Vec::new());
    for record in Records::new(file) {
        match record {
            Ok(record) => {
                if let Content::Packet(packet) = record.content {
                    assert_eq!(&file[packet.offset..packet.offset + packet.data.len()], packet.data);
                    packets.push((packet.number, packet.at.0, packet.link, packet.data.len()));
                }
            }
            Err(problem) => problems.push(problem.to_string()),
        }
    }
    (packets, problems)
}

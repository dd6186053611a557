//! The records of a capture file, whichever of the two formats it has.

use std::ops::Range;

use super::{pcap, pcapng};
use crate::Timestamp;

/// Which format a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The classic format: one header, then packets.
    Pcap,
    /// The newer one: blocks of many kinds.
    PcapNg,
}

impl Format {
    /// Recognises a capture by its first four bytes; `None` for anything else.
    #[must_use]
    pub fn recognise(bytes: &[u8]) -> Option<Self> {
        match bytes.first_chunk::<4>()? {
            [0x0A, 0x0D, 0x0D, 0x0A] => Some(Self::PcapNg),
            magic => pcap::Magic::of(*magic).map(|_| Self::Pcap),
        }
    }
}

/// In which order the bytes of a number stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// Low byte first.
    Little,
    /// High byte first.
    Big,
}

impl ByteOrder {
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Little => u16::from_le_bytes(bytes),
            Self::Big => u16::from_be_bytes(bytes),
        })
    }

    pub(super) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = *bytes.get(at..)?.first_chunk()?;
        Some(match self {
            Self::Little => u32::from_le_bytes(bytes),
            Self::Big => u32::from_be_bytes(bytes),
        })
    }

    /// A number of 32 bits as a length.
    pub(super) fn length(self, bytes: &[u8], at: usize) -> Option<usize> {
        usize::try_from(self.u32(bytes, at)?).ok()
    }
}

/// A packet as it was captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Its number in the file, from 1, as Wireshark counts.
    pub number: u64,
    /// When it passed.
    pub at: Timestamp,
    /// What its bytes begin with: a number of the LINKTYPE registry.
    pub link: u16,
    /// Its bytes, as far as they were captured.
    pub data: &'a [u8],
    /// Where its bytes begin in the file.
    pub offset: usize,
    /// How long it was on the wire.
    pub original_length: usize,
}

/// A piece of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<'a> {
    /// Where it stands in the file, padding included.
    pub range: Range<usize>,
    /// What it is.
    pub content: Content<'a>,
    /// Where its options stand; empty where it has none.
    pub options: Range<usize>,
    /// The order of its numbers' bytes.
    pub order: ByteOrder,
}

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content<'a> {
    /// The header of the file or of a section.
    Header,
    /// The description of an interface.
    Interface,
    /// A packet.
    Packet(Packet<'a>),
    /// Something else: names, statistics, keys, a vendor's own.
    Other,
}

/// What is wrong with a file. What stood before it has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// It begins like no capture.
    #[error("offset {offset}: this is neither pcap nor pcapng")]
    NoCapture {
        /// Where, in bytes of the file.
        offset: usize,
    },
    /// It ends inside a record: the capture was still being written, or the copy was cut.
    #[error("offset {offset}: the file ends inside a record, {left} bytes were left")]
    Truncated {
        /// Where the record begins.
        offset: usize,
        /// Bytes that are there of it.
        left: usize,
    },
    /// A record announces a length that it cannot have. Nothing behind it can be read.
    #[error("offset {offset}: a record cannot have a length of {length} bytes; what follows was not read")]
    BadLength {
        /// Where the record begins.
        offset: usize,
        /// The length it announces.
        length: usize,
    },
    /// A packet names an interface that was not described. It was left out.
    #[error("offset {offset}: a packet of interface {interface}, which is not described, was left out")]
    UnknownInterface {
        /// Where the record begins.
        offset: usize,
        /// The interface it names.
        interface: u32,
    },
}

/// Walks over the records of a file. After a problem from which nothing can be read on, it ends.
#[derive(Debug)]
pub struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    state: State,
    packets: u64,
}

#[derive(Debug)]
enum State {
    Start,
    Pcap(pcap::Header),
    PcapNg(pcapng::Section),
    Ended,
}

/// A record that was read, or why none was; where the next one begins, unless the walk ends.
pub(super) struct Step<'a> {
    pub(super) result: Result<Record<'a>, FileProblem>,
    pub(super) next: Option<usize>,
}

impl<'a> Step<'a> {
    pub(super) fn failed(problem: FileProblem) -> Self {
        Self { result: Err(problem), next: None }
    }
}

impl<'a> Records<'a> {
    /// Walks over a whole file.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, state: State::Start, packets: 0 }
    }

    fn start(&mut self) -> Step<'a> {
        match Format::recognise(self.bytes) {
            None => Step::failed(FileProblem::NoCapture { offset: 0 }),
            Some(Format::PcapNg) => {
                self.state = State::PcapNg(pcapng::Section::default());
                self.step()
            }
            Some(Format::Pcap) => match pcap::header(self.bytes) {
                Ok((header, record)) => {
                    self.state = State::Pcap(header);
                    let next = Some(record.range.end);
                    Step { result: Ok(record), next }
                }
                Err(problem) => Step::failed(problem),
            },
        }
    }

    fn step(&mut self) -> Step<'a> {
        match &mut self.state {
            State::Start => self.start(),
            State::Pcap(header) => pcap::packet(header, self.bytes, self.at, self.packets + 1),
            State::PcapNg(section) => section.block(self.bytes, self.at, self.packets + 1),
            State::Ended => Step::failed(FileProblem::NoCapture { offset: self.at }),
        }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, FileProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        let done = self.at >= self.bytes.len() && !matches!(self.state, State::Start);
        if done || matches!(self.state, State::Ended) {
            return None;
        }
        let step = self.step();
        match step.next {
            Some(next) => self.at = next,
            None => self.state = State::Ended,
        }
        let is_packet = matches!(&step.result, Ok(Record { content: Content::Packet(_), .. }));
        let left_out = matches!(&step.result, Err(FileProblem::UnknownInterface { .. }));
        self.packets += u64::from(is_packet || left_out);
        Some(step.result)
    }
}

//! The newer format: blocks, each with its type and its length before and behind it. Blocks that nobody knows are
//! passed over.

use std::ops::Range;

use super::pcap::LONGEST_PACKET;
use super::record::{ByteOrder, Content, FileProblem, Packet, Record, Step};
use crate::Timestamp;

/// Block type of a section's header; reads alike in both byte orders.
const SECTION: u32 = 0x0A0D_0D0A;
/// Block type of an interface's description.
const INTERFACE: u32 = 1;
/// Block type of a packet as it was written before 2009.
const OLD_PACKET: u32 = 2;
/// Block type of a packet without a time.
const SIMPLE_PACKET: u32 = 3;
/// Block type of a packet.
const ENHANCED_PACKET: u32 = 6;
/// Bytes of a block beside its body: type, length, and the length again behind it.
const FRAME: usize = 12;
/// Where a block's body begins.
const BODY: usize = 8;
/// Longest block that is believed, in bytes: the longest packet with room for its options.
const LONGEST_BLOCK: usize = LONGEST_PACKET + 1_048_576;
/// Most interfaces of a section: more are made up.
const MOST_INTERFACES: usize = 65_536;

/// Option of an interface: units of its times.
const OPTION_RESOLUTION: u16 = 9;
/// Option of an interface: seconds to add to its times.
const OPTION_OFFSET: u16 = 14;

/// An option of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionAt {
    /// What it is, by the kind of block.
    pub code: u16,
    /// Where its value stands in the file.
    pub value: Range<usize>,
}

/// The options in a range of a file, as far as they hold together.
#[must_use]
pub fn options(bytes: &[u8], range: Range<usize>, order: ByteOrder) -> Vec<OptionAt> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at + 4 <= range.end {
        let (Some(code), Some(length)) = (order.u16(bytes, at), order.u16(bytes, at + 2)) else { break };
        let value = at + 4..at + 4 + usize::from(length);
        if code == 0 || value.end > range.end {
            break;
        }
        at = value.start + usize::from(length).next_multiple_of(4);
        found.push(OptionAt { code, value });
    }
    found
}

/// What is known of the section that is being read.
#[derive(Debug, Default)]
pub(super) struct Section {
    order: Option<ByteOrder>,
    interfaces: Vec<Interface>,
    /// Time of the last packet, for those that have none.
    last: Timestamp,
}

#[derive(Debug)]
struct Interface {
    link: u16,
    /// Longest part of a packet that was captured; 0 for all of it.
    most: usize,
    resolution: Resolution,
    /// Seconds to add to its times.
    offset: i64,
}

/// Units of a second.
#[derive(Debug, Clone, Copy)]
struct Resolution(u128);

impl Resolution {
    /// From the option's byte: a power of ten, or of two where the highest bit is set.
    fn of(byte: u8) -> Self {
        let exponent = u32::from(byte & 0x7F);
        let units = if byte & 0x80 == 0 { 10_u128.checked_pow(exponent) } else { 2_u128.checked_pow(exponent) };
        Self(units.unwrap_or(u128::MAX))
    }
}

impl Interface {
    fn time(&self, units: u64) -> Timestamp {
        // A resolution that overflows is so fine that any count of it is no time at all.
        let micros = u128::from(units).checked_mul(1_000_000).map_or(0, |scaled| scaled / self.resolution.0.max(1));
        let micros = i128::try_from(micros).unwrap_or(0) + i128::from(self.offset) * 1_000_000;
        Timestamp(u64::try_from(micros).unwrap_or(0))
    }
}

/// A block's place in the file.
struct Block {
    kind: u32,
    at: usize,
    body: Range<usize>,
    end: usize,
    order: ByteOrder,
}

impl Block {
    fn record<'a>(&self, content: Content<'a>, options: Range<usize>) -> Record<'a> {
        Record { range: self.at..self.end, content, options, order: self.order }
    }
}

impl Section {
    /// Reads the block at an offset.
    pub(super) fn block<'a>(&mut self, bytes: &'a [u8], at: usize, number: u64) -> Step<'a> {
        let block = match self.frame(bytes, at) {
            Ok(block) => block,
            Err(problem) => return Step::failed(problem),
        };
        let result = self.content(bytes, &block, number);
        Step { result, next: Some(block.end) }
    }

    /// Finds out where a block begins and ends.
    fn frame(&mut self, bytes: &[u8], at: usize) -> Result<Block, FileProblem> {
        let left = bytes.len() - at;
        let truncated = FileProblem::Truncated { offset: at, left };
        if bytes.get(at..at + 4) == Some(SECTION.to_be_bytes().as_slice()) {
            let order = match bytes.get(at + BODY..at + BODY + 4) {
                Some([0x4D, 0x3C, 0x2B, 0x1A]) => ByteOrder::Little,
                Some([0x1A, 0x2B, 0x3C, 0x4D]) => ByteOrder::Big,
                Some(_) => return Err(FileProblem::NoCapture { offset: at }),
                None => return Err(truncated),
            };
            *self = Self { order: Some(order), interfaces: Vec::new(), last: self.last };
        }
        let order = self.order.ok_or(FileProblem::NoCapture { offset: at })?;
        let (Some(kind), Some(length)) = (order.u32(bytes, at), order.length(bytes, at + 4)) else {
            return Err(truncated);
        };
        if !(FRAME..=LONGEST_BLOCK).contains(&length) {
            return Err(FileProblem::BadLength { offset: at, length });
        }
        let end = at + length.next_multiple_of(4);
        if end > bytes.len() {
            return Err(truncated);
        }
        Ok(Block { kind, at, body: at + BODY..at + length - 4, end, order })
    }

    fn content<'a>(&mut self, bytes: &'a [u8], block: &Block, number: u64) -> Result<Record<'a>, FileProblem> {
        let body = block.body.clone();
        let bad = FileProblem::BadLength { offset: block.at, length: block.end - block.at };
        match block.kind {
            SECTION => {
                let fixed = body.start + 16;
                Ok(block.record(Content::Header, fixed.min(body.end)..body.end))
            }
            INTERFACE => {
                let described = (body.start + 8).min(body.end)..body.end;
                self.interface(bytes, block, described.clone()).ok_or(bad)?;
                Ok(block.record(Content::Interface, described))
            }
            ENHANCED_PACKET => self.enhanced(bytes, block, number).ok_or(bad)?,
            OLD_PACKET => self.old(bytes, block, number).ok_or(bad)?,
            SIMPLE_PACKET => self.simple(bytes, block, number).ok_or(bad)?,
            _ => Ok(block.record(Content::Other, 0..0)),
        }
    }

    fn interface(&mut self, bytes: &[u8], block: &Block, described: Range<usize>) -> Option<()> {
        let order = block.order;
        let link = order.u16(bytes, block.body.start)?;
        let most = order.length(bytes, block.body.start + 4)?;
        let mut interface = Interface { link, most, resolution: Resolution::of(6), offset: 0 };
        for option in options(bytes, described, order) {
            let value = bytes.get(option.value)?;
            match (option.code, value) {
                (OPTION_RESOLUTION, [byte, ..]) => interface.resolution = Resolution::of(*byte),
                (OPTION_OFFSET, value) => {
                    let eight = *value.first_chunk::<8>()?;
                    interface.offset =
                        if order == ByteOrder::Little { i64::from_le_bytes(eight) } else { i64::from_be_bytes(eight) };
                }
                _ => {}
            }
        }
        if self.interfaces.len() < MOST_INTERFACES {
            self.interfaces.push(interface);
        }
        Some(())
    }

    fn enhanced<'a>(&mut self, bytes: &'a [u8], block: &Block, n: u64) -> Option<Result<Record<'a>, FileProblem>> {
        let (order, at) = (block.order, block.body.start);
        let id = order.u32(bytes, at)?;
        let units = (u64::from(order.u32(bytes, at + 4)?) << 32) | u64::from(order.u32(bytes, at + 8)?);
        let lengths = (order.length(bytes, at + 12)?, order.length(bytes, at + 16)?);
        self.timed(bytes, block, n, (id, units, lengths))
    }

    fn old<'a>(&mut self, bytes: &'a [u8], block: &Block, n: u64) -> Option<Result<Record<'a>, FileProblem>> {
        let (order, at) = (block.order, block.body.start);
        let id = u32::from(order.u16(bytes, at)?);
        let units = (u64::from(order.u32(bytes, at + 4)?) << 32) | u64::from(order.u32(bytes, at + 8)?);
        let lengths = (order.length(bytes, at + 12)?, order.length(bytes, at + 16)?);
        self.timed(bytes, block, n, (id, units, lengths))
    }

    /// A packet with a time; both kinds of block have 20 bytes before its bytes.
    fn timed<'a>(
        &mut self,
        bytes: &'a [u8],
        block: &Block,
        number: u64,
        (id, units, (length, original)): (u32, u64, (usize, usize)),
    ) -> Option<Result<Record<'a>, FileProblem>> {
        let offset = block.body.start + 20;
        let data = bytes.get(offset..offset.checked_add(length)?).filter(|_| offset + length <= block.body.end)?;
        let Some(interface) = usize::try_from(id).ok().and_then(|id| self.interfaces.get(id)) else {
            return Some(Err(FileProblem::UnknownInterface { offset: block.at, interface: id }));
        };
        let at = interface.time(units);
        self.last = at;
        let original_length = original.max(length);
        let packet = Packet { number, at, link: interface.link, data, offset, original_length };
        let options = (offset + length.next_multiple_of(4)).min(block.body.end)..block.body.end;
        Some(Ok(block.record(Content::Packet(packet), options)))
    }

    fn simple<'a>(&mut self, bytes: &'a [u8], block: &Block, number: u64) -> Option<Result<Record<'a>, FileProblem>> {
        let original = block.order.length(bytes, block.body.start)?;
        let Some(interface) = self.interfaces.first() else {
            return Some(Err(FileProblem::UnknownInterface { offset: block.at, interface: 0 }));
        };
        let offset = block.body.start + 4;
        let most = if interface.most == 0 { usize::MAX } else { interface.most };
        let length = original.min(most).min(block.body.end.saturating_sub(offset));
        let data = bytes.get(offset..offset + length)?;
        let packet =
            Packet { number, at: self.last, link: interface.link, data, offset, original_length: original.max(length) };
        // Such a block has no options; whatever stands in their place belongs to no packet.
        let behind = (offset + length.next_multiple_of(4)).min(block.body.end)..block.body.end;
        Some(Ok(block.record(Content::Packet(packet), behind)))
    }
}

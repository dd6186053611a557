//! The classic format: a header of 24 bytes, then packets with headers of 16 bytes.

use super::record::{ByteOrder, Content, FileProblem, Packet, Record, Step};
use crate::Timestamp;

/// Bytes of the file's header.
const HEADER: usize = 24;
/// Bytes of a packet's header.
const PACKET_HEADER: usize = 16;
/// Where the file's header says what packets begin with.
const LINK_AT: usize = 20;
/// Longest packet that is believed, in bytes: what capture programs take at most (libpcap's limit).
pub(super) const LONGEST_PACKET: usize = 262_144;

/// What the first four bytes say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Magic {
    order: ByteOrder,
    /// Units of a second's fraction in a microsecond.
    per_microsecond: u32,
}

impl Magic {
    pub(super) const fn of(magic: [u8; 4]) -> Option<Self> {
        let (order, per_microsecond) = match magic {
            [0xD4, 0xC3, 0xB2, 0xA1] => (ByteOrder::Little, 1),
            [0xA1, 0xB2, 0xC3, 0xD4] => (ByteOrder::Big, 1),
            [0x4D, 0x3C, 0xB2, 0xA1] => (ByteOrder::Little, 1000),
            [0xA1, 0xB2, 0x3C, 0x4D] => (ByteOrder::Big, 1000),
            _ => return None,
        };
        Some(Self { order, per_microsecond })
    }
}

/// What the file's header says.
#[derive(Debug)]
pub(super) struct Header {
    magic: Magic,
    link: u16,
}

/// Reads the file's header.
pub(super) fn header(bytes: &[u8]) -> Result<(Header, Record<'_>), FileProblem> {
    let truncated = FileProblem::Truncated { offset: 0, left: bytes.len() };
    let magic = bytes.first_chunk::<4>().and_then(|magic| Magic::of(*magic)).ok_or(truncated)?;
    if bytes.len() < HEADER {
        return Err(truncated);
    }
    // The upper half of the word says how long a check sum behind each packet is.
    let link = magic.order.u32(bytes, LINK_AT).map(|word| word & 0xFFFF).and_then(|link| u16::try_from(link).ok());
    let record = Record { range: 0..HEADER, content: Content::Header, options: 0..0, order: magic.order };
    Ok((Header { magic, link: link.ok_or(truncated)? }, record))
}

/// Reads the packet at an offset.
pub(super) fn packet<'a>(header: &Header, bytes: &'a [u8], at: usize, number: u64) -> Step<'a> {
    let order = header.magic.order;
    let left = bytes.len().saturating_sub(at);
    let truncated = || Step::failed(FileProblem::Truncated { offset: at, left });
    let word = |index: usize| order.u32(bytes, at + index * 4);
    let (Some(seconds), Some(fraction), Some(length), Some(original)) = (word(0), word(1), word(2), word(3)) else {
        return truncated();
    };
    let Ok(length) = usize::try_from(length) else { return truncated() };
    if length > LONGEST_PACKET {
        return Step::failed(FileProblem::BadLength { offset: at, length });
    }
    let begin = at + PACKET_HEADER;
    let Some(data) = bytes.get(begin..begin + length) else { return truncated() };
    let micros = u64::from(seconds) * 1_000_000 + u64::from(fraction / header.magic.per_microsecond);
    let packet = Packet {
        number,
        at: Timestamp(micros),
        link: header.link,
        data,
        offset: begin,
        original_length: usize::try_from(original).unwrap_or(length).max(length),
    };
    let range = at..begin + length;
    let next = Some(range.end);
    Step { result: Ok(Record { range, content: Content::Packet(packet), options: 0..0, order }), next }
}

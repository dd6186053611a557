//! Conversations to pcapng: what was said becomes the TCP packets that would have carried it.
//!
//! Who writes saw bytes, not packets, so the packets are made up: raw IP without a link layer, a handshake, segments of at
//! most [`SEGMENT_BYTES`], acknowledgements in time, and an end. Addresses, moments and bytes are the real ones, and all
//! numbers and checksums are right, so that Wireshark has nothing to complain about.

mod packet;
mod stream;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use pcap_file::pcapng::PcapNgWriter;
use pcap_file::pcapng::blocks::enhanced_packet::{EnhancedPacketBlock, EnhancedPacketOption};
use pcap_file::pcapng::blocks::interface_description::{InterfaceDescriptionBlock, InterfaceDescriptionOption};
use pcap_file::pcapng::blocks::section_header::{SectionHeaderBlock, SectionHeaderOption};
use pcap_file::{DataLink, Endianness, PcapError};

use crate::{Side, Timestamp};
use packet::{Flags, Segment};
pub use stream::Stream;

/// Payload of one packet at most: what fits the usual Ethernet with room for tunnels.
pub const SEGMENT_BYTES: usize = 1400;
/// Bytes that one side may have said before the other acknowledges: below the window of 65,535 that packets announce.
const UNACKNOWLEDGED_MAX: u32 = 32 * 1024;
/// Timestamps count microseconds: ten to the minus six seconds.
const MICROSECONDS: u8 = 6;
/// Bytes of a comment; more is cut off.
const COMMENT_BYTES: usize = 1024;

/// Writes conversations as pcapng.
///
/// Each packet reaches what is written to in one piece, so that a buffered file that is cut off by a crash ends between
/// two packets. Each method gives back how many bytes it has written.
#[derive(Debug)]
pub struct Writer<W: io::Write> {
    out: W,
    blocks: Blocks,
    packet: Vec<u8>,
    written: u64,
}

/// Makes blocks, in memory first.
struct Blocks(PcapNgWriter<Vec<u8>>);

impl std::fmt::Debug for Blocks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Blocks")
    }
}

impl<W: io::Write> Writer<W> {
    /// Begins a file: a section and its one interface.
    ///
    /// # Errors
    /// What writing to `out` gives.
    pub fn new(out: W) -> io::Result<Self> {
        let section = SectionHeaderBlock {
            endianness: Endianness::Little,
            options: vec![SectionHeaderOption::UserApplication(Cow::Borrowed("Voltapile"))],
            ..SectionHeaderBlock::default()
        };
        let mut blocks = PcapNgWriter::with_section_header(Vec::new(), section).map_err(io_error)?;
        let interface = InterfaceDescriptionBlock {
            linktype: DataLink::RAW,
            snaplen: 0,
            options: vec![
                InterfaceDescriptionOption::IfName(Cow::Borrowed("piles")),
                InterfaceDescriptionOption::IfTsResol(MICROSECONDS),
            ],
        };
        blocks.write_pcapng_block(interface).map_err(io_error)?;
        let mut writer = Self { out, blocks: Blocks(blocks), packet: Vec::new(), written: 0 };
        writer.hand_on()?;
        Ok(writer)
    }

    /// Bytes written since the begin, the file's header included.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }

    /// What is written to.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Ends writing without a word: pcapng has no end mark.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// Flushes what is written to.
    ///
    /// # Errors
    /// What flushing gives.
    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    /// Opens a conversation: the three packets of the handshake.
    ///
    /// # Errors
    /// What writing gives.
    pub fn open(&mut self, stream: &mut Stream, at: Timestamp) -> io::Result<u64> {
        let before = self.written;
        self.segment(stream, Side::Client, at, Flags::SYN, &[])?;
        self.segment(stream, Side::Server, at, Flags::SYN_ACK, &[])?;
        self.segment(stream, Side::Client, at, Flags::ACK, &[])?;
        Ok(self.written - before)
    }

    /// Writes what a side said. A stream that was not opened begins in its middle, as captures of live lines do.
    ///
    /// # Errors
    /// What writing gives.
    pub fn bytes(&mut self, stream: &mut Stream, side: Side, at: Timestamp, bytes: &[u8]) -> io::Result<u64> {
        let before = self.written;
        let mut segments = bytes.chunks(SEGMENT_BYTES).peekable();
        while let Some(payload) = segments.next() {
            let flags = if segments.peek().is_none() { Flags::PSH_ACK } else { Flags::ACK };
            self.segment(stream, side, at, flags, payload)?;
            if stream.unacknowledged(side) > UNACKNOWLEDGED_MAX {
                self.segment(stream, other(side), at, Flags::ACK, &[])?;
            }
        }
        Ok(self.written - before)
    }

    /// Ends a conversation: a side closes, the other does the same.
    ///
    /// # Errors
    /// What writing gives.
    pub fn close(&mut self, stream: &mut Stream, side: Side, at: Timestamp) -> io::Result<u64> {
        let before = self.written;
        self.segment(stream, side, at, Flags::FIN_ACK, &[])?;
        self.segment(stream, other(side), at, Flags::FIN_ACK, &[])?;
        self.segment(stream, side, at, Flags::ACK, &[])?;
        Ok(self.written - before)
    }

    /// Ends a conversation the hard way: a side resets it.
    ///
    /// # Errors
    /// What writing gives.
    pub fn reset(&mut self, stream: &mut Stream, side: Side, at: Timestamp) -> io::Result<u64> {
        let before = self.written;
        self.segment(stream, side, at, Flags::RST_ACK, &[])?;
        Ok(self.written - before)
    }

    fn segment(
        &mut self,
        stream: &mut Stream,
        side: Side,
        at: Timestamp,
        flags: Flags,
        payload: &[u8],
    ) -> io::Result<()> {
        let (sequence, acknowledged) = stream.say(side, at, flags, payload.len());
        self.packet.clear();
        Segment { ends: stream.ends, side, sequence, acknowledged, flags, payload }.write(&mut self.packet)?;
        let options = stream.take_note().map(|note| EnhancedPacketOption::Comment(Cow::Owned(cut(note))));
        let block = EnhancedPacketBlock {
            interface_id: 0,
            // The library writes this number as it is and leaves the resolution to us.
            timestamp: Duration::from_nanos(at.0),
            original_len: u32::try_from(self.packet.len()).unwrap_or(u32::MAX),
            data: Cow::Borrowed(&self.packet),
            options: options.into_iter().collect(),
        };
        self.blocks.0.write_pcapng_block(block).map_err(io_error)?;
        self.hand_on()
    }

    /// Writes the blocks that were made, at once.
    fn hand_on(&mut self) -> io::Result<()> {
        let made = self.blocks.0.get_mut();
        let result = self.out.write_all(made);
        self.written += made.len() as u64;
        made.clear();
        result
    }
}

fn other(side: Side) -> Side {
    match side {
        Side::Client => Side::Server,
        Side::Server => Side::Client,
    }
}

/// A comment within its bound.
fn cut(mut text: String) -> String {
    let end = (0..=COMMENT_BYTES.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.truncate(end);
    text
}

fn io_error(error: PcapError) -> io::Error {
    match error {
        PcapError::IoError(error) => error,
        other => io::Error::other(other),
    }
}

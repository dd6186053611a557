//! Finds frames in bytes that may be damaged. The stream's framer believes only what holds; this one also says what was
//! probably meant to be a frame, and where it ends.

mod aaf5;
mod ahead;
mod ykc;

pub(super) use aaf5::of_relative as relative;
use ahead::Ahead;

use super::report::Options;
use crate::Protocol;
use crate::ykc::frame::CrcOrder;

/// A run of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A frame, good or not.
    Found(Found<'a>),
    /// Bytes that belong to no frame.
    Skipped {
        /// Where they begin.
        offset: usize,
        /// The bytes.
        bytes: &'a [u8],
    },
}

/// What was taken for a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found<'a> {
    /// Whose frame it is.
    pub protocol: Protocol,
    /// Where it begins.
    pub offset: usize,
    /// Its bytes.
    pub raw: &'a [u8],
    /// How well it holds together.
    pub framing: Framing,
}

/// What proves a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A CRC of 16 bits, as in YKC.
    Crc(CrcOrder),
    /// A check sum of 8 bits, as in AA F5.
    Sum,
}

/// How well a frame holds together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// Start, length and check sum hold.
    Sound(Proof),
    /// The length seems right, the check sum does not hold.
    BadCheck,
    /// The length is wrong: the frame ends where the check sum holds, or (`None`) where the body fits its type.
    WrongLength(Option<Proof>),
    /// The frame is cut off.
    Incomplete {
        /// Bytes it announces beyond those that are there.
        missing: usize,
    },
    /// A frame of YKC V2.x, whose length has 16 bits.
    Version2 {
        /// Whether its CRC holds; if not, it only begins like one.
        crc_holds: bool,
    },
}

impl Framing {
    /// Whether its check sum holds, of whatever kind.
    #[must_use]
    pub const fn holds(self) -> bool {
        matches!(self, Self::Sound(_) | Self::WrongLength(Some(_)) | Self::Version2 { crc_holds: true })
    }

    /// The order of the CRC's bytes, where a CRC holds.
    #[must_use]
    pub const fn crc_order(self) -> Option<CrcOrder> {
        match self {
            Self::Sound(Proof::Crc(order)) | Self::WrongLength(Some(Proof::Crc(order))) => Some(order),
            _ => None,
        }
    }
}

/// Bytes of the check sum at the end of a protocol's frames.
const fn check_length(protocol: Protocol) -> usize {
    match protocol {
        Protocol::Ykc => 2,
        Protocol::Aaf5 => 1,
    }
}

impl Found<'_> {
    /// Bytes at the end that are a check sum.
    #[must_use]
    pub const fn check_length(&self) -> usize {
        if matches!(self.framing, Framing::Incomplete { .. }) { 0 } else { check_length(self.protocol) }
    }
}

/// Cuts bytes into frames and what lies between them.
#[must_use]
pub fn scan(bytes: &[u8], options: Options) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut at, mut skipped_from) = (0, 0);
    let mut ahead = Ahead::new(bytes);
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let Some((protocol, length, framing)) = frame_at(rest, at, at == skipped_from, options, &mut ahead) else {
            at += 1 + rest.iter().skip(1).position(|byte| may_start(*byte)).unwrap_or(rest.len() - 1);
            continue;
        };
        push_skipped(&mut pieces, bytes, skipped_from, at);
        let raw = rest.get(..length).unwrap_or(rest);
        pieces.push(Piece::Found(Found { protocol, offset: at, raw, framing }));
        at += raw.len();
        skipped_from = at;
    }
    push_skipped(&mut pieces, bytes, skipped_from, bytes.len());
    pieces
}

fn push_skipped<'a>(pieces: &mut Vec<Piece<'a>>, bytes: &'a [u8], from: usize, to: usize) {
    if let Some(bytes) = bytes.get(from..to).filter(|bytes| !bytes.is_empty()) {
        pieces.push(Piece::Skipped { offset: from, bytes });
    }
}

/// Whether a frame of any protocol may begin with a byte.
const fn may_start(byte: u8) -> bool {
    let [first, _] = crate::aaf5::frame::START;
    byte == crate::ykc::frame::START || byte == first
}

/// What stands at the begin of `rest`, at an offset, whose it is, and its length. `expected` says that a frame should begin
/// here. The first bytes say whose a frame is.
fn frame_at(
    rest: &[u8],
    at: usize,
    expected: bool,
    options: Options,
    ahead: &mut Ahead<'_>,
) -> Option<(Protocol, usize, Framing)> {
    let protocol = if rest.first() == Some(&crate::ykc::frame::START) { Protocol::Ykc } else { Protocol::Aaf5 };
    if options.protocol.is_some_and(|only| only != protocol) {
        return None;
    }
    let (length, framing) = match protocol {
        Protocol::Ykc => ykc::frame_at(rest, expected, options)?,
        Protocol::Aaf5 => aaf5::frame_at(rest, at, (expected, options.protocol == Some(protocol)), ahead)?,
    };
    Some((protocol, length, framing))
}

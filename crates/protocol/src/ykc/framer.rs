//! Frames of YKC in a stream.

use super::crc::crc16;
use super::frame::{Frame, FrameError, MAX_LENGTH, START};
pub use crate::framer::Skipped;
use crate::framer::{self, Flaw, Framing};

/// What the framer met.
pub type Piece<'a> = framer::Piece<Frame<'a>, Relative>;

/// The scanner of one connection.
pub type Framer = framer::Framer<Ykc>;

/// Who begins like YKC 1.x and is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relative {
    /// V2.x, whose length has 16 bits.
    Version2,
}

/// How frames of YKC look.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ykc;

impl Framing for Ykc {
    type Frame<'a> = Frame<'a>;
    type Error = FrameError;
    type Relative = Relative;

    fn parse(bytes: &[u8]) -> Result<Frame<'_>, FrameError> {
        Frame::parse(bytes)
    }

    fn length(frame: &Frame<'_>) -> usize {
        frame.raw.len()
    }

    fn judge(error: FrameError, bytes: &[u8], is_first: bool) -> Flaw<Relative> {
        match error {
            FrameError::Incomplete { missing } => Flaw::Unfinished { missing },
            FrameError::NoStart => Flaw::Junk(bytes.iter().position(|byte| *byte == START).unwrap_or(bytes.len())),
            FrameError::LengthTooSmall(_) if is_first => match Version2::recognise(bytes) {
                Version2::Yes => Flaw::BadLength(Some(Relative::Version2)),
                Version2::NeedsMore => Flaw::Unfinished { missing: 1 },
                Version2::No => Flaw::BadLength(None),
            },
            FrameError::LengthTooSmall(_) => Flaw::BadLength(None),
            FrameError::BadCrc => Flaw::BadCheck(None),
        }
    }
}

/// Whether bytes begin with a V2.x frame: 0x68, length (2, high byte first), sequence (2), time (7), encryption, type,
/// body, CRC over all after the length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version2 {
    /// They do, and the CRC holds.
    Yes,
    /// More bytes are needed to tell.
    NeedsMore,
    /// They do not.
    No,
}

impl Version2 {
    /// Looks at the begin of `bytes` for the first frame of a connection: a login that counts 159 bytes. The bound is
    /// the framer's own on what it keeps.
    #[must_use]
    pub fn recognise(bytes: &[u8]) -> Self {
        Self::recognise_within(bytes, MAX_LENGTH - 5)
    }

    /// Looks at the begin of `bytes` for any frame that counts fewer than `limit` bytes.
    #[must_use]
    pub fn recognise_within(bytes: &[u8], limit: usize) -> Self {
        let [START, high, low, rest @ ..] = bytes else {
            return if matches!(bytes, [] | [START] | [START, _]) { Self::NeedsMore } else { Self::No };
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if !(11..limit).contains(&length) {
            return Self::No;
        }
        let Some((counted, tail)) = rest.split_at_checked(length) else { return Self::NeedsMore };
        let Some(crc) = tail.first_chunk::<2>() else { return Self::NeedsMore };
        let expected = crc16(counted);
        if *crc == expected.to_le_bytes() || *crc == expected.to_be_bytes() { Self::Yes } else { Self::No }
    }
}

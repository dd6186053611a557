//! One frame: start byte, length, sequence, encryption flag, type, body, CRC (V1.6 §3).

use super::crc::crc16;
use super::message::Message;
use crate::wire::{Overflow, Writer};

/// First byte of every frame.
pub const START: u8 = 0x68;
/// Bytes before the body: start, length, sequence (2), encryption flag, type.
pub const HEADER_LENGTH: usize = 6;
/// Bytes that the length byte does not count: start, itself, CRC (2).
pub const UNCOUNTED: usize = 4;
/// Counted bytes that are not body: sequence (2), encryption flag, type.
pub const COUNTED_HEADER: usize = 4;
/// Longest frame: a length byte of 255. The specification's limit of 200 contradicts its own card lists (OQ-02).
pub const MAX_LENGTH: usize = 255 + UNCOUNTED;
/// Longest body.
pub const MAX_BODY: usize = 255 - COUNTED_HEADER;

/// In which order the two bytes of a CRC stand. Real traffic has both, even on one link (OQ-01).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CrcOrder {
    /// Low byte first: what platforms send and most piles expect.
    #[default]
    LowFirst,
    /// High byte first.
    HighFirst,
}

impl CrcOrder {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::LowFirst => Self::HighFirst,
            Self::HighFirst => Self::LowFirst,
        }
    }
}

/// A frame whose start, length and CRC hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Sequence number: opaque, echoed byte for byte in replies (OQ-03).
    pub sequence: [u8; 2],
    /// 0 for a plain body; 1 is 3DES; others are unknown.
    pub encryption: u8,
    /// Frame type.
    pub frame_type: u8,
    /// The body, encrypted or not.
    pub body: &'a [u8],
    /// Order of the CRC's bytes.
    pub crc_order: CrcOrder,
    /// The whole frame as it came.
    pub raw: &'a [u8],
}

/// Why bytes are no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// More bytes are needed to tell.
    #[error("incomplete: {missing} more bytes needed")]
    Incomplete {
        /// How many at least.
        missing: usize,
    },
    /// The first byte is not 0x68.
    #[error("does not begin with 0x68")]
    NoStart,
    /// The length byte is below 4, so the frame could not even hold its own header.
    #[error("length byte {0} is below 4")]
    LengthTooSmall(u8),
    /// The CRC holds in neither byte order.
    #[error("CRC does not hold in either byte order")]
    BadCrc,
}

impl<'a> Frame<'a> {
    /// Reads the frame at the beginning of `bytes`; what follows it is not looked at.
    ///
    /// # Errors
    /// [`FrameError`] with the first thing that does not hold.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let length = match bytes {
            [] | [START] => return Err(FrameError::Incomplete { missing: 1 }),
            [START, length, ..] => *length,
            _ => return Err(FrameError::NoStart),
        };
        if usize::from(length) < COUNTED_HEADER {
            return Err(FrameError::LengthTooSmall(length));
        }
        let total = usize::from(length) + UNCOUNTED;
        let Some(raw) = bytes.get(..total) else {
            return Err(FrameError::Incomplete { missing: total - bytes.len() });
        };
        let [_, _, counted @ .., crc_first, crc_second] = raw else { return Err(FrameError::NoStart) };
        let [s0, s1, encryption, frame_type, body @ ..] = counted else {
            return Err(FrameError::LengthTooSmall(length));
        };
        let crc_order = match crc16(counted).to_le_bytes() {
            [low, high] if (low, high) == (*crc_first, *crc_second) => CrcOrder::LowFirst,
            [low, high] if (high, low) == (*crc_first, *crc_second) => CrcOrder::HighFirst,
            _ => return Err(FrameError::BadCrc),
        };
        Ok(Self { sequence: [*s0, *s1], encryption: *encryption, frame_type: *frame_type, body, crc_order, raw })
    }
}

/// What stands around a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Envelope {
    /// Sequence number, as it stands on the wire.
    pub sequence: [u8; 2],
    /// Encryption flag.
    pub encryption: u8,
    /// Order of the CRC's bytes.
    pub crc_order: CrcOrder,
}

/// Appends a frame whose body `write_body` appends. Nothing is appended when the body is too long.
///
/// # Errors
/// [`Overflow`] when the body takes more than [`MAX_BODY`] bytes.
pub fn write_frame(
    out: &mut Vec<u8>,
    envelope: Envelope,
    frame_type: u8,
    write_body: impl FnOnce(&mut Writer<'_>),
) -> Result<(), Overflow> {
    let begin = out.len();
    let [s0, s1] = envelope.sequence;
    out.extend_from_slice(&[START, 0, s0, s1, envelope.encryption, frame_type]);
    write_body(&mut Writer::new(out));
    let body_length = out.len() - begin - HEADER_LENGTH;
    let Ok(length) = u8::try_from(body_length + COUNTED_HEADER) else {
        out.truncate(begin);
        return Err(Overflow { length: body_length, limit: MAX_BODY });
    };
    if let Some(byte) = out.get_mut(begin + 1) {
        *byte = length;
    }
    let crc = crc16(out.get(begin + 2..).unwrap_or_default());
    out.extend_from_slice(&match envelope.crc_order {
        CrcOrder::LowFirst => crc.to_le_bytes(),
        CrcOrder::HighFirst => crc.to_be_bytes(),
    });
    Ok(())
}

/// Appends the frame of a message in plain text.
///
/// # Errors
/// [`Overflow`] when the body takes more than [`MAX_BODY`] bytes.
pub fn write_message(out: &mut Vec<u8>, envelope: Envelope, message: &Message) -> Result<(), Overflow> {
    write_frame(out, envelope, message.frame_type(), |writer| message.write(writer))
}

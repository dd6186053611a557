//! One frame: start (2), length (2), information byte, sequence, command (2), data, check sum. Numbers are little
//! endian, and the length counts the whole frame.

use super::checksum::checksum;
use super::message::Message;
use crate::wire::{Overflow, Writer};

/// First bytes of every frame.
pub const START: [u8; 2] = [0xAA, 0xF5];
/// Bytes before the body: start (2), length (2), information, sequence, command (2).
pub const HEADER_LENGTH: usize = 8;
/// Shortest frame: a header and a check sum around no body, as the questions for a tariff are (1101, 1107).
pub const MIN_LENGTH: usize = HEADER_LENGTH + 1;
/// Longest frame of any command but [`FIRMWARE_DATA`]. The field itself could say eight times as much; the longest
/// message, a record with a signed meter, has 443 bytes, and what a frame may promise is what a stream may be kept
/// waiting for.
pub const MAX_LENGTH: usize = 4 * 1024;
/// Longest frame of [`FIRMWARE_DATA`]: blocks have at most 4096 bytes.
pub const MAX_FIRMWARE_LENGTH: usize = 8 * 1024;
/// The command whose frames may be longer than all others: a block of firmware.
pub const FIRMWARE_DATA: u16 = 1007;
/// Bit of the information byte: the body is encrypted.
pub const ENCRYPTED: u8 = 0x80;
/// Information byte of who has not heard one yet. Most implementations send this constant, some the version's number;
/// nobody is known to look at more than [`ENCRYPTED`].
pub const USUAL_INFO: u8 = 0x10;

/// A frame whose start, length and check sum hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Information byte: [`ENCRYPTED`], and bits that mean something else to each vendor.
    pub info: u8,
    /// Sequence number: echoed in answers, and no more than a hint.
    pub sequence: u8,
    /// Command.
    pub command: u16,
    /// The data area, encrypted or not.
    pub body: &'a [u8],
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
    /// The first two bytes are not AA F5.
    #[error("does not begin with AA F5")]
    NoStart,
    /// The length is below a header's or beyond what its command may have.
    #[error("length {0} is out of bounds")]
    BadLength(u16),
    /// The check sum does not hold.
    #[error("check sum is {found:02X}, the bytes sum to {expected:02X}")]
    BadChecksum {
        /// The byte at the end.
        found: u8,
        /// What the bytes sum to.
        expected: u8,
    },
}

impl<'a> Frame<'a> {
    /// Reads the frame at the beginning of `bytes`; what follows it is not looked at.
    ///
    /// # Errors
    /// [`FrameError`] with the first thing that does not hold.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let raw = promised(bytes)?;
        let [_, _, _, _, info, sequence, counted @ .., found] = raw else { return Err(FrameError::NoStart) };
        let [low, high, body @ ..] = counted else { return Err(FrameError::NoStart) };
        let expected = checksum(counted);
        if *found != expected {
            return Err(FrameError::BadChecksum { found: *found, expected });
        }
        let command = u16::from_le_bytes([*low, *high]);
        Ok(Self { info: *info, sequence: *sequence, command, body, raw })
    }

    /// Whether the body is encrypted.
    #[must_use]
    pub const fn is_encrypted(&self) -> bool {
        self.info & ENCRYPTED != 0
    }
}

/// As many bytes as the length at the beginning of `bytes` promises, where it may promise so many.
fn promised(bytes: &[u8]) -> Result<&[u8], FrameError> {
    let incomplete = |needed: usize| FrameError::Incomplete { missing: needed - bytes.len() };
    let length = match bytes {
        [] | [0xAA] | [0xAA, 0xF5] | [0xAA, 0xF5, _] => return Err(incomplete((bytes.len() + 1).max(4))),
        [0xAA, 0xF5, low, high, ..] => u16::from_le_bytes([*low, *high]),
        _ => return Err(FrameError::NoStart),
    };
    let total = usize::from(length);
    if !(MIN_LENGTH..=MAX_FIRMWARE_LENGTH).contains(&total) {
        return Err(FrameError::BadLength(length));
    }
    if total > MAX_LENGTH {
        let Some(command) = bytes.get(6..HEADER_LENGTH) else { return Err(incomplete(HEADER_LENGTH)) };
        if command != FIRMWARE_DATA.to_le_bytes() {
            return Err(FrameError::BadLength(length));
        }
    }
    bytes.get(..total).ok_or_else(|| incomplete(total))
}

/// What stands around a body besides its command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// Information byte.
    pub info: u8,
    /// Sequence number.
    pub sequence: u8,
}

impl Default for Envelope {
    fn default() -> Self {
        Self { info: USUAL_INFO, sequence: 0 }
    }
}

/// Appends a frame whose body `write_body` appends. Nothing is appended when the body is too long.
///
/// # Errors
/// [`Overflow`] when the frame would be longer than its command may be.
pub fn write_frame(
    out: &mut Vec<u8>,
    envelope: Envelope,
    command: u16,
    write_body: impl FnOnce(&mut Writer<'_>),
) -> Result<(), Overflow> {
    write_around(out, envelope, command, |out| write_body(&mut Writer::new(out)))
}

/// The same for who has to see what was written: `append_body` gets the buffer itself.
pub(super) fn write_around(
    out: &mut Vec<u8>,
    envelope: Envelope,
    command: u16,
    append_body: impl FnOnce(&mut Vec<u8>),
) -> Result<(), Overflow> {
    let begin = out.len();
    let [low, high] = command.to_le_bytes();
    let [start, follow] = START;
    out.extend_from_slice(&[start, follow, 0, 0, envelope.info, envelope.sequence, low, high]);
    append_body(out);
    let (total, limit) = (out.len() - begin + 1, longest(command));
    let Some(length) = u16::try_from(total).ok().filter(|_| total <= limit) else {
        out.truncate(begin);
        return Err(Overflow { length: total - MIN_LENGTH, limit: limit - MIN_LENGTH });
    };
    if let Some(bytes) = out.get_mut(begin + 2..begin + 4) {
        bytes.copy_from_slice(&length.to_le_bytes());
    }
    let sum = checksum(out.get(begin + 6..).unwrap_or_default());
    out.push(sum);
    Ok(())
}

/// Appends the frame of a message in plain text.
///
/// # Errors
/// [`Overflow`] when the frame would be longer than its command may be.
pub fn write_message(out: &mut Vec<u8>, envelope: Envelope, message: &Message) -> Result<(), Overflow> {
    write_frame(out, envelope, message.frame_type(), |writer| message.write(writer))
}

/// How long a frame of a command may be.
#[must_use]
pub const fn longest(command: u16) -> usize {
    if command == FIRMWARE_DATA { MAX_FIRMWARE_LENGTH } else { MAX_LENGTH }
}

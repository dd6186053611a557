//! Finds frames in a stream of bytes, however the network cut or glued them.
//!
//! A frame is believed when its start byte, length and CRC hold. Anything else costs one byte: the scan goes on behind
//! it, so that a frame hidden behind a false start is found. Which frames are found does not depend on how the stream
//! was cut. At most one frame's worth of bytes is kept between two pushes.

use super::crc::crc16;
use super::frame::{Frame, FrameError, MAX_LENGTH, START};

/// What the framer met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A frame.
    Frame(Frame<'a>),
    /// The head of a V2.x frame (16-bit length) where the first frame was expected.
    Version2,
}

/// How much was skipped, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Skipped {
    /// Bytes since the last good frame.
    pub since_frame: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// Starts whose CRC did not hold.
    pub bad_crc: u64,
    /// Starts whose length byte was below 4.
    pub bad_length: u64,
}

/// The scanner of one connection.
#[derive(Debug, Default)]
pub struct Framer {
    /// Begin of a frame whose end has not come yet; its memory is kept for the next one.
    partial: Vec<u8>,
    seen_frame: bool,
    skipped: Skipped,
    /// Starts looked at, to show that junk costs no more than its length.
    #[cfg(test)]
    looks: u64,
}

impl Framer {
    /// A framer at the begin of a stream.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            partial: Vec::new(),
            seen_frame: false,
            skipped: Skipped { since_frame: 0, bytes: 0, bad_crc: 0, bad_length: 0 },
            #[cfg(test)]
            looks: 0,
        }
    }

    /// What was skipped so far.
    #[must_use]
    pub const fn skipped(&self) -> Skipped {
        self.skipped
    }

    /// Whether a frame was found yet.
    #[must_use]
    pub const fn seen_frame(&self) -> bool {
        self.seen_frame
    }

    /// Bytes of an unfinished frame that are kept.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.partial.len()
    }

    /// Takes the next bytes of the stream and hands each piece found to `on_piece`, in order.
    pub fn push(&mut self, mut input: &[u8], mut on_piece: impl FnMut(Piece<'_>)) {
        while !self.partial.is_empty() && !input.is_empty() {
            input = self.push_onto_partial(input, &mut on_piece);
        }
        let consumed = self.scan(input, &mut on_piece);
        if let Some(unfinished @ [_, ..]) = input.get(consumed..) {
            self.partial.reserve_exact(MAX_LENGTH);
            self.partial.extend_from_slice(unfinished);
        }
    }

    /// Gives up on an unfinished frame: its first byte is skipped and the rest scanned again. For a driver whose peer
    /// has been silent in the middle of a frame: what looked like a start may have hidden a whole frame. Another false
    /// start may follow, so a driver that wants all there is goes on until nothing is [`pending`](Self::pending).
    pub fn give_up_partial(&mut self, mut on_piece: impl FnMut(Piece<'_>)) {
        let partial = std::mem::take(&mut self.partial);
        if let Some((_, rest)) = partial.split_first() {
            self.skip(1);
            self.push(rest, &mut on_piece);
        }
    }

    /// Fills the kept bytes up to one frame's worth, with which their start can be judged, and scans them. Gives back
    /// the input that is still to be scanned: where the kept bytes are used up, the scan leaves the copy.
    fn push_onto_partial<'i>(&mut self, input: &'i [u8], on_piece: &mut impl FnMut(Piece<'_>)) -> &'i [u8] {
        let kept = self.partial.len();
        let (head, rest) = input.split_at_checked(MAX_LENGTH - kept).unwrap_or((input, &[]));
        let mut joined = std::mem::take(&mut self.partial);
        joined.extend_from_slice(head);
        let consumed = self.scan(&joined, on_piece);
        let rest = match consumed.checked_sub(kept) {
            Some(used) => {
                joined.clear();
                input.get(used..).unwrap_or_default()
            }
            None => {
                joined.drain(..consumed);
                rest
            }
        };
        self.partial = joined;
        rest
    }

    /// Scans bytes from their begin; gives back how many were used up. What is left is the begin of a frame.
    fn scan(&mut self, bytes: &[u8], on_piece: &mut impl FnMut(Piece<'_>)) -> usize {
        let mut at = 0;
        while let Some(rest @ [_, ..]) = bytes.get(at..) {
            #[cfg(test)]
            {
                self.looks += 1;
            }
            match Frame::parse(rest) {
                Ok(frame) => {
                    self.seen_frame = true;
                    self.skipped.since_frame = 0;
                    at += frame.raw.len();
                    on_piece(Piece::Frame(frame));
                }
                Err(FrameError::Incomplete { .. }) => break,
                Err(FrameError::NoStart) => {
                    let junk = rest.iter().position(|byte| *byte == START).unwrap_or(rest.len());
                    self.skip(junk);
                    at += junk;
                }
                Err(error) => {
                    if !self.seen_frame && matches!(error, FrameError::LengthTooSmall(_)) {
                        match Version2::recognise(rest) {
                            Version2::Yes => on_piece(Piece::Version2),
                            Version2::NeedsMore => break,
                            Version2::No => {}
                        }
                    }
                    match error {
                        FrameError::BadCrc => self.skipped.bad_crc += 1,
                        _ => self.skipped.bad_length += 1,
                    }
                    self.skip(1);
                    at += 1;
                }
            }
        }
        at
    }

    fn skip(&mut self, bytes: usize) {
        self.skipped.bytes += bytes as u64;
        self.skipped.since_frame += bytes as u64;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ykc::frame::{Envelope, write_frame};

    const STREAM: usize = 64 * 1024;

    /// Starts looked at when a stream is pushed in pieces.
    fn looks(stream: &[u8], piece: usize) -> u64 {
        let mut framer = Framer::new();
        for bytes in stream.chunks(piece) {
            framer.push(bytes, |_| {});
            assert!(framer.partial.capacity() <= MAX_LENGTH, "keeps memory for {}", framer.partial.capacity());
        }
        framer.looks
    }

    #[test]
    fn junk_costs_no_more_than_its_length() {
        // Every byte a start, every other byte a start that waits for the longest frame, starts of no length.
        for junk in [&[START, START][..], &[START, 0xFF], &[START, 0], &[START, 0, 253], &[START, 4, 0, 0]] {
            let stream = junk.repeat(STREAM / junk.len());
            for piece in [1, 2, 100, MAX_LENGTH, 1460, STREAM] {
                // Each start is judged once; besides, each push and each refilled copy looks once at an unfinished one.
                let (looks, bound) = (looks(&stream, piece), 3 * STREAM as u64);
                assert!(looks <= bound, "{looks} looks at {junk:02x?} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn a_stream_of_whole_frames_is_scanned_in_place() {
        let mut stream = Vec::new();
        write_frame(&mut stream, Envelope::default(), 3, |writer| writer.put(&[0; 9])).unwrap();
        let mut framer = Framer::new();
        framer.push(&stream.repeat(9), |_| {});
        assert_eq!((framer.looks, framer.partial.capacity()), (9, 0));
    }
}

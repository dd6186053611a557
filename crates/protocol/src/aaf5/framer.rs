//! Finds frames in a stream of bytes, however the network cut or glued them.
//!
//! A frame is believed when its start, length and check sum hold. Anything else costs one byte: the scan goes on behind
//! it, so that a frame hidden behind a false start is found. Which frames are found does not depend on how the stream
//! was cut. What a start promises is kept until it is there, and no memory is kept when nothing is unfinished.

use super::frame::{Frame, FrameError, START};
use super::relative::Relative;

/// What the framer met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A frame.
    Frame(Frame<'a>),
    /// The first frame is one of a relative of the protocol.
    Relative(Relative),
}

/// How much was skipped, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Skipped {
    /// Bytes since the last good frame.
    pub since_frame: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// Starts whose check sum did not hold.
    pub bad_checksum: u64,
    /// Starts whose length was out of bounds.
    pub bad_length: u64,
}

/// The scanner of one connection.
#[derive(Debug, Default)]
pub struct Framer {
    /// Begin of a frame whose end has not come yet.
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
            skipped: Skipped { since_frame: 0, bytes: 0, bad_checksum: 0, bad_length: 0 },
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
            self.partial.extend_from_slice(unfinished);
        }
    }

    /// Gives up on an unfinished frame: its first byte is skipped and the rest scanned again. For a driver whose peer
    /// has been silent in the middle of a frame: what looked like a start may have hidden a whole frame. Another false
    /// start may follow, so a driver that wants all there is goes on until nothing is [`pending`](Self::pending).
    pub fn give_up_partial(&mut self, mut on_piece: impl FnMut(Piece<'_>)) {
        let partial = std::mem::take(&mut self.partial);
        if let Some((_, rest)) = partial.split_first() {
            self.recognise_relative(&partial, &mut on_piece);
            self.skip(1);
            self.push(rest, &mut on_piece);
        }
    }

    /// Adds to the kept bytes what they lack to be judged, and scans them. Gives back the input that is still to be
    /// scanned: where the kept bytes are used up, the scan leaves the copy.
    fn push_onto_partial<'i>(&mut self, input: &'i [u8], on_piece: &mut impl FnMut(Piece<'_>)) -> &'i [u8] {
        let mut joined = std::mem::take(&mut self.partial);
        let kept = joined.len();
        let missing = match Frame::parse(&joined) {
            Err(FrameError::Incomplete { missing }) => missing,
            _ => 1,
        };
        let (head, rest) = input.split_at_checked(missing).unwrap_or((input, &[]));
        joined.extend_from_slice(head);
        let consumed = self.scan(&joined, on_piece);
        if let Some(used) = consumed.checked_sub(kept) {
            return input.get(used..).unwrap_or_default();
        }
        joined.drain(..consumed);
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
            at += match Frame::parse(rest) {
                Ok(frame) => {
                    self.seen_frame = true;
                    self.skipped.since_frame = 0;
                    on_piece(Piece::Frame(frame));
                    frame.raw.len()
                }
                Err(FrameError::Incomplete { .. }) => break,
                Err(FrameError::NoStart) => self.skip(junk(rest)),
                Err(FrameError::BadLength(_)) => {
                    self.skipped.bad_length += 1;
                    self.skip(1)
                }
                Err(FrameError::BadChecksum { .. }) => {
                    self.recognise_relative(rest, on_piece);
                    self.skipped.bad_checksum += 1;
                    self.skip(1)
                }
            };
        }
        at
    }

    /// Says so when a connection's first frame, which is none of ours, is one of a relative.
    fn recognise_relative(&self, bytes: &[u8], on_piece: &mut impl FnMut(Piece<'_>)) {
        if let Some(relative) = Relative::recognise(bytes).filter(|_| !self.seen_frame) {
            on_piece(Piece::Relative(relative));
        }
    }

    /// Notes that so many bytes are skipped.
    const fn skip(&mut self, bytes: usize) -> usize {
        self.skipped.bytes += bytes as u64;
        self.skipped.since_frame += bytes as u64;
        bytes
    }
}

/// How many bytes stand before the next that may be a start.
fn junk(bytes: &[u8]) -> usize {
    let [first, second] = START;
    let mut at = 0;
    while let Some(found) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == first)) {
        at += found;
        if bytes.get(at + 1).is_none_or(|byte| *byte == second) {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aaf5::frame::{Envelope, MAX_FIRMWARE_LENGTH, write_frame};

    const STREAM: usize = 64 * 1024;

    /// Starts looked at when a stream is pushed in pieces.
    fn looks(stream: &[u8], piece: usize) -> u64 {
        let mut framer = Framer::new();
        for bytes in stream.chunks(piece) {
            framer.push(bytes, |_| {});
            assert!(framer.partial.capacity() <= 2 * MAX_FIRMWARE_LENGTH, "{}", framer.partial.capacity());
        }
        framer.looks
    }

    #[test]
    fn junk_costs_no_more_than_its_length() {
        // Halves of starts, starts of no length, and starts that wait for the longest frame of either kind.
        for junk in [
            &[0xAA][..],
            &[0xAA, 0xF5],
            &[0xAA, 0xF5, 0, 0],
            &[0xAA, 0xF5, 0, 0x10],
            &[0xAA, 0xF5, 0, 0x20, 0, 0, 0xEF, 0x03],
        ] {
            let stream = junk.repeat(STREAM / junk.len());
            for piece in [1, 2, 100, 1460, STREAM] {
                // Each start is judged once; besides, each push and each refilled copy looks once at an unfinished one.
                let (looks, bound) = (looks(&stream, piece), 3 * STREAM as u64);
                assert!(looks <= bound, "{looks} looks at {junk:02x?} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn nothing_is_copied_or_kept_of_whole_frames() {
        let mut frame = Vec::new();
        write_frame(&mut frame, Envelope::default(), 102, |writer| writer.put(&[0; 54])).unwrap();
        let mut framer = Framer::new();
        framer.push(&frame.repeat(9), |_| {});
        assert_eq!((framer.looks, framer.partial.capacity()), (9, 0));
        framer.push(&frame[..20], |_| {});
        framer.push(&frame[20..], |_| {});
        assert_eq!((framer.looks, framer.partial.capacity()), (11, 0), "the copy of a finished frame is let go");
    }
}

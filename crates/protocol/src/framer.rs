//! Finds frames in a stream of bytes, however the network cut or glued them.
//!
//! A frame is believed when its start, length and check sum hold. Anything else costs one byte: the scan goes on behind
//! it, so that a frame hidden behind a false start is found. Which frames are found does not depend on how the stream
//! was cut. What a start promises is kept until it is there, and no memory is kept when nothing is unfinished.

use std::fmt::Debug;
use std::marker::PhantomData;

/// How the frames of a protocol look.
pub trait Framing {
    /// A frame whose start, length and check sum hold.
    type Frame<'a>: Debug;
    /// Why bytes are no frame.
    type Error;
    /// Protocols that begin like this one and are others.
    type Relative: Debug;

    /// Reads the frame at the begin of `bytes`.
    ///
    /// # Errors
    /// The first thing that does not hold.
    fn parse(bytes: &[u8]) -> Result<Self::Frame<'_>, Self::Error>;

    /// How many bytes a frame has.
    fn length(frame: &Self::Frame<'_>) -> usize;

    /// What bytes are that are no frame. `is_first` says that none was found yet: only then a relative is looked for.
    fn judge(error: Self::Error, bytes: &[u8], is_first: bool) -> Flaw<Self::Relative>;

    /// The relative whose first frame these bytes are, which promise more than came before silence.
    fn relative_in_silence(_bytes: &[u8]) -> Option<Self::Relative> {
        None
    }
}

/// What bytes begin with that begin with no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw<R> {
    /// What may be the begin of a frame; so many bytes more are needed to go on judging it.
    Unfinished {
        /// How many at least.
        missing: usize,
    },
    /// So many bytes that begin nothing.
    Junk(usize),
    /// A start whose length is out of bounds, and the relative that it is the first frame of.
    BadLength(Option<R>),
    /// A start whose check sum does not hold, and the relative that it is the first frame of.
    BadCheck(Option<R>),
}

/// What a framer met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<F, R> {
    /// A frame.
    Frame(F),
    /// The first frame is one of a relative of the protocol.
    Relative(R),
}

/// How much was skipped, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Skipped {
    /// Bytes since the last good frame.
    pub since_frame: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// Starts whose check sum did not hold.
    pub bad_check: u64,
    /// Starts whose length was out of bounds.
    pub bad_length: u64,
}

/// The scanner of one connection.
#[derive(Debug, Default)]
pub struct Framer<P> {
    /// Begin of a frame whose end has not come yet. Its room is used again where one frame after the other is cut.
    partial: Vec<u8>,
    /// Bytes that it lacks to be judged, as far as the last look at it could tell.
    missing: usize,
    seen_frame: bool,
    skipped: Skipped,
    /// Starts looked at, to show that junk costs no more than its length.
    #[cfg(test)]
    looks: u64,
    protocol: PhantomData<P>,
}

impl<P: Framing> Framer<P> {
    /// A framer at the begin of a stream.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            partial: Vec::new(),
            missing: 0,
            seen_frame: false,
            skipped: Skipped { since_frame: 0, bytes: 0, bad_check: 0, bad_length: 0 },
            #[cfg(test)]
            looks: 0,
            protocol: PhantomData,
        }
    }

    /// What was skipped so far, or since the last [`take_skipped`](Self::take_skipped).
    #[must_use]
    pub const fn skipped(&self) -> Skipped {
        self.skipped
    }

    /// What was skipped since the last time, for a driver that counts it elsewhere.
    pub const fn take_skipped(&mut self) -> Skipped {
        let skipped = self.skipped;
        self.skipped = Skipped { since_frame: skipped.since_frame, bytes: 0, bad_check: 0, bad_length: 0 };
        skipped
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
    pub fn push(&mut self, mut input: &[u8], mut on_piece: impl FnMut(Piece<P::Frame<'_>, P::Relative>)) {
        while !self.partial.is_empty() && !input.is_empty() {
            input = self.push_onto_partial(input, &mut on_piece);
        }
        let consumed = self.scan(input, &mut on_piece);
        if let Some(unfinished @ [_, ..]) = input.get(consumed..) {
            self.partial.extend_from_slice(unfinished);
        } else if self.partial.is_empty() {
            self.partial = Vec::new();
        }
    }

    /// Gives up on an unfinished frame: its first byte is skipped and the rest scanned again. For a driver whose peer
    /// has been silent in the middle of a frame: what looked like a start may have hidden a whole frame. Another false
    /// start may follow, so a driver that wants all there is goes on until nothing is [`pending`](Self::pending).
    pub fn give_up_partial(&mut self, mut on_piece: impl FnMut(Piece<P::Frame<'_>, P::Relative>)) {
        let partial = std::mem::take(&mut self.partial);
        if let Some((_, rest)) = partial.split_first() {
            if let Some(relative) = P::relative_in_silence(&partial).filter(|_| !self.seen_frame) {
                on_piece(Piece::Relative(relative));
            }
            self.skip(1);
            self.push(rest, &mut on_piece);
        }
    }

    /// Adds to the kept bytes what they lack to be judged, and scans them. Gives back the input that is still to be
    /// scanned: where the kept bytes are used up, the scan leaves the copy.
    fn push_onto_partial<'i>(
        &mut self,
        input: &'i [u8],
        on_piece: &mut impl FnMut(Piece<P::Frame<'_>, P::Relative>),
    ) -> &'i [u8] {
        let mut joined = std::mem::take(&mut self.partial);
        let kept = joined.len();
        let (head, rest) = input.split_at_checked(self.missing).unwrap_or((input, &[]));
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
    fn scan(&mut self, bytes: &[u8], on_piece: &mut impl FnMut(Piece<P::Frame<'_>, P::Relative>)) -> usize {
        let mut at = 0;
        while let Some(rest @ [_, ..]) = bytes.get(at..) {
            #[cfg(test)]
            {
                self.looks += 1;
            }
            let error = match P::parse(rest) {
                Ok(frame) => {
                    self.seen_frame = true;
                    self.skipped.since_frame = 0;
                    at += P::length(&frame);
                    on_piece(Piece::Frame(frame));
                    continue;
                }
                Err(error) => error,
            };
            let relative = match P::judge(error, rest, !self.seen_frame) {
                Flaw::Unfinished { missing } => {
                    self.missing = missing;
                    break;
                }
                Flaw::Junk(bytes) => {
                    at += self.skip(bytes);
                    continue;
                }
                Flaw::BadLength(relative) => {
                    self.skipped.bad_length += 1;
                    relative
                }
                Flaw::BadCheck(relative) => {
                    self.skipped.bad_check += 1;
                    relative
                }
            };
            if let Some(relative) = relative {
                on_piece(Piece::Relative(relative));
            }
            at += self.skip(1);
        }
        at
    }

    /// Notes that so many bytes are skipped.
    const fn skip(&mut self, bytes: usize) -> usize {
        self.skipped.bytes += bytes as u64;
        self.skipped.since_frame += bytes as u64;
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{aaf5, ykc};

    const STREAM: usize = 64 * 1024;

    /// Pushes a stream in pieces; how many starts were looked at, and the most room that was kept.
    fn cost<P: Framing>(stream: &[u8], piece: usize) -> (u64, usize) {
        let mut framer = Framer::<P>::new();
        let mut kept = 0;
        for bytes in stream.chunks(piece) {
            framer.push(bytes, |_| {});
            kept = kept.max(framer.partial.capacity());
        }
        (framer.looks, kept)
    }

    /// Junk costs no more than its length, and no more room than the longest frame.
    #[track_caller]
    fn assert_cheap<P: Framing>(junk: &[&[u8]], longest: usize) {
        for junk in junk {
            let stream = junk.repeat(STREAM / junk.len());
            for piece in [1, 2, 100, longest, 1460, STREAM] {
                // Each start is judged once; besides, each push and each refilled copy looks once at an unfinished one.
                let ((looks, kept), bound) = (cost::<P>(&stream, piece), 3 * STREAM as u64);
                assert!(looks <= bound, "{looks} looks at {junk:02x?} in pieces of {piece}");
                assert!(kept <= 2 * longest, "keeps memory for {kept} of {junk:02x?} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn junk_costs_no_more_than_its_length() {
        // Every byte a start, every other byte a start that waits for the longest frame, starts of no length.
        let ykc: [&[u8]; 5] = [&[0x68, 0x68], &[0x68, 0xFF], &[0x68, 0], &[0x68, 0, 253], &[0x68, 4, 0, 0]];
        assert_cheap::<ykc::framer::Ykc>(&ykc, ykc::frame::MAX_LENGTH);
        // Halves of starts, starts of no length, and starts that wait for the longest frame of either kind.
        let (short, long) = ([0xAA, 0xF5, 0, 0x10], [0xAA, 0xF5, 0, 0x20, 0, 0, 0xEF, 0x03]);
        let aaf5: [&[u8]; 5] = [&[0xAA], &[0xAA, 0xF5], &[0xAA, 0xF5, 0, 0], &short, &long];
        assert_cheap::<aaf5::framer::Aaf5>(&aaf5, aaf5::frame::MAX_FIRMWARE_LENGTH);
    }

    /// Nothing is copied or kept of whole frames, and nothing is kept of one that has come to its end.
    #[track_caller]
    fn assert_scanned_in_place<P: Framing>(frame: &[u8]) {
        let mut framer = Framer::<P>::new();
        framer.push(&frame.repeat(9), |_| {});
        assert_eq!((framer.looks, framer.partial.capacity()), (9, 0));
        framer.push(&frame[..frame.len() - 5], |_| {});
        framer.push(&frame[frame.len() - 5..], |_| {});
        assert_eq!((framer.looks, framer.partial.capacity()), (11, 0), "the copy of a finished frame is let go");
    }

    #[test]
    fn whole_frames_are_scanned_in_place() {
        let (mut ykc, mut aaf5) = (Vec::new(), Vec::new());
        ykc::frame::write_frame(&mut ykc, Default::default(), 3, |writer| writer.put(&[0; 9])).unwrap();
        aaf5::frame::write_frame(&mut aaf5, Default::default(), 102, |writer| writer.put(&[0; 54])).unwrap();
        assert_scanned_in_place::<ykc::framer::Ykc>(&ykc);
        assert_scanned_in_place::<aaf5::framer::Aaf5>(&aaf5);
    }

    #[test]
    fn what_is_counted_elsewhere_is_counted_once() {
        let mut framer = ykc::Framer::new();
        framer.push(&[1, 2, 0x68, 0, 20], |_| {});
        assert_eq!(framer.take_skipped(), Skipped { since_frame: 2, bytes: 2, bad_check: 0, bad_length: 0 });
        framer.push(&[3; 300], |_| {});
        assert_eq!(framer.take_skipped(), Skipped { since_frame: 305, bytes: 303, bad_check: 0, bad_length: 1 });
        assert_eq!(framer.take_skipped(), Skipped { since_frame: 305, ..Skipped::default() });
    }
}

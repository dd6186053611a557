//! Cuts what a side says into frames and what is none, as it comes.

use std::collections::VecDeque;

use voltapile_capture::Timestamp;
use voltapile_protocol::inspect::scan::{Found, Framing, Piece, scan};
use voltapile_protocol::ykc::frame::MAX_LENGTH;
use voltapile_protocol::ykc::{Dialect, Frame, FrameError};

/// After so long a silence, in microseconds, an unfinished frame is not finished any more.
const STALE: u64 = 5_000_000;

/// Most bytes that wait for the next frame that holds, while what they are is not clear.
const MOST_UNCLEAR: usize = 64 * 1024;

/// A frame or bytes of none, and where they stand in time and in what the side says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut<'a> {
    pub(super) piece: Piece<'a>,
    /// When the last byte passed.
    pub(super) at: Timestamp,
    pub(super) position: u64,
}

/// Cuts one side's bytes.
#[derive(Debug)]
pub(super) struct Cutter {
    dialect: Dialect,
    bytes: Vec<u8>,
    /// Position of the first of the bytes.
    position: u64,
    /// How many of the bytes certainly begin no frame, whatever follows: they need not be looked at again.
    dead: usize,
    /// Up to which position bytes had passed at which time.
    marks: VecDeque<(u64, Timestamp)>,
}

impl Cutter {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self { dialect, bytes: Vec::new(), position: 0, dead: 0, marks: VecDeque::new() }
    }

    /// Takes the next bytes. What is certain is handed on; the begin of a frame waits for its end, and what is damaged
    /// for the next frame that holds, as that says where the damage ends.
    pub(super) fn push(&mut self, position: u64, at: Timestamp, bytes: &[u8], on_cut: &mut dyn FnMut(Cut<'_>)) {
        let last = self.marks.back().map_or(at, |(_, last)| *last);
        if !self.bytes.is_empty() && at.0.saturating_sub(last.0) > STALE {
            self.flush(on_cut);
        }
        if self.bytes.is_empty() {
            self.position = position;
            self.marks.clear();
        }
        self.bytes.extend_from_slice(bytes);
        self.marks.push_back((self.position + self.bytes.len() as u64, at));
        loop {
            match Frame::parse(&self.bytes) {
                Ok(frame) => {
                    let (length, framing) = (frame.raw.len(), Framing::Sound(frame.crc_order));
                    let piece = Piece::Found(Found { offset: 0, raw: frame.raw, framing });
                    on_cut(Cut { piece, at: self.time_of(length), position: self.position });
                    self.drop_first(length);
                }
                Err(FrameError::Incomplete { .. }) => return,
                Err(_) => match self.next_frame() {
                    Some(end) => self.scan_first(end, on_cut),
                    None if self.bytes.len() > MOST_UNCLEAR => self.scan_first(self.bytes.len() - MAX_LENGTH, on_cut),
                    None => return,
                },
            }
        }
    }

    /// Nothing more belongs to what was said.
    pub(super) fn flush(&mut self, on_cut: &mut dyn FnMut(Cut<'_>)) {
        self.scan_first(self.bytes.len(), on_cut);
    }

    /// Where the next frame that holds begins.
    fn next_frame(&mut self) -> Option<usize> {
        let mut is_certain = true;
        for at in self.dead.max(1)..self.bytes.len() {
            match Frame::parse(self.bytes.get(at..)?) {
                Ok(_) => return Some(at),
                Err(FrameError::Incomplete { .. }) => is_certain = false,
                Err(_) if is_certain => self.dead = at + 1,
                Err(_) => {}
            }
        }
        None
    }

    fn scan_first(&mut self, length: usize, on_cut: &mut dyn FnMut(Cut<'_>)) {
        let first = self.bytes.get(..length).unwrap_or_default();
        for piece in scan(first, self.dialect) {
            let (offset, length) = match piece {
                Piece::Found(found) => (found.offset, found.raw.len()),
                Piece::Skipped { offset, bytes } => (offset, bytes.len()),
            };
            on_cut(Cut { piece, at: self.time_of(offset + length), position: self.position + offset as u64 });
        }
        self.drop_first(length);
    }

    /// When the first so many bytes had passed.
    fn time_of(&self, length: usize) -> Timestamp {
        let end = self.position + length as u64;
        let mark = self.marks.iter().find(|(until, _)| *until >= end).or(self.marks.back());
        mark.map(|(_, at)| *at).unwrap_or_default()
    }

    fn drop_first(&mut self, length: usize) {
        self.bytes.drain(..length.min(self.bytes.len()));
        self.position += length as u64;
        self.dead = self.dead.saturating_sub(length);
        while self.marks.front().is_some_and(|(until, _)| *until <= self.position) {
            self.marks.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEARTBEAT: &[u8] = b"\x68\x0D\x25\xD3\x00\x03\x20\x23\x12\x12\x00\x00\x10\x01\x00\xAC\xD1";

    /// What a stream is cut into when it comes in pieces a second apart: begin, length, second, and whether it holds.
    fn cuts(stream: &[u8], pieces: usize) -> Vec<(u64, usize, u64, bool)> {
        let mut cutter = Cutter::new(Dialect::V16);
        let mut found = Vec::new();
        let mut on_cut = |cut: Cut<'_>| {
            let (length, sound) = match cut.piece {
                Piece::Found(found) => (found.raw.len(), matches!(found.framing, Framing::Sound(_))),
                Piece::Skipped { bytes, .. } => (bytes.len(), false),
            };
            found.push((cut.position, length, cut.at.0 / 1_000_000, sound));
        };
        let mut position = 0;
        for (second, bytes) in stream.chunks(stream.len().div_ceil(pieces)).enumerate() {
            cutter.push(position, Timestamp(second as u64 * 1_000_000), bytes, &mut on_cut);
            position += bytes.len() as u64;
        }
        cutter.flush(&mut on_cut);
        found
    }

    #[test]
    fn frames_come_out_however_they_are_cut() {
        let stream = [HEARTBEAT, b"junk", HEARTBEAT, HEARTBEAT, &HEARTBEAT[..9]].concat();
        for pieces in 1..stream.len() {
            let cuts = cuts(&stream, pieces);
            let places: Vec<_> = cuts.iter().map(|(position, length, _, sound)| (*position, *length, *sound)).collect();
            let expected = [(0, 17, true), (17, 4, false), (21, 17, true), (38, 17, true), (55, 9, false)];
            assert_eq!(places, expected, "{pieces} pieces");
        }
        let seconds: Vec<u64> = cuts(&stream, 8).iter().map(|cut| cut.2).collect();
        assert_eq!(seconds, [2, 2, 4, 6, 7], "8 bytes a second: each has the second of its last byte");
    }

    #[test]
    fn silence_ends_what_was_not_finished() {
        let mut cutter = Cutter::new(Dialect::V16);
        let mut lengths = Vec::new();
        let mut on_cut = |cut: Cut<'_>| match cut.piece {
            Piece::Found(found) => lengths.push(found.raw.len()),
            Piece::Skipped { bytes, .. } => lengths.push(bytes.len()),
        };
        cutter.push(0, Timestamp(0), &HEARTBEAT[..10], &mut on_cut);
        cutter.push(10, Timestamp(60_000_000), HEARTBEAT, &mut on_cut);
        assert_eq!(lengths, [10, 17]);
    }

    #[test]
    fn endless_junk_is_handed_on() {
        let mut cutter = Cutter::new(Dialect::V16);
        let mut most = 0;
        for turn in 0..200_u64 {
            cutter.push(turn * 1000, Timestamp(turn), &[0xAA; 1000], &mut |_| {});
            most = most.max(cutter.bytes.len());
        }
        assert!(most <= MOST_UNCLEAR + 1000, "{most}");
    }

    #[test]
    fn junk_is_looked_at_once() {
        let mut cutter = Cutter::new(Dialect::V16);
        let mut frames = 0;
        // Each byte could begin a frame; only what may still become one is looked at again.
        for turn in 0..60_u64 {
            cutter.push(turn * 1000, Timestamp(turn), &[0x68; 1000], &mut |_| {});
            assert!(cutter.bytes.len() - cutter.dead <= MAX_LENGTH, "{} of {}", cutter.dead, cutter.bytes.len());
        }
        cutter.push(60_000, Timestamp(60), HEARTBEAT, &mut |cut| {
            frames += u32::from(matches!(cut.piece, Piece::Found(Found { framing: Framing::Sound(_), .. })));
        });
        cutter.push(60_017, Timestamp(61), &[0; 300], &mut |cut| {
            frames += u32::from(matches!(cut.piece, Piece::Found(Found { framing: Framing::Sound(_), .. })));
        });
        assert_eq!(frames, 1);
    }
}

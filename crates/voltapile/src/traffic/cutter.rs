//! Cuts what a side says into frames and what is none, as it comes.

use std::collections::VecDeque;

use voltapile_capture::Timestamp;
use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::Options;
use voltapile_protocol::inspect::scan::{Piece, scan};

use super::begin::{Begin, LONGEST};

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
    options: Options,
    bytes: Vec<u8>,
    /// Position of the first of the bytes.
    position: u64,
    /// How many of the bytes certainly begin no frame, whatever follows: they need not be looked at again.
    dead: usize,
    /// Up to which position bytes had passed at which time.
    marks: VecDeque<(u64, Timestamp)>,
}

impl Cutter {
    pub(super) fn new(options: Options) -> Self {
        Self { options, bytes: Vec::new(), position: 0, dead: 0, marks: VecDeque::new() }
    }

    /// Which protocol is spoken, where that is known.
    pub(super) const fn protocol(&self) -> Option<Protocol> {
        self.options.protocol
    }

    /// Tells which protocol is spoken, once it is known; it stays the same.
    pub(super) fn speaks(&mut self, protocol: Protocol) {
        if self.options.protocol.is_none() {
            self.options.protocol = Some(protocol);
            self.dead = 0;
        }
    }

    /// Takes the next bytes. What is certain is handed on; the begin of a frame waits for its end, and what is damaged
    /// for the next frame that holds, as that says where the damage ends. The first frame that holds says which protocol is
    /// spoken.
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
            match Begin::of(&self.bytes, self.options.protocol) {
                Begin::Frame(protocol, length) => {
                    self.speaks(protocol);
                    self.scan_first(length, on_cut);
                }
                Begin::Unfinished => return,
                Begin::Nothing => match self.next_frame() {
                    Some((end, protocol)) => {
                        self.speaks(protocol);
                        self.scan_first(end, on_cut);
                    }
                    None if self.bytes.len() > MOST_UNCLEAR => self.scan_first(self.bytes.len() - LONGEST, on_cut),
                    None => return,
                },
            }
        }
    }

    /// Nothing more belongs to what was said.
    pub(super) fn flush(&mut self, on_cut: &mut dyn FnMut(Cut<'_>)) {
        self.scan_first(self.bytes.len(), on_cut);
    }

    /// Where the next frame that holds begins, and whose it is.
    fn next_frame(&mut self) -> Option<(usize, Protocol)> {
        let mut is_certain = true;
        for at in self.dead.max(1)..self.bytes.len() {
            match Begin::of(self.bytes.get(at..)?, self.options.protocol) {
                Begin::Frame(protocol, _) => return Some((at, protocol)),
                Begin::Unfinished => is_certain = false,
                Begin::Nothing if is_certain => self.dead = at + 1,
                Begin::Nothing => {}
            }
        }
        None
    }

    fn scan_first(&mut self, length: usize, on_cut: &mut dyn FnMut(Cut<'_>)) {
        let first = self.bytes.get(..length).unwrap_or_default();
        for piece in scan(first, self.options) {
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
    use voltapile_protocol::aaf5::frame::{Envelope, write_frame};
    use voltapile_protocol::ykc::frame::MAX_LENGTH;

    use super::*;

    const HEARTBEAT: &[u8] = b"\x68\x0D\x25\xD3\x00\x03\x20\x23\x12\x12\x00\x00\x10\x01\x00\xAC\xD1";

    /// What a stream is cut into when it comes in pieces a second apart: begin, length, second, and whether it holds.
    fn cuts(stream: &[u8], pieces: usize) -> Vec<(u64, usize, u64, bool)> {
        let mut cutter = Cutter::new(Options::default());
        let mut found = Vec::new();
        let mut on_cut = |cut: Cut<'_>| {
            let (length, sound) = match cut.piece {
                Piece::Found(found) => (found.raw.len(), found.framing.holds()),
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

    fn status(sequence: u8) -> Vec<u8> {
        let mut out = Vec::new();
        let envelope = Envelope { sequence, ..Envelope::default() };
        write_frame(&mut out, envelope, 104, |writer| writer.put(&[0x68; 40])).unwrap();
        out
    }

    #[test]
    fn frames_of_the_other_protocol_come_out_as_well() {
        let one = status(1);
        let stream = [b"junk", &one[..], &one, b"\xAA\xF5\x09", &one, &one[..9]].concat();
        for pieces in 1..stream.len() {
            let places: Vec<_> =
                cuts(&stream, pieces).iter().map(|(position, length, _, sound)| (*position, *length, *sound)).collect();
            let length = one.len() as u64;
            let expected = [
                (0, 4, false),
                (4, one.len(), true),
                (4 + length, one.len(), true),
                (4 + 2 * length, 3, false),
                (7 + 2 * length, one.len(), true),
                (7 + 3 * length, 9, false),
            ];
            assert_eq!(places, expected, "{pieces} pieces");
        }
    }

    #[test]
    fn the_first_frame_says_what_is_spoken() {
        let mut cutter = Cutter::new(Options::default());
        let mut found = Vec::new();
        let inner = [&status(1)[..], HEARTBEAT, &status(2)].concat();
        cutter.push(0, Timestamp(0), &inner, &mut |cut| {
            found.push(matches!(cut.piece, Piece::Found(found) if found.protocol == Protocol::Aaf5));
        });
        assert_eq!((cutter.protocol(), found), (Some(Protocol::Aaf5), vec![true, false, true]));
        // Zeros have a good check sum: they say nothing.
        let mut cutter = Cutter::new(Options::default());
        cutter.push(0, Timestamp(0), b"\xAA\xF5\x0B\0\0\0\0\0\0\0\0", &mut |_| {});
        assert_eq!(cutter.protocol(), None);
    }

    #[test]
    fn silence_ends_what_was_not_finished() {
        let mut cutter = Cutter::new(Options::default());
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
        let mut cutter = Cutter::new(Options::default());
        let mut most = 0;
        for turn in 0..200_u64 {
            cutter.push(turn * 1000, Timestamp(turn), &[0xAA; 1000], &mut |_| {});
            most = most.max(cutter.bytes.len());
        }
        assert!(most <= MOST_UNCLEAR + 1000, "{most}");
    }

    #[test]
    fn junk_is_looked_at_once() {
        let mut cutter = Cutter::new(Options::default());
        let mut frames = 0;
        // Each byte could begin a frame; only what may still become one is looked at again.
        for turn in 0..60_u64 {
            cutter.push(turn * 1000, Timestamp(turn), &[0x68; 1000], &mut |_| {});
            assert!(cutter.bytes.len() - cutter.dead <= MAX_LENGTH, "{} of {}", cutter.dead, cutter.bytes.len());
        }
        cutter.push(60_000, Timestamp(60), HEARTBEAT, &mut |cut| {
            frames += u32::from(matches!(cut.piece, Piece::Found(found) if found.framing.holds()));
        });
        cutter.push(60_017, Timestamp(61), &[0; 300], &mut |cut| {
            frames += u32::from(matches!(cut.piece, Piece::Found(found) if found.framing.holds()));
        });
        assert_eq!(frames, 1);
    }
}

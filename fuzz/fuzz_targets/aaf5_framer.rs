//! A stream of AA F5 gives the same pieces and counters however it is cut, in bounded memory, and no byte is lost.
//!
//! Input: a byte that seeds the cuts, then segments. A segment is a byte that says what it is (a frame, one of a relative
//! whose check sum begins at the first byte, or bytes as they are), one that says how long, and its bytes. Check sums are
//! computed here, for a fuzzer seldom guesses them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use voltapile_protocol::aaf5::checksum::checksum;
use voltapile_protocol::aaf5::frame::{Envelope, MAX_FIRMWARE_LENGTH, write_frame};
use voltapile_protocol::aaf5::framer::{Framer, Piece, Skipped};
use voltapile_protocol::aaf5::{Frame, Relative};

fuzz_target!(|data: &[u8]| {
    let Some((&seed, segments)) = data.split_first() else { return };
    let stream = stream(segments);
    let whole = push(&stream, |_| stream.len());
    let bytewise = push(&stream, |_| 1);
    let mixed = push(&stream, |at| 1 + (at * 31 + usize::from(seed)) % (1 + usize::from(seed)));
    assert_eq!(whole, bytewise);
    assert_eq!(whole, mixed);
});

/// Builds the stream that the segments describe.
fn stream(mut segments: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    while let [what, length, rest @ ..] = segments {
        let (bytes, rest) = rest.split_at(usize::from(*length).min(rest.len()));
        segments = rest;
        match (what % 8, bytes) {
            (kind @ 0..=3, [low, high, body @ ..]) => {
                let begin = stream.len();
                let envelope = Envelope { info: *what, sequence: *length };
                // Mostly commands that piles begin with; others as they come.
                let command = match high {
                    0..=0x7F => u16::from(*low % 5) * 2 + 100,
                    _ => u16::from_le_bytes([*low, *high]),
                };
                write_frame(&mut stream, envelope, command, |writer| writer.put(body)).expect("fits a frame");
                match kind {
                    // One in four is a relative's, one misses its end, so that the next segment stands where it should be.
                    0 => as_relative(&mut stream[begin..], *what >= 128),
                    3 => stream.truncate(stream.len() - 1 - usize::from(*what) / 8 % 3),
                    _ => {}
                }
            }
            _ => stream.extend_from_slice(bytes),
        }
    }
    stream
}

/// Makes one of ours one of a relative.
fn as_relative(frame: &mut [u8], counts_six_more: bool) {
    let length = frame.len() + if counts_six_more { 6 } else { 0 };
    frame[2..4].copy_from_slice(&(length as u16).to_le_bytes());
    let (last, summed) = frame.split_last_mut().expect("a frame has bytes");
    *last = checksum(summed);
}

#[derive(Debug, PartialEq)]
struct Outcome {
    pieces: Vec<Result<Vec<u8>, Relative>>,
    /// Counters and kept bytes at the end of the stream, then after giving up on what was unfinished.
    skipped: [Skipped; 2],
    pending: usize,
}

/// Pushes the stream in pieces as long as `length` says.
fn push(stream: &[u8], length: impl Fn(usize) -> usize) -> Outcome {
    let mut framer = Framer::new();
    let mut pieces = Vec::new();
    let mut on_piece = |piece: Piece<'_>| {
        pieces.push(match piece {
            Piece::Frame(frame) => {
                assert_eq!(Frame::parse(frame.raw), Ok(frame));
                Ok(frame.raw.to_vec())
            }
            Piece::Relative(relative) => Err(relative),
        });
    };
    let mut at = 0;
    while at < stream.len() {
        let end = (at + length(at)).min(stream.len());
        framer.push(&stream[at..end], &mut on_piece);
        assert!(framer.pending() < MAX_FIRMWARE_LENGTH);
        at = end;
    }
    let (skipped, pending) = (framer.skipped(), framer.pending());
    while framer.pending() > 0 {
        framer.give_up_partial(&mut on_piece);
    }
    let in_frames: usize = pieces.iter().flatten().map(Vec::len).sum();
    assert_eq!(in_frames + framer.skipped().bytes as usize, stream.len());
    Outcome { pieces, skipped: [skipped, framer.skipped()], pending }
}

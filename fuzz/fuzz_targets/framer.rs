//! A stream gives the same pieces and counters however it is cut, in bounded memory, and no byte is lost.
//!
//! Input: a byte that seeds the cuts, then segments. A segment is a byte that says what it is (a frame in either CRC
//! order, a V2.x frame, or bytes as they are), one that says how long, and its bytes. Check sums are computed here, for
//! a fuzzer seldom guesses them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use voltapile_protocol::ykc::crc::crc16;
use voltapile_protocol::ykc::frame::{Envelope, MAX_BODY, MAX_LENGTH, START, write_frame};
use voltapile_protocol::ykc::framer::{Framer, Piece, Skipped};
use voltapile_protocol::ykc::{CrcOrder, Frame};

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
            (0, bytes @ [_, ..]) if (11..=253).contains(&bytes.len()) => {
                stream.extend_from_slice(&[START, 0, bytes.len() as u8]);
                stream.extend_from_slice(bytes);
                stream.extend_from_slice(&crc16(bytes).to_le_bytes());
            }
            (1..=3, [frame_type, body @ ..]) if body.len() <= MAX_BODY => {
                let crc_order = if *what < 128 { CrcOrder::LowFirst } else { CrcOrder::HighFirst };
                let envelope = Envelope { sequence: [*what, *length], encryption: 0, crc_order };
                write_frame(&mut stream, envelope, *frame_type, |writer| writer.put(body)).expect("fits a frame");
                // One in three misses its end, so that the next segment stands where it should be.
                if what % 8 == 3 {
                    stream.truncate(stream.len() - 1 - usize::from(*what) / 8 % 3);
                }
            }
            _ => stream.extend_from_slice(bytes),
        }
    }
    stream
}

#[derive(Debug, PartialEq)]
struct Outcome {
    pieces: Vec<Option<(Vec<u8>, CrcOrder)>>,
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
                Some((frame.raw.to_vec(), frame.crc_order))
            }
            Piece::Relative(_) => None,
        });
    };
    let mut at = 0;
    while at < stream.len() {
        let end = (at + length(at)).min(stream.len());
        framer.push(&stream[at..end], &mut on_piece);
        assert!(framer.pending() < MAX_LENGTH);
        at = end;
    }
    let (skipped, pending) = (framer.skipped(), framer.pending());
    while framer.pending() > 0 {
        framer.give_up_partial(&mut on_piece);
    }
    let in_frames: usize = pieces.iter().flatten().map(|(raw, _)| raw.len()).sum();
    assert_eq!(in_frames + framer.skipped().bytes as usize, stream.len());
    Outcome { pieces, skipped: [skipped, framer.skipped()], pending }
}

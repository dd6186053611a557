//! A stream of AA F5 gives the same pieces and counters however it is cut, in bounded memory, and no byte is lost.
//!
//! Input: a byte that seeds the cuts, then segments. A segment is a byte that says what it is (a frame, one of a relative
//! whose check sum begins at the first byte, or bytes as they are), one that says how long, and its bytes. Check sums are
//! computed here, for a fuzzer seldom guesses them.
#![no_main]

mod cuts;

use libfuzzer_sys::fuzz_target;
use voltapile_protocol::aaf5::Frame;
use voltapile_protocol::aaf5::checksum::checksum;
use voltapile_protocol::aaf5::frame::{Envelope, MAX_FIRMWARE_LENGTH, write_frame};
use voltapile_protocol::aaf5::framer::Aaf5;

fuzz_target!(|data: &[u8]| {
    let Some((&seed, segments)) = data.split_first() else { return };
    let stream = stream(segments);
    cuts::change_nothing::<Aaf5>(&stream, seed, MAX_FIRMWARE_LENGTH, |frame| {
        assert_eq!(Frame::parse(frame.raw), Ok(frame));
        frame.raw.to_vec()
    });
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

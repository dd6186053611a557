//! A stream gives the same pieces and counters however it is cut, in bounded memory, and no byte is lost.
//!
//! Input: a byte that seeds the cuts, then segments. A segment is a byte that says what it is (a frame in either CRC
//! order, a V2.x frame, or bytes as they are), one that says how long, and its bytes. Check sums are computed here, for
//! a fuzzer seldom guesses them.
#![no_main]

mod cuts;

use libfuzzer_sys::fuzz_target;
use voltapile_protocol::ykc::crc::crc16;
use voltapile_protocol::ykc::frame::{Envelope, MAX_BODY, MAX_LENGTH, START, write_frame};
use voltapile_protocol::ykc::framer::Ykc;
use voltapile_protocol::ykc::{CrcOrder, Frame};

fuzz_target!(|data: &[u8]| {
    let Some((&seed, segments)) = data.split_first() else { return };
    let stream = stream(segments);
    cuts::change_nothing::<Ykc>(&stream, seed, MAX_LENGTH, |frame| {
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

//! Frames per second and allocations per frame of the codec, on the mix of frames that a published example sends.
//!
//! `cargo bench -p voltapile-benches --bench codec`

use divan::counter::{BytesCount, ItemsCount};
use divan::{AllocProfiler, Bencher, black_box};
use voltapile_protocol::ykc::crc::crc16;
use voltapile_protocol::ykc::frame::{Envelope, MAX_LENGTH, write_message};
use voltapile_protocol::ykc::framer::Piece;
use voltapile_protocol::ykc::{Dialect, Frame, Framer, Message};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// The frames of `data/seed-002.hex`.
fn frames() -> Vec<Vec<u8>> {
    include_str!("../data/seed-002.hex").lines().filter(|line| !line.starts_with('#')).map(bytes_of_hex).collect()
}

fn bytes_of_hex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    digits.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect()
}

fn parsed(frames: &[Vec<u8>]) -> Vec<Frame<'_>> {
    frames.iter().filter_map(|bytes| Frame::parse(bytes).ok()).collect()
}

const fn envelope(frame: &Frame<'_>) -> Envelope {
    Envelope { sequence: frame.sequence, encryption: frame.encryption, crc_order: frame.crc_order }
}

/// Checks the frame, reads the message, and writes the same frame again: what the budget of 5 M frames/s is about.
#[divan::bench]
fn decode_and_encode(bencher: Bencher<'_, '_>) {
    let frames = frames();
    let mut out = Vec::with_capacity(MAX_LENGTH);
    bencher.counter(ItemsCount::new(frames.len())).bench_local(|| {
        for bytes in &frames {
            let Ok(frame) = Frame::parse(black_box(bytes)) else { continue };
            let Ok(message) = Message::decode(frame.frame_type, frame.body, Dialect::V16) else { continue };
            out.clear();
            let _ = black_box(write_message(&mut out, envelope(&frame), &message));
            black_box(&out);
        }
    });
}

/// Start, length and CRC of a frame.
#[divan::bench]
fn parse_frame(bencher: Bencher<'_, '_>) {
    let frames = frames();
    bencher.counter(ItemsCount::new(frames.len())).bench_local(|| {
        for bytes in &frames {
            let _ = black_box(Frame::parse(black_box(bytes)));
        }
    });
}

/// A body into a message.
#[divan::bench]
fn decode(bencher: Bencher<'_, '_>) {
    let frames = frames();
    let frames = parsed(&frames);
    bencher.counter(ItemsCount::new(frames.len())).bench_local(|| {
        for frame in &frames {
            let _ = black_box(&Message::decode(frame.frame_type, black_box(frame.body), Dialect::V16));
        }
    });
}

/// A message into a frame.
#[divan::bench]
fn encode(bencher: Bencher<'_, '_>) {
    let frames = frames();
    let messages: Vec<(Envelope, Message)> = parsed(&frames)
        .iter()
        .filter_map(|frame| Some((envelope(frame), Message::decode(frame.frame_type, frame.body, Dialect::V16).ok()?)))
        .collect();
    let mut out = Vec::with_capacity(MAX_LENGTH);
    bencher.counter(ItemsCount::new(messages.len())).bench_local(|| {
        for (envelope, message) in &messages {
            out.clear();
            let _ = black_box(write_message(&mut out, *envelope, black_box(message)));
            black_box(&out);
        }
    });
}

/// The check sum over what a heartbeat, telemetry and the longest frame count.
#[divan::bench(args = [13, 64, 255])]
fn crc(bencher: Bencher<'_, '_>, length: usize) {
    let bytes = vec![0x5A; length];
    bencher.counter(BytesCount::new(length)).bench_local(|| crc16(black_box(&bytes)));
}

/// Bytes of the streams given to the framer.
const STREAM: usize = 64 * 1024;

fn push_in_cuts(bencher: Bencher<'_, '_>, stream: &[u8], cut: usize) {
    let mut framer = Framer::new();
    bencher.counter(BytesCount::new(stream.len())).bench_local(|| {
        let mut found = 0_usize;
        for bytes in black_box(stream).chunks(cut) {
            framer.push(bytes, |piece| found += usize::from(matches!(piece, Piece::Frame(_))));
        }
        found
    });
}

/// A stream of glued frames, as it comes in cuts of a network packet, of a few bytes, of one byte.
#[divan::bench(args = [STREAM, 1460, 100, 1])]
fn framer(bencher: Bencher<'_, '_>, cut: usize) {
    let frames = frames().concat();
    push_in_cuts(bencher, &frames.repeat(STREAM.div_ceil(frames.len())), cut);
}

/// The worst that a peer can send: every byte is a start, and its check sum has to be computed.
#[divan::bench(args = [STREAM, 1460, 1])]
fn framer_against_false_starts(bencher: Bencher<'_, '_>, cut: usize) {
    push_in_cuts(bencher, &[0x68; STREAM], cut);
}

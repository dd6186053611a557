//! Frames per second and allocations per frame of the codecs: of YKC on the mix of frames that a published example sends,
//! of AA F5 on what a pile with a charge going on exchanges with its platform.
//!
//! `cargo bench -p voltapile-benches --bench codec`

use divan::counter::{BytesCount, ItemsCount};
use divan::{AllocProfiler, Bencher, black_box};
use voltapile_protocol::aaf5;
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

/// Command, bytes of the body and how many of them: some minutes of an AA F5 pile of two connectors, one of which charges.
const AAF5_MIX: [(u16, usize, usize); 12] = [
    (106, 133, 1),
    (105, 184, 1),
    (102, 54, 15),
    (101, 6, 15),
    (104, 239, 40),
    (103, 6, 40),
    (302, 195, 10),
    (301, 4, 10),
    (108, 68, 1),
    (107, 4, 1),
    (222, 434, 1),
    (221, 66, 1),
];

fn aaf5_frames() -> Vec<Vec<u8>> {
    let frame = |(command, length, count): (u16, usize, usize)| {
        let mut out = Vec::new();
        let body: Vec<u8> = (0..length).map(|at| (at * 7) as u8).collect();
        let _ = aaf5::frame::write_frame(&mut out, Default::default(), command, |writer| writer.put(&body));
        std::iter::repeat_n(out, count)
    };
    AAF5_MIX.into_iter().flat_map(frame).collect()
}

/// Checks a frame of AA F5, reads the message, and writes the same frame again.
#[divan::bench]
fn aaf5_decode_and_encode(bencher: Bencher<'_, '_>) {
    let frames = aaf5_frames();
    let mut out = Vec::with_capacity(aaf5::frame::MAX_LENGTH);
    bencher.counter(ItemsCount::new(frames.len())).bench_local(|| {
        for bytes in &frames {
            let Ok(frame) = aaf5::Frame::parse(black_box(bytes)) else { continue };
            let dialect = aaf5::Dialect::Standard;
            let Ok(message) = aaf5::Message::decode(frame.command, frame.body, dialect) else { continue };
            let envelope = aaf5::frame::Envelope { info: frame.info, sequence: frame.sequence };
            out.clear();
            let _ = black_box(aaf5::frame::write_message(&mut out, envelope, &message));
            black_box(&out);
        }
    });
}

/// Start, length and check sum of a frame of AA F5.
#[divan::bench]
fn aaf5_parse_frame(bencher: Bencher<'_, '_>) {
    let frames = aaf5_frames();
    bencher.counter(ItemsCount::new(frames.len())).bench_local(|| {
        for bytes in &frames {
            let _ = black_box(aaf5::Frame::parse(black_box(bytes)));
        }
    });
}

fn push_aaf5_in_cuts(bencher: Bencher<'_, '_>, stream: &[u8], cut: usize) {
    let mut framer = aaf5::Framer::new();
    bencher.counter(BytesCount::new(stream.len())).bench_local(|| {
        let mut found = 0_usize;
        for bytes in black_box(stream).chunks(cut) {
            framer.push(bytes, |piece| found += usize::from(matches!(piece, aaf5::framer::Piece::Frame(_))));
        }
        found
    });
}

/// A stream of glued frames of AA F5, as it comes in cuts of a network packet, of a few bytes, of one byte.
#[divan::bench(args = [STREAM, 1460, 100, 1])]
fn aaf5_framer(bencher: Bencher<'_, '_>, cut: usize) {
    let frames = aaf5_frames().concat();
    push_aaf5_in_cuts(bencher, &frames.repeat(STREAM.div_ceil(frames.len())), cut);
}

/// The worst that a peer can send: every fourth byte begins a frame of the longest kind, whose check sum does not hold.
#[divan::bench(args = [STREAM, 1460, 1])]
fn aaf5_framer_against_false_starts(bencher: Bencher<'_, '_>, cut: usize) {
    push_aaf5_in_cuts(bencher, &[0xAA, 0xF5, 0x00, 0x10].repeat(STREAM / 4), cut);
}

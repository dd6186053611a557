//! AA F5 in the same dissector.

mod fields;
mod filters;
mod streams;

use voltapile_protocol::aaf5::frame::{Envelope, write_frame};

/// A frame with a good check sum.
fn frame(sequence: u8, command: u16, body: &[u8]) -> Vec<u8> {
    framed(Envelope { sequence, ..Envelope::default() }, command, body)
}

fn framed(envelope: Envelope, command: u16, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write_frame(&mut out, envelope, command, |writer| writer.put(body)).unwrap();
    out
}

/// The worked frames: each message at least once, and what piles of several versions send.
fn golden() -> Vec<Vec<u8>> {
    const FRAMES: &str = include_str!("../../../../protocol/tests/golden/aaf5/frames.hex");
    let lines = FRAMES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
    let byte = |pair: &[u8; 2]| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap();
    lines.map(|(_, hex)| hex.as_bytes().as_chunks::<2>().0.iter().map(byte).collect()).collect()
}

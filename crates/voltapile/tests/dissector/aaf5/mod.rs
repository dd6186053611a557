//! AA F5 in the same dissector.

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

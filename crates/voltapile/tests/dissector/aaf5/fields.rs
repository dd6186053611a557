//! Every field of every message of AA F5, compared with what `voltapile decode --json` says of the same bytes.

use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::frame::{Envelope, MAX_LENGTH, MIN_LENGTH};
use voltapile_protocol::aaf5::message::LAYOUTS;
use voltapile_protocol::layout::Layout;
use voltapile_protocol::ykc::Dialect;

use super::{framed, golden};
use crate::fields::compare;
use crate::frames::{Dice, PALETTES, is_usual, lengths};

/// Frames of every layout, whose lengths are those it has or nearly has.
fn arbitrary() -> Vec<Vec<u8>> {
    let mut dice = Dice(0x5EED_0000_0000_0005);
    let mut frames = Vec::new();
    for layout in LAYOUTS {
        for length in all_lengths(layout) {
            // Lengths that no layout has are read like the others as far as they go: one body each will do.
            let palettes = if is_usual(layout, length) { &PALETTES[..] } else { &PALETTES[..1] };
            for palette in palettes {
                let body: Vec<u8> = (0..length).map(|_| palette(&mut dice)).collect();
                let envelope = Envelope { info: dice.byte() & 0x7F, sequence: dice.byte() };
                frames.push(framed(envelope, layout.code, &body));
            }
        }
    }
    frames
}

/// Those of other messages, and the ends behind each optional field.
fn all_lengths(layout: &'static Layout) -> Vec<usize> {
    let mut lengths = lengths(layout, MAX_LENGTH - MIN_LENGTH);
    let mut length = layout.required_length();
    for field in layout.fields.iter().filter(|field| field.optional) {
        length += field.bits / 8;
        lengths.push(length);
    }
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

#[test]
fn what_is_shown_is_what_decode_says() {
    for lang in ["en", "zh"] {
        compare(&golden(), Protocol::Aaf5, Dialect::V16, lang);
    }
}

#[test]
fn arbitrary_frames_of_every_message_are_shown_as_decode_says() {
    compare(&arbitrary(), Protocol::Aaf5, Dialect::V16, "en");
}

//! Frames to be shown: real ones, one of every layout, and arbitrary ones of every type and length.

use serde_json::Value as Json;
use voltapile_protocol::inspect::{Options, compose};
use voltapile_protocol::layout::Layout;
use voltapile_protocol::wire::Kind;
use voltapile_protocol::ykc::frame::{CrcOrder, Envelope, MAX_BODY, write_frame};
use voltapile_protocol::ykc::message::{LAYOUTS, layout};
use voltapile_protocol::ykc::{Dialect, crc};

const LAYOUT_INSTANCES: &str = include_str!("../../../protocol/tests/golden/layouts.jsonl");
const EXCHANGE: &str = include_str!("../../../protocol/tests/golden/exchange.hex");
/// A heartbeat, an answer to it, and a login.
pub(crate) const HEARTBEAT: &[u8] = b"\x68\x0D\x25\xD3\x00\x03\x20\x23\x12\x12\x00\x00\x10\x01\x00\xAC\xD1";

/// A frame with a good CRC.
pub(crate) fn frame(frame_type: u8, body: &[u8]) -> Vec<u8> {
    framed(Envelope { sequence: [0x12, 0x34], ..Envelope::default() }, frame_type, body)
}

pub(crate) fn framed(envelope: Envelope, frame_type: u8, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write_frame(&mut out, envelope, frame_type, |writer| writer.put(body)).unwrap();
    out
}

/// The frames of the published exchange whose CRC holds.
pub(crate) fn exchange() -> Vec<Vec<u8>> {
    let lines = EXCHANGE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(": "));
    let frames = lines.map(|(_, hex)| {
        let pairs = hex.as_bytes().as_chunks::<2>().0;
        pairs.iter().map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    });
    frames.filter(|frame: &Vec<u8>| usize::from(frame[1]) + 4 == frame.len()).collect()
}

/// A realistic frame of every layout that a dialect has.
pub(crate) fn instances(dialect: Dialect) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    for line in LAYOUT_INSTANCES.lines() {
        let mut json: Json = serde_json::from_str(line).unwrap();
        let own = json.as_object_mut().unwrap().remove("dialect");
        if own.as_ref().and_then(Json::as_str).unwrap_or("v16") == dialect.name() {
            frames.push(compose(&json, Options { dialect, ..Options::default() }).unwrap());
        }
    }
    frames
}

/// Arbitrary frames of every type that a dialect reads in its own way: with each length that a layout of it has, and some
/// that none has.
pub(crate) fn arbitrary(dialect: Dialect) -> Vec<Vec<u8>> {
    let mut dice = Dice(0x5EED_0000_0000_0001);
    let mut frames = Vec::new();
    for declared in LAYOUTS {
        let frame_type = u8::try_from(declared.code).unwrap();
        if !is_own(frame_type, dialect) {
            continue;
        }
        for length in lengths(declared, MAX_BODY) {
            // Lengths that no layout has are read like the others as far as they go: one body each will do.
            let palettes = if is_usual(declared, length) { &PALETTES[..] } else { &PALETTES[..1] };
            for palette in palettes {
                let mut body: Vec<u8> = (0..length).map(|_| palette(&mut dice)).collect();
                frames.push(with_dice(&mut dice, frame_type, &body));
                if let Some(chosen) = layout(frame_type, length, dialect)
                    && let Some(at) = vin_place(chosen, length)
                {
                    for vin in [*b"1M8GDM9AXKP042788", *b"887240PKXA9MDG8M1", *b"\0\0\0\0LSVAU2180N218"] {
                        body[at..at + vin.len()].copy_from_slice(&vin);
                        frames.push(with_dice(&mut dice, frame_type, &body));
                    }
                }
            }
        }
    }
    frames
}

/// Whether a dialect reads a type in its own way; the usual one reads all in its own.
fn is_own(frame_type: u8, dialect: Dialect) -> bool {
    let name = |length, dialect| layout(frame_type, length, dialect).map(|layout| layout.name);
    dialect == Dialect::V16 || (0..=MAX_BODY).any(|length| name(length, dialect) != name(length, Dialect::V16))
}

fn with_dice(dice: &mut Dice, frame_type: u8, body: &[u8]) -> Vec<u8> {
    let [s0, s1, order, ..] = dice.next().to_le_bytes();
    let crc_order = if order < 64 { CrcOrder::HighFirst } else { CrcOrder::LowFirst };
    framed(Envelope { sequence: [s0, s1], encryption: 0, crc_order }, frame_type, body)
}

/// Whether a layout has bodies of a length.
pub(crate) fn is_usual(layout: &Layout, length: usize) -> bool {
    let (required, full) = (layout.required_length(), layout.full_length());
    // An end of variable length is tried with some more bytes, too.
    let is_open = layout.repeated.is_some() || layout.fields.iter().any(|field| is_variable(&field.kind));
    let extended = layout.extension_for(length).is_some();
    length == required || length == full || extended || (is_open && length > full && length < full + 12)
}

fn is_variable(kind: &Kind) -> bool {
    matches!(kind, Kind::CountedText | Kind::TextToEnd | Kind::SimDigits)
}

/// Lengths of a body worth trying.
pub(crate) fn lengths(layout: &Layout, longest: usize) -> Vec<usize> {
    let (required, full) = (layout.required_length(), layout.full_length());
    let mut lengths = vec![
        0,
        required / 2,
        required.saturating_sub(1),
        required,
        full,
        full + 1,
        full + 4,
        full + 10,
        full + 11,
        full + 30,
    ];
    lengths.extend(layout.extensions.iter().map(|extension| full + extension.length));
    if let Some(group) = &layout.repeated {
        let each = group.fields.iter().map(|field| field.bits).sum::<usize>() / 8;
        lengths.extend((1..=4).map(|count| full + count * each));
    }
    lengths.retain(|length| *length <= longest);
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

fn vin_place(layout: &Layout, length: usize) -> Option<usize> {
    let body = vec![0; length];
    let (_, rest) = layout.find(&body, |field| matches!(field.kind, Kind::Vin(_)))?;
    (rest.len() >= 17).then(|| length - rest.len())
}

/// What bytes of a body are drawn from: anything; small numbers, among which are most codes and dates; digits in BCD and in
/// ASCII; text; nothing.
pub(crate) const PALETTES: [fn(&mut Dice) -> u8; 7] = [
    |dice| dice.byte(),
    |dice| dice.byte() % 5,
    |dice| dice.byte() % 10 * 16 + dice.byte() % 10,
    |dice| b'0' + dice.byte() % 10,
    |dice| b' ' + dice.byte() % 96,
    |_| 0,
    |_| 0xFF,
];

/// Numbers that look like chance and are the same each time (xorshift).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[3]
    }

    /// A number below a limit.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 8).unwrap() % limit
    }
}

/// A login of V2.x: the length has two bytes, and the time of sending stands before the type.
pub(crate) fn version2() -> Vec<u8> {
    let mut counted = vec![0x00, 0x01, 0xE8, 0x03, 0x1E, 0x0A, 0x0F, 0x06, 0x1A, 0x00, 0x01];
    counted.extend([0x20; 148]);
    let length = u16::try_from(counted.len()).unwrap().to_be_bytes();
    let crc = crc::crc16(&counted).to_le_bytes();
    [&[0x68][..], &length, &counted, &crc].concat()
}

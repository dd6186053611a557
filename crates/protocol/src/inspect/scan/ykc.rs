//! Frames of YKC.

use super::super::report::Options;
use super::super::shape;
use super::{Framing, Proof};
use crate::wire::Cp56Time;
use crate::ykc::Dialect;
use crate::ykc::crc::crc16;
use crate::ykc::frame::{CrcOrder, Frame, HEADER_LENGTH, MAX_LENGTH, START, UNCOUNTED};
use crate::ykc::framer::Version2;
use crate::ykc::message::{LAYOUTS, layout};

/// Bytes of a CRC.
const CRC_LENGTH: usize = 2;
/// The shortest frame: a header, no body, a CRC.
const MIN_LENGTH: usize = HEADER_LENGTH + CRC_LENGTH;
/// Longest V2.x frame: its length has 16 bits.
const VERSION2_LIMIT: usize = u16::MAX as usize;
/// Bytes of a V2.x frame that its length does not count: start, length, CRC.
const VERSION2_UNCOUNTED: usize = 5;
/// Bytes before the body of a V2.x frame: start, length (2), sequence (2), time (7), encryption flag, type.
const VERSION2_HEADER: usize = 14;

/// What stands at the begin of `rest`, and its length. `expected` says that a frame should begin here.
pub(super) fn frame_at(rest: &[u8], expected: bool, options: Options) -> Option<(usize, Framing)> {
    let dialect = options.dialect;
    if rest.first() != Some(&START) {
        return None;
    }
    if let Ok(frame) = Frame::parse(rest) {
        return Some((frame.raw.len(), Framing::Sound(Proof::Crc(frame.crc_order))));
    }
    if Version2::recognise_within(rest, VERSION2_LIMIT) == Version2::Yes {
        let [_, high, low, ..] = rest else { return None };
        return Some((
            usize::from(u16::from_be_bytes([*high, *low])) + VERSION2_UNCOUNTED,
            Framing::Version2 { crc_holds: true },
        ));
    }
    let [_, length, _, _, encryption, frame_type, ..] = *rest else {
        let missing = rest.get(1).map_or(MIN_LENGTH, |length| usize::from(*length) + UNCOUNTED) - rest.len().min(4);
        return expected.then_some((rest.len(), Framing::Incomplete { missing: missing.max(1) }));
    };
    let known = encryption <= 1 && LAYOUTS.iter().any(|layout| layout.code == u16::from(frame_type));
    if !known && !expected {
        return None;
    }
    if let Some((end, order)) = crc_end(rest, frame_type, dialect) {
        return Some((end, Framing::WrongLength(Some(Proof::Crc(order)))));
    }
    let bound = next_sound_frame(rest);
    if bound < MIN_LENGTH {
        return if rest.len() < MIN_LENGTH { Some((rest.len(), incomplete(length, rest.len()))) } else { None };
    }
    let declared = usize::from(length) + UNCOUNTED;
    let fits_at = |end: usize| fits(frame_type, end - MIN_LENGTH, dialect);
    if declared < MIN_LENGTH {
        let wrong_length = (known || fits_at(bound)).then_some((bound, Framing::WrongLength(None)));
        let version2 = || Some((begins_like_version2(rest)?, Framing::Version2 { crc_holds: false }));
        return if known && fits_at(bound) { wrong_length } else { version2().or(wrong_length) };
    }
    if declared <= bound && (declared == bound || fits_at(declared) || !fits_at(bound)) {
        return Some((declared, Framing::BadCheck));
    }
    if fits_at(bound) {
        return Some((bound, Framing::WrongLength(None)));
    }
    Some((bound, incomplete(length, bound)))
}

/// Where a frame of V2.x ends whose CRC does not hold: what counts is that its header has a length of 16 bits, a possible
/// time, and a known encryption flag.
fn begins_like_version2(rest: &[u8]) -> Option<usize> {
    let (header, _) = rest.split_first_chunk::<VERSION2_HEADER>()?;
    let [_, high, low, _, _, t0, t1, t2, t3, t4, t5, t6, encryption, _] = *header;
    let declared = usize::from(u16::from_be_bytes([high, low])) + VERSION2_UNCOUNTED;
    let time = Cp56Time([t0, t1, t2, t3, t4, t5, t6]).civil();
    (declared > VERSION2_HEADER && encryption <= 1 && time.is_some()).then_some(declared.min(rest.len()))
}

fn incomplete(length: u8, there: usize) -> Framing {
    Framing::Incomplete { missing: (usize::from(length) + UNCOUNTED).saturating_sub(there).max(1) }
}

/// Where the CRC holds although the length byte says otherwise: before the next start byte, at the end of the bytes,
/// or else where the body has a length of its type.
fn crc_end(rest: &[u8], frame_type: u8, dialect: Dialect) -> Option<(usize, CrcOrder)> {
    let ends = MIN_LENGTH..=rest.len().min(MAX_LENGTH);
    let likely = |end: &usize| rest.get(*end).is_none_or(|next| *next == START);
    let possible = |end: &usize| fits(frame_type, *end - MIN_LENGTH, dialect);
    let holds = |end: usize| crc_order(rest.get(2..end - CRC_LENGTH)?, rest.get(end - CRC_LENGTH..end)?);
    let mut first = ends.clone().filter(likely).chain(ends.filter(possible));
    first.find_map(|end| holds(end).map(|order| (end, order)))
}

/// In which order two bytes are the CRC of others, if they are.
fn crc_order(counted: &[u8], crc: &[u8]) -> Option<CrcOrder> {
    let expected = crc16(counted);
    if crc == expected.to_le_bytes() {
        Some(CrcOrder::LowFirst)
    } else if crc == expected.to_be_bytes() {
        Some(CrcOrder::HighFirst)
    } else {
        None
    }
}

/// Where the next sound frame begins within reach, or the end of the bytes.
fn next_sound_frame(rest: &[u8]) -> usize {
    let within = rest.len().min(MAX_LENGTH);
    (1..within).find(|at| rest.get(*at..).is_some_and(|tail| Frame::parse(tail).is_ok())).unwrap_or(within)
}

/// Whether a body of this length is usual for a frame type.
fn fits(frame_type: u8, body_length: usize, dialect: Dialect) -> bool {
    layout(frame_type, body_length, dialect).is_some_and(|layout| shape::fits(layout, body_length))
}

//! Frames of AA F5. Eight bits of a check sum are little proof, so what does not hold is taken for a frame only where its
//! command is known.

use super::super::shape;
use super::ahead::Ahead;
use super::{Framing, Proof};
use crate::aaf5::Dialect;
use crate::aaf5::checksum::checksum;
use crate::aaf5::frame::{Frame, FrameError, HEADER_LENGTH, MIN_LENGTH, START, longest};
use crate::aaf5::message::{LAYOUTS, layout};
use crate::aaf5::relative::Relative;

/// Where command and body begin: the bytes that are summed up.
const COUNTED_FROM: usize = 6;
/// Bytes that relatives of the ZH kind count and do not send.
const COUNTED_TOO_MUCH: usize = 6;

/// What stands at the begin of `rest`, which stands `at` an offset, and its length. `expected` says that a frame should begin
/// here, `certain` that the protocol is known to be spoken.
pub(super) fn frame_at(
    rest: &[u8],
    at: usize,
    (expected, certain): (bool, bool),
    ahead: &mut Ahead<'_>,
) -> Option<(usize, Framing)> {
    let command = command(rest);
    let known = command.is_some_and(is_known);
    let error = match Frame::parse(rest) {
        // The check sum of zeros always holds.
        Ok(frame) if known || certain || expected => return Some((frame.raw.len(), Framing::Sound(Proof::Sum))),
        Ok(_) | Err(FrameError::NoStart) => return None,
        Err(error) => error,
    };
    // Behind junk a start alone is junk, too.
    if rest.len() < START.len() || !(known || expected) {
        return None;
    }
    if expected && let Some(relative) = relative(rest) {
        return Some(relative);
    }
    // All of the input, and just as long as it says: more of a sign than what a single command or sum says.
    if at == 0 && command.is_some() && !known && declared(rest) == Some(rest.len()) {
        return Some((rest.len(), Framing::BadCheck));
    }
    let bound = next_known_frame(rest, at, ahead);
    let until = rest.get(..bound)?;
    if ends_here(until) {
        return Some((bound, Framing::WrongLength(Some(Proof::Sum))));
    }
    let cut_off = |missing: usize| Some((bound, Framing::Incomplete { missing: missing + rest.len() - bound }));
    match error {
        FrameError::Incomplete { missing } => cut_off(missing.max(MIN_LENGTH.saturating_sub(rest.len()))),
        _ if !known => None,
        FrameError::BadLength(_) => None,
        _ => {
            let declared = declared(rest)?;
            if declared <= bound {
                Some((declared, Framing::BadCheck))
            } else {
                Some((bound, Framing::Incomplete { missing: declared - bound }))
            }
        }
    }
}

/// A frame of a relative: one whose length is too great ends where it does, others where they say.
fn relative(rest: &[u8]) -> Option<(usize, Framing)> {
    let declared = declared(rest)?;
    match of_relative(rest)? {
        Relative::SumFromStart => None,
        Relative::CountsSixMore => {
            let framing = Framing::Incomplete { missing: COUNTED_TOO_MUCH };
            Some((declared.saturating_sub(COUNTED_TOO_MUCH), framing))
        }
        Relative::HeadOf11 | Relative::HeadOf14 => Some((declared, Framing::BadCheck)),
    }
}

/// The length that a frame says it has.
fn declared(rest: &[u8]) -> Option<usize> {
    rest.get(2..4)?.first_chunk().copied().map(u16::from_le_bytes).map(usize::from)
}

/// The relative whose frame bytes begin with. Its head hides the command, so that of a known one is looked for.
pub(in super::super) fn of_relative(rest: &[u8]) -> Option<Relative> {
    Relative::recognise_among(rest, is_known)
}

fn command(rest: &[u8]) -> Option<u16> {
    rest.get(COUNTED_FROM..HEADER_LENGTH)?.first_chunk().copied().map(u16::from_le_bytes)
}

pub(super) fn is_known(command: u16) -> bool {
    LAYOUTS.iter().any(|layout| layout.code == command)
}

/// Where the next frame of a known command that holds begins within reach, or the end of the bytes.
fn next_known_frame(rest: &[u8], at: usize, ahead: &mut Ahead<'_>) -> usize {
    let within = rest.len().min(command(rest).map_or(rest.len(), longest));
    ahead.first_in(at + 1..at + within).map_or(within, |next| next - at)
}

/// Whether bytes end as a frame of their command does: with the check sum, behind a body of a length that it has.
fn ends_here(bytes: &[u8]) -> bool {
    let Some(body) = bytes.len().checked_sub(MIN_LENGTH) else { return false };
    let layout = command(bytes).and_then(|command| layout(command, body, Dialect::Standard));
    let sum = || bytes.get(COUNTED_FROM..bytes.len() - 1).map(checksum);
    layout.is_some_and(|layout| shape::fits(layout, body)) && sum().as_ref() == bytes.last()
}

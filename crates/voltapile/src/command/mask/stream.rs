//! Masks bytes that follow each other: frames by their fields, everything else to zeros.

use voltapile_protocol::Protocol;
use voltapile_protocol::inspect::scan::{Framing, Piece, scan};
use voltapile_protocol::inspect::{Options, Report};

use super::{Masking, frame};
use crate::traffic::spoken;

/// As many bytes, masked.
pub(super) fn mask(bytes: &[u8], masking: &mut Masking) -> Vec<u8> {
    mask_spoken(bytes, spoken(bytes, masking.options), masking)
}

/// The same in a protocol that is known to be spoken.
pub(super) fn mask_spoken(bytes: &[u8], protocol: Option<Protocol>, masking: &mut Masking) -> Vec<u8> {
    let options = Options { protocol, ..masking.options };
    let mut out = Vec::with_capacity(bytes.len());
    for piece in scan(bytes, options) {
        match piece {
            // What only begins like a frame of V2 has no fields that anybody here could read.
            Piece::Found(found) if !matches!(found.framing, Framing::Version2 { .. }) => {
                out.extend(frame::mask(&Report::new(&found, options), masking));
            }
            Piece::Found(found) => {
                masking.tally.blanked_frames += 1;
                out.extend(std::iter::repeat_n(0, found.raw.len()));
            }
            Piece::Skipped { bytes, .. } => {
                masking.tally.blanked_bytes += bytes.len();
                out.extend(std::iter::repeat_n(0, bytes.len()));
            }
        }
    }
    out.resize(bytes.len(), 0);
    out
}

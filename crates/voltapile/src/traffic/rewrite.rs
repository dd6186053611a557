//! Changes fields of a frame and nothing else: the length stays, the check sum follows in its own way.

use std::ops::Range;

use voltapile_protocol::inspect::Report;
use voltapile_protocol::inspect::explain::Field;
use voltapile_protocol::ykc::crc::crc16;
use voltapile_protocol::{Protocol, aaf5};

/// The frame of a report with other bytes in some of its fields. A check sum that holds goes on to hold, and one that does
/// not goes on to be wrong by the same difference: what was wrong with a frame stays wrong with it.
pub(crate) fn rewrite(report: &Report, mut change: impl FnMut(&Field) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut raw = report.raw.clone();
    for field in &report.fields {
        if field.packed.is_some() {
            continue;
        }
        let Some(bytes) = change(field).filter(|bytes| bytes.len() == field.length) else { continue };
        if let Some(place) = raw.get_mut(field.offset..field.offset + field.length) {
            place.copy_from_slice(&bytes);
        }
    }
    carry_check(report, &report.raw, &mut raw);
    raw
}

/// Where the sequence number stands in a protocol's frames.
pub(crate) const fn sequence_place(protocol: Protocol) -> Range<usize> {
    match protocol {
        Protocol::Ykc => 2..4,
        Protocol::Aaf5 => 5..6,
    }
}

/// Lets the check sum of a changed frame differ from the right one as it did before.
pub(crate) fn carry_check(report: &Report, before: &[u8], after: &mut [u8]) {
    let length = report.check_length();
    match report.protocol {
        Protocol::Ykc => carry_crc(before, after, length),
        Protocol::Aaf5 => carry_sum(before, after, length),
    }
}

fn carry_crc(before: &[u8], after: &mut [u8], length: usize) {
    let Some(begin) = before.len().checked_sub(length).filter(|_| length == 2) else { return };
    let (Some(counted_before), Some(counted_after)) = (before.get(2..begin), after.get(2..begin)) else { return };
    let (old, new) = (crc16(counted_before), crc16(counted_after));
    let Some(crc) = before.get(begin..).and_then(<[u8]>::first_chunk::<2>) else { return };
    let high_first = *crc == old.to_be_bytes() && *crc != old.to_le_bytes();
    let order: fn(u16) -> [u8; 2] = if high_first { u16::to_be_bytes } else { u16::to_le_bytes };
    let difference = order(old ^ new);
    if let Some(place) = after.get_mut(begin..) {
        for ((byte, crc), bits) in place.iter_mut().zip(crc).zip(difference) {
            *byte = crc ^ bits;
        }
    }
}

/// Command and body are summed up.
fn carry_sum(before: &[u8], after: &mut [u8], length: usize) {
    let Some(end) = before.len().checked_sub(length).filter(|_| length == 1) else { return };
    let sum = |bytes: &[u8]| bytes.get(6..end).map_or(0, aaf5::checksum::checksum);
    let difference = sum(after).wrapping_sub(sum(before));
    if let (Some(place), Some(check)) = (after.get_mut(end), before.get(end)) {
        *place = check.wrapping_add(difference);
    }
}

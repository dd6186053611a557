//! Changes fields of a frame and nothing else: the length stays, the CRC follows in its own byte order.

use voltapile_protocol::inspect::Report;
use voltapile_protocol::inspect::explain::Field;
use voltapile_protocol::ykc::crc::crc16;

/// The frame of a report with other bytes in some of its fields. A CRC that holds goes on to hold, and one that does not
/// goes on to be wrong by the same difference: what was wrong with a frame stays wrong with it.
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
    carry_crc(&report.raw, &mut raw, report.framing.crc_length());
    raw
}

/// Lets the CRC of a changed frame differ from the right one as it did before.
pub(crate) fn carry_crc(before: &[u8], after: &mut [u8], crc_length: usize) {
    let Some(begin) = before.len().checked_sub(crc_length).filter(|_| crc_length == 2) else { return };
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

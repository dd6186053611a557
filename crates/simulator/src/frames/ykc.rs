//! YKC's frames.

use voltapile_protocol::wire::Quantity;
use voltapile_protocol::ykc::Dialect;
use voltapile_protocol::ykc::code::{ConfirmResult, Outcome};
use voltapile_protocol::ykc::field::{ConnectorNumber, PileCode};
use voltapile_protocol::ykc::frame::{Envelope, Frame, START, write_frame, write_message};
use voltapile_protocol::ykc::framer::{Framer, Piece};
use voltapile_protocol::ykc::message::{HeartbeatRequest, Message, TransactionRecord};
use voltapile_protocol::ykc::session::pile::record_of;

use super::{Found, Frames, Said, SentRecord, Sold, Stream, WhichRecord};
use crate::fault::Fault;
use crate::model::Rng;

/// Types that no version of the protocol has.
const UNKNOWN_TYPES: [u8; 3] = [0x6B, 0x9D, 0xEF];
/// Bytes of the body of a frame of an unknown type, at most.
const UNKNOWN_BODY_MOST: u64 = 40;
/// A length byte below what the header alone takes.
const TOO_SHORT: u8 = 3;
/// A check sum spoilt by these is wrong in either order.
const CRC_SPOILT_BY: [u8; 2] = [0x5A, 0xA5];

/// YKC.
pub(super) struct YkcFrames;

impl Frames for YkcFrames {
    fn each(&self, bytes: &[u8], found: &mut dyn FnMut(Found<'_>)) {
        push(&mut Framer::new(), bytes, found);
    }

    fn stream(&self) -> Stream {
        Stream::Ykc(Framer::new())
    }

    fn frame_type(&self, frame: &[u8]) -> Option<u16> {
        Frame::parse(frame).ok().map(|frame| frame.frame_type.into())
    }

    fn said(&self, frame: &Found<'_>) -> Option<Said> {
        // The frames told of are alike in all versions, or decoded by their type and length.
        let frame_type = u8::try_from(frame.frame_type).ok()?;
        Some(match Message::decode(frame_type, frame.body, Dialect::V16).ok()? {
            Message::LoginRequest(_) => Said::Login,
            Message::HeartbeatRequest(_) => Said::Heartbeat,
            Message::HeartbeatResponse(_) => Said::HeartbeatAnswer,
            Message::RemoteStartResponse(answer) if answer.start_result == Outcome::Failed => Said::StartRefused,
            Message::TransactionRecordConfirm(answer) => Said::RecordAnswer {
                which: WhichRecord::Charge(answer.transaction_number.into()),
                is_taken: answer.confirm_result == ConfirmResult::Uploaded,
            },
            message => Said::Record(SentRecord::from(&record_of(message)?), None),
        })
    }

    fn start(&self) -> &'static [u8] {
        &[START]
    }

    fn spoil_check_sum(&self, frame: &mut [u8]) {
        if let Some(crc) = frame.last_chunk_mut::<2>() {
            crc.iter_mut().zip(CRC_SPOILT_BY).for_each(|(byte, by)| *byte ^= by);
        }
    }

    /// A frame that is said to be a byte shorter may hold by chance, so that another lie is told then.
    fn lie_about_length(&self, frame: &mut [u8], rng: &mut Rng) {
        let lie = rng.within(0..=2);
        let Some(true_length) = frame.get(1).copied() else { return };
        tell_length(frame, if lie == 0 { u8::MAX } else { true_length.saturating_sub(1) });
        if lie == 2 || Frame::parse(frame).is_ok() {
            tell_length(frame, TOO_SHORT);
        }
    }

    fn add_unknown(&self, out: &mut Vec<u8>, rng: &mut Rng) {
        let [choice, sequence, filling, ..] = rng.next_u64().to_be_bytes();
        let [first, ..] = UNKNOWN_TYPES;
        let frame_type = UNKNOWN_TYPES.get(usize::from(choice) % UNKNOWN_TYPES.len()).copied().unwrap_or(first);
        let length = usize::try_from(rng.within(0..=UNKNOWN_BODY_MOST)).unwrap_or_default();
        let envelope = Envelope { sequence: [sequence, 0], ..Envelope::default() };
        let written = write_frame(out, envelope, frame_type, |writer| writer.put(&vec![filling; length]));
        debug_assert!(written.is_ok(), "a short body fits into a frame");
    }

    fn heartbeats(&self, pile_code: PileCode, count: u16) -> Vec<u8> {
        let heartbeat = HeartbeatRequest { pile_code, connector_number: ConnectorNumber::bcd(1), ..Default::default() };
        let message = heartbeat.into();
        let mut bytes = Vec::new();
        for number in 0..count {
            let envelope = Envelope { sequence: number.to_le_bytes(), ..Envelope::default() };
            let written = write_message(&mut bytes, envelope, &message);
            debug_assert!(written.is_ok(), "a heartbeat fits into a frame");
        }
        bytes
    }

    fn turn_check_sum(&self, frame: &mut [u8]) {
        if let Some(crc) = frame.last_chunk_mut::<2>() {
            crc.reverse();
        }
    }

    fn has(&self, _: Fault) -> bool {
        true
    }
}

/// See [`Stream::push`].
pub(super) fn push(framer: &mut Framer, bytes: &[u8], found: &mut dyn FnMut(Found<'_>)) {
    framer.push(bytes, |piece| {
        if let Piece::Frame(Frame { frame_type, body, raw, .. }) = piece {
            found(Found { frame_type: frame_type.into(), body, raw, is_opened: false });
        }
    });
}

impl From<&TransactionRecord> for SentRecord {
    fn from(record: &TransactionRecord) -> Self {
        Self {
            transaction_number: record.transaction_number.into(),
            connector: record.connector_number.number(),
            total_energy: record.total_energy.raw(),
            total_amount: record.total_amount.raw(),
            meter: [record.meter_start.raw(), record.meter_stop.raw()],
            start_source: record.start_source,
            sold: Sold::Tiers([
                record.sharp_energy_with_loss.raw(),
                record.peak_energy_with_loss.raw(),
                record.flat_energy_with_loss.raw(),
                record.valley_energy_with_loss.raw(),
            ]),
        }
    }
}

fn tell_length(frame: &mut [u8], length: u8) {
    if let Some(byte) = frame.get_mut(1) {
        *byte = length;
    }
}

#[cfg(test)]
mod tests {
    use voltapile_protocol::ykc::message::LAYOUTS;

    use super::*;

    #[test]
    fn unknown_types_are_unknown() {
        for frame_type in UNKNOWN_TYPES {
            assert!(LAYOUTS.iter().all(|layout| layout.code != u16::from(frame_type)), "{frame_type:#04x}");
        }
    }
}

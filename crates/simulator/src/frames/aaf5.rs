//! AA F5's frames.

use voltapile_protocol::aaf5::BodyCipher;
use voltapile_protocol::aaf5::cipher::KEY_LENGTH;
use voltapile_protocol::aaf5::code::{EncryptionFlag, StartSource as Aaf5Source};
use voltapile_protocol::aaf5::field::PileCode as Aaf5Code;
use voltapile_protocol::aaf5::frame::{ENCRYPTED, Envelope, Frame, START, write_frame, write_message};
use voltapile_protocol::aaf5::framer::{Framer, Piece};
use voltapile_protocol::aaf5::message::{Dialect, FineChargeRecord, HeartbeatRequest, Message, SignInResponse};
use voltapile_protocol::aaf5::session::pile::record_of;
use voltapile_protocol::layout::Direction;
use voltapile_protocol::wire::{Connectors, Quantity, Text};
use voltapile_protocol::ykc::code::StartSource;
use voltapile_protocol::ykc::field::PileCode;

use super::{Found, Frames, Said, SentRecord, Sold, Stream, WhichRecord};
use crate::fault::Fault;
use crate::model::Rng;

/// Commands that no version of the protocol has.
const UNKNOWN_COMMANDS: [u16; 3] = [907, 1_777, 40_001];
/// Bytes of the body of a frame of an unknown command, at most.
const UNKNOWN_BODY_MOST: u64 = 40;
/// A length below what the header alone takes.
const TOO_SHORT: u16 = 3;
/// A length beyond what any frame may have.
const TOO_LONG: u16 = u16::MAX;
/// What spoils a check sum.
const SPOILT_BY: u8 = 0x5A;

/// AA F5.
pub(super) struct Aaf5Frames;

impl Frames for Aaf5Frames {
    fn each(&self, bytes: &[u8], found: &mut dyn FnMut(Found<'_>)) {
        push(&mut Framer::new(), bytes, found);
    }

    fn stream(&self) -> Stream {
        Stream::Aaf5(Framer::new())
    }

    fn frame_type(&self, frame: &[u8]) -> Option<u16> {
        Frame::parse(frame).ok().map(|frame| frame.command)
    }

    fn said(&self, frame: &Found<'_>) -> Option<Said> {
        let message = Message::decode(frame.frame_type, frame.body, Dialect::default()).ok()?;
        Some(match &message {
            Message::SignInRequest(_) => Said::Login,
            Message::HeartbeatRequest(_) => Said::Heartbeat,
            Message::HeartbeatResponse(_) => Said::HeartbeatAnswer,
            Message::StartResponse(answer) if answer.result.0 != 0 => Said::StartRefused,
            Message::RecordConfirm(answer) => taken(answer.record_index)?,
            Message::FineRecordConfirm(answer) => taken(answer.record_index)?,
            Message::ChargeRecord(_) | Message::FineChargeRecord(_) => {
                let record = record_of(&message)?;
                Said::Record(SentRecord::try_from(&record).ok()?, Some(record.record_index))
            }
            Message::StoredRecordResponse(_) | Message::StoredFineRecordResponse(_) => {
                Said::StoredRecord(SentRecord::try_from(&record_of(&message)?).ok()?)
            }
            _ => return None,
        })
    }

    fn start(&self) -> &'static [u8] {
        &START
    }

    fn spoil_check_sum(&self, frame: &mut [u8]) {
        if let Some(sum) = frame.last_mut() {
            *sum ^= SPOILT_BY;
        }
    }

    /// Frames that are said to be longer than any may be or shorter than one can be, or by a byte too short: by chance that
    /// may hold, so that another lie is told then.
    fn lie_about_length(&self, frame: &mut [u8], rng: &mut Rng) {
        let lie = rng.within(0..=2);
        let Some(length) = frame.get(2..4).and_then(|bytes| bytes.try_into().ok()).map(u16::from_le_bytes) else {
            return;
        };
        tell_length(frame, if lie == 0 { TOO_LONG } else { length.saturating_sub(1) });
        if lie == 2 || Frame::parse(frame).is_ok() {
            tell_length(frame, TOO_SHORT);
        }
    }

    fn add_unknown(&self, out: &mut Vec<u8>, rng: &mut Rng) {
        let [choice, sequence, filling, ..] = rng.next_u64().to_be_bytes();
        let [first, ..] = UNKNOWN_COMMANDS;
        let chosen = usize::from(choice) % UNKNOWN_COMMANDS.len();
        let command = UNKNOWN_COMMANDS.get(chosen).copied().unwrap_or(first);
        let length = usize::try_from(rng.within(0..=UNKNOWN_BODY_MOST)).unwrap_or_default();
        let envelope = Envelope { sequence, ..Envelope::default() };
        let written = write_frame(out, envelope, command, |writer| writer.put(&vec![filling; length]));
        debug_assert!(written.is_ok(), "a short body fits into a frame");
    }

    fn heartbeats(&self, pile_code: PileCode, count: u16) -> Vec<u8> {
        let pile_code: Aaf5Code = Text::new(&pile_code.to_string()).unwrap_or_default();
        let mut bytes = Vec::new();
        for counter in 0..count {
            let plugged = Some(Connectors::default());
            let message = HeartbeatRequest { pile_code, counter, plugged, ..Default::default() }.into();
            let [sequence, _] = counter.to_le_bytes();
            let written = write_message(&mut bytes, Envelope { sequence, ..Envelope::default() }, &message);
            debug_assert!(written.is_ok(), "a heartbeat fits into a frame");
        }
        bytes
    }

    /// The check sum has one byte: it has no order.
    fn has(&self, fault: Fault) -> bool {
        fault != Fault::CrcHighFirst
    }
}

/// See [`Stream::push`].
pub(super) fn push(framer: &mut Framer, bytes: &[u8], found: &mut dyn FnMut(Found<'_>)) {
    framer.push(bytes, |piece| {
        if let Piece::Frame(Frame { command, body, raw, .. }) = piece {
            found(Found { frame_type: command, body, raw, is_opened: false });
        }
    });
}

/// The key that a platform tells a pile (105).
pub(super) fn key_told(direction: Direction, frame: &Found<'_>) -> Option<[u8; KEY_LENGTH]> {
    if direction != Direction::Down || frame.frame_type != SignInResponse::CODE {
        return None;
    }
    let frame = Frame::parse(frame.raw).ok().filter(|frame| !frame.is_encrypted())?;
    match Message::decode(frame.command, frame.body, Dialect::default()) {
        Ok(Message::SignInResponse(answer)) if answer.encryption == Some(EncryptionFlag::Aes) => {
            answer.aes_key.map(|key| key.0)
        }
        _ => None,
    }
}

/// What an encrypted frame brings, where the cipher opens it.
pub(super) fn opened(cipher: &BodyCipher, frame: &Found<'_>) -> Option<Vec<u8>> {
    let frame = Frame::parse(frame.raw).ok().filter(Frame::is_encrypted)?;
    cipher.decrypt(frame.body).ok()
}

/// A frame that was opened, as it would be if nobody had encrypted it.
pub(super) fn plain(found: &Found<'_>) -> Vec<u8> {
    let Ok(frame) = Frame::parse(found.raw) else { return found.raw.to_vec() };
    let envelope = Envelope { info: frame.info & !ENCRYPTED, sequence: frame.sequence };
    let mut plain = Vec::new();
    match write_frame(&mut plain, envelope, frame.command, |writer| writer.put(found.body)) {
        Ok(()) => plain,
        Err(_) => found.raw.to_vec(),
    }
}

/// The answer to a record: it has no word for a refusal.
fn taken(record_index: Option<i32>) -> Option<Said> {
    Some(Said::RecordAnswer { which: WhichRecord::Index(record_index?), is_taken: true })
}

impl TryFrom<&FineChargeRecord> for SentRecord {
    type Error = crate::model::BadTransactionNumber;

    fn try_from(record: &FineChargeRecord) -> Result<Self, Self::Error> {
        let number = record.transaction_number.map(|number| number.text()).unwrap_or_default();
        Ok(Self {
            transaction_number: number.parse()?,
            connector: record.connector_number.number(),
            total_energy: record.total_energy.raw() * 10,
            total_amount: record.total_amount.raw() * 100,
            meter: [record.meter_start.raw() * 10, record.meter_stop.raw() * 10],
            start_source: match record.start_source {
                Aaf5Source::Platform => StartSource::App,
                Aaf5Source::RemoteVin | Aaf5Source::LocalVin => StartSource::Vin,
                _ => StartSource::Card,
            },
            sold: Sold::Slots(record.slots.0.map(|slot| slot.raw() * 10)),
        })
    }
}

fn tell_length(frame: &mut [u8], length: u16) {
    if let Some(bytes) = frame.get_mut(2..4) {
        bytes.copy_from_slice(&length.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use voltapile_protocol::aaf5::message::LAYOUTS;

    use super::*;

    #[test]
    fn unknown_commands_are_unknown() {
        for command in UNKNOWN_COMMANDS {
            assert!(LAYOUTS.iter().all(|layout| layout.code != command), "{command}");
        }
    }
}

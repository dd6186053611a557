//! What platforms do wrong, one thing each, and which rules that breaks.

use voltapile_protocol::ykc::crc::crc16;
use voltapile_protocol::ykc::frame::UNCOUNTED;

/// One thing that a platform does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Reads the sequence number high byte first and writes it low byte first.
    SwapsSequence,
    /// Never sends 0x40.
    NoConfirm,
    /// Does not look at the CRC.
    IgnoresCrc,
    ClosesOnGarbage,
    /// Takes one frame from each read.
    OneFramePerRead,
    /// Writes the CRC high byte first.
    HighByteFirst,
    /// Counts only the body in the length byte of 0x0A.
    WrongLengthByte,
    /// The end of any connection takes its pile offline.
    OldEndDropsNew,
    RefusesSecondConnection,
    TakesUnknownPiles,
    TakesUnknownCards,
    AnswersTelemetry,
    ClosesOnUnknownType,
    IgnoresDuplicates,
    DuplicatesAreIllegal,
    /// Writes the character '0' as the result of 0x40.
    ConfirmsInAscii,
    ConfirmsOtherNumber,
    /// Ignores records before the login: that is allowed.
    NoRecordsBeforeLogin,
    EveryTariffIsRight,
    /// Writes prices high byte first.
    PricesHighByteFirst,
    /// Names connector 0 in 0x04.
    ForgetsConnector,
    /// Sends 0x04 twice.
    AnswersTwice,
    ImpatientWithSilence,
}

/// The rules that each fault breaks, without `platform.`, in the order of the catalogue.
pub(crate) const EXPECTED: &[(Fault, &[&str])] = &[
    (
        Fault::SwapsSequence,
        &[
            "login.sequence",
            "heartbeat.sequence",
            "tariff.verify_names",
            "tariff.names",
            "card.names",
            "record.sequence",
        ],
    ),
    (
        Fault::NoConfirm,
        &[
            "card.record",
            "record.acknowledged",
            "record.duplicate",
            "record.burst",
            "record.before_tariff",
            "record.before_login",
            "record.wrong_sums",
            "record.invalid_times",
            "record.not_bcd",
        ],
    ),
    (Fault::IgnoresCrc, &["crc.wrong_ignored"]),
    (
        Fault::ClosesOnGarbage,
        &["stream.garbage_before", "stream.garbage_between", "stream.false_start", "crc.wrong_goes_on"],
    ),
    (Fault::OneFramePerRead, &["record.burst", "stream.glued", "stream.glued_and_split", "stream.garbage_between"]),
    (Fault::HighByteFirst, &["frame.crc_low_byte_first"]),
    (Fault::WrongLengthByte, &["tariff.answered", "frame.whole"]),
    (Fault::OldEndDropsNew, &["session.old_end_harmless"]),
    (Fault::RefusesSecondConnection, &["session.second_connection"]),
    (Fault::TakesUnknownPiles, &["login.unknown_pile"]),
    (Fault::TakesUnknownCards, &["card.unknown_refused", "card.unknown_vin_refused"]),
    (Fault::AnswersTelemetry, &["telemetry.unanswered"]),
    (Fault::ClosesOnUnknownType, &["malformed.unknown_type"]),
    (Fault::IgnoresDuplicates, &["record.duplicate"]),
    (Fault::DuplicatesAreIllegal, &["record.duplicate"]),
    (Fault::ConfirmsInAscii, &["record.result"]),
    (
        Fault::ConfirmsOtherNumber,
        &[
            "card.record",
            "record.number",
            "record.duplicate",
            "record.burst",
            "record.before_tariff",
            "record.before_login",
            "record.wrong_sums",
            "record.invalid_times",
            "record.not_bcd",
        ],
    ),
    (Fault::NoRecordsBeforeLogin, &[]),
    (Fault::EveryTariffIsRight, &["tariff.none_differs", "tariff.other"]),
    (Fault::PricesHighByteFirst, &["tariff.prices"]),
    (Fault::ForgetsConnector, &["heartbeat.names", "heartbeat.connectors"]),
    (Fault::AnswersTwice, &["heartbeat.once"]),
    (Fault::ImpatientWithSilence, &["silence.patient"]),
];

/// What a platform makes of the bytes before it looks for frames.
pub(crate) fn on_the_way_in(fault: Fault, bytes: &[u8]) -> Vec<u8> {
    match fault {
        Fault::IgnoresCrc => each_frame(bytes, |frame| {
            let end = frame.len() - 2;
            let crc = crc16(&frame[2..end]).to_le_bytes();
            frame[end..].copy_from_slice(&crc);
        }),
        Fault::OneFramePerRead => match frame_length(bytes) {
            Some(length) => bytes[..length].to_vec(),
            None => bytes.to_vec(),
        },
        _ => bytes.to_vec(),
    }
}

/// What a platform makes of its answers before they leave.
pub(crate) fn on_the_way_out(fault: Fault, bytes: &[u8]) -> Vec<u8> {
    each_frame(bytes, |frame| {
        let end = frame.len() - 2;
        match fault {
            Fault::SwapsSequence if frame[5] != 0x56 => frame.swap(2, 3),
            Fault::WrongLengthByte if frame[5] == 0x0A => frame[1] -= 4,
            Fault::PricesHighByteFirst if frame[5] == 0x0A => {
                frame[15..47].chunks_exact_mut(4).for_each(<[u8]>::reverse);
            }
            Fault::ForgetsConnector if frame[5] == 0x04 => frame[13] = 0,
            Fault::AnswersTwice if frame[5] == 0x04 => {
                let copy = frame.clone();
                frame.extend(copy);
                return;
            }
            _ => {}
        }
        let crc = crc16(&frame[2..end]);
        let crc = if fault == Fault::HighByteFirst { crc.to_be_bytes() } else { crc.to_le_bytes() };
        frame[end..].copy_from_slice(&crc);
    })
}

/// Changes each frame of whole ones; what is none stays.
fn each_frame(bytes: &[u8], change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), bytes);
    while let Some(length) = frame_length(rest) {
        let mut frame = rest[..length].to_vec();
        change(&mut frame);
        out.extend(frame);
        rest = &rest[length..];
    }
    out.extend(rest);
    out
}

fn frame_length(bytes: &[u8]) -> Option<usize> {
    let length = match bytes {
        [0x68, length, ..] => usize::from(*length) + UNCOUNTED,
        _ => return None,
    };
    (length >= 8 && bytes.len() >= length).then_some(length)
}

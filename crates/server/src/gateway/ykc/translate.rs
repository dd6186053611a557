//! Words of the protocol into words of the platform.

use std::borrow::Cow;

use voltapile_platform::identity::{ConnectorNumber, PileCode, TransactionNumber};
use voltapile_platform::pace::Pace;
use voltapile_platform::record::{
    RecordReading, Sold, StartSource, StartedBy, StopReason, TierUsage, TransactionRecord,
};
use voltapile_platform::tariff::PerTier;
use voltapile_platform::telemetry::{self, Telemetry};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::{Amount, Current, Energy, Price, Voltage};
use voltapile_protocol::Protocol;
use voltapile_protocol::wire::{Code, Quantity, digits};
use voltapile_protocol::ykc::code::{self, ConnectorState, Homed, Plugged};
use voltapile_protocol::ykc::field;
use voltapile_protocol::ykc::frame::{Frame, HEADER_LENGTH};
use voltapile_protocol::ykc::message::{self, LoginRequest, Message, RealtimeReport, pile_code_offset};
use voltapile_protocol::ykc::session::platform::RecordBody;
use voltapile_protocol::ykc::{Dialect, Profile};

use crate::clock::Clock;
use crate::core::Declared;
use crate::store::NewRecord;

/// A pile's code as the platform writes it: its 14 digits.
pub(super) fn pile_code(code: field::PileCode) -> PileCode {
    PileCode::from_bcd(&code.0)
}

/// The pile that a frame names, in the dialect it is spoken in.
pub(super) fn pile_of(frame: &[u8], dialect: Dialect) -> Option<field::PileCode> {
    let frame_type = *frame.get(HEADER_LENGTH - 1)?;
    let code = frame.get(HEADER_LENGTH + pile_code_offset(frame_type, dialect)?..)?.first_chunk()?;
    Some(field::PileCode(*code))
}

/// The connector that a frame speaks of; 0 for the whole pile.
pub(super) fn connector_of(frame: &Frame<'_>) -> ConnectorNumber {
    let layout = message::layout(frame.frame_type, frame.body.len(), Dialect::default());
    ConnectorNumber(layout.and_then(|layout| field::connector_in(layout, frame.body)).unwrap_or(0))
}

/// What a pile says of itself.
pub(super) fn declared(request: &LoginRequest) -> Declared {
    let version = request.protocol_version;
    Declared {
        protocol: Protocol::Ykc.name(),
        protocol_version: format!("{}.{}", version / 10, version % 10).into(),
        pile_type: name_of(request.pile_type),
        connector_count: request.connector_count,
        firmware_version: request.firmware_version.text().into(),
        network: name_of(request.network_type),
        iccid: iccid(&request.sim_iccid.0),
        carrier: name_of(request.carrier),
        pace: Pace::default(),
    }
}

/// The digits of a SIM card's number; empty where a pile has none, or does not use it: zeros in its place, or 0xFF.
fn iccid(bytes: &[u8]) -> Box<str> {
    let is_none = bytes.iter().all(|byte| *byte == 0) || bytes.iter().all(|byte| *byte == 0xff);
    if is_none { Box::default() } else { digits(bytes).into() }
}

/// The stable name of a code, or its number where it has none.
pub(super) fn name_of(code: impl Code) -> Cow<'static, str> {
    code.entry().map_or_else(|| code.number().to_string().into(), |entry| entry.name.into())
}

/// The values of 0x13.
pub(super) fn telemetry(received_at: Timestamp, report: &RealtimeReport) -> Telemetry {
    Telemetry {
        received_at,
        transaction_number: TransactionNumber::from_bcd(&report.transaction_number.0),
        state: match report.connector_state {
            ConnectorState::Offline => telemetry::ConnectorState::Offline,
            ConnectorState::Fault => telemetry::ConnectorState::Fault,
            ConnectorState::Idle => telemetry::ConnectorState::Idle,
            ConnectorState::Charging => telemetry::ConnectorState::Charging,
            ConnectorState::Unknown(code) => telemetry::ConnectorState::Unknown(code),
        },
        plugged: match report.plugged {
            Plugged::No => Some(false),
            Plugged::Yes => Some(true),
            Plugged::Unknown(_) => None,
        },
        homed: match report.connector_homed {
            Homed::No => Some(false),
            Homed::Yes => Some(true),
            Homed::Undetected | Homed::Unknown(_) => None,
        },
        soc: u8::try_from(report.soc.raw()).unwrap_or(u8::MAX),
        voltage: Voltage::from_steps(narrow(report.output_voltage)),
        current: Current::from_steps(narrow(report.output_current)),
        minutes_charged: narrow(report.charging_minutes),
        minutes_remaining: narrow(report.remaining_minutes),
        cable_temperature: temperature(report.cable_temperature),
        battery_temperature: temperature(report.battery_max_temperature),
        fault_bits: report.hardware_faults.0.into(),
        energy: energy(report.energy),
        energy_with_loss: energy(report.energy_with_loss),
        amount: amount(report.amount),
    }
}

/// A record as the store takes it.
pub(super) fn record(
    clock: &Clock,
    profile: &Profile,
    pile_code: PileCode,
    frame_type: u8,
    transaction: Option<field::TransactionNumber>,
    body: &RecordBody,
    raw: &[u8],
) -> NewRecord {
    let transaction_number =
        transaction.map_or(TransactionNumber::ZERO, |number| TransactionNumber::from_bcd(&number.0));
    let reading = read_record(clock, profile, pile_code, body);
    let connector = match &reading {
        RecordReading::Parsed(record) => record.connector,
        RecordReading::Unreadable { .. } => ConnectorNumber(0),
    };
    NewRecord {
        received_at: clock.now(),
        pile_code,
        connector,
        transaction_number,
        protocol: Protocol::Ykc.name(),
        frame_type: u16::from(frame_type),
        raw: raw.to_owned(),
        reading,
    }
}

/// The three versions of a record have the same fields but for the meter's width and what is inserted before it.
macro_rules! neutral_record {
    ($clock:ident, $profile:ident, $pile_code:ident, $record:ident) => {{
        macro_rules! usage {
            ($price:ident, $energy:ident, $with_loss:ident, $amount:ident) => {
                TierUsage {
                    unit_price: Price::from_steps(wide($record.$price)),
                    energy: energy($record.$energy),
                    energy_with_loss: energy($record.$with_loss),
                    amount: amount($record.$amount),
                }
            };
        }
        TransactionRecord {
            transaction_number: TransactionNumber::from_bcd(&$record.transaction_number.0),
            pile_code: $pile_code,
            connector: ConnectorNumber($profile.connector($record.connector_number)),
            started_at: $clock.from_pile_time($record.start_time),
            ended_at: $clock.from_pile_time($record.end_time),
            transacted_at: $clock.from_pile_time($record.transaction_time),
            sold: Sold::Tiers(PerTier {
                sharp: usage!(sharp_unit_price, sharp_energy, sharp_energy_with_loss, sharp_amount),
                peak: usage!(peak_unit_price, peak_energy, peak_energy_with_loss, peak_amount),
                flat: usage!(flat_unit_price, flat_energy, flat_energy_with_loss, flat_amount),
                valley: usage!(valley_unit_price, valley_energy, valley_energy_with_loss, valley_amount),
            }),
            other_form: false,
            meter_start: energy($record.meter_start),
            meter_stop: energy($record.meter_stop),
            energy: energy($record.total_energy),
            energy_with_loss: energy($record.total_energy_with_loss),
            amount: amount($record.total_amount),
            vin: $record.vin.natural(),
            start_source: start_source($record.start_source),
            stop_reason: stop_reason($record.stop_reason),
            physical_card: digits(&$record.physical_card_number.0),
            soc_start: None,
            soc_end: None,
        }
    }};
}
fn read_record(clock: &Clock, profile: &Profile, pile_code: PileCode, body: &RecordBody) -> RecordReading {
    let parsed = match body {
        RecordBody::Read(Message::TransactionRecord(record)) => neutral_record!(clock, profile, pile_code, record),
        RecordBody::Read(Message::TransactionRecordV17(record)) => neutral_record!(clock, profile, pile_code, record),
        RecordBody::Read(Message::TransactionRecordV14(record)) => neutral_record!(clock, profile, pile_code, record),
        RecordBody::Unreadable(Some(error)) => return RecordReading::Unreadable { reason: error.to_string() },
        RecordBody::Read(_) | RecordBody::Unreadable(None) => {
            let reason = "the layout of this frame type is not public".to_owned();
            return RecordReading::Unreadable { reason };
        }
    };
    RecordReading::Parsed(Box::new(parsed))
}

fn start_source(source: code::StartSource) -> StartSource {
    let by = match source {
        code::StartSource::App => StartedBy::App,
        code::StartSource::Card => StartedBy::Card,
        code::StartSource::OfflineCard => StartedBy::OfflineCard,
        code::StartSource::Vin => StartedBy::Vin,
        code::StartSource::Unknown(_) => StartedBy::Unknown,
    };
    StartSource::new(by, source.number().into())
}

fn stop_reason(reason: code::StopReason) -> StopReason {
    StopReason::new(reason.number().into(), reason.entry().map(|entry| entry.name))
}

/// A raw temperature of 0 means "not reported", not −50 °C.
fn temperature(value: impl Quantity) -> Option<i16> {
    (value.raw() != 0).then(|| i16::try_from(value.scaled()).unwrap_or(i16::MAX))
}

/// Four decimals on both sides.
fn energy(value: impl Quantity) -> Energy {
    Energy::from_steps(value.raw())
}

/// Four decimals on both sides.
fn amount(value: impl Quantity) -> Amount {
    Amount::from_steps(i64::try_from(value.raw()).unwrap_or(i64::MAX))
}

fn narrow(value: impl Quantity) -> u16 {
    u16::try_from(value.raw()).unwrap_or(u16::MAX)
}

fn wide(value: impl Quantity) -> u32 {
    u32::try_from(value.raw()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pile_without_a_sim_card_names_none() {
        assert_eq!(&*iccid(&[0; 10]), "");
        assert_eq!(&*iccid(&[0xff; 10]), "");
        assert_eq!(&*iccid(&[0x89, 0x86, 0x01, 0x12, 0x34, 0x56, 0x78, 0x90, 0x12, 0x34]), "89860112345678901234");
    }
}

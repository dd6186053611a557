//! What a pile says.

use voltapile_protocol::wire::{
    Amps, Ascii, Celsius, CivilTime, Cp56Time, KilowattHours, MeterReading, Minutes, Percent, Vin, Volts, Writer, Yuan,
    YuanPerKwh,
};
use voltapile_protocol::ykc::code::{ConnectorState, Plugged, StartSource, StopReason};
use voltapile_protocol::ykc::field::{ConnectorNumber, PileCode, TransactionNumber};
use voltapile_protocol::ykc::message::{HeartbeatRequest, LoginRequest, Message, RealtimeReport, TransactionRecord};

/// Test pile number `number`, below 100.
pub(crate) const fn code(number: u8) -> PileCode {
    PileCode([0x32, 0x01, 0x06, 0, 0, 0, number / 10 * 16 + number % 10])
}

/// The transaction of a pile with a counter below 2^32.
pub(crate) fn transaction(pile: PileCode, counter: u32) -> TransactionNumber {
    let digits = format!("{pile}01{counter:016}");
    digits.parse().unwrap()
}

pub(crate) fn login(pile_code: PileCode) -> LoginRequest {
    LoginRequest {
        pile_code,
        connector_count: 2,
        protocol_version: 16,
        firmware_version: Ascii(*b"V4.1.50\0"),
        ..LoginRequest::default()
    }
}

pub(crate) fn heartbeat(pile_code: PileCode) -> HeartbeatRequest {
    HeartbeatRequest { pile_code, connector_number: ConnectorNumber(1), ..HeartbeatRequest::default() }
}

/// A car at connector 2 that takes 32 A at 380 V.
pub(crate) fn telemetry(pile_code: PileCode) -> RealtimeReport {
    RealtimeReport {
        transaction_number: transaction(pile_code, 1),
        pile_code,
        connector_number: ConnectorNumber(2),
        connector_state: ConnectorState::Charging,
        plugged: Plugged::Yes,
        output_voltage: Volts::from_raw(3800),
        output_current: Amps::from_raw(320),
        cable_temperature: Celsius::from_raw(75),
        soc: Percent::from_raw(42),
        charging_minutes: Minutes::from_raw(7),
        energy: KilowattHours::from_raw(12_345),
        amount: Yuan::from_raw(23_456),
        ..RealtimeReport::default()
    }
}

/// A bill over 10 kWh for 16 yuan.
pub(crate) fn record(pile_code: PileCode, transaction_number: TransactionNumber) -> TransactionRecord {
    let moment =
        |hour| Cp56Time::new(CivilTime { year: 2026, month: 11, day: 20, hour, minute: 15, millisecond: 30_000 });
    TransactionRecord {
        transaction_number,
        pile_code,
        connector_number: ConnectorNumber(1),
        start_time: moment(10),
        end_time: moment(11),
        peak_unit_price: YuanPerKwh::from_raw(160_000),
        peak_energy: KilowattHours::from_raw(100_000),
        peak_energy_with_loss: KilowattHours::from_raw(100_000),
        peak_amount: Yuan::from_raw(160_000),
        meter_start: MeterReading::from_raw(1_000_000),
        meter_stop: MeterReading::from_raw(1_100_000),
        total_energy: KilowattHours::from_raw(100_000),
        total_energy_with_loss: KilowattHours::from_raw(100_000),
        total_amount: Yuan::from_raw(160_000),
        vin: Vin(*b"LVPTEST10SA000000"),
        start_source: StartSource::Card,
        transaction_time: moment(11),
        stop_reason: StopReason(0x40),
        ..TransactionRecord::default()
    }
}

/// The body of a message.
pub(crate) fn body_of(message: impl Into<Message>) -> Vec<u8> {
    let mut body = Vec::new();
    message.into().write(&mut Writer::new(&mut body));
    body
}

/// A message whose body is given as bytes, of any type.
pub(crate) fn raw(frame_type: u8, body: &[u8]) -> Message {
    Message::Unknown { frame_type, body: voltapile_protocol::wire::Tail::new(body) }
}

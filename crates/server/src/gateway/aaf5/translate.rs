//! Words of the protocol into words of the platform.

use std::borrow::Cow;

use voltapile_platform::identity::{PileCode, TransactionNumber};
use voltapile_platform::pace::Pace;
use voltapile_platform::pile::ParkingLock;
use voltapile_platform::telemetry::{self, Telemetry};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::{Amount, Current, Energy, Voltage};
use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::code::{self, ConnectorType, Holster, Plug, WorkState};
use voltapile_protocol::aaf5::field;
use voltapile_protocol::aaf5::message::{SignInRequest, StatusReport};
use voltapile_protocol::wire::{BcdTime, Celsius, Code, Cp56Time, Quantity, Text};

use crate::clock::Clock;
use crate::core::Declared;

/// How fast the piles of this family are: a start may take 120 s until the car charges, and 8 may come only then; a
/// record is sent at once and again every 10 s; status comes every 3 to 20 s.
const PACE: Pace = Pace { start_within_s: 150, prepare_within_s: 150, record_within_s: 60, report_period_s: 20 };

/// A pile's code as the platform writes it; `None` for what no pile of ours can be called.
pub(super) fn pile_code(code: &field::PileCode) -> Option<PileCode> {
    PileCode::new(&code.text()).ok()
}

/// A charge's number; none where the pile has none, or one that cannot be a number.
pub(super) fn transaction_number(number: Option<&field::TransactionNumber>) -> TransactionNumber {
    number.and_then(|number| TransactionNumber::new(&number.text()).ok()).unwrap_or_default()
}

/// A text in a field; the bytes that do not fit are an error.
pub(super) fn text<const N: usize>(what: &str, text: &str) -> Result<Text<N>, String> {
    Text::new(text).map_err(|text| format!("the {what} {text:?} does not fit {N} ASCII characters"))
}

/// What a pile says of itself.
pub(super) fn declared(request: &SignInRequest) -> Declared {
    let version = request.protocol_version.map(|version| decimal(version.raw(), 1));
    Declared {
        protocol: Protocol::Aaf5.name(),
        protocol_version: version.unwrap_or_default().into(),
        pile_type: Cow::Borrowed(""),
        connector_count: request.connector_count,
        firmware_version: decimal(request.software_version.raw(), 2).into(),
        network: Cow::Borrowed(""),
        iccid: Box::default(),
        carrier: Cow::Borrowed(""),
        pace: PACE,
    }
}

/// A number with so many decimals, as documents write it.
fn decimal(raw: u64, decimals: u32) -> String {
    let unit = 10_u64.pow(decimals);
    format!("{}.{:0width$}", raw / unit, raw % unit, width = decimals as usize)
}

/// The stable name of a code, or its number where it has none.
pub(super) fn name_of(code: impl Code) -> Cow<'static, str> {
    code.entry().map_or_else(|| code.number().to_string().into(), |entry| entry.name.into())
}

/// A pile's time in UTC.
pub(super) fn timestamp(clock: &Clock, time: BcdTime) -> Option<Timestamp> {
    time.civil().and_then(|civil| clock.from_pile_time(Cp56Time::new(civil)))
}

/// The wall clock as piles have it.
pub(super) fn pile_time(clock: &Clock) -> BcdTime {
    clock.pile_time().civil().map(BcdTime::new).unwrap_or_default()
}

/// The values of 104.
pub(super) fn telemetry(received_at: Timestamp, report: &StatusReport) -> Telemetry {
    let state = state(report.work_state);
    let is_ac = report.connector_type.0 == ConnectorType::Ac;
    let voltage = if is_ac { report.ac_voltage_a } else { report.dc_voltage };
    // A car that feeds back takes nothing.
    let current = if is_ac { report.ac_current_a.scaled() } else { report.dc_current.scaled().max(0) };
    let digit = report.energy_digit.map_or(0, |digit| digit.raw().min(9));
    // 0.01 kWh and a digit of 0.001 kWh, in steps of 0.0001 kWh.
    let energy = Energy::from_steps(report.total_energy.raw() * 100 + digit * 10);
    let is_fault = state == telemetry::ConnectorState::Fault;
    Telemetry {
        received_at,
        // A free connector still tells the number of its last charge.
        transaction_number: match state {
            telemetry::ConnectorState::Idle => TransactionNumber::ZERO,
            _ => transaction_number(report.transaction_number.as_ref()),
        },
        state,
        plugged: match report.plug {
            Plug::Unplugged => Some(false),
            Plug::Half | Plug::Connected => Some(true),
            Plug::Unknown(_) => None,
        },
        homed: match report.holster {
            Some(Holster::Holstered) => Some(true),
            Some(Holster::Removed) => Some(false),
            Some(Holster::Unknown(_)) | None => None,
        },
        soc: u8::try_from(report.soc.raw()).unwrap_or(u8::MAX),
        voltage: Voltage::from_steps(u16::try_from(voltage.raw()).unwrap_or(u16::MAX)),
        current: Current::from_steps(u16::try_from(current).unwrap_or(u16::MAX)),
        minutes_charged: u16::try_from(report.charging_seconds.raw() / 60).unwrap_or(u16::MAX),
        minutes_remaining: u16::try_from(report.remaining_minutes.raw()).unwrap_or(u16::MAX),
        cable_temperature: report.gun_temperature.and_then(temperature),
        battery_temperature: None,
        fault_bits: if is_fault { report.alarm_code.number() } else { 0 },
        energy,
        energy_with_loss: energy,
        amount: amount(report.total_amount),
    }
}

/// What a connector does. A start that failed leaves it as a charge that has ended does: plugged in and free.
const fn state(state: WorkState) -> telemetry::ConnectorState {
    match state {
        WorkState::Idle => telemetry::ConnectorState::Idle,
        WorkState::Preparing => telemetry::ConnectorState::Preparing,
        WorkState::Charging => telemetry::ConnectorState::Charging,
        WorkState::Finished | WorkState::StartFailed => telemetry::ConnectorState::Finished,
        WorkState::Reserved => telemetry::ConnectorState::Reserved,
        WorkState::Fault => telemetry::ConnectorState::Fault,
        WorkState::Suspended => telemetry::ConnectorState::Suspended,
        WorkState::Unknown(code) => telemetry::ConnectorState::Unknown(code),
    }
}

/// The faults of a connector in stable words: an alarm by itself does not say that it cannot charge, its state does.
pub(super) fn faults(report: &StatusReport) -> Vec<&'static str> {
    if report.work_state != WorkState::Fault {
        return Vec::new();
    }
    let alarm = report.alarm_code.entry().filter(|_| report.alarm_code.number() != 0);
    vec![alarm.map_or("system_fault", |entry| entry.name)]
}

/// A parking lock that has said how it stands, and nothing else.
pub(super) fn parking_lock(reported_at: Timestamp, position: code::ParkingLock) -> ParkingLock {
    let position = match position {
        code::ParkingLock::Locked => "raised".into(),
        code::ParkingLock::Open => "lowered".into(),
        unknown @ code::ParkingLock::Unknown(_) => name_of(unknown).into_owned(),
    };
    let (parking, alarm) = ("unknown".to_owned(), "none".to_owned());
    ParkingLock { position, parking, battery: None, alarm, reported_at }
}

/// A raw temperature of 0 means "not reported", not −50 °C.
fn temperature(value: Celsius<-50>) -> Option<i16> {
    (value.raw() != 0).then(|| i16::try_from(value.scaled()).unwrap_or(i16::MAX))
}

/// Fen.
pub(super) fn amount(value: impl Quantity) -> Amount {
    Amount::from_steps(i64::try_from(value.raw()).unwrap_or(i64::MAX).saturating_mul(100))
}

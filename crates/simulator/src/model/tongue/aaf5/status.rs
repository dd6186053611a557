//! What a connector tells of itself and of the car: 104, 110, 302.

use voltapile_protocol::aaf5::code::{
    AlarmCode, ChargeMode, ConnectorType, Holster, ParkingLock as Lock, Plug, ReservationState, WorkState,
};
use voltapile_protocol::aaf5::field::{CardNumber, ConnectorNumber, PileCode, WideConnectorNumber};
use voltapile_protocol::aaf5::message::{BmsReport, StartCompleteReport, StatusReport};
use voltapile_protocol::wire::{
    AmpHours32, Amps, Amps32, Bits, CellVolts32, Celsius, KilowattHours, KilowattHours8, Kilowatts32, Minutes,
    Minutes32, MinutesByte, Percent, Percent16, Seconds, SignedAmps, Vin, Volts, Volts32,
};
use voltapile_protocol::ykc::code::{ConnectorState, LockState};
use voltapile_protocol::ykc::field::HardwareFaults;

use super::record::{fen, start_source, strategy, time};
use super::{card_text, text};
use crate::model::charge::Charge;
use crate::model::connector::Appointment;
use crate::model::context::PileState;
use crate::model::tongue::Standing;
use crate::model::tongue::measure::{celsius, narrow, word};

/// The most serious alarm for each fault, by the bit of YKC's table.
const ALARM_CODE_OF_FAULT: [(u8, u32); 5] = [(1, 3), (2, 19), (3, 9), (4, 27), (12, 32)];

/// 104 of a connector; the session adds what it knows of the pile.
pub(super) fn report(
    state: &PileState,
    connector: u8,
    standing: &Standing<'_>,
    user: Option<CardNumber>,
) -> StatusReport {
    let idle = StatusReport {
        connector_number: ConnectorNumber(connector),
        connector_type: Bits(if state.is_dc { ConnectorType::Dc } else { ConnectorType::Ac }),
        work_state: work_state(state, standing),
        alarm_code: AlarmCode(alarm_code(standing.faults)),
        plug: if standing.is_plugged { Plug::Connected } else { Plug::Unplugged },
        holster: Some(if standing.is_plugged { Holster::Removed } else { Holster::Holstered }),
        parking_lock: Some(match standing.lock {
            Some(lock) if lock.arm == LockState::Raised => Lock::Locked,
            _ => Lock::Open,
        }),
        vin: standing.vin.filter(|_| state.is_dc).map(Vin),
        ..standing.appointment.map(reserved).unwrap_or_default()
    };
    match standing.charge {
        Some(charge) => charging(idle, charge, state.is_dc, user),
        None => idle,
    }
}

/// What a reservation says.
fn reserved(appointment: Appointment) -> StatusReport {
    StatusReport {
        reservation: ReservationState::Active,
        hold_minutes: MinutesByte::from_raw(appointment.hold_minutes),
        start_time: appointment.named_unix_ms.map(time).unwrap_or_default(),
        ..StatusReport::default()
    }
}

/// What a charge adds.
fn charging(idle: StatusReport, charge: &Charge, is_dc: bool, user: Option<CardNumber>) -> StatusReport {
    let total = charge.bill.total();
    let (voltage, current) = (charge.output.voltage_dv, charge.output.current_da);
    let (strategy, strategy_argument) = strategy(charge.limit);
    let (volts, amps) = (Volts::from_raw(word(voltage)), SignedAmps(signed(current)));
    let mut report = StatusReport {
        soc: Percent::from_raw(if is_dc { charge.car.soc_percent() } else { 0 }),
        total_amount: fen(total.amount),
        remaining_minutes: Minutes::from_raw(word(charge.remaining_minutes())),
        charging_seconds: Seconds::from_raw(narrow(charge.elapsed_ms / 1_000)),
        total_energy: KilowattHours::from_raw(total.energy / 100),
        meter_start: KilowattHours::from_raw(narrow(charge.meter_start / 100)),
        meter_now: KilowattHours::from_raw(narrow((charge.meter_start + u64::from(total.energy)) / 100)),
        start_source: start_source(charge.start_source),
        strategy,
        strategy_argument,
        card_number: user.unwrap_or_else(|| card_text(charge.card)),
        start_time: time(charge.start_unix_ms),
        power: Kilowatts32::from_raw(narrow(voltage * current / 10_000)),
        gun_temperature: Some(celsius(charge.cable_celsius())),
        outlet_temperature: Some(Celsius::default()),
        ambient_temperature: Some(celsius(charge.car.ambient_celsius.into())),
        transaction_number: Some(text(charge.transaction_number.as_str())),
        electricity_amount: Some(fen(total.amount.saturating_sub(total.service))),
        service_amount: Some(fen(total.service)),
        energy_digit: Some(KilowattHours8::from_raw((total.energy / 10 % 10) as u8)),
        ..idle
    };
    if is_dc {
        (report.dc_voltage, report.dc_current) = (volts, amps);
        report.bms_voltage = Volts::from_raw(word(charge.demand.voltage_dv));
        report.bms_current = SignedAmps(signed(charge.demand.current_da));
        report.bms_charge_mode = charge_mode(charge);
    } else {
        (report.ac_voltage_a, report.ac_current_a) = (volts, Amps::from_raw(word(current)));
    }
    report
}

/// What a connector does. Until current flows it prepares.
const fn work_state(state: &PileState, standing: &Standing<'_>) -> WorkState {
    match (standing.charge, standing.state) {
        (Some(charge), _) if charge.elapsed_ms == 0 => WorkState::Preparing,
        (Some(_), _) => WorkState::Charging,
        (None, ConnectorState::Fault) => WorkState::Fault,
        (None, _) if state.is_locked || standing.is_suspended => WorkState::Suspended,
        (None, _) if standing.appointment.is_some() => WorkState::Reserved,
        (None, _) if standing.is_done => WorkState::Finished,
        (None, _) => WorkState::Idle,
    }
}

pub(super) fn is_charging(status: &StatusReport) -> bool {
    status.work_state == WorkState::Charging
}

fn alarm_code(faults: HardwareFaults) -> u32 {
    let held = ALARM_CODE_OF_FAULT.iter().find(|(bit, _)| faults.0 >> bit & 1 == 1);
    held.map(|(_, code)| *code).unwrap_or_default()
}

/// 110: the charge has begun.
pub(super) fn start_complete(pile_code: PileCode, charge: &Charge) -> StartCompleteReport {
    let battery = &charge.car.battery;
    StartCompleteReport {
        pile_code,
        rated_capacity: AmpHours32::from_raw(narrow(battery.capacity_dah())),
        rated_voltage: Volts32::from_raw(narrow(battery.nominal_dv())),
        vin: Vin(charge.car.vin),
        bcp_cell_voltage: CellVolts32::from_raw(narrow(battery.highest_cell_cv())),
        bcp_current: Amps32::from_raw(narrow(battery.max_current_da())),
        bcp_voltage: Volts32::from_raw(narrow(battery.highest_dv())),
        bcp_soc: Percent16::from_raw(word(battery.soc_permille())),
        bcp_battery_voltage: Volts32::from_raw(narrow(battery.voltage_dv())),
        transaction_number: Some(text(charge.transaction_number.as_str())),
        ..StartCompleteReport::default()
    }
}

/// 302: what the car says.
pub(super) fn bms(pile_code: PileCode, connector: u8, counter: u16, charge: &Charge) -> BmsReport {
    let battery = &charge.car.battery;
    let (coldest, hottest) = battery.celsius();
    let (_, highest_cv) = battery.cell_cv();
    BmsReport {
        counter,
        connector_number: WideConnectorNumber(connector.into()),
        pile_code,
        work_state: WorkState::Charging,
        plug: Plug::Connected,
        rated_capacity: AmpHours32::from_raw(narrow(battery.capacity_dah())),
        rated_voltage: Volts32::from_raw(narrow(battery.nominal_dv())),
        vin: Vin(charge.car.vin),
        bcp_cell_voltage: CellVolts32::from_raw(narrow(battery.highest_cell_cv())),
        bcp_current: Amps32::from_raw(narrow(battery.max_current_da())),
        bcp_voltage: Volts32::from_raw(narrow(battery.highest_dv())),
        bcp_soc: Percent16::from_raw(word(battery.soc_permille())),
        bcp_battery_voltage: Volts32::from_raw(narrow(battery.voltage_dv())),
        bcl_voltage: Volts32::from_raw(narrow(charge.demand.voltage_dv)),
        bcl_current: Amps32::from_raw(narrow(charge.demand.current_da)),
        bcl_charge_mode: charge_mode(charge),
        bcs_voltage: Volts32::from_raw(narrow(charge.output.voltage_dv)),
        bcs_current: Amps32::from_raw(narrow(charge.output.current_da)),
        bcs_cell_voltage: CellVolts32::from_raw(narrow(highest_cv)),
        bcs_cell_group: 1,
        bcs_soc: Percent16::from_raw(word(battery.soc_permille())),
        remaining_minutes: Minutes32::from_raw(narrow(charge.remaining_minutes())),
        bsm_cell: 11,
        bsm_max_temperature: celsius(hottest),
        bsm_max_temperature_point: 4,
        bsm_min_temperature: celsius(coldest),
        bsm_min_temperature_point: 1,
        ..BmsReport::default()
    }
}

const fn charge_mode(charge: &Charge) -> ChargeMode {
    if charge.demand.at_highest_voltage { ChargeMode::ConstantVoltage } else { ChargeMode::ConstantCurrent }
}

fn signed(value: u64) -> i16 {
    i16::try_from(value).unwrap_or(i16::MAX)
}

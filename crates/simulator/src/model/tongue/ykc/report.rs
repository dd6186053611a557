//! What a connector tells while it is idle or charging: 0x13, and for DC 0x15 to 0x25.

use voltapile_protocol::wire::{
    AmpHours, Amps, Ascii, Bits, BitsNumber, CellVolts, Celsius, Count, KilowattHours, KilowattHours16, Minutes,
    Ordinal, Percent, Percent16, Vin, Volts, Wide, Yuan,
};
use voltapile_protocol::ykc::code::{
    AbortFlag, BatteryOwnership, ChargeMode, ChargingAllowed, Homed, LimitState, Plugged, TimeoutState,
};
use voltapile_protocol::ykc::field::{ConnectorNumber, PileCode};
use voltapile_protocol::ykc::message::{
    BmsAbort, BmsChargeParameters, BmsDemandChargerOutput, BmsError, BmsHandshake, BmsStatus, ChargeEndStatistics,
    ChargerAbort, ParkingLockReport, RealtimeReport,
};

use crate::model::charge::Charge;
use crate::model::parking_lock::ParkingLock;
use crate::model::supply::max_current_da;
use crate::model::tongue::Standing;
use crate::model::tongue::measure::{celsius, word};

/// Highest output voltage of a DC pile, in 0.1 V.
const CHARGER_MAX_DV: u16 = 10_000;
/// Lowest output voltage of a DC pile, in 0.1 V.
const CHARGER_MIN_DV: u16 = 2_000;
/// 2023, counted from 1985.
const BATTERY_MADE_YEAR: u8 = 38;
/// What a parking lock's battery has left; it does not run down within a test.
const LOCK_BATTERY_PERCENT: u8 = 87;
/// Highest temperature of a battery, in °C.
const MAX_CELSIUS: i64 = 55;

/// Which connector speaks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) pile_code: PileCode,
    pub(super) connector_number: ConnectorNumber,
}

/// 0x13.
pub(super) fn standing(place: Place, standing: &Standing<'_>, is_dc: bool) -> RealtimeReport {
    let report = match standing.charge {
        Some(charge) => charging(place, charge, is_dc),
        None => idle(place, standing.is_plugged),
    };
    RealtimeReport { connector_state: standing.state, hardware_faults: standing.faults, ..report }
}

/// 0x13 of a connector that does not charge.
fn idle(place: Place, is_plugged: bool) -> RealtimeReport {
    RealtimeReport {
        pile_code: place.pile_code,
        connector_number: place.connector_number,
        connector_homed: if is_plugged { Homed::No } else { Homed::Yes },
        plugged: if is_plugged { Plugged::Yes } else { Plugged::No },
        ..RealtimeReport::default()
    }
}

/// 0x13 of a connector that charges. AC piles learn nothing from the battery.
fn charging(place: Place, charge: &Charge, is_dc: bool) -> RealtimeReport {
    let (_, hottest) = charge.car.battery.celsius();
    let total = charge.bill.total();
    RealtimeReport {
        transaction_number: charge.transaction_number.into(),
        output_voltage: Volts::from_raw(word(charge.output.voltage_dv)),
        output_current: Amps::from_raw(word(charge.output.current_da)),
        cable_temperature: celsius(charge.cable_celsius()),
        soc: if is_dc { soc(charge) } else { Percent::default() },
        battery_max_temperature: if is_dc { celsius(hottest) } else { Celsius::default() },
        charging_minutes: charging_minutes(charge),
        remaining_minutes: Minutes::from_raw(word(charge.remaining_minutes())),
        energy: KilowattHours::from_raw(total.energy),
        energy_with_loss: KilowattHours::from_raw(total.energy_with_loss),
        amount: Yuan::from_raw(total.amount),
        ..idle(place, true)
    }
}

/// 0x15: who the car is.
pub(super) fn handshake(place: Place, charge: &Charge) -> BmsHandshake {
    let battery = &charge.car.battery;
    BmsHandshake {
        transaction_number: charge.transaction_number.into(),
        pile_code: place.pile_code,
        connector_number: place.connector_number,
        bms_protocol_version: voltapile_protocol::wire::Bytes([0x01, 0x01, 0x00]),
        battery_type: battery.battery_type(),
        rated_capacity: AmpHours::from_raw(word(battery.capacity_dah())),
        rated_voltage: Volts::from_raw(word(battery.nominal_dv())),
        battery_vendor: Ascii(*b"VPBT"),
        battery_made_year: Ordinal::from_raw(BATTERY_MADE_YEAR),
        battery_made_month: 6,
        battery_made_day: 1,
        charge_cycles: Count::from_raw(210),
        battery_ownership: BatteryOwnership::Owned,
        vin: Vin(charge.car.vin),
        ..BmsHandshake::default()
    }
}

/// 0x17: what the battery bears and the charger can.
pub(super) fn charge_parameters(place: Place, charge: &Charge, max_power_w: u32) -> BmsChargeParameters {
    let battery = &charge.car.battery;
    BmsChargeParameters {
        transaction_number: charge.transaction_number.into(),
        pile_code: place.pile_code,
        connector_number: place.connector_number,
        cell_max_voltage: CellVolts::from_raw(word(battery.highest_cell_cv())),
        max_charge_current: bms_current(battery.max_current_da()),
        nominal_energy: KilowattHours16::from_raw(word(u64::from(battery.design().capacity_wh) / 100)),
        max_charge_voltage: Volts::from_raw(word(battery.highest_dv())),
        max_temperature: celsius(MAX_CELSIUS),
        soc: Percent16::from_raw(word(battery.soc_permille())),
        battery_voltage: Volts::from_raw(word(battery.voltage_dv())),
        charger_max_voltage: Volts::from_raw(CHARGER_MAX_DV),
        charger_min_voltage: Volts::from_raw(CHARGER_MIN_DV),
        charger_max_current: bms_current(max_current_da(max_power_w)),
        charger_min_current: bms_current(0),
        ..BmsChargeParameters::default()
    }
}

/// 0x23: what the battery wants and what it gets.
pub(super) fn demand(place: Place, charge: &Charge) -> BmsDemandChargerOutput {
    let (asked, flows) = (charge.demand, charge.output);
    let (_, highest_cv) = charge.car.battery.cell_cv();
    BmsDemandChargerOutput {
        transaction_number: charge.transaction_number.into(),
        pile_code: place.pile_code,
        connector_number: place.connector_number,
        demand_voltage: Volts::from_raw(word(asked.voltage_dv)),
        demand_current: bms_current(asked.current_da),
        charge_mode: if asked.at_highest_voltage { ChargeMode::ConstantVoltage } else { ChargeMode::ConstantCurrent },
        measured_voltage: Volts::from_raw(word(flows.voltage_dv)),
        measured_current: bms_current(flows.current_da),
        cell_max_voltage: BitsNumber(word(highest_cv) & 0x0FFF),
        cell_max_voltage_group: BitsNumber(1),
        soc: soc(charge),
        remaining_minutes: Minutes::from_raw(word(charge.remaining_minutes())),
        output_voltage: Volts::from_raw(word(flows.voltage_dv)),
        output_current: bms_current(flows.current_da),
        charging_minutes: charging_minutes(charge),
        ..BmsDemandChargerOutput::default()
    }
}

/// 0x25: how the battery is.
pub(super) fn status(place: Place, charge: &Charge) -> BmsStatus {
    let (coldest, hottest) = charge.car.battery.celsius();
    let is_hot = hottest > MAX_CELSIUS;
    BmsStatus {
        transaction_number: charge.transaction_number.into(),
        pile_code: place.pile_code,
        connector_number: place.connector_number,
        cell_max_voltage_index: Ordinal::from_raw(11),
        battery_max_temperature: celsius(hottest),
        max_temperature_point: Ordinal::from_raw(4),
        battery_min_temperature: celsius(coldest),
        min_temperature_point: Ordinal::from_raw(1),
        overtemperature_state: Bits(if is_hot { LimitState::Abnormal } else { LimitState::Normal }),
        charging_allowed: Bits(ChargingAllowed::Allowed),
        ..BmsStatus::default()
    }
}

/// 0x19: how the charge went.
pub(super) fn end_statistics(place: Place, charge: &Charge) -> ChargeEndStatistics {
    let (coldest, hottest) = charge.car.battery.celsius();
    let (lowest_cv, highest_cv) = charge.car.battery.cell_cv();
    let energy = u64::from(charge.bill.total().energy) / 1_000;
    ChargeEndStatistics {
        transaction_number: charge.transaction_number.into(),
        pile_code: place.pile_code,
        connector_number: place.connector_number,
        end_soc: soc(charge),
        cell_min_voltage: CellVolts::from_raw(word(lowest_cv)),
        cell_max_voltage: CellVolts::from_raw(word(highest_cv)),
        battery_min_temperature: celsius(coldest),
        battery_max_temperature: celsius(hottest),
        charging_minutes: charging_minutes(charge),
        output_energy: KilowattHours16::from_raw(word(energy)),
        charger_number: Wide::from_raw(0),
        ..ChargeEndStatistics::default()
    }
}

/// 0x1B: the charger hears nothing of the battery's state.
pub(super) fn bms_error(place: Place, charge: &Charge) -> BmsError {
    BmsError {
        transaction_number: charge.transaction_number.into(),
        pile_code: place.pile_code,
        connector_number: place.connector_number,
        cem_bcs_timeout: Bits(TimeoutState::Timeout),
        ..BmsError::default()
    }
}

/// 0x1D: the battery is too hot.
pub(super) fn bms_abort(place: Place, charge: &Charge) -> BmsAbort {
    BmsAbort {
        transaction_number: charge.transaction_number.into(),
        pile_code: place.pile_code,
        connector_number: place.connector_number,
        fault_battery_overtemp: Bits(AbortFlag::Yes),
        ..BmsAbort::default()
    }
}

/// 0x21: somebody pressed the emergency stop.
pub(super) fn charger_abort(place: Place, charge: &Charge) -> ChargerAbort {
    ChargerAbort {
        transaction_number: charge.transaction_number.into(),
        pile_code: place.pile_code,
        connector_number: place.connector_number,
        reason_abnormal: Bits(AbortFlag::Yes),
        fault_emergency_stop: Bits(AbortFlag::Yes),
        ..ChargerAbort::default()
    }
}

/// 0x61. The arm's connector is a plain number, not BCD.
pub(super) fn lock(pile_code: PileCode, connector: u8, lock: &ParkingLock) -> ParkingLockReport {
    ParkingLockReport {
        pile_code,
        connector_number: voltapile_protocol::ykc::field::ConnectorNumber(connector),
        lock_state: lock.arm,
        parking_state: lock.parking,
        lock_battery: Percent::from_raw(LOCK_BATTERY_PERCENT),
        alarm_state: lock.alarm,
        ..ParkingLockReport::default()
    }
}

fn soc(charge: &Charge) -> Percent {
    Percent::from_raw(charge.car.soc_percent())
}

fn charging_minutes(charge: &Charge) -> Minutes {
    Minutes::from_raw(word(charge.elapsed_ms / 60_000))
}

/// A current in 0.1 A as GB/T 27930 has it: what flows into the battery is negative, −400 A is raw 0.
fn bms_current(da: u64) -> Amps<1, -400> {
    Amps::from_raw(word(4_000_u64.saturating_sub(da)))
}

//! What a connector tells while it charges: 0x13, 0x23 and 0x25, with figures that go on.

use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::frame;
use voltapile_protocol::wire::{Amps, Bits, KilowattHours, Minutes, Ordinal, Percent, Volts, Yuan};
use voltapile_protocol::ykc::code::{ChargeMode, ChargingAllowed, ConnectorState, Homed, Plugged};
use voltapile_protocol::ykc::field::{ConnectorNumber, PileCode};
use voltapile_protocol::ykc::frame::{Envelope, write_message};
use voltapile_protocol::ykc::message::{BmsDemandChargerOutput, BmsStatus, Message, RealtimeReport};

use super::aaf5;
use crate::model::TransactionNumber;

/// Energy that 60 kW deliver in 15 s, 1e-4 kWh.
const ENERGY_PER_REPORT: u32 = 2_500;
/// Price of it at 1 yuan/kWh, 1e-4 yuan.
const AMOUNT_PER_REPORT: u32 = 2_500;
/// 600 V and 100 A: 60 kW.
const VOLTAGE_DV: u16 = 6_000;
const CURRENT_DA: u16 = 1_000;
/// −100 A with the offset of GB/T 27930.
const BMS_CURRENT_DA: u16 = 3_000;

/// The telemetry of one connector.
#[derive(Debug)]
pub(super) struct Telemetry {
    protocol: Protocol,
    charge: TransactionNumber,
    connector: u8,
    realtime: RealtimeReport,
    demand: BmsDemandChargerOutput,
    status: BmsStatus,
    reports: u32,
}

impl Telemetry {
    /// Of a connector in the charge with this number.
    pub(super) fn new(protocol: Protocol, pile_code: PileCode, connector: u8, charge: TransactionNumber) -> Self {
        let transaction_number = charge.into();
        let connector_number = ConnectorNumber::bcd(connector);
        let realtime = RealtimeReport {
            transaction_number,
            pile_code,
            connector_number,
            connector_state: ConnectorState::Charging,
            connector_homed: Homed::No,
            plugged: Plugged::Yes,
            output_voltage: Volts::from_raw(VOLTAGE_DV),
            output_current: Amps::from_raw(CURRENT_DA),
            soc: Percent::from_raw(50),
            remaining_minutes: Minutes::from_raw(30),
            ..RealtimeReport::default()
        };
        let demand = BmsDemandChargerOutput {
            transaction_number,
            pile_code,
            connector_number,
            demand_voltage: Volts::from_raw(VOLTAGE_DV + 100),
            demand_current: Amps::from_raw(BMS_CURRENT_DA),
            charge_mode: ChargeMode::ConstantCurrent,
            measured_voltage: Volts::from_raw(VOLTAGE_DV),
            measured_current: Amps::from_raw(BMS_CURRENT_DA),
            output_voltage: Volts::from_raw(VOLTAGE_DV),
            output_current: Amps::from_raw(BMS_CURRENT_DA),
            ..BmsDemandChargerOutput::default()
        };
        let status = BmsStatus {
            transaction_number,
            pile_code,
            connector_number,
            max_temperature_point: Ordinal::from_raw(4),
            min_temperature_point: Ordinal::from_raw(1),
            charging_allowed: Bits(ChargingAllowed::Allowed),
            ..BmsStatus::default()
        };
        Self { protocol, charge, connector, realtime, demand, status, reports: 0 }
    }

    /// Writes the next frames: 0x13, 0x23 and 0x25, or 104 and 302.
    pub(super) fn write(&mut self, sequence: &mut u16, out: &mut Vec<u8>) {
        self.reports = self.reports.wrapping_add(1);
        let energy = self.reports.saturating_mul(ENERGY_PER_REPORT);
        if self.protocol == Protocol::Aaf5 {
            let pile_code = self.realtime.pile_code.to_string();
            for message in &aaf5::telemetry(&pile_code, self.connector, self.charge, energy) {
                *sequence = sequence.wrapping_add(1);
                let [number, _] = sequence.to_le_bytes();
                let envelope = frame::Envelope { sequence: number, ..frame::Envelope::default() };
                let written = frame::write_message(out, envelope, message);
                debug_assert!(written.is_ok(), "these messages fit into a frame");
            }
            return;
        }
        self.realtime.energy = KilowattHours::from_raw(energy);
        self.realtime.energy_with_loss = KilowattHours::from_raw(energy);
        self.realtime.amount = Yuan::from_raw(self.reports.saturating_mul(AMOUNT_PER_REPORT));
        let messages: [Message; 3] =
            [self.realtime.clone().into(), self.demand.clone().into(), self.status.clone().into()];
        for message in &messages {
            *sequence = sequence.wrapping_add(1);
            let envelope = Envelope { sequence: sequence.to_le_bytes(), ..Envelope::default() };
            let written = write_message(out, envelope, message);
            debug_assert!(written.is_ok(), "these messages fit into a frame");
        }
    }
}

#[cfg(test)]
mod tests {
    use voltapile_protocol::ykc::framer::Piece;
    use voltapile_protocol::ykc::{Dialect, Framer};

    use super::*;

    #[test]
    fn each_report_is_three_frames_whose_energy_grows() {
        let mut telemetry = Telemetry::new(Protocol::Ykc, PileCode([0x99; 7]), 2, "01".repeat(16).parse().unwrap());
        let (mut out, mut sequence, mut seen) = (Vec::new(), 7, Vec::new());
        telemetry.write(&mut sequence, &mut out);
        telemetry.write(&mut sequence, &mut out);
        Framer::new().push(&out, |piece| {
            let Piece::Frame(frame) = piece else { panic!("{piece:?}") };
            if let Message::RealtimeReport(report) =
                Message::decode(frame.frame_type, frame.body, Dialect::V16).unwrap()
            {
                seen.push((frame.sequence, report.energy));
            }
        });
        let energy = KilowattHours::<4>::from_raw;
        assert_eq!(seen, [([8, 0], energy(2_500)), ([11, 0], energy(5_000))]);
    }
}

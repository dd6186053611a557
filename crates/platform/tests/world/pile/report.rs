//! What a pile reports of its connectors, and how a charge ends.

use voltapile_platform::identity::{ConnectorNumber, TransactionNumber};
use voltapile_platform::telemetry::{ConnectorState, Telemetry};
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::{Amount, Current, Energy, Voltage};

use super::{Doings, Kind, VirtualPile};
use crate::fault::ChargeFault;
use crate::message::{Timer, Up};

impl VirtualPile {
    /// Says what a connector does now (0x13). A charge that has cost what it may ends with it.
    pub(super) fn report(&mut self, connector: ConnectorNumber, now: Timestamp, doings: &mut Doings) {
        let gun = self.gun_mut(connector);
        if let Some(charge) = &mut gun.charge {
            charge.run(now, &mut gun.meter);
        }
        let spent = gun.charge.as_ref().is_some_and(|charge| {
            charge.start.limit.is_some_and(|limit| charge.amount() >= limit.steps().saturating_mul(100))
        });
        let telemetry = self.telemetry(connector, now);
        let gun = self.gun_mut(connector);
        gun.idle_reports = gun.idle_reports.saturating_sub(u8::from(gun.charge.is_some()));
        let faults = if gun.faulty { vec!["emergency_stop"] } else { Vec::new() };
        gun.faulty = gun.faulty && gun.charge.is_some();
        if self.online {
            doings.ups.push(Up::Report { connector, telemetry, faults });
        }
        if self.online && self.gun(connector).charge.is_some() && self.dice.chance(self.rates.charge / 10) {
            doings.ups.push(Up::Bms { connector, errors: vec!["bms.cell_overvoltage".to_owned()] });
        }
        if spent {
            self.end_charge(connector, 0x4E, now, doings);
        }
    }

    fn telemetry(&self, connector: ConnectorNumber, now: Timestamp) -> Telemetry {
        let gun = self.gun(connector);
        // A fault of reporting: between its first and its last quarter the pile says that the connector is idle.
        let seems_idle = (1..3).contains(&gun.idle_reports) && gun.charge.is_some();
        let shown = gun.charge.as_ref().filter(|_| !seems_idle);
        let (state, number) = match shown {
            Some(charge) => (ConnectorState::Charging, charge.start.number),
            None if gun.faulty => (ConnectorState::Fault, TransactionNumber::ZERO),
            None if self.kind == Kind::HalfHours && gun.charge.is_none() => gun.between_charges(now),
            None => (ConnectorState::Idle, TransactionNumber::ZERO),
        };
        let minutes = shown.map_or(0, |charge| (now.unix_ms() - charge.since.unix_ms()) / 60_000);
        Telemetry {
            received_at: now,
            transaction_number: number,
            state,
            plugged: Some(gun.car.is_some()),
            homed: Some(gun.car.is_none()),
            soc: 0,
            voltage: Voltage::from_steps(if shown.is_some() { 4000 } else { 0 }),
            current: Current::from_steps(if shown.is_some() { 500 } else { 0 }),
            minutes_charged: u16::try_from(minutes).unwrap_or(u16::MAX),
            minutes_remaining: 0,
            cable_temperature: None,
            battery_temperature: None,
            fault_bits: u32::from(gun.faulty),
            energy: Energy::from_steps(shown.map_or(0, super::Charge::total)),
            energy_with_loss: Energy::from_steps(shown.map_or(0, |charge| charge.with_loss(charge.total()))),
            amount: Amount::from_steps(shown.map_or(0, super::Charge::amount)),
        }
    }

    /// Opens the contactor, and makes out the bill.
    pub(super) fn end_charge(&mut self, connector: ConnectorNumber, reason: u8, now: Timestamp, doings: &mut Doings) {
        let gun = self.gun_mut(connector);
        let Some(mut charge) = gun.charge.take() else { return };
        charge.run(now, &mut gun.meter);
        gun.idle_reports = 0;
        gun.finished = Some(charge.start.number);
        let meter_stop = gun.meter;
        // Drivers leave some time after.
        let leaves_in_s = self.dice.between(5, 900);
        doings.timers.push((leaves_in_s, Timer::Unplugged(connector)));
        // Some say first that the connector is idle, others bill first.
        let report_first = self.dice.chance(500);
        if report_first {
            self.report(connector, now, doings);
        }
        if charge.start.fault != Some(ChargeFault::ForgetsRecord) {
            self.make_bill(connector, &charge, meter_stop, reason, now);
            self.send_bills(now, false, doings);
        }
        if !report_first {
            self.report(connector, now, doings);
        }
    }

    /// Ends whatever runs, as at the end of a world.
    pub(crate) fn finish(&mut self, now: Timestamp, doings: &mut Doings) {
        self.rates = crate::fault::Rates::NONE;
        self.quiet_at = now.plus_seconds(4000);
        for connector in self.connectors() {
            self.gun_mut(connector).start = None;
            self.end_charge(connector, 0x40, now, doings);
            self.unplug(connector, now, doings);
        }
    }
}

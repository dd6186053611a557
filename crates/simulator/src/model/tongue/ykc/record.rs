//! The bill on the wire: 0x3B.

use voltapile_protocol::wire::{KilowattHours, MeterReading, Vin, Yuan, YuanPerKwh};
use voltapile_protocol::ykc::message::TransactionRecord;

use super::report::Place;
use super::stop::stop_reason;
use crate::model::bill::Part;
use crate::model::clock::wire_time;
use crate::model::record::Record;

/// The frame of a record. The parts of the bill are its tiers: sharp, peak, flat, valley.
pub(super) fn transaction_record(place: Place, record: &Record) -> TransactionRecord {
    let tier = |number: usize| record.parts.get(number).copied().unwrap_or_default();
    let [sharp, peak, flat, valley]: [Part; 4] = [tier(0), tier(1), tier(2), tier(3)];
    let price = YuanPerKwh::<5>::from_raw;
    let energy = KilowattHours::<4>::from_raw;
    let amount = Yuan::<4>::from_raw;
    let end_time = wire_time(record.end_unix_ms);
    let [meter_start, meter_stop] = record.meter;
    TransactionRecord {
        transaction_number: record.transaction_number.into(),
        pile_code: place.pile_code,
        connector_number: place.connector_number,
        start_time: wire_time(record.start_unix_ms),
        end_time,
        sharp_unit_price: price(sharp.unit_price),
        sharp_energy: energy(sharp.energy),
        sharp_energy_with_loss: energy(sharp.energy_with_loss),
        sharp_amount: amount(sharp.amount),
        peak_unit_price: price(peak.unit_price),
        peak_energy: energy(peak.energy),
        peak_energy_with_loss: energy(peak.energy_with_loss),
        peak_amount: amount(peak.amount),
        flat_unit_price: price(flat.unit_price),
        flat_energy: energy(flat.energy),
        flat_energy_with_loss: energy(flat.energy_with_loss),
        flat_amount: amount(flat.amount),
        valley_unit_price: price(valley.unit_price),
        valley_energy: energy(valley.energy),
        valley_energy_with_loss: energy(valley.energy_with_loss),
        valley_amount: amount(valley.amount),
        meter_start: MeterReading::from_raw(meter_start),
        meter_stop: MeterReading::from_raw(meter_stop),
        total_energy: energy(record.total.energy),
        total_energy_with_loss: energy(record.total.energy_with_loss),
        total_amount: amount(record.total.amount),
        vin: record.vin.map(Vin).unwrap_or_default(),
        start_source: record.start_source,
        transaction_time: end_time,
        stop_reason: stop_reason(record.end),
        physical_card_number: record.card,
        ..TransactionRecord::default()
    }
}

//! A record in the frame that a version of the protocol has for it.

use crate::wire::{KilowattHours, MeterReading, Quantity};
use crate::ykc::message::{Message, TransactionRecord, TransactionRecordV14, TransactionRecordV17};

/// Which frame brings a pile's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RecordFrame {
    /// 0x3F with meter readings of 4 bytes: before V1.5.
    V14,
    /// 0x3B: V1.5 and V1.6.
    #[default]
    V16,
    /// 0x3D with number and signature of the meter: V1.7. A virtual meter has neither, so these are zeros.
    V17,
}

macro_rules! same_fields {
    ($record:ident, $to:ident { $($own:ident: $value:expr),* }) => {
        $to {
            transaction_number: $record.transaction_number,
            pile_code: $record.pile_code,
            connector_number: $record.connector_number,
            start_time: $record.start_time,
            end_time: $record.end_time,
            sharp_unit_price: $record.sharp_unit_price,
            sharp_energy: $record.sharp_energy,
            sharp_energy_with_loss: $record.sharp_energy_with_loss,
            sharp_amount: $record.sharp_amount,
            peak_unit_price: $record.peak_unit_price,
            peak_energy: $record.peak_energy,
            peak_energy_with_loss: $record.peak_energy_with_loss,
            peak_amount: $record.peak_amount,
            flat_unit_price: $record.flat_unit_price,
            flat_energy: $record.flat_energy,
            flat_energy_with_loss: $record.flat_energy_with_loss,
            flat_amount: $record.flat_amount,
            valley_unit_price: $record.valley_unit_price,
            valley_energy: $record.valley_energy,
            valley_energy_with_loss: $record.valley_energy_with_loss,
            valley_amount: $record.valley_amount,
            total_energy: $record.total_energy,
            total_energy_with_loss: $record.total_energy_with_loss,
            total_amount: $record.total_amount,
            vin: $record.vin,
            start_source: $record.start_source,
            transaction_time: $record.transaction_time,
            stop_reason: $record.stop_reason,
            physical_card_number: $record.physical_card_number,
            $($own: $value,)*
            ..$to::default()
        }
    };
}

/// The record that a message brings, as V1.6 has it; `None` for a message that brings none.
#[must_use]
pub fn record_of(message: Message) -> Option<TransactionRecord> {
    match message {
        Message::TransactionRecord(record) => Some(record),
        Message::TransactionRecordV14(record) => {
            let wide = |reading: KilowattHours<4>| MeterReading::from_raw(reading.raw());
            let (start, stop) = (wide(record.meter_start), wide(record.meter_stop));
            Some(same_fields!(record, TransactionRecord { meter_start: start, meter_stop: stop }))
        }
        Message::TransactionRecordV17(record) => {
            let (start, stop) = (record.meter_start, record.meter_stop);
            Some(same_fields!(record, TransactionRecord { meter_start: start, meter_stop: stop }))
        }
        _ => None,
    }
}

impl RecordFrame {
    /// The message that brings a record.
    pub(super) fn message(self, record: &TransactionRecord) -> Message {
        match self {
            Self::V14 => {
                let narrow = |reading: u64| KilowattHours::from_raw(u32::try_from(reading).unwrap_or(u32::MAX));
                let (start, stop) = (narrow(record.meter_start.raw()), narrow(record.meter_stop.raw()));
                same_fields!(record, TransactionRecordV14 { meter_start: start, meter_stop: stop }).into()
            }
            Self::V16 => record.clone().into(),
            Self::V17 => {
                let (start, stop) = (record.meter_start, record.meter_stop);
                same_fields!(record, TransactionRecordV17 { meter_start: start, meter_stop: stop }).into()
            }
        }
    }
}

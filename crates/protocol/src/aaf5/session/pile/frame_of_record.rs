//! A record in the command that brings it.

use crate::aaf5::field::{CardNumber, ConnectorNumber, SLOTS};
use crate::aaf5::message::{ChargeRecord, FineChargeRecord, Message, StoredFineRecordResponse, StoredRecordResponse};
use crate::wire::{KilowattHours, KilowattHours8, KilowattHours16, List, Quantity};

macro_rules! same_fields {
    ($record:ident, $to:ident { $($own:ident: $value:expr),* }) => {
        $to {
            reserved1: $record.reserved1,
            reserved2: $record.reserved2,
            pile_code: $record.pile_code,
            connector_type: $record.connector_type,
            connector_number: $record.connector_number,
            card_number: $record.card_number,
            start_time: $record.start_time,
            end_time: $record.end_time,
            charging_seconds: $record.charging_seconds,
            soc_start: $record.soc_start,
            soc_end: $record.soc_end,
            stop_reason: $record.stop_reason,
            total_amount: $record.total_amount,
            record_index: $record.record_index,
            balance_before: $record.balance_before,
            stored_index: $record.stored_index,
            stored_count: $record.stored_count,
            reserved3: $record.reserved3,
            strategy: $record.strategy,
            strategy_argument: $record.strategy_argument,
            vin: $record.vin,
            plate: $record.plate,
            start_source: $record.start_source,
            transaction_number: $record.transaction_number,
            service_amount: $record.service_amount,
            parallel_mode: $record.parallel_mode,
            flow_direction: $record.flow_direction,
            tail: $record.tail.clone(),
            $($own: $value,)*
        }
    };
}

/// The record that a message brings, in thousandths of a kWh; `None` for a message that brings none.
#[must_use]
pub fn record_of(message: &Message) -> Option<FineChargeRecord> {
    macro_rules! fine {
        ($record:ident) => {{
            let digit = $record.energy_digit.map_or(0, |digit| digit.raw());
            let fine = |raw: u64| KilowattHours::from_raw(number(raw * 10));
            Some(same_fields!(
                $record,
                FineChargeRecord {
                    total_energy: KilowattHours::from_raw(number($record.total_energy.raw() * 10 + digit)),
                    meter_start: fine($record.meter_start.raw()),
                    meter_stop: fine($record.meter_stop.raw()),
                    slots: List($record.slots.0.map(|slot| fine(slot.raw()))),
                    energy_digit: $record.energy_digit
                }
            ))
        }};
    }
    match message {
        Message::FineChargeRecord(record) => Some(record.clone()),
        Message::StoredFineRecordResponse(record) => Some(same_fields!(
            record,
            FineChargeRecord {
                total_energy: record.total_energy,
                meter_start: record.meter_start,
                meter_stop: record.meter_stop,
                slots: record.slots,
                energy_digit: record.energy_digit
            }
        )),
        Message::ChargeRecord(record) => fine!(record),
        Message::StoredRecordResponse(record) => fine!(record),
        _ => None,
    }
}

/// The same record as 202 has it: hundredths of a kWh, and the third decimal of the total by itself. What slots lose is
/// carried on to the next, so that they add up to the total.
pub(super) fn coarse(record: &FineChargeRecord) -> ChargeRecord {
    let record = &complete(record);
    let total = record.total_energy.raw();
    let hundredths = |raw: u64| KilowattHours::from_raw(number(raw / 10));
    let mut sum = 0;
    let mut slots = [KilowattHours16::default(); SLOTS];
    for (slot, fine) in slots.iter_mut().zip(&record.slots.0) {
        let before = sum / 10;
        sum += fine.raw();
        *slot = KilowattHours16::from_raw(u16::try_from(sum / 10 - before).unwrap_or(u16::MAX));
    }
    same_fields!(
        record,
        ChargeRecord {
            total_energy: hundredths(total),
            meter_start: hundredths(record.meter_start.raw()),
            meter_stop: hundredths(record.meter_stop.raw()),
            slots: List(slots),
            energy_digit: Some(KilowattHours8::from_raw((total % 10) as u8))
        }
    )
}

/// The record with all fields up to the third decimal: an absent one in between would hide those behind it.
fn complete(record: &FineChargeRecord) -> FineChargeRecord {
    FineChargeRecord {
        transaction_number: Some(record.transaction_number.unwrap_or_default()),
        service_amount: Some(record.service_amount.unwrap_or_default()),
        ..record.clone()
    }
}

/// The record as 222 has it: the third decimal stands a second time by itself.
pub(super) fn fine(record: &FineChargeRecord) -> FineChargeRecord {
    let digit = KilowattHours8::from_raw((record.total_energy.raw() % 10) as u8);
    FineChargeRecord { energy_digit: Some(digit), ..complete(record) }
}

/// The answer to 401.
pub(super) fn stored(record: &ChargeRecord) -> Message {
    same_fields!(
        record,
        StoredRecordResponse {
            total_energy: record.total_energy,
            meter_start: record.meter_start,
            meter_stop: record.meter_stop,
            slots: record.slots,
            energy_digit: record.energy_digit
        }
    )
    .into()
}

/// The answer to 421.
pub(super) fn stored_fine(record: &FineChargeRecord) -> Message {
    same_fields!(
        record,
        StoredFineRecordResponse {
            total_energy: record.total_energy,
            meter_start: record.meter_start,
            meter_stop: record.meter_stop,
            slots: record.slots,
            energy_digit: record.energy_digit
        }
    )
    .into()
}

fn number(raw: u64) -> u32 {
    u32::try_from(raw).unwrap_or(u32::MAX)
}

/// What the answer to a record says.
#[derive(Debug, Clone, Copy)]
pub(super) struct RecordConfirmation {
    connector: ConnectorNumber,
    card: CardNumber,
    /// Number of the record, which the first versions did not repeat.
    index: Option<i32>,
}

impl RecordConfirmation {
    /// Of a message that is such an answer.
    pub(super) const fn of(message: &Message) -> Option<Self> {
        Some(match message {
            Message::RecordConfirm(word) => {
                Self { connector: word.connector_number, card: word.card_number, index: word.record_index }
            }
            Message::FineRecordConfirm(word) => {
                Self { connector: word.connector_number, card: word.card_number, index: word.record_index }
            }
            _ => return None,
        })
    }

    /// Whether it is about a record.
    pub(super) fn fits(&self, record: &FineChargeRecord) -> bool {
        match self.index {
            Some(index) => index == record.record_index,
            None => self.connector.number() == record.connector_number.number() && self.card.says(&record.card_number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coarse_record_adds_up_and_gives_its_energy_back() {
        let mut record = FineChargeRecord { total_energy: KilowattHours::from_raw(74_872), ..Default::default() };
        for (slot, energy) in record.slots.0.iter_mut().skip(4).zip([43_465, 25_752, 5_079, 576]) {
            *slot = KilowattHours::from_raw(energy);
        }
        let coarse = coarse(&record);
        assert_eq!((coarse.total_energy.raw(), coarse.energy_digit.unwrap().raw()), (7_487, 2));
        assert_eq!(coarse.slots.0.iter().map(|slot| slot.raw()).sum::<u64>(), 7_487);
        let again = record_of(&coarse.into()).unwrap();
        assert_eq!(again.total_energy, record.total_energy);
        assert_eq!(record_of(&fine(&record).into()).unwrap(), fine(&record));
        assert_eq!(fine(&record).energy_digit.unwrap().raw(), 2);
    }
}

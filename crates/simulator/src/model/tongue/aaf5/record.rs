//! The bill on the wire, in thousandths of a kWh: the session makes 202 or 222 of it.

use voltapile_protocol::aaf5::code::{ChargeStrategy, ConnectorType, StartSource};
use voltapile_protocol::aaf5::field::{CardNumber, ConnectorNumber};
use voltapile_protocol::aaf5::message::FineChargeRecord;
use voltapile_protocol::wire::{BcdTime, KilowattHours, KilowattHours8, List, Percent, Seconds, Vin, Yuan};
use voltapile_protocol::ykc::code::StartSource as Source;

use super::failure::stop_reason;
use super::text;
use crate::model::charge::Limit;
use crate::model::clock::civil_time;
use crate::model::record::Record;
use crate::model::tongue::measure::narrow;

/// The record of a charge for somebody.
pub(super) fn charge_record(record: &Record, user: CardNumber) -> FineChargeRecord {
    let energy = |steps: u64| KilowattHours::<3>::from_raw(narrow(steps / 10));
    let [meter_start, meter_stop] = record.meter;
    let [soc_start, soc_end] = record.soc;
    let (strategy, strategy_argument) = strategy(record.limit);
    let is_dc = record.vin.is_some();
    FineChargeRecord {
        connector_type: if is_dc { ConnectorType::Dc } else { ConnectorType::Ac },
        connector_number: ConnectorNumber(record.connector),
        card_number: user,
        start_time: time(record.start_unix_ms),
        end_time: time(record.end_unix_ms),
        charging_seconds: Seconds::from_raw(narrow(record.charging_ms / 1_000)),
        soc_start: Percent::from_raw(if is_dc { soc_start } else { 0 }),
        soc_end: Percent::from_raw(if is_dc { soc_end } else { 0 }),
        stop_reason: stop_reason(record.end),
        total_energy: energy(record.total.energy.into()),
        meter_start: energy(meter_start),
        meter_stop: energy(meter_stop),
        total_amount: fen(record.total.amount),
        strategy,
        strategy_argument,
        vin: record.vin.map(Vin).unwrap_or_default(),
        slots: List(record.sold.map(energy)),
        start_source: start_source(record.start_source),
        transaction_number: Some(text(record.transaction_number.as_str())),
        service_amount: Some(fen(record.total.service)),
        energy_digit: Some(KilowattHours8::from_raw((record.total.energy / 10 % 10) as u8)),
        parallel_mode: Some(Default::default()),
        flow_direction: Some(Default::default()),
        ..FineChargeRecord::default()
    }
}

/// How a charge was started.
pub(super) const fn start_source(source: Source) -> StartSource {
    match source {
        Source::App => StartSource::Platform,
        Source::Vin => StartSource::RemoteVin,
        _ => StartSource::Card,
    }
}

/// Until when a charge goes on, and the argument of that.
pub(super) fn strategy(limit: Option<Limit>) -> (ChargeStrategy, u32) {
    match limit {
        None => (ChargeStrategy::UntilFull, 0),
        Some(Limit::Seconds(seconds)) => (ChargeStrategy::ByTime, seconds),
        Some(Limit::Amount(amount)) => (ChargeStrategy::ByAmount, narrow(amount / 100)),
        Some(Limit::Energy(energy)) => (ChargeStrategy::ByEnergy, narrow(energy / 100)),
    }
}

pub(super) fn time(unix_ms: u64) -> BcdTime {
    BcdTime::new(civil_time(unix_ms))
}

/// To the fen, half up.
pub(super) const fn fen(amount: u32) -> Yuan<2> {
    Yuan::from_raw((amount + 50) / 100)
}

//! The bill on the wire: 0x3B.

use voltapile_protocol::wire::{KilowattHours, MeterReading, Quantity, Vin, Yuan, YuanPerKwh};
use voltapile_protocol::ykc::code::StopReason;
use voltapile_protocol::ykc::message::TransactionRecord;
use voltapile_protocol::ykc::session::pile::TIERS;

use super::behaviour::Billing;
use super::bill::{Bill, TierBill};
use super::charge::Charge;
use super::clock::wire_time;
use super::report::Place;

/// What a meter that runs backwards loses, 1e-4 kWh.
const METER_GOES_BACK: u64 = 12_345;

/// The record of a charge that ended. An AC pile learns nothing of the car, its VIN included.
pub(super) fn transaction_record(
    place: Place,
    charge: &Charge,
    end_unix_ms: u64,
    stop_reason: StopReason,
    billing: Billing,
    is_dc: bool,
) -> TransactionRecord {
    let (tiers, total) = billed(&charge.bill, billing);
    let [sharp, peak, flat, valley] = tiers;
    let price = YuanPerKwh::<5>::from_raw;
    let energy = KilowattHours::<4>::from_raw;
    let amount = Yuan::<4>::from_raw;
    let end_time = wire_time(end_unix_ms);
    let meter_stop = match billing {
        Billing::MeterBackwards => charge.meter_start.saturating_sub(METER_GOES_BACK),
        _ => charge.meter_start + u64::from(total.energy),
    };
    TransactionRecord {
        transaction_number: charge.transaction_number,
        pile_code: place.pile_code,
        connector_number: place.connector_number,
        start_time: wire_time(charge.start_unix_ms),
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
        meter_start: MeterReading::from_raw(charge.meter_start),
        meter_stop: MeterReading::from_raw(meter_stop),
        total_energy: energy(total.energy),
        total_energy_with_loss: energy(total.energy_with_loss),
        total_amount: amount(total.amount),
        vin: if is_dc { Vin(charge.car.vin) } else { Vin::default() },
        start_source: charge.start_source,
        transaction_time: end_time,
        stop_reason,
        physical_card_number: charge.card,
        ..TransactionRecord::default()
    }
}

/// The tiers and their total, as this pile bills them.
fn billed(bill: &Bill, billing: Billing) -> ([TierBill; TIERS], TierBill) {
    let bill = if billing == Billing::WrongTiers { &bill.in_wrong_tiers() } else { bill };
    let (mut tiers, mut total) = (bill.tiers(), bill.total());
    if let Billing::Overcharged(more) | Billing::WrongTotal(more) = billing {
        total.amount = raised(total.amount, more);
    }
    if billing == Billing::Hundredfold {
        tiers.iter_mut().chain([&mut total]).for_each(|tier| tier.amount = tier.amount.saturating_mul(100));
    }
    if let (Billing::Overcharged(more), Some(tier)) = (billing, tiers.iter_mut().max_by_key(|tier| tier.energy)) {
        tier.amount = raised(tier.amount, more);
    }
    (tiers, total)
}

fn raised(amount: u32, more: Yuan<4>) -> u32 {
    amount.saturating_add(u32::try_from(more.raw()).unwrap_or(u32::MAX))
}

//! A charge that ended, as the pile bills it. A tongue makes the frame of it.

use voltapile_protocol::wire::Quantity;
use voltapile_protocol::ykc::code::StartSource;
use voltapile_protocol::ykc::field::PhysicalCardNumber;

use super::action::VinCharacters;
use super::behaviour::Billing;
use super::bill::Part;
use super::charge::{Charge, End, Limit};
use super::tariff::SLOTS;
use super::transaction::TransactionNumber;

/// What a meter that runs backwards loses, 1e-4 kWh.
const METER_GOES_BACK: u64 = 12_345;

/// A charge that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) connector: u8,
    pub(super) transaction_number: TransactionNumber,
    pub(super) start_source: StartSource,
    pub(super) card: PhysicalCardNumber,
    pub(super) limit: Option<Limit>,
    pub(super) start_unix_ms: u64,
    pub(super) end_unix_ms: u64,
    /// Simulated.
    pub(super) charging_ms: u64,
    pub(super) end: End,
    /// An AC pile learns nothing of the car.
    pub(super) vin: Option<VinCharacters>,
    /// In per cent, at the start and at the end.
    pub(super) soc: [u8; 2],
    /// Readings of the meter at the start and at the end, 1e-4 kWh.
    pub(super) meter: [u64; 2],
    /// The part of each price, in the tariff's order.
    pub(super) parts: Vec<Part>,
    pub(super) total: Part,
    /// Energy of each half hour of the day, or of each price, in multiples of 0.001 kWh, 1e-4 kWh.
    pub(super) sold: [u64; SLOTS],
}

impl Record {
    /// The record of a charge, with whatever is wrong with the pile's bills.
    pub(super) fn of(charge: &Charge, connector: u8, end: (u64, End), billing: Billing, is_dc: bool) -> Self {
        let wrong = (billing == Billing::WrongTiers).then(|| charge.bill.under_wrong_prices());
        let (parts, total) = billed(wrong.as_ref().unwrap_or(&charge.bill).parts(), billing);
        let (end_unix_ms, end) = end;
        let meter_stop = match billing {
            Billing::MeterBackwards => charge.meter_start.saturating_sub(METER_GOES_BACK),
            _ => charge.meter_start + u64::from(total.energy),
        };
        let sold = if billing == Billing::WrongTiers { displaced(charge.bill.sold()) } else { charge.bill.sold() };
        Self {
            connector,
            transaction_number: charge.transaction_number,
            start_source: charge.start_source,
            card: charge.card,
            limit: charge.limit,
            start_unix_ms: charge.start_unix_ms,
            end_unix_ms,
            charging_ms: charge.elapsed_ms,
            end,
            vin: is_dc.then_some(charge.car.vin),
            soc: [charge.soc_start, charge.car.soc_percent()],
            meter: [charge.meter_start, meter_stop],
            parts,
            total,
            sold,
        }
    }
}

/// The same energy half a day away, where every tariff has another price.
fn displaced(mut sold: [u64; SLOTS]) -> [u64; SLOTS] {
    sold.rotate_right(SLOTS / 2);
    sold
}

/// The parts and their total, as this pile bills them.
fn billed(mut parts: Vec<Part>, billing: Billing) -> (Vec<Part>, Part) {
    let mut total = parts.iter().copied().fold(Part::default(), Part::plus);
    if let Billing::Overcharged(more) | Billing::WrongTotal(more) = billing {
        total.amount = raised(total.amount, more.raw());
    }
    if billing == Billing::Hundredfold {
        parts.iter_mut().chain([&mut total]).for_each(|part| {
            part.amount = part.amount.saturating_mul(100);
            part.service = part.service.saturating_mul(100);
        });
    }
    if let (Billing::Overcharged(more), Some(part)) = (billing, parts.iter_mut().max_by_key(|part| part.energy)) {
        part.amount = raised(part.amount, more.raw());
    }
    (parts, total)
}

fn raised(amount: u32, more: u64) -> u32 {
    amount.saturating_add(u32::try_from(more).unwrap_or(u32::MAX))
}

//! What a record bills: prices, periods, sums, the meter.

use voltapile_protocol::inspect::decimal::Decimal;
use voltapile_protocol::inspect::value::scaled;
use voltapile_protocol::wire::{Cp56Time, Quantity};
use voltapile_protocol::ykc::message::TransactionRecord;
use voltapile_protocol::ykc::session::pile::{PileTariff, TIERS};

use super::{Rule, rule};
use crate::case::{Case, both};
use crate::ykc::pile::charge::{Charge, Spot};
use crate::ykc::pile::tolerance::{ENERGY, LOSS_ENERGY, TELEMETRY_ENERGY, TIER_AMOUNT, TOTAL_AMOUNT};
use crate::ykc::pile::view::View;

pub(super) static RULES: &[Rule] = &[
    rule(
        "pile.bill.prices",
        "交易记录的单价等于电费加服务费",
        "unit prices are electricity plus service of the tariff",
        "V1.6 §8.7; §13.3.8",
        prices,
    ),
    rule(
        "pile.bill.periods",
        "电量记在充电时段对应的费率下",
        "energy stands under the tiers of the time of the charge",
        "V1.6 §13.3.8",
        periods,
    ),
    rule(
        "pile.bill.tier_amounts",
        "各费率金额 = 单价 × 计损电量",
        "a tier's amount is its price times its energy with loss",
        "V1.6 §8.7",
        tier_amounts,
    ),
    rule(
        "pile.bill.total_amount",
        "总金额是各费率金额之和",
        "the total amount is the sum of the tiers",
        "V1.6 §8.7",
        total_amount,
    ),
    rule(
        "pile.bill.total_energy",
        "总电量是各费率电量之和",
        "the total energy is the sum of the tiers",
        "V1.6 §8.7",
        total_energy,
    ),
    rule("pile.bill.loss", "计损电量按计损比例计算", "energy with loss follows the loss ratio", "V1.6 §8.7", loss),
    rule(
        "pile.bill.meter",
        "电表止值减起值等于总电量",
        "the meter's stop less its start is the total energy",
        "V1.6 §8.7",
        meter,
    ),
    rule(
        "pile.bill.meter_goes_on",
        "下一次充电的电表起值不小于上一次的止值",
        "the next charge's meter start is not below the last one's stop",
        "V1.6 §8.7",
        meter_goes_on,
    ),
    rule(
        "pile.bill.telemetry_energy",
        "交易记录的电量不少于最后一帧 0x13",
        "the record bills the energy that 0x13 told last, or more",
        "V1.6 §7.2; §8.7",
        telemetry_energy,
    ),
    rule(
        "pile.bill.telemetry_amount",
        "0x13 的金额与电量和费率相符",
        "the amount of 0x13 fits its energy and the tariff",
        "V1.6 §7.2",
        telemetry_amount,
    ),
];

/// One tier of a record, in the units of the wire.
struct TierLine {
    price: u64,
    energy: u64,
    with_loss: u64,
    amount: u64,
}

fn tiers(record: &TransactionRecord) -> [TierLine; TIERS] {
    macro_rules! line {
        ($price:ident, $energy:ident, $with_loss:ident, $amount:ident) => {
            TierLine {
                price: record.$price.raw(),
                energy: record.$energy.raw(),
                with_loss: record.$with_loss.raw(),
                amount: record.$amount.raw(),
            }
        };
    }
    [
        line!(sharp_unit_price, sharp_energy, sharp_energy_with_loss, sharp_amount),
        line!(peak_unit_price, peak_energy, peak_energy_with_loss, peak_amount),
        line!(flat_unit_price, flat_energy, flat_energy_with_loss, flat_amount),
        line!(valley_unit_price, valley_energy, valley_energy_with_loss, valley_amount),
    ]
}

/// An amount or an energy, which have four decimals on the wire, as people read it.
fn told(raw: u64) -> Decimal {
    scaled(raw, 4, 0)
}

/// Names of the tiers, by their number.
const TIER_NAMES: [(&str, &str); TIERS] = [("尖", "sharp"), ("峰", "peak"), ("平", "flat"), ("谷", "valley")];

/// Each charge's first record.
fn records<'v>(view: &'v View<'_>) -> impl Iterator<Item = (&'v Charge, Spot, &'v TransactionRecord)> {
    view.charges.iter().filter_map(|charge| charge.record().map(|(spot, record)| (charge, *spot, record)))
}

/// The same, where the tariff is known by which the pile has to bill.
fn priced<'v>(view: &'v View<'_>) -> impl Iterator<Item = (&'v PileTariff, Spot, &'v TransactionRecord)> {
    records(view).filter_map(|(charge, spot, record)| charge.tariff.as_ref().map(|tariff| (tariff, spot, record)))
}

fn prices(view: &View<'_>, case: &mut Case) {
    for (tariff, spot, record) in priced(view) {
        for ((line, rates), (zh, en)) in tiers(record).iter().zip(tariff.rates).zip(TIER_NAMES) {
            let expected = rates.energy.raw() + rates.service.raw();
            let price = line.price;
            // A tier without energy may be left empty.
            let is_right = price == expected || (price == 0 && line.energy == 0);
            case.holds(is_right, &[spot.id], || {
                let (price, expected) = (scaled(price, 5, 0), scaled(expected, 5, 0));
                both!(
                    "{zh}单价是 {price} 元/kWh，应为 {expected} 元/kWh",
                    "the {en} price is {price} yuan/kWh instead of {expected} yuan/kWh"
                )
            });
        }
    }
}

/// The half hours of the day that lie between two times, and their neighbours where a time is close to the border.
fn half_hours(start: Cp56Time, end: Cp56Time) -> Option<Vec<usize>> {
    const HALF_HOUR_MS: u64 = 30 * 60_000;
    const BORDER_MS: u64 = 60_000;
    let (start, end) = (start.civil()?.unix_ms_in_china(), end.civil()?.unix_ms_in_china());
    let (from, to) = (start.saturating_sub(BORDER_MS) / HALF_HOUR_MS, (end + BORDER_MS) / HALF_HOUR_MS);
    // China is a whole number of half hours ahead of UTC: 16 of them.
    (to >= from)
        .then(|| (from..=to.min(from + 48)).map(|slot| usize::try_from((slot + 16) % 48).unwrap_or(0)).collect())
}

fn periods(view: &View<'_>, case: &mut Case) {
    for (tariff, spot, record) in priced(view) {
        let Some(slots) = half_hours(record.start_time, record.end_time) else { continue };
        let allowed: Vec<u8> = slots.iter().filter_map(|slot| tariff.slots.0.get(*slot).copied()).collect();
        for (number, (line, (zh, en))) in tiers(record).iter().zip(TIER_NAMES).enumerate() {
            if line.energy <= ENERGY && line.with_loss <= ENERGY {
                continue;
            }
            let is_right = allowed.iter().any(|tier| usize::from(*tier) == number);
            case.holds(is_right, &[spot.id], || {
                both!(
                    "充电时段没有{zh}费率，却记了电量",
                    "bills {en} energy though no {en} period lies within the charge"
                )
            });
        }
    }
}

fn tier_amounts(view: &View<'_>, case: &mut Case) {
    for (_, spot, record) in records(view) {
        for (line, (zh, en)) in tiers(record).iter().zip(TIER_NAMES) {
            // 1e-5 yuan/kWh times 1e-4 kWh, in 1e-4 yuan.
            let (expected, amount) = (line.price * line.with_loss / 100_000, line.amount);
            case.holds(amount.abs_diff(expected) <= TIER_AMOUNT, &[spot.id], || {
                let (amount, expected) = (told(amount), told(expected));
                both!(
                    "{zh}金额是 {amount} 元，应为 {expected} 元",
                    "the {en} amount is {amount} yuan instead of {expected} yuan"
                )
            });
        }
    }
}

fn total_amount(view: &View<'_>, case: &mut Case) {
    for (_, spot, record) in records(view) {
        let (sum, total) = (tiers(record).iter().map(|line| line.amount).sum::<u64>(), record.total_amount.raw());
        case.holds(total.abs_diff(sum) <= TOTAL_AMOUNT, &[spot.id], || {
            let (total, sum) = (told(total), told(sum));
            both!(
                "总金额是 {total} 元，各项之和是 {sum} 元",
                "the total is {total} yuan, the tiers sum up to {sum} yuan"
            )
        });
    }
}

fn total_energy(view: &View<'_>, case: &mut Case) {
    for (_, spot, record) in records(view) {
        let (sum, total) = (tiers(record).iter().map(|line| line.energy).sum::<u64>(), record.total_energy.raw());
        case.holds(total.abs_diff(sum) <= ENERGY, &[spot.id], || {
            let (total, sum) = (told(total), told(sum));
            both!(
                "总电量是 {total} kWh，各项之和是 {sum} kWh",
                "the total is {total} kWh, the tiers sum up to {sum} kWh"
            )
        });
    }
}

fn loss(view: &View<'_>, case: &mut Case) {
    for (tariff, spot, record) in priced(view) {
        let (energy, billed) = (record.total_energy.raw(), record.total_energy_with_loss.raw());
        let expected = energy * (100 + u64::from(tariff.loss_percent)) / 100;
        case.holds(billed.abs_diff(expected) <= LOSS_ENERGY, &[spot.id], || {
            let (billed, expected) = (told(billed), told(expected));
            both!(
                "计损电量是 {billed} kWh，应为 {expected} kWh",
                "energy with loss is {billed} kWh instead of {expected} kWh"
            )
        });
    }
}

fn meter(view: &View<'_>, case: &mut Case) {
    for (_, spot, record) in records(view) {
        let (start, stop, energy) = (record.meter_start.raw(), record.meter_stop.raw(), record.total_energy.raw());
        let difference = stop.checked_sub(start);
        case.holds(difference.is_some_and(|difference| difference.abs_diff(energy) <= ENERGY), &[spot.id], || {
            let (start, stop, energy) = (told(start), told(stop), told(energy));
            both!(
                "电表从 {start} 到 {stop} kWh，电量 {energy} kWh",
                "the meter went from {start} to {stop} kWh, the energy is {energy} kWh"
            )
        });
    }
}

fn meter_goes_on(view: &View<'_>, case: &mut Case) {
    let mut known: Vec<(u8, Spot, u64)> = Vec::new();
    for (charge, spot, record) in records(view) {
        let (start, stop) = (record.meter_start.raw(), record.meter_stop.raw());
        let before = known.iter().position(|(connector, ..)| *connector == charge.connector);
        if let Some((_, last, reading)) = before.map(|at| known.swap_remove(at)) {
            case.holds(start + ENERGY >= reading, &[last.id, spot.id], || {
                let (start, reading) = (told(start), told(reading));
                both!(
                    "起值 {start} kWh 小于上次止值 {reading} kWh",
                    "starts at {start} kWh, below the last stop of {reading} kWh"
                )
            });
        }
        // A meter that ran backwards within a charge is another check's.
        known.push((charge.connector, spot, stop.min(start)));
    }
}

fn telemetry_energy(view: &View<'_>, case: &mut Case) {
    for (charge, spot, record) in records(view) {
        let Some((last, report)) = charge.charging().next_back() else { continue };
        let (shown, billed) = (report.energy.raw(), record.total_energy.raw());
        case.holds(billed + TELEMETRY_ENERGY >= shown, &[last.id, spot.id], || {
            let (shown, billed) = (told(shown), told(billed));
            both!(
                "0x13 已报 {shown} kWh，记录只有 {billed} kWh",
                "0x13 told {shown} kWh, the record bills {billed} kWh"
            )
        });
    }
}

fn telemetry_amount(view: &View<'_>, case: &mut Case) {
    for charge in &view.charges {
        let Some(tariff) = &charge.tariff else { continue };
        let prices = || tariff.rates.iter().map(|rates| rates.energy.raw() + rates.service.raw());
        let (lowest, highest) = (prices().min().unwrap_or(0), prices().max().unwrap_or(0));
        for (spot, report) in charge.charging() {
            let (energy, amount) = (report.energy_with_loss.raw().max(report.energy.raw()), report.amount.raw());
            let least = (lowest * report.energy.raw() / 100_000).saturating_sub(TOTAL_AMOUNT);
            let most = highest * energy / 100_000 + TOTAL_AMOUNT;
            case.holds((least..=most).contains(&amount), &[spot.id], || {
                let (amount, least, most) = (told(amount), told(least), told(most));
                both!(
                    "金额 {amount} 元不在 {least} 到 {most} 元之间",
                    "the amount is {amount} yuan, not within {least} to {most} yuan"
                )
            });
        }
    }
}

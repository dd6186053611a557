//! What a charge costs: energy by half hour, priced by the tariff that held when it began.

use super::battery::WattMs;
use super::clock::slot_of_day;
use super::tariff::{Rate, SLOTS, Tariff};

/// Watt-milliseconds of the wire's unit of energy, 1e-4 kWh.
pub(super) const WATT_MS_PER_UNIT: WattMs = 360_000;

/// How a firmware rounds its bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Rounding {
    /// Each tier to 0.0001 yuan, half up.
    #[default]
    HalfUp,
    /// Each tier cut off behind 0.0001 yuan.
    Truncate,
    /// Each tier to the fen, half up.
    HalfUpToFen,
    /// Each tier cut off behind the fen.
    TruncateToFen,
}

impl Rounding {
    /// Divides with this rounding; only the last digits of the quotient that are kept differ.
    const fn divide(self, dividend: u64, divisor: u64) -> u64 {
        match self {
            Self::HalfUp | Self::HalfUpToFen => (dividend + divisor / 2) / divisor,
            Self::Truncate | Self::TruncateToFen => dividend / divisor,
        }
    }

    /// Units of 1e-4 yuan that an amount is a multiple of.
    const fn unit(self) -> u64 {
        match self {
            Self::HalfUp | Self::Truncate => 1,
            Self::HalfUpToFen | Self::TruncateToFen => 100,
        }
    }
}

/// How a firmware computes its bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Arithmetic {
    /// How it rounds amounts, and the energy with the loss that is billed.
    pub rounding: Rounding,
    /// What its meter shows: what is less is not billed.
    pub meter: Meter,
}

/// The least energy that a meter shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Meter {
    /// 0.0001 kWh.
    #[default]
    Finest,
    /// 0.001 kWh.
    Thousandths,
    /// 0.01 kWh.
    Hundredths,
}

impl Meter {
    /// 0.001 kWh, in 1e-4 kWh.
    const THOUSANDTH: u64 = 10;
}

impl Arithmetic {
    /// Units of 1e-4 kWh that an energy is a multiple of.
    const fn energy_unit(self) -> u64 {
        match self.meter {
            Meter::Finest => 1,
            Meter::Thousandths => 10,
            Meter::Hundredths => 100,
        }
    }
}

/// One price's part of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Part {
    /// Electricity and service, 1e-5 yuan/kWh.
    pub(super) unit_price: u32,
    /// Energy, 1e-4 kWh.
    pub(super) energy: u32,
    /// Energy and the loss that is billed, 1e-4 kWh.
    pub(super) energy_with_loss: u32,
    /// Price times energy with loss, 1e-4 yuan.
    pub(super) amount: u32,
    /// What of the amount is for service, 1e-4 yuan.
    pub(super) service: u32,
}

impl Part {
    /// Together with another one; the price is zero.
    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            unit_price: 0,
            energy: self.energy.saturating_add(other.energy),
            energy_with_loss: self.energy_with_loss.saturating_add(other.energy_with_loss),
            amount: self.amount.saturating_add(other.amount),
            service: self.service.saturating_add(other.service),
        }
    }
}

/// A bill in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bill {
    tariff: Tariff,
    arithmetic: Arithmetic,
    /// What was delivered in each half hour of the day.
    delivered: [WattMs; SLOTS],
}

impl Bill {
    /// Nothing delivered yet.
    #[must_use]
    pub(super) const fn new(tariff: Tariff, arithmetic: Arithmetic) -> Self {
        Self { tariff, arithmetic, delivered: [0; SLOTS] }
    }

    /// Adds what was delivered at a moment of the wall clock.
    pub(super) fn deliver(&mut self, unix_ms: u64, energy: WattMs) {
        if let Some(delivered) = self.delivered.get_mut(slot_of_day(unix_ms)) {
            *delivered += energy;
        }
    }

    /// Energy of each half hour of the day in multiples of `unit`, both 1e-4 kWh. What one half hour lacks for the next
    /// unit counts in the next in which energy flows, as a meter does that is read at each half hour.
    #[must_use]
    pub(super) fn half_hours(&self, unit: u64) -> [u64; SLOTS] {
        let mut read = 0;
        let mut sum = 0;
        self.delivered.map(|delivered| {
            sum += delivered;
            let reads = sum / WATT_MS_PER_UNIT / unit * unit;
            reads - std::mem::replace(&mut read, reads)
        })
    }

    /// The part of each price, in the tariff's order.
    #[must_use]
    pub(super) fn parts(&self) -> Vec<Part> {
        let energies = self.by_rate(self.half_hours(self.arithmetic.energy_unit()));
        self.tariff.rates.iter().zip(energies).map(|(rate, energy)| self.part(*rate, energy)).collect()
    }

    /// Energy as a record of half hours tells it, in multiples of 0.001 kWh, 1e-4 kWh: by half hour, or by price where the
    /// tariff wants it.
    #[must_use]
    pub(super) fn sold(&self) -> [u64; SLOTS] {
        let half_hours = self.half_hours(Meter::THOUSANDTH);
        if !self.tariff.sold_by_rate {
            return half_hours;
        }
        let mut slots = [0; SLOTS];
        slots.iter_mut().zip(self.by_rate(half_hours)).for_each(|(slot, energy)| *slot = energy);
        slots
    }

    fn by_rate(&self, half_hours: [u64; SLOTS]) -> Vec<u64> {
        let mut energies = vec![0; self.tariff.rates.len()];
        for (slot, energy) in half_hours.into_iter().enumerate() {
            if let Some(sum) = energies.get_mut(self.tariff.rate_of(slot)) {
                *sum += energy;
            }
        }
        energies
    }

    fn part(&self, rate: Rate, energy: u64) -> Part {
        let (rounding, energy_unit) = (self.arithmetic.rounding, self.arithmetic.energy_unit());
        let with_loss = energy * (100 + u64::from(self.tariff.loss_percent));
        let energy_with_loss = rounding.divide(with_loss, 100 * energy_unit) * energy_unit;
        let cost = |price| rounding.divide(price * energy_with_loss, 100_000 * rounding.unit()) * rounding.unit();
        Part {
            unit_price: narrow(rate.unit_price()),
            energy: narrow(energy),
            energy_with_loss: narrow(energy_with_loss),
            amount: narrow(cost(rate.unit_price())),
            service: narrow(cost(rate.service)),
        }
    }

    /// The same energy, each price's under the next one.
    #[must_use]
    pub(super) fn under_wrong_prices(&self) -> Self {
        let mut wrong = self.clone();
        let rates = u8::try_from(self.tariff.rates.len()).unwrap_or(u8::MAX).max(1);
        wrong.tariff.slots = self.tariff.slots.map(|rate| (rate.min(rates - 1) + 1) % rates);
        wrong
    }

    /// All parts together; the price is zero.
    #[must_use]
    pub(super) fn total(&self) -> Part {
        self.parts().into_iter().fold(Part::default(), Part::plus)
    }
}

/// To the width of the wire, where a charge of 429 MWh would end.
fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tariff(loss_percent: u8) -> Tariff {
        Tariff { rates: vec![Rate::default(); 4], loss_percent, slots: [0; SLOTS], sold_by_rate: false }
    }

    #[test]
    fn rounds_each_tier_half_up() {
        let mut tariff = tariff(5);
        tariff.rates[1] = Rate { electricity: 100_000, service: 23_455 };
        tariff.slots = [1; SLOTS];
        let mut bill = Bill::new(tariff, Arithmetic::default());
        bill.deliver(0, 10 * WATT_MS_PER_UNIT + WATT_MS_PER_UNIT - 1);
        // 10 units and 5 % make 10.5, rounded 11; 11 * 1.23455 makes 13.58, rounded 14.
        let expected = Part { unit_price: 123_455, energy: 10, energy_with_loss: 11, amount: 14, service: 3 };
        assert_eq!(bill.parts()[1], expected);
        assert_eq!(bill.total(), Part { unit_price: 0, ..expected });
    }

    #[test]
    fn rounds_as_the_firmware_does() {
        let mut tariff = tariff(3);
        tariff.rates[0] = Rate { electricity: 123_457, service: 0 };
        let bill = |rounding, meter| {
            let mut bill = Bill::new(tariff.clone(), Arithmetic { rounding, meter });
            bill.deliver(0, 12_345 * WATT_MS_PER_UNIT);
            let tier = bill.parts()[0];
            (tier.energy, tier.energy_with_loss, tier.amount)
        };
        // 1.2345 kWh and 3 % make 1.271535 kWh; at 1.23457 yuan/kWh 1.5697… yuan.
        assert_eq!(bill(Rounding::HalfUp, Meter::Finest), (12_345, 12_715, 15_698));
        assert_eq!(bill(Rounding::Truncate, Meter::Finest), (12_345, 12_715, 15_697));
        assert_eq!(bill(Rounding::HalfUpToFen, Meter::Finest), (12_345, 12_715, 15_700));
        assert_eq!(bill(Rounding::TruncateToFen, Meter::Finest), (12_345, 12_715, 15_600));
        assert_eq!(bill(Rounding::HalfUp, Meter::Hundredths), (12_300, 12_700, 15_679));
    }

    #[test]
    fn the_wall_clock_chooses_the_tier() {
        let mut tariff = tariff(0);
        tariff.slots[16..18].copy_from_slice(&[3, 2]);
        let mut bill = Bill::new(tariff, Arithmetic::default());
        let eight_o_clock = 0;
        bill.deliver(eight_o_clock + 1_799_999, WATT_MS_PER_UNIT);
        bill.deliver(eight_o_clock + 1_800_000, 2 * WATT_MS_PER_UNIT);
        assert_eq!(bill.parts().iter().map(|part| part.energy).collect::<Vec<_>>(), [0, 0, 2, 1]);
        let wrong = bill.under_wrong_prices();
        assert_eq!(wrong.parts().iter().map(|part| part.energy).collect::<Vec<_>>(), [1, 0, 0, 2]);
        assert_eq!(bill.half_hours(1)[15..19], [0, 1, 2, 0]);
    }

    #[test]
    fn half_hours_carry_on_what_is_less_than_their_unit() {
        let mut bill = Bill::new(tariff(0), Arithmetic::default());
        for half_hour in 0..3 {
            bill.deliver(half_hour * 1_800_000, 17 * WATT_MS_PER_UNIT);
        }
        assert_eq!(bill.half_hours(10)[16..19], [10, 20, 20]);
    }
}

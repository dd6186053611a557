//! What a charge costs: energy by tier, priced by the tariff that held when it began.

use voltapile_protocol::wire::Quantity;
use voltapile_protocol::ykc::session::pile::{PileTariff, TIERS};

use super::battery::WattMs;
use super::clock::slot_of_day;

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
    /// Whether its meter shows 0.01 kWh instead of 0.0001 kWh: what is less is not billed.
    pub coarse_meter: bool,
}

impl Arithmetic {
    /// Units of 1e-4 kWh that an energy is a multiple of.
    const fn energy_unit(self) -> u64 {
        if self.coarse_meter { 100 } else { 1 }
    }
}

/// One tier of a bill, in the units of the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TierBill {
    /// Electricity and service, 1e-5 yuan/kWh.
    pub(super) unit_price: u32,
    /// Energy, 1e-4 kWh.
    pub(super) energy: u32,
    /// Energy and the loss that is billed, 1e-4 kWh.
    pub(super) energy_with_loss: u32,
    /// Price times energy with loss, 1e-4 yuan.
    pub(super) amount: u32,
}

/// A bill in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bill {
    tariff: PileTariff,
    arithmetic: Arithmetic,
    delivered: [WattMs; TIERS],
}

impl Bill {
    /// Nothing delivered yet.
    #[must_use]
    pub(super) const fn new(tariff: PileTariff, arithmetic: Arithmetic) -> Self {
        Self { tariff, arithmetic, delivered: [0; TIERS] }
    }

    /// Adds what was delivered at a moment of the wall clock.
    pub(super) fn deliver(&mut self, unix_ms: u64, energy: WattMs) {
        let tier = self.tariff.slots.0.get(slot_of_day(unix_ms)).copied().unwrap_or_default();
        // Tier numbers beyond the four are billed as the last: what was delivered is never lost.
        if let Some(delivered) = self.delivered.get_mut(usize::from(tier).min(TIERS - 1)) {
            *delivered += energy;
        }
    }

    /// The tiers: sharp, peak, flat, valley.
    #[must_use]
    pub(super) fn tiers(&self) -> [TierBill; TIERS] {
        let mut tiers = [TierBill::default(); TIERS];
        for ((tier, rates), delivered) in tiers.iter_mut().zip(self.tariff.rates).zip(self.delivered) {
            let unit_price = rates.energy.raw() + rates.service.raw();
            let (rounding, energy_unit) = (self.arithmetic.rounding, self.arithmetic.energy_unit());
            let energy = delivered / WATT_MS_PER_UNIT / energy_unit * energy_unit;
            let with_loss = energy * (100 + u64::from(self.tariff.loss_percent));
            let energy_with_loss = rounding.divide(with_loss, 100 * energy_unit) * energy_unit;
            let amount = rounding.divide(unit_price * energy_with_loss, 100_000 * rounding.unit()) * rounding.unit();
            *tier = TierBill {
                unit_price: narrow(unit_price),
                energy: narrow(energy),
                energy_with_loss: narrow(energy_with_loss),
                amount: narrow(amount),
            };
        }
        tiers
    }

    /// The same energy, each tier's under the next one.
    #[must_use]
    pub(super) fn in_wrong_tiers(&self) -> Self {
        let mut wrong = self.clone();
        wrong.delivered.rotate_right(1);
        wrong
    }

    /// All tiers together; the price is zero.
    #[must_use]
    pub(super) fn total(&self) -> TierBill {
        self.tiers().iter().fold(TierBill::default(), |total, tier| TierBill {
            unit_price: 0,
            energy: total.energy.saturating_add(tier.energy),
            energy_with_loss: total.energy_with_loss.saturating_add(tier.energy_with_loss),
            amount: total.amount.saturating_add(tier.amount),
        })
    }
}

/// To the width of the wire, where a charge of 429 MWh would end.
fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use voltapile_protocol::wire::YuanPerKwh;
    use voltapile_protocol::ykc::field::TariffSlots;
    use voltapile_protocol::ykc::session::pile::TierRates;

    use super::*;

    #[test]
    fn rounds_each_tier_half_up() {
        let mut tariff = PileTariff { loss_percent: 5, ..PileTariff::default() };
        tariff.rates[1] = TierRates { energy: YuanPerKwh::from_raw(100_000), service: YuanPerKwh::from_raw(23_455) };
        tariff.slots = TariffSlots([1; 48]);
        let mut bill = Bill::new(tariff, Arithmetic::default());
        bill.deliver(0, 10 * WATT_MS_PER_UNIT + WATT_MS_PER_UNIT - 1);
        // 10 units and 5 % make 10.5, rounded 11; 11 * 1.23455 makes 13.58, rounded 14.
        let expected = TierBill { unit_price: 123_455, energy: 10, energy_with_loss: 11, amount: 14 };
        assert_eq!(bill.tiers()[1], expected);
        assert_eq!(bill.total(), TierBill { unit_price: 0, ..expected });
    }

    #[test]
    fn rounds_as_the_firmware_does() {
        let mut tariff = PileTariff { loss_percent: 3, ..PileTariff::default() };
        tariff.rates[0] = TierRates { energy: YuanPerKwh::from_raw(123_457), service: YuanPerKwh::from_raw(0) };
        let bill = |rounding, coarse_meter| {
            let mut bill = Bill::new(tariff.clone(), Arithmetic { rounding, coarse_meter });
            bill.deliver(0, 12_345 * WATT_MS_PER_UNIT);
            let [tier, ..] = bill.tiers();
            (tier.energy, tier.energy_with_loss, tier.amount)
        };
        // 1.2345 kWh and 3 % make 1.271535 kWh; at 1.23457 yuan/kWh 1.5697… yuan.
        assert_eq!(bill(Rounding::HalfUp, false), (12_345, 12_715, 15_698));
        assert_eq!(bill(Rounding::Truncate, false), (12_345, 12_715, 15_697));
        assert_eq!(bill(Rounding::HalfUpToFen, false), (12_345, 12_715, 15_700));
        assert_eq!(bill(Rounding::TruncateToFen, false), (12_345, 12_715, 15_600));
        assert_eq!(bill(Rounding::HalfUp, true), (12_300, 12_700, 15_679));
    }

    #[test]
    fn the_wall_clock_chooses_the_tier() {
        let mut tariff = PileTariff::default();
        tariff.slots.0[16..18].copy_from_slice(&[3, 2]);
        let mut bill = Bill::new(tariff, Arithmetic::default());
        let eight_o_clock = 0;
        bill.deliver(eight_o_clock + 1_799_999, WATT_MS_PER_UNIT);
        bill.deliver(eight_o_clock + 1_800_000, 2 * WATT_MS_PER_UNIT);
        assert_eq!(bill.tiers().map(|tier| tier.energy), [0, 0, 2, 1]);
    }
}

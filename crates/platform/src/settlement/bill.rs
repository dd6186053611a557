//! The one function that computes a bill.

use super::{Bill, TierBill};
use crate::tariff::{PerTier, TariffTerms};
use crate::unit::{Amount, Energy, Price};

/// What `energies` cost by `terms`: per tier energy × price, electricity and service each rounded to 1e-4 yuan
/// ([`cost_half_away_from_zero`]), then summed as integers. What does not fit [`Amount`] becomes its greatest value.
#[must_use]
pub fn bill(terms: &TariffTerms, energies: &PerTier<Energy>) -> Bill {
    let tiers = PerTier::from_fn(|tier| {
        let (energy, price) = (*energies.get(tier), terms.prices().get(tier));
        let electricity = cost_half_away_from_zero(energy, price.electricity);
        let service = cost_half_away_from_zero(energy, price.service);
        TierBill { energy, electricity, service, total: sum_capped([electricity, service]) }
    });
    Bill {
        electricity: sum_capped(tiers.iter().map(|(_, tier)| tier.electricity)),
        service: sum_capped(tiers.iter().map(|(_, tier)| tier.service)),
        total: sum_capped(tiers.iter().map(|(_, tier)| tier.total)),
        tiers,
    }
}

/// Energy × price in yuan, to the nearest 1e-4 yuan; half of that goes up, away from zero. Capped at the greatest
/// [`Amount`].
#[must_use]
pub fn cost_half_away_from_zero(energy: Energy, price: Price) -> Amount {
    /// 1e-4 kWh × 1e-5 yuan/kWh is 1e-9 yuan; so many of these make a step of [`Amount`].
    const PRODUCTS_PER_STEP: u128 = 100_000;
    let product = u128::from(energy.steps()) * u128::from(price.steps());
    let steps = (product + PRODUCTS_PER_STEP / 2) / PRODUCTS_PER_STEP;
    Amount::from_steps(i64::try_from(steps).unwrap_or(i64::MAX))
}

/// The energy that is billed for what was delivered: with a loss in %, to the nearest 1e-4 kWh, half of that up. Capped
/// at the greatest [`Energy`].
#[must_use]
pub fn with_loss_half_up(energy: Energy, loss_percent: u8) -> Energy {
    let hundredths = u128::from(energy.steps()) * (100 + u128::from(loss_percent));
    Energy::from_steps(u64::try_from((hundredths + 50) / 100).unwrap_or(u64::MAX))
}

/// The sum of amounts; what does not fit becomes the nearest that does.
pub(super) fn sum_capped(amounts: impl IntoIterator<Item = Amount>) -> Amount {
    let steps = amounts.into_iter().fold(0_i64, |sum, amount| sum.saturating_add(amount.steps()));
    Amount::from_steps(steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settlement::tests::terms;
    use proptest::prelude::*;

    #[test]
    fn half_a_step_goes_up() {
        let cost =
            |energy, price| cost_half_away_from_zero(Energy::from_steps(energy), Price::from_steps(price)).steps();
        assert_eq!(cost(1650, 90_000), 1485);
        assert_eq!(cost(1, 49_999), 0);
        assert_eq!(cost(1, 50_000), 1);
        assert_eq!(cost(3, 50_000), 2);
        assert_eq!(cost(u64::MAX, u32::MAX), i64::MAX);
    }

    #[test]
    fn loss_is_added() {
        let lossy = |energy, percent| with_loss_half_up(Energy::from_steps(energy), percent).steps();
        assert_eq!(lossy(1650, 0), 1650);
        assert_eq!(lossy(10, 5), 11);
        assert_eq!(lossy(9, 5), 9);
        assert_eq!(lossy(u64::MAX, 100), u64::MAX);
    }

    #[test]
    fn the_greatest_energies_make_the_greatest_bill() {
        let most = Energy::from_steps(u64::MAX);
        let bill = bill(&terms(u32::MAX / 2), &PerTier { sharp: most, peak: most, flat: most, valley: most });
        assert_eq!(bill.total.steps(), i64::MAX);
        assert_eq!(bill.tiers.flat.electricity.steps(), i64::MAX);
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_total(steps in prop::array::uniform4(0..100_000_000_u64), price in 0..10_000_000_u32) {
            let [sharp, peak, flat, valley] = steps.map(Energy::from_steps);
            let bill = bill(&terms(price), &PerTier { sharp, peak, flat, valley });
            prop_assert_eq!(bill.electricity.checked_add(bill.service), Some(bill.total));
            let tiers: i64 = bill.tiers.iter().map(|(_, tier)| tier.total.steps()).sum();
            prop_assert_eq!(tiers, bill.total.steps());
            for (_, tier) in bill.tiers.iter() {
                prop_assert_eq!(tier.electricity.checked_add(tier.service), Some(tier.total));
            }
        }
    }
}

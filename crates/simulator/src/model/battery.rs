//! A traction battery: takes full power up to 80 %, then less and less.

/// A simulated moment of one watt: power times milliseconds, exact in integers.
pub(super) type WattMs = u64;

/// Watt-milliseconds of one watt-hour.
pub(super) const WATT_MS_PER_WH: WattMs = 3_600_000;
/// State of charge from which the power falls, in per mille.
const TAPER_FROM_PERMILLE: u64 = 800;
/// Share of the highest power that a full battery still takes, in per mille.
const TAPER_TO_PERMILLE: u64 = 100;

/// A traction battery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Battery {
    /// What it holds when full, in watt-hours.
    pub(super) capacity_wh: u32,
    /// Voltage at half charge, in 0.1 V.
    pub(super) nominal_dv: u32,
    /// Power it takes at most.
    pub(super) max_power_w: u32,
    stored: WattMs,
}

impl Battery {
    /// A battery with a state of charge in per mille.
    #[must_use]
    pub(super) fn new(capacity_wh: u32, nominal_dv: u32, max_power_w: u32, soc_permille: u32) -> Self {
        let capacity_wh = capacity_wh.max(1);
        let stored = u64::from(capacity_wh) * WATT_MS_PER_WH / 1_000 * u64::from(soc_permille.min(1_000));
        Self { capacity_wh, nominal_dv, max_power_w, stored }
    }

    fn capacity(&self) -> WattMs {
        u64::from(self.capacity_wh) * WATT_MS_PER_WH
    }

    /// State of charge in per mille.
    #[must_use]
    pub(super) fn soc_permille(&self) -> u64 {
        self.stored * 1_000 / self.capacity()
    }

    /// Power it takes now.
    #[must_use]
    pub(super) fn accepted_power_w(&self) -> u64 {
        let max = u64::from(self.max_power_w);
        let soc = self.soc_permille();
        if soc <= TAPER_FROM_PERMILLE {
            return max;
        }
        let above = soc.min(1_000) - TAPER_FROM_PERMILLE;
        let lost = (1_000 - TAPER_TO_PERMILLE) * above / (1_000 - TAPER_FROM_PERMILLE);
        max * (1_000 - lost) / 1_000
    }

    /// Voltage at its terminals in 0.1 V: 8 % below the nominal one when empty, 8 % above when full.
    #[must_use]
    pub(super) fn voltage_dv(&self) -> u64 {
        u64::from(self.nominal_dv) * (920 + 160 * self.soc_permille() / 1_000) / 1_000
    }

    /// What is missing up to a state of charge.
    #[must_use]
    pub(super) fn missing(&self, soc_permille: u64) -> WattMs {
        (self.capacity() / 1_000 * soc_permille.min(1_000)).saturating_sub(self.stored)
    }

    /// Takes energy.
    pub(super) fn absorb(&mut self, energy: WattMs) {
        self.stored = (self.stored + energy).min(self.capacity());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_less_when_nearly_full() {
        let power = |soc| Battery::new(60_000, 3_500, 100_000, soc).accepted_power_w();
        assert_eq!([power(0), power(800), power(900), power(1_000)], [100_000, 100_000, 55_000, 10_000]);
    }

    #[test]
    fn never_holds_more_than_its_capacity() {
        let mut battery = Battery::new(10, 3_500, 1_000, 500);
        assert_eq!(battery.missing(1_000), 5 * WATT_MS_PER_WH);
        battery.absorb(100 * WATT_MS_PER_WH);
        assert_eq!((battery.soc_permille(), battery.missing(1_000)), (1_000, 0));
        assert_eq!(battery.voltage_dv(), 3_780);
    }
}

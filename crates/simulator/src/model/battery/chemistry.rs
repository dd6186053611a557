//! What cells of one chemistry do: voltages, currents, temperatures, as tables.

use voltapile_protocol::ykc::code::BatteryType;

/// Chemistry of a battery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Chemistry {
    /// Lithium iron phosphate (LFP): a flat voltage with a steep end.
    #[default]
    IronPhosphate,
    /// Nickel, manganese, cobalt (NMC): a voltage that rises all the way, and a long constant-voltage phase.
    Ternary,
}

/// A curve of straight lines between points, in the order of their first number.
type Curve = [(i64, i64)];

/// One chemistry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cells {
    pub(super) battery_type: BatteryType,
    /// Voltage at half charge, in millivolts.
    pub(super) nominal_mv: i64,
    /// Voltage that is never exceeded, in millivolts.
    pub(super) highest_mv: i64,
    /// What a current of one capacity per hour (1 C) adds to the voltage, in millivolts.
    pub(super) polarisation_mv: i64,
    /// Voltage at rest, in millivolts, by the state of charge in per mille.
    at_rest_mv: &'static Curve,
    /// Current that it takes, in thousandths of the capacity per hour, by the state of charge in per mille.
    rate: &'static Curve,
}

static IRON_PHOSPHATE: Cells = Cells {
    battery_type: BatteryType::LithiumIronPhosphate,
    nominal_mv: 3_200,
    highest_mv: 3_650,
    polarisation_mv: 80,
    at_rest_mv: &[
        (0, 2_800),
        (20, 3_050),
        (50, 3_160),
        (100, 3_210),
        (200, 3_250),
        (300, 3_280),
        (600, 3_310),
        (700, 3_330),
        (960, 3_345),
        (990, 3_390),
        (1_000, 3_480),
    ],
    rate: &[(0, 800), (50, 1_500), (400, 1_800), (650, 1_500), (800, 1_000), (900, 500), (970, 250), (1_000, 100)],
};

static TERNARY: Cells = Cells {
    battery_type: BatteryType::Ternary,
    nominal_mv: 3_680,
    highest_mv: 4_200,
    polarisation_mv: 60,
    at_rest_mv: &[
        (0, 3_200),
        (50, 3_400),
        (100, 3_460),
        (200, 3_540),
        (400, 3_640),
        (500, 3_700),
        (600, 3_780),
        (800, 3_980),
        (900, 4_080),
        (1_000, 4_192),
    ],
    rate: &[(0, 1_000), (50, 2_000), (300, 2_000), (500, 1_500), (700, 1_100), (800, 800), (900, 450), (1_000, 100)],
};

/// Share of its current, in per mille, that a battery takes by its temperature in °C: none in the frost or the heat.
static BY_TEMPERATURE: &Curve = &[(0, 0), (5, 150), (10, 400), (20, 1_000), (45, 1_000), (50, 600), (60, 0)];

impl Chemistry {
    pub(super) const fn cells(self) -> &'static Cells {
        match self {
            Self::IronPhosphate => &IRON_PHOSPHATE,
            Self::Ternary => &TERNARY,
        }
    }
}

impl Cells {
    /// Voltage at rest, in millivolts.
    pub(super) fn at_rest_mv(&self, soc_permille: i64) -> i64 {
        at(self.at_rest_mv, soc_permille)
    }

    /// Current that it takes at a temperature, in thousandths of the capacity per hour.
    pub(super) fn rate(&self, soc_permille: i64, celsius: i64) -> i64 {
        at(self.rate, soc_permille) * at(BY_TEMPERATURE, celsius) / 1_000
    }
}

/// A curve's value; before its first and behind its last point it is level.
fn at(curve: &Curve, x: i64) -> i64 {
    let mut before: Option<(i64, i64)> = None;
    for &(next_x, next_y) in curve {
        if x <= next_x {
            return match before {
                Some((x0, y0)) => y0 + (next_y - y0) * (x - x0) / (next_x - x0).max(1),
                None => next_y,
            };
        }
        before = Some((next_x, next_y));
    }
    before.map_or(0, |(_, y)| y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_are_level_outside_and_straight_between() {
        let curve = [(0, 10), (10, 20), (20, 0)];
        assert_eq!([-5, 0, 5, 10, 15, 20, 99].map(|x| at(&curve, x)), [10, 10, 15, 20, 10, 0, 0]);
    }

    #[test]
    fn voltages_rise_with_the_charge_and_stay_below_the_highest() {
        for cells in [&IRON_PHOSPHATE, &TERNARY] {
            let voltages: Vec<i64> = (0..=1_000).map(|soc| cells.at_rest_mv(soc)).collect();
            assert!(voltages.windows(2).all(|pair| pair[0] <= pair[1]));
            assert!(voltages.iter().all(|voltage| *voltage < cells.highest_mv));
            assert!(cells.at_rest_mv(500).abs_diff(cells.nominal_mv) < 150);
            assert_eq!((cells.rate(500, -10), cells.rate(500, 70)), (0, 0));
            assert!(cells.rate(500, 25) > cells.rate(500, 8) && cells.rate(500, 8) > 0);
        }
    }
}

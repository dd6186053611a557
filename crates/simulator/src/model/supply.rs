//! What a connector can give, and what of it a car takes.

use super::battery::{Demand, WattMs};
use super::car::{Car, ON_BOARD_PERCENT};

/// Mains voltage of one phase, in 0.1 V.
const MAINS_DV: u64 = 2_200;
/// An AC pile with more than this has three phases, in watts.
const ONE_PHASE_MOST_W: u32 = 8_000;
/// A DC pile gives its highest current up to this voltage, in 0.1 V.
const FULL_CURRENT_UP_TO_DV: u64 = 4_800;
/// Highest current of the weakest and of the strongest DC pile, in 0.1 A; more has no place in the frames.
const DC_CURRENT_LEAST_DA: u64 = 1_000;
const DC_CURRENT_MOST_DA: u64 = 4_000;

/// What a connector can give now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Supply {
    is_dc: bool,
    /// Phases of an AC pile.
    phases: u64,
    /// Highest current of a DC pile, in 0.1 A.
    max_current_da: u64,
    /// Highest power, in watts.
    limit_w: u64,
    /// Highest current of each phase that the platform allows, in 0.1 A.
    limit_da: u64,
}

/// What flows: of each phase, where there are several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Output {
    /// In 0.1 V.
    pub(super) voltage_dv: u64,
    /// In 0.1 A.
    pub(super) current_da: u64,
    phases: u64,
}

impl Output {
    /// What it brings in some milliseconds: exactly voltage times current.
    pub(super) const fn energy(&self, ms: u64) -> WattMs {
        self.voltage_dv * self.current_da * self.phases * ms / 100
    }
}

/// Highest current of a DC pile with a power, in 0.1 A.
pub(super) fn max_current_da(max_power_w: u32) -> u64 {
    (u64::from(max_power_w) * 100 / FULL_CURRENT_UP_TO_DV).clamp(DC_CURRENT_LEAST_DA, DC_CURRENT_MOST_DA)
}

impl Supply {
    pub(super) fn new(is_dc: bool, max_power_w: u32, limit_w: u64) -> Self {
        let phases = if is_dc || max_power_w <= ONE_PHASE_MOST_W { 1 } else { 3 };
        Self { is_dc, phases, max_current_da: max_current_da(max_power_w), limit_w, limit_da: u64::MAX }
    }

    /// The same with at most so much current, in 0.1 A.
    pub(super) const fn with_at_most(self, limit_da: u64) -> Self {
        Self { limit_da, ..self }
    }

    /// What flows before anything does.
    pub(super) fn at_rest(&self, car: &Car) -> Output {
        let voltage_dv = if self.is_dc { car.battery.voltage_dv() } else { MAINS_DV };
        Output { voltage_dv, current_da: 0, phases: self.phases }
    }

    /// Lets a car take what it can get for some milliseconds; gives back what flowed, and what was asked for.
    pub(super) fn give(&self, car: &mut Car, ms: u64) -> (Output, Demand) {
        let demand = car.battery.demand();
        let output =
            if self.is_dc { self.give_direct(car, demand, ms) } else { self.give_alternating(car, demand, ms) };
        (output, demand)
    }

    fn give_direct(&self, car: &mut Car, demand: Demand, ms: u64) -> Output {
        // At a lower current the voltage is lower as well: what fits at the higher one fits.
        let wanted_da = demand.current_da.min(self.max_current_da).min(self.limit_da);
        let by_power = (self.limit_w * 100).checked_div(car.battery.voltage_taking(wanted_da)).unwrap_or(wanted_da);
        let current_da = wanted_da.min(by_power);
        let voltage_dv = car.battery.voltage_taking(current_da);
        car.battery.take(current_da, ms);
        Output { voltage_dv, current_da, phases: 1 }
    }

    fn give_alternating(&self, car: &mut Car, demand: Demand, ms: u64) -> Output {
        let on_board_w = u64::from(car.battery.design().max_power_w);
        let battery_w = car.battery.voltage_taking(demand.current_da) * demand.current_da / 100;
        let watts = (battery_w * 100 / ON_BOARD_PERCENT).min(on_board_w).min(self.limit_w);
        let current_da = (watts * 100 / (MAINS_DV * self.phases)).min(self.limit_da);
        let behind_w = MAINS_DV * current_da * self.phases / 100 * ON_BOARD_PERCENT / 100;
        let battery_da = (behind_w * 100).checked_div(car.battery.voltage_dv()).unwrap_or_default();
        car.battery.take(battery_da, ms);
        Output { voltage_dv: MAINS_DV, current_da, phases: self.phases }
    }
}

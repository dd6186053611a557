//! A traction battery: cells in series that are charged with constant current, then with constant voltage, that grow warm
//! while they are, and that are heated and cooled.
//!
//! Voltages come in 0.1 V and currents in 0.1 A, as on the wire, so that what is told multiplies out to what is metered.

mod chemistry;
mod heat;

use voltapile_protocol::ykc::code::BatteryType;

pub use self::chemistry::Chemistry;
use self::heat::Heat;

/// A simulated moment of one watt: power times milliseconds, exact in integers.
pub(super) type WattMs = u64;

/// Tenths of an ampere in a milliampere-hour, in milliseconds.
const DA_MS_PER_MAH: u64 = 36_000;
/// From here on, in per mille, a battery calls what it does charging with constant voltage, whatever limits the current.
const TAPERS_FROM: u64 = 900;

/// What a battery is, whatever its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Design {
    pub(super) chemistry: Chemistry,
    /// Cells in series.
    pub(super) cells: u16,
    /// What it holds when full, in watt-hours.
    pub(super) capacity_wh: u32,
    /// Power it takes at most.
    pub(super) max_power_w: u32,
}

/// What a battery asks of a charger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Demand {
    /// Voltage that it may rise to, in 0.1 V.
    pub(super) voltage_dv: u64,
    /// Current, in 0.1 A; what its heater takes included.
    pub(super) current_da: u64,
    /// Whether its highest voltage is what limits the current, or soon will.
    pub(super) at_highest_voltage: bool,
}

/// A traction battery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Battery {
    design: Design,
    /// What it holds when full, and what is in it, in 0.1 A·ms.
    capacity: u64,
    stored: u64,
    heat: Heat,
    /// Current that charges the cells now, in 0.1 A.
    current_da: u64,
}

impl Battery {
    /// A battery with a state of charge in per mille, as warm as the air.
    #[must_use]
    pub(super) fn new(design: Design, soc_permille: u64, ambient_celsius: i8) -> Self {
        let design = Design { cells: design.cells.max(1), capacity_wh: design.capacity_wh.max(1), ..design };
        let nominal_mv = design.chemistry.cells().nominal_mv.unsigned_abs() * u64::from(design.cells);
        let capacity_mah = (u64::from(design.capacity_wh) * 1_000_000 / nominal_mv).max(1);
        let capacity = capacity_mah * DA_MS_PER_MAH;
        let stored = capacity / 1_000 * soc_permille.min(1_000);
        Self { design, capacity, stored, heat: Heat::new(design.capacity_wh, ambient_celsius), current_da: 0 }
    }

    pub(super) const fn design(&self) -> Design {
        self.design
    }

    pub(super) const fn battery_type(&self) -> BatteryType {
        self.design.chemistry.cells().battery_type
    }

    /// State of charge in per mille.
    #[must_use]
    pub(super) const fn soc_permille(&self) -> u64 {
        self.stored * 1_000 / self.capacity
    }

    /// What it holds when full, in 0.1 Ah.
    #[must_use]
    pub(super) const fn capacity_dah(&self) -> u64 {
        self.capacity / 3_600_000
    }

    /// Voltage at half charge, in 0.1 V.
    #[must_use]
    pub(super) fn nominal_dv(&self) -> u64 {
        self.pack_dv(self.design.chemistry.cells().nominal_mv)
    }

    /// Voltage that is never exceeded, in 0.1 V.
    #[must_use]
    pub(super) fn highest_dv(&self) -> u64 {
        self.pack_dv(self.design.chemistry.cells().highest_mv)
    }

    /// The same of one cell, in 0.01 V.
    #[must_use]
    pub(super) const fn highest_cell_cv(&self) -> u64 {
        self.design.chemistry.cells().highest_mv.unsigned_abs() / 10
    }

    /// Highest current, in 0.1 A.
    #[must_use]
    pub(super) fn max_current_da(&self) -> u64 {
        u64::from(self.design.max_power_w) * 100 / self.nominal_dv().max(1)
    }

    /// Voltage at its terminals now, in 0.1 V.
    #[must_use]
    pub(super) fn voltage_dv(&self) -> u64 {
        self.voltage_at(self.current_da)
    }

    /// Voltage of the lowest and of the highest cell now, in 0.01 V: all together make up the voltage of the pack.
    #[must_use]
    pub(super) fn cell_cv(&self) -> (u64, u64) {
        let (pack, cells) = (self.voltage_dv() * 10, u64::from(self.design.cells));
        (pack / cells, pack.div_ceil(cells))
    }

    /// Temperature of the coldest and of the hottest cell, in °C.
    #[must_use]
    pub(super) const fn celsius(&self) -> (i64, i64) {
        self.heat.celsius()
    }

    /// Becomes as hot as no battery may.
    pub(super) const fn overheat(&mut self) {
        self.heat.overheat();
    }

    /// Voltage at its terminals at a current, in 0.1 V.
    fn voltage_at(&self, current_da: u64) -> u64 {
        let cells = self.design.chemistry.cells();
        self.pack_dv((self.at_rest_mv() + self.polarisation_mv(current_da)).min(cells.highest_mv))
    }

    fn at_rest_mv(&self) -> i64 {
        self.design.chemistry.cells().at_rest_mv(signed(self.soc_permille()))
    }

    /// What a current adds to the voltage of a cell, in millivolts.
    fn polarisation_mv(&self, current_da: u64) -> i64 {
        self.design.chemistry.cells().polarisation_mv * signed(current_da) / signed(self.capacity_dah().max(1))
    }

    /// Voltage of all cells, in 0.1 V.
    fn pack_dv(&self, cell_mv: i64) -> u64 {
        cell_mv.unsigned_abs() * u64::from(self.design.cells) / 100
    }

    /// What it asks for now.
    #[must_use]
    pub(super) fn demand(&self) -> Demand {
        let cells = self.design.chemistry.cells();
        let (soc, dah) = (self.soc_permille(), self.capacity_dah());
        let rate = cells.rate(signed(soc), self.heat.mean_celsius()).unsigned_abs();
        let by_rate = dah * rate / 1_000;
        let left_mv = (cells.highest_mv - self.at_rest_mv()).max(0).unsigned_abs();
        let by_voltage = left_mv * dah / cells.polarisation_mv.unsigned_abs().max(1);
        Demand {
            voltage_dv: self.highest_dv(),
            current_da: (by_rate.min(by_voltage) + self.heater_da()).min(self.max_current_da()),
            at_highest_voltage: by_voltage <= by_rate || soc >= TAPERS_FROM,
        }
    }

    /// Current that the heater takes, in 0.1 A.
    fn heater_da(&self) -> u64 {
        self.heat.heater_w() * 100 / self.voltage_at(0).max(1)
    }

    /// Voltage at which it would take a current, in 0.1 V.
    #[must_use]
    pub(super) fn voltage_taking(&self, current_da: u64) -> u64 {
        self.voltage_at(current_da.saturating_sub(self.heater_da()))
    }

    /// Takes a current for some milliseconds.
    pub(super) fn take(&mut self, current_da: u64, ms: u64) {
        self.current_da = current_da.saturating_sub(self.heater_da());
        self.stored = (self.stored + self.current_da * ms).min(self.capacity);
        let lost_w =
            self.polarisation_mv(self.current_da).unsigned_abs() * u64::from(self.design.cells) * self.current_da;
        self.heat.pass(lost_w / 10_000, ms);
    }

    /// No current flows any more.
    pub(super) const fn rest(&mut self) {
        self.current_da = 0;
    }

    /// Whether a state of charge is reached.
    #[must_use]
    pub(super) const fn has_reached(&self, soc_permille: u64) -> bool {
        self.soc_permille() >= soc_permille
    }

    /// Minutes up to a state of charge at the present current.
    #[must_use]
    pub(super) fn minutes_to(&self, soc_permille: u64) -> u64 {
        let missing = (self.capacity / 1_000 * soc_permille.min(1_000)).saturating_sub(self.stored);
        missing.checked_div(self.current_da * 60_000).unwrap_or_default()
    }
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;

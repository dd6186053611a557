//! How warm a battery is: its losses, a heater in the cold, coolant in the heat, and the air.

/// Heat that a watt-hour of battery takes in, in tenths of a joule per kelvin: about six kilograms per kilowatt-hour.
const HEAT_CAPACITY_DJ: i64 = 65;
/// Below this it is heated.
const HEATED_BELOW_C: i64 = 12;
/// Above this it is cooled.
const COOLED_ABOVE_C: i64 = 35;
/// Heater, and coolant at work, in milliwatts per watt-hour: 5 kW for 60 kWh.
const HEATER_MW: i64 = 85;
const COOLANT_MW: i64 = 60;
/// What the air takes away, in microwatts per watt-hour and kelvin.
const AIR_UW: i64 = 250;
/// No battery may become so hot.
const TOO_HOT_C: i64 = 62;
/// From the mean to the hottest and to the coldest cell, in kelvin.
const SPREAD_K: i64 = 1;

const MICRO: i64 = 1_000_000;

/// How warm a battery is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heat {
    capacity_wh: i64,
    ambient_celsius: i64,
    /// In millionths of a kelvin above 0 °C.
    micro_celsius: i64,
}

impl Heat {
    pub(super) fn new(capacity_wh: u32, ambient_celsius: i8) -> Self {
        let ambient_celsius = i64::from(ambient_celsius);
        Self { capacity_wh: i64::from(capacity_wh), ambient_celsius, micro_celsius: ambient_celsius * MICRO }
    }

    pub(super) const fn mean_celsius(&self) -> i64 {
        self.micro_celsius.div_euclid(MICRO)
    }

    /// Of the coldest and of the hottest cell.
    pub(super) const fn celsius(&self) -> (i64, i64) {
        let mean = self.mean_celsius();
        (mean - SPREAD_K, mean + SPREAD_K)
    }

    /// What the heater takes now, in watts.
    pub(super) fn heater_w(&self) -> u64 {
        if self.mean_celsius() < HEATED_BELOW_C { (self.capacity_wh * HEATER_MW / 1_000).unsigned_abs() } else { 0 }
    }

    /// Some milliseconds with losses of so many watts.
    pub(super) fn pass(&mut self, lost_w: u64, ms: u64) {
        let lost_mw = i64::try_from(lost_w).unwrap_or(i64::MAX).saturating_mul(1_000);
        let heater_mw = i64::try_from(self.heater_w()).unwrap_or_default() * 1_000;
        let coolant_mw = if self.mean_celsius() > COOLED_ABOVE_C { self.capacity_wh * COOLANT_MW } else { 0 };
        let above_air_mk = self.micro_celsius / 1_000 - self.ambient_celsius * 1_000;
        let air_mw = above_air_mk * self.capacity_wh * AIR_UW / MICRO;
        // Milliwatts times milliseconds are microjoules; by joules per kelvin they are millionths of a kelvin.
        let joules_per_kelvin = (self.capacity_wh * HEAT_CAPACITY_DJ / 10).max(1);
        let balance_mw = lost_mw.saturating_add(heater_mw) - coolant_mw - air_mw;
        self.micro_celsius += balance_mw.saturating_mul(i64::try_from(ms).unwrap_or(i64::MAX)) / joules_per_kelvin;
    }

    pub(super) const fn overheat(&mut self) {
        self.micro_celsius = TOO_HOT_C * MICRO;
    }
}

//! A car: a battery, a temperature, a number.

use voltapile_protocol::wire::vin_check_digit_holds;

use super::action::VinCharacters;
use super::battery::Battery;
use super::rng::Rng;

/// Characters of the serial part of a VIN.
const SERIAL_DIGITS: usize = 6;
/// Manufacturer, model and year; the ninth character is the check digit.
const VIN_BEGIN: &[u8; 11] = b"LVPTEST10SA";

/// What is wanted of a car that is plugged in; what is `None` follows from the seed, or stays as it is where a car is
/// plugged in already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CarWish {
    /// Its VIN.
    pub vin: Option<VinCharacters>,
    /// State of charge, 0 to 100 per cent.
    pub soc_percent: Option<u8>,
    /// State of charge at which its driver ends the charge, 1 to 100 per cent.
    pub target_percent: Option<u8>,
    /// What its battery holds when full, in watt-hours.
    pub capacity_wh: Option<u32>,
    /// Power that it takes at most, in watts.
    pub max_power_w: Option<u32>,
    /// Temperature of the air and of the battery that stood in it, in °C.
    pub ambient_celsius: Option<i8>,
}

impl CarWish {
    /// Any car with this VIN.
    #[must_use]
    pub fn of(vin: VinCharacters) -> Self {
        Self { vin: Some(vin), ..Self::default() }
    }
}

/// A car.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Car {
    pub(super) vin: [u8; 17],
    pub(super) battery: Battery,
    /// State of charge at which its driver leaves, in per mille.
    pub(super) target_permille: u64,
    /// Temperature before the charge, in °C.
    pub(super) ambient_celsius: u8,
}

impl Car {
    /// A car that suits a DC pile: 40 to 90 kWh, and 10 to 50 % of it left.
    pub(super) fn for_dc(rng: &mut Rng) -> Self {
        let capacity_wh = rng.within(40..=90) as u32 * 1_000;
        let nominal_dv = if rng.chance(20) { 7_000 } else { rng.within(3_300..=4_000) as u32 };
        let max_power_w = rng.within(60..=150) as u32 * 1_000;
        Self::new(rng, Battery::new(capacity_wh, nominal_dv, max_power_w, 0))
    }

    /// A plug-in hybrid, which an AC pile fills in an hour or two.
    pub(super) fn for_ac(rng: &mut Rng) -> Self {
        let capacity_wh = rng.within(9..=18) as u32 * 1_000;
        Self::new(rng, Battery::new(capacity_wh, 3_300, 6_600, 0))
    }

    fn new(rng: &mut Rng, empty: Battery) -> Self {
        let soc_permille = rng.within(100..=500) as u32;
        let battery = Battery::new(empty.capacity_wh, empty.nominal_dv, empty.max_power_w, soc_permille);
        let target_permille = if rng.chance(30) { 1_000 } else { rng.within(80..=95) * 10 };
        Self { vin: vin(rng), battery, target_permille, ambient_celsius: rng.within(12..=30) as u8 }
    }

    /// Temperature of the hottest cell under a load: up to 20 °C more.
    pub(super) fn temperature_celsius(&self, power_w: u64) -> u64 {
        u64::from(self.ambient_celsius) + (power_w / 6_000).min(20)
    }
}

/// A VIN whose check digit holds.
fn vin(rng: &mut Rng) -> [u8; 17] {
    let mut vin = [b'0'; 17];
    let digits = (0..SERIAL_DIGITS).map(|_| b'0' + rng.within(0..=9) as u8);
    let characters: Vec<u8> = VIN_BEGIN.iter().copied().chain(digits).collect();
    vin.iter_mut().zip(characters).for_each(|(to, from)| *to = from);
    for digit in *b"0123456789X" {
        if let Some(check) = vin.get_mut(8) {
            *check = digit;
        }
        if vin_check_digit_holds(&vin) {
            break;
        }
    }
    vin
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_car_has_a_valid_vin() {
        let mut rng = Rng::new(7);
        for _ in 0..50 {
            let car = Car::for_dc(&mut rng);
            assert!(vin_check_digit_holds(&car.vin), "{:?}", std::str::from_utf8(&car.vin));
            assert!(car.battery.missing(car.target_permille) > 0);
        }
    }
}

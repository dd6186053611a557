//! A car: a battery, an on-board charger, a number, and a driver who wants so much.

use voltapile_protocol::wire::vin_check_digit_holds;

use super::action::VinCharacters;
use super::battery::{Battery, Chemistry, Design};
use super::rng::Rng;

/// Characters of the serial part of a VIN.
const SERIAL_DIGITS: usize = 6;
/// Manufacturer, model and year; the ninth character is the check digit.
const VIN_BEGIN: &[u8; 11] = b"LVPTEST10SA";
/// Batteries that can be wished for, in watt-hours: a scooter's up to a mining truck's.
const CAPACITY_LEAST_WH: u32 = 1_000;
const CAPACITY_MOST_WH: u32 = 1_000_000;
/// What remains of alternating current behind the on-board charger, in per cent.
pub(super) const ON_BOARD_PERCENT: u64 = 93;

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
    /// What its battery holds when full, in watt-hours: 1 kWh to 1 MWh.
    pub capacity_wh: Option<u32>,
    /// Power that it takes at most, in watts. At an AC pile that is what its on-board charger can.
    pub max_power_w: Option<u32>,
    /// Chemistry of its battery.
    pub chemistry: Option<Chemistry>,
    /// Temperature of the air, and of the battery that stood in it, in °C.
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
    pub(super) vin: VinCharacters,
    pub(super) battery: Battery,
    /// State of charge at which its driver leaves, in per mille.
    pub(super) target_permille: u64,
    pub(super) ambient_celsius: i8,
}

impl Car {
    /// A car that suits a DC pile: 40 to 90 kWh, and 10 to 50 % of it left. Every fifth has 800 V.
    pub(super) fn for_dc(rng: &mut Rng) -> Self {
        let chemistry = if rng.chance(55) { Chemistry::IronPhosphate } else { Chemistry::Ternary };
        let is_high = rng.chance(20);
        let cells = match chemistry {
            Chemistry::IronPhosphate => rng.within(104..=120),
            Chemistry::Ternary => rng.within(92..=108),
        };
        let design = Design {
            chemistry,
            cells: if is_high { cells as u16 * 2 } else { cells as u16 },
            capacity_wh: rng.within(40..=90) as u32 * 1_000,
            max_power_w: rng.within(60..=150) as u32 * 1_000,
        };
        Self::new(rng, design)
    }

    /// A plug-in hybrid, which an AC pile fills in an hour or two.
    pub(super) fn for_ac(rng: &mut Rng) -> Self {
        let capacity_wh = rng.within(9..=18) as u32 * 1_000;
        Self::new(rng, Design { chemistry: Chemistry::IronPhosphate, cells: 104, capacity_wh, max_power_w: 6_600 })
    }

    fn new(rng: &mut Rng, design: Design) -> Self {
        let soc_permille = rng.within(100..=500);
        let target_permille = if rng.chance(30) { 1_000 } else { rng.within(80..=95) * 10 };
        let ambient_celsius = rng.within(12..=30) as i8;
        let battery = Battery::new(design, soc_permille, ambient_celsius);
        Self { vin: vin(rng), battery, target_permille, ambient_celsius }
    }

    /// State of charge in per cent.
    pub(super) fn soc_percent(&self) -> u8 {
        u8::try_from(self.battery.soc_permille() / 10).unwrap_or(100)
    }

    /// Becomes as wished.
    pub(super) fn fulfil(&mut self, wish: CarWish) {
        self.vin = wish.vin.unwrap_or(self.vin);
        self.target_permille = wish.target_percent.map_or(self.target_permille, permille).max(10);
        let design = self.battery.design();
        let wished = Design {
            chemistry: wish.chemistry.unwrap_or(design.chemistry),
            capacity_wh: wish.capacity_wh.unwrap_or(design.capacity_wh).clamp(CAPACITY_LEAST_WH, CAPACITY_MOST_WH),
            max_power_w: wish.max_power_w.unwrap_or(design.max_power_w),
            ..design
        };
        if wished != design || wish.soc_percent.is_some() || wish.ambient_celsius.is_some() {
            let soc_permille = wish.soc_percent.map_or(self.battery.soc_permille(), permille);
            self.ambient_celsius = wish.ambient_celsius.unwrap_or(self.ambient_celsius);
            self.battery = Battery::new(wished, soc_permille, self.ambient_celsius);
        }
    }
}

fn permille(percent: u8) -> u64 {
    u64::from(percent.min(100)) * 10
}

/// A VIN whose check digit holds.
fn vin(rng: &mut Rng) -> VinCharacters {
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
            assert!(!car.battery.has_reached(car.target_permille));
        }
    }

    #[test]
    fn a_car_is_as_wished_and_otherwise_as_it_was() {
        let mut car = Car::for_dc(&mut Rng::new(1));
        let before = car.clone();
        car.fulfil(CarWish::default());
        assert_eq!(car, before);
        let wish = CarWish {
            soc_percent: Some(35),
            target_percent: Some(0),
            capacity_wh: Some(100),
            ambient_celsius: Some(-20),
            ..CarWish::of([b'V'; 17])
        };
        car.fulfil(wish);
        assert_eq!((car.vin, car.battery.soc_permille(), car.target_permille), ([b'V'; 17], 350, 10));
        assert_eq!(car.battery.design(), Design { capacity_wh: CAPACITY_LEAST_WH, ..before.battery.design() });
        assert_eq!(car.battery.celsius(), (-21, -19));
    }
}

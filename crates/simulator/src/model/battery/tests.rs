//! A charge without a pile: current as the battery asks for it.

use super::*;

const SECOND_MS: u64 = 1_000;

fn battery(chemistry: Chemistry, soc_permille: u64, celsius: i8) -> Battery {
    let cells = if chemistry == Chemistry::Ternary { 96 } else { 112 };
    Battery::new(Design { chemistry, cells, capacity_wh: 60_000, max_power_w: 100_000 }, soc_permille, celsius)
}

/// Charges with what the battery asks for; gives back, for each second, state of charge, voltage and current.
fn charge(battery: &mut Battery) -> Vec<(u64, u64, u64)> {
    let mut story = Vec::new();
    while !battery.has_reached(1_000) {
        let demand = battery.demand();
        battery.take(demand.current_da, SECOND_MS);
        story.push((battery.soc_permille(), battery.voltage_dv(), demand.current_da));
        assert!(story.len() < 8 * 3_600, "it never becomes full: {battery:?}");
    }
    story
}

#[test]
fn charges_with_constant_current_then_less_and_less() {
    for chemistry in [Chemistry::IronPhosphate, Chemistry::Ternary] {
        let mut full = battery(chemistry, 100, 25);
        let highest = full.highest_dv();
        let story = charge(&mut full);
        let minutes = story.len() / 60;
        assert!((35..=100).contains(&minutes), "{chemistry:?} took {minutes} min");
        assert!(story.windows(2).all(|pair| pair[0].0 <= pair[1].0), "the state of charge never falls");
        assert!(story.iter().all(|(_, voltage, _)| *voltage <= highest), "no cell is overcharged");
        let current_at = |soc| story.iter().find(|told| told.0 >= soc).unwrap().2;
        let (begin, middle, end) = (current_at(150), current_at(500), current_at(980));
        assert!(begin.abs_diff(middle) * 10 < begin * 4, "{chemistry:?}: {begin}, then {middle}");
        assert!(end * 4 < begin, "{chemistry:?}: {begin}, then {end}");
        assert_eq!(full.soc_permille(), 1_000);
    }
}

#[test]
fn a_ternary_battery_ends_at_its_highest_voltage() {
    let mut full = battery(Chemistry::Ternary, 800, 25);
    let highest = full.highest_dv();
    let story = charge(&mut full);
    let late = story.iter().filter(|told| told.0 >= 970).collect::<Vec<_>>();
    assert!(late.iter().all(|(_, voltage, _)| voltage * 100 >= highest * 98), "{highest}: {late:?}");
}

#[test]
fn a_weak_on_board_charger_fills_a_big_battery_all_the_same() {
    let design = Design { chemistry: Chemistry::IronPhosphate, cells: 112, capacity_wh: 100_000, max_power_w: 3_000 };
    let mut big = Battery::new(design, 895, 25);
    let story = charge(&mut big);
    assert!(story.len() > 3 * 3_600, "10 kWh at 3 kW take {} s", story.len());
    assert!(story.windows(2).all(|pair| pair[1].0 - pair[0].0 <= 1), "it does not leap");
}

#[test]
fn cells_make_up_the_pack() {
    for soc in [0, 137, 500, 999] {
        let mut pack = battery(Chemistry::Ternary, soc, 25);
        pack.take(1_500, SECOND_MS);
        let ((low, high), cells) = (pack.cell_cv(), u64::from(pack.design().cells));
        assert!(low * cells <= pack.voltage_dv() * 10 && pack.voltage_dv() * 10 <= high * cells);
        assert!(high - low <= 1);
    }
}

#[test]
fn what_flows_in_is_what_the_charge_grows_by() {
    let mut pack = battery(Chemistry::IronPhosphate, 400, 25);
    // A fifth of the capacity per hour, for an hour.
    let current_da = pack.capacity_dah() / 5;
    (0..3_600).for_each(|_| pack.take(current_da, SECOND_MS));
    assert!(pack.soc_permille().abs_diff(600) <= 1, "{}", pack.soc_permille());
}

#[test]
fn a_cold_battery_is_heated_before_it_takes_much() {
    let mut cold = battery(Chemistry::IronPhosphate, 200, -10);
    let heated = cold.demand().current_da;
    assert!(heated > 0, "the heater wants something");
    cold.take(heated, SECOND_MS);
    assert_eq!(cold.current_da, 0, "nothing of it reaches the cells");
    for _ in 0..1_800 {
        cold.take(cold.demand().current_da, SECOND_MS);
    }
    assert!(cold.celsius().0 > 5, "{:?}", cold.celsius());
    assert!(cold.demand().current_da > heated);
}

#[test]
fn a_hot_battery_takes_less_and_is_cooled() {
    let (cool, mut hot) = (battery(Chemistry::Ternary, 300, 25), battery(Chemistry::Ternary, 300, 50));
    assert!(hot.demand().current_da < cool.demand().current_da);
    for _ in 0..3_600 {
        hot.take(hot.demand().current_da.min(500), SECOND_MS);
    }
    assert!(hot.celsius().1 < 50, "{:?}", hot.celsius());
    hot.overheat();
    assert_eq!(hot.demand().current_da, 0);
}

//! Tariffs there and back, and what the slots of records are.

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Terms whose tiers cost so many steps, electricity and service, with so many half hours of each tier in turn.
fn terms(prices: [(u32, u32); 4], slots: &[usize; HALF_HOURS_PER_DAY]) -> TariffTerms {
    let price = |(electricity, service): (u32, u32)| json!({"electricity": Price::from_steps(electricity), "service": Price::from_steps(service)});
    let [sharp, peak, flat, valley] = prices.map(price);
    let slots: Vec<&str> = slots.iter().map(|tier| Tier::ALL[*tier].name()).collect();
    serde_json::from_value(json!({
        "number": "0001", "name": "test", "loss_ratio": 0,
        "prices": {"sharp": sharp, "peak": peak, "flat": flat, "valley": valley}, "slots": slots,
    }))
    .unwrap()
}

#[test]
fn the_form_follows_from_the_prices() {
    let mut slots = [2; HALF_HOURS_PER_DAY];
    slots[16..24].fill(1);
    let whole = terms([(120_000, 50_000), (100_000, 50_000), (70_000, 50_000), (30_000, 50_000)], &slots);
    let Ok(Form::Coarse(periods, service)) = Form::of(&whole) else { panic!() };
    assert_eq!((periods.len(), service), (3, 50));
    let request = coarse_request(&periods);
    let peak = &request.periods[1];
    assert_eq!([peak.start_hour, peak.start_minute, peak.end_hour, peak.end_minute], [8, 0, 12, 0]);
    assert_eq!((request.periods.len(), peak.electricity_price.raw()), (PERIODS, 100));
    assert_eq!(request.periods[2].end_hour, 24);
    let fine = terms([(120_010, 50_000), (100_010, 50_000), (70_000, 50_000), (30_000, 50_000)], &slots);
    assert!(matches!(Form::of(&fine), Ok(Form::Fine(_))));
    let split = terms([(120_000, 50_000), (100_000, 60_000), (70_000, 50_000), (30_000, 50_000)], &slots);
    assert!(matches!(Form::of(&split), Ok(Form::Fine(_))));
    let finest = terms([(120_000, 50_000), (100_001, 50_000), (70_000, 50_000), (30_000, 50_000)], &slots);
    assert_eq!(Form::of(&finest), Err(TariffMisfit::TooFine(Price::from_steps(100_001))));
}

#[test]
fn thirteen_periods_are_too_many() {
    let mut slots = [2; HALF_HOURS_PER_DAY];
    for at in (1..13).step_by(2) {
        slots[at] = 1;
    }
    let prices = [(4000, 0), (3000, 0), (2000, 0), (1000, 0)];
    assert_eq!(Form::of(&terms(prices, &slots)), Err(TariffMisfit::Periods(13)));
    slots[11] = 2;
    assert!(Form::of(&terms(prices, &slots)).is_ok());
}

#[test]
fn the_charges_time_is_a_second_witness() {
    let mut slots = [2; HALF_HOURS_PER_DAY];
    slots[16..24].fill(1);
    let terms = terms([(10, 10), (20, 20), (30, 30), (40, 40)], &slots);
    let form = Form::of(&terms).unwrap();
    let sold_in = |slots: &[usize]| {
        let mut energies = [Energy::ZERO; HALF_HOURS_PER_DAY];
        slots.iter().for_each(|slot| energies[*slot] = Energy::from_steps(1));
        energies
    };
    // Nothing that either reading comes to.
    let amount = Amount::from_steps(1_000_000);
    let read = |sold: &[usize], touched| slots_are(&form, &sold_in(sold), &Sale { terms: &terms, touched, amount });
    // From 09:00 to 10:00, in the second period.
    let at = Some(touched(9 * 60, 60));
    assert_eq!(read(&[1], at), (Slots::Periods, true));
    assert_eq!(read(&[18, 19], at), (Slots::HalfHours, false));
    assert_eq!(read(&[18, 19], None), (Slots::HalfHours, false));
    assert_eq!(read(&[0, 1], None), (Slots::Periods, true));
    // From 00:10 to 01:00 both make sense: the tariff decides.
    assert_eq!(read(&[0], Some(touched(10, 50))), (Slots::Periods, true));
}

#[test]
fn a_record_of_the_other_form_is_read_by_its_times_and_money() {
    let mut slots = [2; HALF_HOURS_PER_DAY];
    slots[16..24].fill(1);
    // 1 kWh costs 1.20 yuan in the flat half hours and 1.60 yuan in the peak ones.
    let coarse = terms([(0, 0), (110_000, 50_000), (70_000, 50_000), (0, 50_000)], &slots);
    let fine = terms([(0, 0), (110_000, 50_000), (70_010, 49_990), (0, 50_000)], &slots);
    let sold_in = |sold: &[(usize, u64)]| {
        let mut energies = [Energy::ZERO; HALF_HOURS_PER_DAY];
        sold.iter().for_each(|(slot, kwh)| energies[*slot] = Energy::from_steps(kwh * 10_000));
        energies
    };
    let read = |terms: &TariffTerms, sold: &[(usize, u64)], touched, yuan_e2: i64| {
        let amount = Amount::from_steps(yuan_e2 * 100);
        slots_are(&Form::of(terms).unwrap(), &sold_in(sold), &Sale { terms, touched, amount })
    };
    let morning = Some(touched(7 * 60 + 40, 60));
    // From 07:40 to 08:40: 1 kWh before 08:00 and 2 behind it, told by period under a tariff of half hours.
    assert_eq!(read(&coarse, &[(0, 1), (1, 2)], morning, 440), (Slots::Periods, false));
    assert_eq!(read(&fine, &[(0, 1), (1, 2)], morning, 440), (Slots::Periods, true));
    assert_eq!(read(&coarse, &[(15, 1), (16, 2)], morning, 440), (Slots::HalfHours, true));
    assert_eq!(read(&fine, &[(15, 1), (16, 2)], morning, 440), (Slots::HalfHours, false));
    // The times speak for periods, the money does not: the tariff's form, and a person sees the difference.
    assert_eq!(read(&coarse, &[(0, 1), (1, 2)], morning, 400), (Slots::HalfHours, true));
    // From 00:10 to 01:00 both are possible by time, and the money tells them apart: 2 kWh in the second slot are flat
    // by half hour and peak by period.
    let night = Some(touched(10, 9 * 60));
    assert_eq!(read(&coarse, &[(0, 1), (1, 2)], night, 360), (Slots::HalfHours, true));
    assert_eq!(read(&coarse, &[(0, 1), (1, 2)], night, 440), (Slots::Periods, false));
    assert_eq!(read(&fine, &[(0, 1), (1, 2)], night, 360), (Slots::HalfHours, false));
    // Both agree, or none does: the tariff's form.
    assert_eq!(read(&coarse, &[(0, 3)], night, 360), (Slots::HalfHours, true));
    assert_eq!(read(&fine, &[(0, 3)], night, 1), (Slots::Periods, true));
}

#[test]
fn a_charge_over_midnight_touches_both_ends_of_the_day() {
    let touched = touched(23 * 60 + 40, 30);
    let places: Vec<usize> = touched.iter().enumerate().filter(|(_, is)| **is).map(|(at, _)| at).collect();
    assert_eq!(places, [0, 1, 46, 47]);
    assert!(super::touched(10, 26 * 60).iter().all(|touched| *touched));
}

/// What a pile charges in each half hour by the periods it was told.
fn prices_told(bounds: impl Iterator<Item = ([u8; 4], (u64, u64))>) -> Vec<(u64, u64)> {
    let mut prices = Vec::new();
    for ([start_hour, start_minute, end_hour, end_minute], price) in bounds {
        let clock = |hour: u8, minute: u8| usize::from(hour) * 2 + usize::from(minute) / 30;
        let (from, to) = (clock(start_hour, start_minute), clock(end_hour, end_minute));
        if to > from {
            assert_eq!(from, prices.len(), "without a gap");
            prices.extend(std::iter::repeat_n(price, to - from));
        }
    }
    prices
}

proptest! {
    #[test]
    fn each_half_hour_keeps_its_price(
        fen in prop::array::uniform4((0..500_u32, 0..200_u32)),
        one_service: bool,
        runs in prop::collection::vec((0..4_usize, 1..8_usize), 1..14),
    ) {
        let mut slots = [0; HALF_HOURS_PER_DAY];
        let tiers = runs.iter().flat_map(|(tier, length)| std::iter::repeat_n(*tier, *length)).cycle();
        slots.iter_mut().zip(tiers).for_each(|(slot, tier)| *slot = tier);
        let prices = fen.map(|(electricity, service)| {
            (electricity * STEPS_PER_FEN, if one_service { fen[0].1 } else { service } * STEPS_PER_FEN)
        });
        let terms = terms(prices, &slots);
        let expected: Vec<(u64, u64)> =
            slots.iter().map(|tier| (u64::from(prices[*tier].0), u64::from(prices[*tier].1))).collect();
        match Form::of(&terms) {
            Ok(form @ Form::Coarse(..)) => {
                let Form::Coarse(periods, service) = &form else { unreachable!() };
                let told = coarse_request(periods).periods;
                let pile = prices_told(told.iter().map(|period| {
                    let bounds = [period.start_hour, period.start_minute, period.end_hour, period.end_minute];
                    (bounds, (period.electricity_price.raw() * 1000, u64::from(*service) * 1000))
                }));
                prop_assert_eq!(pile, expected);
                prop_assert!(form.is_told_by_coarse(&told));
            }
            Ok(form @ Form::Fine(_)) => {
                let told = fine_request(form.periods()).periods;
                let pile = prices_told(told.iter().map(|period| {
                    let bounds = [period.start_hour, period.start_minute, period.end_hour, period.end_minute];
                    (bounds, (period.electricity_price.raw() * 10, period.service_price.raw() * 10))
                }));
                prop_assert_eq!(pile, expected);
                prop_assert!(form.is_told_by_fine(&told));
            }
            Err(TariffMisfit::Periods(count)) => prop_assert!(count > PERIODS),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn energies_by_period_come_back_by_tier(
        energies in prop::collection::vec(0..1_000_000_u64, HALF_HOURS_PER_DAY),
        runs in prop::collection::vec((0..4_usize, 4..12_usize), 1..8),
    ) {
        let mut slots = [0; HALF_HOURS_PER_DAY];
        let tiers = runs.iter().flat_map(|(tier, length)| std::iter::repeat_n(*tier, *length)).cycle();
        slots.iter_mut().zip(tiers).for_each(|(slot, tier)| *slot = tier);
        let form = Form::of(&terms([(10, 0), (20, 0), (30, 0), (40, 0)], &slots));
        prop_assume!(form.is_ok());
        let form = form.unwrap();
        let mut by_half_hour = [0_u64; 4];
        slots.iter().zip(&energies).for_each(|(tier, energy)| by_half_hour[*tier] += energy);
        let mut by_period = [Energy::ZERO; HALF_HOURS_PER_DAY];
        for (place, period) in form.periods().iter().enumerate() {
            by_period[place] = Energy::from_steps(energies[period.from..period.to].iter().sum());
        }
        let told = by_tier(form.periods(), &by_period);
        prop_assert_eq!(Tier::ALL.map(|tier| told.get(tier).steps()), by_half_hour);
    }
}

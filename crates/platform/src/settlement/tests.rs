//! What we say about records: a real one, our own ones, and each thing that can be wrong.

use super::*;
use crate::identity::{ConnectorNumber, PileCode};
use crate::order::Order;
use crate::record::{Sold, StartSource, StartedBy, StopReason, TierUsage, TransactionRecord};
use crate::tariff::{Schedule, TariffNumber, TariffTerms, TariffVersion, TierPrice};
use crate::timestamp::Timestamp;
use crate::unit::Price;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Terms with one price for electricity and service in every tier.
pub(super) fn terms(price: u32) -> TariffTerms {
    let price = TierPrice { electricity: Price::from_steps(price), service: Price::from_steps(price) };
    let prices = PerTier { sharp: price, peak: price, flat: price, valley: price };
    TariffTerms::new(TariffNumber([0, 1]), "test", prices, six_hours_each(), 0).unwrap()
}

/// Sharp, peak, flat and valley for six hours each, as in seed 002's 0x0A.
pub(super) fn six_hours_each() -> Schedule {
    Schedule::from_slots(std::array::from_fn(|slot| Tier::ALL[slot / 12]))
}

pub(super) fn version(terms: TariffTerms) -> TariffVersion {
    let at = Timestamp::from_unix_ms(0);
    TariffVersion {
        tariff: "test".parse().unwrap(),
        operator: None,
        version: 1,
        number: terms.number(),
        terms,
        effective_from: at,
        upcoming: false,
        used_at: None,
        created_at: at,
    }
}

/// A tariff whose day is all one tier, with prices in yuan/kWh as text, electricity and service.
fn all_day(tier: Tier, prices: [(&str, &str); 4]) -> TariffVersion {
    let price = |tier: Tier| {
        let (electricity, service) = prices[Tier::ALL.iter().position(|one| *one == tier).unwrap()];
        TierPrice { electricity: electricity.parse().unwrap(), service: service.parse().unwrap() }
    };
    let schedule = Schedule::from_slots([tier; 48]);
    version(TariffTerms::new(TariffNumber([0, 1]), "test", PerTier::from_fn(price), schedule, 0).unwrap())
}

/// Seed 002's 0x3B, read by hand.
fn seed_record() -> TransactionRecord {
    let usage = |price, energy, amount| TierUsage {
        unit_price: Price::from_steps(price),
        energy: Energy::from_steps(energy),
        energy_with_loss: Energy::from_steps(energy),
        amount: Amount::from_steps(amount),
    };
    let time = |text: &str| Some(text.parse().unwrap());
    TransactionRecord {
        transaction_number: "20231212000010323239000000000000".parse().unwrap(),
        pile_code: PileCode::new("20231212000010").unwrap(),
        connector: ConnectorNumber(1),
        started_at: time("2023-12-13T17:04:14+08:00"),
        ended_at: time("2023-12-13T17:09:36+08:00"),
        transacted_at: time("2023-12-13T17:09:36+08:00"),
        sold: Sold::Tiers(PerTier {
            sharp: usage(0x0002_49F0, 0, 0),
            peak: usage(0x0001_FBD0, 0, 0),
            flat: usage(0x0001_ADB0, 0, 0),
            valley: usage(0x0001_5F90, 0x672, 0x578),
        }),
        other_form: false,
        meter_start: Energy::ZERO,
        meter_stop: Energy::ZERO,
        energy: Energy::from_steps(0x672),
        energy_with_loss: Energy::from_steps(0x672),
        amount: Amount::from_steps(0x578),
        vin: None,
        start_source: StartSource::new(StartedBy::App, 1),
        stop_reason: StopReason::new(0x40, None),
        physical_card: "0000000000000000".to_owned(),
        soc_start: None,
        soc_end: None,
    }
}

/// What a record by tier sold.
fn tiers(record: &mut TransactionRecord) -> &mut PerTier<TierUsage> {
    match &mut record.sold {
        Sold::Tiers(tiers) => tiers,
        Sold::HalfHours(_) => panic!("a record by half hour"),
    }
}

/// The prices that seed 002's record names, the charge's half hour being valley.
fn seed_prices() -> TariffVersion {
    all_day(Tier::Valley, [("1.00", "0.50"), ("0.90", "0.40"), ("0.80", "0.30"), ("0.60", "0.30")])
}

/// An order made just before the seed's charge, with some fields changed.
fn order(changes: Value) -> Order {
    let mut order = json!({
        "id": 1, "pile": "20231212000010", "connector": 1,
        "transaction_number": "20231212000010323239000000000000", "origin": "remote", "state": "awaiting_record",
        "waits_for_plug": false, "idle_reports": 0, "reserved": "0.00", "evidence": [],
        "progress": {"energy": "0", "energy_with_loss": "0", "amount": "0", "soc": 0, "minutes": 0},
        "created_at": "2023-12-13T09:04:00Z", "ended_at": "2023-12-13T09:09:40Z",
    });
    for (key, value) in changes.as_object().unwrap() {
        order[key] = value.clone();
    }
    serde_json::from_value(order).unwrap()
}

fn judged(record: &TransactionRecord, tariff: Option<&TariffVersion>) -> Settlement {
    judge(record, None, tariff, &SettlementPolicy::default(), 8)
}

fn difference(what: DifferenceKind, tier: Option<Tier>, pile: &str, ours: &str, beyond_tolerance: bool) -> Difference {
    Difference { what, tier, pile: pile.to_owned(), ours: ours.to_owned(), beyond_tolerance }
}

fn kinds(settlement: &Settlement) -> Vec<(DifferenceKind, bool)> {
    settlement.differences.iter().map(|difference| (difference.what, difference.beyond_tolerance)).collect()
}

/// 0.1650 kWh × 0.90 yuan/kWh is 0.1485 yuan; the pile asks 0.1400. That is less than a fen off and within tolerance,
/// so the pile's 0.14 yuan count, where ours would be 0.15. Its sums hold; it read no meter.
#[test]
fn seed_002_by_its_own_prices() {
    let settlement = judged(&seed_record(), Some(&seed_prices()));
    assert_eq!(settlement.ours.as_ref().unwrap().total.to_string(), "0.1485");
    assert_eq!(
        settlement.differences,
        [
            difference(DifferenceKind::TierAmount, Some(Tier::Valley), "0.1400 yuan", "0.1485 yuan", false),
            difference(DifferenceKind::Total, None, "0.1400 yuan", "0.1485 yuan", false),
            difference(
                DifferenceKind::Meter,
                None,
                "0.1650 kWh",
                "0.0000 kWh, from 0.0000 to 0.0000 kWh on the meter",
                false
            ),
        ]
    );
    assert_eq!(settlement.verdict, Verdict::Pile);
    assert_eq!(charged(&settlement, Verdict::Pile).to_string(), "0.14");
    assert_eq!(charged(&settlement, Verdict::Ours).to_string(), "0.15");
    assert_eq!(charged(&settlement, Verdict::Hold), Balance::ZERO);
}

/// By the tariff that the seed's platform sends in 0x0A, 1.20 yuan/kWh all day and flat at 17:04, the same record is
/// held: another price, 0.0581 yuan less than ours (electricity and service are rounded apart), and energy in the valley that the charge did not touch (rule 8).
#[test]
fn seed_002_by_its_platforms_tariff() {
    let price = TierPrice { electricity: Price::from_steps(75_000), service: Price::from_steps(45_000) };
    let prices = PerTier::from_fn(|_| price);
    let terms = TariffTerms::new(TariffNumber([0, 1]), "0x0A", prices, six_hours_each(), 0).unwrap();
    let settlement = judged(&seed_record(), Some(&version(terms)));
    assert_eq!(settlement.verdict, Verdict::Hold);
    for expected in [
        difference(DifferenceKind::TierPrice, Some(Tier::Sharp), "1.50000 yuan/kWh", "1.20000 yuan/kWh", false),
        difference(DifferenceKind::TierPrice, Some(Tier::Valley), "0.90000 yuan/kWh", "1.20000 yuan/kWh", true),
        difference(DifferenceKind::TierAmount, Some(Tier::Valley), "0.1400 yuan", "0.1981 yuan", true),
        difference(DifferenceKind::Total, None, "0.1400 yuan", "0.1981 yuan", true),
        difference(DifferenceKind::TierTime, Some(Tier::Valley), "0.1650 kWh", "0.0000 kWh", true),
    ] {
        assert!(settlement.differences.contains(&expected), "{expected:?}\n{:#?}", settlement.differences);
    }
}

#[test]
fn without_a_tariff_a_person_decides_unless_nothing_is_owed() {
    let mut record = seed_record();
    let settlement = judged(&record, None);
    assert_eq!((settlement.verdict, settlement.ours.clone()), (Verdict::Hold, None));
    assert_eq!(kinds(&settlement).first(), Some(&(DifferenceKind::TierAmount, false)));
    assert_eq!(charged(&settlement, Verdict::Ours), Balance::ZERO);
    record.amount = Amount::ZERO;
    assert_eq!(judged(&record, None).verdict, Verdict::Pile);
    record.amount = Amount::from_steps(-1);
    assert_eq!(judged(&record, Some(&seed_prices())).verdict, Verdict::Hold);
    assert_eq!(charged(&judged(&record, None), Verdict::Pile), Balance::ZERO);
}

#[test]
fn nothing_delivered_and_nothing_owed_is_settled_whatever_the_clock_says() {
    let mut record = seed_record();
    record.sold = Sold::default();
    (record.energy, record.energy_with_loss, record.amount) = (Energy::ZERO, Energy::ZERO, Amount::ZERO);
    record.started_at = None;
    record.meter_start = Energy::from_steps(70_000);
    assert_eq!(judged(&record, None).verdict, Verdict::Pile);
    assert_eq!(judged(&record, Some(&version(terms(50_000)))).verdict, Verdict::Pile);
}

/// A record that says what our bill says about these energies, metered, with a charge of a whole day.
fn honest(terms: &TariffTerms, energies: &PerTier<Energy>) -> TransactionRecord {
    let with_loss = energies.map(|energy| with_loss_half_up(energy, terms.loss_ratio()));
    let bill = bill(terms, &with_loss);
    let sum = |energies: &PerTier<Energy>| Energy::from_steps(energies.iter().map(|(_, one)| one.steps()).sum());
    let energy = sum(energies);
    TransactionRecord {
        started_at: Some(Timestamp::from_unix_ms(0)),
        ended_at: Some(Timestamp::from_unix_ms(86_400_000)),
        sold: Sold::Tiers(PerTier::from_fn(|tier| TierUsage {
            unit_price: terms.prices().get(tier).total().unwrap(),
            energy: *energies.get(tier),
            energy_with_loss: *with_loss.get(tier),
            amount: bill.tiers.get(tier).total,
        })),
        other_form: false,
        meter_start: Energy::from_steps(10_000_000),
        meter_stop: Energy::from_steps(10_000_000 + energy.steps()),
        energy,
        energy_with_loss: sum(&with_loss),
        amount: bill.total,
        ..seed_record()
    }
}

/// An honest record of 10 kWh in the flat hours, 2 yuan/kWh, 20 yuan.
pub(super) fn ten_flat() -> (TransactionRecord, TariffVersion) {
    let terms = terms(100_000);
    let energies = PerTier { flat: Energy::from_steps(100_000), ..PerTier::default() };
    let mut record = honest(&terms, &energies);
    (record.started_at, record.ended_at) = (seed_record().started_at, "2023-12-13T09:40:00Z".parse().ok());
    (record, version(terms))
}

#[test]
fn each_thing_that_can_be_wrong_is_found() {
    type Break = fn(&mut TransactionRecord);
    let cases: [(Break, DifferenceKind, bool); 12] = [
        (|record| tiers(record).flat.amount = Amount::from_steps(200_201), DifferenceKind::TierAmount, true),
        (|record| tiers(record).flat.amount = Amount::from_steps(200_200), DifferenceKind::TierAmount, false),
        (|record| tiers(record).flat.unit_price = Price::from_steps(199_000), DifferenceKind::TierPrice, true),
        (|record| tiers(record).peak.unit_price = Price::ZERO, DifferenceKind::TierPrice, false),
        (|record| record.amount = Amount::from_steps(200_501), DifferenceKind::Total, true),
        (|record| record.amount = Amount::from_steps(199_499), DifferenceKind::Sum, true),
        (|record| tiers(record).flat.energy = Energy::from_steps(99_499), DifferenceKind::EnergySum, true),
        (|record| record.energy_with_loss = Energy::from_steps(100_501), DifferenceKind::Loss, true),
        (|record| record.meter_stop = Energy::from_steps(10_099_499), DifferenceKind::Meter, true),
        (|record| record.meter_stop = Energy::from_steps(10_099_500), DifferenceKind::Meter, false),
        (|record| record.meter_stop = Energy::from_steps(9_999_999), DifferenceKind::Meter, true),
        (|record| tiers(record).sharp.energy = Energy::from_steps(501), DifferenceKind::TierTime, true),
    ];
    for (number, (damage, kind, beyond)) in cases.into_iter().enumerate() {
        let (mut record, tariff) = ten_flat();
        damage(&mut record);
        let settlement = judged(&record, Some(&tariff));
        assert!(kinds(&settlement).contains(&(kind, beyond)), "{number}: {:#?}", settlement.differences);
        let expected = if kinds(&settlement).iter().any(|(_, beyond)| *beyond) { Verdict::Hold } else { Verdict::Pile };
        assert_eq!(settlement.verdict, expected, "{number}");
    }
}

#[test]
fn the_policy_decides() {
    let (mut record, tariff) = ten_flat();
    let policy = SettlementPolicy { within: Verdict::Ours, beyond: Verdict::Pile, ..SettlementPolicy::default() };
    assert_eq!(judge(&record, None, Some(&tariff), &policy, 8).verdict, Verdict::Ours);
    record.amount = Amount::from_steps(300_000);
    assert_eq!(judge(&record, None, Some(&tariff), &policy, 8).verdict, Verdict::Pile);
    let endless = Balance::from_steps(i64::MAX);
    let blind = SettlementPolicy { total_tolerance: endless, ..SettlementPolicy::default() };
    assert_eq!(judge(&record, None, Some(&tariff), &blind, 8).verdict, Verdict::Pile);
}

#[test]
fn a_clock_that_cannot_be_matters_where_prices_change() {
    let (record, flat_rate) = ten_flat();
    let night = TierPrice { electricity: Price::from_steps(30_000), service: Price::ZERO };
    let prices = PerTier { valley: night, ..*flat_rate.terms.prices() };
    let day_and_night = TariffTerms::new(TariffNumber([0, 2]), "test", prices, six_hours_each(), 0).unwrap();
    let unknown = TransactionRecord { started_at: None, ..record.clone() };
    let backwards = TransactionRecord { started_at: record.ended_at, ended_at: record.started_at, ..record.clone() };
    for wrong in [&unknown, &backwards] {
        assert_eq!(kinds(&judged(wrong, Some(&flat_rate))), [(DifferenceKind::Clock, false)]);
        let by_day = kinds(&judged(wrong, Some(&version(day_and_night.clone()))));
        assert!(by_day.contains(&(DifferenceKind::Clock, true)), "{by_day:?}");
    }
}

#[test]
fn a_clock_of_1999_is_told_by_its_order() {
    let (record, tariff) = ten_flat();
    let policy = SettlementPolicy::default();
    let clock_of = |order: Value, start: &str, end: &str| {
        let record = TransactionRecord { started_at: start.parse().ok(), ended_at: end.parse().ok(), ..record.clone() };
        let settlement = judge(&record, Some(&self::order(order)), Some(&tariff), &policy, 8);
        kinds(&settlement).contains(&(DifferenceKind::Clock, false))
    };
    assert!(!clock_of(json!({}), "2023-12-13T09:04:14Z", "2023-12-13T09:40:00Z"));
    assert!(!clock_of(json!({}), "2023-12-13T08:34:00Z", "2023-12-13T08:40:00Z"));
    assert!(clock_of(json!({}), "1999-12-31T23:00:00Z", "1999-12-31T23:40:00Z"));
    assert!(clock_of(json!({}), "2023-12-13T09:39:41Z", "2023-12-13T09:50:00Z"));
    let late = json!({"origin": "offline_card", "created_at": "2026-12-13T09:04:14Z"});
    assert!(!clock_of(late, "2023-12-13T09:04:14Z", "2023-12-13T09:40:00Z"));
}

#[test]
fn telemetry_bounds_the_energy() {
    let (record, tariff) = ten_flat();
    let telemetry = |energy: &str, at: &str| {
        let progress =
            json!({"at": at, "energy": energy, "energy_with_loss": "0", "amount": "0", "soc": 0, "minutes": 0});
        let order = order(json!({"progress": progress}));
        let settlement = judge(&record, Some(&order), Some(&tariff), &SettlementPolicy::default(), 8);
        kinds(&settlement).into_iter().find(|(kind, _)| *kind == DifferenceKind::Telemetry).map(|(_, beyond)| beyond)
    };
    // The record ends at 09:40:00 with 10 kWh; 15 s at 600 kW are 2.5 kWh, and 0.05 kWh are tolerated.
    assert_eq!(telemetry("10", "2023-12-13T09:40:00Z"), None);
    assert_eq!(telemetry("7.45", "2023-12-13T09:40:00Z"), Some(false));
    assert_eq!(telemetry("7.44", "2023-12-13T09:40:00Z"), Some(true));
    assert_eq!(telemetry("1", "2023-12-13T09:38:00Z"), Some(false));
    assert_eq!(telemetry("10.05", "2023-12-13T09:39:00Z"), Some(false));
    assert_eq!(telemetry("10.06", "2023-12-13T09:39:00Z"), Some(true));
}

#[test]
fn another_card_or_vehicle_is_noted() {
    let (mut record, tariff) = ten_flat();
    let policy = SettlementPolicy::default();
    let order = order(json!({"vin": "LSVAU2180N2183294", "card": "00000000d14b0a54"}));
    let payers = |record: &TransactionRecord| {
        let differences = judge(record, Some(&order), Some(&tariff), &policy, 8).differences;
        differences.into_iter().filter(|one| one.what == DifferenceKind::Payer).collect::<Vec<_>>()
    };
    assert_eq!(payers(&record), []);
    record.vin = Some("4923812N0812UAVSL".to_owned());
    record.physical_card = "00000000D14B0A54".to_owned();
    assert_eq!(payers(&record), []);
    record.vin = Some("LSVAU2180N2183295".to_owned());
    record.physical_card = "00000000d14b0a55".to_owned();
    assert_eq!(
        payers(&record),
        [
            difference(DifferenceKind::Payer, None, "vehicle LSVAU2180N2183295", "vehicle LSVAU2180N2183294", false),
            difference(DifferenceKind::Payer, None, "card 00000000d14b0a55", "card 00000000d14b0a54", false),
        ]
    );
}

proptest! {
    #[test]
    fn a_record_by_our_own_bill_judges_clean(
        steps in prop::array::uniform4(0..100_000_000_u64),
        prices in prop::array::uniform8(0..10_000_000_u32),
    ) {
        let [sharp, peak, flat, valley] = steps.map(Energy::from_steps);
        let [a, b, c, d, e, f, g, h] = prices.map(Price::from_steps);
        let price = |electricity, service| TierPrice { electricity, service };
        let prices = PerTier { sharp: price(a, b), peak: price(c, d), flat: price(e, f), valley: price(g, h) };
        let terms = TariffTerms::new(TariffNumber([0, 1]), "test", prices, six_hours_each(), 0).unwrap();
        let record = honest(&terms, &PerTier { sharp, peak, flat, valley });
        let settlement = judged(&record, Some(&version(terms)));
        prop_assert_eq!(&settlement.differences, &[]);
        prop_assert_eq!(settlement.verdict, Verdict::Pile);
        prop_assert_eq!(charged(&settlement, Verdict::Pile), charged(&settlement, Verdict::Ours));
    }

    /// A pile that multiplies the joint price and rounds once, and rounds the loss per tier, stays within tolerance.
    #[test]
    fn rounding_stays_within_tolerance(
        steps in prop::array::uniform4(0..10_000_000_u64),
        prices in prop::array::uniform4(0..1_000_000_u32),
        loss in 0..=100_u8,
    ) {
        let [sharp, peak, flat, valley] = steps.map(Energy::from_steps);
        let [a, b, c, d] = prices.map(Price::from_steps);
        let price = |electricity| TierPrice { electricity, service: Price::from_steps(33_333) };
        let prices = PerTier { sharp: price(a), peak: price(b), flat: price(c), valley: price(d) };
        let terms = TariffTerms::new(TariffNumber([0, 1]), "test", prices, six_hours_each(), loss).unwrap();
        let mut record = honest(&terms, &PerTier { sharp, peak, flat, valley });
        let sold = tiers(&mut record).map(|usage| {
            TierUsage { amount: cost_half_away_from_zero(usage.energy_with_loss, usage.unit_price), ..usage }
        });
        let sum = sold.iter().map(|(_, tier)| tier.amount.steps()).sum();
        record.sold = Sold::Tiers(sold);
        record.amount = Amount::from_steps(sum);
        let settlement = judged(&record, Some(&version(terms)));
        prop_assert!(settlement.differences.iter().all(|difference| !difference.beyond_tolerance), "{:?}", settlement);
    }
}

//! Whose a record is that names no charge.

use super::*;
use crate::identity::{ConnectorNumber, OrderId, PileCode, TransactionNumber};
use crate::order::{Origin, Place, Progress};
use crate::settlement::tests::ten_flat;
use crate::settlement::{Settlement, SettlementPolicy, judge};
use proptest::prelude::*;

const TEN_KWH: Energy = Energy::from_steps(100_000);
const NO_TOLERANCE: Energy = Energy::ZERO;

fn at(seconds: i64) -> Timestamp {
    "2026-11-20T08:00:00Z".parse::<Timestamp>().unwrap().plus_seconds(seconds)
}

/// A charge that ran between two moments and was heard of at its end.
fn order(id: u64, from: i64, to: i64) -> Order {
    let pile = PileCode::new("55031412782305").unwrap();
    let place = Place { operator: None, station: None, pile, connector: ConnectorNumber(1) };
    let mut order = Order::new(OrderId(id), place, TransactionNumber::ZERO, Origin::Card, at(from));
    (order.started_at, order.ended_at) = (Some(at(from)), Some(at(to)));
    order.progress = Progress { at: Some(at(to)), energy: TEN_KWH, ..Progress::default() };
    order.card = Some("00000000d14b0a54".to_owned());
    order
}

fn record(card: &str) -> TransactionRecord {
    let (mut record, _) = ten_flat();
    record.connector = ConnectorNumber(1);
    record.energy = TEN_KWH;
    record.physical_card = card.to_owned();
    record
}

fn span(from: i64, to: i64) -> Span {
    Some((at(from), at(to)))
}

fn found(record: &TransactionRecord, span: Span, orders: &[Order]) -> Option<u64> {
    match owner(record, span, orders, NO_TOLERANCE) {
        Owner::One(order, _) => Some(order.id.0),
        Owner::Nobody | Owner::Unclear(_) => None,
    }
}

#[test]
fn the_charge_of_that_time_is_meant() {
    let orders = [order(1, 0, 1000), order(2, 1300, 3000), order(3, 3300, 4000)];
    assert_eq!(found(&record(""), span(1310, 2990), &orders), Some(2));
    assert_eq!(found(&record(""), span(1310 - CLOCK_OFF_S, 2990), &orders), Some(2));
    let word = owner(&record("D14B0A54"), span(1310, 2990), &orders[1..2], NO_TOLERANCE);
    assert_eq!(word, Owner::One(&orders[1], vec![Witness::Time, Witness::Energy, Witness::Card]));
    assert_eq!(owner(&record(""), span(1310, 3500), &orders, NO_TOLERANCE), Owner::Nobody);
}

#[test]
fn whatever_speaks_against_an_order_leaves_it_to_a_person() {
    let fits = order(1, 0, 1000);
    let unclear = |record: &TransactionRecord, span: Span, order: &Order, against: &str| {
        let word = owner(record, span, [order], NO_TOLERANCE);
        let Owner::Unclear(told) = word else { panic!("{word:?}") };
        assert!(told[0].ends_with(&format!("against it {against}")), "{told:?}");
    };
    unclear(&record("00000000d14b0a55"), span(0, 1000), &fits, "card");
    unclear(&record("00000000d14b0a54"), span(9000, 9600), &fits, "time");
    let less = TransactionRecord { energy: Energy::from_steps(99_999), ..record("") };
    unclear(&less, span(0, 1000), &fits, "energy");
    let other_car = Order { vin: Some("LSVAU2A37N2183294".to_owned()), ..fits.clone() };
    let seen = TransactionRecord { vin: Some("LSVAU2A37N2183295".to_owned()), ..record("") };
    unclear(&seen, span(0, 1000), &other_car, "vehicle");
    let twice = [fits.clone(), order(2, 60, 1060)];
    assert!(matches!(owner(&record(""), span(0, 1000), &twice, NO_TOLERANCE), Owner::Unclear(told) if told.len() == 2));
}

#[test]
fn a_clock_that_tells_nothing_is_made_good_by_the_card() {
    let orders = [order(1, 0, 1000)];
    assert_eq!(found(&record("00000000d14b0a54"), None, &orders), Some(1));
    assert_eq!(owner(&record(""), None, &orders, NO_TOLERANCE), Owner::Nobody);
}

#[test]
fn a_clock_that_is_off_is_made_good_by_the_card_of_the_only_one_that_waits() {
    let (card, slow) = (record("00000000d14b0a54"), span(-240, 760));
    assert_eq!(found(&card, slow, &[order(1, 0, 1000)]), Some(1));
    assert_eq!(found(&card, slow, &[order(1, 0, 1000), order(2, 1300, 3000)]), None);
    assert_eq!(found(&card, span(-240, 300), &[order(1, 0, 1000)]), None, "another length");
    assert_eq!(found(&record(""), slow, &[order(1, 0, 1000)]), None);
}

#[test]
fn what_has_been_billed_is_not_billed_again() {
    let (terms_record, terms) = ten_flat();
    let bill = judge(&terms_record, None, Some(&terms), &SettlementPolicy::default(), 8);
    let bill = Settlement { pile_energy: TEN_KWH, ..bill };
    let billed = Order { record: Some(7), settlement: Some(bill), ..order(1, 0, 1000) };
    let is_unclear = |record: &TransactionRecord, span: Span, order: &Order| {
        matches!(owner_before(record, span, [order], NO_TOLERANCE), Owner::Unclear(_))
    };
    assert!(is_unclear(&record(""), span(0, 1000), &billed));
    assert!(is_unclear(&record("00000000d14b0a54"), span(5000, 6000), &billed));
    let coarse = Energy::from_steps(TEN_KWH.steps() - 99);
    let told = |energy| TransactionRecord { energy, energy_with_loss: energy, ..record("00000000d14b0a54") };
    assert!(is_unclear(&told(coarse), span(0, 1000), &billed));
    assert!(!is_unclear(&told(Energy::from_steps(50_000)), span(0, 1000), &billed), "that is another charge");
    assert!(!is_unclear(&record(""), span(5000, 6000), &billed));
    // Made from its record, when that came.
    let from_record = Order { created_at: at(9000), ..billed };
    assert!(is_unclear(&record(""), span(0, 1000), &from_record));
    let by_hand = order(1, 0, 1000);
    let one = |record: &TransactionRecord, span: Span| {
        matches!(owner_before(record, span, [&by_hand], NO_TOLERANCE), Owner::One(_, _))
    };
    assert!(one(&record(""), span(0, 1000)));
    assert!(!one(&record("00000000d14b0a55"), span(0, 1000)));
    assert!(is_unclear(&record("00000000d14b0a55"), span(0, 1000), &by_hand));
}

#[test]
fn what_stands_for_an_order_needs_no_clock() {
    let number = TransactionNumber::from_bcd(&[0x12; 16]);
    let remote = Order { origin: Origin::Remote, card: None, transaction_number: number, ..order(1, 0, 1000) };
    let told = record(&wire_card(&remote));
    assert_eq!(found(&told, span(90_000, 91_000), &[remote.clone(), order(2, 0, 1000)]), Some(1));
    assert_eq!(found(&record("1212121212121213"), span(0, 1000), &[remote]), None);
}

#[test]
fn only_charges_of_the_connector_that_wait_for_a_record_are_asked() {
    let elsewhere = Order { connector: ConnectorNumber(2), ..order(1, 0, 1000) };
    let billed = Order { record: Some(7), ..order(2, 0, 1000) };
    let never = Order { started_at: None, ..order(3, 0, 1000) };
    assert_eq!(owner(&record(""), span(0, 1000), &[elsewhere, billed, never], NO_TOLERANCE), Owner::Nobody);
}

#[test]
fn a_charge_that_runs_is_not_billed_by_one_that_is_over() {
    let mut runs = order(2, 300, 0);
    runs.ended_at = None;
    runs.progress.at = Some(at(900));
    assert_eq!(owner(&record(""), span(200, 290), &[runs.clone()], NO_TOLERANCE), Owner::Nobody);
    assert_eq!(owner(&record(""), span(300, 800), &[runs.clone()], NO_TOLERANCE), Owner::Nobody);
    assert_eq!(found(&record(""), span(300, 890), &[runs]), Some(2));
}

proptest! {
    #[test]
    fn one_is_found_only_where_no_other_can_be_meant(
        charges in prop::collection::vec((0_i64..5000, 0_i64..2000, any::<bool>()), 0..6),
        from in 0_i64..5000, length in 0_i64..2000, card: bool, shift in -100_000_i64..100_000,
    ) {
        let card_of = |ours: bool| if ours { "d14b0a54" } else { "d14b0a55" };
        let make = |shift: i64| -> Vec<Order> {
            charges.iter().zip(1..).map(|((from, length, ours), id)| Order {
                card: Some(card_of(*ours).to_owned()),
                ..order(id, from + shift, from + length + shift)
            }).collect()
        };
        let record = record(if card { card_of(true) } else { "" });
        // No order waits alone.
        let other = Order { card: Some("ff".to_owned()), ..order(9, -900_000, -890_000) };
        let mut orders = make(0);
        orders.push(other.clone());
        let answer = found(&record, span(from, from + length), &orders);
        let alone = |order: &Order| found(&record, span(from, from + length), &[order.clone(), other.clone()]);
        let fitting: Vec<u64> = orders.iter().filter_map(alone).collect();
        prop_assert_eq!(answer, match fitting[..] { [one] => Some(one), _ => None });
        // Neither the order of the orders nor the day matters.
        orders.reverse();
        prop_assert_eq!(answer, found(&record, span(from, from + length), &orders));
        let mut shifted = make(shift);
        shifted.push(other.clone());
        prop_assert_eq!(answer, found(&record, span(from + shift, from + length + shift), &shifted));
    }
}

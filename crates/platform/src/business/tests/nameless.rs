//! Records that name no charge: whose they are, and who decides where that can't be told.

use super::*;

#[test]
fn a_record_that_names_no_charge_is_known_by_time_energy_and_card() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.pass(60);
    yard.idles(ONE, false);
    let card = crate::order::number::wire_card(&order);
    let record = TransactionRecord {
        started_at: order.started_at,
        physical_card: card,
        ..yard.bill(TransactionNumber::ZERO, ONE, 10_000)
    };
    yard.receives(TransactionRecord { connector: TWO, ..record.clone() });
    assert_eq!(yard.stands(&order), "awaiting_record", "another connector's");
    yard.pass(10);
    let number = "20261120160020-7".parse().unwrap();
    let reading = RecordReading::Parsed(Box::new(record.clone()));
    let known = yard.receives_reading(ONE, number, &reading);
    let settled = yard.order(order.id);
    assert_eq!((settled.state, settled.record, yard.money()), (OrderState::Settled, Some(known), (9_900, 0)));
    let settlement = settled.settlement.unwrap();
    assert_eq!(serde_json::to_value(&settlement.matched_by).unwrap(), json!(["time", "energy", "card"]));
    assert_eq!(settled.evidence.last().unwrap().what, "record_matched");
    // Handed over once more it finds the same order, and changes nothing.
    let (now, count) = (yard.bench.now, yard.orders().len());
    let again =
        ReceivedRecord { record: known, received_at: now, pile: pile(), connector: ONE, number, reading: &reading };
    yard.work(|business| business.record_received(&again));
    assert_eq!((yard.orders().len(), yard.money()), (count, (9_900, 0)));
    // Its charge has a record: another one like it is nobody's to pay before a person has looked at it.
    yard.receives(record);
    let states: Vec<_> = yard.orders().iter().map(|order| order.abnormal_reason.map(|reason| reason.name())).collect();
    assert_eq!(states, [None, Some("payer_unknown"), Some("order_unclear")]);
}

/// A card charges 1 kWh, without a number in its record.
fn card_charges(yard: &mut Yard) -> (Order, TransactionRecord) {
    yard.ask(Yard::card_request(ONE));
    let order = yard.orders().pop().unwrap();
    yard.pass(20);
    yard.charges(&order);
    yard.pass(60);
    yard.idles(ONE, false);
    let order = yard.order(order.id);
    let record = TransactionRecord {
        started_at: order.started_at,
        ended_at: order.ended_at,
        physical_card: CARD.to_owned(),
        ..yard.bill(TransactionNumber::ZERO, ONE, 10_000)
    };
    (order, record)
}

#[test]
fn a_card_does_not_pay_again_for_what_it_was_billed_by_number() {
    let mut yard = Yard::new();
    let (order, record) = card_charges(&mut yard);
    yard.receives(TransactionRecord { transaction_number: order.transaction_number, ..record.clone() });
    assert_eq!((yard.stands(&order).as_str(), yard.money().0), ("settled", 9_900));
    yard.pass(3 * 86_400);
    yard.receives(record);
    let again = yard.orders().pop().unwrap();
    assert_eq!((yard.stands(&again).as_str(), yard.money().0), ("abnormal: order_unclear", 9_900));
    let told = format!("order {}: for it time, energy, card, against it nothing", order.id);
    assert!(again.evidence.last().unwrap().detail.ends_with(&told), "{:?}", again.evidence);
}

#[test]
fn an_offline_card_does_not_pay_again_for_a_charge_that_is_billed_in_another_form() {
    let mut yard = Yard::new();
    let number = TransactionNumber::from_bcd(&[0x12; 16]);
    let record = TransactionRecord { physical_card: CARD.to_owned(), ..yard.bill(number, ONE, 10_000) };
    yard.pass(86_400);
    yard.receives(record.clone());
    assert_eq!(yard.money().0, 9_900);
    yard.pass(3600);
    yard.receives(TransactionRecord { transaction_number: TransactionNumber::ZERO, ..record });
    let again = yard.orders().pop().unwrap();
    assert_eq!((yard.stands(&again).as_str(), yard.money().0), ("abnormal: order_unclear", 9_900));
}

#[test]
fn a_record_that_comes_after_a_person_settled_its_order_is_that_order_s() {
    for (energy, stands) in [(5_000, "settled"), (10_000, "abnormal: record_differs")] {
        let mut yard = Yard::new();
        let (order, _) = card_charges(&mut yard);
        yard.pass(600);
        assert_eq!(yard.stands(&order), "abnormal: record_overdue");
        yard.work(|business| business.resolve_order(order.id, Resolution::SettleByPile, "user:wang", None));
        assert_eq!(yard.money().0, 9_950);
        let record = TransactionRecord {
            started_at: order.started_at,
            ended_at: order.ended_at,
            physical_card: CARD.to_owned(),
            ..yard.bill(TransactionNumber::ZERO, ONE, energy)
        };
        yard.pass(3 * 86_400);
        yard.receives(record);
        assert_eq!((yard.stands(&order).as_str(), yard.money().0, yard.orders().len()), (stands, 9_950, 1));
    }
}

#[test]
fn nobody_pays_for_a_record_that_names_neither_charge_nor_time() {
    let mut yard = Yard::new();
    let record = TransactionRecord {
        physical_card: CARD.to_owned(),
        started_at: None,
        ..yard.bill(TransactionNumber::ZERO, ONE, 10_000)
    };
    yard.receives(record);
    let made = yard.orders().pop().unwrap();
    assert_eq!((yard.stands(&made).as_str(), yard.money().0), ("abnormal: order_unclear", 10_000));
}

#[test]
fn a_person_decides_whose_a_record_is_where_not_all_speaks_for_an_order() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.pass(60);
    yard.idles(ONE, false);
    // The customer's other card: paying by that would charge for the same energy twice.
    let record =
        TransactionRecord { physical_card: CARD.to_owned(), ..yard.bill(TransactionNumber::ZERO, ONE, 10_000) };
    yard.receives(record.clone());
    let made = yard.orders().pop().unwrap();
    assert_eq!(
        (yard.stands(&order).as_str(), yard.stands(&made).as_str()),
        ("awaiting_record", "abnormal: order_unclear")
    );
    let told = format!("order {}: for it time, energy, against it card", order.id);
    assert!(made.evidence.last().unwrap().detail.ends_with(&told), "{:?}", made.evidence);
    assert_eq!(yard.money().0, 10_000);
    yard.work(|business| business.resolve_order(made.id, Resolution::SettleByPile, "user:wang", None));
    assert_eq!(yard.money().0, 9_900);
}

#[test]
fn a_charge_that_the_platform_was_not_asked_about_is_paid_by_its_card() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.pass(3000);
    yard.idles(ONE, false);
    let now = yard.bench.now;
    let record = TransactionRecord {
        physical_card: "00000000d14b0a54".to_owned(),
        started_at: Some(now.plus_seconds(-90_000)),
        ended_at: Some(now.plus_seconds(-86_000)),
        ..yard.bill(TransactionNumber::ZERO, ONE, 10_000)
    };
    yard.receives(record);
    let states: Vec<_> = yard.orders().iter().map(|order| order.state).collect();
    assert_eq!(states, [OrderState::AwaitingRecord, OrderState::Settled]);
    assert_eq!((yard.stands(&order).as_str(), yard.money().0), ("awaiting_record", 9_900));
}

#[test]
fn what_the_next_charge_reports_is_not_the_last_one_s() {
    let mut yard = Yard::new();
    let order = yard.charging();
    let heard = |yard: &Yard, kwh_e4| {
        let telemetry = Telemetry {
            energy: Energy::from_steps(kwh_e4),
            amount: Amount::from_steps(i64::try_from(kwh_e4).unwrap()),
            ..yard.telemetry(TransactionNumber::ZERO, Reported::Charging, true)
        };
        Progress::from(&telemetry)
    };
    yard.pass(60);
    let its_last = heard(&yard, 10_000);
    yard.bench.presence.progress.insert(order.id, its_last);
    yard.pass(10);
    yard.idles(ONE, false);
    let next = heard(&yard, 30_000);
    let next = Progress { at: next.at.map(|at| at.plus_seconds(15)), ..next };
    yard.bench.presence.progress.insert(order.id, next);
    yard.pass(600);
    let overdue = yard.order(order.id);
    assert_eq!((yard.stands(&order).as_str(), overdue.progress.energy), ("abnormal: record_overdue", its_last.energy));
    let record = TransactionRecord {
        started_at: order.started_at,
        ended_at: overdue.ended_at,
        ..yard.bill(TransactionNumber::ZERO, ONE, 10_000)
    };
    yard.receives(TransactionRecord { physical_card: String::new(), ..record });
    assert_eq!((yard.stands(&order).as_str(), yard.money()), ("settled", (9_900, 0)));
}

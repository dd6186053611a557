//! Transaction records: on time, early, late, twice, unreadable, and of orders that nobody knows.

use super::*;
use crate::settlement::{DifferenceKind, Verdict};

fn unreadable() -> RecordReading {
    RecordReading::Unreadable { reason: "12 bytes short".to_owned() }
}

impl Yard {
    fn receives_another(&mut self, record: TransactionRecord) {
        self.records += 1;
        let (id, at, number, connector) = (self.records, self.bench.now, record.transaction_number, record.connector);
        let reading = RecordReading::Parsed(Box::new(record));
        let received =
            ReceivedRecord { record: id, received_at: at, pile: pile(), connector, number, reading: &reading };
        self.work(|business| business.record_differs(&received));
        assert!(self.bench.books.is_judged(id));
    }

    fn settled(&mut self) -> Order {
        let order = self.charging();
        self.pass(60);
        self.idles(ONE, false);
        self.receives(self.bill(order.transaction_number, ONE, 10_000));
        assert_eq!(self.stands(&order), "settled");
        self.order(order.id)
    }
}

#[test]
fn a_record_before_the_answer_to_the_start_settles() {
    let mut yard = Yard::new();
    let order = yard.start();
    yard.pass(30);
    yard.receives(yard.bill(order.transaction_number, ONE, 10_000));
    assert_eq!(yard.stands(&order), "settled");
    yard.answers(&order, Ok(()));
    assert_eq!((yard.stands(&order).as_str(), yard.money()), ("settled", (9_900, 0)));
}

#[test]
fn a_record_of_nothing_says_that_the_start_failed() {
    let mut yard = Yard::new();
    let order = yard.start();
    yard.answers(&order, Ok(()));
    yard.pass(30);
    let record =
        TransactionRecord { stop_reason: StopReason::new(0x57, None), ..yard.bill(order.transaction_number, ONE, 0) };
    yard.receives(record);
    assert_eq!((yard.stands(&order).as_str(), yard.money()), ("failed: no_energy", (10_000, 0)));
    assert_eq!(yard.order(order.id).stop_code, Some(0x57));
}

#[test]
fn a_failed_start_takes_an_empty_record_in_its_stride() {
    let mut yard = Yard::new();
    let order = yard.start();
    yard.answers(&order, Err("device_fault"));
    let record = yard.receives(yard.bill(order.transaction_number, ONE, 0));
    assert_eq!((yard.stands(&order).as_str(), yard.order(order.id).record), ("failed: device_fault", Some(record)));
    yard.receives_another(yard.bill(order.transaction_number, ONE, 10_000));
    assert_eq!(yard.stands(&order), "abnormal: charged_after_failure");
}

#[test]
fn an_overdue_record_settles_when_it_comes() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.idles(ONE, false);
    yard.pass(30);
    assert_eq!(yard.stands(&order), "abnormal: record_overdue");
    yard.pass(300);
    yard.receives(yard.bill(order.transaction_number, ONE, 10_000));
    assert_eq!((yard.stands(&order).as_str(), yard.money()), ("settled", (9_900, 0)));
}

#[test]
fn a_bill_that_differs_is_for_a_person() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.pass(60);
    let mut record = yard.bill(order.transaction_number, ONE, 10_000);
    record.amount = Amount::from_steps(15_000);
    let Sold::Tiers(tiers) = &mut record.sold else { panic!("{:?}", record.sold) };
    tiers.flat.amount = record.amount;
    yard.receives(record.clone());
    assert_eq!(yard.stands(&order), "abnormal: bill_differs");
    let held = yard.order(order.id);
    let evidence = &held.evidence.last().unwrap().detail;
    assert!(evidence.contains("1.5000 yuan") && evidence.contains("we make it 1.0000 yuan"), "{evidence}");
    assert_eq!(held.settlement.as_ref().unwrap().verdict, Verdict::Hold);
    assert_eq!(
        yard.refusal(|it| it.resolve_order(order.id, Resolution::AskAgain, "user:wang", None)),
        "action_not_possible"
    );
    let note = Some("the customer agreed".to_owned());
    yard.work(|business| business.resolve_order(order.id, Resolution::SettleByPile, "user:wang", note));
    let settled = yard.order(order.id);
    assert_eq!((settled.state, settled.charged, yard.money()), (OrderState::Settled, Some(fen(150)), (9_850, 0)));
    let evidence = &settled.evidence.last().unwrap().detail;
    assert_eq!(evidence, "user:wang settled it at 1.50 yuan (settle_by_pile): the customer agreed");
    assert_eq!(
        yard.refusal(|it| it.resolve_order(order.id, Resolution::WriteOff, "user:wang", None)),
        "order_not_abnormal"
    );
}

#[test]
fn the_policy_of_the_model_decides() {
    let mut yard = Yard::new();
    let mut known: Pile = yard.bench.get(&pile()).unwrap().unwrap();
    known.model = Some("AC7".to_owned());
    yard.bench.put(&known).unwrap();
    let ours = SettlementPolicy { beyond: Verdict::Ours, ..SettlementPolicy::default() };
    yard.bench.rules.settlement_of_model.insert("AC7".to_owned(), ours);
    let order = yard.charging();
    yard.pass(60);
    let mut record = yard.bill(order.transaction_number, ONE, 10_000);
    record.amount = Amount::from_steps(15_000);
    yard.receives(record);
    assert_eq!(yard.order(order.id).charged, Some(fen(100)));
}

#[test]
fn a_second_record_with_other_content_reopens_the_order() {
    let mut yard = Yard::new();
    let order = yard.settled();
    yard.receives_another(yard.bill(order.transaction_number, ONE, 30_000));
    assert_eq!(yard.stands(&order), "abnormal: record_differs");
    let reopened = yard.order(order.id);
    assert_eq!(reopened.record, order.record, "the first record stays");
    let evidence = &reopened.evidence.last().unwrap().detail;
    assert_eq!(evidence, "record 2 says 3.0000 kWh and 3.0000 yuan; record 1 said 1.0000 kWh and 1.0000 yuan");
    // Written off: what was paid goes back.
    yard.work(|business| business.resolve_order(order.id, Resolution::WriteOff, "user:wang", None));
    assert_eq!((yard.order(order.id).charged, yard.money()), (Some(fen(0)), (10_000, 0)));
}

#[test]
fn a_record_that_came_again_otherwise_is_for_a_person() {
    let mut yard = Yard::new();
    let order = yard.settled();
    // As the server hands it over: the record it has, once more.
    let record = yard.bill(order.transaction_number, ONE, 10_000);
    let (at, number, reading) = (yard.bench.now, order.transaction_number, RecordReading::Parsed(Box::new(record)));
    let received =
        ReceivedRecord { record: 1, received_at: at, pile: pile(), connector: ONE, number, reading: &reading };
    yard.work(|business| business.record_received(&received));
    assert_eq!(yard.stands(&order), "settled");
    let received = ReceivedRecord { reading: &reading, ..received };
    yard.work(|business| business.record_differs(&received));
    assert_eq!(yard.stands(&order), "abnormal: record_differs");
    let evidence = yard.order(order.id).evidence.pop().unwrap().detail;
    assert!(evidence.ends_with("it came again with other content"), "{evidence}");
}

#[test]
fn a_record_after_a_person_settled_is_compared() {
    for (energy, stands) in [(0, "settled"), (10_000, "abnormal: record_differs")] {
        let mut yard = Yard::new();
        let order = yard.charging();
        yard.idles(ONE, false);
        yard.pass(30);
        yard.work(|business| business.resolve_order(order.id, Resolution::WriteOff, "user:wang", None));
        yard.pass(3 * 365 * 86_400);
        yard.receives(yard.bill(order.transaction_number, ONE, energy));
        assert_eq!(yard.stands(&order), stands);
    }
}

#[test]
fn an_unreadable_record_waits_for_a_readable_one() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.idles(ONE, false);
    yard.receives_reading(ONE, order.transaction_number, &unreadable());
    assert_eq!(yard.stands(&order), "abnormal: record_unreadable");
    yard.receives_another(yard.bill(order.transaction_number, ONE, 10_000));
    assert_eq!((yard.stands(&order).as_str(), yard.order(order.id).record), ("settled", Some(2)));
}

#[test]
fn a_record_years_late_and_a_clock_of_1999_settle_by_their_number() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.goes_offline();
    yard.pass(2 * 365 * 86_400);
    assert_eq!(yard.stands(&order), "abnormal: pile_gone");
    let y1999: Timestamp = "1999-01-01T00:00:00Z".parse().unwrap();
    let mut record = yard.bill(order.transaction_number, ONE, 10_000);
    (record.started_at, record.ended_at) = (Some(y1999), Some(y1999.plus_seconds(60)));
    yard.login("89860000000000000001");
    yard.receives(record);
    let settled = yard.order(order.id);
    let differences = settled.settlement.clone().unwrap().differences;
    assert!(differences.iter().any(|difference| difference.what == DifferenceKind::Clock), "{differences:?}");
    // Whether the clock alone holds the bill is the policy's; the order is found either way.
    assert!(settled.record.is_some());
    assert_eq!(settled.ended_at, Some(yard.bench.now), "not 1999");
    assert_eq!((yard.stands(&order).as_str(), yard.money()), ("settled", (9_900, 0)));
}

#[test]
fn a_clock_that_is_behind_ends_no_charge_before_it_began() {
    let mut yard = Yard::new();
    let order = yard.charging();
    let began = yard.order(order.id).started_at.unwrap();
    yard.pass(10);
    let mut record = yard.bill(order.transaction_number, ONE, 10_000);
    (record.started_at, record.ended_at) = (Some(began.plus_seconds(-600)), Some(began.plus_seconds(-590)));
    yard.receives(record);
    assert_eq!(yard.order(order.id).ended_at, Some(yard.bench.now));
}

#[test]
fn an_offline_card_makes_an_order_that_its_account_pays() {
    let mut yard = Yard::new();
    let number: TransactionNumber = "55031412782305012611191200000099".parse().unwrap();
    let mut record = yard.bill(number, TWO, 25_000);
    (record.start_source, record.physical_card) = (StartSource::new(StartedBy::OfflineCard, 4), CARD.to_owned());
    yard.receives(record.clone());
    let order = yard.orders().remove(0);
    assert_eq!((order.origin, order.state, order.charged), (Origin::OfflineCard, OrderState::Settled, Some(fen(250))));
    assert_eq!((order.account, order.tariff.map(|tariff| tariff.version)), (Some(li_wei()), Some(1)));
    assert_eq!((order.started_at, order.ended_at), (record.started_at, record.ended_at));
    assert_eq!((yard.money(), yard.told(EventType::OrderCreated)), ((9_750, 0), 1));
    assert!(order.open_on.is_none());
}

#[test]
fn a_record_that_nobody_pays_for_is_for_a_person() {
    let mut yard = Yard::new();
    let number: TransactionNumber = "55031412782305012611191200000099".parse().unwrap();
    yard.receives(yard.bill(number, ONE, 25_000));
    let order = yard.orders().remove(0);
    assert_eq!((order.origin, yard.stands(&order).as_str()), (Origin::Record, "abnormal: payer_unknown"));
    yard.receives_another(yard.bill(number, ONE, 26_000));
    assert_eq!(yard.orders().len(), 1);
    assert_eq!(yard.stands(&order), "abnormal: payer_unknown");
    yard.receives_reading(TWO, TransactionNumber::from_bcd(&[9; 16]), &unreadable());
    let order = yard.orders().remove(1);
    assert_eq!(yard.stands(&order), "abnormal: record_unreadable");
    // Another operator's card does not pay here.
    let mut account = yard.account();
    account.operator = Some("west".parse().unwrap());
    yard.bench.put(&account).unwrap();
    let mut known: Pile = yard.bench.get(&pile()).unwrap().unwrap();
    known.operator = Some("east".parse().unwrap());
    yard.bench.put(&known).unwrap();
    let record = yard.bill(TransactionNumber::from_bcd(&[8; 16]), ONE, 10_000);
    yard.receives(TransactionRecord { physical_card: CARD.to_owned(), ..record });
    let order = yard.orders().remove(2);
    assert_eq!(yard.stands(&order), "abnormal: payer_unknown");
}

#[test]
fn a_vehicle_pays_for_a_record_without_a_card() {
    let mut yard = Yard::new();
    let record = yard.bill(TransactionNumber::from_bcd(&[8; 16]), ONE, 10_000);
    yard.receives(TransactionRecord { vin: Some(VIN.to_owned()), ..record });
    let order = yard.orders().remove(0);
    assert_eq!((order.state, order.account, order.vin.as_deref()), (OrderState::Settled, Some(li_wei()), Some(VIN)));
}

#[test]
fn without_a_tariff_a_person_decides() {
    let mut yard = Yard::new();
    let mut known: Pile = yard.bench.get(&pile()).unwrap().unwrap();
    known.station = None;
    yard.bench.put(&known).unwrap();
    let order = yard.work(|business| business.start_order(Yard::remote(None))).remove(0);
    yard.charges(&order);
    yard.pass(60);
    yard.receives(yard.bill(order.transaction_number, ONE, 10_000));
    assert_eq!(yard.stands(&order), "abnormal: tariff_unknown");
    assert_eq!(actions_of(&yard.order(order.id)), [Resolution::SettleByPile, Resolution::WriteOff]);
}

#[test]
fn asked_again_the_pile_has_its_time_once_more() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.idles(ONE, false);
    yard.pass(30);
    yard.work(|business| business.resolve_order(order.id, Resolution::AskAgain, "user:wang", None));
    assert_eq!((yard.stands(&order).as_str(), yard.sent()), ("awaiting_record", vec!["read_telemetry", "read_record"]));
    yard.pass(30);
    assert_eq!(yard.stands(&order), "abnormal: record_overdue");
    // By its last word: no record ever came.
    yard.work(|business| business.resolve_order(order.id, Resolution::SettleByPile, "user:wang", None));
    assert_eq!(yard.money(), (9_950, 0));
}

#[test]
fn what_a_person_has_decided_about_stays_decided() {
    let mut yard = Yard::new();
    let order = yard.settled();
    let first = yard.order(order.id).record.unwrap();
    let other = RecordReading::Parsed(Box::new(yard.bill(order.transaction_number, ONE, 30_000)));
    let again = |yard: &mut Yard| {
        let (now, number) = (yard.bench.now, order.transaction_number);
        let (record, received_at) = (first, now);
        let received = ReceivedRecord { record, received_at, pile: pile(), connector: ONE, number, reading: &other };
        yard.work(|business| business.record_differs(&received));
    };
    again(&mut yard);
    assert_eq!(yard.stands(&order), "abnormal: record_differs");
    yard.work(|business| business.resolve_order(order.id, Resolution::SettleByPile, "user:wang", None));
    // A third body makes the platform look at all of them anew.
    again(&mut yard);
    assert_eq!((yard.stands(&order).as_str(), yard.money()), ("settled", (9_900, 0)));
}

#[test]
fn a_bill_that_comes_readable_at_last_is_paid_by_its_card() {
    let mut yard = Yard::new();
    let number = TransactionNumber::from_bcd(&[7; 16]);
    yard.receives_reading(ONE, number, &unreadable());
    let order = yard.orders().remove(0);
    assert_eq!(yard.stands(&order), "abnormal: record_unreadable");
    yard.work(|business| business.resolve_order(order.id, Resolution::AskAgain, "user:wang", None));
    yard.pass(30);
    assert_eq!(yard.stands(&order), "abnormal: record_overdue");
    let record = TransactionRecord { physical_card: CARD.to_owned(), ..yard.bill(number, ONE, 10_000) };
    yard.receives(record);
    assert_eq!((yard.stands(&order).as_str(), yard.money()), ("settled", (9_900, 0)));
}

//! Piles that bill by half hour, prepare before they charge, keep connectors for later, and send records again.

use super::*;
use crate::command::ChargeLimit;
use crate::record::HalfHourUsage;
use crate::settlement::DifferenceKind;

/// The half hour that begins at 16:00, when the yard's day begins on the pile's clock.
const SIXTEEN: usize = 32;

/// The same record as a pile writes it that counts half hours.
fn by_half_hour(record: &TransactionRecord) -> TransactionRecord {
    let mut usage = HalfHourUsage::default();
    usage.energies[SIXTEEN] = record.energy;
    usage.electricity = Some(Amount::from_steps(record.amount.steps() * 6 / 10));
    usage.service = Some(Amount::from_steps(record.amount.steps() * 4 / 10));
    TransactionRecord { sold: Sold::half_hours(usage), ..record.clone() }
}

impl Yard {
    fn prepares(&mut self, order: &Order) {
        let telemetry = self.telemetry(order.transaction_number, Reported::Preparing, true);
        self.reports(order.connector, telemetry);
    }

    fn finishes(&mut self, number: TransactionNumber) {
        let telemetry = self.telemetry(number, Reported::Finished, true);
        self.reports(ONE, telemetry);
    }

    /// A start that the pile was told of, at a pile that may prepare for 150 s.
    fn slow_start(&mut self) -> Order {
        let mut state: PileState = self.bench.get(&pile()).unwrap().unwrap();
        state.pace = Pace { prepare_within_s: 150, record_within_s: 60, ..Pace::default() };
        self.bench.put(&state).unwrap();
        let order = self.start();
        self.answers(&order, Ok(()));
        order
    }

    fn asks(&mut self, options: StartOptions) -> Order {
        let start = StartOrder { options, ..Self::remote(Some(li_wei())) };
        self.work(|business| business.start_order(start)).remove(0)
    }
}

/// What a charge leaves behind that is billed in one way or the other.
fn left_by(kind: fn(&TransactionRecord) -> TransactionRecord) -> (Order, Vec<(EventType, Value)>, (i64, i64)) {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.pass(60);
    yard.idles(ONE, false);
    let record = kind(&yard.bill(order.transaction_number, ONE, 5_000));
    yard.receives(record);
    let events = yard.bench.books.events().iter();
    let events = events.map(|event| (event.event_type, event.data.clone())).collect();
    (yard.order(order.id), events, yard.money())
}

#[test]
fn both_kinds_of_records_give_the_same_order_events_and_bill() {
    let (by_tier, by_half_hour) = (left_by(TransactionRecord::clone), left_by(by_half_hour));
    assert_eq!(by_tier.0.charged, Some(fen(50)));
    assert_eq!(by_tier.0.settlement.as_ref().unwrap().ours.as_ref().unwrap().tiers.flat.energy.steps(), 5_000);
    assert_eq!(by_tier.0.settlement.as_ref().unwrap().differences, []);
    assert_eq!(by_tier, by_half_hour);
}

#[test]
fn a_half_hour_that_the_charge_did_not_touch_is_for_a_person() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.pass(60);
    yard.idles(ONE, false);
    let mut record = by_half_hour(&yard.bill(order.transaction_number, ONE, 5_000));
    let Sold::HalfHours(usage) = &mut record.sold else { panic!("{:?}", record.sold) };
    usage.energies.swap(SIXTEEN, SIXTEEN + 8);
    yard.receives(record);
    assert_eq!(yard.stands(&order), "abnormal: bill_differs");
    let held = yard.order(order.id);
    let differences = held.settlement.unwrap().differences;
    let [difference] = &differences[..] else { panic!("{differences:?}") };
    assert_eq!((difference.what, difference.pile.as_str()), (DifferenceKind::HalfHourTime, "0.5000 kWh at 20:00"));
}

#[test]
fn a_pile_that_prepares_has_the_time_of_its_pace() {
    let mut yard = Yard::new();
    let order = yard.slow_start();
    yard.pass(80);
    yard.prepares(&order);
    assert_eq!(yard.shown(ONE), ConnectorState::Ready);
    yard.pass(149);
    assert_eq!(yard.stands(&order), "starting");
    yard.charges(&order);
    assert_eq!(yard.stands(&order), "charging");
    yard.finishes(TransactionNumber::ZERO);
    assert_eq!(yard.stands(&order), "awaiting_record");
    assert_eq!(yard.order(order.id).end_reason.as_deref(), Some("stopped_by_pile"));
    yard.pass(59);
    assert_eq!(yard.stands(&order), "awaiting_record");
    yard.pass(1);
    assert_eq!(yard.stands(&order), "abnormal: record_overdue");
}

#[test]
fn preparing_that_leads_to_nothing_is_a_failed_start() {
    for state in [Reported::Idle, Reported::Finished, Reported::Fault] {
        let mut yard = Yard::new();
        let order = yard.slow_start();
        yard.prepares(&order);
        let telemetry = yard.telemetry(order.transaction_number, state, true);
        yard.reports(ONE, telemetry);
        assert_eq!(yard.stands(&order), "awaiting_record", "a record may tell of a short charge");
        yard.pass(60);
        assert_eq!(yard.order(order.id).failure.as_deref(), Some("start_failed"));
        assert_eq!(yard.money(), (10_000, 0));
    }
}

#[test]
fn what_a_connector_says_of_the_charge_before_moves_no_order() {
    let mut yard = Yard::new();
    yard.finishes("A-7".parse().unwrap());
    let order = yard.slow_start();
    yard.finishes("A-7".parse().unwrap());
    assert_eq!(yard.stands(&order), "starting");
    yard.charges(&order);
    yard.finishes("A-7".parse().unwrap());
    assert_eq!(yard.stands(&order), "charging");
    yard.finishes(order.transaction_number);
    assert_eq!(yard.stands(&order), "awaiting_record");
}

#[test]
fn options_reach_the_pile_and_the_password_stays_there() {
    let mut yard = Yard::new();
    let options = StartOptions {
        limit: Some(ChargeLimit::Seconds(1800)),
        stop_password: Some("4711".to_owned()),
        ..StartOptions::default()
    };
    let order = yard.asks(options.clone());
    let sent = &yard.bench.reaction.dispatch[0].request;
    assert!(matches!(sent, CommandAction::StartCharge { options: sent, .. } if *sent == options), "{sent:?}");
    assert_eq!(order.options, options.redacted());
    let told: String = yard.bench.books.events().iter().map(|event| event.data.to_string()).collect();
    assert!(told.contains("1800") && !told.contains("4711"), "{told}");
    yard.answers(&order, Ok(()));
    let kept: Vec<crate::command::Command> = yard.bench.books.all().unwrap();
    assert!(!serde_json::to_string(&kept).unwrap().contains("4711"));
}

#[test]
fn options_that_can_not_be_are_refused() {
    let mut yard = Yard::new();
    let at = |seconds| Some(yard.bench.now.plus_seconds(seconds));
    let (past, far) = (at(-1), at(8 * 86_400));
    let refused = |yard: &mut Yard, options| {
        yard.refusal(|business| business.start_order(StartOrder { options, ..Yard::remote(None) }))
    };
    for start_at in [past, far] {
        let options = StartOptions { start_at, ..StartOptions::default() };
        assert_eq!(refused(&mut yard, options), "options/start_at");
    }
    let options = StartOptions { limit: Some(ChargeLimit::Seconds(0)), ..StartOptions::default() };
    assert_eq!(refused(&mut yard, options), "options/limit");
    let options = StartOptions { stop_password: Some("1".to_owned()), ..StartOptions::default() };
    let both = StartOrder { parallel_with: Some(TWO), options, ..Yard::remote(None) };
    assert_eq!(yard.refusal(|business| business.start_order(both)), "options");
}

/// A charge that is to begin in an hour, for which the connector is kept for ten minutes.
fn later(yard: &Yard) -> StartOptions {
    let start_at = Some(yard.bench.now.plus_seconds(3600));
    StartOptions { start_at, hold_minutes: Some(10), ..StartOptions::default() }
}

#[test]
fn a_charge_waits_for_its_start_time() {
    let mut yard = Yard::new();
    let options = later(&yard);
    let order = yard.asks(options);
    yard.answers(&order, Ok(()));
    let telemetry = yard.telemetry(order.transaction_number, Reported::Reserved, false);
    yard.reports(ONE, telemetry);
    assert_eq!((yard.shown(ONE), yard.stands(&order)), (ConnectorState::Reserved, "starting".to_owned()));
    yard.pass(3600 + 300);
    yard.charges(&order);
    assert_eq!(yard.stands(&order), "charging");

    let mut yard = Yard::new();
    let order = yard.asks(later(&yard));
    yard.answers(&order, Ok(()));
    yard.pass(3600 + 600 + 89);
    assert_eq!(yard.stands(&order), "starting");
    yard.pass(1);
    assert_eq!(yard.order(order.id).failure.as_deref(), Some("no_charge_seen"));
}

#[test]
fn a_charge_for_later_is_sold_by_the_tariff_of_its_time() {
    let mut yard = Yard::new();
    let order = yard.asks(later(&yard));
    yard.answers(&order, Ok(()));
    let first: TariffVersion = yard.bench.get(order.tariff.as_ref().unwrap()).unwrap().unwrap();
    let (mut second, mut state): (_, PileState) = (first.clone(), yard.bench.get(&pile()).unwrap().unwrap());
    (second.version, second.number) = (2, "0101".parse().unwrap());
    state.running_tariff = Some(second.number);
    yard.bench.put(&second).unwrap();
    yard.bench.put(&state).unwrap();
    yard.pass(3600);
    assert_eq!(yard.order(order.id).tariff, order.tariff);
    yard.charges(&order);
    assert_eq!(yard.order(order.id).tariff, Some(second.reference()));
    // One that has begun keeps it.
    state.running_tariff = Some(first.number);
    yard.bench.put(&state).unwrap();
    yard.charges(&order);
    assert_eq!(yard.order(order.id).tariff, Some(second.reference()));
}

#[test]
fn a_limit_in_money_is_what_is_set_aside() {
    for (asked, limit, most) in [(2_000, None, 2_000), (2_000, Some(1_500), 1_500), (9_000_000, None, 10_000)] {
        let mut yard = Yard::new();
        let limited = Some(ChargeLimit::Amount(fen(asked)));
        let options = StartOptions { limit: limited, ..StartOptions::default() };
        let start = StartOrder { options, limit: limit.map(fen), ..Yard::remote(Some(li_wei())) };
        let order = yard.work(|business| business.start_order(start)).remove(0);
        assert_eq!((order.reserved, order.options.limit), (fen(most), limited));
        let CommandAction::StartCharge { balance, options, .. } = &yard.bench.reaction.dispatch[0].request else {
            panic!("no start")
        };
        assert_eq!(*balance, fen(most));
        assert_eq!(options.amount(), order.cap, "never more than the order may cost");
    }
}

#[test]
fn a_pile_that_is_away_gives_up_a_reservation_when_it_is_back() {
    let mut yard = Yard::new();
    let order = yard.asks(later(&yard));
    yard.answers(&order, Ok(()));
    yard.goes_offline();
    let request = CommandAction::CancelReservation { connector: ONE };
    let keep_until = Some(yard.bench.now.plus_seconds(3600));
    yard.work(|business| business.queue_command(NewCommand { keep_until, ..NewCommand::of_platform(pile(), request) }));
    yard.pass(600);
    assert_eq!(yard.stands(&order), "stopping");
}

#[test]
fn a_reservation_is_given_up_with_its_order() {
    for by_command in [false, true] {
        let mut yard = Yard::new();
        let order = yard.asks(later(&yard));
        yard.answers(&order, Ok(()));
        if by_command {
            let request = CommandAction::CancelReservation { connector: ONE };
            yard.work(|business| business.queue_command(NewCommand::of_platform(pile(), request)));
        } else {
            yard.work(|business| business.stop_order(order.id, "user:wang"));
        }
        assert_eq!((yard.stands(&order).as_str(), yard.sent()), ("stopping", vec!["cancel_reservation"]));
        yard.command_ends("cancel", CommandResult::Succeeded(Value::Null));
        yard.pass(30);
        assert_eq!(yard.order(order.id).failure.as_deref(), Some("stopped_before_start"));
        assert_eq!(yard.money(), (10_000, 0));
    }
}

#[test]
fn what_began_before_it_was_given_up_is_stopped() {
    let mut yard = Yard::new();
    let order = yard.asks(later(&yard));
    yard.answers(&order, Ok(()));
    yard.work(|business| business.stop_order(order.id, "user:wang"));
    yard.charges(&order);
    assert_eq!(yard.sent(), ["cancel_reservation", "stop_charge"]);
    // Each end of the two is one of the stop.
    yard.command_ends("stop", CommandResult::Succeeded(Value::Null));
    assert_eq!(yard.stands(&order), "awaiting_record");
}

#[test]
fn asked_again_a_pile_sends_the_record_that_is_missing() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.idles(ONE, false);
    yard.pass(30);
    assert_eq!(yard.stands(&order), "abnormal: record_overdue");
    yard.work(|business| business.resolve_order(order.id, Resolution::AskAgain, "user:wang", None));
    let asked = CommandAction::ReadRecord { transaction_number: Some(order.transaction_number), index: None };
    assert_eq!(yard.bench.reaction.dispatch.last().unwrap().request, asked);
    let record = yard.bill(order.transaction_number, ONE, 10_000);
    yard.receives(record);
    yard.command_ends("read_record", CommandResult::Succeeded(Value::Null));
    assert_eq!(yard.stands(&order), "settled");
}

#[test]
fn asked_again_a_pile_sends_the_record_that_could_not_be_read() {
    let mut yard = Yard::new();
    let order = yard.charging();
    let unreadable = RecordReading::Unreadable { reason: "12 bytes missing".to_owned() };
    yard.receives_reading(ONE, order.transaction_number, &unreadable);
    assert_eq!(yard.stands(&order), "abnormal: record_unreadable");
    yard.work(|business| business.resolve_order(order.id, Resolution::AskAgain, "user:wang", None));
    assert_eq!(yard.sent().last(), Some(&"read_record"));
}

#[test]
fn a_card_is_found_by_what_the_pile_calls_it() {
    for word in ["D14B0A54", "00000000d14b0a54", "1000000573"] {
        let mut yard = Yard::new();
        let reading = CardReading::Stored;
        let request = StartRequest { identity: word.to_owned(), reading, ..Yard::card_request(ONE) };
        let decision = yard.ask(request);
        assert_eq!(decision.refusal, None, "{word}");
        let order = yard.order(decision.order.unwrap());
        assert_eq!(order.card.as_deref(), Some(CARD));
        yard.charges(&order);
        yard.pass(60);
        yard.idles(ONE, false);
        let record = yard.bill(TransactionNumber::ZERO, ONE, 5_000);
        yard.receives(TransactionRecord { physical_card: word.to_owned(), ..record });
        assert_eq!(yard.stands(&order), "settled", "{word}");
        assert_eq!(yard.order(order.id).settlement.unwrap().differences, [], "{word}");
    }
}

#[test]
fn a_printed_number_in_a_chip_is_no_card() {
    let mut yard = Yard::new();
    for word in ["1000000573", "0000001000000573"] {
        let request = StartRequest { identity: word.to_owned(), ..Yard::card_request(ONE) };
        assert_eq!(yard.ask(request).refusal, Some(StartRefusal::AccountUnknown), "{word}");
    }
}

#[test]
fn a_whole_pile_has_alarms() {
    let mut yard = Yard::new();
    let whole = ConnectorNumber(0);
    yard.work(|business| business.hardware_faults(pile(), whole, None, &["emergency_stop", "smoke"]));
    yard.work(|business| business.hardware_faults(pile(), whole, None, &["smoke"]));
    yard.work(|business| business.hardware_faults(pile(), ONE, None, &[]));
    let alarms: Vec<crate::alarm::Alarm> = yard.bench.books.all().unwrap();
    let told: Vec<_> = alarms.iter().map(|alarm| (alarm.code.as_str(), alarm.closed_at.is_some())).collect();
    assert_eq!(told, [("hardware.emergency_stop", true), ("hardware.smoke", false)]);
}

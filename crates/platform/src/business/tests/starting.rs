//! Who may start, by API, card, account and vehicle.

use super::*;

#[test]
fn a_start_through_the_api_reserves_and_tells_the_pile() {
    let mut yard = Yard::new();
    let order = yard.start();
    assert_eq!(order.state, OrderState::Starting);
    assert_eq!(order.transaction_number.to_string(), "55031412782305012611201600000001");
    assert_eq!(order.tariff.as_ref().map(ToString::to_string).as_deref(), Some("flat/1"));
    assert_eq!((order.limit, order.reserved), (Some(fen(10_000)), fen(10_000)));
    assert_eq!(yard.money(), (10_000, 10_000));
    let [command] = &yard.bench.reaction.dispatch[..] else { panic!("one command") };
    let CommandAction::StartCharge { connector, transaction_number, logical_card, physical_card, balance, .. } =
        &command.request
    else {
        panic!("{command:?}")
    };
    assert_eq!((*connector, *transaction_number), (ONE, order.transaction_number));
    assert_eq!((logical_card.as_str(), physical_card.as_str()), ("2611201600000001", "2611201600000001"));
    assert_eq!((*balance, command.order), (fen(10_000), Some(order.id)));
    assert_eq!(yard.told(EventType::OrderCreated), 1);
    let version: TariffVersion = yard.bench.get(&order.tariff.unwrap()).unwrap().unwrap();
    assert!(version.used_at.is_some());
}

#[test]
fn an_order_paid_for_elsewhere_reserves_nothing_and_has_its_limit() {
    let mut yard = Yard::new();
    let start = StartOrder { limit: Some(fen(2_000)), ..Yard::remote(None) };
    let order = yard.work(|business| business.start_order(start)).remove(0);
    assert_eq!((order.limit, order.reserved, order.account.clone()), (Some(fen(2_000)), fen(0), None));
    yard.charges(&order);
    yard.receives(yard.bill(order.transaction_number, ONE, 25_000));
    assert_eq!(yard.order(order.id).charged, Some(fen(250)));
    assert_eq!(yard.money(), (10_000, 0));
}

#[test]
fn the_api_says_why_not() {
    let mut yard = Yard::new();
    let with = |change: fn(&mut StartOrder)| {
        let mut start = Yard::remote(Some(li_wei()));
        change(&mut start);
        start
    };
    for (start, why) in [
        (with(|start| start.pile = PileCode::new("1").unwrap()), "pile"),
        (with(|start| start.connector = ConnectorNumber(0)), "connector"),
        (with(|start| start.connector = ConnectorNumber(3)), "connector"),
        (with(|start| start.parallel_with = Some(ONE)), "parallel_with"),
        (with(|start| start.limit = Some(fen(0))), "limit"),
        (with(|start| start.account = Some("nobody".parse().unwrap())), "account"),
    ] {
        assert_eq!(yard.refusal(|business| business.start_order(start)), why);
    }
    let refused = |change: fn(&mut Yard), why: &str| {
        let mut yard = Yard::new();
        change(&mut yard);
        assert_eq!(yard.refusal(|business| business.start_order(Yard::remote(Some(li_wei())))), why);
        assert!(yard.sent().is_empty() || why == "connector_busy");
    };
    refused(|yard| yard.goes_offline(), "pile_offline");
    refused(|yard| change_pile(yard, |pile| pile.enabled = false), "pile_out_of_service");
    refused(|yard| change_pile(yard, |pile| pile.station = None), "no_tariff");
    refused(|yard| drop(yard.start()), "connector_busy");
    refused(|yard| change_account(yard, |account| account.status = AccountStatus::Frozen), "account_frozen");
    refused(|yard| change_account(yard, |account| account.allowed_stations = Some(vec![])), "not_allowed_here");
    refused(
        |yard| {
            yard.work(|it| it.change_balance(&li_wei(), fen(-9_501), EntryKind::Adjustment, None, "user:wang"));
        },
        "balance_too_low",
    );
    refused(
        |yard| {
            change_station(yard, |station| station.capacity = Some(1));
            let start = StartOrder { connector: TWO, ..Yard::remote(None) };
            yard.work(|business| business.start_order(start));
            yard.bench.reaction.dispatch.clear();
        },
        "station_capacity",
    );
    refused(
        |yard| {
            let order = yard.charging();
            yard.idles(ONE, false);
            yard.pass(31);
            assert_eq!(yard.stands(&order), "abnormal: record_overdue");
        },
        "account_unsettled",
    );
}

#[test]
fn a_card_starts_and_is_told_its_printed_number() {
    let mut yard = Yard::new();
    let decision = yard.ask(Yard::card_request(ONE));
    let order = yard.order(decision.order.unwrap());
    assert_eq!(decision.refusal, None);
    assert_eq!(decision.transaction_number, order.transaction_number);
    assert_eq!((decision.logical_card.as_str(), decision.balance), ("1000000573", fen(10_000)));
    assert_eq!((order.state, order.origin, order.confirmed), (OrderState::Starting, Origin::Card, true));
    assert_eq!(order.card.as_deref(), Some(CARD));
    assert!(yard.sent().is_empty(), "the pile asked for it itself");
    // The answer was lost: asked again, told again.
    yard.pass(5);
    assert_eq!(yard.ask(Yard::card_request(ONE)), decision);
    assert_eq!(yard.orders().len(), 1);
    yard.charges(&order);
    assert_eq!(yard.stands(&order), "charging");
}

#[test]
fn a_vehicle_starts_in_either_order_of_its_number() {
    for vin in [VIN.to_owned(), VIN.chars().rev().collect()] {
        let mut yard = Yard::new();
        let zeros = "0".repeat(16);
        let request =
            StartRequest { method: StartMethod::Vin, identity: zeros, vin: Some(vin), ..Yard::card_request(ONE) };
        let decision = yard.ask(request);
        let order = yard.order(decision.order.unwrap());
        assert_eq!((order.vin.as_deref(), order.origin), (Some(VIN), Origin::Vin));
        assert_eq!(decision.logical_card, "0042");
    }
}

#[test]
fn an_account_typed_in_needs_its_password_and_the_settings_leave() {
    let mut yard = Yard::new();
    let md5 = "49ba59abbe56e057";
    change_account(&mut yard, |account| account.password_md5 = Some("49ba59abbe56e057".to_owned()));
    let request = |password: Option<&str>| StartRequest {
        method: StartMethod::Account,
        identity: "0000000000000042".to_owned(),
        password_md5: password.map(str::to_owned),
        ..Yard::card_request(ONE)
    };
    assert_eq!(yard.ask(request(Some(md5))).refusal, Some(StartRefusal::WrongPassword));
    yard.bench.rules.allow_pile_passwords = true;
    assert_eq!(yard.ask(request(Some("0000000000000000"))).refusal, Some(StartRefusal::WrongPassword));
    assert_eq!(yard.ask(request(None)).refusal, Some(StartRefusal::WrongPassword));
    assert_eq!(yard.ask(request(Some(md5))).refusal, None);
    assert_eq!(yard.told(EventType::StartRefused), 3);
}

#[test]
fn each_refusal_at_a_pile_in_its_case() {
    let refused = |prepare: fn(&mut Yard), change: fn(&mut StartRequest), why: StartRefusal| {
        let mut yard = Yard::new();
        prepare(&mut yard);
        let mut request = Yard::card_request(ONE);
        change(&mut request);
        let before = yard.orders();
        let decision = yard.ask(request);
        assert_eq!(decision.refusal, Some(why));
        assert!(decision.transaction_number.is_zero() && decision.order.is_none());
        assert_eq!(yard.orders(), before);
    };
    let nothing: fn(&mut Yard) = |_| {};
    let same: fn(&mut StartRequest) = |_| {};
    refused(nothing, |it| it.pile = PileCode::new("1").unwrap(), StartRefusal::PileOutOfService);
    refused(nothing, |it| it.identity = "00000000ffffffff".to_owned(), StartRefusal::AccountUnknown);
    refused(nothing, |it| it.method = StartMethod::Other(9), StartRefusal::CardsNotSupported);
    refused(nothing, |it| it.method = StartMethod::Vin, StartRefusal::VinUnknown);
    refused(|yard| change_account(yard, |it| it.status = AccountStatus::Frozen), same, StartRefusal::AccountFrozen);
    refused(
        |yard| {
            let mut card: Card = yard.bench.get(&CARD.to_owned()).unwrap().unwrap();
            card.status = CardStatus::Frozen;
            yard.bench.put(&card).unwrap();
        },
        same,
        StartRefusal::AccountFrozen,
    );
    refused(
        |yard| change_account(yard, |it| it.password_md5 = Some("49ba59abbe56e057".to_owned())),
        |it| it.password_md5 = Some("1111111111111111".to_owned()),
        StartRefusal::WrongPassword,
    );
    refused(|yard| change_account(yard, |it| it.allowed_stations = Some(vec![])), same, StartRefusal::NotAllowedHere);
    refused(
        |yard| {
            change_account(yard, |it| it.operator = Some("west".parse().unwrap()));
            change_pile(yard, |it| it.operator = Some("east".parse().unwrap()));
        },
        same,
        StartRefusal::NotAllowedHere,
    );
    refused(|yard| drop(yard.ask(Yard::card_request(TWO))), same, StartRefusal::CardUnsettled);
    refused(|yard| drop(yard.start()), same, StartRefusal::PileUnsettled);
    refused(|yard| change_station(yard, |it| it.capacity = Some(0)), same, StartRefusal::StationCapacity);
    refused(
        |yard| {
            let start = StartOrder { connector: TWO, ..Yard::remote(Some(li_wei())) };
            yard.work(|business| business.start_order(start));
        },
        same,
        StartRefusal::BalanceTooLow,
    );
    refused(
        |yard| {
            let mut state: PileState = yard.bench.get(&pile()).unwrap().unwrap();
            state.work_allowed = Some(false);
            yard.bench.put(&state).unwrap();
        },
        same,
        StartRefusal::PileOutOfService,
    );
}

#[test]
fn a_record_that_is_due_holds_the_connector_for_cards_until_it_is_overdue() {
    let mut yard = Yard::new();
    let start = yard.work(|business| business.start_order(Yard::remote(None))).remove(0);
    yard.charges(&start);
    yard.idles(ONE, false);
    assert_eq!(yard.ask(Yard::card_request(ONE)).refusal, Some(StartRefusal::PileUnsettled));
    yard.pass(31);
    assert_eq!(yard.stands(&start), "abnormal: record_overdue");
    assert_eq!(yard.ask(Yard::card_request(ONE)).refusal, None);
}

fn change_account(yard: &mut Yard, change: impl FnOnce(&mut Account)) {
    let mut account = yard.account();
    change(&mut account);
    yard.bench.put(&account).unwrap();
}

fn change_pile(yard: &mut Yard, change: impl FnOnce(&mut Pile)) {
    let mut known: Pile = yard.bench.get(&pile()).unwrap().unwrap();
    change(&mut known);
    yard.bench.put(&known).unwrap();
}

fn change_station(yard: &mut Yard, change: impl FnOnce(&mut Station)) {
    let mut known: Station = yard.bench.get(&"north-gate".parse().unwrap()).unwrap().unwrap();
    change(&mut known);
    yard.bench.put(&known).unwrap();
}

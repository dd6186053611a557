//! Reservations, top-ups during a charge, limits, and who owes what.

use super::*;

#[test]
fn what_is_set_aside_is_what_there_is_up_to_the_cap_and_the_limit() {
    for (balance, limit, reserved) in
        [(10_000, None, 10_000), (90_000, None, 50_000), (90_000, Some(2_000), 2_000), (90_000, Some(70_000), 50_000)]
    {
        let mut yard = Yard::new();
        yard.top_up(balance - 10_000 + 1);
        let start = StartOrder { limit: limit.map(fen), ..Yard::remote(Some(li_wei())) };
        let order = yard.work(|business| business.start_order(start)).remove(0);
        assert_eq!(order.reserved, fen(reserved + i64::from(balance == 10_000)), "{balance} {limit:?}");
        assert_eq!(order.limit, Some(order.reserved));
    }
}

#[test]
fn a_charge_may_cost_more_than_was_set_aside() {
    let mut yard = Yard::new();
    let start = StartOrder { limit: Some(fen(100)), ..Yard::remote(Some(li_wei())) };
    let order = yard.work(|business| business.start_order(start)).remove(0);
    yard.charges(&order);
    yard.pass(3_600);
    yard.receives(yard.bill(order.transaction_number, ONE, 1_020_000));
    assert_eq!(yard.stands(&order), "settled");
    assert_eq!(yard.money(), (-200, 0));
    let start = Yard::remote(Some(li_wei()));
    assert_eq!(yard.refusal(|business| business.start_order(start)), "balance_too_low");
}

#[test]
fn a_top_up_during_a_charge_goes_to_the_pile() {
    let mut yard = Yard::new();
    let order = yard.charging();
    yard.top_up(2_000);
    assert_eq!((yard.order(order.id).reserved, yard.order(order.id).limit), (fen(12_000), Some(fen(12_000))));
    assert_eq!(yard.money(), (12_000, 12_000));
    let command = yard.bench.reaction.dispatch.last().unwrap().clone();
    let CommandAction::UpdateBalance { connector, physical_card, balance } = &command.request else { panic!() };
    assert_eq!((*connector, physical_card.as_str(), *balance), (ONE, "2611201600000001", fen(12_000)));
    yard.command_ends("update", CommandResult::Succeeded(Value::Null));
    // Up to the cap.
    yard.top_up(60_000);
    assert_eq!((yard.order(order.id).reserved, yard.money()), (fen(50_000), (72_000, 50_000)));
    yard.command_ends("update", CommandResult::Succeeded(Value::Null));
    yard.top_up(1_000);
    assert!(yard.sent().is_empty(), "there is nothing to tell any more");
}

#[test]
fn a_top_up_leaves_alone_what_its_user_limited_and_who_is_away() {
    let mut yard = Yard::new();
    let start = StartOrder { limit: Some(fen(2_000)), ..Yard::remote(Some(li_wei())) };
    let order = yard.work(|business| business.start_order(start)).remove(0);
    yard.answers(&order, Ok(()));
    yard.charges(&order);
    yard.top_up(2_000);
    assert_eq!(yard.order(order.id).limit, Some(fen(2_000)));

    let mut yard = Yard::new();
    let order = yard.charging();
    yard.goes_offline();
    yard.top_up(2_000);
    assert_eq!((yard.order(order.id).reserved, yard.money()), (fen(10_000), (12_000, 10_000)));
}

#[test]
fn a_card_at_the_pile_is_named_in_a_top_up_and_a_vehicle_is_not_checked() {
    let mut yard = Yard::new();
    let decision = yard.ask(Yard::card_request(ONE));
    yard.top_up(100);
    let told = |yard: &Yard| match &yard.bench.reaction.dispatch.last().unwrap().request {
        CommandAction::UpdateBalance { physical_card, .. } => physical_card.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(told(&yard), CARD);
    let mut yard = Yard::new();
    let vin = Some(VIN.to_owned());
    yard.ask(StartRequest { method: StartMethod::Vin, vin, ..Yard::card_request(ONE) });
    yard.top_up(100);
    assert_eq!(told(&yard), "0000000000000000");
    assert!(decision.refusal.is_none());
}

#[test]
fn a_change_that_is_none_is_refused() {
    let mut yard = Yard::new();
    let mut refused = |account: &str, amount: i64, kind: EntryKind| {
        let account: AccountId = account.parse().unwrap();
        yard.refusal(|business| business.change_balance(&account, fen(amount), kind, None, "user:wang"))
    };
    assert_eq!(refused("nobody", 1, EntryKind::TopUp), "account");
    assert_eq!(refused("li-wei", 0, EntryKind::TopUp), "amount");
    assert_eq!(refused("li-wei", -1, EntryKind::TopUp), "amount");
    assert_eq!(refused("li-wei", 0, EntryKind::Adjustment), "amount");
    assert_eq!(refused("li-wei", i64::MAX, EntryKind::TopUp), "amount");
    assert_eq!(refused("li-wei", 1, EntryKind::Charge), "kind");
}

#[test]
fn the_ledger_tells_the_whole_story_and_no_secret() {
    let mut yard = Yard::new();
    let mut account = yard.account();
    account.password_md5 = Some("49ba59abbe56e057".to_owned());
    yard.bench.put(&account).unwrap();
    let order = yard.charging();
    yard.pass(60);
    yard.receives(yard.bill(order.transaction_number, ONE, 12_345));
    let entries: Vec<Entry> = yard.bench.books.all().unwrap();
    let story: Vec<_> =
        entries.iter().map(|it| (it.kind, it.amount.steps(), it.balance.steps(), it.reserved.steps())).collect();
    assert_eq!(
        story,
        [
            (EntryKind::TopUp, 10_000, 10_000, 0),
            (EntryKind::Reserve, 10_000, 10_000, 10_000),
            (EntryKind::Release, -10_000, 10_000, 0),
            (EntryKind::Charge, -123, 9_877, 0),
        ]
    );
    let events = yard.bench.books.events().iter();
    let changed: Vec<_> = events.filter(|event| event.event_type == EventType::AccountChanged).collect();
    assert_eq!(changed.len(), 4);
    assert!(changed.iter().all(|event| !event.data.to_string().contains("49ba59abbe56e057")));
    assert_eq!(changed[0].data["by"], "user:wang");
    assert_eq!(changed[3].data["balance"], "98.77");
}

//! The register's rules, on books in memory.

use super::*;
use crate::account::AccountStatus;
use crate::alarm::Alarm;
use crate::book::Books;
use crate::business::testing::Bench;
use crate::card::{Card, CardOnPile, CardOnPileState, CardStatus};
use crate::event::EventType;
use crate::identity::{AlarmId, PileCode};
use crate::pile::{Pile, PileState};
use crate::timestamp::Timestamp;
use crate::unit::Balance;
use crate::user::{Role, Scope, Token, User};
use crate::vehicle::Vehicle;

const NOW: i64 = 1_795_162_530_000;

fn bench() -> Bench {
    let mut bench = Bench::new(Timestamp::from_unix_ms(NOW));
    for id in ["east", "west"] {
        bench.work(|business| business.put_operator(operator(id))).unwrap();
    }
    bench.work(|business| business.put_station(station("gate", Some("east")))).unwrap();
    bench
}

fn operator(id: &str) -> Operator {
    let id: OperatorId = id.parse().unwrap();
    Operator { name: id.to_string(), id, tcec_id: None, created_at: Timestamp::MIN }
}

fn station(id: &str, operator: Option<&str>) -> Station {
    Station {
        id: id.parse().unwrap(),
        operator: operator.map(|id| id.parse().unwrap()),
        name: id.to_owned(),
        address: None,
        tariff: None,
        capacity: None,
        created_at: Timestamp::MIN,
    }
}

fn pile(code: &str, station: Option<&str>) -> Pile {
    Pile {
        code: PileCode::new(code).unwrap(),
        operator: None,
        station: station.map(|id| id.parse().unwrap()),
        name: None,
        model: None,
        serial: None,
        profile: None,
        connector_count: 2,
        tariff: None,
        enabled: true,
        power_limit: None,
        created_at: Timestamp::MIN,
    }
}

fn account(id: &str, operator: Option<&str>) -> Account {
    Account {
        id: id.parse().unwrap(),
        operator: operator.map(|id| id.parse().unwrap()),
        name: id.to_owned(),
        number: None,
        password_md5: None,
        balance: Balance::from_steps(999),
        reserved: Balance::from_steps(9),
        status: AccountStatus::Active,
        allowed_stations: None,
        created_at: Timestamp::MIN,
    }
}

fn card(physical: &str, account: &str) -> Card {
    Card {
        physical_number: physical.to_owned(),
        logical_number: "4711".to_owned(),
        account: account.parse().unwrap(),
        operator: None,
        status: CardStatus::Active,
        offline: true,
        created_at: Timestamp::MIN,
    }
}

fn refusal<T: std::fmt::Debug>(result: Result<T, BusinessError>) -> Refusal {
    match result {
        Err(BusinessError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

fn conflict<T: std::fmt::Debug>(result: Result<T, BusinessError>) -> &'static str {
    match refusal(result) {
        Refusal::Conflict { reason, .. } => reason,
        other => panic!("no conflict: {other:?}"),
    }
}

fn invalid<T: std::fmt::Debug>(result: Result<T, BusinessError>) -> &'static str {
    match refusal(result) {
        Refusal::Invalid { field, .. } => field,
        other => panic!("not invalid: {other:?}"),
    }
}

#[test]
fn a_pile_belongs_to_its_stations_operator_and_moves_with_it() {
    let mut bench = bench();
    let made = bench.work(|business| business.put_pile(pile("1", Some("gate")))).unwrap();
    let Saved::Created(made) = made else { panic!("it was new") };
    assert_eq!(made.operator.as_ref().map(OperatorId::as_str), Some("east"));
    assert_eq!(made.created_at, bench.now);
    bench.put(&PileState::new(made.code, made.operator.clone())).unwrap();
    bench.pass_seconds(60);

    bench.work(|business| business.put_station(station("gate", Some("west")))).unwrap();
    let moved: Pile = bench.get(&made.code).unwrap().unwrap();
    assert_eq!((moved.operator.as_ref().map(OperatorId::as_str), moved.created_at), (Some("west"), made.created_at));
    let state: PileState = bench.get(&made.code).unwrap().unwrap();
    assert_eq!(state.operator, moved.operator);
    assert_eq!(bench.books.event_types(), [EventType::PileRegistered, EventType::PileChanged]);
    assert_eq!(bench.books.events()[1].operator, moved.operator);
}

#[test]
fn a_pile_with_an_open_order_neither_moves_nor_goes() {
    let mut bench = bench();
    let code = bench.work(|business| business.put_pile(pile("1", Some("gate")))).unwrap().into_inner().code;
    let open = serde_json::json!({"id": 1, "open_pile": "1"}).to_string();
    bench.books.write(Kind::Order, "1", open).unwrap();
    assert_eq!(conflict(bench.work(|business| business.put_pile(pile("1", None)))), "in_use");
    assert_eq!(conflict(bench.work(|business| business.put_station(station("gate", None)))), "in_use");
    assert_eq!(conflict(bench.work(|business| business.remove_pile(code))), "in_use");
    let mut renamed = pile("1", Some("gate"));
    renamed.name = Some("one".to_owned());
    bench.work(|business| business.put_pile(renamed)).unwrap();

    bench.books.remove(Kind::Order, "1").unwrap();
    bench.work(|business| business.remove_pile(code)).unwrap();
    assert_eq!(bench.get::<Pile>(&code).unwrap(), None);
    assert_eq!(bench.books.event_types().last(), Some(&EventType::PileRemoved));
}

#[test]
fn open_alarms_move_and_end_with_their_pile() {
    let mut bench = bench();
    bench.work(|business| business.put_station(station("west-gate", Some("west")))).unwrap();
    let code = bench.work(|business| business.put_pile(pile("1", Some("gate")))).unwrap().into_inner().code;
    bench.work(|business| business.pile_alarm(code, "taken_over", None)).unwrap();
    bench.work(|business| business.put_pile(pile("1", Some("west-gate")))).unwrap();
    let alarm: Alarm = bench.get(&AlarmId(1)).unwrap().unwrap();
    assert_eq!((alarm.operator.as_ref().map(OperatorId::as_str), alarm.closed_at), (Some("west"), None));
    bench.work(|business| business.remove_pile(code)).unwrap();
    let alarm: Alarm = bench.get(&AlarmId(1)).unwrap().unwrap();
    assert!(alarm.closed_at.is_some() && alarm.open_pile.is_none());
    let told = [EventType::PileRegistered, EventType::AlarmOpened, EventType::PileChanged, EventType::AlarmClosed];
    assert_eq!(bench.books.event_types(), [&told[..], &[EventType::PileRemoved]].concat());
}

#[test]
fn what_is_registered_is_not_registered_again() {
    let mut bench = bench();
    let enrolled = bench.work(|business| business.enrol_pile(pile("1", None))).unwrap();
    let again = Pile { connector_count: 9, ..pile("1", None) };
    assert_eq!(bench.work(|business| business.enrol_pile(again)).unwrap(), enrolled);
    assert_eq!(conflict(bench.work(|business| business.register_pile(pile("1", None)))), "already_registered");
    bench.work(|business| business.put_pile(enrolled.clone())).unwrap();
    assert_eq!(bench.books.event_types(), [EventType::PileRegistered], "nothing changed, nothing is told");
}

#[test]
fn what_is_referred_to_must_be_there_and_of_the_same_operator() {
    let mut bench = bench();
    assert_eq!(invalid(bench.work(|business| business.put_station(station("x", Some("north"))))), "operator");
    assert_eq!(invalid(bench.work(|business| business.put_pile(pile("1", Some("x"))))), "station");
    assert_eq!(invalid(bench.work(|business| business.put_card(card("a1", "li")))), "account");
    let mut limited = account("li", Some("west"));
    limited.allowed_stations = Some(vec!["gate".parse().unwrap()]);
    assert_eq!(invalid(bench.work(|business| business.put_account(limited))), "allowed_stations");

    let tariff = Tariff {
        id: "day".parse().unwrap(),
        operator: Some("west".parse().unwrap()),
        name: "day".to_owned(),
        latest_version: 1,
        created_at: bench.now,
        updated_at: bench.now,
    };
    bench.put(&tariff).unwrap();
    let mut dear = pile("1", Some("gate"));
    dear.tariff = Some(tariff.id.clone());
    assert_eq!(invalid(bench.work(|business| business.put_pile(dear.clone()))), "tariff");
    bench.put(&Tariff { operator: None, ..tariff }).unwrap();
    bench.work(|business| business.put_pile(dear)).unwrap();
}

#[test]
fn an_accounts_money_is_not_put_and_its_cards_follow_it() {
    let mut bench = bench();
    let made = bench.work(|business| business.put_account(account("li", Some("east")))).unwrap().into_inner();
    assert_eq!((made.balance, made.reserved), (Balance::ZERO, Balance::ZERO));
    let kept = bench.work(|business| business.put_card(card("A1", "li"))).unwrap().into_inner();
    assert_eq!(kept.physical_number, "00000000000000a1");
    assert_eq!(kept.operator, made.operator);
    let vehicle = Vehicle {
        vin: "lsvau2a37n2183294".to_owned(),
        account: made.id.clone(),
        operator: None,
        name: None,
        enabled: true,
        created_at: bench.now,
    };
    bench.work(|business| business.put_vehicle(vehicle)).unwrap();

    bench.work(|business| business.put_account(account("li", Some("west")))).unwrap();
    let (card, vehicle) = (bench.get::<Card>(&kept.physical_number), bench.get(&"LSVAU2A37N2183294".to_owned()));
    assert_eq!(card.unwrap().unwrap().operator.unwrap().as_str(), "west");
    let vehicle: Vehicle = vehicle.unwrap().unwrap();
    assert_eq!(vehicle.operator.unwrap().as_str(), "west");

    assert_eq!(conflict(bench.work(|business| business.remove_account(&made.id))), "in_use");
    bench.put(&Account { balance: Balance::from_steps(1), ..made.clone() }).unwrap();
    assert_eq!(conflict(bench.work(|business| business.remove_account(&made.id))), "in_use");
    bench.put(&Account { reserved: Balance::from_steps(1), ..made }).unwrap();
    assert_eq!(conflict(bench.work(|business| business.put_account(account("li", None)))), "in_use");
}

#[test]
fn numbers_are_checked_and_not_given_twice() {
    let mut bench = bench();
    bench.work(|business| business.put_account(account("li", Some("east")))).unwrap();
    let numbered = |id: &str, number: &str| Account { number: Some(number.to_owned()), ..account(id, Some("east")) };
    assert_eq!(invalid(bench.work(|business| business.put_account(numbered("li", "12a")))), "number");
    bench.work(|business| business.put_account(numbered("li", "13800138000"))).unwrap();
    assert_eq!(conflict(bench.work(|business| business.put_account(numbered("wu", "13800138000")))), "number_taken");
    bench.work(|business| business.put_card(card("1", "li"))).unwrap();
    assert_eq!(conflict(bench.work(|business| business.put_card(card("2", "li")))), "logical_number_taken");
    assert_eq!(invalid(bench.work(|business| business.put_card(card("x z", "li")))), "physical_number");
    let mut known = operator("east");
    known.tcec_id = Some("MA005DBW1".to_owned());
    bench.work(|business| business.put_operator(known.clone())).unwrap();
    let other = Operator { id: "west".parse().unwrap(), ..known };
    assert_eq!(conflict(bench.work(|business| business.put_operator(other))), "tcec_id_taken");
    assert_eq!(vin("LSVAU2A37N218329I"), None);
    assert_eq!(vin("lsvau2a37n2183294").as_deref(), Some("LSVAU2A37N2183294"));
    assert_eq!(physical_number("D14B0A54").as_deref(), Some("00000000d14b0a54"));
    assert_eq!(physical_number("12345678901234567").as_deref(), Some("12345678901234567"));
    assert_eq!((physical_number(""), physical_number(&"1".repeat(33))), (None, None));
}

#[test]
fn a_card_in_a_piles_memory_stays() {
    let mut bench = bench();
    bench.work(|business| business.put_account(account("li", Some("east")))).unwrap();
    let kept = bench.work(|business| business.put_card(card("1", "li"))).unwrap().into_inner();
    let mut place = CardOnPile {
        pile: PileCode::new("1").unwrap(),
        card: kept.physical_number.clone(),
        operator: None,
        state: CardOnPileState::Clearing,
        reason: None,
        updated_at: bench.now,
    };
    bench.put(&place).unwrap();
    assert_eq!(conflict(bench.work(|business| business.remove_card(&kept.physical_number))), "in_use");
    place.state = CardOnPileState::Absent;
    bench.put(&place).unwrap();
    bench.work(|business| business.remove_card(&kept.physical_number)).unwrap();
    assert_eq!(bench.books.all::<CardOnPile>().unwrap(), []);
}

#[test]
fn an_operator_or_station_that_is_needed_stays() {
    let mut bench = bench();
    let (east, gate) = ("east".parse().unwrap(), "gate".parse().unwrap());
    bench.work(|business| business.put_pile(pile("1", Some("gate")))).unwrap();
    assert_eq!(conflict(bench.work(|business| business.remove_operator(&east))), "in_use");
    assert_eq!(conflict(bench.work(|business| business.remove_station(&gate))), "in_use");
    bench.work(|business| business.remove_pile(PileCode::new("1").unwrap())).unwrap();
    bench.work(|business| business.remove_station(&gate)).unwrap();
    bench.work(|business| business.remove_operator(&east)).unwrap();
    assert!(matches!(
        refusal(bench.work(|business| business.remove_operator(&east))),
        Refusal::NotFound { what: "operator", .. }
    ));
}

#[test]
fn tokens_end_with_their_user_and_do_not_pile_up() {
    let mut bench = bench();
    let user = User {
        name: "wang".parse().unwrap(),
        operator: Some("east".parse().unwrap()),
        role: Role::Operator,
        password_hash: "hash".to_owned(),
        enabled: true,
        created_at: bench.now,
    };
    bench.work(|business| business.put_user(user.clone())).unwrap();
    let new = |seconds: i64| NewToken {
        name: "login".to_owned(),
        hash: "00".to_owned(),
        operator: user.operator.clone(),
        scopes: vec![Scope::Operate, Scope::Read, Scope::Read],
        user: Some(user.name.clone()),
        expires_at: Some(Timestamp::from_unix_ms(NOW).plus_seconds(seconds)),
    };
    let token = bench.work(|business| business.make_token(new(10))).unwrap();
    assert_eq!(token.scopes, [Scope::Read, Scope::Operate]);
    assert_eq!(invalid(bench.work(|business| business.make_token(new(0)))), "expires_at");
    bench.pass_seconds(20);
    for _ in 0..25 {
        bench.work(|business| business.make_token(new(1000))).unwrap();
    }
    let ids: Vec<u64> = bench.books.all::<Token>().unwrap().iter().map(|token| token.id.0).collect();
    assert_eq!(ids, (7..=26).collect::<Vec<_>>());

    bench.work(|business| business.put_user(user.clone())).unwrap();
    assert_eq!(bench.books.all::<Token>().unwrap().len(), 20, "nothing changed");
    bench.work(|business| business.put_user(User { enabled: false, ..user.clone() })).unwrap();
    assert_eq!(bench.books.all::<Token>().unwrap(), []);
    bench.work(|business| business.remove_user(&user.name)).unwrap();
}

#[test]
fn a_key_stands_for_one_request() {
    let mut bench = bench();
    let deed = |digest: &str| Deed {
        actor: "admin".to_owned(),
        action: "order.start".to_owned(),
        resource: "orders/7".to_owned(),
        operator: None,
        detail: Value::Null,
        key: Some("admin:k".to_owned()),
        digest: Some(digest.to_owned()),
        made: vec![7],
    };
    assert_eq!(bench.work(|business| business.done_before("admin:k", "a")).unwrap(), None);
    bench.work(|business| business.audit(deed("a"))).unwrap();
    let found = bench.work(|business| business.done_before("admin:k", "a")).unwrap().unwrap();
    assert_eq!(found.made, [7]);
    assert_eq!(conflict(bench.work(|business| business.done_before("admin:k", "b"))), "key_reused");
}

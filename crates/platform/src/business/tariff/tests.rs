//! Tariffs: their versions and numbers, and how piles get them.

use super::*;
use crate::book::{Document, Kind};
use crate::business::command::tests::{bench, pile_code, station_id};
use crate::business::testing::Bench;
use crate::business::{Due, Refusal};
use crate::command::{Command, CommandAction, CommandResult, CommandState};
use crate::event::EventType;
use crate::order::Order;
use crate::pile::PileState;
use crate::tariff::{Tariff, TariffDraft};
use serde_json::{Value, json};

fn draft(price: &str) -> TariffDraft {
    changed(price, json!({}))
}

/// A flat price all day, with some fields of the draft changed.
fn changed(price: &str, changes: Value) -> TariffDraft {
    let mut draft = json!({
        "name": "day", "prices": {"flat": {"electricity": price, "service": "0.40"}},
        "periods": [{"from": "00:00", "to": "24:00", "tier": "flat"}],
    });
    for (key, value) in changes.as_object().unwrap() {
        draft[key] = value.clone();
    }
    serde_json::from_value(draft).unwrap()
}

fn put(bench: &mut Bench, id: &str, draft: TariffDraft) -> Result<(Tariff, TariffVersion, bool), BusinessError> {
    let put = PutTariff { id: id.parse().unwrap(), operator: Some("east".parse().unwrap()), draft };
    bench.work(|business| business.put_tariff(put))
}

fn put_ok(bench: &mut Bench, id: &str, draft: TariffDraft) -> TariffVersion {
    put(bench, id, draft).unwrap().1
}

fn used(bench: &mut Bench, version: &TariffVersion) {
    let reference = version.reference();
    bench.work(|business| business.tariff_used(&reference)).unwrap();
}

fn refused(result: Result<(Tariff, TariffVersion, bool), BusinessError>) -> &'static str {
    match result {
        Err(BusinessError::Refused(Refusal::Invalid { field, .. })) => field,
        Err(BusinessError::Refused(Refusal::Conflict { reason, .. })) => reason,
        other => panic!("{other:?}"),
    }
}

fn assign(bench: &mut Bench, tariff: Option<&str>) {
    let tariff = tariff.map(|id| id.parse().unwrap());
    bench.work(|business| business.assign_tariff_to_pile(pile_code(), tariff)).unwrap();
}

fn running(bench: &mut Bench) -> Option<String> {
    let state: Option<PileState> = bench.get(&pile_code()).unwrap();
    state.and_then(|state| state.running_tariff).map(|number| number.to_string())
}

/// The tariff versions that piles were told of since last asked.
fn told(bench: &mut Bench) -> Vec<(u64, String)> {
    let told = |command: Command| match command.request {
        CommandAction::SetTariff { tariff } => (command.id.0, tariff.to_string()),
        other => panic!("{other:?}"),
    };
    std::mem::take(&mut bench.reaction.dispatch).into_iter().map(told).collect()
}

fn answer(bench: &mut Bench, id: u64, result: CommandResult) {
    bench.work(|business| business.command_ended(crate::identity::CommandId(id), result)).unwrap();
}

#[test]
fn a_version_is_replaced_until_it_is_used_and_then_followed() {
    let mut bench = bench();
    let (tariff, first, created) = put(&mut bench, "day", draft("0.80")).unwrap();
    assert!(created);
    assert_eq!((tariff.latest_version, first.version, first.number.to_string().as_str()), (1, 1, "0001"));
    assert_eq!((first.effective_from, first.upcoming, first.used_at), (bench.now, false, None));

    bench.pass_seconds(60);
    let (again, same, created) = put(&mut bench, "day", draft("0.80")).unwrap();
    assert!(!created);
    assert_eq!((again, same), (tariff, first.clone()));

    let dearer = put_ok(&mut bench, "day", draft("0.90"));
    assert_eq!((dearer.version, dearer.number.to_string().as_str()), (1, "0002"));
    assert_eq!(dearer.effective_from, first.effective_from);
    used(&mut bench, &dearer);
    used(&mut bench, &dearer);
    let second = put_ok(&mut bench, "day", draft("1.00"));
    assert_eq!((second.version, second.number.to_string().as_str()), (2, "0003"));
    assert_eq!(second.effective_from, bench.now);
    let kept: TariffVersion = bench.get(&dearer.reference()).unwrap().unwrap();
    assert_eq!(kept, TariffVersion { used_at: Some(bench.now), ..dearer });
    let versions = bench.work(|business| business.tariff_versions(&second.tariff)).unwrap();
    assert_eq!(versions.iter().map(|version| version.version).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_new_name_makes_no_new_version() {
    let mut bench = bench();
    let first = put_ok(&mut bench, "day", draft("0.80"));
    let (tariff, version, _) = put(&mut bench, "day", changed("0.80", json!({"name": "sun"}))).unwrap();
    assert_eq!((tariff.name.as_str(), version.terms.name(), version.number), ("sun", "sun", first.number));
    used(&mut bench, &first);
    let (tariff, version, _) = put(&mut bench, "day", changed("0.80", json!({"name": "moon"}))).unwrap();
    assert_eq!((tariff.name.as_str(), version.terms.name(), version.version), ("moon", "sun", 1));
}

#[test]
fn a_number_means_one_version() {
    let mut bench = bench();
    let number = |number: &str| json!({"number": number});
    let first = put_ok(&mut bench, "day", changed("0.80", number("0002")));
    assert_eq!(first.number.to_string(), "0002");
    assert_eq!(put_ok(&mut bench, "night", draft("0.30")).number.to_string(), "0001");
    assert_eq!(put_ok(&mut bench, "noon", draft("0.30")).number.to_string(), "0003");
    assert_eq!(refused(put(&mut bench, "rain", changed("0.30", number("0002")))), "number");
    // An unused version may keep the number that is asked for, also with other prices.
    assert_eq!(put_ok(&mut bench, "day", changed("0.85", number("0002"))).number, first.number);
    assert_eq!(refused(put(&mut bench, "day", changed("0.85", number("0001")))), "number");
    used(&mut bench, &first);
    assert_eq!(refused(put(&mut bench, "day", changed("0.90", number("0002")))), "number");
    assert_eq!(put_ok(&mut bench, "day", changed("0.85", number("ab01"))).version, 2);
}

#[test]
fn numbers_are_given_round_and_round() {
    let mut bench = bench();
    let books: &mut dyn crate::book::Books = &mut bench.books;
    for _ in 0..9_998 {
        books.next_number(Kind::TariffVersion).unwrap();
    }
    assert_eq!(put_ok(&mut bench, "day", draft("0.80")).number.to_string(), "9999");
    assert_eq!(put_ok(&mut bench, "night", draft("0.30")).number.to_string(), "0001");
}

#[test]
fn what_makes_no_tariff_is_refused() {
    let mut bench = bench();
    assert_eq!(refused(put(&mut bench, "day", changed("0.80", json!({"number": "0000"})))), "number");
    assert_eq!(refused(put(&mut bench, "day", changed("0.80", json!({"name": ""})))), "name");
    assert_eq!(refused(put(&mut bench, "day", changed("0.80", json!({"loss_ratio": 101})))), "loss_ratio");
    assert_eq!(refused(put(&mut bench, "day", changed("0.80", json!({"periods": []})))), "periods");
    assert_eq!(refused(put(&mut bench, "day", changed("0.80", json!({"prices": {}})))), "prices");
    let first = put_ok(&mut bench, "day", draft("0.80"));
    let foreign = PutTariff { id: "day".parse().unwrap(), operator: None, draft: draft("0.1") };
    let foreign = bench.work(|business| business.put_tariff(foreign));
    assert_eq!(refused(foreign), "tariff_of_another_operator");
    used(&mut bench, &first);
    let early = changed("0.90", json!({"effective_from": "2026-11-20T07:59:59Z"}));
    assert_eq!(refused(put(&mut bench, "day", early)), "effective_from");
}

#[test]
fn a_pile_charges_by_its_own_tariff_or_its_stations() {
    let mut bench = bench();
    let day = put_ok(&mut bench, "day", draft("0.80"));
    let night = put_ok(&mut bench, "night", draft("0.30"));
    let in_force = |bench: &mut Bench| {
        let (pile, at) = (bench.get::<Pile>(&pile_code()).unwrap().unwrap(), bench.now);
        bench.work(|business| Ok(business.tariff_in_force(&pile, at)?)).unwrap().map(|version| version.reference())
    };
    assert_eq!(in_force(&mut bench), None);
    let assigned = bench.work(|business| business.assign_tariff_to_station(&station_id(), Some(day.tariff.clone())));
    assert_eq!(assigned.unwrap().tariff, Some(day.tariff.clone()));
    assert_eq!(in_force(&mut bench), Some(day.reference()));
    assert_eq!(told(&mut bench), [(1, "day/1".to_owned())]);
    answer(&mut bench, 1, CommandResult::Succeeded(Value::Null));
    assert_eq!(running(&mut bench).as_deref(), Some("0001"));
    assign(&mut bench, Some("night"));
    assert_eq!(in_force(&mut bench), Some(night.reference()));
    assert_eq!(told(&mut bench), [(2, "night/1".to_owned())]);
}

#[test]
fn a_pile_is_told_when_it_is_idle_and_tells_what_it_runs() {
    let mut bench = bench();
    bench.presence.busy.insert(pile_code());
    put_ok(&mut bench, "day", draft("0.80"));
    bench.pass_seconds(3);
    assign(&mut bench, Some("day"));
    assert_eq!(told(&mut bench), []);
    let again = |bench: &mut Bench, second| {
        let due = bench.reaction.due.pop().unwrap();
        assert_eq!(due, (bench.now.plus_seconds(second), Due::PileTariff(pile_code())));
        bench.now = due.0;
        bench.work(|business| business.push_tariff(pile_code())).unwrap();
    };
    bench.presence.busy.clear();
    bench.put(&open_order()).unwrap();
    again(&mut bench, 57);
    assert_eq!(told(&mut bench), []);
    // An order that waits for a person is no reason not to.
    bench.put(&Order { open_on: None, ..open_order() }).unwrap();
    again(&mut bench, 60);
    assert_eq!(told(&mut bench), [(1, "day/1".to_owned())]);
    let version: Option<TariffVersion> = bench.books.all().unwrap().pop();
    assert_eq!(version.unwrap().used_at, Some(bench.now));
    // While it is in flight nothing more is sent, whatever the pile says it has.
    bench.work(|business| business.tariff_reported(pile_code(), "0000".parse().unwrap())).unwrap();
    assert_eq!((told(&mut bench), running(&mut bench).as_deref()), (vec![], Some("0000")));
    answer(&mut bench, 1, CommandResult::Succeeded(Value::Null));
    assert_eq!(running(&mut bench).as_deref(), Some("0001"));
    assert_eq!(told(&mut bench), []);
    bench.work(|business| business.commands_on_login(pile_code())).unwrap();
    assert_eq!(told(&mut bench), []);
    let changes = bench.books.event_types().iter().filter(|one| **one == EventType::PileTariffChanged).count();
    assert_eq!(changes, 2);
}

fn open_order() -> Order {
    serde_json::from_value(json!({
        "id": 1, "pile": pile_code(), "connector": 1, "transaction_number": "1".repeat(32), "origin": "remote",
        "state": "charging", "waits_for_plug": false, "idle_reports": 0, "reserved": "0.00", "evidence": [],
        "progress": {"energy": "0", "energy_with_loss": "0", "amount": "0", "soc": 0, "minutes": 0},
        "created_at": "2026-11-20T08:00:00Z", "open_on": format!("{}/1", pile_code()), "open_pile": pile_code(),
    }))
    .unwrap()
}

#[test]
fn a_tariff_that_is_not_taken_is_sent_again_on_the_next_occasion_only() {
    let mut bench = bench();
    put_ok(&mut bench, "day", draft("0.80"));
    assign(&mut bench, Some("day"));
    assert_eq!(told(&mut bench).len(), 1);
    answer(&mut bench, 1, CommandResult::Refused("failed".into(), Value::Null));
    assert_eq!(told(&mut bench), []);
    bench.work(|business| business.commands_on_login(pile_code())).unwrap();
    assert_eq!(told(&mut bench), [(2, "day/1".to_owned())]);
    // Meanwhile another version counts: it is next, however the one in flight ends.
    put_ok(&mut bench, "day", draft("0.90"));
    assert_eq!(told(&mut bench), []);
    answer(&mut bench, 2, CommandResult::Refused("failed".into(), Value::Null));
    assert_eq!(told(&mut bench), [(3, "day/2".to_owned())]);
    let states: Vec<CommandState> = bench.books.all::<Command>().unwrap().iter().map(|one| one.state).collect();
    assert_eq!(states, [CommandState::Refused, CommandState::Refused, CommandState::Sent]);
}

#[test]
fn what_a_pile_fetches_needs_not_be_sent() {
    let mut bench = bench();
    let version = put_ok(&mut bench, "day", draft("0.80"));
    bench.work(|business| business.tariff_accepted(pile_code(), version.reference())).unwrap();
    assert_eq!(running(&mut bench), Some("0001".to_owned()));
    assign(&mut bench, Some("day"));
    assert_eq!(told(&mut bench), []);
    assert!(bench.get::<TariffVersion>(&version.id()).unwrap().unwrap().used_at.is_some());
}

#[test]
fn a_later_version_reaches_piles_when_its_time_comes() {
    let mut bench = bench();
    let first = put_ok(&mut bench, "day", draft("0.80"));
    assign(&mut bench, Some("day"));
    answer(&mut bench, 1, CommandResult::Succeeded(Value::Null));
    told(&mut bench);
    bench.reaction.due.clear();
    let later = bench.now.plus_seconds(3600);
    let second = put_ok(&mut bench, "day", changed("0.90", json!({"effective_from": later})));
    assert_eq!((second.version, second.upcoming), (2, true));
    assert_eq!(bench.reaction.due, [(later, Due::Tariffs)]);
    let pile: Pile = bench.get(&pile_code()).unwrap().unwrap();
    for (at, expected) in [(bench.now, &first), (later, &second)] {
        let version = bench.work(|business| Ok(business.tariff_in_force(&pile, at)?)).unwrap();
        assert_eq!(version.unwrap().reference(), expected.reference());
    }
    assert_eq!(told(&mut bench), []);
    assert_eq!(bench.work(|business| business.tariffs_becoming_effective()).unwrap(), Some(later));
    bench.now = later;
    assert_eq!(bench.work(|business| business.tariffs_becoming_effective()).unwrap(), None);
    assert_eq!(told(&mut bench), [(2, "day/2".to_owned())]);
    // Put again without a date, an upcoming version keeps its own.
    let much_later = later.plus_seconds(3600);
    put_ok(&mut bench, "day", changed("1.00", json!({"effective_from": much_later})));
    assert_eq!(put_ok(&mut bench, "day", draft("1.10")).effective_from, much_later);
}

#[test]
fn a_number_of_another_operator_means_nothing_to_a_pile() {
    let mut bench = bench();
    let own = put_ok(&mut bench, "day", draft("0.80"));
    let west = PutTariff { id: "west".parse().unwrap(), operator: Some("west".parse().unwrap()), draft: draft("0.1") };
    let (_, foreign, _) = bench.work(|business| business.put_tariff(west)).unwrap();
    let pile: Pile = bench.get(&pile_code()).unwrap().unwrap();
    let mut by_number = |number| bench.work(|business| Ok(business.tariff_by_number(&pile, number)?)).unwrap();
    assert_eq!(by_number(own.number), Some(own.clone()));
    assert_eq!(by_number(foreign.number), None);
    assert_eq!(by_number("0000".parse().unwrap()), None);
}

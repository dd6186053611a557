//! What SQLite does for each list: it walks an index from where the page begins, and sorts nothing large.

use super::super::documents::{self, Section};
use super::super::{books, events, plan, record_list};
use super::*;
use crate::store::{Comparison, DocumentQuery, EventQuery, RecordFilter, Test};
use rusqlite::params_from_iter;
use rusqlite::types::Value;
use serde_json::json;
use voltapile_platform::book::Kind;
use voltapile_platform::event::EventType;
use voltapile_platform::record::RecordState;
use voltapile_platform::timestamp::Timestamp;

fn database() -> (Directory, rusqlite::Connection) {
    let directory = Directory::new();
    drop(SqliteStore::open(&directory.path(), None).unwrap());
    let db = connection::open_reader(&directory.path()).unwrap();
    (directory, db)
}

/// The steps of a statement that lacks its limit.
fn steps(db: &rusqlite::Connection, sql: &str, values: Vec<Value>) -> Vec<String> {
    let missing = sql.matches('?').count() - values.len();
    let values = values.into_iter().chain(vec![Value::Integer(50); missing]);
    let mut statement = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps = statement.query_map(params_from_iter(values), |row| row.get(3)).unwrap();
    steps.map(Result::unwrap).collect()
}

/// That nothing is sorted, and nothing is read that the list does not show, unless it shows the whole table.
fn assert_walks(what: &str, steps: &[String], is_whole: bool) {
    let is_scan = |step: &str| step.starts_with("SCAN") && !step.contains("USING");
    let is_sort = |step: &str| step.contains("TEMP B-TREE") && !step.contains("LAST TERM");
    let is_slow = |step: &String| is_sort(step) || is_scan(step) && !is_whole;
    assert!(!steps.iter().any(is_slow), "{what}: {steps:#?}");
}

/// Fields that few documents have: those without are nearly the whole table.
const RARE: [&str; 12] = [
    "abnormal_reason",
    "card",
    "group",
    "key",
    "number",
    "open_account",
    "open_key",
    "open_on",
    "open_pile",
    "order",
    "user",
    "vin",
];

fn is(field: &'static str, value: serde_json::Value) -> Test {
    Test { field, comparison: Comparison::Is(value) }
}

struct Plans {
    db: rusqlite::Connection,
    catalog: plan::Catalog,
}

impl Plans {
    fn of(&self, kind: Kind, query: &DocumentQuery) -> Vec<String> {
        let list = documents::List::new(&self.catalog, kind, query).unwrap();
        let mut all = Vec::new();
        for (section, behind) in list.sections(None) {
            let (sql, values) = list.statement(list.path(section), section, behind).unwrap();
            let steps = steps(&self.db, &sql, values);
            let is_whole = section == Section::All && query.tests.is_empty() && query.owner.is_none();
            let is_rare = |test: &Test| RARE.contains(&test.field) && test.comparison == Comparison::Is(json!(null));
            let of_rare = query.sort.is_some_and(|(field, _)| RARE.contains(&field)) && section == Section::Without;
            assert_walks(
                &format!("{kind:?} {query:?}"),
                &steps,
                is_whole || of_rare || query.tests.iter().any(is_rare),
            );
            all.extend(steps);
        }
        all
    }

    fn assert_walks(&self, kind: Kind, owner: bool, tests: Vec<Test>, sort: Option<(&'static str, bool)>) {
        let owner = owner.then(|| "east".parse().unwrap());
        self.of(kind, &DocumentQuery { owner, tests, sort });
    }
}

#[test]
fn lists_by_any_field_walk_an_index() {
    let (_directory, db) = database();
    let plans = Plans { catalog: plan::Catalog::read(&db).unwrap(), db };
    for kind in Kind::ALL {
        plans.assert_walks(kind, false, vec![], Some(("id", !kind.is_numbered())));
        for owner in [false, true] {
            plans.assert_walks(kind, owner, vec![], None);
        }
        for field in kind.fields() {
            if (kind, *field) == (Kind::TariffVersion, "number") {
                // Its index says that a number is held once, and so does not go on with the id. There are few of them.
                continue;
            }
            let value = if matches!(*field, "balance" | "charged") { json!("1.00") } else { json!("x") };
            plans.assert_walks(kind, false, vec![is(field, value.clone())], None);
            for descending in [false, true] {
                plans.assert_walks(kind, false, vec![], Some((field, descending)));
            }
            let range = Test { field, comparison: Comparison::From(value) };
            plans.assert_walks(kind, false, vec![range], None);
        }
    }
}

#[test]
fn the_lists_of_an_operator_walk_an_index() {
    let (_directory, db) = database();
    let plans = Plans { catalog: plan::Catalog::read(&db).unwrap(), db };
    let order_tests = ["station", "pile", "state", "origin", "account", "card", "vin", "transaction_number", "group"];
    for field in order_tests {
        plans.assert_walks(Kind::Order, true, vec![is(field, json!("x"))], None);
    }
    let states = Comparison::IsOneOf(vec![json!("charging"), json!("starting"), json!("abnormal")]);
    for owner in [false, true] {
        for sort in [
            None,
            Some(("created_at", true)),
            Some(("ended_at", true)),
            Some(("settled_at", false)),
            Some(("charged", true)),
        ] {
            plans.assert_walks(Kind::Order, owner, vec![], sort);
            plans.assert_walks(Kind::Order, owner, vec![Test { field: "state", comparison: states.clone() }], sort);
        }
        for field in ["station", "pile", "account", "state"] {
            plans.assert_walks(Kind::Order, owner, vec![is(field, json!("x"))], Some(("created_at", true)));
        }
    }
    for (kind, field) in [
        (Kind::Pile, "station"),
        (Kind::Pile, "enabled"),
        (Kind::Pile, "model"),
        (Kind::Command, "pile"),
        (Kind::Command, "state"),
        (Kind::Alarm, "pile"),
        (Kind::Alarm, "severity"),
        (Kind::Alarm, "closed_at"),
        (Kind::Audit, "actor"),
        (Kind::Audit, "resource"),
        (Kind::Entry, "account"),
        (Kind::Card, "account"),
        (Kind::CardOnPile, "pile"),
        (Kind::Account, "status"),
    ] {
        plans.assert_walks(kind, true, vec![is(field, json!("x"))], None);
        plans.assert_walks(kind, true, vec![is(field, serde_json::Value::Null)], None);
    }
}

/// Without statistics SQLite would take an operator's many orders for as few as a card's.
#[test]
fn the_narrowest_field_is_walked() {
    let (_directory, db) = database();
    let plans = Plans { catalog: plan::Catalog::read(&db).unwrap(), db };
    let walked = |kind, tests: Vec<Test>, sort| {
        let query = DocumentQuery { owner: Some("east".parse().unwrap()), tests, sort };
        let list = documents::List::new(&plans.catalog, kind, &query).unwrap();
        let (section, behind) = list.sections(None)[0];
        let (sql, values) = list.statement(list.path(section), section, behind).unwrap();
        steps(&plans.db, &sql, values).concat()
    };
    for (field, sort, index) in [
        ("card", None, "orders_by_card "),
        ("pile", None, "orders_by_pile "),
        ("pile", Some(("created_at", true)), "orders_by_pile_created_at "),
        ("vin", Some(("charged", true)), "orders_by_vin "),
        ("state", None, "orders_by_operator_state "),
        ("state", Some(("created_at", true)), "orders_by_operator_created_at_id_state "),
        ("connector", None, "orders_by_operator_id_connector "),
    ] {
        let steps = walked(Kind::Order, vec![is(field, json!("x"))], sort);
        assert!(steps.contains(index), "{field} by {sort:?}: {steps}");
    }
    let without = walked(Kind::Order, vec![is("account", json!(null))], Some(("charged", true)));
    assert!(without.contains("orders_by_operator_charged_id_state "), "any number may be without: {without}");
    let both = walked(Kind::Order, vec![is("pile", json!("1")), is("transaction_number", json!("2"))], None);
    assert!(both.contains("orders_by_transaction_number "), "{both}");
    let named = Test { field: "name", comparison: Comparison::Begins("gate".into()) };
    let named = walked(Kind::Pile, vec![named], None);
    assert!(named.contains("piles_by_operator_id_name "), "{named}");
}

#[test]
fn searches_within_work_walk_an_index() {
    let (_directory, db) = database();
    for kind in Kind::ALL {
        for field in kind.fields() {
            let value = if matches!(*field, "balance" | "charged") { json!("1.00") } else { json!("x") };
            let (sql, values) = books::statement(kind, &[is(field, value)], "id").unwrap();
            assert_walks(&sql, &steps(&db, &sql, values), false);
        }
    }
}

#[test]
fn orders_of_a_pile_in_a_span_are_found_by_both() {
    let (_directory, db) = database();
    for field in ["created_at", "ended_at"] {
        let within = |comparison| Test { field, comparison };
        let tests = [
            is("pile", json!("1")),
            within(Comparison::From(json!("2026-11-20"))),
            within(Comparison::Before(json!("2026-11-21"))),
        ];
        let (sql, values) = books::statement(Kind::Order, &tests, field).unwrap();
        let steps = steps(&db, &sql, values);
        let index = format!("orders_by_pile_{field} (pile=? AND {field}>? AND {field}<?)");
        assert!(steps.len() == 1 && steps[0].contains(&index), "{steps:?}");
    }
}

#[test]
fn lists_of_events_walk_an_index() {
    let (_directory, db) = database();
    for pile in [None, Some(PileCode::new("1").unwrap())] {
        for owner in [None, Some("east".parse().unwrap())] {
            for types in [vec![], vec![EventType::OrderSettled], vec![EventType::OrderSettled, EventType::OrderFailed]]
            {
                let query = EventQuery { after: 5, pile, owner: owner.clone(), types };
                let (sql, values) = events::statement(&query);
                assert_walks(&format!("{query:?}"), &steps(&db, &sql, values), query.types.is_empty());
            }
        }
    }
}

#[test]
fn lists_of_records_walk_an_index() {
    let (_directory, db) = database();
    let at = |ms| Some(Timestamp::from_unix_ms(ms));
    let everything = RecordFilter::default();
    let filters = [
        everything.clone(),
        RecordFilter { pile_code: Some(PileCode::new("1").unwrap()), ..everything.clone() },
        RecordFilter { state: Some(RecordState::Unreadable), ..everything.clone() },
        RecordFilter { received_from: at(5), received_to: at(6), ..everything.clone() },
        RecordFilter { received_to: at(6), state: Some(RecordState::Unreadable), ..everything.clone() },
        RecordFilter { received_to: at(6), pile_code: Some(PileCode::new("1").unwrap()), ..everything.clone() },
    ];
    for filter in filters {
        for owner in [None, Some("east".parse().unwrap())] {
            let filter = RecordFilter { owner, ..filter.clone() };
            for behind in [None, Some((5, 5))] {
                let (sql, values) = record_list::statement(&filter, behind, 50, false);
                let steps = steps(&db, &sql, values);
                assert_walks(&format!("{filter:?}"), &steps, false);
                assert!(
                    steps[0].contains("received_at<") || steps[0].contains("received_at>"),
                    "{filter:?}: {steps:?}"
                );
            }
        }
    }
    let number = RecordFilter { transaction_number: Some(record_number(1)), received_to: at(6), ..everything };
    let (sql, values) = record_list::statement(&number, None, 50, false);
    let steps = steps(&db, &sql, values);
    assert!(steps[0].contains("transaction_number=?"), "{steps:?}");
}

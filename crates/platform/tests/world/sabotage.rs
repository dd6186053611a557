//! A platform that does wrong on purpose, to show that the checker sees it.

use serde_json::Value;
use voltapile_platform::book::{Books, Kind};
use voltapile_platform::event::EventType;

use crate::books::WorldBooks;
use crate::records::RecordStore;

/// What the platform does wrong, in the units of work that give it the opportunity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// A settled order is charged again, properly booked.
    ChargesTwice,
    /// A fen goes from an account, and nothing tells of it.
    LosesAFen,
    /// What was set aside stays set aside.
    KeepsReservation,
    /// A state changes and no event tells of it.
    SwallowsEvents(EventType),
    /// An order loses its deadline.
    ForgetsDeadline,
    /// An order that has ended goes on charging.
    Revives,
    /// A command that was answered stays open.
    KeepsCommandOpen,
    /// A stored record is lost.
    LosesRecord,
    /// Two orders under one number.
    RepeatsNumber,
}

/// The saboteur at work.
#[derive(Debug)]
pub(crate) struct Sabotage {
    pub(crate) wrong: Wrong,
    pub(crate) done: bool,
}

impl Sabotage {
    pub(crate) fn new(wrong: Wrong) -> Self {
        Self { wrong, done: false }
    }

    /// Spoils a unit of work before it is committed, once.
    pub(crate) fn spoil(&mut self, books: &mut WorldBooks, records: &mut RecordStore) {
        if self.done {
            return;
        }
        self.done = match self.wrong {
            Wrong::SwallowsEvents(event_type) => {
                books.swallows = Some(event_type);
                true
            }
            Wrong::ChargesTwice => charge_twice(books),
            Wrong::LosesAFen => first(books, Kind::Account, |account| account["balance"] != "0.00")
                .is_some_and(|account| change(books, Kind::Account, account, "balance", Value::from("123456.78"))),
            Wrong::KeepsReservation => fresh(books, Kind::Order, |order| order["state"] == "settled")
                .is_some_and(|order| change(books, Kind::Order, order, "reserved", Value::from("1.00"))),
            Wrong::ForgetsDeadline => fresh(books, Kind::Order, |order| order["state"] == "starting")
                .is_some_and(|order| change(books, Kind::Order, order, "deadline", Value::Null)),
            Wrong::Revives => old(books, Kind::Order, |order| order["state"] == "failed")
                .is_some_and(|order| change(books, Kind::Order, order, "state", Value::from("charging"))),
            Wrong::KeepsCommandOpen => fresh(books, Kind::Command, |command| command["state"] == "succeeded")
                .is_some_and(|command| change(books, Kind::Command, command, "state", Value::from("sent"))),
            Wrong::LosesRecord => {
                let any = records.all().next().is_some();
                records.forget_latest();
                any
            }
            Wrong::RepeatsNumber => repeat_number(books),
        };
    }
}

fn first(books: &WorldBooks, kind: Kind, fits: impl Fn(&Value) -> bool) -> Option<Value> {
    books.bodies(kind, false).into_iter().find(fits)
}

/// The first that the unit of work did not write.
fn old(books: &WorldBooks, kind: Kind, fits: impl Fn(&Value) -> bool) -> Option<Value> {
    let fresh = books.bodies(kind, true);
    first(books, kind, |body| fits(body) && !fresh.contains(body))
}

/// The first that the unit of work wrote.
fn fresh(books: &WorldBooks, kind: Kind, fits: impl Fn(&Value) -> bool) -> Option<Value> {
    books.bodies(kind, true).into_iter().find(fits)
}

fn change(books: &mut WorldBooks, kind: Kind, mut body: Value, field: &str, value: Value) -> bool {
    body[field] = value;
    write(books, kind, &body)
}

fn write(books: &mut WorldBooks, kind: Kind, body: &Value) -> bool {
    let id = body.get("id").map_or_else(String::new, |id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
    books.write(kind, &id, body.to_string()).is_ok()
}

/// Books everything a second time as a real charge would be: account and entry agree with each other.
fn charge_twice(books: &mut WorldBooks) -> bool {
    let Some(mut entry) = fresh(books, Kind::Entry, |entry| entry["kind"] == "charge") else { return false };
    let Some(mut account) = first(books, Kind::Account, |account| account["id"] == entry["account"]) else {
        return false;
    };
    let fen = |value: &Value| value.as_str().and_then(|text| text.parse::<voltapile_platform::unit::Balance>().ok());
    let (Some(amount), Some(balance)) = (fen(&entry["amount"]), fen(&account["balance"])) else { return false };
    let after = voltapile_platform::unit::Balance::from_steps(balance.steps() + amount.steps()).to_string();
    account["balance"] = Value::from(after.clone());
    entry["balance"] = Value::from(after);
    entry["reserved"] = account["reserved"].clone();
    let Ok(number) = books.next_number(Kind::Entry) else { return false };
    entry["id"] = Value::from(number);
    write(books, Kind::Account, &account) && write(books, Kind::Entry, &entry)
}

fn repeat_number(books: &mut WorldBooks) -> bool {
    let Some(mut order) = fresh(books, Kind::Order, |order| order["state"] == "starting") else { return false };
    let orders = books.bodies(Kind::Order, false);
    let Some(other) = orders.iter().find(|other| other["id"] != order["id"]) else { return false };
    order["transaction_number"] = other["transaction_number"].clone();
    write(books, Kind::Order, &order)
}

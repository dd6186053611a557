//! AA F5 piles, spoken by hand.

mod charging;
mod cipher;
mod commands;
mod garbage;
mod pile;
mod ports;
mod records;
mod sign_in;
mod tariffs;

use serde_json::{Value, json};

use crate::support::{Server, eventually};
pub(crate) use pile::{Pile, take};

/// The pile of most tests.
const PILE: &str = "SH-0001_A";

/// Registers a pile.
#[track_caller]
fn register(server: &Server, code: &str) {
    server.api.put(&format!("piles/{code}"), &json!({"connector_count": 2})).ok();
}

/// A registered pile that has signed in.
#[track_caller]
fn signed_in(server: &Server) -> Pile {
    register(server, PILE);
    let mut pile = Pile::dial(server.piles, PILE);
    pile.sign_in();
    pile
}

/// What the API shows of the pile.
#[track_caller]
fn shown(server: &Server) -> Value {
    server.api.get(&format!("piles/{PILE}")).ok()
}

/// That one connection has ended for a reason; the count may come a moment behind the end.
#[track_caller]
fn assert_closed(server: &Server, reason: &str) {
    let name = format!("connections_closed_total{{reason=\"{reason}\"}}");
    eventually(&name, || (server.api.metric(&name) == 1).then_some(()));
}

/// Has something asked of the pile, which answers; gives the command at its end.
#[track_caller]
fn ask(server: &Server, body: &Value, answer: impl FnOnce()) -> Value {
    let command = server.api.post(&format!("piles/{PILE}/commands"), body).ok();
    answer();
    ended(server, &command)
}

/// A command at its end.
#[track_caller]
fn ended(server: &Server, command: &Value) -> Value {
    server.api.get(&format!("commands/{}?wait=20s", command["id"])).ok()
}

/// That a command ends so, for that reason, with that answer.
#[track_caller]
fn assert_end(command: &Value, state: &str, reason: Value, answer: Value) {
    assert_eq!(
        (&command["state"], &command["reason"], &command["answer"]),
        (&json!(state), &reason, &answer),
        "{command:#}"
    );
}

//! Commands: one of a kind in flight, sent when the books say so, and ended once.

use std::collections::BTreeMap;

use voltapile_platform::command::{Command, CommandState};
use voltapile_platform::identity::{CommandId, ConnectorNumber, PileCode};

use super::Seen;
use crate::platform::Platform;

type Turn = (PileCode, String, Option<ConnectorNumber>);

/// Commands in flight, by what they take the turn of.
#[derive(Debug, Default)]
pub(super) struct Commands {
    in_flight: BTreeMap<Turn, CommandId>,
    keys: BTreeMap<String, CommandId>,
}

fn turn(command: &Command) -> Turn {
    (command.pile, command.action.clone(), command.request.connector())
}

impl Commands {
    pub(super) fn check(&mut self, seen: &Seen<'_>, found: &mut Vec<String>) {
        let mut say = |command: &Command, what: &str| {
            let (id, action, pile, state) = (command.id, &command.action, command.pile, command.state);
            found.push(format!("command {id} {action} of {pile} ({state:?}): {what}"));
        };
        for command in &seen.commands {
            if command.after.state != CommandState::Sent
                && self.in_flight.get(&turn(&command.after)) == Some(&command.after.id)
            {
                self.in_flight.remove(&turn(&command.after));
            }
        }
        for command in &seen.commands {
            let (before, after) = (&command.before, &command.after);
            if before.as_ref().is_some_and(|before| before.state.is_end()) {
                say(after, "changed after its end");
            }
            if after.open_pile.is_some() == after.state.is_end() {
                say(after, &format!("open_pile is {:?}", after.open_pile));
            }
            if after.state.is_end() != after.ended_at.is_some() {
                say(after, &format!("ended_at is {:?}", after.ended_at));
            }
            if after.state == CommandState::Sent
                && let Some(other) = self.in_flight.insert(turn(after), after.id)
                && other != after.id
            {
                say(after, &format!("is in flight together with {other}"));
            }
            if after.keep_until.is_none() && after.attempts > after.request.retries() + 1 {
                say(after, &format!("was sent {} times", after.attempts));
            }
            let attempts = before.as_ref().map_or(0, |before| before.attempts);
            let dispatched = seen.reaction.dispatch.iter().filter(|sent| sent.id == after.id).count();
            if usize::from(after.attempts - attempts) != dispatched {
                say(
                    after,
                    &format!(
                        "was sent {attempts} times before and {} now, and goes out {dispatched} times",
                        after.attempts
                    ),
                );
            }
            if after.state.is_end() && !seen.reaction.ended.contains(&after.id) {
                say(after, "has ended, and those who wait are not told");
            }
            if let (Some(key), None) = (&after.key, before)
                && let Some(other) = self.keys.insert(key.clone(), after.id)
            {
                say(after, &format!("has the key of {other}"));
            }
        }
        for sent in &seen.reaction.dispatch {
            if seen.platform.books.look::<Command>(&sent.id).is_none_or(|command| command.state != CommandState::Sent) {
                say(sent, "goes out, and the books know nothing of it");
            }
        }
    }

    /// After a start of the platform nothing is in flight: there are no connections.
    pub(super) fn resumed(&self, platform: &Platform, found: &mut Vec<String>) {
        for command in platform.books.all::<Command>() {
            if command.state == CommandState::Sent {
                found.push(format!("after a start, command {} {} counts as sent", command.id, command.action));
            }
        }
    }
}

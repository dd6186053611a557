//! What must hold after every commit, whatever happened. The checker reads only what commits changed and keeps its own
//! books of the rest, so that it neither trusts the platform nor reads everything again.

mod alarm;
mod command;
mod end;
mod event;
pub(crate) mod money;
mod order;
mod pile;
mod record;
mod start;

use voltapile_platform::account::{Account, Entry};
use voltapile_platform::alarm::Alarm;
use voltapile_platform::book::Kind;
use voltapile_platform::business::Reaction;
use voltapile_platform::command::Command;
use voltapile_platform::order::Order;
use voltapile_platform::timestamp::Timestamp;

use crate::books::{Change, Commit};
use crate::platform::Platform;

/// A change of a document, read.
#[derive(Debug)]
pub(crate) struct Changed<T> {
    pub(crate) before: Option<T>,
    pub(crate) after: T,
}

/// One commit, as the checks see it.
pub(crate) struct Seen<'a> {
    pub(crate) now: Timestamp,
    pub(crate) platform: &'a Platform,
    pub(crate) commit: &'a Commit,
    pub(crate) reaction: &'a Reaction,
    pub(crate) orders: Vec<Changed<Order>>,
    pub(crate) commands: Vec<Changed<Command>>,
    pub(crate) entries: Vec<Changed<Entry>>,
    pub(crate) accounts: Vec<Changed<Account>>,
    pub(crate) alarms: Vec<Changed<Alarm>>,
}

/// Everything that is checked, and what was found.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    pub(crate) found: Vec<String>,
    pub(crate) money: money::Money,
    orders: order::Orders,
    commands: command::Commands,
    records: record::Records,
    events: event::Events,
    alarms: alarm::Alarms,
    piles: pile::Piles,
    /// Whether nothing goes wrong in this world, so that more can be asked of it.
    honest: bool,
}

impl Checker {
    pub(crate) fn new(honest: bool) -> Self {
        Self { honest, ..Self::default() }
    }

    /// Reasons for which orders became abnormal or failed.
    pub(crate) fn reasons(&self) -> &std::collections::BTreeMap<String, u64> {
        &self.orders.reasons
    }

    /// Notes something that must not be.
    pub(crate) fn fail(&mut self, what: String) {
        self.found.push(what);
    }

    /// Checks a commit and what is to follow from it.
    pub(crate) fn committed(&mut self, now: Timestamp, platform: &Platform, commit: &Commit, reaction: &Reaction) {
        let seen = Seen {
            now,
            platform,
            commit,
            reaction,
            orders: changed(commit, Kind::Order, &mut self.found),
            commands: changed(commit, Kind::Command, &mut self.found),
            entries: changed(commit, Kind::Entry, &mut self.found),
            accounts: changed(commit, Kind::Account, &mut self.found),
            alarms: changed(commit, Kind::Alarm, &mut self.found),
        };
        self.events.check(&seen, &mut self.found);
        self.money.check(&seen, &mut self.found);
        self.orders.check(&seen, &mut self.found);
        self.commands.check(&seen, &mut self.found);
        self.records.check(&seen, &mut self.found);
        self.alarms.check(&seen, &mut self.found);
        self.piles.check(&seen, &mut self.found);
        start::check(&seen, &mut self.found);
    }

    /// Checks what the platform knows right after it has started.
    pub(crate) fn resumed(&mut self, now: Timestamp, platform: &Platform) {
        self.orders.resumed(now, platform, &mut self.found);
        self.commands.resumed(platform, &mut self.found);
    }
}

fn changed<T: voltapile_platform::book::Document>(
    commit: &Commit,
    kind: Kind,
    found: &mut Vec<String>,
) -> Vec<Changed<T>> {
    let mut read = Vec::new();
    for change in commit.changes.iter().filter(|change| change.kind == kind) {
        match Change::read(change.after.as_ref()) {
            Some(after) => read.push(Changed { before: Change::read(change.before.as_ref()), after }),
            None => found.push(format!("a document of {kind:?} was removed")),
        }
    }
    read
}

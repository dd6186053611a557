//! What the platform must make of single messages, whatever else it does: the rules of V1.6 §13.3 seen from outside.

use std::collections::BTreeMap;

use voltapile_platform::command::{Command, CommandState};
use voltapile_platform::identity::{ConnectorNumber, OrderId, PileCode};
use voltapile_platform::order::{Order, OrderState, connector_key};
use voltapile_platform::pace::Pace;
use voltapile_platform::telemetry::{ConnectorState, Telemetry};

use crate::world::World;

/// What was said of orders so far.
#[derive(Debug, Default)]
pub(crate) struct Oracle {
    /// Reports of an idle connector in a row while its order charges, since the pile was last heard to come or go.
    idles: BTreeMap<OrderId, u8>,
}

impl World {
    /// The order that holds a connector.
    pub(crate) fn holder(&self, pile: PileCode, connector: ConnectorNumber) -> Option<Order> {
        self.platform.books.with("open_on", connector_key(pile, connector)).pop()
    }

    /// A report that the business took, and the order that held its connector before.
    pub(crate) fn reported(&mut self, pile: PileCode, before: Option<&Order>, told: &Telemetry) {
        if told.state == ConnectorState::Charging && !told.transaction_number.is_zero() {
            self.failed_charges_are_stopped(pile, told);
        }
        let Some(before) = before.filter(|order| order.state == OrderState::Charging) else { return };
        let still =
            self.platform.books.look::<Order>(&before.id).is_some_and(|after| after.state == OrderState::Charging);
        let idles = self.oracle.idles.entry(before.id).or_default();
        match told.state {
            ConnectorState::Idle => *idles += 1,
            _ => *idles = 0,
        }
        if *idles >= 2 && still {
            self.checker
                .fail(format!("order {} charges after {idles} reports of an idle connector (rule 4)", before.id));
        }
        if !still {
            self.oracle.idles.remove(&before.id);
        }
        let number = told.transaction_number;
        let another =
            told.state == ConnectorState::Charging && !number.is_zero() && number != before.transaction_number;
        if another && still {
            self.checker.fail(format!("order {} charges, and its connector under {number} (rule 6)", before.id));
        }
    }

    /// What charges for an order that has failed is told to stop (rules 1 and 2).
    fn failed_charges_are_stopped(&mut self, pile: PileCode, told: &Telemetry) {
        let orders: Vec<Order> = self.platform.books.with("transaction_number", told.transaction_number.to_string());
        // Also of one that did not hold the connector, and goes on.
        orders.iter().for_each(|order| _ = self.oracle.idles.remove(&order.id));
        for order in orders.iter().filter(|order| order.pile == pile && order.state == OrderState::Failed) {
            if !self.is_being_stopped(order) {
                self.checker.fail(format!("order {} has failed, its connector charges, and nobody stops it", order.id));
            }
        }
    }

    /// Whether a stop is on its way, or the pile did not heed one.
    fn is_being_stopped(&self, order: &Order) -> bool {
        let stops =
            |command: &Command| command.request.is_stop() && command.request.connector() == Some(order.connector);
        let heeded = |command: &Command| command.state == CommandState::Succeeded;
        let commands: Vec<Command> = self.platform.books.with("order", order.id.0);
        let open: Vec<Command> = self.platform.books.with("open_pile", order.pile.as_str());
        let ours = commands.iter().any(|command| stops(command) && !heeded(command));
        ours || open.iter().any(stops)
    }

    /// A pile came or went, and its orders know.
    pub(crate) fn came_or_went(&mut self, pile: PileCode, here: bool) {
        let orders: Vec<Order> = self.platform.books.with("open_pile", pile.as_str());
        for order in orders {
            self.oracle.idles.remove(&order.id);
            let waits = matches!(order.state, OrderState::Charging | OrderState::Stopping | OrderState::AwaitingRecord);
            // Once it is here, it has as long as a start has, at most, to show what became of the charge.
            let soon = self.now.plus_seconds(i64::from(Pace::default().start_within_s));
            let fits = order.deadline.is_some_and(|deadline| !here || deadline <= soon);
            if waits && (order.away_since.is_some() == here || !fits) {
                let (away, deadline) = (order.away_since, order.deadline);
                let what = if here { "came" } else { "went" };
                self.checker.fail(format!("order {}: its pile {what}; away {away:?}, deadline {deadline:?}", order.id));
            }
        }
        let open: Vec<Command> = self.platform.books.with("open_pile", pile.as_str());
        let turn = |command: &Command| (command.action.clone(), command.request.connector());
        for command in open.iter().filter(|command| command.state == CommandState::Queued && here) {
            let sent = |other: &&Command| other.state == CommandState::Sent && turn(other) == turn(command);
            if !open.iter().any(|other| sent(&other)) {
                self.checker.fail(format!("command {} waits for nothing: its pile is here", command.id));
            }
        }
    }

    /// A connector is away for a while, or here again: its reports are counted anew.
    pub(crate) fn counts_anew(&mut self, order: OrderId) {
        self.oracle.idles.remove(&order);
    }
}

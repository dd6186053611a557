//! Orders: legal steps only, one per connector, one number each, and always on the way to an end.

use std::collections::{BTreeMap, BTreeSet};

use voltapile_platform::business::Due;
use voltapile_platform::identity::{ConnectorNumber, OrderId, PileCode, TransactionNumber};
use voltapile_platform::order::{Order, OrderState, Origin};
use voltapile_platform::timestamp::Timestamp;

use super::{Changed, Seen};
use crate::platform::Platform;
use OrderState::{Abnormal, AwaitingRecord, Charging, Created, Failed, Settled, Starting, Stopping};

/// Orders as the checker knows them.
#[derive(Debug, Default)]
pub(super) struct Orders {
    numbers: BTreeMap<TransactionNumber, OrderId>,
    holds: BTreeMap<(PileCode, ConnectorNumber), OrderId>,
    /// Reasons for which orders became abnormal or failed, with how many did.
    pub(super) reasons: BTreeMap<String, u64>,
}

/// Where an order may go from where it stood at the end of the unit of work before.
fn may_follow(before: OrderState, after: OrderState) -> bool {
    match before {
        Created | Starting => after != Created,
        Charging => !matches!(after, Created | Starting | Failed),
        Stopping | AwaitingRecord => !matches!(after, Created | Starting),
        Abnormal => matches!(after, AwaitingRecord | Settled | Stopping | Charging),
        Settled | Failed => after == Abnormal,
    }
}

impl Orders {
    pub(super) fn check(&mut self, seen: &Seen<'_>, found: &mut Vec<String>) {
        let mut say = |order: &Order, what: &str| {
            let state = order.state;
            found.push(format!("order {} of {}/{} ({state:?}): {what}", order.id, order.pile, order.connector));
        };
        // What leaves a connector leaves it before another takes it, in one commit too.
        for order in &seen.orders {
            let key = (order.after.pile, order.after.connector);
            if !order.after.state.holds_connector() && self.holds.get(&key) == Some(&order.after.id) {
                self.holds.remove(&key);
            }
        }
        for order in &seen.orders {
            self.check_steps(order, &mut say);
            self.check_place(order, &mut say);
            check_shape(&order.after, &mut say);
            check_future(seen.platform, &order.after, &mut say);
            let brief = seen.reaction.orders.iter().rfind(|brief| brief.order == order.after.id);
            let reason =
                |order: &Order| order.abnormal_reason.map(|reason| reason.name().to_owned()).or(order.failure.clone());
            if let Some(now) =
                reason(&order.after).filter(|now| order.before.as_ref().and_then(reason).as_ref() != Some(now))
            {
                *self.reasons.entry(now).or_default() += 1;
            }
            let moved = order.before.as_ref().is_none_or(|before| before.state != order.after.state);
            match brief {
                None if moved => say(&order.after, "changed its state, and the gateway is not told"),
                Some(brief)
                    if (brief.state, brief.holds_connector) != (order.after.state, order.after.open_on.is_some()) =>
                {
                    say(&order.after, "the gateway is told something else");
                }
                _ => {}
            }
        }
    }

    fn check_steps(&mut self, order: &Changed<Order>, say: &mut impl FnMut(&Order, &str)) {
        let after = &order.after;
        let Some(before) = &order.before else { return };
        if before.state != after.state && !may_follow(before.state, after.state) {
            say(after, &format!("came from {:?}", before.state));
        }
        let same =
            |order: &Order| (order.pile, order.connector, order.transaction_number, order.origin, order.created_at);
        if same(before) != same(after) {
            say(after, "is another order than before");
        }
        if before.account.is_some() && before.account != after.account {
            say(after, &format!("was paid by {:?} and is now by {:?}", before.account, after.account));
        }
        if !after.evidence.starts_with(&before.evidence) {
            say(after, "lost evidence");
        }
        if before.started_at.is_some() && after.started_at.is_none() {
            say(after, "was seen charging and is no longer");
        }
    }

    fn check_place(&mut self, order: &Changed<Order>, say: &mut impl FnMut(&Order, &str)) {
        let after = &order.after;
        let number = after.transaction_number;
        if order.before.is_none()
            && !number.is_zero()
            && let Some(other) = self.numbers.insert(number, after.id)
        {
            say(after, &format!("has the number {number}, as order {other} has"));
        }
        if number.is_zero() && after.origin != Origin::Record && after.origin != Origin::OfflineCard {
            say(after, "was made by the platform without a number");
        }
        let key = (after.pile, after.connector);
        if after.state.holds_connector() {
            match self.holds.insert(key, after.id) {
                Some(other) if other != after.id => say(after, &format!("holds a connector that order {other} holds")),
                _ => {}
            }
        }
    }

    /// After a start of the platform, every open order's connector and moment are known again.
    pub(super) fn resumed(&self, now: Timestamp, platform: &Platform, found: &mut Vec<String>) {
        let _ = now;
        for order in platform.books.all::<Order>() {
            let mut say = |order: &Order, what: &str| found.push(format!("after a start, order {}: {what}", order.id));
            check_future(platform, &order, &mut say);
            let known = platform.memory.order_on(order.pile, order.connector);
            if order.state.holds_connector() && known.is_none_or(|known| known.order != order.id) {
                say(&order, "holds a connector and the gateway does not know");
            }
        }
    }
}

/// Fields that follow from the state.
fn check_shape(order: &Order, say: &mut impl FnMut(&Order, &str)) {
    let key = format!("{}/{}", order.pile, order.connector);
    if order.open_on.is_some() != order.state.holds_connector() || order.open_on.as_ref().is_some_and(|on| *on != key) {
        say(order, &format!("open_on is {:?}", order.open_on));
    }
    let open_pile = (!order.state.is_end()).then_some(order.pile);
    if order.open_pile != open_pile {
        say(order, &format!("open_pile is {:?}", order.open_pile));
    }
    let open_account = order.account.clone().filter(|_| !order.state.is_end());
    if order.open_account != open_account {
        say(order, &format!("open_account is {:?} and should be {open_account:?}", order.open_account));
    }
    if order.abnormal_reason.is_some() != (order.state == Abnormal) {
        say(order, &format!("abnormal_reason is {:?}", order.abnormal_reason));
    }
    if order.state == Abnormal && order.evidence.is_empty() {
        say(order, "is abnormal without evidence");
    }
    if order.state == Settled && (order.charged.is_none() || order.settled_at.is_none()) {
        say(order, "is settled without an amount or a moment");
    }
    if order.state == Failed && (order.failure.is_none() || order.ended_at.is_none()) {
        say(order, "has failed without a reason or a moment");
    }
    if order.state == Charging && order.started_at.is_none() {
        say(order, "charges since when?");
    }
    let places: BTreeSet<_> = order.evidence.iter().map(|evidence| evidence.at).collect();
    if !order.evidence.is_sorted_by_key(|evidence| evidence.at) {
        say(order, &format!("evidence is out of order: {places:?}"));
    }
}

/// An order that nobody works on has a moment at which it is looked at again.
fn check_future(platform: &Platform, order: &Order, say: &mut impl FnMut(&Order, &str)) {
    let Some(deadline) = order.deadline else {
        let waits = matches!(order.state, Created | Starting | Stopping | AwaitingRecord);
        if waits {
            say(order, "waits without a deadline");
        }
        return;
    };
    let due = Due::Order(order.id);
    if !order.state.is_end() && order.state != Abnormal {
        let timers = &platform.memory.timers;
        if !timers.iter().take_while(|(at, _)| *at <= deadline).any(|(_, what)| *what == due) {
            say(order, &format!("nobody will look at it by its deadline {deadline}"));
        }
    }
}

//! Starts: an order is only made for somebody who may charge, here and now, with money set aside for it.

use voltapile_platform::account::{Account, AccountStatus};
use voltapile_platform::book::Document;
use voltapile_platform::business::Presence;
use voltapile_platform::card::{Card, CardStatus};
use voltapile_platform::command::{Command, CommandAction};
use voltapile_platform::order::{Order, OrderState, Origin};
use voltapile_platform::pile::Pile;
use voltapile_platform::station::Station;

use super::{Changed, Seen};

/// Checks the orders that a commit made, and what their piles are told that they may cost.
pub(super) fn check(seen: &Seen<'_>, found: &mut Vec<String>) {
    told_limits(seen, found);
    for order in &seen.orders {
        let made_here = !matches!(order.after.origin, Origin::Record | Origin::OfflineCard);
        if made_here && order.before.is_none() {
            may_start(seen, &order.after, found);
        }
        if made_here {
            covered(order, found);
        }
        told_to_stop(seen, order, found);
        if order.after.state == OrderState::Failed && order.after.group.is_some() {
            not_alone(seen, &order.after, found);
        }
    }
}

/// A pile that may have taken a start whose time is over must not charge: it is told to stop (rules 1 and 2).
fn told_to_stop(seen: &Seen<'_>, order: &Changed<Order>, found: &mut Vec<String>) {
    let overdue = matches!(order.after.failure.as_deref(), Some("start_unanswered" | "no_charge_seen" | "not_plugged"));
    let failed = order.after.state == OrderState::Failed
        && order.before.as_ref().is_some_and(|before| before.state == OrderState::Starting);
    if !failed || !overdue || !seen.platform.memory.is_online(order.after.pile) {
        return;
    }
    let open = seen.platform.books.with::<Command>("open_pile", order.after.pile.as_str());
    if !open.iter().any(|command| command.request.is_stop() && command.order == Some(order.after.id)) {
        found
            .push(format!("order {} has failed ({:?}), and its pile is not told", order.after.id, order.after.failure));
    }
}

/// What a pile is told that a charge may cost is what is set aside for it.
fn told_limits(seen: &Seen<'_>, found: &mut Vec<String>) {
    for command in &seen.reaction.dispatch {
        let told = match &command.request {
            CommandAction::StartCharge { balance, .. }
            | CommandAction::StartParallel { balance, .. }
            | CommandAction::UpdateBalance { balance, .. } => *balance,
            _ => continue,
        };
        let order = command.order.and_then(|order| seen.platform.books.look::<Order>(&order));
        if let Some(order) =
            order.filter(|order| order.account.is_some() && told > order.reserved && !order.state.is_end())
        {
            let (id, reserved) = (order.id, order.reserved);
            found.push(format!("order {id}: its pile is told {told}, and {reserved} is set aside"));
        }
    }
}

fn may_start(seen: &Seen<'_>, order: &Order, found: &mut Vec<String>) {
    let books = &seen.platform.books;
    let mut say = |what: String| found.push(format!("order {} of {} was made, and {what}", order.id, order.pile));
    let Some(pile) = books.look::<Pile>(&order.pile) else { return say("there is no such pile".to_owned()) };
    if !pile.enabled {
        say("its pile is disabled".to_owned());
    }
    if let Some(account) = order.account.as_ref().and_then(|account| books.look::<Account>(account)) {
        if account.status != AccountStatus::Active {
            say(format!("account {} is {:?}", account.id, account.status));
        }
        if account.operator != pile.operator {
            say(format!("account {} is of {:?}, the pile of {:?}", account.id, account.operator, pile.operator));
        }
        let abnormal = |other: &Order| {
            other.id != order.id && other.account == order.account && other.state == OrderState::Abnormal
        };
        if books.all::<Order>().iter().any(abnormal) {
            say(format!("account {} has an abnormal order", account.id));
        }
        if order.reserved.steps() <= 0 {
            say("nothing is set aside for it".to_owned());
        }
    } else if order.origin != Origin::Remote {
        say("nobody pays for it".to_owned());
    }
    if let Some(card) = order.card.as_ref().and_then(|card| books.look::<Card>(card))
        && (card.status != CardStatus::Active || Some(&card.account) != order.account.as_ref())
    {
        say(format!("card {} is {:?} and of {}", card.id(), card.status, card.account));
    }
    let station = pile.station.and_then(|station| books.look::<Station>(&station));
    if let Some(capacity) = station.as_ref().and_then(|station| station.capacity) {
        let here = |other: &Order| other.station == order.station && other.open_on.is_some();
        let running = books.all::<Order>().iter().filter(|other| here(other)).count();
        if running > usize::try_from(capacity).unwrap_or(usize::MAX) {
            say(format!("its station runs {running} charges of {capacity}"));
        }
    }
}

/// The pile never sells more than is set aside, so that a charge can always be paid.
fn covered(order: &Changed<Order>, found: &mut Vec<String>) {
    let order = &order.after;
    let sells = order.account.is_some() && order.state.holds_connector();
    if sells && order.limit.is_none_or(|limit| limit > order.reserved) {
        let (limit, reserved) = (order.limit, order.reserved);
        found.push(format!("order {} may cost {limit:?}, and {reserved} is set aside", order.id));
    }
}

/// Of a parallel charge both halves start, or none.
fn not_alone(seen: &Seen<'_>, failed: &Order, found: &mut Vec<String>) {
    for other in seen.platform.books.all::<Order>() {
        let same = other.group == failed.group && other.id != failed.id;
        if same && matches!(other.state, OrderState::Created | OrderState::Starting | OrderState::Charging) {
            found.push(format!(
                "order {} failed, and order {} of the same charge is {:?}",
                failed.id, other.id, other.state
            ));
        }
    }
}

//! Events: gapless per pile, and in the same commit as the state that they tell of.

use std::collections::BTreeMap;

use voltapile_platform::event::EventType;
use voltapile_platform::identity::PileCode;
use voltapile_platform::order::OrderState;

use super::Seen;

/// The number of the latest event of each pile.
#[derive(Debug, Default)]
pub(super) struct Events {
    latest: BTreeMap<PileCode, u64>,
}

/// What tells of an order's new state.
const fn told_by(state: OrderState) -> Option<EventType> {
    match state {
        OrderState::Created => Some(EventType::OrderCreated),
        // Told with its making; there is no event of its own.
        OrderState::Starting => None,
        OrderState::Charging => Some(EventType::OrderCharging),
        OrderState::Stopping => Some(EventType::OrderStopping),
        OrderState::AwaitingRecord => Some(EventType::OrderEnded),
        OrderState::Settled => Some(EventType::OrderSettled),
        OrderState::Failed => Some(EventType::OrderFailed),
        OrderState::Abnormal => Some(EventType::OrderAbnormal),
    }
}

impl Events {
    pub(super) fn check(&mut self, seen: &Seen<'_>, found: &mut Vec<String>) {
        for (number, event) in &seen.commit.events {
            let Some(pile) = event.pile else { continue };
            let latest = self.latest.entry(pile).or_default();
            *latest += 1;
            if *number != *latest {
                found.push(format!("event {:?} of {pile} has the number {number}, not {latest}", event.event_type));
            }
            if event.at != seen.now {
                found
                    .push(format!("event {:?} of {pile} is of {}, and it is {}", event.event_type, event.at, seen.now));
            }
        }
        orders(seen, found);
        others(seen, found);
    }
}

/// Events of a commit about something.
fn told(seen: &Seen<'_>, event_type: EventType, subject: &str) -> usize {
    let events = seen.commit.events.iter();
    events.filter(|(_, event)| event.event_type == event_type && event.subject == subject).count()
}

fn orders(seen: &Seen<'_>, found: &mut Vec<String>) {
    for order in &seen.orders {
        let subject = format!("orders/{}", order.after.id);
        let moved = order.before.as_ref().is_none_or(|before| before.state != order.after.state);
        let event = told_by(order.after.state).filter(|_| moved);
        if let Some(event) = event.filter(|event| told(seen, *event, &subject) == 0) {
            // Asking the pile again is a person's doing; the audit log tells of it.
            let asked_again = order.before.as_ref().is_some_and(|before| before.state == OrderState::Abnormal);
            if !(asked_again && event == EventType::OrderEnded) {
                found.push(format!("{subject} is now {:?}, and no event says {}", order.after.state, event.name()));
            }
        }
        if order.before.is_none() && told(seen, EventType::OrderCreated, &subject) == 0 {
            found.push(format!("{subject} was made, and no event says so"));
        }
        let last = seen.commit.events.iter().rev().find(|(_, event)| event.subject == subject);
        let state = last.map(|(_, event)| event.data["state"].clone());
        if order.after.state != OrderState::Starting && state.is_some_and(|state| state != order.after.state.name()) {
            found.push(format!("{subject} is {:?}, and the last event says otherwise", order.after.state));
        }
        let events = seen.commit.events.iter().filter(|(_, event)| event.subject == subject);
        for (_, event) in events.filter(|(_, event)| event.pile != Some(order.after.pile)) {
            found.push(format!("event {} of {subject} belongs to no pile", event.event_type.name()));
        }
    }
}

fn others(seen: &Seen<'_>, found: &mut Vec<String>) {
    for command in seen.commands.iter().filter(|command| command.after.state.is_end()) {
        let subject = format!("commands/{}", command.after.id);
        if told(seen, EventType::CommandEnded, &subject) != 1 {
            found.push(format!(
                "{subject} has ended, and {} events say so",
                told(seen, EventType::CommandEnded, &subject)
            ));
        }
    }
    for entry in &seen.entries {
        let subject = format!("accounts/{}", entry.after.account);
        if told(seen, EventType::AccountChanged, &subject) == 0 {
            found.push(format!("entry {} changed {subject}, and no event says so", entry.after.id));
        }
    }
    for alarm in &seen.alarms {
        let subject = format!("alarms/{}", alarm.after.id);
        let event = match (&alarm.before, alarm.after.closed_at) {
            (None, None) => EventType::AlarmOpened,
            (Some(before), Some(_)) if before.closed_at.is_none() => EventType::AlarmClosed,
            _ => continue,
        };
        if told(seen, event, &subject) == 0 {
            found.push(format!("{subject} changed, and no event says {}", event.name()));
        }
    }
}

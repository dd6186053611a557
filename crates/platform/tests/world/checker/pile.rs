//! Piles: what is told and known of them is what they do.

use std::collections::BTreeMap;

use serde_json::Value;
use voltapile_platform::alarm::Alarm;
use voltapile_platform::business::Presence;
use voltapile_platform::card::{CardOnPile, CardOnPileState};
use voltapile_platform::event::EventType;
use voltapile_platform::pile::{ConnectorState, PileState};
use voltapile_platform::timestamp::Timestamp;

use super::Seen;
use crate::pile::VirtualPile;
use crate::platform::Platform;

/// Connectors by the events that told of them.
#[derive(Debug, Default)]
pub(super) struct Piles {
    told: BTreeMap<String, Value>,
}

impl Piles {
    /// Who follows the events knows what the books know: each begins where the one before ended.
    pub(super) fn check(&mut self, seen: &Seen<'_>, found: &mut Vec<String>) {
        for (_, event) in seen.commit.events.iter().filter(|(_, event)| event.event_type == EventType::ConnectorChanged)
        {
            let (before, state) = (event.data["before"].clone(), event.data["state"].clone());
            let known = self.told.insert(event.subject.clone(), state.clone());
            if known.as_ref().is_some_and(|known| *known != before) || before == state {
                found.push(format!("{} went from {before} to {state}, and was {known:?}", event.subject));
            }
        }
    }

    /// What is known of a pile that has been connected and idle for long.
    pub(super) fn at_end(
        &self,
        now: Timestamp,
        platform: &Platform,
        piles: &[VirtualPile],
        honest: bool,
        found: &mut Vec<String>,
    ) {
        for pile in piles {
            let code = pile.code;
            let Some(state) = platform.books.look::<PileState>(&code) else { continue };
            let connected = pile.online && platform.memory.is_online(code);
            for connector in state.connectors.iter().filter(|_| connected) {
                let plugged = pile.gun(connector.number).car.is_some();
                let free = if plugged { ConnectorState::IdlePlugged } else { ConnectorState::IdleUnplugged };
                if connector.state != free {
                    found.push(format!(
                        "connector {code}/{} is free, and shown as {:?}",
                        connector.number, connector.state
                    ));
                }
                let told = self.told.get(&format!("piles/{code}/connectors/{}", connector.number));
                if told.is_some_and(|told| serde_json::to_value(connector.state).is_ok_and(|state| state != *told)) {
                    found.push(format!(
                        "connector {code}/{} is {:?}, and was told as {told:?}",
                        connector.number, connector.state
                    ));
                }
            }
            // An answer that is lost while its connection stands is made good by the next login only.
            if connected && pile.well_connected && state.running_tariff != Some(pile.tariff_number()) {
                found.push(format!(
                    "pile {code} runs the tariff {:?}, and {:?} is known",
                    pile.tariff_number(),
                    state.running_tariff
                ));
            }
            let wanted = platform.tariff_of(code, now).map(|version| version.number);
            if honest && connected && wanted.is_some_and(|wanted| wanted != pile.tariff_number()) {
                found.push(format!("pile {code} runs {:?} instead of {wanted:?}", pile.tariff_number()));
            }
            for card in &pile.cards {
                let known = platform.books.look::<CardOnPile>(&format!("{code}/{card}")).map(|known| known.state);
                if known.is_none_or(|known| matches!(known, CardOnPileState::Absent | CardOnPileState::Refused)) {
                    found.push(format!("pile {code} has the card {card} in its memory, and {known:?} is known"));
                }
            }
        }
        for alarm in platform.books.all::<Alarm>().iter().filter(|alarm| alarm.code.starts_with("hardware.")) {
            let connected = piles.iter().any(|pile| pile.code == alarm.pile && pile.online);
            if connected && alarm.closed_at.is_none() {
                found.push(format!("alarm {} {} is open, and nothing is wrong", alarm.id, alarm.code));
            }
        }
    }
}

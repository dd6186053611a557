//! What follows from a unit of work that is durable: memory takes it over, commands go out, those who wait are told.

use std::sync::{Arc, PoisonError};

use voltapile_platform::business::{Presence, Reaction};
use voltapile_platform::command::{Command, CommandResult};
use voltapile_platform::identity::PileCode;
use voltapile_platform::order::{Order, Progress};
use voltapile_platform::telemetry::ConnectorState;

use super::Core;
use super::mirror::Refresh;

impl Core {
    /// Brings memory up to date with the books.
    pub(super) fn take_over(&self, refresh: Refresh) {
        for (code, registered) in refresh.piles {
            match registered {
                Some((pile, tariff)) => _ = self.registry.put(&pile, tariff),
                None => self.registry.remove(code),
            }
        }
        if !refresh.tariffs.is_empty() {
            let mut tariffs = self.tariffs.write().unwrap_or_else(PoisonError::into_inner);
            for (id, versions) in refresh.tariffs {
                tariffs.insert(id, versions.into());
            }
        }
        if refresh.tokens {
            self.tokens_changed.send_modify(|generation| *generation += 1);
        }
        if refresh.events {
            self.events_appended.send_modify(|generation| *generation += 1);
        }
    }

    /// Sets going what the business asks for.
    pub(super) fn react(self: &Arc<Self>, reaction: Reaction) {
        for brief in reaction.orders {
            let Some(pile) = self.registry.get(brief.pile) else { continue };
            if !brief.holds_connector {
                let last = pile.last_charging(brief.connector, brief.transaction_number);
                self.series.ended(brief.order, last.as_ref());
            }
            pile.keep_order(brief);
        }
        for (at, due) in reaction.due {
            self.timers.set(at, due);
        }
        for command in reaction.ended {
            self.waiters.ended(command);
        }
        for command in reaction.dispatch {
            self.dispatch(command);
        }
    }

    /// Hands a command to its pile's connection; one that has gone meanwhile ends it.
    fn dispatch(self: &Arc<Self>, command: Command) {
        let id = command.id;
        let pile = self.registry.get(command.pile);
        let link = pile.and_then(|pile| pile.state().attachment.as_ref().map(|joined| Arc::clone(&joined.link)));
        match link {
            Some(link) => link.command(command),
            None => self.command_ended(id, CommandResult::PileAway),
        }
    }
}

impl Presence for Core {
    fn is_online(&self, pile: PileCode) -> bool {
        self.registry.get(pile).is_some_and(|pile| Self::is_online(self, &pile))
    }

    fn is_idle(&self, pile: PileCode) -> bool {
        let Some(pile) = self.registry.get(pile) else { return true };
        let state = pile.state();
        let charges = |connector: &super::ConnectorLive| {
            let charging = connector.telemetry.as_ref().is_some_and(|told| told.state == ConnectorState::Charging);
            charging || connector.order.as_ref().is_some_and(|order| order.holds_connector)
        };
        !state.connectors.iter().any(charges)
    }

    fn progress(&self, order: &Order) -> Option<Progress> {
        self.registry.get(order.pile)?.progress_of(order)
    }
}

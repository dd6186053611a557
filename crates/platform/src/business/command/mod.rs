//! Commands (下行命令): recorded, queued, sent one at a time, and what becomes of them.
//!
//! A pile has one command of a kind (and connector) in flight; others wait in the order in which they were asked for.
//! What was sent is sent once the unit of work is durable, so the books never know less than the pile.

mod connection;
mod end;

#[cfg(test)]
pub(in crate::business) mod tests;
#[cfg(test)]
mod turns;

use serde_json::{Value, json};

use super::{Business, BusinessError, Due, Refusal};
use crate::book::{BooksError, Kind};
use crate::command::{Command, CommandAction, CommandResult, CommandState};
use crate::identity::{CommandId, OrderId, PileCode};
use crate::order::Order;
use crate::order::machine::{Input, STOPPED_BY_PLATFORM};
use crate::pile::Pile;
use crate::tariff::TariffVersion;
use crate::timestamp::Timestamp;

/// Commands of one pile that may be open: a day's worth of cards for it, and an end to a caller's loop.
pub const OPEN_COMMANDS_MAX: usize = 32;
/// Stops that may be open beyond that: a full queue must not keep a charge from being stopped (V1.6 §13.3 rule 3).
const OPEN_STOPS_MORE: usize = 8;

/// Why a command ended, or was not made, when its pile is not connected.
const PILE_OFFLINE: &str = "pile_offline";

/// A command that is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCommand {
    /// The pile.
    pub pile: PileCode,
    /// What is asked.
    pub request: CommandAction,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// Until when it may wait for the pile to be connected; `None` refuses it when the pile is not.
    pub keep_until: Option<Timestamp>,
    /// The `Idempotency-Key` it is asked with.
    pub key: Option<String>,
    /// Who asks; `None` for the platform itself.
    pub by: Option<String>,
}

impl NewCommand {
    /// What the platform itself asks of a connected pile.
    #[must_use]
    pub const fn of_platform(pile: PileCode, request: CommandAction) -> Self {
        Self { pile, request, order: None, keep_until: None, key: None, by: None }
    }

    /// The key behind who asked, so that nobody's key meets another's.
    fn scoped_key(&self) -> Option<String> {
        self.key.as_ref().map(|key| format!("{} {key}", self.by.as_deref().unwrap_or("platform")))
    }
}

impl Business<'_> {
    /// Asks something of a pile: sent now when its turn has come, else queued. Asked again under the same key by the
    /// same asker, it is the first command.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without the pile, [`Refusal::Invalid`] when a parameter does not fit,
    /// [`Refusal::Conflict`] when the pile is offline and the command may not wait (`pile_offline`), too many are open
    /// (`command_queue_full`) or the key was used for something else (`key_reused`).
    pub fn queue_command(&mut self, mut new: NewCommand) -> Result<Command, BusinessError> {
        let key = new.scoped_key();
        if let Some(first) = self.command_under_key(key.as_deref(), &new)? {
            return Ok(first);
        }
        let pile: Option<Pile> = self.books.get(&new.pile)?;
        let pile = pile.ok_or_else(|| Refusal::NotFound { what: "pile", key: new.pile.to_string() })?;
        self.check_new_command(&pile, &new)?;
        // Whoever gives up a reservation gives up its order.
        let given_up = self.reservation_of(&new)?;
        if let Some(order) = &given_up {
            new.order = Some(order.id);
        }
        let open = self.open_commands(new.pile)?;
        let stops_more = if new.request.is_stop() { OPEN_STOPS_MORE } else { 0 };
        if open.len() >= OPEN_COMMANDS_MAX + stops_more {
            let detail = format!("{} commands to this pile are open: wait for them or cancel some", open.len());
            return Err(Refusal::Conflict { reason: "command_queue_full", detail }.into());
        }
        let is_its_turn =
            self.presence.is_online(new.pile) && !open.iter().any(|other| other.request.shares_turn_with(&new.request));
        let mut command = Command {
            id: CommandId(self.books.next_number(Kind::Command)?),
            operator: pile.operator,
            pile: new.pile,
            action: new.request.name().to_owned(),
            request: new.request,
            state: CommandState::Queued,
            open_pile: Some(new.pile),
            keep_until: new.keep_until,
            attempts: 0,
            order: new.order,
            key,
            reason: None,
            answer: Value::Null,
            created_by: new.by,
            created_at: self.now,
            sent_at: None,
            ended_at: None,
        };
        if let Some(until) = command.keep_until {
            self.reaction.due.push((until, Due::Command(command.id)));
        }
        if is_its_turn {
            self.send_command(&mut command)?;
        } else {
            self.books.put(&command)?;
        }
        if let Some(order) = given_up {
            let order = self.drive(order, &Input::StopAsked { reason: STOPPED_BY_PLATFORM })?;
            if !self.presence.is_online(order.pile) {
                // It is told when it is back.
                self.drive(order, &Input::PileOffline)?;
            }
        }
        Ok(command)
    }

    /// The order that a command gives up without naming it.
    fn reservation_of(&mut self, new: &NewCommand) -> Result<Option<Order>, BooksError> {
        match (&new.request, new.order) {
            (CommandAction::CancelReservation { connector }, None) => {
                Ok(self.holder(new.pile, *connector)?.filter(|order| order.is_reserved(self.now)))
            }
            _ => Ok(None),
        }
    }

    /// Takes back a command that waits.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without it; [`Refusal::Conflict`] when it was sent (`command_sent`) or has ended
    /// (`command_ended`).
    pub fn cancel_command(&mut self, id: CommandId, by: &str) -> Result<Command, BusinessError> {
        let command: Option<Command> = self.books.get(&id)?;
        let command = command.ok_or_else(|| Refusal::NotFound { what: "command", key: id.to_string() })?;
        let (reason, detail) = match command.state {
            CommandState::Queued => {
                let command = self.give_up_command(command, "cancelled", json!({"cancelled_by": by}))?;
                return Ok(command);
            }
            CommandState::Sent => ("command_sent", "the pile has it already: wait for its answer"),
            _ => ("command_ended", "it has ended"),
        };
        Err(Refusal::Conflict { reason, detail: detail.to_owned() }.into())
    }

    /// A command has waited for its pile for as long as it may.
    ///
    /// # Errors
    /// When the books fail.
    pub fn command_due(&mut self, id: CommandId) -> Result<(), BusinessError> {
        let waiting = self.books.get::<Command>(&id)?.filter(|command| command.state == CommandState::Queued);
        match waiting.and_then(|command| Some((command.keep_until?, command))) {
            Some((until, _)) if until > self.now => self.reaction.due.push((until, Due::Command(id))),
            Some((_, command)) => _ = self.give_up_command(command, "expired", Value::Null)?,
            None => {}
        }
        Ok(())
    }

    /// A pile's commands that have not ended, oldest first.
    pub(super) fn open_commands(&mut self, pile: PileCode) -> Result<Vec<Command>, BooksError> {
        self.books.find("open_pile", pile, OPEN_COMMANDS_MAX + OPEN_STOPS_MORE)
    }

    /// Cancels a command with a reason in a stable word, and what follows from that.
    pub(super) fn give_up_command(
        &mut self,
        command: Command,
        reason: &str,
        answer: Value,
    ) -> Result<Command, BusinessError> {
        let command = self.close_command(command, CommandState::Cancelled, Some(reason.to_owned()), answer)?;
        let result =
            if reason == PILE_OFFLINE { CommandResult::PileAway } else { CommandResult::Impossible(reason.to_owned()) };
        self.command_follow_up(&command, &result)?;
        Ok(command)
    }

    fn command_under_key(&mut self, key: Option<&str>, new: &NewCommand) -> Result<Option<Command>, BusinessError> {
        let Some(key) = key else { return Ok(None) };
        let Some(first) = self.books.first::<Command>("key", key)? else { return Ok(None) };
        // What has ended is kept without its secrets.
        if (first.pile, first.request.redacted()) == (new.pile, new.request.redacted()) {
            return Ok(Some(first));
        }
        let detail = "this Idempotency-Key was used for another command: take a new one".to_owned();
        Err(Refusal::Conflict { reason: "key_reused", detail }.into())
    }

    fn check_new_command(&mut self, pile: &Pile, new: &NewCommand) -> Result<(), BusinessError> {
        let invalid = |field, detail| Err(BusinessError::from(Refusal::Invalid { field, detail }));
        if let Err(wrong) = new.request.check(pile.connector_count) {
            return invalid(wrong.field, wrong.detail);
        }
        if new.request.needs_order() && new.order.is_none() {
            let name = new.request.name();
            return invalid("action", format!("{name} is part of an order: start one instead"));
        }
        if let CommandAction::SetTariff { tariff } = &new.request
            && self.books.get::<TariffVersion>(tariff)?.is_none()
        {
            return Err(Refusal::NotFound { what: "tariff version", key: tariff.to_string() }.into());
        }
        if new.keep_until.is_some_and(|until| until <= self.now) {
            return invalid("keep_until", "keep_until lies in the past".to_owned());
        }
        if new.keep_until.is_none() && !self.presence.is_online(new.pile) {
            let detail = "the pile is not connected: ask again when it is, or let the command wait for it".to_owned();
            return Err(Refusal::Conflict { reason: PILE_OFFLINE, detail }.into());
        }
        Ok(())
    }

    /// Notes a command as sent and has it sent once that is durable.
    fn send_command(&mut self, command: &mut Command) -> Result<(), BooksError> {
        command.state = CommandState::Sent;
        command.attempts = command.attempts.saturating_add(1);
        command.sent_at = Some(self.now);
        self.books.put(command)?;
        self.reaction.dispatch.push(command.clone());
        Ok(())
    }
}

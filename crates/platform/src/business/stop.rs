//! Stopping a charge, and what piles answer to it.

use super::command::NewCommand;
use super::{Business, BusinessError, Refusal};
use crate::command::{Command, CommandResult};
use crate::identity::OrderId;
use crate::order::machine::{Input, STOPPED_BY_PLATFORM};
use crate::order::{Order, OrderState};

impl Business<'_> {
    /// Stops an order, and with it the other half of a parallel charge. While a stop is on its way, asking again gives
    /// that one; an abnormal order can be told to stop as well, for its pile may still charge.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without the order; [`Refusal::Conflict`] when its charge has ended (`order_ended`) or its
    /// pile can't be told (`pile_offline`, `command_queue_full`).
    pub fn stop_order(&mut self, order: OrderId, by: &str) -> Result<Command, BusinessError> {
        let known: Option<Order> = self.books.get(&order)?;
        let order = known.ok_or_else(|| Refusal::NotFound { what: "order", key: order.to_string() })?;
        if matches!(order.state, OrderState::AwaitingRecord | OrderState::Settled | OrderState::Failed) {
            let detail = format!("the charge has ended: the order is {}", order.state.name());
            return Err(Refusal::Conflict { reason: "order_ended", detail }.into());
        }
        // Queued first, so that the command is the caller's and its refusal is his, too.
        let command = match self.open_stop(&order)? {
            Some(command) => command,
            None => self.queue_command(NewCommand {
                order: Some(order.id),
                by: Some(by.to_owned()),
                ..NewCommand::of_platform(order.pile, order.stop_action(self.now))
            })?,
        };
        let order = self.drive(order, &Input::StopAsked { reason: STOPPED_BY_PLATFORM })?;
        self.stop_rest_of(&order, STOPPED_BY_PLATFORM)?;
        Ok(command)
    }

    /// Takes what became of an order's stop command.
    ///
    /// # Errors
    /// When the books fail.
    pub fn stop_ended(&mut self, order: OrderId, result: &CommandResult) -> Result<(), BusinessError> {
        let Some(order) = self.books.get::<Order>(&order)? else { return Ok(()) };
        let input = match result {
            CommandResult::Succeeded(_) => Input::StopConfirmed,
            CommandResult::Refused(reason, _) => Input::StopRefused { reason: reason.clone() },
            CommandResult::TimedOut => Input::StopUnanswered { detail: "the pile did not answer the stop".to_owned() },
            CommandResult::PileAway => {
                Input::StopUnanswered { detail: "the pile went away before it answered the stop".to_owned() }
            }
            CommandResult::Impossible(reason) => {
                Input::StopUnanswered { detail: format!("the stop was given up: {reason}") }
            }
        };
        self.drive(order, &input)?;
        Ok(())
    }
}

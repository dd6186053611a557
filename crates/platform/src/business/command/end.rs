//! The end of a command: by the pile's answer, by its silence, or because it was given up; and what follows from it.

use serde_json::Value;

use super::PILE_OFFLINE;
use crate::business::{Business, BusinessError};
use crate::command::{Command, CommandAction, CommandResult, CommandState, CommandView};
use crate::event::{Event, EventType};
use crate::identity::CommandId;
use crate::tariff::TariffRef;

impl Business<'_> {
    /// Takes what became of a command that was sent. Silence is answered by sending it again where that does no harm
    /// ([`CommandAction::retries`]); whatever else ends it, and the next of its kind is sent.
    ///
    /// A word about a command that has ended, or that was not sent, changes nothing.
    ///
    /// # Errors
    /// When the books fail.
    pub fn command_ended(&mut self, id: CommandId, result: CommandResult) -> Result<(), BusinessError> {
        let Some(mut command) = self.books.get::<Command>(&id)? else { return Ok(()) };
        let is_answer = matches!(result, CommandResult::Succeeded(_) | CommandResult::Refused(..));
        let is_awaited = match command.state {
            CommandState::Sent => true,
            // The pile answered just before its connection ended, and the command was put back.
            CommandState::Queued => is_answer && command.attempts > 0,
            _ => false,
        };
        if !is_awaited {
            return Ok(());
        }
        let online = self.presence.is_online(command.pile);
        if result == CommandResult::TimedOut && online && command.attempts <= command.request.retries() {
            self.send_command(&mut command)?;
            return Ok(());
        }
        let is_gone = result == CommandResult::PileAway || (result == CommandResult::TimedOut && !online);
        if is_gone && command.is_kept(self.now) {
            command.state = CommandState::Queued;
            self.books.put(&command)?;
            return Ok(());
        }
        let (state, reason, answer) = match &result {
            CommandResult::Succeeded(answer) => (CommandState::Succeeded, None, answer.clone()),
            CommandResult::Refused(reason, answer) => (CommandState::Refused, Some(reason.clone()), answer.clone()),
            CommandResult::TimedOut => (CommandState::TimedOut, Some("no_answer".to_owned()), Value::Null),
            CommandResult::PileAway => (CommandState::Cancelled, Some(PILE_OFFLINE.to_owned()), Value::Null),
            CommandResult::Impossible(reason) => (CommandState::Cancelled, Some(reason.clone()), Value::Null),
        };
        let command = self.close_command(command, state, reason, answer)?;
        self.send_next_command(&command)?;
        self.command_follow_up(&command, &result)
    }

    /// Writes a command's end down, without its secrets, and tells the world.
    pub(super) fn close_command(
        &mut self,
        mut command: Command,
        state: CommandState,
        reason: Option<String>,
        answer: Value,
    ) -> Result<Command, BusinessError> {
        command.state = state;
        command.reason = reason;
        command.answer = answer;
        command.open_pile = None;
        command.ended_at = Some(self.now);
        command.request = command.request.redacted();
        self.books.put(&command)?;
        let view = CommandView::from(command.clone());
        let event = Event::new(EventType::CommandEnded, self.now, format!("commands/{}", command.id), &view);
        self.books.append(&event.of_pile(command.pile).of_operator(command.operator.clone()))?;
        self.reaction.ended.push(command.id);
        Ok(command)
    }

    /// Sends the oldest command that waited for the turn of one that ended.
    fn send_next_command(&mut self, ended: &Command) -> Result<(), BusinessError> {
        if !self.presence.is_online(ended.pile) {
            return Ok(());
        }
        let mut waiting = self.open_commands(ended.pile)?;
        waiting.retain(|command| command.request.shares_turn_with(&ended.request));
        if waiting.iter().any(|command| command.state == CommandState::Sent) {
            return Ok(());
        }
        for mut command in waiting {
            if command.keep_until.is_none_or(|until| until > self.now) {
                self.send_command(&mut command)?;
                return Ok(());
            }
            self.give_up_command(command, "expired", Value::Null)?;
        }
        Ok(())
    }

    /// What the end of a command means for the rest: orders, tariffs, cards, what is known of the pile.
    pub(super) fn command_follow_up(&mut self, command: &Command, result: &CommandResult) -> Result<(), BusinessError> {
        let answer = match result {
            CommandResult::Succeeded(answer) => Some(answer),
            _ => None,
        };
        match (&command.request, command.order) {
            // An answer to a start reaches the order by its transaction number, not through the command.
            (CommandAction::StartCharge { .. } | CommandAction::StartParallel { .. }, Some(order)) => match result {
                CommandResult::Succeeded(_) | CommandResult::Refused(..) => Ok(()),
                _ => self.start_unanswered(order, result),
            },
            (CommandAction::StopCharge { .. } | CommandAction::CancelReservation { .. }, Some(order)) => {
                self.stop_ended(order, result)
            }
            (CommandAction::SetTariff { tariff }, _) => self.set_tariff_ended(command, tariff, result),
            (
                CommandAction::SyncOfflineCards { .. }
                | CommandAction::ClearOfflineCards { .. }
                | CommandAction::QueryOfflineCards { .. },
                _,
            ) => self.cards_answered(command, result),
            (CommandAction::SetWorkParameters { enabled, power_percent }, _) if answer.is_some() => {
                let Some(mut state) = self.state_of_pile(command.pile)? else { return Ok(()) };
                state.work_allowed = Some(*enabled);
                state.power_percent = Some(*power_percent);
                Ok(self.books.put(&state)?)
            }
            (CommandAction::ReadSimNumber, _) => {
                let Some(iccid) = answer.and_then(|answer| answer.get("iccid")).and_then(Value::as_str) else {
                    return Ok(());
                };
                let Some(mut state) = self.state_of_pile(command.pile)? else { return Ok(()) };
                // What it says at logins is what the next login is compared with: here it may be written otherwise.
                state.iccid.get_or_insert_with(|| iccid.to_owned());
                Ok(self.books.put(&state)?)
            }
            _ => Ok(()),
        }
    }

    /// A pile took a tariff, or not. Where another version has come into force since, that one is next; one that the
    /// pile does not take is not sent again until there is a new reason to.
    fn set_tariff_ended(
        &mut self,
        command: &Command,
        tariff: &TariffRef,
        result: &CommandResult,
    ) -> Result<(), BusinessError> {
        match result {
            CommandResult::Succeeded(_) => {
                self.tariff_accepted(command.pile, tariff.clone())?;
                self.push_tariff(command.pile)
            }
            CommandResult::Refused(..) | CommandResult::TimedOut => self.push_tariff_unless(command.pile, tariff),
            CommandResult::PileAway | CommandResult::Impossible(_) => Ok(()),
        }
    }
}

//! What connections do to commands: a pile that comes back, goes away, and the server's own start.

use serde_json::Value;

use super::PILE_OFFLINE;
use crate::business::{Business, BusinessError, Due};
use crate::command::{Command, CommandAction, CommandResult, CommandState};
use crate::identity::PileCode;

/// Open commands that a start of the server looks at, of each state; there are [`OPEN_COMMANDS_MAX`](super::OPEN_COMMANDS_MAX)
/// per pile at the most.
const RESUMED_MAX: usize = 10_000_000;

impl Business<'_> {
    /// A pile logs in on a new connection: what is in flight on the one before is not answered any more. A newer login
    /// takes a pile over without the end of its connection having been seen. To be called before the pile's orders hear
    /// of the login, so that a stop that went astray is sent again.
    ///
    /// # Errors
    /// When the books fail.
    pub fn commands_on_takeover(&mut self, pile: PileCode) -> Result<(), BusinessError> {
        let mut open = self.open_commands(pile)?;
        open.retain(|command| command.state == CommandState::Sent);
        self.leave_connection(open)
    }

    /// A pile logged in: what waited for it is sent, one of a kind, and it is told of its tariff where it runs another.
    ///
    /// # Errors
    /// When the books fail.
    pub fn commands_on_login(&mut self, pile: PileCode) -> Result<(), BusinessError> {
        let open = self.open_commands(pile)?;
        let mut turns: Vec<CommandAction> = open
            .iter()
            .filter(|command| command.state == CommandState::Sent)
            .map(|command| command.request.clone())
            .collect();
        for mut command in open.into_iter().filter(|command| command.state == CommandState::Queued) {
            if command.keep_until.is_some_and(|until| until <= self.now) {
                self.give_up_command(command, "expired", Value::Null)?;
            } else if !turns.iter().any(|taken| taken.shares_turn_with(&command.request)) {
                turns.push(command.request.clone());
                self.send_command(&mut command)?;
            }
        }
        self.push_tariff(pile)
    }

    /// A pile's connection ended or it fell silent: what may not wait for it is cancelled, the rest waits.
    ///
    /// # Errors
    /// When the books fail.
    pub fn commands_on_offline(&mut self, pile: PileCode) -> Result<(), BusinessError> {
        let open = self.open_commands(pile)?;
        self.leave_connection(open)
    }

    fn leave_connection(&mut self, open: Vec<Command>) -> Result<(), BusinessError> {
        let (kept, lost): (Vec<Command>, Vec<Command>) =
            open.into_iter().partition(|command| command.is_kept(self.now));
        for command in kept {
            self.put_back_command(command)?;
        }
        for command in lost {
            self.give_up_command(command, PILE_OFFLINE, Value::Null)?;
        }
        Ok(())
    }

    /// The server starts and knows no connection: what was in flight or queued is cancelled unless it may wait.
    ///
    /// Orders are left alone: their own deadlines tell what became of a start or a stop that the pile may well have
    /// had.
    ///
    /// # Errors
    /// When the books fail.
    pub fn resume_commands(&mut self) -> Result<(), BusinessError> {
        let mut open: Vec<Command> = self.books.find("state", CommandState::Sent, RESUMED_MAX)?;
        open.extend(self.books.find::<Command>("state", CommandState::Queued, RESUMED_MAX)?);
        for command in open {
            if let Some(until) = command.keep_until.filter(|_| command.is_kept(self.now)) {
                self.reaction.due.push((until, Due::Command(command.id)));
                self.put_back_command(command)?;
                continue;
            }
            let reason = "server_restarted";
            let command = self.close_command(command, CommandState::Cancelled, Some(reason.to_owned()), Value::Null)?;
            if command.order.is_none() {
                self.command_follow_up(&command, &CommandResult::Impossible(reason.to_owned()))?;
            }
        }
        Ok(())
    }

    fn put_back_command(&mut self, mut command: Command) -> Result<(), BusinessError> {
        if command.state == CommandState::Sent {
            command.state = CommandState::Queued;
            self.books.put(&command)?;
        }
        Ok(())
    }
}

//! Who waits for the end of a command.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use voltapile_platform::book::{Kind, from_json};
use voltapile_platform::command::Command;
use voltapile_platform::identity::CommandId;

use super::Core;
use crate::store::StoreError;

/// Those who wait, by command.
#[derive(Debug, Default)]
pub(super) struct Waiters(Mutex<HashMap<CommandId, Vec<oneshot::Sender<()>>>>);

impl Waiters {
    /// Tells those who wait for a command.
    pub(super) fn ended(&self, command: CommandId) {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&command);
        for waiter in waiting.into_iter().flatten() {
            // One that has gone does not want to know.
            let _ = waiter.send(());
        }
    }

    fn join(&self, command: CommandId) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut waiters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = waiters.entry(command).or_default();
        waiting.retain(|waiter| !waiter.is_closed());
        waiting.push(sender);
        receiver
    }

    fn forget_gone(&self, command: CommandId) {
        let mut waiters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = waiters.get_mut(&command) {
            waiting.retain(|waiter| !waiter.is_closed());
            if waiting.is_empty() {
                waiters.remove(&command);
            }
        }
    }
}

impl Core {
    /// Waits until a command has ended, or for a time; gives the command as it then is.
    ///
    /// # Errors
    /// What the store says.
    pub async fn wait_command(
        self: &Arc<Self>,
        id: CommandId,
        within: Duration,
    ) -> Result<Option<Command>, StoreError> {
        let ended = self.waiters.join(id);
        let command = self.command(id).await?;
        if command.as_ref().is_none_or(|command| command.state.is_end()) {
            return Ok(command);
        }
        let in_time = tokio::time::timeout(within, ended).await.is_ok();
        if !in_time {
            self.waiters.forget_gone(id);
        }
        self.command(id).await
    }

    async fn command(&self, id: CommandId) -> Result<Option<Command>, StoreError> {
        let body = self.store.document(Kind::Command, id.to_string()).await?;
        body.map(|body| from_json(Kind::Command, &id.to_string(), &body)).transpose().map_err(StoreError::from)
    }
}

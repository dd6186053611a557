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
        let command = self.command(id).await;
        let is_open = matches!(&command, Ok(Some(command)) if !command.state.is_end());
        if is_open {
            // Told, or not in time: what the command is now counts.
            let _ = tokio::time::timeout(within, ended).await;
        } else {
            drop(ended);
        }
        self.waiters.forget_gone(id);
        if is_open { self.command(id).await } else { command }
    }

    async fn command(&self, id: CommandId) -> Result<Option<Command>, StoreError> {
        let body = self.store.document(Kind::Command, id.to_string()).await?;
        body.map(|body| from_json(Kind::Command, &id.to_string(), &body)).transpose().map_err(StoreError::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tests::core;

    #[tokio::test]
    async fn whoever_asks_for_what_has_ended_leaves_nothing_behind() {
        let directory = tempfile::tempdir().unwrap();
        let core = core(&directory).await;
        assert_eq!(core.wait_command(CommandId(7), Duration::from_secs(9)).await.unwrap(), None);
        assert!(core.waiters.0.lock().unwrap().is_empty());
    }
}

//! A command as the world sees it: in events and in the API, without secrets and without what only the business needs.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Command, CommandAction, CommandState};
use crate::identity::{CommandId, OperatorId, OrderId, PileCode};
use crate::timestamp::Timestamp;

/// A command as the world sees it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = Command)]
pub struct CommandView {
    /// Its number.
    pub id: CommandId,
    /// Whose pile.
    pub operator: Option<OperatorId>,
    /// The pile.
    pub pile: PileCode,
    /// What is asked, by name.
    pub action: String,
    /// What is asked, without passwords.
    pub request: CommandAction,
    /// Where it stands.
    pub state: CommandState,
    /// Until when it may wait for the pile to come back; `null` when it is cancelled as soon as the pile is away.
    pub keep_until: Option<Timestamp>,
    /// How often it was sent.
    pub attempts: u8,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// Why it ended as it did, in a stable word.
    pub reason: Option<String>,
    /// What the pile answered, beyond that; `null` while there is nothing.
    pub answer: Value,
    /// Who asked.
    pub created_by: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last sent.
    pub sent_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl From<Command> for CommandView {
    fn from(command: Command) -> Self {
        Self {
            id: command.id,
            operator: command.operator,
            pile: command.pile,
            action: command.action,
            request: command.request.redacted(),
            state: command.state,
            keep_until: command.keep_until,
            attempts: command.attempts,
            order: command.order,
            reason: command.reason,
            answer: command.answer,
            created_by: command.created_by,
            created_at: command.created_at,
            sent_at: command.sent_at,
            ended_at: command.ended_at,
        }
    }
}

//! Commands (下行命令): what the platform asks of a pile, with a deadline and an outcome.

mod action;
mod check;
mod options;
mod view;

pub use action::{CommandAction, FirmwareModel, OfflineCard, QrFormat, When, is_secret_name};
pub use check::InvalidParameter;
pub use options::{ChargeLimit, StartOptions};
pub use view::CommandView;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::book::{Document, Kind};
use crate::identity::{CommandId, OperatorId, OrderId, PileCode};
use crate::timestamp::Timestamp;

/// A command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// Its number.
    pub id: CommandId,
    /// Whose pile.
    pub operator: Option<OperatorId>,
    /// The pile.
    pub pile: PileCode,
    /// What is asked, by name.
    pub action: String,
    /// What is asked.
    pub request: CommandAction,
    /// Where it stands.
    pub state: CommandState,
    /// The pile's code until it ended.
    pub open_pile: Option<PileCode>,
    /// Until when it may wait for the pile to come back; `None` when it is cancelled as soon as the pile is away.
    pub keep_until: Option<Timestamp>,
    /// How often it was sent.
    pub attempts: u8,
    /// The order it belongs to.
    pub order: Option<OrderId>,
    /// The `Idempotency-Key` it was asked with, behind who asked.
    pub key: Option<String>,
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

impl Command {
    /// Whether it may still wait for its pile to come back. One that was sent and would do harm a second time (a pile
    /// that reboots does not always answer first) does not wait for another time.
    #[must_use]
    pub fn is_kept(&self, now: Timestamp) -> bool {
        let harmless = self.attempts == 0 || self.request.retries() > 0;
        harmless && self.keep_until.is_some_and(|until| until > now)
    }
}

impl Document for Command {
    const KIND: Kind = Kind::Command;
    type Id = CommandId;
    fn id(&self) -> CommandId {
        self.id
    }
}

/// Where a command stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    /// It waits: for its turn, or for the pile to come back.
    Queued,
    /// It was sent and its answer is awaited.
    Sent,
    /// The pile did it.
    Succeeded,
    /// The pile refused; the reason says why.
    Refused,
    /// The pile did not answer in time.
    TimedOut,
    /// It was given up: by a person, or because the pile went away.
    Cancelled,
}

impl CommandState {
    /// Whether nothing more is to happen.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Succeeded | Self::Refused | Self::TimedOut | Self::Cancelled)
    }
}

/// What became of a command that was sent.
#[derive(Debug, Clone, PartialEq)]
pub enum CommandResult {
    /// The pile did it; what it answered beyond that.
    Succeeded(Value),
    /// The pile refused: why in a stable word, and what it answered beyond that.
    Refused(String, Value),
    /// No answer in time.
    TimedOut,
    /// The pile's connection went away before the command could be sent.
    PileAway,
    /// The protocol has no such command, or its parameters do not fit a frame: why.
    Impossible(String),
}

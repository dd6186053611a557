//! What is asked of a pile in several messages, one after the other: a command that needs more than one, the look at its
//! tariff after a sign-in, the records that it has and the store has not.

mod desk;

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Map, Value};
use voltapile_platform::identity::{CommandId, ConnectorNumber, TransactionNumber};
use voltapile_platform::tariff::TariffNumber;
use voltapile_protocol::aaf5::message::Message;
use voltapile_protocol::time::Tick;

use super::tariff::Form;

/// Tokens from here on are the adapter's own; below are the numbers of commands.
const OWN_TOKENS: u64 = 1 << 63;
/// Time for an answer to what nobody but the adapter asked.
const OWN_WITHIN: Duration = Duration::from_secs(10);
/// Time for an answer to a start: some piles give it only once the car charges, or does not.
const START_WITHIN: Duration = Duration::from_secs(150);
/// Records that are fetched after a sign-in, the newest first: what a pile keeps to send again is 5 to 50.
const RECORDS_MAX: u32 = 20;
/// Errands at once; what a pile is asked one after the other needs no more.
const ERRANDS_MAX: usize = 64;

/// One message of an errand.
pub(super) struct Step {
    pub(super) message: Message,
    /// What no answer means.
    pub(super) silence: Silence,
    /// What the answer is to tell.
    pub(super) expects: Option<Expected>,
}

/// What it means that a message is not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Silence {
    /// The errand has failed.
    Fails,
    /// Piles of that age do not answer it: the errand goes on after so long.
    Passes(Duration),
}

/// What an answer is to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expected {
    /// This tariff (1102, 1108).
    Tariff(Form),
    /// This word of an integer parameter (2).
    Word(u32),
}

impl Step {
    /// A message that must be answered.
    pub(super) fn new(message: impl Into<Message>) -> Self {
        Self { message: message.into(), silence: Silence::Fails, expects: None }
    }

    /// Goes on without an answer after so long.
    pub(super) fn or_silence(self, after: Duration) -> Self {
        Self { silence: Silence::Passes(after), ..self }
    }

    /// Fails unless the answer tells this.
    pub(super) fn expecting(self, expected: Expected) -> Self {
        Self { expects: Some(expected), ..self }
    }
}

/// Whose errand it is.
enum Purpose {
    /// A command's.
    Command(CommandId),
    /// A command that starts a charge.
    Start(CommandId, ConnectorNumber, TransactionNumber),
    /// A command that sets the tariff.
    SetTariff(CommandId),
    /// A command that lets the pile work, or not.
    Work(CommandId, bool),
    /// To say again that it is not to work.
    Suspension,
    /// A command whose answer is followed by reports of how far it is.
    Firmware(CommandId),
    /// To see whether the pile sells by the tariff with this number.
    Tariff(TariffNumber),
    /// To fetch the record at a place.
    Records(u32),
}

/// Messages on their way.
struct Errand {
    token: u64,
    purpose: Purpose,
    /// What is to be sent; the first has been.
    steps: VecDeque<Step>,
    /// What the answers told.
    told: Map<String, Value>,
    /// What is told besides when all has been done.
    done: Map<String, Value>,
    deadline: Tick,
    /// Whether all was answered and reports are to follow.
    waits: bool,
}

/// The errands of one connection.
#[derive(Default)]
pub(super) struct Errands {
    list: Vec<Errand>,
    next_token: u64,
}

impl Errands {
    /// The moment until which an errand waits for reports.
    pub(super) fn next_deadline(&self) -> Option<Tick> {
        self.list.iter().filter(|errand| errand.waits).map(|errand| errand.deadline).min()
    }

    fn position(&self, token: u64) -> Option<usize> {
        self.list.iter().position(|errand| errand.token == token)
    }

    fn take(&mut self, token: u64) -> Option<Errand> {
        let errand = self.position(token).map(|position| self.list.swap_remove(position));
        if self.list.is_empty() {
            self.list = Vec::new();
        }
        errand
    }
}

//! The charging business: each thing that can happen, as a function over the books.
//!
//! A [`Business`] lives for one unit of work. Its functions read and write the books and note in its [`Reaction`] what
//! is to happen once the work is durable: commands to send, orders that began, changed or ended, moments to wake at.
//! Nothing here waits, and nothing is known but what the books and the arguments say.

pub mod registry;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

mod alarm;
mod authorize;
mod cards;
mod command;
mod deadline;
mod drive;
mod facts;
mod money;
mod parking;
mod pile_state;
mod presence;
mod progress;
mod record;
mod resolve;
mod start;
mod stop;
mod tariff;
#[cfg(test)]
mod tests;
mod vehicle;

pub use alarm::severity_of;
pub use authorize::{CardReading, ParallelRequest, StartDecision, StartRequest};
pub use command::{NewCommand, OPEN_COMMANDS_MAX};
pub use presence::PileLogin;
pub use progress::{ConnectorReport, matters};
pub use record::ReceivedRecord;
pub use resolve::actions_of;
pub use start::StartOrder;
pub use tariff::{PutTariff, tariff_of};

use std::collections::HashMap;

use crate::book::{Books, BooksError};
use crate::command::Command;
use crate::identity::{CommandId, ConnectorNumber, OrderId, PileCode, TransactionNumber};
use crate::order::{Order, OrderState, Progress};
use crate::settlement::SettlementPolicy;
use crate::timestamp::Timestamp;
use crate::unit::Balance;

/// What the business goes by; from the server's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// What an account must be able to spend before a charge.
    pub minimum_balance: Balance,
    /// The most that one order may cost; that much is set aside where there is that much.
    pub order_cap: Balance,
    /// Seconds from a start in which a refusal for want of a plug may turn into a success (OQ-14).
    pub plug_within_s: u32,
    /// Seconds for the pile to stop.
    pub stop_within_s: u32,
    /// Seconds after which an open order whose pile is away needs a person.
    pub gone_after_s: u32,
    /// Whether account and password typed in at a pile are taken: piles send a cut, unsalted MD5.
    pub allow_pile_passwords: bool,
    /// How far the pile's wall clock is ahead of UTC.
    pub zone_hours: i8,
    /// The policy of pile models without one of their own.
    pub settlement: SettlementPolicy,
    /// The policies of pile models.
    pub settlement_of_model: HashMap<String, SettlementPolicy>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            minimum_balance: Balance::from_steps(500),
            order_cap: Balance::from_steps(50_000),
            plug_within_s: 60,
            stop_within_s: 60,
            gone_after_s: 72 * 3600,
            allow_pile_passwords: false,
            zone_hours: 8,
            settlement: SettlementPolicy::default(),
            settlement_of_model: HashMap::new(),
        }
    }
}

/// What is known of connections, in memory.
pub trait Presence {
    /// Whether a pile is connected and not silent.
    fn is_online(&self, pile: PileCode) -> bool;

    /// Whether none of its connectors charges, as far as it says.
    fn is_idle(&self, pile: PileCode) -> bool;

    /// How far an order's charge was when it was last heard of: steady reports of a charge never reach the business.
    fn progress(&self, order: &Order) -> Option<Progress>;
}

/// What is to happen once a unit of work is durable.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reaction {
    /// Commands to be sent now; in the books they count as sent already.
    pub dispatch: Vec<Command>,
    /// Orders whose state changed.
    pub orders: Vec<OrderBrief>,
    /// Commands that ended.
    pub ended: Vec<CommandId>,
    /// Moments at which [`Business::due`] is to be called.
    pub due: Vec<(Timestamp, Due)>,
}

/// What the gateway must know of an order to tell which telemetry matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderBrief {
    /// Which.
    pub order: OrderId,
    /// Its pile.
    pub pile: PileCode,
    /// Its connector.
    pub connector: ConnectorNumber,
    /// Its number on the wire.
    pub transaction_number: TransactionNumber,
    /// Where it stands now.
    pub state: OrderState,
    /// Whether it still holds the connector.
    pub holds_connector: bool,
}

/// Something to be looked at again at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Due {
    /// An order's deadline.
    Order(OrderId),
    /// A command that waits for its pile to come back.
    Command(CommandId),
    /// Tariff versions whose time comes.
    Tariffs,
    /// A pile that is to be told of its tariff and was busy.
    PileTariff(PileCode),
}

/// What a person or a pile may not do, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Something named is not there.
    #[error("there is no {what} {key}")]
    NotFound {
        /// Its kind.
        what: &'static str,
        /// Its id.
        key: String,
    },
    /// It can't be done as things stand.
    #[error("{detail}")]
    Conflict {
        /// A stable word: `pile_offline`, `connector_busy`, `balance_too_low`, …
        reason: &'static str,
        /// What is in the way and what to do.
        detail: String,
    },
    /// A parameter does not fit.
    #[error("{detail}")]
    Invalid {
        /// The parameter.
        field: &'static str,
        /// What it takes.
        detail: String,
    },
}

/// Why a unit of work was not done; nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum BusinessError {
    /// It may not be done.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The books failed.
    #[error(transparent)]
    Books(#[from] BooksError),
}

/// One unit of work of the business.
pub struct Business<'a> {
    /// The books.
    pub books: &'a mut dyn Books,
    /// What to go by.
    pub rules: &'a Rules,
    /// What is known of connections.
    pub presence: &'a dyn Presence,
    /// Now.
    pub now: Timestamp,
    /// What is to happen once the work is durable.
    pub reaction: Reaction,
}

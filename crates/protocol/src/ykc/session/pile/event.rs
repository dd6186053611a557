//! What a pile learns from its connection.

use super::PileTariff;
use crate::wire::Cp56Time;
use crate::ykc::code::{ConfirmResult, ExecuteMode, WorkPermission};
use crate::ykc::field::TransactionNumber;
use crate::ykc::message::Message;

/// What a pile learns from its connection. Whatever the protocol itself demands in return has been written already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PileEvent {
    /// The platform took the login; it checks the tariff next.
    LoggedIn,
    /// The platform refused the login: close, and dial again later.
    LoginRefused,
    /// The tariff the pile has is the right one: it may charge.
    TariffConfirmed,
    /// A tariff to charge by from now on, as the pile asked for it: it may charge. A charge under way keeps its own.
    TariffChanged(Box<PileTariff>),
    /// The platform wants 0x13 of a connector now.
    RealtimeWanted {
        /// Number of the connector.
        connector: u8,
    },
    /// The clock was set.
    ClockSet(Cp56Time),
    /// The pile is locked, unlocked or limited; already answered.
    WorkParametersSet {
        /// Whether it may work.
        permission: WorkPermission,
        /// Per cent of its highest power.
        max_power_percent: u8,
    },
    /// The pile is to restart; already answered.
    Reboot(ExecuteMode),
    /// The platform has a record: it is forgotten, or kept where a quirk says so.
    RecordConfirmed {
        /// Number of the transaction.
        transaction_number: TransactionNumber,
        /// What the platform said.
        result: ConfirmResult,
    },
    /// The platform asks for something that the model has to answer with [`send`](super::PileSession::send).
    Request(Box<Message>),
    /// The platform answers what the model sent.
    Answer(Box<Message>),
    /// Nobody answers any more: close, dial again, log in again.
    LinkDead,
}

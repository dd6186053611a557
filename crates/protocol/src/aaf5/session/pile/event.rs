//! What a pile learns from its connection.

use super::PileTariff;
use crate::aaf5::code::ControlIndex;
use crate::aaf5::field::TransactionNumber;
use crate::aaf5::message::Message;
use crate::wire::BcdTime;

/// What a pile learns from its connection. Whatever the protocol itself demands in return has been written already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PileEvent {
    /// The platform took the sign-in.
    SignedIn {
        /// Whether no charge may begin.
        suspended: bool,
        /// What the clock was set to, where the platform said so.
        clock: Option<BcdTime>,
    },
    /// The platform answered a later sign-in: whether charges may begin.
    SignedInAgain {
        /// Whether no charge may begin.
        suspended: bool,
    },
    /// A tariff to charge by from now on. A charge under way keeps its own.
    TariffChanged(PileTariff),
    /// The clock was set.
    ClockSet(BcdTime),
    /// Integer parameters were set.
    ParametersSet {
        /// Index of the first; they follow each other.
        first_index: u32,
        /// Their values.
        values: Vec<u32>,
    },
    /// A text parameter was set.
    TextSet {
        /// Its index.
        index: u32,
        /// Its bytes.
        value: Box<[u8]>,
    },
    /// Control commands that need no answer of the model's.
    Control {
        /// Number of the connector.
        connector: u8,
        /// What is to be done, in this order, and with which arguments.
        commands: Vec<(ControlIndex, u32)>,
    },
    /// The white list is another one: [`PileSession::white_list`](super::PileSession::white_list).
    WhiteListChanged,
    /// The pile is to restart; already answered.
    Reboot,
    /// The platform has a record: it is forgotten, but for questions about it.
    RecordConfirmed {
        /// Number of the record.
        record_index: i32,
        /// Number of the charge.
        transaction_number: TransactionNumber,
    },
    /// The platform asks for something that the model has to answer with [`send`](super::PileSession::send).
    Request(Box<Message>),
    /// The platform answers what the model sent.
    Answer(Box<Message>),
    /// Nobody answers any more: close, dial again, sign in again.
    LinkDead,
}

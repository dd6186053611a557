//! What a step does, as model and runner know it.

use crate::fault::Fault;
use crate::model::Action;

/// What is to be done with a pile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// These happen at it, one right after the other.
    Act(Vec<Action>),
    /// It loses its connection and does not dial again.
    Cut,
    /// It dials now, on a new connection.
    Reconnect,
    /// Something of the fault menu happens.
    Inject(Fault),
    /// Nothing: only a word for whoever reads the result.
    Say(String),
}

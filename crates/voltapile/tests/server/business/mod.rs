//! The charging business end to end: virtual piles on one side, the API on the other.

mod access;
mod cards;
mod commands;
mod crash;
mod events;
mod field;
mod flows;
mod lasting;
mod money;
mod offline;
mod parallel;
mod refusals;
pub(crate) mod stage;
mod tariffs;
mod wire;

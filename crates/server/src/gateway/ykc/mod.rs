//! The adapter of 云快充: its events become calls of the core, the core's answers become its messages. Nothing else in
//! the server knows both sides.

mod answers;
mod bms;
mod desk;
mod downlink;
mod keys;
mod outcome;
mod start;
mod tariff;
mod translate;
mod uplink;

pub(super) use desk::Ykc;
pub use keys::{Keys, KeysError};

#[cfg(test)]
mod tests;

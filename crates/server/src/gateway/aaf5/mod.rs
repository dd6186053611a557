//! The adapter of AA F5 (盛弘): its events become calls of the core, the core's answers become its messages.
//!
//! A connection has one pile: the messages about tariffs name none. A concentrator (设备类型 1) is such a pile, with the
//! outlets of those behind it as its connectors. Old firmware that opens a connection for each outlet and writes `A`, `B`
//! behind the pile's code is registered as so many piles with one connector.

mod desk;
mod downlink;
mod errand;
mod keys;
mod outcome;
mod record;
mod settings;
mod start;
mod tariff;
mod translate;
mod uplink;
mod white_list;

pub(super) use desk::Aaf5;
pub use keys::{AesKeys, AesKeysError};

#[cfg(test)]
mod tests;

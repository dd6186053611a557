//! The charging business, pure: no socket, no file, no clock, no protocol.
//!
//! What an adapter (a protocol, the HTTP API, a store) hands in or takes out is made of the types here. Money, energy
//! and time are integers with their unit in the type ([`mod@unit`], [`timestamp`]); names of things are parsed once at the
//! border ([`identity`]). A decision the platform takes is one function here, so that it can be read, tested and later
//! delegated: who may log in ([`enrolment`]) and charge ([`authorization`]), whether a pile's tariff is the right one ([`tariff`]).

pub mod account;
pub mod alarm;
pub mod audit;
pub mod authorization;
pub mod book;
pub mod business;
pub mod card;
pub mod command;
pub mod enrolment;
pub mod event;
pub mod identity;
pub mod operator;
pub mod order;
pub mod pace;
pub mod pile;
pub mod record;
pub mod settlement;
pub mod station;
pub mod tariff;
pub mod telemetry;
pub mod timestamp;
pub mod unit;
pub mod user;
pub mod vehicle;

mod schema;
mod text;

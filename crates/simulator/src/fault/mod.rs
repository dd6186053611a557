//! The fault menu: everything that goes wrong with piles in the field, by name.
//!
//! [`MENU`] says what each [`Fault`] is and what a good platform does about it; a [`FaultPlan`] says which of them a pile
//! plays, how often or when. [`line`](mod@line) spoils the bytes between a pile and its socket; faults of the link are
//! played by the [runner](crate::runner), faults of the pile by its [model](crate::model). [`ledger`] is what a fleet
//! really did, for whoever judges its platform.

pub mod ledger;
pub mod line;
mod menu;
mod plan;
pub(crate) mod schedule;

pub use menu::{Entry, Fault, Kind, MENU, Occasion};
pub use plan::{Chance, FaultPlan, FaultPlanError, Planned, When};

//! The fault menu: everything that goes wrong with piles in the field, by name.
//!
//! [`MENU`] says what each [`Fault`] is and what a good platform does about it; a [`FaultPlan`] says which of them a pile
//! plays, how often or when. Faults of the line and the link are played by the [runner](crate::runner),
//! faults of the pile by its [model](crate::model).

mod menu;
mod plan;

pub use menu::{Entry, Fault, Kind, MENU, Occasion};
pub use plan::{Chance, FaultPlan, FaultPlanError, Planned, When};

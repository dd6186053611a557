//! A pile without a socket and without a clock: connectors, cars, meters, bills.
//!
//! Two clocks run in it. The wall clock stamps every message and chooses the tier of the tariff. Simulated time is the
//! wall clock times `speed`: batteries fill, people think and reports come by it, so that a demonstration shows a whole
//! charge in a minute.

mod battery;
mod bill;
mod car;
mod charge;
mod clock;
mod connector;
mod pile;
mod record;
mod report;
mod request;
mod rng;
mod setup;
#[cfg(test)]
mod tests;
pub(crate) mod transaction;

pub use clock::{Moment, civil_time, slot_of_day, unix_ms};
pub use pile::{Link, VirtualPile};
pub use rng::Rng;
pub use setup::{ModelOptions, PileSetup};

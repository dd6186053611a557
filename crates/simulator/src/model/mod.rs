//! A pile without a socket and without a clock: connectors, cars, meters, bills.
//!
//! Two clocks run in it. The wall clock stamps every message and chooses the tier of the tariff. Simulated time is the
//! wall clock times `speed`: batteries fill, people think and reports come by it, so that a demonstration shows a whole
//! charge in a minute.
//!
//! What people, cars and broken hardware do on demand is an [`Action`]; in which way a pile errs is its [`Behaviour`]; how
//! it is shows its [`PileSnapshot`].

mod act;
mod action;
mod aes_key;
mod battery;
mod behaviour;
mod bill;
mod car;
mod charge;
mod clock;
mod connector;
mod context;
mod errand;
mod firmware;
mod held_records;
mod offline_cards;
mod parking_lock;
mod pile;
mod power_limit;
mod record;
mod rng;
mod setup;
mod snapshot;
mod supply;
mod tariff;
#[cfg(test)]
mod tests;
mod tongue;
mod transaction;
mod update;

pub use action::{Action, BreakOff, Credential, Refusal, VinCharacters};
pub use aes_key::{AesKey, BadAesKey, KeyFlaw, KeyMisfit};
pub use battery::Chemistry;
pub use behaviour::{Behaviour, Billing, RecordDelivery, StartBehaviour};
pub use bill::{Arithmetic, Meter, Rounding};
pub use car::CarWish;
pub use clock::{Moment, civil_time, slot_of_day, unix_ms};
pub use errand::{DownloadError, Downloaded, Errand};
pub use firmware::{AAF5_FIRMWARES, Aaf5Firmware, FIRMWARES, Firmware};
pub use parking_lock::ParkingLock;
pub use pile::{Link, VirtualPile};
pub use rng::Rng;
pub use setup::{Aaf5Speech, ModelOptions, PileSetup, Speech};
pub use snapshot::{ConnectorSnapshot, PileSnapshot};
pub use tongue::aaf5::failure::{account_refusal, vin_refusal};
pub use transaction::{BadTransactionNumber, TransactionNumber};

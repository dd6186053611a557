//! The platform server: the only crate that does I/O for piles and people.

pub mod clock;
pub mod config;
pub mod core;
pub mod metrics;
pub mod store;

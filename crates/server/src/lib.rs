//! The platform server: the only crate that does I/O for piles and people.

pub mod api;
pub mod capture;
pub mod clock;
pub mod config;
pub mod core;
pub mod gateway;
pub mod metrics;
mod server;
pub mod store;

pub use server::{FILES_RESERVED, Server, StartError};

//! Virtual piles that speak the real protocol.
//!
//! - [`model`] is a pile, its connectors and the cars at them as a pure state machine: moments and frames go in, bytes to
//!   send come out. Everything follows from a seed, so that a run can be repeated.
//! - [`runner`] gives models sockets and a clock: a fleet that lives by itself, or one pile whose reins a test holds
//!   ([`runner::spawn`]). It and `load` are the only parts that do I/O.
//! - [`frames`] cuts the frames of either protocol.
//! - [`fault`] is the menu of what goes wrong with piles in the field.
//! - [`scenario`] reads what is to happen to piles, and what is to come of it, from a file and plays it.
//! - [`load`] asks a server how fast it is, and compares it with a bare echo of the same bytes.

pub mod fault;
pub mod frames;
pub mod load;
pub mod model;
pub mod runner;
pub mod scenario;

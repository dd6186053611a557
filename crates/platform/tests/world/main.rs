//! A world in which everything goes wrong that can: fleets, faults, a bad network, crashes between commit and answer.
//!
//! A seed makes a world: operators, stations, piles, accounts, a weather of faults. It runs by a queue and a virtual
//! clock, without real time and threads, so that the same seed always does the same. After each commit checkers look at
//! what changed; when the run is over the network heals, time passes, and everything must have come to an end.
//!
//! A failing seed is replayed, with what happened before it failed, by
//! `VOLTAPILE_WORLD_SEED=… cargo test -p voltapile-platform --test world`; more worlds than usual are run with
//! `VOLTAPILE_WORLD_RUNS=…`, longer ones with `VOLTAPILE_WORLD_STEPS=…`.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

mod books;
mod checker;
mod dice;
mod fault;
mod handle;
mod message;
mod network;
mod office;
mod oracle;
mod people;
mod pile;
mod plan;
mod platform;
mod records;
mod run;
mod sabotage;
mod scenes;
mod world;

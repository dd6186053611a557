//! The Wireshark dissector in a real tshark: what it shows is what `decode` says, however frames were cut and glued.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

mod aaf5;
mod capture;
mod fields;
mod filters;
mod frames;
mod live;
mod pdml;
mod simulated;
#[path = "../sim/stage.rs"]
#[allow(dead_code, reason = "the simulator's tests use more of it")]
mod stage;
mod streams;
#[path = "../server/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the server's tests use more of it")]
mod support;
mod tshark;

use std::process::Command;

/// The program that is tested, in English unless asked otherwise.
fn voltapile(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voltapile"));
    command.args(arguments).env_remove("LC_ALL").env_remove("LC_MESSAGES").env("LANG", "C");
    command
}

/// Bytes as lower case hex.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

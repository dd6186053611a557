//! Captures as a test engineer uses them: the real binary reads, masks and sends them again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, in its helpers too"
)]

mod aaf5;
mod decode;
mod documents;
mod mask;
mod replay;
mod sample;
#[path = "../sim/stage.rs"]
#[allow(dead_code, reason = "the simulator's tests use more of it")]
mod stage;
#[path = "../server/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the server's tests use more of it")]
mod support;

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value as Json;

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_voltapile"));
    command.args(arguments).env_remove("LC_ALL").env_remove("LC_MESSAGES").env("LANG", "C");
    command.stdin(Stdio::null()).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json_lines(output: &Output) -> Vec<Json> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A file in a folder of its own, and its path.
fn file(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

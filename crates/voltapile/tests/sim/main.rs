//! `voltapile sim` against the real server: fleets with their summaries, and every scenario that is shipped.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, in its helpers too"
)]

mod aaf5;
mod fleet;
mod scenario;
mod stage;
#[path = "../server/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "the server's tests use more of it")]
mod support;

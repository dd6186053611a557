//! The exam of piles against virtual piles on virtual time: some by the book, and many that break one thing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, in its helpers too"
)]

mod fault;
mod lawful;
mod stage;

//! The framer against a model that sees the whole stream at once: however a stream is cut, the same pieces in the same
//! order and the same counters.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic, in its helpers too")]

mod aaf5;
mod model;
mod property;
mod stream;
mod ykc;

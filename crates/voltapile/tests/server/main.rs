//! End to end: the program itself on free ports, with clients that speak to it as piles and people do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic, in its helpers too"
)]

mod aaf5;
mod abuse;
mod both;
mod business;
mod capture;
mod certify;
mod cipher;
mod crash;
mod demo;
mod driver;
mod fleet;
mod framing;
mod lifecycle;
mod load;
mod login;
mod observe;
mod proxy;
mod records;
mod silence;
mod support;
mod takeover;

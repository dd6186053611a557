//! Reading captures: files of both formats, packets of every link type, conversations out of any order of segments.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests fail as tests do")]

mod assembling;
mod builder;
mod files;
mod links;
mod property;

//! 云快充.

mod pile;
mod platform;

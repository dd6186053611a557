//! Protocols of EV charging piles without I/O: bytes ↔ frames ↔ messages ↔ sessions, and an inspector that explains
//! whatever bytes came. No sockets, no clock, no threads: time is an argument, effects are values.

pub mod aaf5;
mod declare;
mod family;
pub mod framer;
pub mod inspect;
pub mod layout;
pub mod session;
pub mod time;
pub mod wire;
pub mod ykc;

pub use family::Protocol;

//! Sans-io sessions: the platform's end and the pile's end of one connection.
//!
//! Frames and moments go in; replies (bytes appended to a buffer) and one event come out. Deadlines are data: the driver
//! asks for the next one and reports back when it has passed.

pub mod pile;
pub mod platform;
mod sequence;

pub use sequence::SequenceCounter;

//! Sans-io sessions: the platform's end and the pile's end of one connection, which carries one pile.
//!
//! Frames and moments go in; answers (bytes appended to a buffer) and events come out. Deadlines are data: the driver
//! asks for the next one and reports back when it has passed.

pub mod platform;

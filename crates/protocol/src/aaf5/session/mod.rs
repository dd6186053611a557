//! Sans-io sessions: the platform's end and the pile's end of one connection, which carries one pile.
//!
//! Frames and moments go in; answers (bytes appended to a buffer) and events come out. Deadlines are data: the driver
//! asks for the next one and reports back when it has passed.

pub mod pile;
pub mod platform;

use crate::layout::Layout;

/// Bytes of the two reserved fields that most bodies begin with.
const RESERVED: usize = 4;

/// Whether a body begins with the two reserved fields; those about tariffs and firmware do not.
fn has_reserved(layout: &Layout) -> bool {
    layout.fields.first().is_some_and(|field| field.name == "reserved1" && field.bits == 16)
}

//! What the platform of the exam did that the trace does not show.

use crate::trace::EntryId;

/// How a frame left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// In two halves with a pause between them.
    Split,
    /// In one write with another frame.
    Glued,
}

/// A frame that left in a special way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marked {
    pub(super) entry: EntryId,
    pub(super) mark: Mark,
}

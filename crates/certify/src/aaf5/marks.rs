//! What an exam did on purpose that a trace does not show.

use crate::trace::EntryId;

/// A frame of the exam that stands for a rule: the rule judges what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) entry: EntryId,
    /// Id of the rule.
    pub(super) rule: &'static str,
}

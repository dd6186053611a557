//! What is wrong with a scenario's file, and where.

/// A scenario that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ScenarioError {
    /// Line of the file, from 1.
    pub line: usize,
    /// What is wrong there; names the key.
    pub what: String,
}

impl ScenarioError {
    /// Something wrong at a byte of the text.
    pub(super) fn at(text: &str, offset: usize, what: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        Self { line: before.matches('\n').count() + 1, what: what.into() }
    }
}

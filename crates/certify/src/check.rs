//! Checks, and what came of them.

use serde::Serialize;
use voltapile_protocol::inspect::lang::Bilingual;

use crate::trace::EntryId;

/// One rule that a pile or a platform has to follow.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Stable name for machines: `pile.heartbeat.period`.
    pub id: &'static str,
    /// The rule in Chinese.
    pub zh: &'static str,
    /// The rule in English.
    pub en: &'static str,
    /// Where it stands in the specification, or who relies on it: `V1.6 §6.3`. Words come in both languages, Chinese
    /// first: `现场：… / practice: …`.
    pub source: &'static str,
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was seen to be followed.
    Pass,
    /// It was seen to be broken.
    Fail,
    /// There was no occasion to see it.
    NotSeen,
}

/// A check, what came of it, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub check: &'static Check,
    /// What came of it.
    pub verdict: Verdict,
    /// What was seen, in a sentence; for a failure also what was expected instead.
    pub note: Bilingual,
    /// The entries of the trace that show it, in order.
    pub evidence: Vec<EntryId>,
}

//! Promise 2: what the world was told happened. The stage's own look at events does the work.

use super::Violation;
use super::evidence::Evidence;

pub(super) fn look(evidence: &Evidence) -> Vec<Violation> {
    evidence.books[0].clone()
}

//! Scenarios: what happens to virtual piles and what is to come of it, written down in TOML.
//!
//! A file becomes a [`Scenario`] with [`Scenario::parse`], or an error that names line and key. A [`Timeline`] says what to
//! do when; it has no socket and no clock: whoever plays it hands in the time and how the piles are, and carries out what
//! is due. So a scenario is a test with a result, against any platform.

mod behaviour;
mod condition;
mod error;
mod file;
mod firmware;
mod happening;
mod keys;
mod pile;
mod read;
mod span;
mod step;
#[cfg(test)]
mod tests;
mod timeline;
mod value;

use std::time::Duration;

use voltapile_protocol::inspect::lang::Bilingual;

pub use condition::{Condition, Facts, refusal_name, refusal_text};
pub use error::ScenarioError;
pub use firmware::equip;
pub use happening::Happening;
pub use pile::PilePlan;
pub use read::following;
pub use span::{SpanError, parse_span, span_text};
pub use step::{Step, Trigger, What};
pub use timeline::{Failure, StepOutcome, Timeline, Turn, Verdict};
pub use value::{parse_card, parse_pile_code, parse_vin};

/// What happens to some piles, and what is to come of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// What it is about.
    pub title: Bilingual,
    /// Simulated seconds per second, where the file says.
    pub speed: Option<u32>,
    /// Where chance begins, where the file says.
    pub seed: Option<u64>,
    /// The whole takes at most so long.
    pub limit: Duration,
    /// The piles; steps name them by their place here.
    pub piles: Vec<PilePlan>,
    /// What happens, in this order.
    pub steps: Vec<Step>,
}

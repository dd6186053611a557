//! A step of a scenario: when, at which piles, and what.

use std::time::Duration;

use super::condition::Condition;
use super::happening::Happening;

/// One step. The next one begins when it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Line of the file, from 1.
    pub line: usize,
    /// What it is waited for before.
    pub trigger: Trigger,
    /// The piles it is about, by their place in [`Scenario::piles`](super::Scenario::piles).
    pub piles: Vec<usize>,
    /// What it does.
    pub what: What,
}

/// When a step begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// So long after the scenario began; at once when that is past.
    At(Duration),
    /// So long after the step before was done.
    After(Duration),
    /// Once all its piles are like this.
    When(Condition, Duration),
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Something happens at each of its piles.
    Do(Happening),
    /// Each of its piles is to become like this within so long.
    Expect(Condition, Duration),
    /// Each of its piles is to stay like this for so long.
    Hold(Condition, Duration),
    /// Goes back to a step, until that was played so often in all.
    Repeat {
        /// The step, by its place.
        from: usize,
        /// How often the steps from there are played.
        times: u32,
    },
}

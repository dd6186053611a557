//! Plays the steps of a scenario: says what is to be done when, and what became of each step. It has no clock; time is
//! what whoever plays it says has passed since the begin.

use std::time::Duration;

use voltapile_protocol::inspect::lang::Bilingual;

use super::Scenario;
use super::condition::{Condition, Facts, describe};
use super::happening::Happening;
use super::step::{Step, Trigger, What};

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// This, at each of these piles; then the next turn is asked for.
    Do {
        /// The piles, by their place.
        piles: Vec<usize>,
        /// What.
        what: Happening,
    },
    /// Nothing, before something has changed or this much has passed since the begin.
    Wait(Duration),
    /// Nothing any more.
    Over,
}

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepOutcome {
    /// The step, by its place.
    pub step: usize,
    /// When it was done, since the begin.
    pub at: Duration,
    /// How long it was waited for and took.
    pub took: Duration,
    /// How it went.
    pub verdict: Verdict,
}

/// How a step went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As it should.
    Passed,
    /// Otherwise.
    Failed(Failure),
}

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was waited for or should have stayed so; nothing when the scenario's own limit was over first.
    pub wanted: Option<Condition>,
    /// The pile that was not so, by its place.
    pub pile: Option<usize>,
    /// How it was instead.
    pub instead: Bilingual,
}

/// Where the step under way stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Its trigger is waited for.
    Triggering,
    /// What it does was handed out.
    Doing,
    /// Its expectation is waited for since then.
    Expecting(Duration),
    /// Its condition has held since then.
    Holding(Duration),
    /// There is no step any more.
    Over,
}

/// A scenario that is being played.
#[derive(Debug)]
pub struct Timeline {
    steps: Vec<Step>,
    limit: Duration,
    /// The step under way.
    current: usize,
    /// When it became that.
    since: Duration,
    phase: Phase,
    /// How often each step was done.
    rounds: Vec<u32>,
    outcomes: Vec<StepOutcome>,
}

impl Timeline {
    /// A scenario before its begin.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let steps = scenario.steps.clone();
        Self {
            limit: scenario.limit,
            current: 0,
            since: Duration::ZERO,
            phase: if steps.is_empty() { Phase::Over } else { Phase::Triggering },
            rounds: vec![0; steps.len()],
            outcomes: Vec::new(),
            steps,
        }
    }

    /// What became of the steps so far, in the order in which they were played.
    #[must_use]
    pub fn outcomes(&self) -> &[StepOutcome] {
        &self.outcomes
    }

    /// Whether every step was played and went as it should.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        let is_good = |outcome: &StepOutcome| outcome.verdict == Verdict::Passed;
        self.phase == Phase::Over && self.current >= self.steps.len() && self.outcomes.iter().all(is_good)
    }

    /// What is to be done, when so much has passed since the begin and the piles are as `look` tells, by their place.
    pub fn turn<'f>(&mut self, now: Duration, look: impl Fn(usize) -> Option<Facts<'f>>) -> Turn {
        if self.phase == Phase::Doing {
            self.pass(now);
        }
        loop {
            let Some(step) = self.steps.get(self.current).filter(|_| self.phase != Phase::Over) else {
                self.phase = Phase::Over;
                return Turn::Over;
            };
            if now >= self.limit {
                let instead = Bilingual::new("超过场景总时限", "the scenario's limit is over");
                self.fail(now, Failure { wanted: None, pile: None, instead });
                return Turn::Over;
            }
            let next = self.look_at(step, now, &look);
            match next {
                Next::Begin => match &step.what {
                    What::Do(what) => {
                        let (piles, what) = (step.piles.clone(), what.clone());
                        self.phase = Phase::Doing;
                        return Turn::Do { piles, what };
                    }
                    What::Expect(..) => self.phase = Phase::Expecting(now),
                    What::Hold(..) => self.phase = Phase::Holding(now),
                    What::Repeat { from, times } => {
                        let (from, times) = (*from, *times);
                        self.repeat(now, from, times);
                    }
                },
                Next::Pass => self.pass(now),
                Next::Fail(failure) => self.fail(now, failure),
                Next::Wait(until) => return Turn::Wait(until.min(self.limit)),
            }
        }
    }

    /// Where the step under way stands now.
    fn look_at<'f>(&self, step: &Step, now: Duration, look: &impl Fn(usize) -> Option<Facts<'f>>) -> Next {
        // What is waited for, and whether that it fails is worse than that it takes too long.
        let wait_for = |condition: &Condition, until: Duration, then: Next| match unlike(condition, &step.piles, look) {
            None => then,
            Some(failure) if now >= until => Next::Fail(failure),
            Some(_) => Next::Wait(until),
        };
        match (self.phase, &step.trigger, &step.what) {
            (Phase::Triggering, Trigger::At(at), _) => wait_until(now, *at),
            (Phase::Triggering, Trigger::After(after), _) => wait_until(now, self.since + *after),
            (Phase::Triggering, Trigger::When(condition, within), _) => {
                wait_for(condition, self.since + *within, Next::Begin)
            }
            (Phase::Expecting(since), _, What::Expect(condition, within)) => {
                wait_for(condition, since + *within, Next::Pass)
            }
            (Phase::Holding(since), _, What::Hold(condition, lasting)) => match unlike(condition, &step.piles, look) {
                Some(failure) => Next::Fail(failure),
                None if now >= since + *lasting => Next::Pass,
                None => Next::Wait(since + *lasting),
            },
            _ => Next::Pass,
        }
    }

    fn repeat(&mut self, now: Duration, from: usize, times: u32) {
        let done = self.rounds.get(self.current).copied().unwrap_or_default() + 1;
        let step = self.current;
        self.pass(now);
        if done < times {
            (self.current, self.phase) = (from, Phase::Triggering);
        } else if let Some(rounds) = self.rounds.get_mut(step) {
            // An outer repetition plays these steps as often again.
            *rounds = 0;
        }
    }

    fn pass(&mut self, now: Duration) {
        self.note(now, Verdict::Passed);
        if let Some(rounds) = self.rounds.get_mut(self.current) {
            *rounds += 1;
        }
        self.current += 1;
        self.since = now;
        self.phase = if self.current < self.steps.len() { Phase::Triggering } else { Phase::Over };
    }

    /// What comes behind a failure means nothing any more.
    fn fail(&mut self, now: Duration, failure: Failure) {
        self.note(now, Verdict::Failed(failure));
        self.phase = Phase::Over;
    }

    fn note(&mut self, now: Duration, verdict: Verdict) {
        let took = now.saturating_sub(self.since);
        self.outcomes.push(StepOutcome { step: self.current, at: now, took, verdict });
    }
}

/// What follows for the step under way.
enum Next {
    Begin,
    Pass,
    Fail(Failure),
    Wait(Duration),
}

fn wait_until(now: Duration, at: Duration) -> Next {
    if now >= at { Next::Begin } else { Next::Wait(at) }
}

/// The first pile that is not so, and how it is instead.
fn unlike<'f>(condition: &Condition, piles: &[usize], look: &impl Fn(usize) -> Option<Facts<'f>>) -> Option<Failure> {
    piles.iter().find_map(|place| {
        let facts = look(*place);
        if facts.is_some_and(|facts| condition.holds(&facts)) {
            return None;
        }
        let instead = facts.map(|facts| describe(&facts, condition.connector()));
        let instead = instead.unwrap_or_else(|| Bilingual::new("没有这个桩", "there is no such pile"));
        Some(Failure { wanted: Some(condition.clone()), pile: Some(*place), instead })
    })
}

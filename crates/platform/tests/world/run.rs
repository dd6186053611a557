//! Runs of worlds: a seed each, checked after every step.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::fault::Rates;
use crate::message::{Happening, Timer};
use crate::sabotage::{Sabotage, Wrong};
use crate::world::{Stats, World};

/// Things that happen in one run before the world heals.
const STEPS: u64 = 400;
/// Things that may happen after it: more means that something goes round in circles.
const STEPS_TO_REST: u64 = 20_000;
/// Lines shown of what happened before a failure.
const TRACE_LINES: usize = 120;

/// What is run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) seed: u64,
    pub(crate) steps: u64,
    /// The weather; `None` for the seed's own.
    pub(crate) rates: Option<Rates>,
    pub(crate) wrong: Option<Wrong>,
}

impl Run {
    pub(crate) fn of(seed: u64) -> Self {
        let steps = number_from_environment("VOLTAPILE_WORLD_STEPS").unwrap_or(STEPS);
        Self { seed, steps, rates: None, wrong: None }
    }

    /// Runs the world; what was found wrong first, where something was.
    pub(crate) fn go(self) -> Result<Stats, String> {
        self.go_traced(false)
    }

    /// The same; a failure comes with what happened before it.
    pub(crate) fn go_traced(self, traced: bool) -> Result<Stats, String> {
        let world = std::cell::RefCell::new(None::<World>);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let mut world = world.borrow_mut();
            let world = world.insert(World::new(self.seed, self.rates, traced));
            world.platform.sabotage = self.wrong.map(Sabotage::new);
            self.run(world)
        }));
        let lines = number_from_environment("VOLTAPILE_WORLD_TRACE").and_then(|lines| usize::try_from(lines).ok());
        let world = world.borrow();
        let trace = world.as_ref().and_then(|world| world.trace.as_ref()).map(Vec::as_slice).unwrap_or_default();
        let tail = trace[trace.len().saturating_sub(lines.unwrap_or(TRACE_LINES))..].join("\n");
        let found = match outcome {
            Ok(Ok(stats)) => {
                if lines.is_some() {
                    println!("{tail}");
                }
                return Ok(stats);
            }
            Ok(Err(found)) => found,
            Err(panic) => {
                let text = panic.downcast_ref::<String>().cloned();
                text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
            }
        };
        Err(format!("{tail}\nseed {}: {found}", self.seed))
    }

    fn run(self, world: &mut World) -> Result<Stats, String> {
        while world.stats.steps < self.steps && world.step() {
            all_well(world)?;
        }
        heal(world);
        let limit = world.stats.steps + STEPS_TO_REST;
        while world.stats.steps < limit && world.step() {
            all_well(world)?;
        }
        if let Some(next) = world.next_at() {
            return Err(format!("the world does not come to rest: after {STEPS_TO_REST} steps more, next {next}"));
        }
        let World { checker, platform, piles, now, .. } = world;
        checker.at_end(*now, platform, piles);
        all_well(world)?;
        for order in world.platform.books.all::<voltapile_platform::order::Order>() {
            let end = order.abnormal_reason.map_or(order.state.name(), |reason| reason.name());
            *world.stats.ends.entry(end.to_owned()).or_default() += 1;
        }
        world.stats.reasons.clone_from(world.checker.reasons());
        world.stats.charged_fen = world.checker.money.charged();
        Ok(world.stats.clone())
    }
}

fn all_well(world: &World) -> Result<(), String> {
    let found = &world.checker.found;
    if found.is_empty() { Ok(()) } else { Err(format!("step {}: {}", world.stats.steps, found.join("\n  and "))) }
}

/// Nothing new begins, nothing goes wrong any more, what runs is ended by its drivers, and every pile comes back.
fn heal(world: &mut World) {
    world.note(|_| "THE WORLD HEALS".to_owned());
    world.healed = true;
    world.rates = Rates::NONE;
    world.network.rates = Rates::NONE;
    for pile in 0..world.piles.len() {
        world.with_pile(pile, |pile, now, doings| pile.finish(now, doings));
        let epoch = world.piles[pile].epoch;
        for wait in [90, 200] {
            world.after(wait, Happening::Pile { pile, epoch, timer: Timer::Connect });
        }
    }
}

/// A number that whoever runs the tests has set.
#[expect(clippy::disallowed_methods, reason = "a test asks which world to run")]
pub(crate) fn number_from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

//! The five promises under every fault of the menu, mixed: a fleet rages, the server is killed meanwhile, and a
//! checker that knows what the piles did looks at it from outside.
//!
//! One run is shared by one test for each promise. By itself it is small; `cargo xtask soak` plays the same at full size,
//! through these variables:
//!
//! - `VOLTAPILE_FLEET_SEED`: another sequence; each run prints its own
//! - `VOLTAPILE_FLEET_LEDGER`: a file for what the piles did, in lines of JSON
//! - `VOLTAPILE_FLEET_PILES`, `VOLTAPILE_FLEET_SECONDS`, `VOLTAPILE_FLEET_SPEED`: how many, how long, and how many simulated
//!   seconds in a second

mod apart;
mod durable;
mod evidence;
mod explained;
mod money;
mod people;
mod play;
mod sabotage;
mod table;
mod told;

use std::env::var;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::Duration;

use voltapile_protocol::ykc::field::PileCode;

use self::evidence::Evidence;

/// A run of some seconds that still plays every fault.
const PILES: usize = 216;
const LASTS: Duration = Duration::from_secs(14);
const SPEED: u32 = 60;
const SEED: u64 = 0x5EED;
/// Between two kills, where there is time.
const ROUND: Duration = Duration::from_secs(5 * 60);

/// What is played.
#[derive(Debug, Clone, Copy)]
struct Size {
    piles: usize,
    lasts: Duration,
    speed: u32,
    seed: u64,
}

impl Size {
    /// As the variables say.
    fn from_variables() -> Self {
        Self {
            piles: number("PILES", PILES),
            lasts: Duration::from_secs(number("SECONDS", LASTS.as_secs())),
            speed: number("SPEED", SPEED),
            seed: number("SEED", SEED),
        }
    }

    /// How often the server is started; all but the last end with a kill.
    fn rounds(self) -> u32 {
        u32::try_from(self.lasts.as_secs() / ROUND.as_secs()).unwrap().max(2)
    }

    /// How long each server serves.
    fn round(self) -> Duration {
        self.lasts / self.rounds()
    }

    /// Whether a round is long enough for what takes a platform its time: to see that a pile is silent, or does not read.
    fn is_long(self) -> bool {
        self.round() >= Duration::from_secs(60)
    }
}

fn number<T: FromStr>(name: &str, usual: T) -> T {
    let name = format!("VOLTAPILE_FLEET_{name}");
    match var(&name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name}={text} is no number")),
        Err(_) => usual,
    }
}

/// Something that does not hold.
#[derive(Debug, Clone)]
struct Violation {
    /// At which pile, where it is at one.
    pile: Option<PileCode>,
    what: String,
}

impl Violation {
    fn at(pile: PileCode, what: impl Into<String>) -> Self {
        Self { pile: Some(pile), what: what.into() }
    }

    fn of_all(what: impl Into<String>) -> Self {
        Self { pile: None, what: what.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pile {
            Some(pile) => write!(f, "{pile}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// A promise, and how it is looked at.
struct Promise {
    name: &'static str,
    look: fn(&Evidence) -> Vec<Violation>,
}

const PROMISES: [Promise; 5] = [
    Promise { name: "1 durable", look: durable::look },
    Promise { name: "2 told", look: told::look },
    Promise { name: "3 apart", look: apart::look },
    Promise { name: "4 explained", look: explained::look },
    Promise { name: "5 money", look: money::look },
];

/// The run, and what was found.
static RUN: LazyLock<[Vec<Violation>; 5]> = LazyLock::new(|| {
    let size = Size::from_variables();
    println!("VOLTAPILE_FLEET_SEED={}", size.seed);
    let evidence = play::play(size);
    let found = PROMISES.map(|promise| (promise.look)(&evidence));
    println!("{}", table::table(&evidence, &found));
    found
});

#[track_caller]
fn holds(promise: usize) {
    let found = &RUN[promise - 1];
    let shown: Vec<String> = found.iter().take(20).map(Violation::to_string).collect();
    assert!(found.is_empty(), "{} violations, the first are:\n{}", found.len(), shown.join("\n"));
}

#[test]
fn acknowledged_means_durable_under_every_fault() {
    holds(1);
}

#[test]
fn what_the_world_was_told_happened_under_every_fault() {
    holds(2);
}

#[test]
fn bad_peers_hurt_only_themselves_under_every_fault() {
    holds(3);
}

#[test]
fn every_frame_can_be_explained_under_every_fault() {
    holds(4);
}

#[test]
fn money_adds_up_under_every_fault() {
    holds(5);
}

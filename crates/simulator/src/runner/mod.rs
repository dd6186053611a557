//! Gives models sockets and a clock: one task per pile that dials, logs in, lives, and dials again.

mod deeds;
mod demo;
mod dial;
mod firmware;
mod handle;
mod mischief;
mod observer;
mod pile;
#[cfg(test)]
mod tests;
mod trouble;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

pub use demo::{DEMO_SPEED, demo_cards, demo_fleet, demo_piles};
pub use handle::{PileHandle, PileRun, WaitError, spawn, spawn_observed};
pub use observer::{Deed, Ends, Observer, SentRecord, Sold};
use tokio::task::JoinSet;
use voltapile_protocol::time::Tick;

use self::pile::PileTask;
use self::trouble::Trouble;
use crate::fault::FaultPlan;
use crate::model::{ModelOptions, Moment, PileSetup, VirtualPile};

/// Which piles to play, and where they dial.
#[derive(Clone)]
pub struct FleetConfig {
    /// The server.
    pub server: SocketAddr,
    /// The piles.
    pub piles: Vec<PileSetup>,
    /// Simulated seconds per second.
    pub speed: u32,
    /// Where chance begins.
    pub seed: u64,
    /// Who watches, if anybody does.
    pub observer: Option<Arc<dyn Observer>>,
    /// What goes wrong with each pile.
    pub faults: FaultPlan,
}

/// Plays a fleet until `shutdown` is done; then all connections are cut.
pub async fn run_fleet(config: FleetConfig, shutdown: impl Future<Output = ()>) {
    let clock = Clock::start();
    let options = ModelOptions { speed: config.speed, seed: config.seed };
    let mut tasks = JoinSet::new();
    for setup in config.piles {
        let task = pile_task(setup, options, config.server, clock, &config.faults);
        tasks.spawn(task.watched_by(config.observer.clone()).run());
    }
    shutdown.await;
    tasks.shutdown().await;
}

/// A pile that is to play, with its faults; each has its own chances, which follow from the seed and its code.
fn pile_task(
    setup: PileSetup,
    options: ModelOptions,
    server: SocketAddr,
    clock: Clock,
    faults: &FaultPlan,
) -> PileTask {
    let code = setup.config.pile_code;
    let seed = code.0.iter().fold(options.seed, |code, byte| code.rotate_left(8) ^ u64::from(*byte));
    let trouble =
        Trouble::new(faults, setup.protocol(), seed, options.speed, setup.behaviour.clone(), clock.now().tick);
    PileTask::new(VirtualPile::new(setup, options), server, clock, seed, trouble)
}

/// The clocks of this machine.
#[derive(Debug, Clone, Copy)]
struct Clock {
    start: Instant,
}

impl Clock {
    fn start() -> Self {
        Self { start: Instant::now() }
    }

    fn now(&self) -> Moment {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment { tick: Tick(milliseconds(self.start.elapsed())), unix_ms: milliseconds(unix) }
    }

    /// The instant of a tick.
    fn instant(&self, tick: Tick) -> tokio::time::Instant {
        (self.start + std::time::Duration::from_millis(tick.0)).into()
    }
}

fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

//! Gives models sockets and a clock: one task per pile that dials, logs in, lives, and dials again.

mod demo;
mod dial;
mod handle;
mod observer;
mod pile;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

pub use demo::{DEMO_SPEED, demo_cards, demo_fleet, demo_piles};
pub use handle::{PileHandle, WaitError, spawn, spawn_observed};
pub use observer::{Ends, Observer};
use tokio::task::JoinSet;
use voltapile_protocol::time::Tick;

use self::pile::PileTask;
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
}

/// Plays a fleet until `shutdown` is done; then all connections are cut.
pub async fn run_fleet(config: FleetConfig, shutdown: impl Future<Output = ()>) {
    let clock = Clock::start();
    let options = ModelOptions { speed: config.speed, seed: config.seed };
    let mut tasks = JoinSet::new();
    for setup in config.piles {
        let pile_code = setup.config.pile_code;
        let pile = VirtualPile::new(setup, options);
        let task =
            PileTask::new(pile_code, pile, config.server, clock, config.seed).watched_by(config.observer.clone());
        tasks.spawn(task.run());
    }
    shutdown.await;
    tasks.shutdown().await;
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

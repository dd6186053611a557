//! Asks a server how fast it is: how soon a fleet is logged in, how many heartbeats or records it answers, how long each
//! takes, and what that costs the server. The same program asks a bare echo the same way, so that the two compare.
//!
//! Client and server usually share a machine, so the client is spare: frames are encoded once and patched, answers are
//! read into the stack, an idle pile is a socket without a task.

mod aaf5;
pub mod echo;
mod error;
mod exchange;
mod idle;
mod latency;
mod login;
mod paced;
mod process;
mod report;
mod request;
mod schedule;
mod source;
mod telemetry;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use error::LoadError;
pub use latency::{Latencies, Latency};
pub use report::{Exchanges, LoadReport, Logins, Pacing, ServerUsage};
use serde::Serialize;
use voltapile_protocol::Protocol;
use voltapile_protocol::ykc::field::PileCode;

use self::login::Connection;
use self::process::Usage;
use self::request::Question;
use self::source::Sources;

/// What answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// A platform that speaks the protocol.
    Platform,
    /// An echo that sends every byte back, see [`echo`].
    Echo,
}

/// What is asked after the login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Nothing.
    Login,
    /// 0x03, answered by 0x04; 102, answered by 101.
    Heartbeats,
    /// 0x3B with a new transaction number each, answered by 0x40; 222, answered by 221.
    Records,
    /// What piles with two charging connectors say: 0x13, 0x23 and 0x25 every 15 s, heartbeats every 10 s.
    Telemetry,
    /// The same, and a record of each connector every ten minutes.
    Mix,
}

macro_rules! by_name {
    ($type:ident, $what:literal: $($name:literal $variant:ident),*) => {
        impl $type {
            /// The name it has on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }

        impl std::str::FromStr for $type {
            type Err = LoadError;

            fn from_str(name: &str) -> Result<Self, LoadError> {
                match name {
                    $($name => Ok(Self::$variant),)*
                    _ => Err(LoadError::UnknownName { what: $what, name: name.to_owned(), known: &[$($name),*] }),
                }
            }
        }
    };
}
by_name!(Against, "opponent": "platform" Platform, "echo" Echo);
by_name!(Mode, "mode": "login" Login, "heartbeats" Heartbeats, "records" Records, "telemetry" Telemetry, "mix" Mix);

/// Most piles: their numbers have 12 digits.
const NUMBERS: u64 = 1_000_000_000_000;

/// Frames a second that can be asked for: beyond the upper end no machine keeps a schedule.
const RATES: RangeInclusive<f64> = 0.01..=10_000_000.0;

/// What to ask, and of whom.
#[derive(Debug, Clone)]
pub struct LoadConfig {
    /// The server.
    pub server: SocketAddr,
    /// What the piles speak.
    pub protocol: Protocol,
    /// What answers there.
    pub against: Against,
    /// What is asked after the login.
    pub mode: Mode,
    /// Piles that log in.
    pub piles: usize,
    /// How many of them ask; the others stay silent but for what keeps them logged in.
    pub busy: usize,
    /// Frames that all of them send in a second. Without it they ask again as soon as they are answered; telemetry then
    /// comes as often as from real piles.
    pub rate: Option<f64>,
    /// For how long they ask.
    pub duration: Duration,
    /// Number of the first pile: its code is 99 and these 12 digits, the others follow.
    pub first_pile: u64,
    /// Process of the server, when it runs on this machine and its use of CPU and memory is wanted.
    pub server_pid: Option<u32>,
    /// Logins under way at a time.
    pub logins_at_once: usize,
    /// Longest wait for the fleet to log in.
    pub login_patience: Duration,
    /// Longest wait for answers that are still out when the time is up.
    pub answer_patience: Duration,
    /// Second and third number of the loopback addresses `127.a.b.c` to dial from; chosen anew for each run when absent,
    /// because the ports of the last run may not be free yet.
    pub source: Option<[u8; 2]>,
}

impl LoadConfig {
    /// A thousand piles that all send heartbeats for ten seconds.
    #[must_use]
    pub const fn new(server: SocketAddr) -> Self {
        Self {
            server,
            protocol: Protocol::Ykc,
            against: Against::Platform,
            mode: Mode::Heartbeats,
            piles: 1_000,
            busy: 1_000,
            rate: None,
            duration: Duration::from_secs(10),
            first_pile: 1,
            server_pid: None,
            logins_at_once: 1_000,
            login_patience: Duration::from_secs(60),
            answer_patience: Duration::from_secs(5),
            source: None,
        }
    }

    fn check(&self) -> Result<(), LoadError> {
        if self.piles == 0 {
            return Err(LoadError::NoPiles);
        }
        if self.first_pile.saturating_add(self.piles as u64) > NUMBERS {
            return Err(LoadError::NumbersUsedUp { first: self.first_pile, piles: self.piles });
        }
        if let Some(rate) = self.rate.filter(|rate| !RATES.contains(rate)) {
            return Err(LoadError::RateOutOfRange { rate, least: *RATES.start(), most: *RATES.end() });
        }
        if self.against == Against::Echo && matches!(self.mode, Mode::Telemetry | Mode::Mix) {
            return Err(LoadError::EchoOfTelemetry);
        }
        Ok(())
    }
}

/// Code of the load program's `index`th pile, so that a server can register it first.
#[must_use]
pub fn pile_code(first_pile: u64, index: usize) -> PileCode {
    let mut number = first_pile.saturating_add(index as u64) % NUMBERS;
    let mut code = [0x99; 7];
    for byte in code.iter_mut().skip(1).rev() {
        *byte = (number / 10 % 10 * 16 + number % 10) as u8;
        number /= 100;
    }
    PileCode(code)
}

/// Logs the piles in, asks, and reports.
///
/// # Errors
/// [`LoadError`] when the configuration makes no sense, the server's process cannot be read, or no pile could log in.
pub async fn run(config: LoadConfig) -> Result<LoadReport, LoadError> {
    config.check()?;
    let sources = Arc::new(Sources::new(config.server, config.source.unwrap_or_else(source::fresh)));
    let before = Usage::of(config.server_pid)?;
    let (logins, connections) = login::storm(&config, &sources).await?;
    let logged_in = Usage::of(config.server_pid)?;
    let exchanges = ask(&config, connections).await;
    let after = Usage::of(config.server_pid)?;
    let answered = exchanges.as_ref().map(|exchanges| exchanges.answered);
    let server = process::usage(before, logged_in, after, logins.succeeded, answered);
    Ok(LoadReport {
        server_address: config.server,
        against: config.against,
        mode: config.mode,
        piles: config.piles,
        logins,
        exchanges,
        server,
    })
}

/// The second phase: the busy piles ask, the others are kept.
async fn ask(config: &LoadConfig, mut connections: Vec<Connection>) -> Option<Exchanges> {
    if config.mode == Mode::Login {
        return None;
    }
    let idle = connections.split_off(config.busy.clamp(1, connections.len()));
    let keeper = tokio::spawn(idle::keep(idle, config.duration));
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let exchanges = match (config.mode, config.rate) {
        (Mode::Heartbeats, None) => exchange::ping_pong(config, Question::Heartbeat, connections, unix).await,
        (Mode::Records, None) => exchange::ping_pong(config, Question::Record, connections, unix).await,
        _ => paced::keep_schedule(config, connections, unix).await,
    };
    keeper.abort();
    Some(exchanges)
}

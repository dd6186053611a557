//! Why there is no report.

use std::io;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// Nothing to do.
    #[error("at least one pile has to log in")]
    NoPiles,
    /// Pile codes have 14 digits.
    #[error("{piles} piles from number {first} on do not fit into 12 digits")]
    NumbersUsedUp {
        /// Number of the first pile.
        first: u64,
        /// How many.
        piles: usize,
    },
    /// Nobody keeps such a pace.
    #[error("a rate of {rate} frames a second is out of range: {least} to {most}")]
    RateOutOfRange {
        /// What was asked for.
        rate: f64,
        /// The least.
        least: f64,
        /// The most.
        most: f64,
    },
    /// An echo sends telemetry back, which no platform does.
    #[error("an echo answers telemetry, which no platform does: ask it for heartbeats or records")]
    EchoOfTelemetry,
    /// A name that the command line does not know.
    #[error("unknown {what} {name:?}, expected one of {known:?}")]
    UnknownName {
        /// What was named.
        what: &'static str,
        /// What was given.
        name: String,
        /// The names there are.
        known: &'static [&'static str],
    },
    /// The server's process is gone or belongs to somebody else.
    #[error("cannot read how much process {pid} uses")]
    Process {
        /// The process.
        pid: u32,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// Nobody logged in.
    #[error("none of {piles} piles could log in: {reason}")]
    NobodyLoggedIn {
        /// How many tried.
        piles: usize,
        /// Why the first of them could not.
        reason: String,
    },
}

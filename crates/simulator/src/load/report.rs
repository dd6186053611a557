//! What came out, for people and for programs.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;

use super::{Against, Histogram, Mode};

/// What came out of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoadReport {
    /// Who was asked.
    pub server_address: SocketAddr,
    /// What answers there.
    pub against: Against,
    /// What was asked.
    pub mode: Mode,
    /// Piles that were to log in.
    pub piles: usize,
    /// The login storm.
    pub logins: Logins,
    /// Questions and answers; none in the mode `login`.
    pub exchanges: Option<Exchanges>,
    /// What the server used; none when its process is not known.
    pub server: Option<ServerUsage>,
}

impl LoadReport {
    /// Whether every pile logged in and every question was answered rightly.
    #[must_use]
    pub fn is_flawless(&self) -> bool {
        let answered = self.exchanges.as_ref().is_none_or(|exchanges| {
            exchanges.mismatched == 0 && exchanges.missing == 0 && exchanges.connections_lost == 0
        });
        self.logins.failed == 0 && answered
    }
}

/// The login storm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Logins {
    /// Piles that were accepted.
    pub succeeded: usize,
    /// Piles that were not, or did not reach the server.
    pub failed: usize,
    /// Why the first of those was not.
    pub first_error: Option<String>,
    /// From the first dial to the last accepted login.
    pub seconds: f64,
    /// Accepted logins in a second.
    pub per_second: f64,
}

/// Questions and answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exchanges {
    /// Piles that asked.
    pub busy: usize,
    /// How long they did.
    pub seconds: f64,
    /// Answers, right or wrong.
    pub answered: u64,
    /// Answers in a second.
    pub per_second: f64,
    /// From the sending to the answer.
    pub latency: Latency,
    /// Answers with another sequence number, pile, transaction or result than they should have.
    pub mismatched: u64,
    /// Questions without an answer in time.
    pub missing: u64,
    /// Frames that nobody asked for, such as 0x56.
    pub unsolicited: u64,
    /// Connections that the server closed.
    pub connections_lost: u64,
}

/// Latencies in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    /// Half of the answers came sooner.
    pub p50_us: f64,
    /// 99 of 100 came sooner.
    pub p99_us: f64,
    /// 999 of 1,000 came sooner.
    pub p999_us: f64,
    /// The slowest.
    pub max_us: f64,
}

impl Latency {
    /// The usual quantiles.
    #[must_use]
    pub fn of(histogram: &Histogram) -> Self {
        let us = |latency: Duration| latency.as_secs_f64() * 1e6;
        Self {
            p50_us: us(histogram.at_most(5_000)),
            p99_us: us(histogram.at_most(9_900)),
            p999_us: us(histogram.at_most(9_990)),
            max_us: us(histogram.max()),
        }
    }
}

/// What the server used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ServerUsage {
    /// CPU during the login storm.
    pub login_cpu_seconds: f64,
    /// CPU while it was asked.
    pub asking_cpu_seconds: f64,
    /// Answers that a second of CPU gave.
    pub answers_per_cpu_second: Option<f64>,
    /// Memory before the first dial.
    pub rss_before_bytes: u64,
    /// Memory with all piles logged in and silent.
    pub rss_logged_in_bytes: u64,
    /// Memory after it was asked.
    pub rss_after_bytes: u64,
    /// What each pile that is logged in and silent costs.
    pub bytes_per_pile: f64,
}

const MIB: f64 = 1024.0 * 1024.0;

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (against, mode) = (self.against.name(), self.mode.name());
        writeln!(f, "{against} at {}: {} piles, {mode}", self.server_address, self.piles)?;
        let Logins { succeeded, failed, seconds, per_second, first_error } = &self.logins;
        writeln!(f, "logins   {succeeded} in {seconds:.3} s, {per_second:.0}/s, {failed} failed")?;
        if let Some(error) = first_error {
            writeln!(f, "         first failure: {error}")?;
        }
        if let Some(exchanges) = &self.exchanges {
            write!(f, "{exchanges}")?;
        }
        if let Some(server) = &self.server {
            write!(f, "{server}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Exchanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { busy, seconds, answered, per_second, latency, .. } = self;
        writeln!(f, "answers  {answered} to {busy} piles in {seconds:.3} s, {per_second:.0}/s")?;
        let Latency { p50_us, p99_us, p999_us, max_us } = latency;
        writeln!(f, "latency  p50 {p50_us:.0} us, p99 {p99_us:.0} us, p99.9 {p999_us:.0} us, max {max_us:.0} us")?;
        let Self { mismatched, missing, unsolicited, connections_lost, .. } = self;
        writeln!(
            f,
            "flaws    {mismatched} mismatched, {missing} missing, {connections_lost} connections lost ({unsolicited} unsolicited frames)"
        )
    }
}

impl fmt::Display for ServerUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { login_cpu_seconds, asking_cpu_seconds, .. } = self;
        write!(f, "cpu      {login_cpu_seconds:.2} s for logins, {asking_cpu_seconds:.2} s for answers")?;
        if let Some(answers) = self.answers_per_cpu_second {
            write!(f, ", {answers:.0} answers per CPU-second")?;
        }
        let mib = |bytes: u64| bytes as f64 / MIB;
        writeln!(
            f,
            "\nmemory   {:.1} MiB before, {:.1} MiB logged in, {:.1} MiB after; {:.0} bytes per idle pile",
            mib(self.rss_before_bytes),
            mib(self.rss_logged_in_bytes),
            mib(self.rss_after_bytes),
            self.bytes_per_pile,
        )
    }
}

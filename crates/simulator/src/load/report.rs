//! What came out, for people and for programs.

use std::fmt;
use std::net::SocketAddr;

use serde::Serialize;

use super::{Against, Latency, Mode};

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

/// Who decides when the next question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pacing {
    /// The last answer: a slow server is asked less, so latencies say nothing about questions that would have come.
    Closed,
    /// A schedule: latencies count from the moment at which a question was due, whatever held it up.
    Open,
}

/// Questions and answers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exchanges {
    /// When the next question is asked.
    pub pacing: Pacing,
    /// Piles that asked.
    pub busy: usize,
    /// How long they did.
    pub seconds: f64,
    /// Frames that were sent, with those that nobody answers.
    pub sent: u64,
    /// Frames sent in a second.
    pub sent_per_second: f64,
    /// Sendings that had to wait because the server left too much unread.
    pub stalls: u64,
    /// Answers, right or wrong.
    pub answered: u64,
    /// Answers in a second.
    pub per_second: f64,
    /// Until the answer came: from when the question was due in the open loop, from its sending in the closed one. In the
    /// open loop up to 1 ms of it is the load program's own timer.
    pub latency: Latency,
    /// From the sending to the answer, in the open loop.
    pub service_time: Option<Latency>,
    /// Answers with another sequence number, pile, transaction or result than they should have.
    pub mismatched: u64,
    /// Questions without an answer in time.
    pub missing: u64,
    /// Frames that nobody asked for, such as 0x56.
    pub unsolicited: u64,
    /// Connections that the server closed.
    pub connections_lost: u64,
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
        let Self { busy, seconds, sent, sent_per_second, answered, per_second, .. } = self;
        writeln!(f, "sent     {sent} frames by {busy} piles in {seconds:.3} s, {sent_per_second:.0}/s")?;
        writeln!(f, "answers  {answered}, {per_second:.0}/s")?;
        writeln!(f, "latency  {}", self.latency)?;
        if let Some(service_time) = &self.service_time {
            writeln!(f, "         counted from the moment each was due; from its sending:")?;
            writeln!(f, "         {service_time}")?;
        }
        let Self { mismatched, missing, unsolicited, connections_lost, stalls, .. } = self;
        writeln!(
            f,
            "flaws    {mismatched} mismatched, {missing} missing, {connections_lost} connections lost ({unsolicited} unsolicited frames, {stalls} stalls)"
        )
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50_us, p90_us, p99_us, p999_us, max_us } = self;
        write!(
            f,
            "p50 {p50_us:.0} us, p90 {p90_us:.0} us, p99 {p99_us:.0} us, p99.9 {p999_us:.0} us, max {max_us:.0} us"
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

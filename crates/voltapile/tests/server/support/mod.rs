//! What the tests share: the program as a process, a pile's end of a connection, a small HTTP client.

pub(crate) mod api;
pub(crate) mod messages;
pub(crate) mod pile;
pub(crate) mod process;
pub(crate) mod server;

use std::time::{Duration, Instant};

pub(crate) use api::Api;
pub(crate) use pile::Pile;
pub(crate) use process::Process;
pub(crate) use server::{Server, Setup};

/// How long anything may take before a test fails. Nothing waits that long when all is well.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Looks until there is what is looked for. Only for what another party does on its own time.
#[track_caller]
pub(crate) fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    eventually_within(PATIENCE, what, look)
}

/// The same with another patience.
#[track_caller]
pub(crate) fn eventually_within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        let waited = begun.elapsed();
        assert!(waited < patience, "in vain: {what}");
        // Leaves the processor to the server between two looks; the longer it took, the rarer they are.
        std::thread::sleep((waited / 16).clamp(Duration::from_millis(1), Duration::from_millis(200)));
    }
}

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
pub(crate) fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < PATIENCE, "in vain: {what}");
        // Leaves the processor to the server between two looks.
        std::thread::sleep(Duration::from_millis(2));
    }
}

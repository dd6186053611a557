//! Times and bounds of a session.

use std::time::Duration;

/// Times and habits of a session; the same for all connections of a listener.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Time for the first valid frame.
    pub first_frame_within: Duration,
    /// Time for the first login.
    pub login_within: Duration,
    /// Silence after which a pile is shown as offline.
    pub offline_after: Duration,
    /// Silence after which the connection is closed.
    pub close_after: Duration,
    /// How often a pile's clock is set after the first time.
    pub clock_sync_every: Duration,
    /// Time that the rest of a begun frame may take before its start is given up.
    pub partial_within: Duration,
    /// Bytes of junk before the first valid frame.
    pub junk_before_first_frame: u64,
    /// Bytes of junk in a row later.
    pub junk_in_a_row: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            first_frame_within: Duration::from_secs(10),
            login_within: Duration::from_secs(30),
            offline_after: Duration::from_secs(45),
            close_after: Duration::from_secs(120),
            clock_sync_every: Duration::from_secs(24 * 60 * 60),
            partial_within: Duration::from_secs(5),
            junk_before_first_frame: 1024,
            junk_in_a_row: 64 * 1024,
        }
    }
}

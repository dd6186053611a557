//! How fast the piles of a protocol do things: what the rules about time count by.

use serde::{Deserialize, Serialize};

/// How fast a pile does things, by its protocol. Its adapter says so when the pile logs in, and an order keeps what held
/// when it was made. The default is what 云快充 V1.6 lays down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pace {
    /// Seconds for a start to be confirmed and the connector to be seen charging, or preparing to (V1.6 §13.3 rule 1).
    pub start_within_s: u32,
    /// Seconds that a connector may be seen preparing before it charges.
    pub prepare_within_s: u32,
    /// Seconds from a charge's end to its record (V1.6 §13.3 rule 7).
    pub record_within_s: u32,
    /// Seconds between two reports of a charging connector (V1.6 §7.2).
    pub report_period_s: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { start_within_s: 90, prepare_within_s: 90, record_within_s: 30, report_period_s: 15 }
    }
}

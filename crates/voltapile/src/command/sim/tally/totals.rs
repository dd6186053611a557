//! What a fleet comes to.

use std::collections::{BTreeMap, BTreeSet};

use voltapile_protocol::Protocol;
use voltapile_protocol::layout::Layout;
use voltapile_simulator::fault::Fault;

/// Frames of one type in one direction.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct FrameCount {
    /// How many.
    pub(in super::super) count: u64,
    /// Their layout; `None` for an unknown type.
    pub(in super::super) layout: Option<&'static Layout>,
}

/// What a fleet comes to.
#[derive(Debug, Default)]
pub(in super::super) struct Totals {
    /// What its piles speak.
    pub(in super::super) protocols: BTreeSet<Protocol>,
    pub(in super::super) online: u64,
    pub(in super::super) never_connected: u64,
    pub(in super::super) connections: u64,
    pub(in super::super) lost: BTreeMap<String, u64>,
    /// By direction (up first), protocol and type.
    pub(in super::super) frames: BTreeMap<(bool, Protocol, u16), FrameCount>,
    pub(in super::super) stray_bytes_down: u64,
    pub(in super::super) undecodable_down: u64,
    pub(in super::super) logins_accepted: u64,
    /// By the code in the answer.
    pub(in super::super) logins_refused: BTreeMap<u8, u64>,
    /// Of those, logins that were refused by the end of the connection, as AA F5 has it.
    pub(in super::super) turned_away: u64,
    pub(in super::super) logins_unanswered: u64,
    /// Logins that piles did not take: the platform told another key, or none.
    pub(in super::super) keys_wrong: u64,
    pub(in super::super) keys_unused: u64,
    /// Piles that ask for a tariff in vain, or wait for one.
    pub(in super::super) tariffs_missing: u64,
    pub(in super::super) charging: u64,
    pub(in super::super) charges: u64,
    pub(in super::super) starts_consented: u64,
    /// By the reason in the answer.
    pub(in super::super) starts_refused: BTreeMap<u8, u64>,
    pub(in super::super) records_sent: u64,
    pub(in super::super) records_confirmed: u64,
    pub(in super::super) records_rejected: u64,
    /// Records that are out for longer than an answer takes.
    pub(in super::super) records_overdue: u64,
    pub(in super::super) energy: u64,
    pub(in super::super) amount: u64,
    pub(in super::super) heartbeats: u64,
    pub(in super::super) heartbeats_answered: u64,
    pub(in super::super) heartbeats_unanswered: u64,
    pub(in super::super) faults: BTreeMap<Fault, u64>,
}

impl Totals {
    /// Frames in both directions.
    pub(in super::super) fn frames_passed(&self) -> u64 {
        self.frames.values().map(|frames| frames.count).sum()
    }

    /// All refused logins.
    pub(in super::super) fn all_logins_refused(&self) -> u64 {
        self.logins_refused.values().sum()
    }
}

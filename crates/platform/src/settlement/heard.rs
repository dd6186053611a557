//! What a charge's last report says of the energy that it can have had in the end.

use crate::order::Order;
use crate::timestamp::Timestamp;
use crate::unit::Energy;

/// The most that a connector can deliver: bounds what a charge gained after its last telemetry. 600 kW in 1e-4 kWh/h.
const CONNECTOR_POWER_MAX: u64 = 6_000_000;
const MS_PER_HOUR: u64 = 3_600_000;

/// The least and the most that a charge can have delivered: what was heard of last, and what it can have gained since,
/// until it ended by the platform's word or the pile's. `None` where nothing was heard.
pub(super) fn energies_heard(order: &Order, ended_at: Option<Timestamp>) -> Option<(Energy, Energy)> {
    let (heard_at, heard) = (order.progress.at?, order.progress.energy);
    let since = [order.ended_at, ended_at].into_iter().flatten().max();
    let gap_ms = since.map_or(0, |since| since.unix_ms().saturating_sub(heard_at.unix_ms()).max(0));
    // The last report may be as old as their period when the charge ends.
    let gap_ms = u128::from(gap_ms.unsigned_abs()) + u128::from(order.pace.report_period_s) * 1000;
    let gain = u128::from(CONNECTOR_POWER_MAX) * gap_ms / u128::from(MS_PER_HOUR);
    let most = u128::from(heard.steps()).saturating_add(gain);
    Some((heard, Energy::from_steps(u64::try_from(most).unwrap_or(u64::MAX))))
}

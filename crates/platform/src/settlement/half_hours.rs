//! Records by half hour: what they sell in each tier, and what of it can't be.

use super::span::is_over_a_day;
use crate::record::HalfHourUsage;
use crate::tariff::{HALF_HOURS_PER_DAY, PerTier, Schedule};
use crate::timestamp::Timestamp;
use crate::unit::Energy;

/// Half hours that a difference names; the others are only counted.
const NAMED_MAX: usize = 6;

/// The energy of each tier, by the half hours that are its own.
pub(super) fn by_tier(usage: &HalfHourUsage, schedule: &Schedule) -> PerTier<Energy> {
    PerTier::from_fn(|tier| {
        let its = schedule.slots().iter().zip(&usage.energies).filter(|(slot, _)| **slot == tier);
        sum(its.map(|(_, energy)| *energy))
    })
}

/// The energy in half hours that a charge did not touch, and which those are, for people; `None` without any.
pub(super) fn untouched(usage: &HalfHourUsage, touched: &[bool; HALF_HOURS_PER_DAY]) -> Option<(Energy, String)> {
    let beside = usage.energies.iter().zip(touched).enumerate();
    let beside: Vec<(usize, Energy)> = beside
        .filter(|(_, (energy, touched))| **energy > Energy::ZERO && !**touched)
        .map(|(half_hour, (energy, _))| (half_hour, *energy))
        .collect();
    if beside.is_empty() {
        return None;
    }
    let mut names: Vec<String> = beside.iter().take(NAMED_MAX).map(|(half_hour, _)| clock(*half_hour)).collect();
    if beside.len() > NAMED_MAX {
        names.push(format!("and {} more", beside.len() - NAMED_MAX));
    }
    Some((sum(beside.into_iter().map(|(_, energy)| energy)), names.join(", ")))
}

/// What is to be said of a charge that is longer than the day its record has; `None` where it is not.
pub(super) fn over_a_day(from: Timestamp, to: Timestamp) -> Option<String> {
    is_over_a_day(from, to).then(|| format!("{from} to {to}"))
}

/// The sum of energies; what does not fit becomes the greatest [`Energy`].
pub(super) fn sum(energies: impl IntoIterator<Item = Energy>) -> Energy {
    Energy::from_steps(energies.into_iter().fold(0, |sum: u64, energy| sum.saturating_add(energy.steps())))
}

/// When a half hour of the day begins.
fn clock(half_hour: usize) -> String {
    format!("{:02}:{:02}", half_hour / 2, half_hour % 2 * 30)
}

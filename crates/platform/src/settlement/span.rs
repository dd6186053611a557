//! When a charge took place, and which tiers that touched.

use crate::order::{Order, Origin};
use crate::record::TransactionRecord;
use crate::tariff::{HALF_HOURS_PER_DAY, PerTier, Schedule};
use crate::timestamp::Timestamp;

/// Milliseconds in half an hour and in an hour.
const HALF_HOUR_MS: i64 = 30 * 60 * 1000;
const HOUR_MS: i64 = 2 * HALF_HOUR_MS;

/// Seconds that a pile's clock may differ from the platform's before its times are disbelieved: a clock that is off by
/// more puts energy into the wrong half hour.
const CLOCK_TOLERANCE_S: i64 = 30 * 60;

/// Why a record's times are no times of a charge: what the pile says, and what can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClockFault {
    /// What the pile says.
    pub(super) pile: String,
    /// What it should have been.
    pub(super) ours: String,
}

/// When the charge began and ended by the pile's clock, checked against what the platform saw of it.
///
/// # Errors
/// When a time is not known or the end lies before the start, when the charge would have begun before its order was
/// made, or after it was over: a clock of 1999, or one that lags or hurries by more than [`CLOCK_TOLERANCE_S`].
pub(super) fn charge_span(
    record: &TransactionRecord,
    order: Option<&Order>,
) -> Result<(Timestamp, Timestamp), ClockFault> {
    let text = |time: Option<Timestamp>| time.map_or_else(|| "unknown".to_owned(), |time| time.to_string());
    let said = || format!("{} to {}", text(record.started_at), text(record.ended_at));
    let (Some(from), Some(to)) = (record.started_at, record.ended_at) else {
        return Err(ClockFault { pile: said(), ours: "a start and an end".to_owned() });
    };
    if to < from {
        return Err(ClockFault { pile: said(), ours: "a start before its end".to_owned() });
    }
    // An order made from its record was made after the charge; only one that came first has seen it begin.
    let Some(order) = order.filter(|order| !matches!(order.origin, Origin::OfflineCard | Origin::Record)) else {
        return Ok((from, to));
    };
    if from < order.created_at.plus_seconds(-CLOCK_TOLERANCE_S) {
        return Err(ClockFault { pile: said(), ours: format!("not before the order of {}", order.created_at) });
    }
    match order.ended_at {
        Some(ended_at) if from > ended_at.plus_seconds(CLOCK_TOLERANCE_S) => {
            Err(ClockFault { pile: said(), ours: format!("over by {ended_at}") })
        }
        _ => Ok((from, to)),
    }
}

/// Which half hours of the day the time from a moment to a later one touches, both included, on a wall clock
/// `zone_hours` ahead of UTC. A whole day touches all of them.
pub(super) fn half_hours_touched(from: Timestamp, to: Timestamp, zone_hours: i8) -> [bool; HALF_HOURS_PER_DAY] {
    let half_hour = |time: Timestamp| (time.unix_ms() + i64::from(zone_hours) * HOUR_MS).div_euclid(HALF_HOUR_MS);
    let per_day = i64::try_from(HALF_HOURS_PER_DAY).unwrap_or(i64::MAX);
    let (first, last) = (half_hour(from), half_hour(to));
    let mut touched = [false; HALF_HOURS_PER_DAY];
    for half_hour in first..=last.min(first + per_day - 1) {
        let of_day = usize::try_from(half_hour.rem_euclid(per_day)).unwrap_or(usize::MAX);
        if let Some(place) = touched.get_mut(of_day) {
            *place = true;
        }
    }
    touched
}

/// Which tiers some half hours of the day belong to.
pub(super) fn tiers_touched(schedule: &Schedule, half_hours: &[bool; HALF_HOURS_PER_DAY]) -> PerTier<bool> {
    let touched = |tier| schedule.slots().iter().zip(half_hours).any(|(slot, touched)| *touched && *slot == tier);
    PerTier::from_fn(touched)
}

/// Whether a charge is longer than a day.
pub(super) const fn is_over_a_day(from: Timestamp, to: Timestamp) -> bool {
    to.unix_ms().saturating_sub(from.unix_ms()) > 24 * HOUR_MS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settlement::tests::six_hours_each;
    use crate::tariff::Tier;

    fn touched(from: &str, to: &str) -> Vec<Tier> {
        let half_hours = half_hours_touched(from.parse().unwrap(), to.parse().unwrap(), 8);
        let touched = tiers_touched(&six_hours_each(), &half_hours);
        Tier::ALL.into_iter().filter(|tier| *touched.get(*tier)).collect()
    }

    #[test]
    fn a_charge_touches_the_tiers_of_its_half_hours_by_wall_clock() {
        assert_eq!(touched("2023-12-13T17:04:14+08:00", "2023-12-13T17:09:36+08:00"), [Tier::Flat]);
        assert_eq!(touched("2023-12-13T05:59:59+08:00", "2023-12-13T06:00:00+08:00"), [Tier::Sharp, Tier::Peak]);
        assert_eq!(touched("2023-12-13T23:00:00+08:00", "2023-12-14T01:00:00+08:00"), [Tier::Sharp, Tier::Valley]);
        assert_eq!(touched("2023-12-13T13:00:00+08:00", "2023-12-14T12:59:00+08:00"), Tier::ALL);
        assert_eq!(touched("1970-01-01T00:00:00Z", "2023-12-14T12:59:00Z"), Tier::ALL);
        assert_eq!(touched("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"), [Tier::Peak]);
    }
}

//! Moments, and the wall clock of piles: UTC+8, whatever the time zone of the machine.

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{CivilTime, Cp56Time};

const MS_PER_MINUTE: u64 = 60_000;
const MS_PER_DAY: u64 = 24 * 60 * MS_PER_MINUTE;
/// UTC+8 in milliseconds.
const ZONE_MS: u64 = 8 * 60 * MS_PER_MINUTE;

/// Now, on both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// On the monotonic clock that deadlines are told by.
    pub tick: Tick,
    /// On the wall clock: milliseconds since 1970 in UTC.
    pub unix_ms: u64,
}

/// The time in UTC+8.
#[must_use]
pub const fn civil_time(unix_ms: u64) -> CivilTime {
    CivilTime::in_china(unix_ms)
}

/// The time in UTC+8 as it stands on the wire. The year there has two digits: 1999 comes out as 99, like 2099.
#[must_use]
pub(super) const fn wire_time(unix_ms: u64) -> Cp56Time {
    let time = civil_time(unix_ms);
    Cp56Time::new(CivilTime { year: 2000 + time.year % 100, ..time })
}

/// Milliseconds since 1970 of a time in UTC+8.
#[must_use]
pub const fn unix_ms(time: CivilTime) -> u64 {
    time.unix_ms_in_china()
}

/// The half hour of the day in UTC+8, from 0.
#[must_use]
pub const fn slot_of_day(unix_ms: u64) -> usize {
    ((unix_ms + ZONE_MS) % MS_PER_DAY / (30 * MS_PER_MINUTE)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: u64 = 1_795_132_799_000;

    #[test]
    fn the_year_on_the_wire_has_two_digits() {
        assert_eq!(wire_time(915_148_800_000).0[6], 99);
        assert_eq!(wire_time(START).civil(), Some(civil_time(START)));
    }

    #[test]
    fn a_day_has_48_slots() {
        let midnight = 951_753_600_000;
        assert_eq!(slot_of_day(midnight), 0);
        assert_eq!(slot_of_day(midnight + 30 * MS_PER_MINUTE), 1);
        assert_eq!(slot_of_day(midnight - 1), 47);
    }
}

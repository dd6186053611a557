//! Moments, and the wall clock of piles: UTC+8, whatever the time zone of the machine.

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{CivilTime, Cp56Time};

const MS_PER_MINUTE: u64 = 60_000;
const MS_PER_DAY: u64 = 24 * 60 * MS_PER_MINUTE;
/// UTC+8 in milliseconds.
const ZONE_MS: u64 = 8 * 60 * MS_PER_MINUTE;
/// Days from 0000-03-01 to 1970-01-01 in the Gregorian calendar.
const DAYS_TO_1970: u64 = 719_468;
/// Days in 400 years.
const DAYS_PER_ERA: u64 = 146_097;

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
    let local = unix_ms + ZONE_MS;
    // Years that begin in March put the leap day at their end, and eras of 400 years are all alike.
    let days = local / MS_PER_DAY + DAYS_TO_1970;
    let (era, day_of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    let of_day = local % MS_PER_DAY;
    CivilTime {
        year: year as u16,
        month: month as u8,
        day: (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u8,
        hour: (of_day / (60 * MS_PER_MINUTE)) as u8,
        minute: (of_day / MS_PER_MINUTE % 60) as u8,
        millisecond: (of_day % MS_PER_MINUTE) as u16,
    }
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
    let (year, month) = (time.year as u64, time.month as u64);
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let shifted_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted_month + 2) / 5 + time.day as u64 - 1;
    let days = shifted_year * 365 + shifted_year / 4 - shifted_year / 100 + shifted_year / 400 + day_of_year;
    let minutes = time.hour as u64 * 60 + time.minute as u64;
    let local = (days - DAYS_TO_1970) * MS_PER_DAY + minutes * MS_PER_MINUTE + time.millisecond as u64;
    local.saturating_sub(ZONE_MS)
}

/// The half hour of the day in UTC+8, from 0.
#[must_use]
pub const fn slot_of_day(unix_ms: u64) -> usize {
    ((unix_ms + ZONE_MS) % MS_PER_DAY / (30 * MS_PER_MINUTE)) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: u64 = 1_795_132_799_000;

    #[test]
    fn knows_dates() {
        for (unix_ms, text) in [
            (0, "1970-01-01T08:00:00.000"),
            (951_753_599_999, "2000-02-28T23:59:59.999"),
            (951_753_600_000, "2000-02-29T00:00:00.000"),
            (1_709_222_400_000, "2024-03-01T00:00:00.000"),
            (1_795_132_799_000, "2026-11-20T07:59:59.000"),
            (4_102_416_000_000, "2100-01-01T00:00:00.000"),
        ] {
            assert_eq!(civil_time(unix_ms).to_string(), text);
        }
    }

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

    proptest! {
        #[test]
        fn goes_there_and_back(moment in 0_u64..5_000_000_000_000) {
            prop_assert_eq!(unix_ms(civil_time(moment)), moment);
        }
    }
}

//! CP56Time2a: a wall clock time in 7 bytes. The raw bytes are kept; piles with a clock of 1999 or month 0 exist.

use super::Kind;

/// The 7 bytes: milliseconds of the minute (2, low first), minute, hour, day (weekday in the top 3 bits), month, year.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Cp56Time(pub [u8; 7]);

/// A wall clock time without a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilTime {
    /// Year, 2000..=2127 in CP56Time2a.
    pub year: u16,
    /// Month, 1..=12.
    pub month: u8,
    /// Day of the month, 1..=31.
    pub day: u8,
    /// Hour, 0..=23.
    pub hour: u8,
    /// Minute, 0..=59.
    pub minute: u8,
    /// Milliseconds of the minute, 0..=59999.
    pub millisecond: u16,
}

impl Cp56Time {
    /// Writes a wall clock time; the weekday bits stay 0, as most platforms send them.
    #[must_use]
    pub const fn new(time: CivilTime) -> Self {
        let [low, high] = time.millisecond.to_le_bytes();
        let year = (time.year.saturating_sub(2000) & 0x7F) as u8;
        Self([low, high, time.minute & 0x3F, time.hour & 0x1F, time.day & 0x1F, time.month & 0x0F, year])
    }

    /// The time, or `None` when the bytes are no possible date (all zero means "unknown").
    #[must_use]
    pub fn civil(&self) -> Option<CivilTime> {
        let [low, high, minute, hour, day, month, year] = self.0;
        let time = CivilTime {
            year: 2000 + u16::from(year & 0x7F),
            month: month & 0x0F,
            day: day & 0x1F,
            hour: hour & 0x1F,
            minute: minute & 0x3F,
            millisecond: u16::from_le_bytes([low, high]),
        };
        time.is_possible().then_some(time)
    }
}

const MS_PER_MINUTE: u64 = 60_000;
const MS_PER_DAY: u64 = 24 * 60 * MS_PER_MINUTE;
/// UTC+8 in milliseconds: the clock of every pile, wherever a server stands (OQ-30).
const CHINA_MS: u64 = 8 * 60 * MS_PER_MINUTE;
/// Days from 0000-03-01 to 1970-01-01 in the Gregorian calendar.
const DAYS_TO_1970: u64 = 719_468;
/// Days in 400 years.
const DAYS_PER_ERA: u64 = 146_097;

impl CivilTime {
    /// Whether a clock can show this.
    pub(super) fn is_possible(&self) -> bool {
        (1..=12).contains(&self.month)
            && (1..=days_in_month(self.year, self.month)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.millisecond < 60_000
    }

    /// Reads `2023-12-13T17:09:36.000`; a space instead of the T and no fraction are fine too. What no clock can show is
    /// not read.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, clock) = text.trim().split_once(['T', ' '])?;
        let date: Vec<u16> = date.split('-').map(str::parse).collect::<Result<_, _>>().ok()?;
        let [year, month, day] = date.try_into().ok()?;
        let mut clock = clock.splitn(3, ':');
        let (hour, minute, second) = (clock.next()?.parse().ok()?, clock.next()?.parse().ok()?, clock.next()?);
        let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
        if fraction.len() > 3 {
            return None;
        }
        let millisecond =
            second.parse::<u16>().ok()?.checked_mul(1000)? + format!("{fraction:0<3}").parse::<u16>().ok()?;
        let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
        Some(Self { year, month, day, hour, minute, millisecond }).filter(Self::is_possible)
    }

    /// What a clock in China shows so many milliseconds after 1970 began in UTC.
    #[must_use]
    pub const fn in_china(unix_ms: u64) -> Self {
        Self::in_utc(unix_ms.saturating_add(CHINA_MS))
    }

    /// What a clock in Greenwich shows then.
    #[must_use]
    pub const fn in_utc(unix_ms: u64) -> Self {
        // Years that begin in March put the leap day at their end, and eras of 400 years are all alike.
        let days = unix_ms / MS_PER_DAY + DAYS_TO_1970;
        let (era, day_of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
        let of_day = unix_ms % MS_PER_DAY;
        Self {
            year: year as u16,
            month: month as u8,
            day: (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u8,
            hour: (of_day / (60 * MS_PER_MINUTE)) as u8,
            minute: (of_day / MS_PER_MINUTE % 60) as u8,
            millisecond: (of_day % MS_PER_MINUTE) as u16,
        }
    }

    /// Milliseconds since 1970 began in UTC when a clock in China shows this; 0 for times before that.
    #[must_use]
    pub const fn unix_ms_in_china(self) -> u64 {
        let (year, month) = (self.year as u64, self.month as u64);
        let shifted_year = if month <= 2 { year.saturating_sub(1) } else { year };
        let shifted_month = if month > 2 { month - 3 } else { month + 9 };
        let day_of_year = (153 * shifted_month + 2) / 5 + (self.day as u64).saturating_sub(1);
        let days = shifted_year * 365 + shifted_year / 4 - shifted_year / 100 + shifted_year / 400 + day_of_year;
        let minutes = self.hour as u64 * 60 + self.minute as u64;
        let local = days.saturating_sub(DAYS_TO_1970) * MS_PER_DAY + minutes * MS_PER_MINUTE + self.millisecond as u64;
        local.saturating_sub(CHINA_MS)
    }
}

/// Days of a month of the Gregorian calendar; 0 for a month that does not exist.
const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

impl std::fmt::Display for CivilTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { year, month, day, hour, minute, millisecond } = self;
        let (second, fraction) = (millisecond / 1000, millisecond % 1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}")
    }
}

impl std::fmt::Debug for Cp56Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.civil() {
            Some(time) => write!(f, "{time}"),
            None => write!(f, "Cp56Time({:02x?})", self.0),
        }
    }
}

array_field!(Cp56Time, 7 bytes, Kind::Time);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn knows_dates() {
        for (unix_ms, text) in [
            (0, "1970-01-01T08:00:00.000"),
            (951_753_599_999, "2000-02-28T23:59:59.999"),
            (951_753_600_000, "2000-02-29T00:00:00.000"),
            (1_795_132_799_000, "2026-11-20T07:59:59.000"),
            (4_102_416_000_000, "2100-01-01T00:00:00.000"),
        ] {
            assert_eq!(CivilTime::in_china(unix_ms).to_string(), text);
        }
    }

    #[test]
    fn reads_times() {
        let time = CivilTime { year: 2026, month: 1, day: 31, hour: 8, minute: 15, millisecond: 500 };
        for text in ["2026-01-31T08:15:00.5", " 2026-01-31 08:15:00.500 "] {
            assert_eq!(CivilTime::parse(text), Some(time), "{text}");
        }
        for text in
            ["", "2026-01-31", "2026-02-30T00:00:00", "2026-01-31T24:00:00", "2026-01-31T08:15:70", "a-b-cTd:e:f"]
        {
            assert_eq!(CivilTime::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,30}") {
            let _ = CivilTime::parse(&text);
        }

        #[test]
        fn goes_to_china_and_back(unix_ms in 0_u64..5_000_000_000_000) {
            prop_assert_eq!(CivilTime::in_china(unix_ms).unix_ms_in_china(), unix_ms);
            let time = CivilTime::in_china(unix_ms);
            prop_assert_eq!(CivilTime::parse(&time.to_string()), Some(time));
        }
    }
}

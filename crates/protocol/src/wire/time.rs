//! CP56Time2a: a wall clock time in 7 bytes. The raw bytes are kept; piles with a clock of 1999 or month 0 exist.

use super::Kind;

/// The 7 bytes: milliseconds of the minute (2, low first), minute, hour, day (weekday in the top 3 bits), month, year.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Cp56Time(pub [u8; 7]);

/// A wall clock time without a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CivilTime {
    /// Year, 2000..=2127.
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
        let possible = (1..=12).contains(&time.month)
            && (1..=days_in_month(time.year, time.month)).contains(&time.day)
            && time.hour < 24
            && time.minute < 60
            && time.millisecond < 60_000;
        possible.then_some(time)
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

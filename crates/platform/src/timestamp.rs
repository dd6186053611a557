//! Moments in UTC, to the millisecond, with RFC 3339 as their text.

use crate::text::{excerpt, serde_as_text};
use std::fmt;
use std::str::FromStr;

const MS_PER_SECOND: i64 = 1000;
const MS_PER_MINUTE: i64 = 60 * MS_PER_SECOND;
const MS_PER_DAY: i64 = 24 * 60 * MS_PER_MINUTE;

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted; years 0000 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// A text that is no RFC 3339 date and time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a time like 2026-11-20T08:15:30Z")]
pub struct TimestampError {
    /// What was given, cut to a readable length.
    text: String,
}

impl Timestamp {
    /// 0000-01-01T00:00:00.000Z.
    pub const MIN: Self = Self(days_from_civil(0, 1, 1) * MS_PER_DAY);
    /// 9999-12-31T23:59:59.999Z.
    pub const MAX: Self = Self(days_from_civil(10_000, 1, 1) * MS_PER_DAY - 1);

    /// From milliseconds since the epoch; a moment outside the years 0000 to 9999 becomes the nearest one inside.
    #[must_use]
    pub fn from_unix_ms(ms: i64) -> Self {
        Self(ms.clamp(Self::MIN.0, Self::MAX.0))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// So many seconds later, or earlier where negative; stays within the years 0000 to 9999.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_unix_ms(self.0.saturating_add(seconds.saturating_mul(MS_PER_SECOND)))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(MS_PER_DAY));
        let ms = self.0.rem_euclid(MS_PER_DAY);
        let (minutes, ms) = (ms / MS_PER_MINUTE, ms % MS_PER_MINUTE);
        let (hour, minute) = (minutes / 60, minutes % 60);
        let (second, ms) = (ms / MS_PER_SECOND, ms % MS_PER_SECOND);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads RFC 3339 with `Z` or an offset; digits beyond the millisecond are cut off.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        let mut reader = Reader { rest: text.as_bytes() };
        match reader.date_time() {
            Some(ms) if reader.rest.is_empty() && (Self::MIN.0..=Self::MAX.0).contains(&ms) => Ok(Self(ms)),
            _ => Err(TimestampError { text: excerpt(text) }),
        }
    }
}

serde_as_text!(Timestamp);

impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .format(Some(utoipa::openapi::SchemaFormat::KnownFormat(utoipa::openapi::KnownFormat::DateTime)))
            .examples(["2026-11-20T08:15:30.000Z"])
            .into()
    }
}

impl utoipa::ToSchema for Timestamp {}

/// Takes a date and time apart from its front.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn date_time(&mut self) -> Option<i64> {
        let year = self.digits(4)?;
        self.one_of(b"-")?;
        let month = self.digits_within(2, 1, 12)?;
        self.one_of(b"-")?;
        let day = self.digits_within(2, 1, days_in_month(year, month))?;
        self.one_of(b"Tt ")?;
        let hour = self.digits_within(2, 0, 23)?;
        self.one_of(b":")?;
        let minute = self.digits_within(2, 0, 59)?;
        self.one_of(b":")?;
        let second = self.digits_within(2, 0, 59)?;
        let ms = if self.one_of(b".").is_some() { self.fraction_ms()? } else { 0 };
        let offset_minutes = self.offset_minutes()?;
        let minutes = hour * 60 + minute - offset_minutes;
        Some(days_from_civil(year, month, day) * MS_PER_DAY + minutes * MS_PER_MINUTE + second * MS_PER_SECOND + ms)
    }

    fn fraction_ms(&mut self) -> Option<i64> {
        let mut ms = self.digits(1)? * 100;
        for weight in [10, 1, 0, 0, 0, 0, 0, 0] {
            match self.digits(1) {
                Some(digit) => ms += digit * weight,
                None => break,
            }
        }
        Some(ms)
    }

    fn offset_minutes(&mut self) -> Option<i64> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let hours = self.digits_within(2, 0, 23)?;
        self.one_of(b":")?;
        Some(sign * (hours * 60 + self.digits_within(2, 0, 59)?))
    }

    fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.rest.split_first().filter(|(first, _)| wanted.contains(first))?;
        self.rest = rest;
        Some(*first)
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.rest.split_at_checked(count)?;
        let mut value = 0;
        for digit in digits {
            value = value * 10 + i64::from(char::from(*digit).to_digit(10)?);
        }
        self.rest = rest;
        Some(value)
    }

    fn digits_within(&mut self, count: usize, least: i64, most: i64) -> Option<i64> {
        self.digits(count).filter(|value| (least..=most).contains(value))
    }
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
///
/// Counts in eras of 400 years whose years begin in March, so that the leap day is a year's last.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The date, as year, month and day, that lies so many days after 1970-01-01: the inverse of [`days_from_civil`].
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = (march_month + 2) % 12 + 1;
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_moments() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_162_530_123, "2026-11-20T08:15:30.123Z"),
        ] {
            assert_eq!(Timestamp::from_unix_ms(ms).to_string(), text);
            assert_eq!(text.parse::<Timestamp>().unwrap().unix_ms(), ms);
        }
        assert_eq!(Timestamp::MIN.to_string(), "0000-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::from_unix_ms(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
    }

    #[test]
    fn offsets_and_fractions_are_read() {
        let noon: Timestamp = "2026-11-20T12:00:00.5Z".parse().unwrap();
        for text in ["2026-11-20T20:00:00.500+08:00", "2026-11-20t12:00:00.5009z", "2026-11-20 06:30:00.50-05:30"] {
            assert_eq!(text.parse::<Timestamp>().unwrap(), noon, "{text}");
        }
    }

    #[test]
    fn impossible_moments_are_refused() {
        for text in [
            "",
            "2026-11-20",
            "2026-11-20T12:00:00",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-11-20T24:00:00Z",
            "2026-11-20T12:60:00Z",
            "2026-11-20T12:00:60Z",
            "2026-11-20T12:00:00.Z",
            "2026-11-20T12:00:00Zx",
            "2026-11-20T12:00:00+0800",
            "0000-01-01T00:00:00+01:00",
            "２026-11-20T12:00:00Z",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_round_trips_and_days_are_consecutive(ms in Timestamp::MIN.0..=Timestamp::MAX.0, days in -3_000_000_i64..3_000_000) {
            let moment = Timestamp::from_unix_ms(ms);
            prop_assert_eq!(moment.to_string().parse::<Timestamp>().unwrap(), moment);
            let (year, month, day) = civil_from_days(days);
            prop_assert_eq!(days_from_civil(year, month, day), days);
            prop_assert!((1..=days_in_month(year, month)).contains(&day));
        }
    }
}

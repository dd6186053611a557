//! A day of 48 half hours, each with its tier.

use super::Tier;
use crate::text::{excerpt, serde_as_text};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Half hours in a day.
pub const HALF_HOURS_PER_DAY: usize = 48;

/// Which half hour of the day, in the station's zone, has which tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule([Tier; HALF_HOURS_PER_DAY]);

/// A stretch of the day with one tier; `to` is its end and not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Period {
    from: HalfHour,
    to: HalfHour,
    tier: Tier,
}

/// Why the periods or slots given make no day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// Not a time of day that tiers can change at.
    #[error("{text:?} is not a half hour like 07:30, from 00:00 to 24:00")]
    Time {
        /// What was given, cut to a readable length.
        text: String,
    },
    /// Ends before it begins. A period that goes past midnight is written as two.
    #[error("the period from {from} to {to} ends before it begins: split a night at 24:00")]
    Backwards {
        /// Its beginning.
        from: String,
        /// Its end.
        to: String,
    },
    /// No period covers this stretch.
    #[error("no period covers {from} to {to}")]
    Gap {
        /// Where the gap begins.
        from: String,
        /// Where the next period begins, or the day ends.
        to: String,
    },
    /// Two periods cover this stretch.
    #[error("two periods cover {from} to {to}")]
    Overlap {
        /// Where the later period begins.
        from: String,
        /// Where one of the two ends.
        to: String,
    },
    /// Not one tier per half hour.
    #[error("a day has {HALF_HOURS_PER_DAY} slots of half an hour, not {given}")]
    SlotCount {
        /// How many were given.
        given: usize,
    },
}

impl Schedule {
    /// From one tier per half hour; the first is 00:00 to 00:30.
    #[must_use]
    pub const fn from_slots(slots: [Tier; HALF_HOURS_PER_DAY]) -> Self {
        Self(slots)
    }

    /// One tier per half hour; the first is 00:00 to 00:30.
    #[must_use]
    pub const fn slots(&self) -> &[Tier; HALF_HOURS_PER_DAY] {
        &self.0
    }

    /// The tier of a half hour of the day, 0 to 47, or `None` beyond.
    #[must_use]
    pub fn tier_at(&self, half_hour: usize) -> Option<Tier> {
        self.0.get(half_hour).copied()
    }

    /// From periods in any order that cover the day exactly.
    pub(super) fn from_periods(periods: &[Period]) -> Result<Self, ScheduleError> {
        if let Some(Period { from, to, .. }) = periods.iter().find(|period| period.from >= period.to) {
            return Err(ScheduleError::Backwards { from: from.to_string(), to: to.to_string() });
        }
        let mut periods = periods.to_vec();
        periods.sort_by_key(|period| period.from);

        let mut slots = [Tier::Flat; HALF_HOURS_PER_DAY];
        let mut covered = HalfHour(0);
        for period in periods {
            gap_or_overlap(covered, period.from, period.to)?;
            if let Some(stretch) = slots.get_mut(period.from.index()..period.to.index()) {
                stretch.fill(period.tier);
            }
            covered = period.to;
        }
        gap_or_overlap(covered, HalfHour::MIDNIGHT, HalfHour::MIDNIGHT)?;
        Ok(Self(slots))
    }

    /// As the fewest periods, in order.
    pub(super) fn periods(&self) -> Vec<Period> {
        let mut from = HalfHour(0);
        let mut periods = Vec::new();
        for stretch in self.0.chunk_by(|a, b| a == b) {
            let Some(tier) = stretch.first().copied() else {
                continue;
            };
            let to = HalfHour(from.0 + u8::try_from(stretch.len()).unwrap_or(HalfHour::MIDNIGHT.0));
            periods.push(Period { from, to, tier });
            from = to;
        }
        periods
    }
}

/// Checks that a period which runs `from` … `to` begins where the ones before it have `covered` the day.
fn gap_or_overlap(covered: HalfHour, from: HalfHour, to: HalfHour) -> Result<(), ScheduleError> {
    if covered < from {
        return Err(ScheduleError::Gap { from: covered.to_string(), to: from.to_string() });
    }
    if covered > from {
        return Err(ScheduleError::Overlap { from: from.to_string(), to: covered.min(to).to_string() });
    }
    Ok(())
}

impl TryFrom<&[Tier]> for Schedule {
    type Error = ScheduleError;

    fn try_from(slots: &[Tier]) -> Result<Self, ScheduleError> {
        slots.try_into().map(Self).map_err(|_| ScheduleError::SlotCount { given: slots.len() })
    }
}

/// A boundary between half hours: 0 is 00:00, 48 is 24:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct HalfHour(u8);

impl HalfHour {
    /// The end of the day.
    const MIDNIGHT: Self = Self(48);

    fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl FromStr for HalfHour {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let parsed = text.split_once(':').and_then(|(hour, minute)| {
            let half = match minute {
                "00" => 0,
                "30" => 1,
                _ => return None,
            };
            let two_digits = hour.len() == 2 && hour.bytes().all(|byte| byte.is_ascii_digit());
            let hour: u8 = hour.parse().ok().filter(|hour| two_digits && *hour <= 24)?;
            Some(Self(hour * 2 + half)).filter(|boundary| *boundary <= Self::MIDNIGHT)
        });
        parsed.ok_or_else(|| ScheduleError::Time { text: excerpt(text) })
    }
}

impl fmt::Display for HalfHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{}", self.0 / 2, if self.0.is_multiple_of(2) { "00" } else { "30" })
    }
}

serde_as_text!(HalfHour);
crate::schema::text_schema!(
    HalfHour,
    "^([01][0-9]|2[0-4]):[03]0$",
    "07:30",
    "a boundary between half hours, 00:00 to 24:00"
);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(periods: &[(&str, &str)]) -> Result<Schedule, String> {
        let period = |(from, to): &(&str, &str)| Period {
            from: from.parse().unwrap(),
            to: to.parse().unwrap(),
            tier: Tier::Peak,
        };
        Schedule::from_periods(&periods.iter().map(period).collect::<Vec<_>>()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_day_is_covered_exactly() {
        assert!(day(&[("12:00", "24:00"), ("00:00", "12:00")]).is_ok());
        let refusal = |periods| day(periods).unwrap_err();
        assert_eq!(refusal(&[]), "no period covers 00:00 to 24:00");
        assert_eq!(refusal(&[("06:00", "24:00")]), "no period covers 00:00 to 06:00");
        assert_eq!(refusal(&[("00:00", "06:00"), ("06:30", "24:00")]), "no period covers 06:00 to 06:30");
        assert_eq!(refusal(&[("00:00", "23:30")]), "no period covers 23:30 to 24:00");
        assert_eq!(refusal(&[("00:00", "12:00"), ("08:00", "24:00")]), "two periods cover 08:00 to 12:00");
        assert_eq!(refusal(&[("00:00", "24:00"), ("08:00", "09:00")]), "two periods cover 08:00 to 09:00");
        assert!(refusal(&[("22:00", "06:00")]).contains("split a night at 24:00"));
    }

    #[test]
    fn boundaries_are_half_hours() {
        assert_eq!("24:00".parse::<HalfHour>().unwrap(), HalfHour::MIDNIGHT);
        for text in ["24:30", "25:00", "7:30", "07:15", "0730", "+7:00", "", "255:00"] {
            assert!(text.parse::<HalfHour>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn slots_become_periods_and_slots_again(slots in prop::array::uniform32(0..4_usize), rest in prop::array::uniform16(0..2_usize)) {
            let tiers: Vec<Tier> = slots.into_iter().chain(rest).map(|tier| Tier::ALL[tier]).collect();
            let schedule = Schedule::try_from(tiers.as_slice()).unwrap();
            prop_assert_eq!(Schedule::from_periods(&schedule.periods()).unwrap(), schedule);
        }
    }
}

//! The only clock: a monotonic count for deadlines and the wall clock for what is kept and sent.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use jiff::tz::Offset;
use voltapile_platform::timestamp::Timestamp;
use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::{CivilTime, Cp56Time};

/// Reads both clocks; copies are the same clock.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    start: Instant,
    zone: Offset,
}

impl Clock {
    /// A clock that begins now; the piles' wall clock is `zone_hours` ahead of UTC (-12 to 14; beyond, the nearest).
    #[must_use]
    pub fn new(zone_hours: i8) -> Self {
        Self { start: Instant::now(), zone: jiff::tz::offset(zone_hours.clamp(-12, 14)) }
    }

    /// The monotonic clock.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.tick_at(Instant::now())
    }

    /// A moment of the monotonic clock.
    #[must_use]
    pub fn tick_at(&self, moment: Instant) -> Tick {
        Tick(u64::try_from(moment.duration_since(self.start).as_millis()).unwrap_or(u64::MAX))
    }

    /// The wall clock in UTC.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_unix_ms(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }

    /// The wall clock in UTC as captures have it.
    #[must_use]
    pub fn capture_time(&self) -> voltapile_capture::Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        voltapile_capture::Timestamp(u64::try_from(since_epoch.as_micros()).unwrap_or(u64::MAX))
    }

    /// The wall clock as piles have it.
    #[must_use]
    pub fn pile_time(&self) -> Cp56Time {
        self.pile_time_at(self.now())
    }

    /// A moment on the wall clock that piles have.
    #[must_use]
    pub fn pile_time_at(&self, at: Timestamp) -> Cp56Time {
        let at = jiff::Timestamp::from_millisecond(at.unix_ms()).unwrap_or_default();
        let local = self.zone.to_datetime(at);
        let small = |value: i8| u8::try_from(value).unwrap_or_default();
        Cp56Time::new(CivilTime {
            year: u16::try_from(local.year()).unwrap_or_default(),
            month: small(local.month()),
            day: small(local.day()),
            hour: small(local.hour()),
            minute: small(local.minute()),
            millisecond: u16::try_from(i32::from(local.second()) * 1000 + i32::from(local.millisecond()))
                .unwrap_or_default(),
        })
    }

    /// A pile's wall clock time in UTC; `None` when the bytes are no possible date.
    #[must_use]
    pub fn from_pile_time(&self, time: Cp56Time) -> Option<Timestamp> {
        let civil = time.civil()?;
        let small = |value: u8| i8::try_from(value).unwrap_or_default();
        let (second, millisecond) = (civil.millisecond / 1000, civil.millisecond % 1000);
        let local = jiff::civil::DateTime::new(
            i16::try_from(civil.year).ok()?,
            small(civil.month),
            small(civil.day),
            small(civil.hour),
            small(civil.minute),
            i8::try_from(second).ok()?,
            i32::from(millisecond) * 1_000_000,
        )
        .ok()?;
        Some(Timestamp::from_unix_ms(self.zone.to_timestamp(local).ok()?.as_millisecond()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piles_time_is_eight_hours_ahead() {
        let clock = Clock::new(8);
        let civil = CivilTime { year: 2023, month: 12, day: 13, hour: 17, minute: 9, millisecond: 36_000 };
        let utc = clock.from_pile_time(Cp56Time::new(civil)).unwrap();
        assert_eq!(utc.to_string(), "2023-12-13T09:09:36.000Z");
        assert_eq!(clock.from_pile_time(Cp56Time([0; 7])), None);
    }

    #[test]
    fn the_wall_clock_survives_the_wire() {
        let clock = Clock::new(8);
        let before = clock.now().unix_ms();
        let there_and_back = clock.from_pile_time(clock.pile_time()).unwrap().unix_ms();
        assert!((before..=clock.now().unix_ms()).contains(&there_and_back));
    }
}

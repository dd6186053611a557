//! The tariff a pile has: of electricity prices alone (1103), or of electricity and service prices (1105).

use crate::aaf5::field::{PERIODS, SLOTS};
use crate::aaf5::message::{TariffPeriod, TimeOfUsePeriod};
use crate::wire::Quantity;

/// Minutes of a day.
const DAY: u32 = 24 * 60;
/// Minutes of a slot.
const SLOT: u32 = 30;

/// Prices by time of day, as the platform sent them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PileTariff {
    /// Electricity prices (1103); the service price is the same all day, integer parameter 27.
    Electricity(Box<[TariffPeriod; PERIODS]>),
    /// Electricity and service prices (1105).
    TimeOfUse(Box<[TimeOfUsePeriod; PERIODS]>),
}

/// What a kilowatt-hour costs, in 0.0001 CNY.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prices {
    /// Electricity.
    pub electricity: u32,
    /// Service.
    pub service: u32,
}

impl PileTariff {
    /// Whether a pile can charge by it: periods on the half hour, without a gap from 00:00 to 24:00, and nothing behind
    /// them (§4.11).
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let mut end = 0;
        for index in 0..PERIODS {
            let Some((from, to)) = self.span(index) else { return false };
            match (from, to) {
                (0, 0) if end == DAY => {}
                _ if from == end && to > from && from.is_multiple_of(SLOT) && to.is_multiple_of(SLOT) => end = to,
                _ => return false,
            }
        }
        end == DAY
    }

    /// Number of the period that a half hour of the day belongs to, from 0.
    #[must_use]
    pub fn period_of(&self, half_hour: usize) -> Option<usize> {
        let minute = u32::try_from(half_hour).ok()?.checked_mul(SLOT)?;
        (0..PERIODS).find(|index| self.span(*index).is_some_and(|(from, to)| (from..to).contains(&minute)))
    }

    /// Which of a record's slots energy of a half hour of the day belongs to: the half hour itself, or with 1105 the
    /// period.
    #[must_use]
    pub fn slot_of(&self, half_hour: usize) -> Option<usize> {
        match self {
            Self::Electricity(_) => (half_hour < SLOTS).then_some(half_hour),
            Self::TimeOfUse(_) => self.period_of(half_hour),
        }
    }

    /// What a kilowatt-hour costs in a half hour of the day, with the service price of integer parameter 27 (0.01 CNY).
    #[must_use]
    pub fn prices_at(&self, half_hour: usize, service_price: u32) -> Option<Prices> {
        let index = self.period_of(half_hour)?;
        let number = |raw: u64| u32::try_from(raw).unwrap_or(u32::MAX);
        match self {
            Self::Electricity(periods) => periods.get(index).map(|period| Prices {
                electricity: number(period.electricity_price.raw()).saturating_mul(100),
                service: service_price.saturating_mul(100),
            }),
            Self::TimeOfUse(periods) => periods.get(index).map(|period| Prices {
                electricity: number(period.electricity_price.raw()),
                service: number(period.service_price.raw()),
            }),
        }
    }

    /// First and last minute of a period; `None` where it holds no time of day.
    fn span(&self, index: usize) -> Option<(u32, u32)> {
        let [start_hour, start_minute, end_hour, end_minute] = match self {
            Self::Electricity(periods) => periods
                .get(index)
                .map(|period| [period.start_hour, period.start_minute, period.end_hour, period.end_minute])?,
            Self::TimeOfUse(periods) => periods
                .get(index)
                .map(|period| [period.start_hour, period.start_minute, period.end_hour, period.end_minute])?,
        };
        let minute =
            |hour: u8, minute: u8| (hour <= 24 && minute < 60).then(|| u32::from(hour) * 60 + u32::from(minute));
        minute(start_hour, start_minute).zip(minute(end_hour, end_minute)).filter(|(_, to)| *to <= DAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::YuanPerKwh;

    fn electricity(hours: &[(u8, u8, u8, u8)]) -> PileTariff {
        let mut periods = <[TariffPeriod; PERIODS]>::default();
        for (price, (period, hours)) in (50..).zip(periods.iter_mut().zip(hours)) {
            let (start_hour, start_minute, end_hour, end_minute) = *hours;
            let electricity_price = YuanPerKwh::from_raw(price);
            *period = TariffPeriod { start_hour, start_minute, end_hour, end_minute, electricity_price };
        }
        PileTariff::Electricity(Box::new(periods))
    }

    #[test]
    fn periods_cover_the_day_on_the_half_hour() {
        assert!(electricity(&[(0, 0, 24, 0)]).is_sound());
        assert!(electricity(&[(0, 0, 7, 30), (7, 30, 24, 0)]).is_sound());
        for bad in [
            &[][..],
            &[(0, 0, 23, 30)],
            &[(0, 30, 24, 0)],
            &[(0, 0, 7, 15), (7, 15, 24, 0)],
            &[(0, 0, 7, 0), (7, 30, 24, 0)],
            &[(0, 0, 8, 0), (7, 30, 24, 0)],
            &[(0, 0, 24, 0), (0, 0, 24, 0)],
            &[(0, 0, 24, 30)],
            &[(0, 0, 25, 0)],
        ] {
            assert!(!electricity(bad).is_sound(), "{bad:?}");
        }
    }

    #[test]
    fn a_half_hour_has_a_period_a_slot_and_a_price() {
        let tariff = electricity(&[(0, 0, 7, 30), (7, 30, 24, 0)]);
        assert_eq!([0, 14, 15, 47, 48].map(|slot| tariff.period_of(slot)), [Some(0), Some(0), Some(1), Some(1), None]);
        assert_eq!((tariff.slot_of(15), tariff.slot_of(48)), (Some(15), None));
        assert_eq!(tariff.prices_at(15, 40), Some(Prices { electricity: 5_100, service: 4_000 }));

        let mut periods = <[TimeOfUsePeriod; PERIODS]>::default();
        let (electricity_price, service_price) = (YuanPerKwh::from_raw(6_543), YuanPerKwh::from_raw(4_321));
        periods[0] = TimeOfUsePeriod { end_hour: 24, electricity_price, service_price, ..Default::default() };
        let tariff = PileTariff::TimeOfUse(Box::new(periods));
        assert!(tariff.is_sound());
        assert_eq!(tariff.slot_of(47), Some(0));
        assert_eq!(tariff.prices_at(47, 40), Some(Prices { electricity: 6_543, service: 4_321 }));
    }
}

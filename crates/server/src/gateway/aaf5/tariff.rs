//! A tariff in the words of AA F5, and back: 48 half hours with four tiers on our side, at most 12 periods on the pile's.
//!
//! There are two messages. 1103 has electricity prices by period in fen; the service price is one for the whole day, integer
//! parameter 27. Its records tell energies by half hour. 1105 has electricity and service prices by period in 0.0001 yuan.
//! The slots of its records are its periods. Which one a tariff needs follows from the tariff alone ([`Form::of`]), so
//! it is known again after a restart.

use voltapile_platform::record::HalfHourUsage;
use voltapile_platform::settlement::{bill, tiers_of_half_hours};
use voltapile_platform::tariff::{HALF_HOURS_PER_DAY, PerTier, TariffTerms, Tier};
use voltapile_platform::unit::{Amount, Energy, Price};
use voltapile_protocol::aaf5::field::PERIODS;
use voltapile_protocol::aaf5::message::{TariffPeriod, TariffSetRequest, TimeOfUsePeriod, TimeOfUseTariffSetRequest};
use voltapile_protocol::wire::{Quantity, YuanPerKwh};

/// Steps of [`Price`] in a fen.
const STEPS_PER_FEN: u32 = 1000;
/// Steps of [`Price`] in 0.0001 yuan.
const STEPS_PER_FINE: u32 = 10;

/// Half hours in a row with the same prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    /// The first half hour, 0 to 47.
    pub(super) from: usize,
    /// The half hour behind the last, up to 48.
    pub(super) to: usize,
    /// The tier of the first.
    pub(super) tier: Tier,
    /// Electricity and service.
    pub(super) electricity: Price,
    pub(super) service: Price,
}

/// How a tariff is told to a pile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// 1103, and the service price by parameter 27, in fen.
    Coarse(Vec<Period>, u32),
    /// 1105.
    Fine(Vec<Period>),
}

/// Why a tariff cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum TariffMisfit {
    /// More periods than a message has.
    #[error("the tariff changes its price {0} times a day; AA F5 piles take {PERIODS} periods at most")]
    Periods(usize),
    /// A price with more decimals than either message has.
    #[error("the price {0} yuan/kWh is finer than 0.0001, the finest that AA F5 piles take")]
    TooFine(Price),
    /// A loss ratio.
    #[error("the tariff has a loss ratio of {0} %; AA F5 piles know none")]
    Loss(u8),
}

impl Form {
    /// How a tariff is told.
    pub(super) fn of(terms: &TariffTerms) -> Result<Self, TariffMisfit> {
        if terms.loss_ratio() != 0 {
            return Err(TariffMisfit::Loss(terms.loss_ratio()));
        }
        let periods = periods(terms);
        if periods.len() > PERIODS {
            return Err(TariffMisfit::Periods(periods.len()));
        }
        let prices = || periods.iter().flat_map(|period| [period.electricity, period.service]);
        if let Some(price) = prices().find(|price| price.steps() % STEPS_PER_FINE != 0) {
            return Err(TariffMisfit::TooFine(price));
        }
        let service = periods.first().map_or(Price::ZERO, |period| period.service);
        let is_one = periods.iter().all(|period| period.service == service);
        if is_one && prices().all(|price| price.steps() % STEPS_PER_FEN == 0) {
            return Ok(Self::Coarse(periods, service.steps() / STEPS_PER_FEN));
        }
        Ok(Self::Fine(periods))
    }

    /// The periods.
    pub(super) fn periods(&self) -> &[Period] {
        match self {
            Self::Coarse(periods, _) | Self::Fine(periods) => periods,
        }
    }

    /// Whether the 12 periods of 1102 sell as this does.
    pub(super) fn is_told_by_coarse(&self, told: &[TariffPeriod; PERIODS]) -> bool {
        matches!(self, Self::Coarse(periods, _) if coarse(periods) == *told)
    }

    /// Whether the 12 periods of 1108 sell as this does.
    pub(super) fn is_told_by_fine(&self, told: &[TimeOfUsePeriod; PERIODS]) -> bool {
        matches!(self, Self::Fine(periods) if fine(periods) == *told)
    }
}

/// 1103.
pub(super) fn coarse_request(periods: &[Period]) -> TariffSetRequest {
    TariffSetRequest { periods: coarse(periods), ..Default::default() }
}

/// 1105.
pub(super) fn fine_request(periods: &[Period]) -> TimeOfUseTariffSetRequest {
    TimeOfUseTariffSetRequest { periods: fine(periods), ..Default::default() }
}

/// The half hours with equal prices that follow each other, from 00:00 to 24:00.
fn periods(terms: &TariffTerms) -> Vec<Period> {
    let slots = terms.schedule().slots();
    let prices = |tier: &Tier| terms.prices().get(*tier);
    let mut from = 0;
    let mut periods = Vec::new();
    for run in slots.chunk_by(|one, other| prices(one) == prices(other)) {
        let Some(tier) = run.first().copied() else { continue };
        let price = prices(&tier);
        let to = from + run.len();
        periods.push(Period { from, to, tier, electricity: price.electricity, service: price.service });
        from = to;
    }
    periods
}

fn coarse(periods: &[Period]) -> [TariffPeriod; PERIODS] {
    all(periods, |period| {
        let [start_hour, start_minute, end_hour, end_minute] = bounds(period);
        let electricity_price = YuanPerKwh::from_raw(period.electricity.steps() / STEPS_PER_FEN);
        TariffPeriod { start_hour, start_minute, end_hour, end_minute, electricity_price }
    })
}

fn fine(periods: &[Period]) -> [TimeOfUsePeriod; PERIODS] {
    let price = |price: Price| YuanPerKwh::from_raw(price.steps() / STEPS_PER_FINE);
    all(periods, |period| {
        let [start_hour, start_minute, end_hour, end_minute] = bounds(period);
        let (electricity_price, service_price) = (price(period.electricity), price(period.service));
        TimeOfUsePeriod { start_hour, start_minute, end_hour, end_minute, electricity_price, service_price }
    })
}

/// All the periods that a message has; those that are not used are zero.
fn all<T: Default>(periods: &[Period], told: impl Fn(&Period) -> T) -> [T; PERIODS] {
    std::array::from_fn(|place| periods.get(place).map(&told).unwrap_or_default())
}

/// Hour and minute of both ends.
fn bounds(period: &Period) -> [u8; 4] {
    let clock = |half_hour: usize| {
        let half_hour = u8::try_from(half_hour).unwrap_or_default();
        [half_hour / 2, half_hour % 2 * 30]
    };
    let ([start_hour, start_minute], [end_hour, end_minute]) = (clock(period.from), clock(period.to));
    [start_hour, start_minute, end_hour, end_minute]
}

/// What the slots of a record are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slots {
    /// Half hours of the day.
    HalfHours,
    /// Periods of the tariff.
    Periods,
}

/// What is known of a charge besides its slots, to tell what those are.
pub(super) struct Sale<'a> {
    /// What the pile was to sell by when the charge began; it may have got that later.
    pub(super) terms: &'a TariffTerms,
    /// The half hours that the charge touched; `None` where its times make no sense.
    pub(super) touched: Option<[bool; HALF_HOURS_PER_DAY]>,
    /// All that the pile asks for.
    pub(super) amount: Amount,
}

/// Money that a reading may miss of what the pile asks for, which is what piles lose to rounding.
const MONEY_OFF: Amount = Amount::from_steps(500);

/// What the slots of a record are, and whether that is what the tariff lays down: periods after a tariff of 1105, half
/// hours after one of 1103. A pile that got its tariff after the charge began, or still sells by another, writes as that
/// one has it. So the charge's time and money are witnesses: where they speak against the tariff's reading and for the
/// other one, it is that one; and half hours, where only those make sense by the time.
pub(super) fn slots_are(form: &Form, energies: &[Energy; HALF_HOURS_PER_DAY], sale: &Sale<'_>) -> (Slots, bool) {
    let (expected, other) = match form {
        Form::Coarse(..) => (Slots::HalfHours, Slots::Periods),
        Form::Fine(_) => (Slots::Periods, Slots::HalfHours),
    };
    let in_time = |slots| is_in_time(slots, form.periods(), energies, sale.touched.as_ref());
    let agrees = |slots| in_time(slots) && is_money_right(slots, form.periods(), energies, sale);
    let only_half_hours = expected == Slots::Periods && !in_time(expected) && in_time(other);
    if only_half_hours || (agrees(other) && !agrees(expected)) { (other, false) } else { (expected, true) }
}

/// Whether a reading has energy only where the charge was.
fn is_in_time(
    slots: Slots,
    periods: &[Period],
    energies: &[Energy; HALF_HOURS_PER_DAY],
    touched: Option<&[bool; HALF_HOURS_PER_DAY]>,
) -> bool {
    let mut sold = energies.iter().enumerate().filter(|(_, energy)| **energy > Energy::ZERO).map(|(slot, _)| slot);
    sold.all(|slot| match slots {
        Slots::HalfHours => touched.is_none_or(|touched| touched.get(slot).copied().unwrap_or_default()),
        Slots::Periods => {
            let period = periods.get(slot);
            period.is_some_and(|period| touched.is_none_or(|touched| is_touched(touched, period)))
        }
    })
}

/// Whether a reading comes to what the pile asks for.
fn is_money_right(slots: Slots, periods: &[Period], energies: &[Energy; HALF_HOURS_PER_DAY], sale: &Sale<'_>) -> bool {
    let by_tier = match slots {
        Slots::Periods => by_tier(periods, energies),
        Slots::HalfHours => {
            let usage = HalfHourUsage { energies: *energies, ..HalfHourUsage::default() };
            tiers_of_half_hours(&usage, sale.terms.schedule())
        }
    };
    bill(sale.terms, &by_tier).total.steps().abs_diff(sale.amount.steps()) <= MONEY_OFF.steps().unsigned_abs()
}

fn is_touched(touched: &[bool; HALF_HOURS_PER_DAY], period: &Period) -> bool {
    touched.get(period.from..period.to).is_some_and(|its| its.contains(&true))
}

/// The half hours that a charge touches, each with its neighbours: clocks of pile and platform may differ a little.
/// Bounds in minutes of the first day.
pub(super) fn touched(from_minute: u32, minutes: u32) -> [bool; HALF_HOURS_PER_DAY] {
    let (first, last) = (from_minute / 30, (from_minute + minutes) / 30);
    let mut touched = [false; HALF_HOURS_PER_DAY];
    let day = HALF_HOURS_PER_DAY as u32;
    let span = (last - first + 3).min(day);
    for step in 0..span {
        let half_hour = (first + day - 1 + step) % day;
        if let Some(place) = touched.get_mut(half_hour as usize) {
            *place = true;
        }
    }
    touched
}

/// Energies by period as energies by tier.
pub(super) fn by_tier(periods: &[Period], energies: &[Energy; HALF_HOURS_PER_DAY]) -> PerTier<Energy> {
    PerTier::from_fn(|tier| {
        let its = periods.iter().zip(energies).filter(|(period, _)| period.tier == tier);
        Energy::from_steps(its.fold(0_u64, |sum, (_, energy)| sum.saturating_add(energy.steps())))
    })
}

/// The periods of 1102 in JSON, for people.
pub(super) fn coarse_json(told: &[TariffPeriod]) -> serde_json::Value {
    let used = told.iter().take_while(|period| (period.end_hour, period.end_minute) != (0, 0));
    used.map(|period| {
        serde_json::json!({
            "from": clock(period.start_hour, period.start_minute),
            "to": clock(period.end_hour, period.end_minute),
            "electricity": price(period.electricity_price.raw(), STEPS_PER_FEN),
        })
    })
    .collect()
}

/// The periods of 1108 in JSON, for people.
pub(super) fn fine_json(told: &[TimeOfUsePeriod]) -> serde_json::Value {
    let used = told.iter().take_while(|period| (period.end_hour, period.end_minute) != (0, 0));
    used.map(|period| {
        serde_json::json!({
            "from": clock(period.start_hour, period.start_minute),
            "to": clock(period.end_hour, period.end_minute),
            "electricity": price(period.electricity_price.raw(), STEPS_PER_FINE),
            "service": price(period.service_price.raw(), STEPS_PER_FINE),
        })
    })
    .collect()
}

fn clock(hour: u8, minute: u8) -> String {
    format!("{hour:02}:{minute:02}")
}

fn price(raw: u64, steps: u32) -> Price {
    Price::from_steps(u32::try_from(raw).unwrap_or(u32::MAX).saturating_mul(steps))
}

#[cfg(test)]
mod tests;

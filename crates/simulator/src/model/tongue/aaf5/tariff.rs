//! A tariff of AA F5 as the model bills by it: a price for each period.

use voltapile_protocol::aaf5::field::PERIODS;
use voltapile_protocol::aaf5::session::pile::{PileTariff, Prices};

use super::Aaf5Tongue;
use crate::model::tariff::{Rate, SLOTS, Tariff};

impl Aaf5Tongue {
    /// The tariff that the pile was given last, with the service price that it was given.
    pub(super) fn tariff(&self) -> Option<Tariff> {
        neutral(self.session.tariff()?, self.session.service_price())
    }
}

fn neutral(tariff: &PileTariff, service_price: u32) -> Option<Tariff> {
    let mut rates = vec![Rate::default(); PERIODS];
    let mut slots = [0; SLOTS];
    for (half_hour, slot) in slots.iter_mut().enumerate() {
        let period = tariff.period_of(half_hour)?;
        let Prices { electricity, service } = tariff.prices_at(half_hour, service_price)?;
        let (electricity, service) = (u64::from(electricity) * 10, u64::from(service) * 10);
        *rates.get_mut(period)? = Rate { electricity, service };
        *slot = u8::try_from(period).ok()?;
    }
    let sold_by_rate = matches!(tariff, PileTariff::TimeOfUse(_));
    Some(Tariff { rates, loss_percent: 0, slots, sold_by_rate })
}

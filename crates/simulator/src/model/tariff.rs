//! A tariff as the model bills by it, whichever protocol brought it.

/// Half hours of a day.
pub(super) const SLOTS: usize = 48;

/// Prices of electricity and service, 1e-5 yuan/kWh.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Rate {
    pub(super) electricity: u64,
    pub(super) service: u64,
}

impl Rate {
    /// Both together.
    pub(super) const fn unit_price(self) -> u64 {
        self.electricity + self.service
    }
}

/// Which price holds when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tariff {
    /// The prices: by tier with YKC, by period with AA F5.
    pub(super) rates: Vec<Rate>,
    /// Loss between meter and plug that is billed, in per cent.
    pub(super) loss_percent: u8,
    /// Which of the prices each half hour has; a number beyond them means the last, so that nothing is free.
    pub(super) slots: [u8; SLOTS],
    /// Whether records tell energy by price instead of by half hour.
    pub(super) sold_by_rate: bool,
}

impl Tariff {
    /// Position of the price of a half hour.
    pub(super) fn rate_of(&self, slot: usize) -> usize {
        let rate = self.slots.get(slot).copied().unwrap_or_default();
        usize::from(rate).min(self.rates.len().saturating_sub(1))
    }
}

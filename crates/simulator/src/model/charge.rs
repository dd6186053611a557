//! One charge from its start to its end.

use voltapile_protocol::ykc::code::StartSource;
use voltapile_protocol::ykc::field::PhysicalCardNumber;

use super::battery::Demand;
use super::bill::Bill;
use super::car::Car;
use super::clock::Moment;
use super::supply::{Output, Supply};
use super::transaction::TransactionNumber;

/// Longest step of simulated time in which power counts as constant.
const STEP_MS: u64 = 5_000;

/// Until when a start lets a charge go on, besides its balance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// So many seconds, simulated.
    Seconds(u32),
    /// So much money, 1e-4 yuan.
    Amount(u64),
    /// So much energy, 1e-4 kWh.
    Energy(u64),
}

/// One charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Charge {
    pub(super) transaction_number: TransactionNumber,
    pub(super) start_source: StartSource,
    pub(super) card: PhysicalCardNumber,
    pub(super) car: Car,
    /// Whether the car stays plugged in afterwards, until somebody unplugs it.
    pub(super) stays: bool,
    pub(super) bill: Bill,
    pub(super) start_unix_ms: u64,
    /// Reading of the meter at the start, 1e-4 kWh.
    pub(super) meter_start: u64,
    /// Money the account has, 1e-4 yuan; `None` when nobody said.
    pub(super) balance: Option<u64>,
    /// What the start allowed; `None` until the car is full.
    pub(super) limit: Option<Limit>,
    /// Energy at which it ends while the platform cannot be reached, 1e-4 kWh; `None` where it goes on.
    pub(super) offline_energy: Option<u64>,
    /// What somebody must enter who stops it at the pile.
    pub(super) stop_password: Option<u32>,
    /// Highest current that the platform allows this charge, in 0.1 A.
    pub(super) current_limit_da: Option<u64>,
    /// State of charge at which the platform has it end, in per cent.
    pub(super) most_soc: Option<u8>,
    /// Whether the platform can be reached.
    pub(super) is_offline: bool,
    /// State of charge when it began, in per cent.
    pub(super) soc_start: u8,
    /// Simulated time since the start.
    pub(super) elapsed_ms: u64,
    /// What flowed last.
    pub(super) output: Output,
    /// What the battery asked for last.
    pub(super) demand: Demand,
    /// Up to when it was computed.
    pub(super) computed_to: Moment,
}

impl Charge {
    /// Computes the charge up to `now` at `speed`, with what the connector can give. Gives back why it ended, when it did.
    pub(super) fn advance(&mut self, now: Moment, speed: u32, supply: Supply) -> Option<End> {
        let speed = u64::from(speed.max(1));
        let wall_ms = now.tick.0.saturating_sub(self.computed_to.tick.0);
        let begin_unix_ms = self.computed_to.unix_ms;
        let simulated_ms = wall_ms * speed;
        let mut done_ms = 0;
        let mut end = None;
        while done_ms < simulated_ms && end.is_none() {
            let step_ms = STEP_MS.min(simulated_ms - done_ms);
            end = self.step(begin_unix_ms + done_ms / speed, step_ms, supply);
            self.elapsed_ms += step_ms;
            done_ms += step_ms;
        }
        self.computed_to = now;
        end
    }

    fn step(&mut self, unix_ms: u64, step_ms: u64, supply: Supply) -> Option<End> {
        (self.output, self.demand) = supply.give(&mut self.car, step_ms);
        self.bill.deliver(unix_ms, self.output.energy(step_ms));
        if self.car.battery.has_reached(self.car.target_permille) {
            let is_full = self.car.target_permille >= 1_000;
            return Some(if is_full { End::Full } else { End::ByHand });
        }
        if self.most_soc.is_some_and(|soc| self.car.battery.has_reached(u64::from(soc) * 10)) {
            return Some(End::SocReached);
        }
        self.reached(self.elapsed_ms + step_ms)
    }

    /// Which of its limits the charge has reached after so many milliseconds.
    fn reached(&self, elapsed_ms: u64) -> Option<End> {
        if let Some(Limit::Seconds(seconds)) = self.limit
            && elapsed_ms >= u64::from(seconds) * 1_000
        {
            return Some(End::TimeReached);
        }
        let is_limited = self.balance.is_some() || self.limit.is_some() || self.offline_energy.is_some();
        if !is_limited {
            return None;
        }
        let total = self.bill.total();
        let (energy, amount) = (u64::from(total.energy), u64::from(total.amount));
        match self.limit {
            Some(Limit::Amount(most)) if amount >= most => return Some(End::AmountReached),
            Some(Limit::Energy(most)) if energy >= most => return Some(End::EnergyReached),
            _ => {}
        }
        if self.balance.is_some_and(|balance| amount >= balance) {
            return Some(End::BalanceTooLow);
        }
        (self.is_offline && self.offline_energy.is_some_and(|most| energy >= most)).then_some(End::OfflineLimit)
    }

    /// Temperature of the cable, in °C: the air's, and what the square of the current adds; 40 K at 250 A.
    pub(super) fn cable_celsius(&self) -> i64 {
        let tens_of_amperes = i64::try_from(self.output.current_da / 100).unwrap_or_default();
        i64::from(self.car.ambient_celsius) + tens_of_amperes * tens_of_amperes * 40 / 625
    }

    /// Simulated minutes until the target at the present current.
    pub(super) fn remaining_minutes(&self) -> u64 {
        self.car.battery.minutes_to(self.car.target_permille)
    }
}

/// Why a charge ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Stopped by the platform.
    Remote,
    /// 100 %.
    Full,
    /// At the pile.
    ByHand,
    /// The account is empty.
    BalanceTooLow,
    /// What the start allowed has flowed.
    EnergyReached,
    /// The start allowed no more money.
    AmountReached,
    /// The platform allows no higher state of charge.
    SocReached,
    /// The start allowed no more time.
    TimeReached,
    /// The platform cannot be reached, and the start allowed no more without it.
    OfflineLimit,
    /// The pile is locked or restarts.
    System,
    /// The plug was pulled: the control pilot is open.
    Unplugged,
    /// The meter does not answer.
    MeterLost,
    /// Mains failed.
    PowerLost,
    /// The fuse or another protection on the DC side.
    DcProtection,
    /// A rectifier module.
    PowerModule,
    /// The emergency stop.
    EmergencyStop,
    /// The surge protector.
    SurgeProtector,
    /// The pile is too hot.
    Temperature,
    /// No output.
    Output,
    /// The battery is too hot.
    BatteryTooHot,
    /// The battery management system tells its state no more.
    BatterySilent,
}

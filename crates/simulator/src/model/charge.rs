//! One charge from its start to its end.

use voltapile_protocol::ykc::code::{StartSource, StopReason};
use voltapile_protocol::ykc::field::{PhysicalCardNumber, TransactionNumber};

use super::battery::Demand;
use super::bill::Bill;
use super::car::Car;
use super::clock::Moment;
use super::supply::{Output, Supply};

/// Longest step of simulated time in which power counts as constant.
const STEP_MS: u64 = 5_000;

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
    pub(super) fn advance(&mut self, now: Moment, speed: u32, supply: Supply) -> Option<StopReason> {
        let speed = u64::from(speed.max(1));
        let wall_ms = now.tick.0.saturating_sub(self.computed_to.tick.0);
        let begin_unix_ms = self.computed_to.unix_ms;
        let simulated_ms = wall_ms * speed;
        let mut done_ms = 0;
        let mut end = None;
        while done_ms < simulated_ms && end.is_none() {
            let step_ms = STEP_MS.min(simulated_ms - done_ms);
            end = self.step(begin_unix_ms + done_ms / speed, step_ms, supply);
            done_ms += step_ms;
        }
        self.elapsed_ms += done_ms;
        self.computed_to = now;
        end
    }

    fn step(&mut self, unix_ms: u64, step_ms: u64, supply: Supply) -> Option<StopReason> {
        (self.output, self.demand) = supply.give(&mut self.car, step_ms);
        self.bill.deliver(unix_ms, self.output.energy(step_ms));
        if self.car.battery.has_reached(self.car.target_permille) {
            let is_full = self.car.target_permille >= 1_000;
            return Some(if is_full { stop::FULL } else { stop::BY_HAND });
        }
        let is_spent = self.balance.is_some_and(|balance| u64::from(self.bill.total().amount) >= balance);
        is_spent.then_some(stop::BALANCE_TOO_LOW)
    }

    /// Simulated minutes until the target at the present current.
    pub(super) fn remaining_minutes(&self) -> u64 {
        self.car.battery.minutes_to(self.car.target_permille)
    }
}

/// Reasons for an end that the model knows.
pub(super) mod stop {
    use super::StopReason;

    /// Stopped from the app.
    pub(in crate::model) const REMOTE: StopReason = StopReason(0x40);
    /// 100 %.
    pub(in crate::model) const FULL: StopReason = StopReason(0x41);
    /// At the pile.
    pub(in crate::model) const BY_HAND: StopReason = StopReason(0x45);
    /// The account is empty.
    pub(in crate::model) const BALANCE_TOO_LOW: StopReason = StopReason(0x6E);
    /// The pile is locked or restarts.
    pub(in crate::model) const SYSTEM: StopReason = StopReason(0x6A);
    /// The plug was pulled: the control pilot is open.
    pub(in crate::model) const UNPLUGGED: StopReason = StopReason(0x6B);
    /// The meter does not answer.
    pub(in crate::model) const METER_LOST: StopReason = StopReason(0x6D);
    /// Mains failed.
    pub(in crate::model) const POWER_LOST: StopReason = StopReason(0x83);
    /// The fuse or another protection on the DC side.
    pub(in crate::model) const DC_PROTECTION: StopReason = StopReason(0x70);
    /// A rectifier module.
    pub(in crate::model) const POWER_MODULE: StopReason = StopReason(0x71);
    /// The emergency stop.
    pub(in crate::model) const EMERGENCY_STOP: StopReason = StopReason(0x72);
    /// The surge protector.
    pub(in crate::model) const SURGE_PROTECTOR: StopReason = StopReason(0x73);
    /// The pile is too hot.
    pub(in crate::model) const TEMPERATURE: StopReason = StopReason(0x74);
    /// No output.
    pub(in crate::model) const OUTPUT: StopReason = StopReason(0x75);
    /// The battery is too hot.
    pub(in crate::model) const BATTERY_TOO_HOT: StopReason = StopReason(0x7C);
    /// The battery management system tells its state no more.
    pub(in crate::model) const BCS_TIMEOUT: StopReason = StopReason(0x84);
}

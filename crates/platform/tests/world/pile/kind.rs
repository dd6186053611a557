//! The two kinds of piles: those that bill by tier, and those that bill by half hour, say when they prepare and have
//! finished, keep connectors for later, and send records again.

use voltapile_platform::command::CommandResult;
use voltapile_platform::identity::{CommandId, ConnectorNumber, TransactionNumber};
use voltapile_platform::pace::Pace;
use voltapile_platform::record::{HalfHourUsage, RecordReading, Sold};
use voltapile_platform::telemetry::ConnectorState;
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::{Amount, Energy};

use super::{Charge, Doings, Gun, VirtualPile};
use crate::message::{Up, done, refused};

/// How a pile talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Bills by tier; idle until it charges.
    Tiers,
    /// Bills by half hour, and says more of a start.
    HalfHours,
}

impl Kind {
    pub(crate) const fn protocol(self) -> &'static str {
        match self {
            Self::Tiers => "ykc",
            Self::HalfHours => "aaf5",
        }
    }

    pub(crate) fn pace(self) -> Pace {
        match self {
            Self::Tiers => Pace::default(),
            Self::HalfHours => Pace { prepare_within_s: 150, record_within_s: 60, ..Pace::default() },
        }
    }
}

impl Gun {
    /// What a pile that says more of a start says of a connector that does not charge, and of which charge.
    pub(super) fn between_charges(&self, now: Timestamp) -> (ConnectorState, TransactionNumber) {
        match (&self.start, self.finished) {
            (Some(start), _) if start.waits_until.is_some() => (ConnectorState::Idle, TransactionNumber::ZERO),
            (Some(start), _) if start.begins_at.is_some_and(|at| now < at) => (ConnectorState::Reserved, start.number),
            (Some(start), _) => (ConnectorState::Preparing, start.number),
            (None, Some(number)) if self.car.is_some() => (ConnectorState::Finished, number),
            (None, _) => (ConnectorState::Idle, TransactionNumber::ZERO),
        }
    }
}

impl Charge {
    /// What a pile that counts half hours bills: energies with loss, electricity and service.
    pub(super) fn by_half_hour(&self) -> (Sold, Energy, Amount) {
        let mut usage = HalfHourUsage::default();
        for (place, energy) in usage.energies.iter_mut().zip(self.half_hours) {
            *place = Energy::from_steps(self.with_loss(energy));
        }
        let total = usage.energies.iter().map(|energy| energy.steps()).sum();
        let (electricity, service) = self.parts();
        (usage.electricity, usage.service) = (Some(electricity), Some(service));
        let amount = Amount::from_steps(electricity.steps() + service.steps());
        (Sold::half_hours(usage), Energy::from_steps(total), amount)
    }
}

impl VirtualPile {
    /// Gives up a start that waits for its time.
    pub(super) fn cancel(
        &mut self,
        command: CommandId,
        connector: ConnectorNumber,
        now: Timestamp,
        doings: &mut Doings,
    ) {
        let gun = self.gun_mut(connector);
        let reserved = gun.start.as_ref().is_some_and(|start| start.begins_at.is_some());
        let result = if reserved { done() } else { refused("not_reserved") };
        if reserved {
            gun.start = None;
        }
        doings.ups.push(Up::Answer { command, result });
        self.report(connector, now, doings);
    }

    /// Sends a bill again that it still has.
    pub(super) fn send_again(&mut self, wanted: Option<TransactionNumber>, doings: &mut Doings) -> CommandResult {
        if self.kind == Kind::Tiers {
            return CommandResult::Impossible("the pile's protocol can't ask for records".to_owned());
        }
        let held = self.bills.iter().map(|bill| (bill.number, &bill.reading));
        let known = self.acknowledged.iter().map(|(number, reading)| (*number, reading));
        let found = held.chain(known).find_map(|(number, reading)| match reading {
            RecordReading::Parsed(record) if Some(number) == wanted => {
                Some((record.connector, number, reading.clone()))
            }
            _ => None,
        });
        let Some((connector, number, reading)) = found else { return refused("not_found") };
        doings.ups.push(Up::Record { connector, number, reading: Box::new(reading) });
        done()
    }
}

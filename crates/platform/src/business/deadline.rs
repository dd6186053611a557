//! Moments that were asked for, and the server's start.

use super::{Business, BusinessError, Due};
use crate::order::machine::Input;
use crate::order::{Order, OrderState};

/// States of orders that something must become of without a person.
const WAITING: [OrderState; 5] =
    [OrderState::Created, OrderState::Starting, OrderState::Charging, OrderState::Stopping, OrderState::AwaitingRecord];
/// Open orders that a start of the server looks at, of each state.
const RESUMED_MAX: usize = 10_000_000;

impl Business<'_> {
    /// A moment that was asked for has come. One that has been overtaken since does nothing, but asks for the moment that
    /// counts now; so does one that is not there yet, because the clock was set back.
    ///
    /// # Errors
    /// When the books fail.
    pub fn due(&mut self, due: Due) -> Result<(), BusinessError> {
        match due {
            Due::Order(order) => {
                let Some(order) = self.books.get::<Order>(&order)? else { return Ok(()) };
                if let Some(later) = order.deadline.filter(|deadline| *deadline > self.now) {
                    self.reaction.due.push((later, Due::Order(order.id)));
                    return Ok(());
                }
                self.drive(order, &Input::Deadline)?;
                Ok(())
            }
            Due::Command(command) => self.command_due(command),
            Due::Tariffs => self.tariffs_becoming_effective().map(|_| ()),
            Due::PileTariff(pile) => self.push_tariff(pile),
        }
    }

    /// The server starts: all open orders and their deadlines are told to it. No pile is connected yet, so charges that
    /// were running wait for theirs, and go on or end as it says when it is back. Commands and tariffs are seen to as well.
    ///
    /// # Errors
    /// When the books fail.
    pub fn resume(&mut self) -> Result<(), BusinessError> {
        for state in WAITING {
            for order in self.books.find::<Order>("state", state, RESUMED_MAX)? {
                let deadline = order.deadline;
                let order = self.drive(order, &Input::PileOffline)?;
                self.reaction.orders.push((&order).into());
                if let Some(unchanged) = order.deadline.filter(|now| Some(*now) == deadline) {
                    self.reaction.due.push((unchanged, Due::Order(order.id)));
                }
            }
        }
        self.resume_commands()?;
        self.tariffs_becoming_effective().map(|_| ())
    }
}

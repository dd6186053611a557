//! Carrying out what the order machine asks for: money, books, events, commands.

use serde::Serialize;

use super::command::NewCommand;
use super::{Business, BusinessError, Due, OrderBrief};
use crate::book::BooksError;
use crate::command::{Command, CommandAction, CommandState};
use crate::event::{Event, EventType};
use crate::identity::{ConnectorNumber, OrderId, PileCode, TransactionNumber};
use crate::order::machine::{Effect, Input, PARALLEL_FAILED, step};
use crate::order::{Order, OrderState, OrderView, Progress, connector_key};
use crate::pile::Pile;

/// Open orders of one pile, one account or one parallel charge that are looked at. Most are abnormal ones that nobody has
/// dealt with: they come first, and what charges now must be found behind them.
pub(super) const OPEN_ORDERS_MAX: usize = 10_000;
/// Commands of one order that are looked at for one that is still open.
const COMMANDS_MAX: usize = 200;

impl From<&Order> for OrderBrief {
    fn from(order: &Order) -> Self {
        Self {
            order: order.id,
            pile: order.pile,
            connector: order.connector,
            transaction_number: order.transaction_number,
            state: order.state,
            holds_connector: order.open_on.is_some(),
        }
    }
}

impl Business<'_> {
    /// Moves an order on by what happened and does what follows from it. The order as it is afterwards.
    pub(super) fn drive(&mut self, mut order: Order, input: &Input) -> Result<Order, BusinessError> {
        let before = order.clone();
        self.hear_of(&mut order);
        if matches!(input, Input::ChargingSeen { .. }) {
            self.price_late(&mut order)?;
        }
        let effects = step(&mut order, input, self.now, self.rules);
        if order == before && effects.is_empty() {
            return Ok(order);
        }
        for effect in &effects {
            match effect {
                Effect::Pay(due) => self.pay(&mut order, *due)?,
                Effect::Release => self.release(&mut order)?,
                _ => {}
            }
        }
        self.keep_order(Some(&before), &order)?;
        for effect in &effects {
            if let Effect::Emit(event_type) = effect {
                self.tell_order(*event_type, &order)?;
            }
        }
        // From here on others may move the same order: what comes back is read again.
        for effect in &effects {
            match effect {
                Effect::SendStop => self.send_stop(&order)?,
                Effect::AskPile => self.ask_pile(&order)?,
                Effect::StopGroup => self.stop_rest_of(&order, PARALLEL_FAILED)?,
                Effect::CloseAlarms => self.close_order_alarms(order.id)?,
                Effect::Emit(_) | Effect::Pay(_) | Effect::Release => {}
            }
        }
        Ok(self.books.get(&order.id)?.unwrap_or(order))
    }

    /// Takes over how far a charge has come, before anything is decided by it.
    fn hear_of(&self, order: &mut Order) {
        let runs = matches!(order.state, OrderState::Charging | OrderState::Stopping | OrderState::AwaitingRecord);
        if runs && order.record.is_none() {
            self.bring_up_to_date(order);
        }
    }

    /// Takes over what was last heard of a charge; what is later than its end is of another one.
    pub(super) fn bring_up_to_date(&self, order: &mut Order) {
        let over = |heard: &Progress| order.ended_at.is_some() && heard.at > order.ended_at;
        let heard = self.presence.progress(order).filter(|heard| heard.at > order.progress.at && !over(heard));
        order.progress = heard.unwrap_or(order.progress);
    }

    /// A charge that was asked for ahead is sold by the tariff that its pile runs when it begins: that may be another one
    /// by then.
    fn price_late(&mut self, order: &mut Order) -> Result<(), BusinessError> {
        if order.state != OrderState::Starting || order.options.start_at.is_none() {
            return Ok(());
        }
        let Some(pile) = self.books.get::<Pile>(&order.pile)? else { return Ok(()) };
        let running = self.tariff_of_start(&pile)?.map(|version| version.reference());
        if let Some(running) = running.filter(|running| order.tariff.as_ref() != Some(running)) {
            self.tariff_used(&running)?;
            order.tariff = Some(running);
        }
        Ok(())
    }

    /// Writes an order down, and notes what the server must know of it.
    pub(super) fn keep_order(&mut self, before: Option<&Order>, order: &Order) -> Result<(), BooksError> {
        self.books.put(order)?;
        if before.is_none_or(|before| OrderBrief::from(before) != OrderBrief::from(order)) {
            self.reaction.orders.push(order.into());
            self.show_ready(order)?;
        }
        if let Some(deadline) = order.deadline.filter(|_| before.is_none_or(|before| before.deadline != order.deadline))
        {
            self.reaction.due.push((deadline, Due::Order(order.id)));
        }
        Ok(())
    }

    /// Tells the world of an order as it is now.
    pub(super) fn tell_order(&mut self, event_type: EventType, order: &Order) -> Result<(), BooksError> {
        let view = OrderView::from(order.clone());
        self.tell(event_type, order.pile, format!("orders/{}", order.id), &view, order.operator.clone())
    }

    /// Tells the world of something at a pile.
    pub(super) fn tell(
        &mut self,
        event_type: EventType,
        pile: PileCode,
        subject: String,
        data: &impl Serialize,
        operator: Option<crate::identity::OperatorId>,
    ) -> Result<(), BooksError> {
        let event = Event::new(event_type, self.now, subject, data);
        self.books.append(&event.of_pile(pile).of_operator(operator))
    }

    /// The order that holds a connector.
    pub(super) fn holder(&mut self, pile: PileCode, connector: ConnectorNumber) -> Result<Option<Order>, BooksError> {
        self.books.first("open_on", connector_key(pile, connector))
    }

    /// The order of a number on a pile; the newest where a number was given twice.
    pub(super) fn order_numbered(
        &mut self,
        pile: PileCode,
        number: TransactionNumber,
    ) -> Result<Option<Order>, BooksError> {
        if number.is_zero() {
            return Ok(None);
        }
        let mut orders: Vec<Order> = self.books.find("transaction_number", number, OPEN_ORDERS_MAX)?;
        orders.retain(|order| order.pile == pile);
        Ok(orders.pop())
    }

    /// Orders of a pile that are not at their end, oldest first.
    pub(super) fn open_orders_of(&mut self, pile: PileCode) -> Result<Vec<Order>, BooksError> {
        self.books.find("open_pile", pile, OPEN_ORDERS_MAX)
    }

    /// The stop command of an order that is on its way or waits for its turn.
    pub(super) fn open_stop(&mut self, order: &Order) -> Result<Option<Command>, BooksError> {
        let commands: Vec<Command> = self.books.find("order", order.id, COMMANDS_MAX)?;
        let stop = order.stop_action(self.now);
        Ok(commands.into_iter().find(|command| command.request == stop && !command.state.is_end()))
    }

    /// Tells the pile to stop, once: while a stop is on its way there is no second one. A pile that is away is told
    /// when it comes back, or when it reports that it charges.
    fn send_stop(&mut self, order: &Order) -> Result<(), BusinessError> {
        self.take_back_start(order.id)?;
        if !self.presence.is_online(order.pile) || self.open_stop(order)?.is_some() {
            return Ok(());
        }
        self.ask_quietly(order, order.stop_action(self.now))
    }

    /// Takes back a start that still waits for its turn: it must not go out after the order has ended.
    fn take_back_start(&mut self, order: OrderId) -> Result<(), BusinessError> {
        let commands: Vec<Command> = self.books.find("order", order, COMMANDS_MAX)?;
        for command in commands {
            let is_start =
                matches!(command.request, CommandAction::StartCharge { .. } | CommandAction::StartParallel { .. });
            if is_start && command.state == CommandState::Queued {
                self.cancel_command(command.id, "platform")?;
            }
        }
        Ok(())
    }

    /// Asks for the record that is awaited, and what the connector does; where a person asked for it, the pile may take
    /// its time to come back. A pile whose protocol can't ask for records shows by its state whether one is due.
    fn ask_pile(&mut self, order: &Order) -> Result<(), BusinessError> {
        if !self.presence.is_online(order.pile) {
            return Ok(());
        }
        self.ask_quietly(order, CommandAction::ReadTelemetry { connector: order.connector })?;
        // One that can't be read is none.
        if order.settlement.is_some() || order.transaction_number.is_zero() {
            return Ok(());
        }
        let transaction_number = Some(order.transaction_number);
        self.ask_quietly(order, CommandAction::ReadRecord { transaction_number, index: None })
    }

    /// Queues a command for an order. That the pile can't take it changes nothing for the order: its deadline counts.
    pub(super) fn ask_quietly(&mut self, order: &Order, request: CommandAction) -> Result<(), BusinessError> {
        let new = NewCommand { order: Some(order.id), ..NewCommand::of_platform(order.pile, request) };
        match self.queue_command(new) {
            Ok(_) | Err(BusinessError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Stops the other orders of a parallel charge, for a reason in a stable word.
    pub(super) fn stop_rest_of(&mut self, order: &Order, reason: &'static str) -> Result<(), BusinessError> {
        let Some(group) = &order.group else { return Ok(()) };
        let others: Vec<Order> = self.books.find("group", group, OPEN_ORDERS_MAX)?;
        for other in others.into_iter().filter(|other| other.id != order.id) {
            if matches!(other.state, OrderState::Created | OrderState::Starting | OrderState::Charging) {
                let other = self.drive(other, &Input::StopAsked { reason })?;
                if !self.presence.is_online(other.pile) {
                    // It is told when it is back.
                    self.drive(other, &Input::PileOffline)?;
                }
            }
        }
        Ok(())
    }
}

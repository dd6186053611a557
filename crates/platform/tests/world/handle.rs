//! What each thing that happens leads to: the gateway's part, one call of the business each.

use voltapile_platform::business::{BusinessError, ConnectorReport, NewCommand, ReceivedRecord, StartDecision};
use voltapile_platform::command::{Command, CommandAction, CommandResult};
use voltapile_platform::identity::CommandId;
use voltapile_platform::order::Order;
use voltapile_platform::record::RecordReading;
use voltapile_platform::tariff::{TariffCheck, check_tariff};

use crate::message::{Down, Happening, LinkId, Timer, Up, short};
use crate::platform::Worked;
use crate::records::{Outcome, StoredRecord};
use crate::world::World;

impl World {
    pub(crate) fn handle(&mut self, happening: Happening) {
        match happening {
            Happening::Up { link, pile, message } => self.up(link, pile, message),
            Happening::Down { link, pile, message } => {
                if self.links[pile] == Some(link) {
                    self.note(|world| format!("pile {} hears {}", short(world.piles[pile].code), heard(&message)));
                    self.with_pile(pile, |pile, now, doings| pile.hear(message, now, doings));
                }
            }
            Happening::Pile { pile, timer: Timer::Connect, .. } => self.connect(pile),
            Happening::Pile { pile, epoch, timer } => {
                if self.piles[pile].epoch == epoch {
                    if !matches!(timer, Timer::Report(_) | Timer::Bills) {
                        self.note(|world| format!("pile {}: {timer:?}", short(world.piles[pile].code)));
                    }
                    self.with_pile(pile, |pile, now, doings| pile.timer(timer, now, doings));
                }
            }
            Happening::LinkGone { link, pile } => self.link_gone(link, pile),
            Happening::Wake => self.wake(),
            Happening::Unanswered { link, command } => {
                let now = self.now;
                let pending = &mut self.platform.memory.pending;
                if pending.get(&command) == Some(&(link, now)) {
                    pending.remove(&command);
                    self.command_ended(command, CommandResult::TimedOut);
                }
            }
            Happening::Undeliverable(command) => self.command_ended(command, undeliverable()),
            Happening::Judge => self.judge(),
            Happening::People => self.people(),
            Happening::Thaw(account) => self.thaw(account),
            Happening::Assign(station) => self.assign(station),
            Happening::Enable(pile) => self.enable(pile),
            Happening::Restart => self.restart(),
        }
    }

    fn connect(&mut self, pile: usize) {
        if self.links[pile].is_some() || self.piles[pile].gone {
            return;
        }
        if !self.platform.up {
            let again = self.dice.between(5, 60);
            let epoch = self.piles[pile].epoch;
            return self.after(again, Happening::Pile { pile, epoch, timer: Timer::Connect });
        }
        self.links[pile] = Some(self.network.open(pile));
        self.note(|world| format!("pile {} connects", short(world.piles[pile].code)));
        self.with_pile(pile, |pile, now, doings| pile.connected(now, doings));
    }

    fn link_gone(&mut self, link: LinkId, pile: usize) {
        let code = self.piles[pile].code;
        let Some(known) = self.platform.memory.piles.get_mut(&code) else { return };
        if known.link == Some(link) {
            known.link = None;
            self.platform.memory.forget_pending(link);
            if let Worked::Done(()) = self.work("pile_offline", |business| business.pile_offline(code, "closed")) {
                self.came_or_went(code, false);
            }
        }
    }

    fn wake(&mut self) {
        while let Some(due) = self.platform.memory.take_due(self.now) {
            let worked = self.work("due", |business| business.due(due));
            self.note(|_| format!("  due {due:?}"));
            if matches!(worked, Worked::Crashed) {
                break;
            }
        }
    }

    fn restart(&mut self) {
        self.platform.up = true;
        if !matches!(self.work("resume", |business| business.resume()), Worked::Crashed) {
            self.checker.resumed(self.now, &self.platform);
            self.after(0, Happening::Judge);
        }
    }

    /// Hands stored records to the business, oldest first, as the server does: from the store, after the acknowledgement.
    /// One that came again with another body is handed over again, with each other bill.
    fn judge(&mut self) {
        while let Some(record) = self.platform.records.unjudged().cloned() {
            let StoredRecord { id, received_at, pile, connector, number, reading, variants } = record;
            let now = self.now;
            let worked = self.work("record", |business| {
                let received = ReceivedRecord { record: id, received_at, pile, connector, number, reading: &reading };
                business.record_received(&received)?;
                for other in &variants {
                    let RecordReading::Parsed(bill) = other else { continue };
                    if !matches!(&reading, RecordReading::Parsed(first) if first.bills_as(bill)) {
                        let other = ReceivedRecord { received_at: now, reading: other, ..received };
                        business.record_differs(&other)?;
                    }
                }
                Ok(())
            });
            match worked {
                Worked::Crashed => return,
                Worked::Refused(refusal) => return self.checker.fail(format!("record {id} is refused: {refusal}")),
                Worked::Done(()) if self.platform.records.waits(id) => {
                    return self.checker.fail(format!("record {id} was taken and is not marked as judged"));
                }
                Worked::Done(()) => {}
            }
        }
    }

    /// Asks connectors that charge and have ceased to report, as the server's watchdog does.
    pub(crate) fn watch(&mut self) {
        for (pile, connector, order) in self.platform.memory.silent(self.now) {
            self.counts_anew(order);
            self.work("connector_silent", |business| {
                business.connector_silent(pile, connector)?;
                let new = NewCommand::of_platform(pile, CommandAction::ReadTelemetry { connector });
                match business.queue_command(new) {
                    Ok(_) | Err(BusinessError::Refused(_)) => Ok(()),
                    Err(error) => Err(error),
                }
            });
        }
    }

    fn command_ended(&mut self, command: CommandId, result: CommandResult) {
        self.work("command_ended", |business| business.command_ended(command, result).map(drop));
    }

    /// A message arrives. On a connection that the platform has left, or before a login, only a bill is taken.
    fn up(&mut self, link: LinkId, pile: usize, message: Up) {
        if !self.platform.up {
            return;
        }
        let code = self.piles[pile].code;
        let joined = self.platform.memory.piles.get(&code).and_then(|known| known.link) == Some(link);
        self.note(|_| {
            format!("pile {} says {}{}", short(code), told(&message), if joined { "" } else { " (not joined)" })
        });
        match message {
            Up::Record { connector, number, reading } => {
                let stored = self.platform.records.store(self.now, code, connector, number, (*reading).clone());
                self.stats.records += u64::from(stored == Outcome::Stored);
                if stored != Outcome::Duplicate {
                    self.after(0, Happening::Judge);
                }
                self.send_down(link, pile, &Down::Acknowledged { number, reading });
            }
            Up::Login(login) if !joined => {
                // The end of a connection may be noticed only now that there is another; a login on one that has ended
                // comes too late.
                if !self.network.is_open(link) {
                    return;
                }
                if let Some(before) = self.platform.memory.attach(code, link) {
                    self.platform.memory.forget_pending(before);
                }
                if let Worked::Done(_) = self.work("pile_online", |business| business.pile_online(code, &login)) {
                    self.came_or_went(code, true);
                }
            }
            message if joined => self.member_says(link, pile, message),
            _ => {}
        }
    }

    fn member_says(&mut self, link: LinkId, pile: usize, message: Up) {
        let code = self.piles[pile].code;
        match message {
            Up::Start { token, request } => {
                if let Worked::Done(decision) =
                    self.work("start_requested", |business| business.start_requested(request))
                {
                    self.note(|_| format!("  decided {decision:?}"));
                    self.check_decision(&decision);
                    self.send_down(link, pile, &Down::Decision { token, decision: Box::new(decision) });
                }
            }
            Up::StartAnswer { command, connector, number, result } => {
                let answer = match &result {
                    Ok(()) => crate::message::done(),
                    Err(reason) => crate::message::refused(reason),
                };
                self.work("start_answered", |business| business.start_answered(code, connector, number, result));
                self.answered(link, command, answer);
            }
            Up::Report { connector, mut telemetry, faults } => {
                telemetry.received_at = self.now;
                let (matters, last_charging) = self.platform.memory.keep_telemetry(code, connector, telemetry);
                let before = self.holder(code, connector);
                if matters {
                    let report = ConnectorReport { connector, telemetry, faults, last_charging };
                    let worked = self.work("connector_reported", |business| business.connector_reported(code, &report));
                    if matches!(worked, Worked::Crashed) {
                        return;
                    }
                }
                self.reported(code, before.as_ref(), &telemetry);
            }
            Up::Answer { command, result } => self.answered(link, command, result),
            Up::TariffIs(number) => {
                let assigned = self.platform.tariff_of(code, self.now).map(|version| version.number);
                let same = check_tariff(assigned, number) == TariffCheck::Same;
                self.send_down(link, pile, &Down::TariffVerdict { same });
                self.work("tariff_reported", |business| business.tariff_reported(code, number).map(drop));
            }
            Up::TariffWanted => {
                if let Some(version) = self.platform.tariff_of(code, self.now) {
                    let reference = version.reference();
                    self.send_down(link, pile, &Down::Tariff(Box::new(version)));
                    self.work("tariff_accepted", |business| business.tariff_accepted(code, reference).map(drop));
                }
            }
            Up::Lock { connector, lock } => {
                self.work("lock", |business| business.parking_lock_reported(code, connector, lock).map(drop));
            }
            Up::Vehicle { connector, vin, soc } => {
                self.work("vehicle", |business| business.vehicle_reported(code, connector, &vin, soc).map(drop));
            }
            Up::Bms { connector, errors } => {
                let order = self.platform.memory.order_on(code, connector).map(|order| order.order);
                self.work("bms", |business| business.bms_errors(code, connector, order, &errors).map(drop));
            }
            Up::Login(_) | Up::Record { .. } => {}
        }
    }

    fn check_decision(&mut self, decision: &StartDecision) {
        let order = decision.order.and_then(|order| self.platform.books.look::<Order>(&order));
        let fits = match (&decision.refusal, order) {
            (Some(_), None) => decision.transaction_number.is_zero(),
            (None, Some(order)) => {
                order.transaction_number == decision.transaction_number && order.limit == Some(decision.balance)
            }
            _ => false,
        };
        if !fits {
            self.checker.fail(format!("a start was decided, and its order says something else: {decision:?}"));
        }
    }

    /// An answer finds its command by pile, kind and connector: one that comes late is taken for the next one's.
    fn answered(&mut self, link: LinkId, command: CommandId, result: CommandResult) {
        let meant = self.platform.books.look::<Command>(&command);
        let same = |other: &&CommandId| {
            let other = self.platform.books.look::<Command>(other);
            let turn = |command: &Command| (command.pile, command.action.clone(), command.request.connector());
            other.as_ref().map(turn) == meant.as_ref().map(turn)
        };
        let command = self.platform.memory.pending.keys().find(same).copied().unwrap_or(command);
        let pending = &mut self.platform.memory.pending;
        if pending.get(&command).is_some_and(|(on, _)| *on == link) {
            pending.remove(&command);
            self.command_ended(command, result);
        }
    }
}

/// A message in a trace: of telemetry and bills only what orders go by.
fn told(message: &Up) -> String {
    match message {
        Up::Report { connector, telemetry, faults } => {
            let (state, number, plugged) = (telemetry.state, telemetry.transaction_number, telemetry.plugged);
            format!("{connector} is {state:?} {number} plugged {plugged:?} {} kWh {faults:?}", telemetry.energy)
        }
        Up::Record { connector, number, reading } => match reading.as_ref() {
            RecordReading::Parsed(bill) => {
                format!("bill {connector} {number} {} kWh {} yuan", bill.energy, bill.amount)
            }
            RecordReading::Unreadable { reason } => format!("bill {connector} {number} {reason}"),
        },
        other => format!("{other:?}"),
    }
}

fn heard(message: &Down) -> String {
    match message {
        Down::Command(command) | Down::CommandWithTariff(command, _) => {
            format!("command {} {:?}", command.id, command.request)
        }
        Down::Tariff(version) => format!("tariff {}", version.reference()),
        Down::Acknowledged { number, .. } => format!("acknowledged {number}"),
        other => format!("{other:?}"),
    }
}

/// What the server makes of a command for a pile whose connection has gone.
fn undeliverable() -> CommandResult {
    CommandResult::Impossible("pile_away".to_owned())
}

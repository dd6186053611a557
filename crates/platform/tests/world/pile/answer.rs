//! What a pile makes of the platform's messages.

use std::rc::Rc;

use serde_json::{Value, json};
use voltapile_platform::command::{Command, CommandAction, CommandResult};
use voltapile_platform::identity::{CommandId, ConnectorNumber, TransactionNumber};
use voltapile_platform::pile::ParkingLock;
use voltapile_platform::record::StartedBy;
use voltapile_platform::tariff::TariffVersion;
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::Balance;

use super::{Doings, Kind, Start, VirtualPile};
use crate::fault::ChargeFault;
use crate::message::{Down, Timer, Up, done, refused};

/// Seconds from a refusal for want of a plug in which the pile may start after all (OQ-14).
const PLUG_WITHIN_S: i64 = 60;

impl VirtualPile {
    pub(crate) fn hear(&mut self, message: Down, now: Timestamp, doings: &mut Doings) {
        match message {
            Down::Command(command) => self.command(&command, None, now, doings),
            Down::CommandWithTariff(command, tariff) => self.command(&command, Some(*tariff), now, doings),
            Down::Decision { token, decision } => self.decided(token, &decision, doings),
            Down::TariffVerdict { same } => {
                self.wants_tariff = !same;
                self.ask_for_tariff(doings);
            }
            // What runs goes on by the tariff it began with.
            Down::Tariff(version) => {
                self.wants_tariff = false;
                self.tariff = Some(Rc::new(*version));
            }
            Down::Acknowledged { number, reading } => self.acknowledge(number, &reading),
        }
    }

    /// Asks until it has one.
    pub(super) fn ask_for_tariff(&mut self, doings: &mut Doings) {
        if self.wants_tariff {
            doings.ups.push(Up::TariffWanted);
        }
    }

    fn is_idle(&self) -> bool {
        self.guns.iter().all(|gun| gun.charge.is_none() && gun.start.is_none())
    }

    fn command(&mut self, command: &Command, tariff: Option<TariffVersion>, now: Timestamp, doings: &mut Doings) {
        match &command.request {
            CommandAction::StartCharge { options, .. } if self.kind == Kind::Tiers && !options.is_none() => {
                let result = CommandResult::Impossible("the pile's protocol has no options".to_owned());
                return answer(command.id, result, doings);
            }
            CommandAction::StartCharge { connector, transaction_number, physical_card, balance, .. }
            | CommandAction::StartParallel { connector, transaction_number, physical_card, balance, .. } => {
                let fault = self.rates.charge_fault(&mut self.dice);
                let start = Start {
                    number: *transaction_number,
                    card: physical_card.clone(),
                    limit: Some(*balance),
                    source: StartedBy::App,
                    fault,
                    waits_until: None,
                    command: Some(command.id),
                    begins_at: begins_at(&command.request),
                };
                return self.start(*connector, start, now, doings);
            }
            CommandAction::StopCharge { connector } => return self.stop(command.id, *connector, now, doings),
            CommandAction::CancelReservation { connector } => {
                return self.cancel(command.id, *connector, now, doings);
            }
            _ => {}
        }
        if self.dice.chance(self.rates.command) {
            return;
        }
        if self.dice.chance(self.rates.command) {
            return answer(command.id, refused("refused"), doings);
        }
        let result = self.obey(&command.request, tariff, now, doings);
        answer(command.id, result, doings);
        if matches!(command.request, CommandAction::Reboot { .. }) {
            // It answers, and is gone a moment later.
            doings.timers.push((1, Timer::PowerFails));
        }
    }

    fn start(&mut self, connector: ConnectorNumber, mut start: Start, now: Timestamp, doings: &mut Doings) {
        let number = start.number;
        let command = start.command.unwrap_or(CommandId(0));
        let answer = |result: Result<(), String>| Up::StartAnswer { command, connector, number, result };
        let no = |reason: &str| Err(reason.to_owned());
        let gun = self.gun(connector);
        let known =
            gun.charge.as_ref().map(|charge| charge.start.number).or(gun.start.as_ref().map(|start| start.number));
        if known == Some(number) {
            // The same message twice is answered twice.
            return doings.ups.push(answer(Ok(())));
        }
        if gun.charge.is_some() || gun.start.as_ref().is_some_and(|start| start.waits_until.is_none()) {
            return doings.ups.push(answer(no("already_charging")));
        }
        let unplugged = gun.car.is_none();
        match start.fault {
            Some(ChargeFault::RefusesStart(reason)) => return doings.ups.push(answer(no(reason))),
            Some(ChargeFault::DeafStart) => return,
            Some(ChargeFault::NeverCharges) if self.kind == Kind::Tiers => return doings.ups.push(answer(Ok(()))),
            Some(ChargeFault::ChargesAfterRefusal) => doings.ups.push(answer(no("device_fault"))),
            Some(ChargeFault::SilentStart) => {}
            Some(ChargeFault::StartsLate) => {
                doings.ups.push(answer(no("not_plugged")));
                let late = self.dice.between(5, 70);
                doings.timers.push((late, Timer::SecondAnswer(connector, number)));
                start.waits_until = Some(now.plus_seconds(PLUG_WITHIN_S + 10));
                self.gun_mut(connector).start = Some(start);
                return;
            }
            // Whoever comes later plugs in later.
            _ if unplugged && start.begins_at.is_none() => {
                doings.ups.push(answer(no("not_plugged")));
                let plugs_in = self.dice.between(5, 120);
                doings.timers.push((plugs_in, Timer::Plugged(connector)));
                if plugs_in < PLUG_WITHIN_S {
                    doings.timers.push((plugs_in + 1, Timer::SecondAnswer(connector, number)));
                    start.waits_until = Some(now.plus_seconds(PLUG_WITHIN_S));
                    self.gun_mut(connector).start = Some(start);
                }
                return;
            }
            _ => doings.ups.push(answer(Ok(()))),
        }
        let wait_s = start.begins_at.map_or(0, |at| (at.unix_ms() - now.unix_ms()).max(0) / 1000);
        self.begin_soon(connector, start, wait_s, doings);
    }

    /// "Not plugged in" becomes a success after all.
    pub(super) fn answer_again(&mut self, connector: ConnectorNumber, number: TransactionNumber, doings: &mut Doings) {
        let waiting = |start: &Start| start.number == number && start.waits_until.is_some();
        let Some(start) = self.gun(connector).start.clone().filter(waiting) else { return };
        let command = start.command.unwrap_or(CommandId(0));
        doings.ups.push(Up::StartAnswer { command, connector, number, result: Ok(()) });
        self.begin_soon(connector, Start { waits_until: None, ..start }, 0, doings);
    }

    fn stop(&mut self, command: CommandId, connector: ConnectorNumber, now: Timestamp, doings: &mut Doings) {
        let gun = self.gun_mut(connector);
        // What was only accepted must not begin any more (rule 3).
        let pending = gun.start.take().is_some();
        match gun.charge.as_ref().map(|charge| charge.start.fault) {
            Some(Some(ChargeFault::IgnoresStop)) => {}
            Some(Some(ChargeFault::RefusesStop)) => answer(command, refused("other"), doings),
            Some(_) => {
                answer(command, done(), doings);
                self.end_charge(connector, 0x41, now, doings);
            }
            None if pending => {
                answer(command, done(), doings);
                self.show_start(connector, now, doings);
            }
            None => answer(command, refused("not_charging"), doings),
        }
    }

    fn obey(
        &mut self,
        request: &CommandAction,
        tariff: Option<TariffVersion>,
        now: Timestamp,
        doings: &mut Doings,
    ) -> CommandResult {
        match request {
            CommandAction::ReadTelemetry { connector } => {
                self.report(*connector, now, doings);
                done()
            }
            CommandAction::UpdateBalance { connector, balance, .. } => self.raise_limit(*connector, *balance),
            CommandAction::SyncOfflineCards { cards } => {
                self.cards.extend(cards.iter().map(|card| card.physical_number.clone()));
                done()
            }
            CommandAction::ClearOfflineCards { cards, .. } => {
                let cleared = |card: &String| json!({"physical_number": card, "cleared": self.cards.remove(card)});
                CommandResult::Succeeded(json!({"cards": cards.iter().map(cleared).collect::<Value>()}))
            }
            CommandAction::QueryOfflineCards { cards } => {
                let found = |card: &String| json!({"physical_number": card, "present": self.cards.contains(card)});
                CommandResult::Succeeded(json!({"cards": cards.iter().map(found).collect::<Value>()}))
            }
            CommandAction::SetTariff { .. } => match tariff {
                Some(tariff) if self.is_idle() => {
                    self.tariff = Some(Rc::new(tariff));
                    done()
                }
                _ => refused("refused"),
            },
            CommandAction::ReadRecord { transaction_number, .. } => self.send_again(*transaction_number, doings),
            CommandAction::ReadSimNumber => CommandResult::Succeeded(json!({"iccid": self.iccid})),
            CommandAction::QueryVin { connector } => {
                let vin = self.gun(*connector).car.clone().unwrap_or_default();
                doings.ups.push(Up::Vehicle { connector: *connector, vin: vin.clone(), soc: 50 });
                CommandResult::Succeeded(json!({"vin": vin, "soc": 50}))
            }
            CommandAction::MoveParkingLock { connector, raise } => {
                let position = if *raise { "raised" } else { "lowered" }.to_owned();
                let (parking, alarm) = ("free".to_owned(), "none".to_owned());
                let lock = ParkingLock { position, parking, battery: Some(80), alarm, reported_at: now };
                doings.ups.push(Up::Lock { connector: *connector, lock });
                done()
            }
            _ => done(),
        }
    }

    /// A pile that says more of a start says so at once when it is over.
    pub(super) fn show_start(&mut self, connector: ConnectorNumber, now: Timestamp, doings: &mut Doings) {
        if self.kind == Kind::HalfHours {
            self.report(connector, now, doings);
        }
    }

    fn raise_limit(&mut self, connector: ConnectorNumber, balance: Balance) -> CommandResult {
        match &mut self.gun_mut(connector).charge {
            Some(charge) => {
                charge.start.limit = Some(balance);
                done()
            }
            None => refused("not_charging"),
        }
    }
}

/// When a start is to begin.
fn begins_at(request: &CommandAction) -> Option<Timestamp> {
    match request {
        CommandAction::StartCharge { options, .. } => options.start_at,
        _ => None,
    }
}

fn answer(command: CommandId, result: CommandResult, doings: &mut Doings) {
    doings.ups.push(Up::Answer { command, result });
}

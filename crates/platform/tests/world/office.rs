//! What an operator's people do: tariffs, commands, cards in piles' memories, accounts and piles that are locked.

use voltapile_platform::account::{Account, AccountStatus};
use voltapile_platform::business::{NewCommand, PutTariff};
use voltapile_platform::command::{Command, CommandAction, CommandState, When};
use voltapile_platform::pile::Pile;
use voltapile_platform::unit::Power;

use crate::message::Happening;
use crate::plan::draft;
use crate::world::World;

impl World {
    pub(crate) fn new_tariff(&mut self) {
        let Some((id, operator)) = self.dice.pick(&self.plan.tariffs).cloned() else { return };
        let operator = Some(self.plan.operators[operator].clone());
        self.tariff_steps += 1;
        let later = self.dice.chance(500).then(|| self.now.plus_seconds(self.dice.between(60, 7200)));
        let put = PutTariff { id, operator, draft: draft(self.tariff_steps, later) };
        self.work("put_tariff", |business| business.put_tariff(put));
    }

    pub(crate) fn assign_tariff(&mut self) {
        if !self.rates.is_honest() && self.dice.chance(200) {
            return self.take_tariff();
        }
        let place = self.some_pile();
        let code = self.piles[place].code;
        let tariff = self.dice.pick(&self.plan.tariffs).map(|(tariff, _)| tariff.clone());
        let tariff = tariff.filter(|_| self.dice.chance(500));
        self.work("assign_tariff", |business| business.assign_tariff_to_pile(code, tariff));
    }

    /// A station is without a tariff for a while: what its piles sell meanwhile is sold by the one they still run.
    pub(crate) fn take_tariff(&mut self) {
        let place = self.dice.below(self.plan.stations.len());
        let station = self.plan.stations[place].0.clone();
        let wait = self.dice.between(100, 5000);
        self.after(wait, Happening::Assign(place));
        self.work("take_tariff", |business| business.assign_tariff_to_station(&station, None));
    }

    pub(crate) fn assign(&mut self, place: usize) {
        let (station, operator) = self.plan.stations[place].clone();
        let tariff = self.plan.tariffs.iter().find(|(_, of)| *of == operator).map(|(tariff, _)| tariff.clone());
        self.work("give_tariff", |business| business.assign_tariff_to_station(&station, tariff));
    }

    pub(crate) fn command(&mut self) {
        let (pile, connector) = self.some_connector();
        let request = match self.dice.below(9) {
            0 => CommandAction::SyncClock,
            1 => CommandAction::SetWorkParameters { enabled: true, power_percent: 80 },
            2 => {
                CommandAction::LimitConnectorPower { connector, power: Power::from_steps(300), priority: 0, minutes: 5 }
            }
            3 => CommandAction::MoveParkingLock { connector, raise: self.dice.chance(500) },
            4 => CommandAction::ReadSimNumber,
            5 => CommandAction::QueryVin { connector },
            6 if self.rates.mishap > 0 => CommandAction::Reboot { when: When::Idle },
            _ => CommandAction::ReadTelemetry { connector },
        };
        let keep_until = self.dice.chance(300).then(|| self.now.plus_seconds(self.dice.between(10, 10_000)));
        let key = self.dice.chance(200).then(|| format!("key-{}", self.dice.below(20)));
        let pile = self.piles[pile].code;
        let new = NewCommand { pile, request, order: None, keep_until, key, by: Some("user:wang".to_owned()) };
        self.work("queue_command", |business| business.queue_command(new));
    }

    pub(crate) fn cancel(&mut self) {
        let mut open = self.platform.books.all::<Command>();
        open.retain(|command| command.state == CommandState::Queued || command.state == CommandState::Sent);
        if let Some(command) = self.dice.pick(&open).map(|command| command.id) {
            self.work("cancel_command", |business| business.cancel_command(command, "user:wang"));
        }
    }

    pub(crate) fn offline_cards(&mut self) {
        let pile = self.some_pile();
        let pile = self.piles[pile].code;
        let cards: Vec<String> = self.plan.cards.iter().map(|(card, _)| card.clone()).collect();
        let keep_until = self.dice.chance(500).then(|| self.now.plus_seconds(3000));
        match self.dice.below(3) {
            0 => drop(self.work("sync_cards", |business| business.sync_cards(pile, cards, keep_until, None))),
            1 => drop(self.work("clear_cards", |business| business.clear_cards(pile, cards, keep_until, None))),
            _ => drop(self.work("query_cards", |business| business.query_cards(pile, cards, keep_until, None))),
        }
    }

    pub(crate) fn freeze(&mut self) {
        let place = self.some_account();
        let id = self.plan.accounts[place].0.clone();
        let Some(account) = self.platform.books.look::<Account>(&id) else { return };
        let status = match account.status {
            AccountStatus::Active => AccountStatus::Frozen,
            AccountStatus::Frozen => AccountStatus::Active,
        };
        if status == AccountStatus::Frozen {
            // Not for long: a world in which nobody may charge shows little.
            let wait = self.dice.between(10, 600);
            self.after(wait, Happening::Thaw(place));
        }
        self.work("put_account", |business| business.put_account(Account { status, ..account }));
    }

    pub(crate) fn disable(&mut self) {
        let place = self.some_pile();
        let Some(pile) = self.platform.books.look::<Pile>(&self.piles[place].code) else { return };
        let wait = self.dice.between(10, 600);
        self.after(wait, Happening::Enable(place));
        self.work("put_pile", |business| business.put_pile(Pile { enabled: false, ..pile }));
    }

    pub(crate) fn thaw(&mut self, place: usize) {
        let id = self.plan.accounts[place].0.clone();
        let Some(account) = self.platform.books.look::<Account>(&id) else { return };
        self.work("put_account", |business| business.put_account(Account { status: AccountStatus::Active, ..account }));
    }

    pub(crate) fn enable(&mut self, place: usize) {
        let Some(pile) = self.platform.books.look::<Pile>(&self.piles[place].code) else { return };
        self.work("put_pile", |business| business.put_pile(Pile { enabled: true, ..pile }));
    }
}

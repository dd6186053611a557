//! What people do: drivers at piles, users of apps, clerks, and whoever pulls cables.

use voltapile_platform::account::EntryKind;
use voltapile_platform::authorization::StartMethod;
use voltapile_platform::business::{ParallelRequest, StartOrder, actions_of};
use voltapile_platform::command::StartOptions;
use voltapile_platform::identity::ConnectorNumber;
use voltapile_platform::order::{Order, OrderState, ParallelRole, Resolution};
use voltapile_platform::unit::{Amount, Balance};

use crate::message::{Happening, Timer, short};
use crate::pile::{Doings, Wanted};
use crate::plan::PASSWORD;
use crate::platform::Worked;
use crate::world::World;

/// What somebody does.
#[derive(Debug, Clone, Copy)]
enum Deed {
    StartAtPile,
    StartByApp,
    StartParallel,
    ParallelAtPile,
    Stop,
    PlugIn,
    Unplug,
    TopUp,
    Adjust,
    Resolve,
    NewTariff,
    AssignTariff,
    Order,
    Cancel,
    Cards,
    Freeze,
    Disable,
    OfflineCharge,
    Mishap,
}

const DEEDS: [(u32, Deed); 18] = [
    (30, Deed::StartAtPile),
    (30, Deed::StartByApp),
    (4, Deed::StartParallel),
    (3, Deed::ParallelAtPile),
    (8, Deed::Stop),
    (10, Deed::PlugIn),
    (2, Deed::Unplug),
    (10, Deed::TopUp),
    (2, Deed::Adjust),
    (12, Deed::Resolve),
    (2, Deed::NewTariff),
    (2, Deed::AssignTariff),
    (10, Deed::Order),
    (2, Deed::Cancel),
    (4, Deed::Cards),
    (1, Deed::Freeze),
    (1, Deed::Disable),
    (4, Deed::OfflineCharge),
];

impl World {
    /// Somebody does something, and somebody else will later.
    pub(crate) fn people(&mut self) {
        if self.healed {
            return;
        }
        let next = *self.dice.pick(&[1, 5, 10, 30, 60, 200, 900]).unwrap_or(&60);
        self.after(next, Happening::People);
        self.watch();
        let mishap = self.dice.chance(self.rates.mishap);
        let deed = if mishap { Deed::Mishap } else { self.dice.weighted(&DEEDS).unwrap_or(Deed::StartByApp) };
        self.note(|_| format!("somebody: {deed:?}"));
        match deed {
            Deed::StartAtPile => self.start_at_pile(),
            Deed::StartByApp => self.start_by_app(false),
            Deed::StartParallel => self.start_by_app(true),
            Deed::ParallelAtPile => self.parallel_at_pile(),
            Deed::Stop => self.stop(),
            Deed::PlugIn => {
                let (pile, connector) = self.some_connector();
                self.with_pile(pile, |pile, now, doings| pile.plug(connector, now, doings));
            }
            Deed::Unplug => {
                let (pile, connector) = self.some_connector();
                // A cable that holds a charge is locked; that it comes out all the same is a fault.
                if self.piles[pile].gun(connector).charge.is_none() {
                    self.with_pile(pile, |pile, now, doings| pile.unplug(connector, now, doings));
                }
            }
            Deed::TopUp => self.change_balance(EntryKind::TopUp),
            Deed::Adjust => self.change_balance(EntryKind::Adjustment),
            Deed::Resolve => self.resolve(),
            Deed::NewTariff => self.new_tariff(),
            Deed::AssignTariff => self.assign_tariff(),
            Deed::Order => self.command(),
            Deed::Cancel => self.cancel(),
            Deed::Cards => self.offline_cards(),
            Deed::Freeze => self.freeze(),
            Deed::Disable => self.disable(),
            Deed::OfflineCharge => self.offline_charge(),
            Deed::Mishap => self.mishap(),
        }
    }

    pub(crate) fn some_pile(&mut self) -> usize {
        self.dice.below(self.piles.len())
    }

    pub(crate) fn some_connector(&mut self) -> (usize, ConnectorNumber) {
        let pile = self.some_pile();
        let connectors = self.piles[pile].connectors();
        (pile, *self.dice.pick(&connectors).unwrap_or(&ConnectorNumber(1)))
    }

    pub(crate) fn some_account(&mut self) -> usize {
        self.dice.below(self.plan.accounts.len())
    }

    /// Most people charge where they may.
    fn some_payer(&mut self, pile: usize) -> usize {
        let operator = self.plan.stations[self.plan.piles[pile].2].1;
        let place = self.some_account();
        let at_home = |place: &usize| self.plan.accounts[*place].1 == operator;
        let homes: Vec<usize> = (0..self.plan.accounts.len()).filter(at_home).collect();
        if self.dice.chance(100) { place } else { self.dice.pick(&homes).copied().unwrap_or(place) }
    }

    /// Something of a payer, where he has it.
    fn of_payer(&mut self, payer: usize, things: &[(String, usize)]) -> String {
        let his: Vec<&(String, usize)> = things.iter().filter(|(_, account)| *account == payer).collect();
        let any = self.dice.pick(things).map(|(name, _)| name.clone());
        self.dice.pick(&his).map(|(name, _)| name.clone()).or(any).unwrap_or_default()
    }

    /// A driver plugs in and shows a card, types an account, or lets the car speak.
    fn start_at_pile(&mut self) {
        let (pile, connector) = self.some_connector();
        if self.links[pile].is_none() || !self.piles[pile].is_free(connector) {
            return;
        }
        let wanted = self.wanted(pile, connector, None);
        self.with_pile(pile, |pile, now, doings| {
            pile.plug(connector, now, doings);
            pile.ask(wanted, doings);
        });
    }

    fn wanted(&mut self, pile: usize, connector: ConnectorNumber, parallel: Option<ParallelRequest>) -> Wanted {
        let zeros = "0".repeat(16);
        let payer = self.some_payer(pile);
        let mut wanted =
            Wanted { connector, method: StartMethod::Card, identity: zeros, password_md5: None, vin: None, parallel };
        match self.dice.below(10) {
            0 => wanted.identity = format!("{:016x}", 0xBAD_CA4D),
            1 | 2 => {
                wanted.method = StartMethod::Account;
                wanted.identity = format!("{:0>16}", self.plan.accounts[payer].2);
                wanted.password_md5 = self.dice.chance(800).then(|| PASSWORD.to_owned());
            }
            3 | 4 => {
                wanted.method = StartMethod::Vin;
                let vin = self.of_payer(payer, &self.plan.vehicles.clone());
                let reversed = self.dice.chance(300);
                wanted.vin = Some(if reversed { vin.chars().rev().collect() } else { vin });
            }
            _ => wanted.identity = self.of_payer(payer, &self.plan.cards.clone()),
        }
        wanted
    }

    fn parallel_at_pile(&mut self) {
        let pile = self.some_pile();
        let free = self.piles[pile].connectors().iter().all(|connector| self.piles[pile].is_free(*connector));
        if self.piles[pile].guns.len() < 2 || self.links[pile].is_none() || !free {
            return;
        }
        let session = format!("2611{:08}", self.dice.below(100_000_000));
        let joined = |role| Some(ParallelRequest { session: session.clone(), role });
        let main = self.wanted(pile, ConnectorNumber(1), joined(ParallelRole::Main));
        let auxiliary =
            Wanted { connector: ConnectorNumber(2), parallel: joined(ParallelRole::Auxiliary), ..main.clone() };
        self.with_pile(pile, |pile, now, doings| {
            for wanted in [main, auxiliary] {
                pile.plug(wanted.connector, now, doings);
                pile.ask(wanted, doings);
            }
        });
    }

    fn start_by_app(&mut self, parallel: bool) {
        let (pile, connector) = self.some_connector();
        let code = self.piles[pile].code;
        let other = self.piles[pile].connectors().into_iter().find(|other| *other != connector);
        let account = self.some_payer(pile);
        let start = StartOrder {
            pile: code,
            connector,
            parallel_with: other.filter(|_| parallel),
            account: self.dice.chance(900).then(|| self.plan.accounts[account].0.clone()),
            limit: self.dice.chance(200).then(|| Balance::from_steps(300)),
            options: self.some_options(parallel),
            by: "app".to_owned(),
        };
        // Most plug in first.
        if self.dice.chance(850) {
            self.with_pile(pile, |pile, now, doings| pile.plug(connector, now, doings));
        }
        self.work("start_order", |business| business.start_order(start));
    }

    /// A few come later, and keep the connector until then.
    fn some_options(&mut self, parallel: bool) -> StartOptions {
        if parallel || !self.dice.chance(120) {
            return StartOptions::default();
        }
        let start_at = Some(self.now.plus_seconds(self.dice.between(0, 1800)));
        StartOptions { start_at, hold_minutes: self.dice.chance(500).then_some(10), ..StartOptions::default() }
    }

    fn some_order(&mut self, fits: impl Fn(&Order) -> bool) -> Option<Order> {
        let mut orders = self.platform.books.all::<Order>();
        orders.retain(fits);
        let place = self.dice.below(orders.len());
        (!orders.is_empty()).then(|| orders.swap_remove(place))
    }

    fn stop(&mut self) {
        let anything = self.dice.chance(100);
        if let Some(order) = self.some_order(|order| anything || order.state.holds_connector()) {
            self.work("stop_order", |business| business.stop_order(order.id, "app"));
        }
    }

    fn change_balance(&mut self, kind: EntryKind) {
        let account = self.some_account();
        let account = self.plan.accounts[account].0.clone();
        let fen = match kind {
            EntryKind::TopUp => self.dice.between(1, 30_000),
            _ => self.dice.between(-3_000, 3_000),
        };
        let amount = Balance::from_steps(fen);
        let commits = self.stats.commits;
        self.work("change_balance", |business| business.change_balance(&account, amount, kind, None, "clerk"));
        // Also when the platform crashed after the commit: the money is there.
        if self.stats.commits > commits {
            self.checker.money.paid_in(&account, amount);
        }
    }

    /// A clerk decides something about an abnormal order, allowed or not.
    pub(crate) fn resolve(&mut self) {
        let anything = self.dice.chance(50);
        let Some(order) = self.some_order(|order| anything || order.state == OrderState::Abnormal) else { return };
        let all = [Resolution::SettleByOurs, Resolution::SettleByPile, Resolution::WriteOff, Resolution::AskAgain];
        let actions = actions_of(&order);
        let Some(resolution) = self.dice.pick(&all).copied() else { return };
        let worked = self.work("resolve_order", |business| business.resolve_order(order.id, resolution, "clerk", None));
        let allowed = actions.contains(&resolution);
        if let Worked::Done(settled) = &worked {
            self.check_resolution(&order, resolution, settled);
        }
        match worked {
            Worked::Done(_) if !allowed => {
                self.checker.fail(format!("order {}: {resolution:?} was done and is not offered", order.id));
            }
            Worked::Refused(refusal) if allowed => {
                self.checker.fail(format!("order {}: {resolution:?} is offered and refused: {refusal}", order.id));
            }
            _ => {}
        }
    }

    /// What a clerk decided is what is charged, to the nearest fen.
    fn check_resolution(&mut self, before: &Order, resolution: Resolution, after: &Order) {
        let fen = |amount: Amount| (amount.steps().max(0) + 50).div_euclid(100);
        let bill = before.settlement.as_ref();
        let expected = match resolution {
            Resolution::WriteOff => Some(0),
            Resolution::SettleByOurs => bill.and_then(|bill| bill.ours.as_ref()).map(|ours| fen(ours.total)),
            Resolution::SettleByPile => Some(bill.map_or(fen(before.progress.amount), |bill| fen(bill.pile_amount))),
            Resolution::AskAgain => return,
        };
        let charged = after.charged.map(Balance::steps);
        if charged != expected || after.state != OrderState::Settled {
            let id = before.id;
            self.checker
                .fail(format!("order {id}: {resolution:?} should make {expected:?} fen, and {charged:?} are charged"));
        }
    }

    /// A driver shows a card at a pile that is offline.
    fn offline_charge(&mut self) {
        let place = self.some_pile();
        let free = |connector: &ConnectorNumber| self.piles[place].is_free(*connector);
        let connector = self.piles[place].connectors().into_iter().find(free);
        let (Some(connector), None) = (connector, self.links[place]) else { return };
        let known: Vec<String> = self.piles[place].cards.iter().cloned().collect();
        let stranger = self.dice.chance(self.rates.charge / 4);
        let card = if stranger { Some(format!("{:016x}", 0xBAD_CA4D)) } else { self.dice.pick(&known).cloned() };
        if let Some(card) = card {
            self.with_pile(place, |pile, now, doings| pile.charge_offline(connector, card, now, doings));
        }
    }

    fn mishap(&mut self) {
        let place = self.some_pile();
        let back_in = *self.dice.pick(&[5, 60, 600, 90_000, 400_000]).unwrap_or(&60);
        let kind = self.dice.below(9) / 2;
        self.note(|world| format!("mishap {kind} at pile {} for {back_in} s", short(world.piles[place].code)));
        match kind {
            0 => self.with_pile(place, |pile, now, doings| pile.reboot(now, back_in, doings)),
            1 => self.with_pile(place, |pile, _, doings| pile.replaced(back_in, doings)),
            2 => {
                // Goes away with everything running on.
                if let Some(link) = self.links[place].take() {
                    self.network.close(link);
                    self.after(60, Happening::LinkGone { link, pile: place });
                    let mut doings = Doings::default();
                    self.piles[place].disconnected(back_in, &mut doings);
                    self.carry_out(place, doings);
                }
            }
            4 => {
                // Is taken down for good, with whatever ran and whatever it has not told.
                self.with_pile(place, |pile, _, doings| {
                    pile.replaced(back_in, doings);
                    pile.gone = true;
                });
            }
            _ => {
                let epoch = self.piles[place].epoch;
                let connectors = self.piles[place].connectors();
                let connector = *self.dice.pick(&connectors).unwrap_or(&ConnectorNumber(1));
                self.after(0, Happening::Pile { pile: place, epoch, timer: Timer::Unplugged(connector) });
            }
        }
    }
}

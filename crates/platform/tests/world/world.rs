//! The world: a clock, a queue of what happens next, and everything that it happens to.

use std::collections::BTreeMap;

use voltapile_platform::business::{Business, BusinessError, Reaction, Rules};
use voltapile_platform::command::{Command, CommandAction};
use voltapile_platform::timestamp::Timestamp;

use crate::checker::Checker;
use crate::dice::Dice;
use crate::fault::Rates;
use crate::message::{Down, Happening, LinkId, Timer, short};
use crate::network::Network;
use crate::oracle::Oracle;
use crate::pile::{Doings, VirtualPile};
use crate::plan::Plan;
use crate::platform::{Crash, Platform, Worked};

/// What a run did, to show that it did something.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stats {
    pub(crate) steps: u64,
    pub(crate) commits: u64,
    pub(crate) crashes: u64,
    pub(crate) refusals: BTreeMap<String, u64>,
    pub(crate) ends: BTreeMap<String, u64>,
    /// Reasons for which orders failed or became abnormal on their way.
    pub(crate) reasons: BTreeMap<String, u64>,
    pub(crate) records: u64,
    pub(crate) commands: u64,
    pub(crate) charged_fen: i64,
}

/// A world.
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) dice: Dice,
    pub(crate) rates: Rates,
    pub(crate) plan: Plan,
    pub(crate) platform: Platform,
    pub(crate) network: Network,
    pub(crate) piles: Vec<VirtualPile>,
    /// Each pile's connection, as the pile sees it.
    pub(crate) links: Vec<Option<LinkId>>,
    pub(crate) checker: Checker,
    pub(crate) oracle: Oracle,
    pub(crate) stats: Stats,
    /// Whether nothing new begins any more and nothing goes wrong.
    pub(crate) healed: bool,
    pub(crate) tariff_steps: usize,
    queue: BTreeMap<(Timestamp, u64), Happening>,
    sequence: u64,
    /// What happened, for people; only kept when somebody wants to read it.
    pub(crate) trace: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(seed: u64, rates: Option<Rates>, traced: bool) -> Self {
        let mut dice = Dice::new(seed);
        let weather = Rates::of(&mut dice);
        let rates = rates.unwrap_or(weather);
        let plan = Plan::new(&mut dice);
        let new_pile = |(code, count, _): &(_, u8, usize)| VirtualPile::new(*code, *count, dice.fork(), rates);
        let piles: Vec<VirtualPile> = plan.piles.iter().map(new_pile).collect();
        let begin: Timestamp = "2026-11-20T00:00:00Z".parse().unwrap_or(Timestamp::MIN);
        let rules = Rules { allow_pile_passwords: dice.chance(500), ..Rules::default() };
        let mut world = Self {
            now: begin.plus_seconds(dice.between(0, 86_400)),
            rates,
            network: Network::new(dice.fork(), rates),
            platform: Platform::new(rules),
            links: vec![None; piles.len()],
            checker: Checker::new(rates.is_honest()),
            oracle: Oracle::default(),
            stats: Stats::default(),
            healed: false,
            tariff_steps: 1,
            queue: BTreeMap::new(),
            sequence: 0,
            trace: traced.then(Vec::new),
            dice,
            plan,
            piles,
        };
        world.begin();
        world
    }

    fn begin(&mut self) {
        let plan = self.plan.clone();
        let registered = self.commit_surely("register", |business| plan.register(business));
        debug_assert!(registered, "the plan must fit the register");
        for (account, amount, kind) in self.plan.top_ups() {
            self.checker.money.paid_in(&account, amount);
            self.commit_surely("fund", |business| {
                business.change_balance(&account, amount, kind, None, "begin").map(drop)
            });
        }
        for pile in 0..self.piles.len() {
            let wait = self.dice.between(0, 60);
            self.after(wait, Happening::Pile { pile, epoch: 0, timer: Timer::Connect });
        }
        self.after(1, Happening::People);
        self.after(0, Happening::Restart);
    }

    /// A unit of work that no crash meets.
    fn commit_surely(&mut self, what: &str, work: impl FnOnce(&mut Business<'_>) -> Result<(), BusinessError>) -> bool {
        let rates = std::mem::replace(&mut self.rates, Rates::NONE);
        let done = matches!(self.work(what, work), Worked::Done(()));
        self.rates = rates;
        done
    }

    /// Does the next thing; whether there was one.
    pub(crate) fn step(&mut self) -> bool {
        let Some(((at, _), happening)) = self.queue.pop_first() else { return false };
        self.now = self.now.max(at);
        self.stats.steps += 1;
        self.handle(happening);
        true
    }

    /// When the next thing happens.
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    pub(crate) fn at(&mut self, at: Timestamp, happening: Happening) {
        self.sequence += 1;
        self.queue.insert((at.max(self.now), self.sequence), happening);
    }

    pub(crate) fn after(&mut self, seconds: i64, happening: Happening) {
        self.at(self.now.plus_seconds(seconds), happening);
    }

    pub(crate) fn note(&mut self, line: impl FnOnce(&Self) -> String) {
        if self.trace.is_some() {
            let line = format!("{} {}", self.now, line(self));
            self.trace.get_or_insert_default().push(line);
        }
    }

    /// One unit of work of the platform, with the crashes that chance has in store.
    pub(crate) fn work<T>(
        &mut self,
        what: &str,
        work: impl FnOnce(&mut Business<'_>) -> Result<T, BusinessError>,
    ) -> Worked<T> {
        if !self.platform.up {
            return Worked::Crashed;
        }
        let crash = match self.dice.chance(self.rates.crash) {
            false => Crash::Never,
            true if self.dice.chance(500) => Crash::BeforeCommit,
            true => Crash::AfterCommit,
        };
        let (worked, committed) = self.platform.work(self.now, crash, work);
        if let Worked::Refused(refusal) = &worked {
            *self.stats.refusals.entry(reason_of(refusal)).or_default() += 1;
        }
        self.note(|_| match &worked {
            Worked::Done(_) => format!("  {what}: done"),
            Worked::Refused(refusal) => format!("  {what}: refused, {refusal}"),
            Worked::Crashed => format!("  {what}: CRASH {crash:?}"),
        });
        if let Some((commit, reaction)) = committed {
            self.stats.commits += 1;
            self.note_changes(&commit);
            // Timers and briefs that a crash loses are made good by the next start.
            self.platform.take_over(&reaction);
            self.checker.committed(self.now, &self.platform, &commit, &reaction);
            self.platform.records.judged(&commit.judged);
            if crash == Crash::Never {
                self.react(reaction);
            }
        }
        if crash != Crash::Never {
            self.crash();
        }
        worked
    }

    /// What a commit changed of orders and commands.
    fn note_changes(&mut self, commit: &crate::books::Commit) {
        if self.trace.is_none() {
            return;
        }
        for change in &commit.changes {
            let state = |body: &Option<std::rc::Rc<str>>| {
                let body: serde_json::Value = body.as_ref().and_then(|body| serde_json::from_str(body).ok())?;
                let word = |field: &str| body.get(field).map(ToString::to_string).unwrap_or_default();
                Some(format!("{} {} {} {}", word("id"), word("state"), word("abnormal_reason"), word("action")))
            };
            let line = match change.kind {
                voltapile_platform::book::Kind::Order | voltapile_platform::book::Kind::Command => {
                    format!("    {:?}: {:?} -> {:?}", change.kind, state(&change.before), state(&change.after))
                }
                _ => continue,
            };
            self.note(|_| line);
        }
    }

    fn react(&mut self, reaction: Reaction) {
        for (at, _) in reaction.due {
            self.at(at, Happening::Wake);
        }
        for command in reaction.dispatch {
            self.dispatch(command);
        }
    }

    /// Hands a command to its pile's connection; one that has gone meanwhile ends it.
    fn dispatch(&mut self, command: Command) {
        self.stats.commands += 1;
        let place = self.piles.iter().position(|pile| pile.code == command.pile);
        let link = self.platform.memory.piles.get(&command.pile).and_then(|pile| pile.link);
        let (Some(pile), Some(link)) = (place, link) else {
            return self.after(0, Happening::Undeliverable(command.id));
        };
        let within = i64::try_from(command.request.answer_within().as_secs()).unwrap_or(60);
        let until = self.now.plus_seconds(within);
        self.platform.memory.pending.insert(command.id, (link, until));
        self.at(until, Happening::Unanswered { link, command: command.id });
        let message = match &command.request {
            CommandAction::SetTariff { tariff } => match self.platform.books.look(tariff) {
                Some(version) => Down::CommandWithTariff(Box::new(command), Box::new(version)),
                None => return self.after(0, Happening::Undeliverable(command.id)),
            },
            _ => Down::Command(Box::new(command)),
        };
        self.send_down(link, pile, &message);
    }

    pub(crate) fn send_down(&mut self, link: LinkId, pile: usize, message: &Down) {
        let fate = self.network.send(link, true, self.now);
        for at in fate.arrivals {
            self.at(at, Happening::Down { link, pile, message: message.clone() });
        }
        if fate.cut {
            self.break_link(link, pile);
        }
    }

    /// The platform dies: whatever is not durable is lost, and every connection with it.
    pub(crate) fn crash(&mut self) {
        self.stats.crashes += 1;
        self.platform.crash();
        for (link, pile) in self.network.standing() {
            self.break_link(link, pile);
        }
        let wait = self.dice.between(1, 90);
        self.after(wait, Happening::Restart);
    }

    /// A connection breaks: the pile knows at once, the platform when it notices.
    pub(crate) fn break_link(&mut self, link: LinkId, pile: usize) {
        if !self.network.close(link) {
            return;
        }
        let noticed = *self.dice.pick(&[0, 1, 30, 300]).unwrap_or(&0);
        self.after(noticed, Happening::LinkGone { link, pile });
        if self.links[pile] == Some(link) {
            self.links[pile] = None;
            let back_in = *self.dice.pick(&[1, 10, 60, 600]).unwrap_or(&1);
            let mut doings = Doings::default();
            self.piles[pile].disconnected(back_in, &mut doings);
            self.note(|world| format!("pile {} lost its connection", short(world.piles[pile].code)));
            self.carry_out(pile, doings);
        }
    }

    /// Sends what a pile says and sets its timers.
    pub(crate) fn carry_out(&mut self, pile: usize, doings: Doings) {
        let epoch = self.piles[pile].epoch;
        for (seconds, timer) in doings.timers {
            self.after(seconds, Happening::Pile { pile, epoch, timer });
        }
        for message in doings.ups {
            let Some(link) = self.links[pile] else { break };
            let fate = self.network.send(link, false, self.now);
            for at in fate.arrivals {
                self.at(at, Happening::Up { link, pile, message: message.clone() });
            }
            if fate.cut {
                self.break_link(link, pile);
            }
        }
        if doings.hang_up
            && let Some(link) = self.links[pile].take()
        {
            self.network.close(link);
            let noticed = *self.dice.pick(&[0, 1, 30, 300]).unwrap_or(&0);
            self.after(noticed, Happening::LinkGone { link, pile });
        }
    }

    /// Lets a pile do something.
    pub(crate) fn with_pile(&mut self, pile: usize, act: impl FnOnce(&mut VirtualPile, Timestamp, &mut Doings)) {
        let mut doings = Doings::default();
        act(&mut self.piles[pile], self.now, &mut doings);
        self.carry_out(pile, doings);
    }
}

fn reason_of(refusal: &voltapile_platform::business::Refusal) -> String {
    use voltapile_platform::business::Refusal;
    match refusal {
        Refusal::NotFound { what, .. } => format!("no {what}"),
        Refusal::Conflict { reason, .. } => (*reason).to_owned(),
        Refusal::Invalid { field, .. } => format!("invalid {field}"),
    }
}

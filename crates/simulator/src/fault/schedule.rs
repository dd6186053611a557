//! When the faults of link and pile happen, and which behaviour those of the pile are.

use std::collections::BTreeSet;
use std::time::Duration;

use voltapile_protocol::time::Tick;
use voltapile_protocol::wire::Yuan;

use super::menu::{Fault, Kind, MENU, Occasion};
use super::plan::{Chance, FaultPlan};
use crate::model::{Behaviour, Billing, RecordDelivery, Rng, StartBehaviour};

/// From a login to a fault of its link, in milliseconds of the wall clock: long enough to settle the tariff, short enough
/// to happen before the next fault does.
const INTO_CONNECTION_MS: std::ops::RangeInclusive<u64> = 500..=15_000;
/// From the begin of a charge to a power cut, in milliseconds of simulated time: the charge has come to something.
const INTO_CHARGE_MS: std::ops::RangeInclusive<u64> = 60_000..=600_000;
/// How late a late record is, on the wall clock by which platforms wait for it: half as long again as the 30 s that the
/// specification allows.
const LATE: Duration = Duration::from_secs(45);
/// A fen, in 1e-4 yuan.
const FEN: Yuan<4> = Yuan::from_raw(100);

/// The faults of one pile that are not of its line.
#[derive(Debug)]
pub(crate) struct Schedule {
    /// What may happen to each connection, some time into it.
    of_links: Vec<(Fault, Chance)>,
    /// How often frames come before the login.
    before_login: Option<Chance>,
    /// What may be wrong with each spell of charging.
    of_charges: Vec<(Fault, Chance)>,
    rng: Rng,
    speed: u64,
    /// How the pile behaves but for its faults.
    healthy: Behaviour,
    /// What is wrong with this spell of charging, or with the next one.
    wrong: BTreeSet<Fault>,
    is_charging: bool,
    speaks_early: bool,
    /// Whether the next connection is to begin with frames before its login, whatever chance says.
    speaks_early_next: bool,
    /// What happens when; faults of the link end with their connection.
    due: Vec<Due>,
}

/// Something that is to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Due {
    at: Tick,
    fault: Fault,
    ends_with_connection: bool,
}

impl Schedule {
    /// The schedule of a plan, from the moment when the pile is switched on.
    pub(crate) fn new(plan: &FaultPlan, seed: u64, speed: u32, healthy: Behaviour, now: Tick) -> Self {
        let mut schedule = Self {
            of_links: Vec::new(),
            before_login: None,
            of_charges: Vec::new(),
            rng: Rng::new(seed),
            speed: u64::from(speed.max(1)),
            healthy,
            wrong: BTreeSet::new(),
            is_charging: false,
            speaks_early: false,
            speaks_early_next: false,
            due: Vec::new(),
        };
        schedule.replan(plan, now);
        schedule
    }

    /// Follows another plan, whose moments count from now; what was wrong with the charges under way no longer is.
    pub(crate) fn replan(&mut self, plan: &FaultPlan, now: Tick) {
        let of = |kind: Kind, occasion: Occasion| -> Vec<(Fault, Chance)> {
            let entries = MENU.iter().filter(|entry| (entry.kind, entry.occasion) == (kind, occasion));
            entries.filter_map(|entry| Some((entry.fault, plan.chance(entry.fault)?))).collect()
        };
        let moment = |(at, fault)| Due { at: now + at, fault, ends_with_connection: false };
        self.of_links = of(Kind::Link, Occasion::Connection);
        self.before_login = plan.chance(Fault::FramesBeforeLogin);
        self.of_charges = of(Kind::Pile, Occasion::Charge);
        self.due = plan.moments().into_iter().map(moment).collect();
        self.draw_spell();
    }

    /// When [`take_due`](Self::take_due) has something.
    pub(crate) fn next_deadline(&self) -> Option<Tick> {
        self.due.iter().map(|due| due.at).min()
    }

    /// What is to happen by now; once for each.
    pub(crate) fn take_due(&mut self, now: Tick) -> Option<Fault> {
        let at = self.due.iter().position(|due| due.at <= now)?;
        Some(self.due.swap_remove(at).fault)
    }

    /// Before each dial: whether this connection begins with frames before its login.
    pub(crate) fn dials(&mut self) {
        let by_chance = self.before_login.is_some_and(|chance| chance.happens(&mut self.rng));
        self.speaks_early = std::mem::take(&mut self.speaks_early_next) || by_chance;
    }

    /// A login was taken: what happens to this connection later.
    pub(crate) fn logged_in(&mut self, now: Tick) {
        for (fault, chance) in &self.of_links {
            if chance.happens(&mut self.rng) {
                let at = now + Duration::from_millis(self.rng.within(INTO_CONNECTION_MS));
                self.due.push(Due { at, fault: *fault, ends_with_connection: true });
            }
        }
    }

    /// A connection is gone, and with it what was to happen to it.
    pub(crate) fn disconnected(&mut self) {
        self.due.retain(|due| !due.ends_with_connection);
    }

    /// The pile charges now, or does not. Gives the faults of a spell that begins.
    pub(crate) fn charging(&mut self, now: Tick, is_charging: bool) -> Vec<Fault> {
        let was_charging = std::mem::replace(&mut self.is_charging, is_charging);
        match (was_charging, is_charging) {
            (false, true) => {
                if self.wrong.contains(&Fault::PowerCut) {
                    let into = Duration::from_millis(self.rng.within(INTO_CHARGE_MS) / self.speed);
                    self.due.push(Due { at: now + into, fault: Fault::PowerCut, ends_with_connection: false });
                }
                // These are told of when they happen.
                let later = [Fault::PowerCut, Fault::RefusedThenConfirmed];
                self.wrong.iter().copied().filter(|fault| !later.contains(fault)).collect()
            }
            (true, false) => {
                self.draw_spell();
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// A fault of the pile holds from now on until the next end of its charges, or for the next connection. Gives whether
    /// it did not hold before.
    pub(crate) fn inject(&mut self, fault: Fault) -> bool {
        if fault == Fault::FramesBeforeLogin {
            return !std::mem::replace(&mut self.speaks_early_next, true);
        }
        let rivals = RIVALS.into_iter().find(|rivals| rivals.contains(&fault)).unwrap_or_default();
        self.wrong.retain(|held| *held == fault || !rivals.contains(held));
        self.wrong.insert(fault)
    }

    /// Somebody wants the pile to behave differently, beside its faults.
    pub(crate) fn behave(&mut self, healthy: Behaviour) {
        self.healthy = healthy;
    }

    /// Whether this connection begins with frames before its login.
    pub(crate) const fn speaks_early(&self) -> bool {
        self.speaks_early
    }

    /// How the pile behaves now.
    pub(crate) fn behaviour(&self) -> Behaviour {
        let mut behaviour = self.healthy.clone();
        behaviour.speaks_before_login |= self.speaks_early;
        for fault in &self.wrong {
            match fault {
                Fault::DuplicateRecord => behaviour.record_delivery = RecordDelivery::Twice,
                Fault::LateRecord => behaviour.record_delivery = RecordDelivery::Late(LATE),
                Fault::NeverSentRecord => behaviour.record_delivery = RecordDelivery::Never,
                Fault::Clock1999 => behaviour.clock_of_1999 = true,
                Fault::MeterBackwards => behaviour.billing = Billing::MeterBackwards,
                Fault::FenOff => behaviour.billing = Billing::Overcharged(FEN),
                Fault::Hundredfold => behaviour.billing = Billing::Hundredfold,
                Fault::IdleWhileCharging => behaviour.reports_idle_while_charging = true,
                Fault::RefusedThenConfirmed => behaviour.start = StartBehaviour::RefusesThenConfirms,
                _ => {}
            }
        }
        behaviour
    }

    /// Draws what is wrong with the next spell. Of those that exclude each other the one that stands last on the menu
    /// holds, so that what is told of was played.
    fn draw_spell(&mut self) {
        self.wrong.clear();
        for (fault, chance) in &self.of_charges {
            if chance.happens(&mut self.rng) {
                self.wrong.insert(*fault);
            }
        }
        for rivals in RIVALS {
            let drawn: Vec<&Fault> = rivals.iter().filter(|fault| self.wrong.contains(fault)).collect();
            if let Some((_holds, others)) = drawn.split_last() {
                others.iter().for_each(|fault| _ = self.wrong.remove(fault));
            }
        }
    }
}

/// Faults of which a pile has one at a time.
const RIVALS: [&[Fault]; 2] = [
    &[Fault::DuplicateRecord, Fault::LateRecord, Fault::NeverSentRecord],
    &[Fault::MeterBackwards, Fault::FenOff, Fault::Hundredfold],
];

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(plan: &str) -> Schedule {
        Schedule::new(&plan.parse().unwrap(), 1, 60, Behaviour::default(), Tick(1_000))
    }

    #[test]
    fn without_a_plan_nothing_happens() {
        let mut schedule = schedule("");
        schedule.dials();
        schedule.logged_in(Tick(1_000));
        assert!(schedule.charging(Tick(2_000), true).is_empty());
        assert_eq!((schedule.next_deadline(), schedule.behaviour()), (None, Behaviour::default()));
    }

    #[test]
    fn moments_come_once_and_outlive_connections() {
        let mut schedule = schedule("silence@5s,flood@2s");
        schedule.disconnected();
        assert_eq!(schedule.take_due(Tick(2_999)), None);
        assert_eq!(schedule.next_deadline(), Some(Tick(3_000)));
        assert_eq!(schedule.take_due(Tick(3_000)), Some(Fault::Flood));
        assert_eq!(schedule.take_due(Tick(60_000)), Some(Fault::Silence));
        assert_eq!(schedule.take_due(Tick(60_000)), None);
    }

    #[test]
    fn faults_of_a_link_end_with_it() {
        let mut schedule = schedule("half-open:1,flood:1");
        schedule.logged_in(Tick(1_000));
        let due = schedule.next_deadline().unwrap();
        assert!((Tick(1_500)..=Tick(16_000)).contains(&due));
        assert!(schedule.take_due(due).is_some());
        schedule.disconnected();
        assert_eq!(schedule.next_deadline(), None);
    }

    #[test]
    fn faults_of_a_charge_hold_for_its_spell() {
        let mut schedule = schedule("hundredfold:1,fen-off:1,late-record:1,power-cut:1");
        let behaviour = schedule.behaviour();
        assert_eq!(behaviour.billing, Billing::Hundredfold, "the last of rivals holds");
        assert_eq!(behaviour.record_delivery, RecordDelivery::Late(LATE));
        assert_eq!(schedule.charging(Tick(2_000), true), [Fault::LateRecord, Fault::Hundredfold]);
        let cut = schedule.next_deadline().unwrap();
        assert!((Tick(3_000)..=Tick(12_000)).contains(&cut), "{cut:?}");
        assert_eq!(schedule.take_due(cut), Some(Fault::PowerCut));
        assert!(schedule.charging(cut, true).is_empty());
    }

    #[test]
    fn an_injected_fault_holds_until_the_charge_ends() {
        let mut schedule = schedule("");
        schedule.inject(Fault::Hundredfold);
        assert_eq!(schedule.charging(Tick(2_000), true), [Fault::Hundredfold]);
        assert_eq!(schedule.behaviour().billing, Billing::Hundredfold);
        schedule.charging(Tick(3_000), false);
        assert_eq!(schedule.behaviour(), Behaviour::default());
        schedule.behave(Behaviour { demands_plug: true, ..Behaviour::default() });
        assert!(schedule.behaviour().demands_plug);
    }
}

//! The platform as the server runs it: books, records, and a memory that a crash takes away.

use std::collections::{BTreeMap, BTreeSet};

use voltapile_platform::business::{
    Business, BusinessError, Due, OrderBrief, Presence, Reaction, Refusal, Rules, matters,
};
use voltapile_platform::identity::{CommandId, ConnectorNumber, OrderId, PileCode};
use voltapile_platform::order::{Order, OrderState, Progress};
use voltapile_platform::pile::Pile;
use voltapile_platform::station::Station;
use voltapile_platform::tariff::{TariffVersion, in_force};
use voltapile_platform::telemetry::{ConnectorState, Telemetry};
use voltapile_platform::timestamp::Timestamp;

use crate::books::{Commit, WorldBooks};
use crate::message::{Deadline, LinkId};
use crate::records::RecordStore;
use crate::sabotage::Sabotage;

/// Seconds without a report after which a charging connector is asked.
const SILENT_AFTER_S: i64 = 120;

/// What became of a unit of work.
#[derive(Debug)]
pub(crate) enum Worked<T> {
    Done(T),
    Refused(Refusal),
    /// The platform crashed; the work may be durable all the same.
    Crashed,
}

/// When a unit of work meets a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Crash {
    Never,
    BeforeCommit,
    /// The work is durable; nobody hears of it.
    AfterCommit,
}

/// A connector in memory.
#[derive(Debug, Default)]
pub(crate) struct ConnectorMemory {
    telemetry: Option<Telemetry>,
    last_charging: Option<Telemetry>,
    /// Whether it was asked to speak since it last did.
    asked: bool,
    pub(crate) order: Option<OrderBrief>,
}

/// A pile in memory.
#[derive(Debug, Default)]
pub(crate) struct PileMemory {
    pub(crate) link: Option<LinkId>,
    pub(crate) connectors: BTreeMap<ConnectorNumber, ConnectorMemory>,
}

/// What a crash takes away.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) piles: BTreeMap<PileCode, PileMemory>,
    pub(crate) timers: BTreeSet<Deadline>,
    /// Commands whose answer is awaited: on which connection, and until when.
    pub(crate) pending: BTreeMap<CommandId, (LinkId, Timestamp)>,
}

impl Presence for Memory {
    fn is_online(&self, pile: PileCode) -> bool {
        self.piles.get(&pile).is_some_and(|pile| pile.link.is_some())
    }

    fn is_idle(&self, pile: PileCode) -> bool {
        let Some(pile) = self.piles.get(&pile) else { return true };
        let charging = |telemetry: &Telemetry| telemetry.state == ConnectorState::Charging;
        let held = |known: &ConnectorMemory| known.order.is_some_and(|order| order.holds_connector);
        !pile.connectors.values().any(|known| held(known) || known.telemetry.as_ref().is_some_and(charging))
    }

    fn progress(&self, order: &Order) -> Option<Progress> {
        let known = self.piles.get(&order.pile)?.connectors.get(&order.connector)?;
        let told = known.last_charging.as_ref()?;
        (told.transaction_number == order.transaction_number).then(|| Progress::from(told))
    }
}

impl Memory {
    /// Keeps telemetry; whether the business is to hear of it, and what the connector last said while it charged.
    pub(crate) fn keep_telemetry(
        &mut self,
        pile: PileCode,
        connector: ConnectorNumber,
        telemetry: Telemetry,
    ) -> (bool, Option<Telemetry>) {
        let known = self.piles.entry(pile).or_default().connectors.entry(connector).or_default();
        let before = known.telemetry.replace(telemetry);
        known.asked = false;
        let last_charging = known.last_charging;
        if telemetry.state == ConnectorState::Charging {
            known.last_charging = Some(telemetry);
        }
        (matters(before.as_ref(), &telemetry, known.order.as_ref()), last_charging)
    }

    /// Joins a pile to a connection; the one that it leaves. What its connectors said before may be out of date.
    pub(crate) fn attach(&mut self, pile: PileCode, link: LinkId) -> Option<LinkId> {
        let known = self.piles.entry(pile).or_default();
        for connector in known.connectors.values_mut() {
            connector.telemetry = None;
        }
        known.link.replace(link)
    }

    /// Keeps the order that holds a connector, or the latest that waits for its record there, as [`matters`] asks for.
    fn keep_order(&mut self, brief: OrderBrief) {
        let known = self.piles.entry(brief.pile).or_default().connectors.entry(brief.connector).or_default();
        let held = known.order.is_some_and(|order| order.holds_connector && order.order != brief.order);
        if brief.holds_connector || (brief.state == OrderState::AwaitingRecord && !held) {
            known.order = Some(brief);
        } else if known.order.is_some_and(|order| order.order == brief.order) {
            known.order = None;
            known.last_charging = None;
        }
    }

    /// The order that holds a connector.
    pub(crate) fn order_on(&self, pile: PileCode, connector: ConnectorNumber) -> Option<OrderBrief> {
        self.piles.get(&pile)?.connectors.get(&connector)?.order
    }

    /// Connectors of connected piles that charge and have said nothing for long, each once until it speaks.
    pub(crate) fn silent(&mut self, now: Timestamp) -> Vec<(PileCode, ConnectorNumber, OrderId)> {
        let since = now.plus_seconds(-SILENT_AFTER_S);
        let mut silent = Vec::new();
        for (code, pile) in self.piles.iter_mut().filter(|(_, pile)| pile.link.is_some()) {
            for (number, known) in &mut pile.connectors {
                let charging = known.order.filter(|order| order.state == OrderState::Charging);
                let quiet = known.telemetry.is_some_and(|telemetry| telemetry.received_at < since);
                if let Some(order) = charging.filter(|_| quiet && !std::mem::replace(&mut known.asked, true)) {
                    silent.push((*code, *number, order.order));
                }
            }
        }
        silent
    }

    /// The earliest moment that has come.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<Due> {
        let first = self.timers.first().copied().filter(|(at, _)| *at <= now)?;
        self.timers.remove(&first);
        Some(first.1)
    }

    /// A connection's end is the end of what was to be answered on it.
    pub(crate) fn forget_pending(&mut self, link: LinkId) {
        self.pending.retain(|_, (on, _)| *on != link);
    }
}

/// The platform.
#[derive(Debug)]
pub(crate) struct Platform {
    pub(crate) books: WorldBooks,
    pub(crate) records: RecordStore,
    pub(crate) rules: Rules,
    pub(crate) memory: Memory,
    pub(crate) up: bool,
    pub(crate) sabotage: Option<Sabotage>,
}

impl Platform {
    pub(crate) fn new(rules: Rules) -> Self {
        let (books, records) = (WorldBooks::default(), RecordStore::default());
        Self { books, records, rules, memory: Memory::default(), up: true, sabotage: None }
    }

    /// One unit of work: kept with its reaction, or undone.
    pub(crate) fn work<T>(
        &mut self,
        now: Timestamp,
        crash: Crash,
        work: impl FnOnce(&mut Business<'_>) -> Result<T, BusinessError>,
    ) -> (Worked<T>, Option<(Commit, Reaction)>) {
        let mut business = Business {
            books: &mut self.books,
            rules: &self.rules,
            presence: &self.memory,
            now,
            reaction: Reaction::default(),
        };
        let result = work(&mut business);
        let reaction = std::mem::take(&mut business.reaction);
        match result {
            Err(BusinessError::Books(error)) => panic!("the books refuse: {error}"),
            _ if crash == Crash::BeforeCommit => {
                self.books.roll_back();
                (Worked::Crashed, None)
            }
            Err(BusinessError::Refused(refusal)) => {
                self.books.roll_back();
                (Worked::Refused(refusal), None)
            }
            Ok(value) => {
                if let Some(sabotage) = &mut self.sabotage {
                    sabotage.spoil(&mut self.books, &mut self.records);
                }
                let commit = self.books.commit();
                let worked = if crash == Crash::Never { Worked::Done(value) } else { Worked::Crashed };
                (worked, Some((commit, reaction)))
            }
        }
    }

    /// What memory takes over of a reaction.
    pub(crate) fn take_over(&mut self, reaction: &Reaction) {
        for brief in &reaction.orders {
            self.memory.keep_order(*brief);
        }
        self.memory.timers.extend(reaction.due.iter().copied());
    }

    /// Loses everything that is not durable.
    pub(crate) fn crash(&mut self) {
        self.memory = Memory::default();
        self.up = false;
    }

    /// The tariff version that a pile is to charge by, as the gateway looks it up.
    pub(crate) fn tariff_of(&self, pile: PileCode, now: Timestamp) -> Option<TariffVersion> {
        let pile: Pile = self.books.look(&pile)?;
        let of_station = || self.books.look::<Station>(pile.station.as_ref()?)?.tariff;
        let tariff = pile.tariff.clone().or_else(of_station)?;
        let mut versions = self.books.all::<TariffVersion>();
        versions.retain(|version| version.tariff == tariff);
        in_force(&versions, now).cloned()
    }
}

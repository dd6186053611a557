//! The network between piles and platform: connections that delay, lose, repeat and break.

use std::collections::BTreeMap;

use voltapile_platform::timestamp::Timestamp;

use crate::dice::Dice;
use crate::fault::Rates;
use crate::message::LinkId;

/// What becomes of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fate {
    /// When it arrives, once or more often; never where it is lost.
    pub(crate) arrivals: Vec<Timestamp>,
    /// Whether its connection breaks with it.
    pub(crate) cut: bool,
}

/// One connection.
#[derive(Debug, Default)]
struct Link {
    pile: usize,
    open: bool,
    /// Latest arrivals so far, up and down: what is sent later arrives later.
    latest: [i64; 2],
}

/// All connections there have been.
#[derive(Debug)]
pub(crate) struct Network {
    links: BTreeMap<LinkId, Link>,
    dice: Dice,
    pub(crate) rates: Rates,
}

impl Network {
    pub(crate) fn new(dice: Dice, rates: Rates) -> Self {
        Self { links: BTreeMap::new(), dice, rates }
    }

    /// A new connection of a pile.
    pub(crate) fn open(&mut self, pile: usize) -> LinkId {
        let id = u64::try_from(self.links.len()).unwrap_or(u64::MAX) + 1;
        self.links.insert(id, Link { pile, open: true, latest: [0; 2] });
        id
    }

    /// Breaks a connection; whether it stood.
    pub(crate) fn close(&mut self, link: LinkId) -> bool {
        self.links.get_mut(&link).is_some_and(|link| std::mem::take(&mut link.open))
    }

    pub(crate) fn is_open(&self, link: LinkId) -> bool {
        self.links.get(&link).is_some_and(|link| link.open)
    }

    /// The connections that stand, with their piles.
    pub(crate) fn standing(&self) -> Vec<(LinkId, usize)> {
        self.links.iter().filter(|(_, link)| link.open).map(|(id, link)| (*id, link.pile)).collect()
    }

    /// Sends a message, up or down.
    pub(crate) fn send(&mut self, link: LinkId, down: bool, now: Timestamp) -> Fate {
        let Self { links, dice, rates } = self;
        let Some(link) = links.get_mut(&link).filter(|link| link.open) else { return Fate::default() };
        if dice.chance(rates.cut) {
            // The message itself may get through, or not.
            let arrivals = if dice.chance(500) { vec![now.plus_seconds(0)] } else { Vec::new() };
            return Fate { arrivals, cut: true };
        }
        if dice.chance(rates.lost) {
            return Fate::default();
        }
        let latest = &mut link.latest[usize::from(down)];
        let sent = now.unix_ms() + dice.between(1, rates.delay_ms);
        let arrives = if dice.chance(rates.overtakes) { sent } else { sent.max(*latest) };
        *latest = arrives.max(*latest);
        let mut arrivals = vec![Timestamp::from_unix_ms(arrives)];
        if dice.chance(rates.twice) {
            arrivals.push(Timestamp::from_unix_ms(arrives + dice.between(1, 60_000)));
        }
        Fate { arrivals, cut: false }
    }
}

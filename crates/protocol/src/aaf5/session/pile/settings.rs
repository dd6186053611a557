//! What a pile keeps of what it was told: parameters, and who may charge while the platform cannot be reached.

use std::collections::BTreeMap;

use super::PileConfig;
use crate::aaf5::field::CardNumber;
use crate::aaf5::parameter::{Access, Parameter};
use crate::wire::Code;

/// Index of the sign-in period, in minutes.
pub(super) const SIGN_IN_MINUTES: u32 = 1;
/// Index of the heartbeat period, in seconds.
pub(super) const HEARTBEAT_SECONDS: u32 = 21;
/// Index of the number of heartbeats without an answer that make a link dead.
pub(super) const HEARTBEAT_MISSES: u32 = 22;
/// Index of the period of status reports, in seconds.
pub(super) const STATUS_SECONDS: u32 = 23;
/// Index of the service price, in 0.01 CNY/kWh.
pub(super) const SERVICE_PRICE: u32 = 27;
/// Index of the white list's version.
const WHITE_LIST_VERSION: u32 = 81;
/// Index of the wish for 104 at once.
pub(super) const STATUS_NOW: u32 = 82;
/// Index of the wish to unlock a connector.
pub(super) const UNLOCK: u32 = 83;
/// Index of the wish to reset the control board.
pub(super) const RESET: u32 = 84;
/// Index of the wish to lock a connector.
pub(super) const LOCK: u32 = 86;
/// Index of the wish that a board checks itself.
pub(super) const SELF_CHECK: u32 = 87;
/// Index of the balance of a charge: the connector, then the money.
pub(super) const BALANCE: u32 = 91;
/// Index of the clock among the texts.
pub(super) const CLOCK: u32 = 2;

/// Integer parameters for which 0 means "unchanged".
const ZERO_KEEPS: [u32; 3] = [HEARTBEAT_SECONDS, HEARTBEAT_MISSES, STATUS_SECONDS];
/// Longest text.
const TEXT_MAX: usize = 256;

/// The parameters of one pile.
#[derive(Debug)]
pub(super) struct Parameters {
    /// Words of integer parameters that are other than their default.
    integers: BTreeMap<u32, Vec<u32>>,
    texts: BTreeMap<u32, Box<[u8]>>,
}

impl Parameters {
    pub(super) fn new(config: &PileConfig) -> Self {
        let integers = [
            (SIGN_IN_MINUTES, u32::from(config.sign_in_minutes)),
            (3, config.connector_count.into()),
            (HEARTBEAT_SECONDS, config.heartbeat_seconds.into()),
            (HEARTBEAT_MISSES, config.heartbeat_misses.into()),
            (STATUS_SECONDS, config.status_seconds.into()),
            (24, config.report_mode.number().into()),
        ];
        let integers = integers.map(|(index, word)| (index, vec![word])).into();
        Self { integers, texts: [(1, config.pile_code.as_bytes().into())].into() }
    }

    /// An integer of one word; its default, or 0, where it was never set.
    pub(super) fn integer(&self, index: u32) -> u32 {
        self.words(index).and_then(|words| words.first().copied()).unwrap_or_default()
    }

    /// The words of an integer parameter; `None` where there is none of that index.
    fn words(&self, index: u32) -> Option<Vec<u32>> {
        let parameter = Parameter::integer(index)?;
        let unset = || vec![parameter.default.unwrap_or_default(); parameter.kind.words()];
        Some(self.integers.get(&index).cloned().unwrap_or_else(unset))
    }

    /// So many words of integers that follow each other; `None` when there is one that does not exist or has no end there.
    pub(super) fn integers(&self, first: u32, count: usize) -> Option<Vec<u32>> {
        let mut words = Vec::new();
        for index in first..=u32::MAX {
            if words.len() >= count {
                break;
            }
            words.extend(self.words(index)?);
        }
        (words.len() == count).then_some(words)
    }

    /// The words of integers that follow each other, by index; `None` where one of them can't be set.
    pub(super) fn settable(first: u32, values: &[u32]) -> Option<Vec<(u32, Vec<u32>)>> {
        let (mut new, mut rest) = (Vec::new(), values);
        for index in first..=u32::MAX {
            if rest.is_empty() {
                break;
            }
            let settable = Parameter::integer(index).filter(|parameter| parameter.access != Access::ReadOnly);
            let (words, behind) = rest.split_at_checked(settable?.kind.words())?;
            new.push((index, words.to_vec()));
            rest = behind;
        }
        Some(new)
    }

    /// Sets integers that can be set.
    pub(super) fn set_integers(&mut self, new: Vec<(u32, Vec<u32>)>) {
        let changes = |(index, words): &(u32, Vec<u32>)| *words != [0] || !ZERO_KEEPS.contains(index);
        self.integers.extend(new.into_iter().filter(changes));
    }

    /// The white list has another version now.
    pub(super) fn set_white_list_version(&mut self, version: u32) {
        self.integers.insert(WHITE_LIST_VERSION, vec![version]);
    }

    /// A text; empty for one that was never set, `None` for one that does not exist.
    pub(super) fn text(&self, index: u32) -> Option<&[u8]> {
        Parameter::text(index).map(|_| self.texts.get(&index).map_or(&[][..], |text| text))
    }

    /// Sets a text; whether it can be set.
    pub(super) fn set_text(&mut self, index: u32, value: &[u8]) -> bool {
        let can_be_set = Parameter::text(index).is_some() && value.len() <= TEXT_MAX;
        if can_be_set {
            self.texts.insert(index, value.into());
        }
        can_be_set
    }
}

/// Entries that a white list has at most.
const WHITE_LIST_MAX: usize = 100;

/// Who may charge while the platform cannot be reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WhiteList {
    /// Its version; 0 for an empty list.
    pub version: u32,
    /// Cards, and VINs that came in 32 bytes.
    pub cards: Vec<CardNumber>,
    /// VINs.
    pub vins: Vec<[u8; 17]>,
}

impl WhiteList {
    /// Adds entries; whether they have room.
    pub(super) fn add(&mut self, version: u32, cards: Vec<CardNumber>, vins: Vec<[u8; 17]>) -> bool {
        if self.cards.len() + self.vins.len() + cards.len() + vins.len() > WHITE_LIST_MAX {
            return false;
        }
        self.cards.extend(cards);
        self.vins.extend(vins);
        self.version = version;
        true
    }
}

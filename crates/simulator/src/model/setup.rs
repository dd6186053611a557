//! Which pile to play.

use voltapile_protocol::Protocol;
use voltapile_protocol::aaf5::session::pile::{PileQuirks, Version};
use voltapile_protocol::ykc::code::PileType;
use voltapile_protocol::ykc::field::{PhysicalCardNumber, PileCode};
use voltapile_protocol::ykc::session::pile::PileConfig;

use super::aes_key::AesKey;
use super::behaviour::Behaviour;
use super::bill::{Arithmetic, Meter};

/// Offline cards that a pile has room for, unless its setup says otherwise.
const OFFLINE_CARD_ROOM: usize = 200;

/// Which protocol a pile speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Speech {
    /// YKC, as the setup's [`config`](PileSetup::config) says.
    Ykc,
    /// AA F5; of the setup's [`config`](PileSetup::config) code, current and connectors count.
    Aaf5(Aaf5Speech),
}

/// How a pile speaks AA F5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aaf5Speech {
    /// Version of the protocol.
    pub version: Version,
    /// Version of its firmware, in hundredths.
    pub software_version: u32,
    /// Whether it can encrypt.
    pub can_encrypt: bool,
    /// The key with which it does; without one it takes the platform's.
    pub aes_key: Option<AesKey>,
    /// Where it departs from the specification.
    pub quirks: PileQuirks,
}

impl Default for Aaf5Speech {
    fn default() -> Self {
        let (version, quirks) = (Version::default(), PileQuirks::default());
        Self { version, software_version: 21_001, can_encrypt: false, aes_key: None, quirks }
    }
}

/// Which pile to play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PileSetup {
    /// What it says of itself, and its quirks.
    pub config: PileConfig,
    /// Which protocol it speaks, and how.
    pub speech: Speech,
    /// Power of each connector at most.
    pub max_power_w: u32,
    /// Whether people walk up and charge; without them only the platform starts charges.
    pub walk_ins: bool,
    /// The cards that they swipe for the platform to judge; without any they charge with offline cards.
    pub visitor_cards: Vec<PhysicalCardNumber>,
    /// Whether each connector has a parking lock.
    pub parking_locks: bool,
    /// Offline cards it has room for.
    pub offline_card_room: usize,
    /// How it computes its bills.
    pub arithmetic: Arithmetic,
    /// What goes wrong.
    pub behaviour: Behaviour,
}

impl PileSetup {
    /// Which protocol it speaks.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        match self.speech {
            Speech::Ykc => Protocol::Ykc,
            Speech::Aaf5(_) => Protocol::Aaf5,
        }
    }

    /// The same pile, speaking AA F5 as the newest firmware does. Its code stays the fourteen digits that it has.
    #[must_use]
    pub fn speaking_aaf5(self) -> Self {
        let arithmetic = Arithmetic { meter: Meter::Thousandths, ..self.arithmetic };
        Self { speech: Speech::Aaf5(Aaf5Speech::default()), arithmetic, ..self }
    }

    /// A DC pile of 120 kW per connector.
    #[must_use]
    pub fn dc(pile_code: PileCode, connector_count: u8) -> Self {
        Self::new(PileConfig { connector_count, pile_type: PileType::Dc, ..PileConfig::new(pile_code) }, 120_000)
    }

    /// An AC pile of 7 kW per connector.
    #[must_use]
    pub fn ac(pile_code: PileCode, connector_count: u8) -> Self {
        Self::new(PileConfig { connector_count, pile_type: PileType::Ac, ..PileConfig::new(pile_code) }, 7_000)
    }

    /// The pile, but without visitors of its own accord: only the platform and
    /// [actions](super::Action) start charges.
    #[must_use]
    pub fn unattended(self) -> Self {
        Self { walk_ins: false, ..self }
    }

    fn new(config: PileConfig, max_power_w: u32) -> Self {
        Self {
            config,
            speech: Speech::Ykc,
            max_power_w,
            walk_ins: true,
            visitor_cards: Vec::new(),
            parking_locks: false,
            offline_card_room: OFFLINE_CARD_ROOM,
            arithmetic: Arithmetic::default(),
            behaviour: Behaviour::default(),
        }
    }
}

/// How to play it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelOptions {
    /// Simulated seconds per second; at least 1.
    pub speed: u32,
    /// Where chance begins; each pile takes its code into account.
    pub seed: u64,
}

impl Default for ModelOptions {
    fn default() -> Self {
        Self { speed: 1, seed: 1 }
    }
}

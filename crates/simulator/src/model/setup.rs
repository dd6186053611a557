//! Which pile to play.

use voltapile_protocol::Protocol;
use voltapile_protocol::ykc::code::PileType;
use voltapile_protocol::ykc::field::{PhysicalCardNumber, PileCode};
use voltapile_protocol::ykc::session::pile::PileConfig;

use super::behaviour::Behaviour;
use super::bill::Arithmetic;

/// Offline cards that a pile has room for, unless its setup says otherwise.
const OFFLINE_CARD_ROOM: usize = 200;

/// Which pile to play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PileSetup {
    /// What it says of itself, and its quirks.
    pub config: PileConfig,
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
        Protocol::Ykc
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

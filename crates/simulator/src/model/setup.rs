//! Which pile to play.

use voltapile_protocol::ykc::code::PileType;
use voltapile_protocol::ykc::field::PileCode;
use voltapile_protocol::ykc::session::pile::PileConfig;

/// Which pile to play.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PileSetup {
    /// What it says of itself, and its quirks.
    pub config: PileConfig,
    /// Power of each connector at most.
    pub max_power_w: u32,
    /// Whether people walk up and charge with offline cards; without them only the platform starts charges.
    pub walk_ins: bool,
}

impl PileSetup {
    /// A DC pile of 120 kW per connector.
    #[must_use]
    pub fn dc(pile_code: PileCode, connector_count: u8) -> Self {
        let config = PileConfig { connector_count, pile_type: PileType::Dc, ..PileConfig::new(pile_code) };
        Self { config, max_power_w: 120_000, walk_ins: true }
    }

    /// An AC pile of 7 kW per connector.
    #[must_use]
    pub fn ac(pile_code: PileCode, connector_count: u8) -> Self {
        let config = PileConfig { connector_count, pile_type: PileType::Ac, ..PileConfig::new(pile_code) };
        Self { config, max_power_w: 7_000, walk_ins: true }
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

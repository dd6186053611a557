//! What a pile is, and in which ways it departs from the specification.

use crate::wire::Ascii;
use crate::ykc::code::{Carrier, NetworkType, PileType};
use crate::ykc::field::{Iccid, PileCode, TariffId};
use crate::ykc::{CrcOrder, Dialect};

/// What a pile says of itself when it logs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PileConfig {
    /// Its number.
    pub pile_code: PileCode,
    /// Kind of current it delivers.
    pub pile_type: PileType,
    /// How many connectors it has, numbered from 1.
    pub connector_count: u8,
    /// Version of the protocol times ten, as the wire has it: 0x10 for 1.6 in most firmware.
    pub protocol_version: u8,
    /// Version of its firmware.
    pub firmware_version: Ascii<8>,
    /// How it reaches the platform.
    pub network_type: NetworkType,
    /// Number of its SIM card.
    pub iccid: Iccid,
    /// Mobile network of the SIM card.
    pub carrier: Carrier,
    /// Number of the tariff it has; zero when it has none yet.
    pub tariff_id: TariffId,
    /// Which vendor's frames it speaks.
    pub dialect: Dialect,
    /// Where it departs from the specification.
    pub quirks: PileQuirks,
}

impl PileConfig {
    /// A pile by the book: DC, one connector, V1.6, no tariff yet.
    #[must_use]
    pub fn new(pile_code: PileCode) -> Self {
        Self {
            pile_code,
            pile_type: PileType::Dc,
            connector_count: 1,
            protocol_version: 0x10,
            firmware_version: Ascii::default(),
            network_type: NetworkType::Sim,
            iccid: Iccid::default(),
            carrier: Carrier::ChinaMobile,
            tariff_id: TariffId::default(),
            dialect: Dialect::V16,
            quirks: PileQuirks::default(),
        }
    }
}

/// Ways of real firmware (all off: by the book).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PileQuirks {
    /// Order of the CRC's bytes in what it sends.
    pub crc_order: CrcOrder,
    /// Every request carries sequence number 0.
    pub zero_sequence: bool,
    /// Whose health the heartbeats tell.
    pub heartbeat: HeartbeatPattern,
    /// No heartbeat until the tariff is settled: a platform silent on 0x05 sees a live pile as dead.
    pub heartbeat_waits_for_tariff: bool,
    /// Asks for the whole tariff even when 0x06 says that it has the right one.
    pub always_requests_tariff: bool,
    /// Goes on sending a record that the platform answered with anything but "uploaded".
    pub keeps_refused_records: bool,
}

/// Whose health the heartbeats of a pile tell; one frame every 10 s in any case but the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HeartbeatPattern {
    /// Connectors in turn.
    #[default]
    InTurn,
    /// The first connector only.
    FirstOnly,
    /// All connectors every time, one frame for each.
    Each,
}

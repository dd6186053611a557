//! What a pile is, and in which ways it departs from the specification.

use super::{RecordFrame, RecordSchedule};
use crate::wire::Ascii;
use crate::ykc::code::{Carrier, NetworkType, PileType};
use crate::ykc::field::{ConnectorNumber, Iccid, PileCode, TariffId, connector_number};
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

impl PileConfig {
    /// The byte for a connector's number.
    #[must_use]
    pub const fn connector_byte(&self, number: u8) -> ConnectorNumber {
        if self.quirks.binary_connectors { ConnectorNumber(number) } else { ConnectorNumber::bcd(number) }
    }

    /// The connector that a byte means.
    #[must_use]
    pub const fn connector(&self, byte: ConnectorNumber) -> u8 {
        connector_number(byte.0, self.quirks.binary_connectors)
    }
}

/// Ways of real firmware (all off: by the book).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PileQuirks {
    /// Order of the CRC's bytes in what it sends.
    pub crc_order: CrcOrder,
    /// Frame types that it sends with the CRC's bytes in the other order.
    pub crc_exceptions: &'static [u8],
    /// Passes over frames with the CRC's high byte first.
    pub drops_high_first: bool,
    /// Frame types of the platform that its firmware does not know.
    pub unknown_types: &'static [u8],
    /// Numbers of connectors above 9 are plain binary instead of BCD.
    pub binary_connectors: bool,
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
    /// Which frame brings its records.
    pub record_frame: RecordFrame,
    /// When it sends a record again.
    pub record_schedule: RecordSchedule,
    /// Why a start failed (0x33, 0xA3) stands in the byte of the result as well, where 0 or 1 is expected.
    pub reason_in_result: bool,
    /// Its card reader pads short numbers on the right instead of the left.
    pub right_padded_cards: bool,
    /// Sends the VIN in natural order where the specification wants it reversed (0x31, 0xA1).
    pub natural_vin: bool,
    /// Answers 0x46 with a result per card but no reason (0x45 with 9 bytes per card, OQ-20).
    pub short_clear_answers: bool,
}

/// Whose health the heartbeats of a pile tell; one frame every 10 s in any case but the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HeartbeatPattern {
    /// Connectors in turn.
    #[default]
    InTurn,
    /// A faulty connector while there is one, otherwise connectors in turn.
    FaultyFirst,
    /// The first connector only.
    FirstOnly,
    /// All connectors every time, one frame for each.
    Each,
}

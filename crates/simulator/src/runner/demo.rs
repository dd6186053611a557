//! The fleet of `serve --demo`: what a small operator has, with a few habits of real firmware.

use std::net::SocketAddr;

use voltapile_protocol::wire::{Ascii, Bytes};
use voltapile_protocol::ykc::CrcOrder;
use voltapile_protocol::ykc::field::{Iccid, PhysicalCardNumber, PileCode};
use voltapile_protocol::ykc::session::pile::HeartbeatPattern;

use super::FleetConfig;
use crate::fault::FaultPlan;
use crate::model::PileSetup;

/// Simulated seconds per second: a charge takes a minute or two.
pub const DEMO_SPEED: u32 = 60;
/// First bytes of the demonstration's pile codes; the last is the number of the pile in BCD.
const CODE_BEGIN: [u8; 6] = [0x32, 0x01, 0x06, 0x00, 0x00, 0x00];
/// Cards in the demonstration's town.
const DEMO_CARDS: u64 = 60;
/// What the demonstration's physical card numbers begin with.
const DEMO_CARD_BEGIN: u64 = 0x0000_0000_D14B_0000;
/// First bytes of the SIM cards' numbers.
const ICCID_BEGIN: [u8; 9] = [0x89, 0x86, 0x04, 0x12, 0x06, 0x00, 0x00, 0x00, 0x00];

/// The demonstration's fleet, dialling `server`.
#[must_use]
pub fn demo_fleet(server: SocketAddr) -> FleetConfig {
    FleetConfig {
        server,
        piles: demo_piles(),
        speed: DEMO_SPEED,
        seed: 20,
        observer: None,
        faults: FaultPlan::default(),
    }
}

/// The demonstration's piles, 32010600000001 to 32010600000012: six DC with two connectors, two DC with one, two AC with
/// one, two AC with two. The sixth and the tenth speak AA F5.
#[must_use]
pub fn demo_piles() -> Vec<PileSetup> {
    let mut piles: Vec<PileSetup> = (1_u8..=12).map(pile).collect();
    for (pile, number) in piles.iter_mut().zip(1..) {
        if matches!(number, 6 | 10) {
            *pile = pile.clone().speaking_aaf5();
        }
        let quirks = &mut pile.config.quirks;
        match number {
            3 => quirks.crc_order = CrcOrder::HighFirst,
            5 => quirks.heartbeat = HeartbeatPattern::FirstOnly,
            7 => quirks.always_requests_tariff = true,
            9 => quirks.zero_sequence = true,
            _ => {}
        }
    }
    piles
}

fn pile(number: u8) -> PileSetup {
    let bcd = number / 10 * 16 + number % 10;
    let [c0, c1, c2, c3, c4, c5] = CODE_BEGIN;
    let code = PileCode([c0, c1, c2, c3, c4, c5, bcd]);
    let mut setup = match number {
        1..=6 => PileSetup::dc(code, 2),
        7 | 8 => PileSetup { max_power_w: 60_000, ..PileSetup::dc(code, 1) },
        9 | 10 => PileSetup::ac(code, 1),
        _ => PileSetup::ac(code, 2),
    };
    let [i0, i1, i2, i3, i4, i5, i6, i7, i8] = ICCID_BEGIN;
    setup.config.iccid = Iccid([i0, i1, i2, i3, i4, i5, i6, i7, i8, bcd]);
    setup.config.firmware_version = Ascii(*b"VP1.0.0\0");
    setup.visitor_cards = demo_cards();
    setup
}

/// The cards of the demonstration's visitors: more than there are connectors, since each charges one car at a time.
#[must_use]
pub fn demo_cards() -> Vec<PhysicalCardNumber> {
    (1..=DEMO_CARDS).map(|number| Bytes((DEMO_CARD_BEGIN + number).to_be_bytes())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_twelve_piles_with_twenty_connectors() {
        let piles = demo_piles();
        let codes: Vec<String> = piles.iter().map(|pile| pile.config.pile_code.to_string()).collect();
        assert_eq!((codes.len(), codes[0].as_str(), codes[11].as_str()), (12, "32010600000001", "32010600000012"));
        let aaf5 = piles.iter().filter(|pile| pile.protocol() == voltapile_protocol::Protocol::Aaf5);
        assert_eq!(aaf5.count(), 2);
        assert_eq!(piles.iter().map(|pile| u32::from(pile.config.connector_count)).sum::<u32>(), 20);
    }
}

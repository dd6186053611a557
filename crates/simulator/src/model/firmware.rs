//! The one table of what firmware does differently. A virtual pile gets a row by its name; everything else in the code
//! asks the quirks, never the name.

mod aaf5;

use std::time::Duration;

use voltapile_protocol::wire::Ascii;
use voltapile_protocol::ykc::session::pile::{HeartbeatPattern, PileQuirks, RecordFrame, RecordSchedule};
use voltapile_protocol::ykc::{CrcOrder, Dialect};

pub use self::aaf5::{AAF5_FIRMWARES, Aaf5Firmware};
use super::bill::{Arithmetic, Meter, Rounding};
use super::setup::PileSetup;

/// A firmware and its ways.
#[derive(Debug, PartialEq, Eq)]
pub struct Firmware {
    /// Name to ask for it with.
    pub name: &'static str,
    /// Chinese text.
    pub zh: &'static str,
    /// English text.
    pub en: &'static str,
    /// What 0x01 says of it.
    pub version: Ascii<8>,
    /// What 0x01 says of the protocol: its version times ten.
    pub protocol_version: u8,
    /// Name of the profile that a platform reads it best with (`voltapile_protocol::ykc::profile`).
    pub profile: &'static str,
    /// Which vendor's frames it speaks.
    pub dialect: Dialect,
    /// Where it departs from the specification.
    pub quirks: PileQuirks,
    /// How it computes its bills.
    pub arithmetic: Arithmetic,
}

const SECONDS_10: Duration = Duration::from_secs(10);
/// Frames of parallel charging, which came with V1.6.
const PARALLEL: &[u8] = &[0xA2, 0xA4];
const BOOK_SCHEDULE: RecordSchedule = RecordSchedule {
    pause: Duration::from_secs(30),
    sendings: 4,
    last_pause: Some(Duration::from_secs(5 * 60)),
    forgets: false,
};
const BOOK_QUIRKS: PileQuirks = PileQuirks {
    crc_order: CrcOrder::LowFirst,
    crc_exceptions: &[],
    drops_high_first: false,
    unknown_types: &[],
    binary_connectors: false,
    zero_sequence: false,
    heartbeat: HeartbeatPattern::InTurn,
    heartbeat_waits_for_tariff: false,
    always_requests_tariff: false,
    keeps_refused_records: false,
    record_frame: RecordFrame::V16,
    record_schedule: BOOK_SCHEDULE,
    reason_in_result: false,
    right_padded_cards: false,
    natural_vin: false,
    short_clear_answers: false,
};
const BOOK_ARITHMETIC: Arithmetic = Arithmetic { rounding: Rounding::HalfUp, meter: Meter::Finest };

/// By the book; rows name only what differs.
const V16: Firmware = Firmware {
    name: "v1.6",
    zh: "按 V1.6 规范",
    en: "V1.6 by the book",
    version: Ascii(*b"V1.6.0\0\0"),
    protocol_version: 0x10,
    profile: "v1.6",
    dialect: Dialect::V16,
    quirks: BOOK_QUIRKS,
    arithmetic: BOOK_ARITHMETIC,
};

/// Every row.
pub static FIRMWARES: [Firmware; 16] = [
    V16,
    Firmware {
        name: "v1.4",
        zh: "V1.4：账单用 0x3F，无并充",
        en: "V1.4: records as 0x3F, no parallel charging",
        version: Ascii(*b"V1.4.0\0\0"),
        protocol_version: 0x0E,
        quirks: PileQuirks { record_frame: RecordFrame::V14, unknown_types: PARALLEL, ..BOOK_QUIRKS },
        ..V16
    },
    Firmware {
        name: "v1.5",
        zh: "V1.5：无并充",
        en: "V1.5: no parallel charging",
        version: Ascii(*b"V1.5.0\0\0"),
        protocol_version: 0x0F,
        quirks: PileQuirks { unknown_types: PARALLEL, ..BOOK_QUIRKS },
        ..V16
    },
    Firmware {
        name: "v1.7",
        zh: "V1.7：账单用 0x3D",
        en: "V1.7: records as 0x3D",
        version: Ascii(*b"V1.7.0\0\0"),
        protocol_version: 0x11,
        quirks: PileQuirks { record_frame: RecordFrame::V17, ..BOOK_QUIRKS },
        ..V16
    },
    Firmware {
        name: "one-heartbeat",
        zh: "全部枪只发 1 号枪的心跳",
        en: "one heartbeat, of connector 1, for all connectors",
        quirks: PileQuirks { heartbeat: HeartbeatPattern::FirstOnly, ..BOOK_QUIRKS },
        ..V16
    },
    Firmware {
        name: "openuc",
        zh: "小桔 openuc：流水号恒 0，0x33 结果字节带原因，账单 10 秒 × 6 次后丢弃，枪号二进制，VIN 不反序",
        en: "openuc: sequence always 0, reason in the result byte of 0x33, records 6 times every 10 s and then dropped, \
             binary connector numbers, VIN in natural order",
        version: Ascii(*b"UC1.0\0\0\0"),
        protocol_version: 0x0A,
        profile: "openuc",
        quirks: PileQuirks {
            drops_high_first: true,
            binary_connectors: true,
            zero_sequence: true,
            keeps_refused_records: true,
            record_schedule: RecordSchedule { pause: SECONDS_10, sendings: 6, last_pause: None, forgets: true },
            reason_in_result: true,
            natural_vin: true,
            ..BOOK_QUIRKS
        },
        ..V16
    },
    Firmware {
        name: "mafus",
        zh: "mafus：计费模型确定前不发心跳，优先上报故障枪",
        en: "mafus: no heartbeat before the tariff is settled, a faulty connector first",
        version: Ascii(*b"MF1.6\0\0\0"),
        quirks: PileQuirks {
            drops_high_first: true,
            heartbeat: HeartbeatPattern::FaultyFirst,
            heartbeat_waits_for_tariff: true,
            ..BOOK_QUIRKS
        },
        ..V16
    },
    Firmware {
        name: "thaisen",
        zh: "钛昕：每枪一个心跳，账单最多 10 次",
        en: "Thaisen: a heartbeat of each connector, records at most 10 times",
        version: Ascii(*b"TX1.5\0\0\0"),
        protocol_version: 0x0F,
        quirks: PileQuirks {
            drops_high_first: true,
            heartbeat: HeartbeatPattern::Each,
            record_schedule: RecordSchedule { sendings: 10, last_pause: None, ..BOOK_SCHEDULE },
            ..BOOK_QUIRKS
        },
        ..V16
    },
    Firmware {
        name: "gongniu",
        zh: "公牛 1.x：总是请求计费模型，账单 10 秒 × 3 次后视为已上传，枪号二进制",
        en: "Gongniu (Bull) 1.x: always asks for the tariff, records 3 times every 10 s and then lost, binary connector \
             numbers",
        version: Ascii(*b"GN1.2\0\0\0"),
        profile: "gongniu",
        dialect: Dialect::Gongniu,
        quirks: PileQuirks {
            drops_high_first: true,
            binary_connectors: true,
            heartbeat: HeartbeatPattern::FirstOnly,
            always_requests_tariff: true,
            record_schedule: RecordSchedule { pause: SECONDS_10, sendings: 3, last_pause: None, forgets: true },
            ..BOOK_QUIRKS
        },
        ..V16
    },
    Firmware {
        name: "mixed-crc",
        zh: "CRC 高字节在前，登录帧除外",
        en: "CRC high byte first, but not in 0x01",
        quirks: PileQuirks { crc_order: CrcOrder::HighFirst, crc_exceptions: &[0x01], ..BOOK_QUIRKS },
        ..V16
    },
    Firmware {
        name: "right-padded-cards",
        zh: "卡号右侧补零",
        en: "card numbers padded on the right",
        quirks: PileQuirks { right_padded_cards: true, ..BOOK_QUIRKS },
        ..V16
    },
    Firmware {
        name: "natural-vin",
        zh: "0x31 中 VIN 不反序",
        en: "VIN in natural order in 0x31",
        quirks: PileQuirks { natural_vin: true, ..BOOK_QUIRKS },
        ..V16
    },
    Firmware {
        name: "short-0x45",
        zh: "0x45 每张卡 9 字节，无失败原因",
        en: "0x45 with 9 bytes per card, without reasons",
        quirks: PileQuirks { short_clear_answers: true, ..BOOK_QUIRKS },
        ..V16
    },
    Firmware {
        name: "truncating",
        zh: "金额截断到 0.0001 元",
        en: "amounts cut off behind 0.0001 yuan",
        arithmetic: Arithmetic { rounding: Rounding::Truncate, ..BOOK_ARITHMETIC },
        ..V16
    },
    Firmware {
        name: "fen",
        zh: "每个时段四舍五入到分",
        en: "each tier rounded to the fen",
        arithmetic: Arithmetic { rounding: Rounding::HalfUpToFen, ..BOOK_ARITHMETIC },
        ..V16
    },
    Firmware {
        name: "coarse-meter",
        zh: "电表只有两位小数，每个时段截断到分",
        en: "a meter with two decimals, each tier cut off behind the fen",
        arithmetic: Arithmetic { rounding: Rounding::TruncateToFen, meter: Meter::Hundredths },
        ..V16
    },
];

impl Firmware {
    /// The row of a name; `None` for a name that no row has.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FIRMWARES.iter().find(|firmware| firmware.name == name)
    }

    /// Puts it on a pile.
    pub const fn equip(&self, setup: &mut PileSetup) {
        setup.config.firmware_version = self.version;
        setup.config.protocol_version = self.protocol_version;
        setup.config.dialect = self.dialect;
        setup.config.quirks = self.quirks;
        setup.arithmetic = self.arithmetic;
    }
}

impl PileSetup {
    /// The same pile with another firmware.
    #[must_use]
    pub fn with_firmware(mut self, firmware: &Firmware) -> Self {
        firmware.equip(&mut self);
        self
    }
}

#[cfg(test)]
mod tests {
    use voltapile_protocol::ykc::Profile;

    use super::*;

    #[test]
    fn names_are_unique_and_name_a_profile() {
        for (position, firmware) in FIRMWARES.iter().enumerate() {
            assert!(std::ptr::eq(Firmware::named(firmware.name).unwrap(), &FIRMWARES[position]));
            let profile = Profile::named(firmware.profile).unwrap();
            assert_eq!(profile.dialect, firmware.dialect, "{}", firmware.name);
            assert_eq!(profile.binary_connectors, firmware.quirks.binary_connectors, "{}", firmware.name);
        }
        assert_eq!(Firmware::named("nobody"), None);
    }

    #[test]
    fn the_first_row_is_a_pile_by_the_book() {
        assert_eq!(FIRMWARES[0].quirks, PileQuirks::default());
        assert_eq!(FIRMWARES[0].arithmetic, Arithmetic::default());
    }
}

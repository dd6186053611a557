//! Firmwares that speak AA F5.

use voltapile_protocol::aaf5::session::pile::{PileQuirks, RecordCommand, Version};

use super::super::setup::{Aaf5Speech, PileSetup, Speech};

/// A firmware that speaks AA F5, and its ways.
#[derive(Debug)]
pub struct Aaf5Firmware {
    /// Name to ask for it with.
    pub name: &'static str,
    /// Chinese text.
    pub zh: &'static str,
    /// English text.
    pub en: &'static str,
    /// How it speaks.
    speech: fn() -> Aaf5Speech,
}

/// Every row; the first is by the book.
pub static AAF5_FIRMWARES: [Aaf5Firmware; 6] = [
    Aaf5Firmware {
        name: "v5.2",
        zh: "按 V5.2 规范：记录用 222（434 字节）",
        en: "V5.2 by the book: records as 222 of 434 bytes",
        speech: Aaf5Speech::default,
    },
    Aaf5Firmware {
        name: "v2.6",
        zh: "V2.6：短报文，序列号恒定，信息域 0x10，8 迟到，不答 1105",
        en: "V2.6: short bodies, constant sequence, information 0x10, late 8, silent on 1105",
        speech: || {
            let quirks = PileQuirks {
                constant_sequence: Some((0, 0)),
                late_start_answer: true,
                repeats_reserved: true,
                ..PileQuirks::default()
            };
            Aaf5Speech { version: Version::V26, software_version: 10_204, quirks, ..Aaf5Speech::default() }
        },
    },
    Aaf5Firmware {
        name: "v3.4",
        zh: "V3.4：106 为 100 字节，记录用 202",
        en: "V3.4: 106 of 100 bytes, records as 202",
        speech: || Aaf5Speech { version: Version::V34, software_version: 13_400, ..Aaf5Speech::default() },
    },
    Aaf5Firmware {
        name: "v4.7",
        zh: "V4.7：记录用 222，不答 1105",
        en: "V4.7: records as 222, silent on 1105",
        speech: || Aaf5Speech { version: Version::V47, software_version: 20_107, ..Aaf5Speech::default() },
    },
    Aaf5Firmware {
        name: "v4.9-aes",
        zh: "V4.9：平台要求时用 AES 加密",
        en: "V4.9: encrypts with AES where the platform asks for it",
        speech: || Aaf5Speech {
            version: Version::V49,
            can_encrypt: true,
            software_version: 20_903,
            ..Aaf5Speech::default()
        },
    },
    Aaf5Firmware {
        name: "coarse-records",
        zh: "总是用 202（0.01 kWh 加千分位）",
        en: "always 202 (0.01 kWh and the third decimal by itself)",
        speech: || {
            let quirks = PileQuirks { record_command: RecordCommand::Coarse, ..PileQuirks::default() };
            Aaf5Speech { quirks, ..Aaf5Speech::default() }
        },
    },
];

impl Aaf5Firmware {
    /// The row of a name; `None` for a name that no row has.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        AAF5_FIRMWARES.iter().find(|firmware| firmware.name == name)
    }

    /// Puts it on a pile, which then speaks AA F5.
    #[must_use]
    pub fn on(&self, setup: PileSetup) -> PileSetup {
        PileSetup { speech: Speech::Aaf5((self.speech)()), ..setup.speaking_aaf5() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_the_first_row_is_by_the_book() {
        for (position, firmware) in AAF5_FIRMWARES.iter().enumerate() {
            assert!(std::ptr::eq(Aaf5Firmware::named(firmware.name).unwrap(), &AAF5_FIRMWARES[position]));
        }
        assert_eq!((AAF5_FIRMWARES[0].speech)(), Aaf5Speech::default());
    }
}

//! The one table of what pile models do differently. A pile is registered with the name of its row; everything else in
//! the code asks the row, never the model.

use super::Dialect;
use super::field::{ConnectorNumber, connector_number};
use super::frame::CrcOrder;

/// What a model does differently.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// Name to register piles with.
    pub name: &'static str,
    /// Chinese text.
    pub zh: &'static str,
    /// English text.
    pub en: &'static str,
    /// Reading of frame types that vendors disagree about.
    pub dialect: Dialect,
    /// Order of CRC bytes that the model expects. What it sends is recognised per frame.
    pub crc_order: CrcOrder,
    /// Which printed bit of the hardware faults is mask 0x0001: 0, or 1 (OQ-10).
    pub fault_base: u8,
    /// Whether connector numbers above 9 are plain binary instead of BCD (OQ-05).
    pub binary_connectors: bool,
}

/// What V1.6 says; rows name only what differs.
const V16: Profile = Profile {
    name: "v1.6",
    zh: "云快充 V1.6",
    en: "YKC V1.6",
    dialect: Dialect::V16,
    crc_order: CrcOrder::LowFirst,
    fault_base: 0,
    binary_connectors: false,
};

/// Every row.
pub static PROFILES: [Profile; 6] = [
    V16,
    Profile { name: "guochong", zh: "国充", en: "Guochong", dialect: Dialect::Guochong, ..V16 },
    Profile {
        name: "gongniu",
        zh: "公牛",
        en: "Gongniu (Bull)",
        dialect: Dialect::Gongniu,
        binary_connectors: true,
        ..V16
    },
    Profile { name: "openuc", zh: "小桔 openuc", en: "openuc firmware", binary_connectors: true, ..V16 },
    Profile {
        name: "fault-base-1",
        zh: "故障位从 Bit1=0x0001 起",
        en: "fault bit 1 is mask 0x0001",
        fault_base: 1,
        ..V16
    },
    Profile {
        name: "crc-high-first",
        zh: "CRC 高字节在前",
        en: "expects the CRC high byte first",
        crc_order: CrcOrder::HighFirst,
        ..V16
    },
];

impl Profile {
    /// What V1.6 says.
    #[must_use]
    pub fn standard() -> &'static Self {
        let [standard, ..] = &PROFILES;
        standard
    }

    /// The row of a model; `None` for a name that no row has.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        PROFILES.iter().find(|profile| profile.name == name)
    }

    /// How piles of a model are spoken to: by its row, or as V1.6 says where the model is not known or has none.
    #[must_use]
    pub fn of_model(model: Option<&str>) -> &'static Self {
        model.and_then(Self::named).unwrap_or_else(Self::standard)
    }

    /// How piles with a profile of their own, or else of a model, are spoken to.
    #[must_use]
    pub fn of(profile: Option<&str>, model: Option<&str>) -> &'static Self {
        profile.and_then(Self::named).unwrap_or_else(|| Self::of_model(model))
    }

    /// The byte for an outlet's number.
    #[must_use]
    pub const fn connector_byte(&self, number: u8) -> ConnectorNumber {
        if self.binary_connectors { ConnectorNumber(number) } else { ConnectorNumber::bcd(number) }
    }

    /// The outlet that a connector byte means.
    #[must_use]
    pub const fn connector(&self, number: ConnectorNumber) -> u8 {
        connector_number(number.0, self.binary_connectors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_the_first_row_is_the_standard() {
        for (position, profile) in PROFILES.iter().enumerate() {
            assert!(std::ptr::eq(Profile::named(profile.name).unwrap(), &PROFILES[position]));
        }
        assert_eq!(*Profile::standard(), V16);
        assert_eq!(Profile::named("nobody"), None);
    }

    #[test]
    fn connectors_above_nine_follow_the_profile() {
        let tenth = ConnectorNumber(0x10);
        assert_eq!((V16.connector(tenth), Profile::named("openuc").unwrap().connector(tenth)), (10, 16));
    }
}

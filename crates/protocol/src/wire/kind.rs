//! What the bits of a field mean, as data: enough to show a value and to make the bits from one.

use super::{CodeTable, FlagTable};

/// The meaning of a field's bits.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Two decimal digits per byte, the most significant first.
    Bcd {
        /// Whether letters A–F are usual (an ICCID) rather than a mistake.
        letters_usual: bool,
    },
    /// An unsigned number, low byte first (or packed bits): value = raw / 10^decimals + offset.
    Number {
        /// Decimal places of the value.
        decimals: u8,
        /// Added to the scaled raw number.
        offset: i32,
        /// Unit of the value, empty when it has none.
        unit: &'static str,
        /// Documented range of the value, inclusive; only used to warn.
        range: Option<(i64, i64)>,
    },
    /// A number with a meaning for each value.
    Code(&'static CodeTable),
    /// One bit per condition.
    Flags(&'static FlagTable),
    /// Number of an outlet, one byte; the flag says binary instead of BCD.
    Connector {
        /// Written as a plain binary number.
        binary: bool,
    },
    /// Opaque bytes, shown as hex.
    Hex,
    /// ASCII, padded on the right with zeros.
    Ascii,
    /// One length byte, then as much ASCII.
    CountedText,
    /// ASCII up to the end of the body.
    TextToEnd,
    /// A vehicle identification number of 17 characters.
    Vin(VinOrder),
    /// A CP56Time2a wall clock time of 7 bytes.
    Time,
    /// A tier number for each half hour of the day.
    TariffSlots(&'static CodeTable),
    /// The digits of a SIM card up to the end of the body, in BCD or ASCII.
    SimDigits,
    /// Bytes without meaning.
    Reserved,
}

impl Kind {
    /// A whole number without unit.
    #[must_use]
    pub const fn plain_number() -> Self {
        Self::number(0, 0, "")
    }

    /// A scaled number without a documented range.
    #[must_use]
    pub const fn number(decimals: u8, offset: i32, unit: &'static str) -> Self {
        Self::Number { decimals, offset, unit, range: None }
    }

    /// The unit of the value, empty when it has none.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        match self {
            Self::Number { unit, .. } => unit,
            _ => "",
        }
    }
}

/// In which order a VIN's characters stand on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VinOrder {
    /// First character first.
    Natural,
    /// Last character first.
    Reversed,
    /// The specification does not say.
    Unstated,
}

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
    /// A number, low byte first (or packed bits): value = raw / 10^decimals + offset.
    Number {
        /// Whether the raw number is a two's complement one.
        signed: bool,
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
    /// ASCII up to the first zero; what stands behind it means nothing. All FF is empty too.
    Text,
    /// One length byte, then as much ASCII.
    CountedText,
    /// ASCII up to the end of the body.
    TextToEnd,
    /// Opaque bytes up to the end of the body, shown as hex.
    HexToEnd,
    /// A vehicle identification number of 17 characters.
    Vin(VinOrder),
    /// A CP56Time2a wall clock time of 7 bytes.
    Time,
    /// A wall clock time of 8 BCD bytes, `YY YY MM DD hh mm ss FF`; all 00 or all FF is "not set".
    BcdTime,
    /// Equal items, one behind the other.
    List {
        /// What each is.
        item: &'static Kind,
        /// Width of each in bits, whole bytes.
        bits: usize,
    },
    /// One bit for each connector, the lowest of the first byte for connector 1.
    Connectors,
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
        Self::Number { signed: false, decimals, offset, unit, range: None }
    }

    /// A scaled two's complement number.
    #[must_use]
    pub const fn signed(decimals: u8, unit: &'static str) -> Self {
        Self::Number { signed: true, decimals, offset: 0, unit, range: None }
    }

    /// Whether the field goes on as far as its content or the body says.
    #[must_use]
    pub const fn is_variable(&self) -> bool {
        matches!(self, Self::CountedText | Self::TextToEnd | Self::HexToEnd | Self::SimDigits)
    }

    /// The unit of the value, empty when it has none.
    #[must_use]
    pub const fn unit(&self) -> &'static str {
        match self {
            Self::Number { unit, .. } => unit,
            Self::List { item, .. } => item.unit(),
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

//! How a tariff is called on the wire.

use crate::text::{bytes_from_hex, excerpt, serde_as_text, write_hex};
use std::fmt;
use std::str::FromStr;

/// Why a text names no tariff.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TariffNameError {
    /// Not a number.
    #[error("{text:?} is not a tariff number: it takes 4 hex digits like 0100")]
    Number {
        /// What was given, cut to a readable length.
        text: String,
    },
}

/// The number by which a pile says which tariff it has: two opaque bytes, shown as 4 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TariffNumber(pub [u8; 2]);

impl TariffNumber {
    /// Whether it is the number of a pile that has no tariff yet.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        matches!(self.0, [0, 0])
    }
}

impl FromStr for TariffNumber {
    type Err = TariffNameError;

    fn from_str(text: &str) -> Result<Self, TariffNameError> {
        bytes_from_hex(text).map(Self).ok_or_else(|| TariffNameError::Number { text: excerpt(text) })
    }
}

impl fmt::Display for TariffNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

serde_as_text!(TariffNumber);
crate::schema::text_schema!(TariffNumber, "^[0-9A-Fa-f]{4}$", "0100", "4 hex digits, the tariff's number on the wire");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_leading_zeros() {
        assert_eq!("0001".parse::<TariffNumber>().unwrap(), TariffNumber([0x00, 0x01]));
        assert_eq!(TariffNumber([0x01, 0xab]).to_string(), "01ab");
        assert!("1".parse::<TariffNumber>().is_err());
    }
}

//! How a tariff is called: by people and programs, and on the wire.

use crate::text::{bytes_from_hex, excerpt, serde_as_text, write_hex};
use std::fmt;
use std::str::FromStr;

/// Characters in the longest tariff id.
pub const TARIFF_ID_MAX: usize = 64;

/// Why a text names no tariff.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TariffNameError {
    /// Not an id.
    #[error("{text:?} is not a tariff id: it takes 1 to {TARIFF_ID_MAX} of a-z, 0-9, - and _")]
    Id {
        /// What was given, cut to a readable length.
        text: String,
    },
    /// Not a number.
    #[error("{text:?} is not a tariff number: it takes 4 hex digits like 0100")]
    Number {
        /// What was given, cut to a readable length.
        text: String,
    },
}

/// A tariff's name in addresses and references: 1 to 64 of a-z, 0-9, - and _. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TariffId(std::sync::Arc<str>);

impl TariffId {
    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TariffId {
    type Err = TariffNameError;

    fn from_str(text: &str) -> Result<Self, TariffNameError> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        if (1..=TARIFF_ID_MAX).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.into()))
        } else {
            Err(TariffNameError::Id { text: excerpt(text) })
        }
    }
}

impl fmt::Display for TariffId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

serde_as_text!(TariffId);

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_slugs() {
        for text in ["a", "day-night_2026", &"x".repeat(64)] {
            assert_eq!(text.parse::<TariffId>().unwrap().as_str(), text);
        }
        for text in ["", "Day", "a b", "a/b", "电价", &"x".repeat(65)] {
            assert!(text.parse::<TariffId>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn numbers_keep_leading_zeros() {
        assert_eq!("0001".parse::<TariffNumber>().unwrap(), TariffNumber([0x00, 0x01]));
        assert_eq!(TariffNumber([0x01, 0xab]).to_string(), "01ab");
        assert!("1".parse::<TariffNumber>().is_err());
    }
}

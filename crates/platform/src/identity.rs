//! The names of things, parsed once at the border: piles, connectors, transactions.

mod id;

pub use id::{
    AccountId, AlarmId, AuditId, CommandId, EntryId, OperatorId, OrderId, SLUG_MAX, SlugError, StationId, TariffId,
    TokenId, UserName,
};

use crate::schema::text_schema;
use crate::text::{bytes_from_hex, excerpt, serde_as_text, write_hex};
use std::fmt;
use std::str::FromStr;

/// Why a text is not a name of that kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Not a pile code.
    #[error("{text:?} is not a pile code: it takes 1 to 32 ASCII letters and digits")]
    PileCode {
        /// What was given, cut to a readable length.
        text: String,
    },
    /// Not a transaction number.
    #[error("{text:?} is not a transaction number: it takes 32 hex digits")]
    TransactionNumber {
        /// What was given, cut to a readable length.
        text: String,
    },
}

/// Characters in the longest pile code.
pub const PILE_CODE_MAX: usize = 32;

/// A pile's code: 1 to 32 ASCII letters and digits, as printed on the pile (14 digits in YKC).
///
/// Kept inline and padded with zeros: it copies without touching the heap or a counter, and the order of the bytes is
/// the order of the texts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PileCode([u8; PILE_CODE_MAX]);

const _: () = assert!(size_of::<PileCode>() == PILE_CODE_MAX);

impl PileCode {
    /// From text; letters keep their case.
    ///
    /// # Errors
    /// When the text is empty, longer than [`PILE_CODE_MAX`] or holds anything but ASCII letters and digits.
    pub fn new(text: &str) -> Result<Self, IdentityError> {
        let mut code = [0; PILE_CODE_MAX];
        match code.get_mut(..text.len()) {
            Some(head) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                head.copy_from_slice(text.as_bytes());
                Ok(Self(code))
            }
            _ => Err(IdentityError::PileCode { text: excerpt(text) }),
        }
    }

    /// From binary coded decimals, two digits per byte; letters that a pile wrongly sends there are kept as such.
    /// Only the first 16 bytes are taken.
    #[must_use]
    pub fn from_bcd(bytes: &[u8]) -> Self {
        let mut code = [0; PILE_CODE_MAX];
        let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
        for (place, digit) in code.iter_mut().zip(digits) {
            *place = if digit < 10 { b'0' + digit } else { b'a' + digit - 10 };
        }
        Self(code)
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = self.0.split(|byte| *byte == 0).next().unwrap_or_default();
        // Always ASCII: both ways in let nothing else pass.
        std::str::from_utf8(text).unwrap_or_default()
    }
}

impl FromStr for PileCode {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        Self::new(text)
    }
}

impl fmt::Display for PileCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for PileCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PileCode({self})")
    }
}

serde_as_text!(PileCode);
text_schema!(
    PileCode,
    "^[0-9A-Za-z]{1,32}$",
    "55031412782305",
    "1 to 32 ASCII letters and digits, as printed on the pile"
);

/// The number of one outlet of a pile, from 1; 0 where a pile says nothing sensible.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(transparent)]
#[schema(value_type = u8)]
pub struct ConnectorNumber(pub u8);

impl fmt::Display for ConnectorNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of one charge: 16 opaque bytes, shown as 32 hex digits. Compared, never taken apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TransactionNumber(pub [u8; 16]);

impl TransactionNumber {
    /// All zero: the pile knows of no transaction.
    pub const ZERO: Self = Self([0; 16]);

    /// Whether it names no transaction.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }
}

impl FromStr for TransactionNumber {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        bytes_from_hex(text).map(Self).ok_or_else(|| IdentityError::TransactionNumber { text: excerpt(text) })
    }
}

impl fmt::Display for TransactionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(&self.0, f)
    }
}

impl fmt::Debug for TransactionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransactionNumber({self})")
    }
}

serde_as_text!(TransactionNumber);
text_schema!(TransactionNumber, "^[0-9A-Fa-f]{32}$", "55031412782305012611200815300001", "32 hex digits");

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pile_codes_are_letters_and_digits() {
        for text in ["5", "55031412782305", "AaZz09", &"A".repeat(32)] {
            assert_eq!(PileCode::new(text).unwrap().to_string(), text);
        }
        for text in ["", "5503-1", " 5", "桩", "a\0", &"A".repeat(33)] {
            assert!(PileCode::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_transaction_number_keeps_leading_zeros() {
        let number: TransactionNumber = "0000061410000101180619102626239A".parse().unwrap();
        assert_eq!(number.to_string(), "0000061410000101180619102626239a");
        assert!(!number.is_zero());
        assert!(TransactionNumber::default().is_zero());
        for text in ["", "00", &"0".repeat(31), &"0".repeat(33), &"g".repeat(32), &"é".repeat(16)] {
            assert!(text.parse::<TransactionNumber>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn names_round_trip(code in "[0-9A-Za-z]{1,32}", other in "[0-9A-Za-z]{1,32}", number: [u8; 16]) {
            let parsed = PileCode::new(&code).unwrap();
            prop_assert_eq!(serde_json::to_string(&parsed).unwrap(), format!("\"{code}\""));
            prop_assert_eq!(parsed.cmp(&PileCode::new(&other).unwrap()), code.cmp(&other));
            let number = TransactionNumber(number);
            prop_assert_eq!(number.to_string().parse::<TransactionNumber>().unwrap(), number);
        }
    }
}

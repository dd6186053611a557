//! The names of things, parsed once at the border: piles, connectors, transactions.

mod id;

pub use id::{
    AccountId, AlarmId, AuditId, CommandId, EntryId, OperatorId, OrderId, SLUG_MAX, SlugError, StationId, TariffId,
    TokenId, UserName,
};

use crate::schema::text_schema;
use crate::text::{bytes_from_hex, excerpt, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// Why a text is not a name of that kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Not a pile code.
    #[error("{text:?} is not a pile code: it takes 1 to 32 ASCII letters, digits, - and _")]
    PileCode {
        /// What was given, cut to a readable length.
        text: String,
    },
    /// Not a transaction number.
    #[error("{text:?} is not a transaction number: it takes 1 to 32 ASCII letters, digits, - and _")]
    TransactionNumber {
        /// What was given, cut to a readable length.
        text: String,
    },
}

/// Characters in the longest pile code.
pub const PILE_CODE_MAX: usize = 32;

/// A pile's code: 1 to 32 ASCII letters, digits, `-` and `_`, as printed on the pile (14 digits in YKC).
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
    /// When the text is empty, longer than [`PILE_CODE_MAX`] or holds anything but ASCII letters, digits, `-` and `_`.
    pub fn new(text: &str) -> Result<Self, IdentityError> {
        padded(text).map(Self).ok_or_else(|| IdentityError::PileCode { text: excerpt(text) })
    }

    /// From binary coded decimals, two digits per byte; letters that a pile wrongly sends there are kept as such.
    /// Only the first 16 bytes are taken.
    #[must_use]
    pub fn from_bcd(bytes: &[u8]) -> Self {
        let mut code = [0; PILE_CODE_MAX];
        for (place, digit) in code.iter_mut().zip(digits(bytes)) {
            *place = digit;
        }
        Self(code)
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        unpadded(&self.0)
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
    "^[0-9A-Za-z_-]{1,32}$",
    "55031412782305",
    "1 to 32 ASCII letters, digits, - and _, as printed on the pile"
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

/// Characters in the longest transaction number.
pub const TRANSACTION_NUMBER_MAX: usize = 32;

/// The number of one charge: 1 to 32 ASCII letters, digits, `-` and `_`. Compared, never taken apart.
///
/// In YKC 16 bytes that stand for 32 digits, in AA F5 a text. 32 hex digits are one number in either case of letters,
/// because there they may have been bytes; a number of nothing but zeros, however long, is [`ZERO`](Self::ZERO).
/// Kept inline and padded with zeros, as [`PileCode`] is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransactionNumber([u8; TRANSACTION_NUMBER_MAX]);

impl TransactionNumber {
    /// No transaction: the pile knows of none. Shown as 32 zeros.
    pub const ZERO: Self = Self([b'0'; TRANSACTION_NUMBER_MAX]);

    /// From text.
    ///
    /// # Errors
    /// When the text is empty, longer than [`TRANSACTION_NUMBER_MAX`] or holds anything but ASCII letters, digits, `-`
    /// and `_`.
    pub fn new(text: &str) -> Result<Self, IdentityError> {
        let mut number = padded(text).ok_or_else(|| IdentityError::TransactionNumber { text: excerpt(text) })?;
        if text.bytes().all(|byte| byte == b'0') {
            return Ok(Self::ZERO);
        }
        if number.iter().all(u8::is_ascii_hexdigit) {
            number.make_ascii_lowercase();
        }
        Ok(Self(number))
    }

    /// From 16 bytes of two digits each; what is no decimal digit is kept as a hex digit.
    #[must_use]
    pub fn from_bcd(bytes: &[u8; TRANSACTION_NUMBER_MAX / 2]) -> Self {
        let mut number = [0; TRANSACTION_NUMBER_MAX];
        for (place, digit) in number.iter_mut().zip(digits(bytes)) {
            *place = digit;
        }
        Self(number)
    }

    /// As 16 bytes of two digits each; `None` for a number that is not 32 hex digits.
    #[must_use]
    pub fn to_bcd(self) -> Option<[u8; TRANSACTION_NUMBER_MAX / 2]> {
        bytes_from_hex(self.as_str())
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        unpadded(&self.0)
    }

    /// Whether it names no transaction.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Self::ZERO
    }
}

impl Default for TransactionNumber {
    fn default() -> Self {
        Self::ZERO
    }
}

impl FromStr for TransactionNumber {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        Self::new(text)
    }
}

impl fmt::Display for TransactionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for TransactionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransactionNumber({self})")
    }
}

serde_as_text!(TransactionNumber);
text_schema!(
    TransactionNumber,
    "^[0-9A-Za-z_-]{1,32}$",
    "55031412782305012611200815300001",
    "1 to 32 ASCII letters, digits, - and _; 32 digits where the platform made it"
);

/// A name of letters, digits, `-` and `_`, padded with zeros; `None` when it is none.
fn padded<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut name = [0; N];
    let head = name.get_mut(..text.len())?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if text.is_empty() || !text.bytes().all(allowed) {
        return None;
    }
    head.copy_from_slice(text.as_bytes());
    Some(name)
}

/// A padded name as text.
fn unpadded(name: &[u8]) -> &str {
    let text = name.split(|byte| *byte == 0).next().unwrap_or_default();
    // Always ASCII: no way in lets anything else pass.
    std::str::from_utf8(text).unwrap_or_default()
}

/// The hex digits of bytes, in lower case.
fn digits(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' + value - 10 };
    bytes.iter().flat_map(move |byte| [digit(byte >> 4), digit(byte & 0x0F)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pile_codes_are_letters_digits_and_dashes() {
        for text in ["5", "55031412782305", "AaZz09", "EN-PLUS_01", &"A".repeat(32)] {
            assert_eq!(PileCode::new(text).unwrap().to_string(), text);
        }
        for text in ["", "5503.1", " 5", "桩", "a\0", &"A".repeat(33)] {
            assert!(PileCode::new(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_transaction_number_keeps_leading_zeros() {
        let number: TransactionNumber = "0000061410000101180619102626239A".parse().unwrap();
        assert_eq!(number.to_string(), "0000061410000101180619102626239a");
        assert!(!number.is_zero());
        assert!(TransactionNumber::default().is_zero());
        assert_eq!(number.to_bcd().unwrap()[15], 0x9a);
        for text in ["", &"1".repeat(33), "a b", &"é".repeat(16)] {
            assert!(text.parse::<TransactionNumber>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_transaction_number_may_be_any_text() {
        let number: TransactionNumber = "AB-20261120_7".parse().unwrap();
        assert_eq!((number.as_str(), number.to_bcd()), ("AB-20261120_7", None));
        for text in ["0", "00", &"0".repeat(32)] {
            assert!(text.parse::<TransactionNumber>().unwrap().is_zero(), "{text:?}");
        }
        assert_eq!(TransactionNumber::ZERO.to_string(), "0".repeat(32));
    }

    proptest! {
        #[test]
        fn names_round_trip(code in "[0-9A-Za-z_-]{1,32}", other in "[0-9A-Za-z_-]{1,32}", bytes: [u8; 16]) {
            let parsed = PileCode::new(&code).unwrap();
            prop_assert_eq!(serde_json::to_string(&parsed).unwrap(), format!("\"{code}\""));
            prop_assert_eq!(parsed.cmp(&PileCode::new(&other).unwrap()), code.cmp(&other));
            let number = TransactionNumber::from_bcd(&bytes);
            prop_assert_eq!(number.to_string().parse::<TransactionNumber>().unwrap(), number);
            prop_assert_eq!(number.to_bcd(), Some(bytes));
        }
    }
}

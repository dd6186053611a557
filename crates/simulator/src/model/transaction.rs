//! Numbers of transactions: text of up to 32 characters, which YKC writes as 16 bytes of BCD.

use std::fmt;
use std::str::FromStr;

use voltapile_protocol::wire::CivilTime;
use voltapile_protocol::ykc::field::{PileCode, TransactionNumber as YkcNumber};

/// Characters of the longest number.
const LENGTH_MAX: usize = 32;

/// Number of a charge, whoever made it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TransactionNumber {
    /// Zeros behind the end.
    characters: [u8; LENGTH_MAX],
}

/// What is no number of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a transaction number has 1 to {LENGTH_MAX} letters, digits, '-' or '_'")]
pub struct BadTransactionNumber;

impl TransactionNumber {
    /// A number that no other charge of this pile has, as long as fewer than 10,000 begin within a second: pile code,
    /// connector, yyMMddHHmmss, counter (OQ-06).
    #[must_use]
    pub(crate) fn made_by(pile: PileCode, connector: u8, start: CivilTime, counter: u16) -> Self {
        let CivilTime { year, month, day, hour, minute, millisecond } = start;
        let (year, second) = (year % 100, millisecond / 1_000);
        let text = format!(
            "{pile}{:02}{year:02}{month:02}{day:02}{hour:02}{minute:02}{second:02}{:04}",
            connector % 100,
            counter % 10_000
        );
        Self::of_bytes(text.as_bytes())
    }

    /// Its characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let length = self.characters.iter().position(|byte| *byte == 0).unwrap_or(LENGTH_MAX);
        self.characters.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        let mut characters = [0; LENGTH_MAX];
        characters.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Self { characters }
    }
}

impl From<YkcNumber> for TransactionNumber {
    fn from(number: YkcNumber) -> Self {
        Self::of_bytes(number.to_string().as_bytes())
    }
}

impl From<TransactionNumber> for YkcNumber {
    /// What is not hexadecimal does not occur there: such a number came from YKC or was made here.
    fn from(number: TransactionNumber) -> Self {
        let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or_default() as u8;
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(number.characters.chunks_exact(2)) {
            *byte = pair.iter().fold(0, |byte, character| (byte << 4) | digit(*character));
        }
        Self(bytes)
    }
}

impl FromStr for TransactionNumber {
    type Err = BadTransactionNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let fits = (1..=LENGTH_MAX).contains(&text.len()) && text.bytes().all(is_allowed);
        if fits { Ok(Self::of_bytes(text.as_bytes())) } else { Err(BadTransactionNumber) }
    }
}

impl fmt::Display for TransactionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for TransactionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_rule_of_the_specification() {
        let start = CivilTime { year: 2020, month: 1, day: 6, hour: 18, minute: 3, millisecond: 42_999 };
        let number = TransactionNumber::made_by("32010600019236".parse().unwrap(), 1, start, 3060);
        assert_eq!(number.to_string(), "32010600019236012001061803423060");
    }

    #[test]
    fn ykcs_numbers_are_text_and_back() {
        let number = YkcNumber([0x42; 16]);
        assert_eq!(TransactionNumber::from(number).as_str(), "42".repeat(16));
        assert_eq!(YkcNumber::from(TransactionNumber::from(number)), number);
        assert_eq!("A-1_b".parse::<TransactionNumber>().unwrap().as_str(), "A-1_b");
        for bad in ["", "1 2", &"1".repeat(33)] {
            assert_eq!(bad.parse::<TransactionNumber>(), Err(BadTransactionNumber));
        }
    }
}

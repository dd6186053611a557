//! Binary coded decimals: two digits per byte, the most significant first. Hex letters, which real piles send, are kept.

/// The digits of BCD bytes; a nibble above 9 gives its hex letter.
#[must_use]
pub fn digits(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0x0F])
        .filter_map(|nibble| char::from_digit(u32::from(nibble), 16))
        .collect()
}

/// Whether every nibble is a decimal digit.
#[must_use]
pub fn is_decimal(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| byte >> 4 <= 9 && byte & 0x0F <= 9)
}

/// Declares number types of BCD bytes, shown as their digits.
macro_rules! bcd_field {
    ($($(#[doc = $doc:literal])* $name:ident: $bytes:literal bytes, letters usual $letters:literal;)*) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(pub [u8; $bytes]);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::wire::BadDigits;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::wire::parse_digits(text).map(Self)
            }
        }

        $crate::wire::array_field!($name, $bytes bytes, $crate::wire::Kind::Bcd { letters_usual: $letters });
    )*};
}
pub(crate) use bcd_field;

/// A text that is not the digits of a number field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected up to {limit} digits, got {text:?}")]
pub struct BadDigits {
    /// Digits the field holds.
    pub limit: usize,
    /// What was given.
    pub text: String,
}

/// Digits to BCD bytes, padded with zeros on the left; hex letters are taken as nibbles.
///
/// # Errors
/// [`BadDigits`] when the text is empty, too long or holds anything but hex digits.
pub fn parse_digits<const N: usize>(text: &str) -> Result<[u8; N], BadDigits> {
    let bad = || BadDigits { limit: N * 2, text: text.to_owned() };
    if text.is_empty() || text.len() > N * 2 {
        return Err(bad());
    }
    let mut bytes = [0; N];
    for (position, digit) in text.chars().rev().enumerate() {
        let nibble = digit.to_digit(16).ok_or_else(bad)? as u8;
        if let Some(byte) = bytes.iter_mut().rev().nth(position / 2) {
            *byte |= nibble << (position % 2 * 4);
        }
    }
    Ok(bytes)
}

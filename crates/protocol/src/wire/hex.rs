//! Hex digits as people write them.

/// Bytes from pairs of hex digits; `None` where something else or half a pair stands among them.
#[must_use]
pub fn bytes_from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
    let (pairs, rest) = digits.as_deref()?.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_pairs_of_digits_are_bytes() {
        assert_eq!(bytes_from_hex("00fFa1"), Some(vec![0, 0xFF, 0xA1]));
        assert_eq!(bytes_from_hex(""), Some(Vec::new()));
        for bad in ["0", "0g", "0 0", "é0"] {
            assert_eq!(bytes_from_hex(bad), None, "{bad}");
        }
    }
}

//! Exact decimal numbers: an integer and the place of its point. Nothing passes through a float on its way to a byte.

use std::fmt;

/// The number `scaled / 10^decimals`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    /// The number without its point.
    pub scaled: i64,
    /// Digits behind the point.
    pub decimals: u8,
}

impl Decimal {
    /// A whole number.
    #[must_use]
    pub const fn whole(number: i64) -> Self {
        Self { scaled: number, decimals: 0 }
    }

    /// Reads a decimal text such as `-12.5` or `1e-5` with at most `decimals` digits behind the point; `None` when it
    /// is no number, has more digits or does not fit.
    #[must_use]
    pub fn parse(text: &str, decimals: u8) -> Option<Self> {
        let text = text.trim();
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, fraction].concat();
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let number: i128 = digits.parse().ok()?;
        let shift = i32::from(decimals) + exponent - i32::try_from(fraction.len()).ok()?;
        let power = 10_i128.checked_pow(shift.unsigned_abs())?;
        let scaled = match shift {
            0.. => number.checked_mul(power)?,
            _ if number % power == 0 => number / power,
            _ => return None,
        };
        let scaled = i64::try_from(if negative { -scaled } else { scaled }).ok()?;
        Some(Self { scaled, decimals })
    }

    /// As a JSON number: whole numbers as integers, others as the nearest double, whose shortest text is the decimal
    /// itself (at most 15 digits occur on the wire).
    #[must_use]
    pub fn to_json(self) -> serde_json::Value {
        if self.decimals == 0 {
            return self.scaled.into();
        }
        self.to_string().parse::<f64>().ok().map_or(serde_json::Value::Null, serde_json::Value::from)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.decimals == 0 {
            return write!(f, "{}", self.scaled);
        }
        let power = 10_u64.pow(u32::from(self.decimals));
        let (whole, fraction) = (self.scaled.unsigned_abs() / power, self.scaled.unsigned_abs() % power);
        let sign = if self.scaled < 0 { "-" } else { "" };
        write!(f, "{sign}{whole}.{fraction:0width$}", width = usize::from(self.decimals))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_printed_decimal_reads_back(scaled in -1_099_511_627_775_i64..1_099_511_627_775, decimals in 0_u8..6) {
            let number = Decimal { scaled, decimals };
            prop_assert_eq!(Decimal::parse(&number.to_string(), decimals), Some(number));
            prop_assert_eq!(Decimal::parse(&number.to_json().to_string(), decimals), Some(number));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,12}") {
            let _ = Decimal::parse(&text, 4);
        }
    }

    #[test]
    fn digits_that_do_not_fit_are_refused() {
        assert_eq!(Decimal::parse("1.25", 1), None);
        assert_eq!(Decimal::parse("1.20", 1), Some(Decimal { scaled: 12, decimals: 1 }));
        assert_eq!(Decimal::parse("1e-5", 5), Some(Decimal { scaled: 1, decimals: 5 }));
        assert_eq!(Decimal::parse("99999999999999999999", 0), None);
        assert_eq!(Decimal::parse("", 0), None);
    }
}

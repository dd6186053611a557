//! Decimal text to and from a count of steps, without a float in between.

use crate::text::excerpt;
use serde::de::{Error, Visitor};
use std::fmt;

/// Why a text is not a value of a unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// Not of the form `-12.34`.
    #[error("{text:?} is not a decimal number like 12.34")]
    NotANumber {
        /// What was given, cut to a readable length.
        text: String,
    },
    /// More decimals than the unit has steps for; nothing is rounded silently.
    #[error("{text:?} has too many decimals: {unit} takes at most {decimals} decimals")]
    TooManyDecimals {
        /// What was given, cut to a readable length.
        text: String,
        /// The unit it was meant in.
        unit: &'static str,
        /// Decimals the unit has.
        decimals: u32,
    },
    /// A number, but beyond what the type holds.
    #[error("{text:?} is out of range: it must lie between {least} and {most} {unit}")]
    OutOfRange {
        /// What was given, cut to a readable length.
        text: String,
        /// The least value.
        least: String,
        /// The greatest value.
        most: String,
        /// The unit it was meant in.
        unit: &'static str,
    },
}

/// Steps of `10^-decimals` as text with all its decimals.
pub(super) fn format(steps: i128, decimals: u32) -> String {
    let scale = 10_u128.pow(decimals);
    let (whole, fraction) = (steps.unsigned_abs() / scale, steps.unsigned_abs() % scale);
    let sign = if steps < 0 { "-" } else { "" };
    format!("{sign}{whole}.{fraction:0width$}", width = decimals as usize)
}

/// Text as steps of `10^-decimals`; a number that not even `i128` holds comes back as `i128`'s limit, which is out of
/// range for every unit.
pub(super) fn parse(text: &str, decimals: u32, unit: &'static str) -> Result<i128, UnitError> {
    let not_a_number = || UnitError::NotANumber { text: excerpt(text) };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return Err(not_a_number());
    }
    let significant = fraction.trim_end_matches('0');
    if significant.len() > decimals as usize {
        return Err(UnitError::TooManyDecimals { text: excerpt(text), unit, decimals });
    }
    let padding = decimals as usize - significant.len();
    let mut steps: i128 = 0;
    for digit in whole.bytes().chain(significant.bytes()).chain(std::iter::repeat_n(b'0', padding)) {
        steps = steps.saturating_mul(10).saturating_add(i128::from(digit - b'0'));
    }
    Ok(if negative { -steps } else { steps })
}

/// Reads JSON's strings and numbers as decimal text.
pub(super) struct TextOrNumber;

/// Decimal digits that a JSON number surely keeps on its way through serde's `f64`.
const EXACT_F64_DIGITS: usize = 15;

impl Visitor<'_> for TextOrNumber {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number, best as a string like \"12.34\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    /// The shortest text of an `f64` is the literal it came from, as long as that had at most 15 digits.
    fn visit_f64<E: Error>(self, number: f64) -> Result<String, E> {
        let text = number.to_string();
        let digits = text.trim_start_matches(['-', '0', '.']).trim_end_matches('0');
        if digits.bytes().filter(u8::is_ascii_digit).count() > EXACT_F64_DIGITS {
            return Err(E::custom(format!(
                "{} has too many digits for a JSON number: write it as a string",
                excerpt(&text)
            )));
        }
        Ok(text)
    }
}

//! Time spans like `10s`, and how long an answer may wait for an outcome.

use std::str::FromStr;
use std::time::Duration;

use super::{FromQuery, Parameter, Parameters};
use crate::api::describe::schema;
use crate::api::problem::Problem;

/// The longest that an answer waits.
pub(in crate::api) const WAIT_MAX: Duration = Duration::from_secs(60);
/// Digits of the longest span.
const DIGITS_MAX: usize = 6;

/// A time span in seconds, minutes or hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::api) struct Span(pub(in crate::api) Duration);

impl Span {
    /// What it takes.
    pub(in crate::api) const TAKES: &'static str = "a time span like 10s, 5m or 1h";
}

impl FromStr for Span {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let unit = text.chars().last().ok_or(())?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            _ => return Err(()),
        };
        let digits = text.strip_suffix(unit).filter(|digits| digits.len() <= DIGITS_MAX).ok_or(())?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(());
        }
        let count: u64 = digits.parse().map_err(|_| ())?;
        Ok(Self(Duration::from_secs(count * seconds)))
    }
}

/// How long the answer may wait for the outcome; none when left out.
#[derive(Debug, Clone, Copy)]
pub(in crate::api) struct Wait(pub(in crate::api) Option<Duration>);

impl Wait {
    /// The parameter.
    pub(in crate::api) const PARAMETER: Parameter = Parameter {
        name: "wait",
        about: "Answer when the outcome is known, at the latest after this time; at most 60s.",
        schema: schema::span,
    };
}

impl FromQuery for Wait {
    fn parameters() -> Vec<Parameter> {
        vec![Self::PARAMETER]
    }

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let span: Option<Span> = parameters.parse("wait", Span::TAKES)?;
        Ok(Self(span.map(|span| span.0.min(WAIT_MAX)).filter(|wait| !wait.is_zero())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_unit() {
        let seconds = |text: &str| text.parse::<Span>().map(|span| span.0.as_secs());
        assert_eq!(seconds("10s"), Ok(10));
        assert_eq!(seconds("5m"), Ok(300));
        assert_eq!(seconds("999999h"), Ok(999_999 * 3600));
        for text in ["", "s", "10", "10d", "-1s", "+1s", "1.5s", "1234567s", "十s", "1分"] {
            assert_eq!(seconds(text), Err(()), "{text:?}");
        }
    }
}

//! Spans of time as people write them: `10s`, `1m30s`, `250ms`, `2h`.

use std::time::Duration;

/// Longest span that is taken: a week, longer than anybody watches a virtual pile.
const SPAN_MOST: Duration = Duration::from_secs(7 * 24 * 3_600);

/// Why a text is no span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// It does not read like one.
    #[error("expected a time such as 10s, 1m30s, 250ms or 2h")]
    Malformed,
    /// It is longer than a week.
    #[error("at most a week")]
    TooLong,
}

/// A span of time; a number alone is in seconds.
///
/// # Errors
/// [`SpanError`] when the text reads otherwise or is longer than a week.
pub fn parse_span(text: &str) -> Result<Duration, SpanError> {
    let mut rest = text.trim();
    if !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return bounded(number(rest)?, 1_000);
    }
    let (mut whole, mut last_unit_ms) = (Duration::ZERO, u64::MAX);
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or(SpanError::Malformed)?;
        let (count, behind) = rest.split_at(digits);
        let unit = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit);
        let unit_ms = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            _ => return Err(SpanError::Malformed),
        };
        // Each unit once, the larger first: `1m30s`, but not `30s1m`.
        if unit_ms >= last_unit_ms {
            return Err(SpanError::Malformed);
        }
        last_unit_ms = unit_ms;
        whole = whole.saturating_add(bounded(number(count)?, unit_ms)?);
        rest = behind;
    }
    let is_empty = last_unit_ms == u64::MAX;
    if is_empty {
        Err(SpanError::Malformed)
    } else {
        Some(whole).filter(|whole| *whole <= SPAN_MOST).ok_or(SpanError::TooLong)
    }
}

fn number(digits: &str) -> Result<u64, SpanError> {
    if digits.is_empty() {
        return Err(SpanError::Malformed);
    }
    digits.parse().map_err(|_| SpanError::TooLong)
}

fn bounded(count: u64, unit_ms: u64) -> Result<Duration, SpanError> {
    let span = count.checked_mul(unit_ms).map(Duration::from_millis);
    span.filter(|span| *span <= SPAN_MOST).ok_or(SpanError::TooLong)
}

/// A span as it would be written, to a tenth of a second below a minute and to the second above.
#[must_use]
pub fn span_text(span: Duration) -> String {
    let (minutes, seconds) = (span.as_secs() / 60, span.as_secs() % 60);
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{seconds}.{} s", span.subsec_millis() / 100),
        (0, minutes) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_they_are_written() {
        for (text, ms) in [
            ("10s", 10_000),
            ("10", 10_000),
            (" 0s ", 0),
            ("250ms", 250),
            ("1m30s", 90_000),
            ("2min", 120_000),
            ("1h", 3_600_000),
            ("1h2m3s4ms", 3_723_004),
        ] {
            assert_eq!(parse_span(text), Ok(Duration::from_millis(ms)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_span() {
        for text in ["", "s", "10x", "10 s", "-1s", "30s1m", "1s1s", "1.5s", "1m30"] {
            assert_eq!(parse_span(text), Err(SpanError::Malformed), "{text}");
        }
        for text in ["200h", "99999999999999999999s", "18446744073709551615h"] {
            assert_eq!(parse_span(text), Err(SpanError::TooLong), "{text}");
        }
    }

    #[test]
    fn spans_are_shown_by_their_size() {
        let shown = |ms| span_text(Duration::from_millis(ms));
        assert_eq!([shown(120), shown(9_990), shown(61_000)], ["0.1 s", "9.9 s", "1 min 01 s"]);
        assert_eq!(shown(3_660_000), "1 h 01 min");
    }
}

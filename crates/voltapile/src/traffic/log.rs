//! What a line of a log says beside its hex: when, and which way.

use voltapile_platform::timestamp::Timestamp as Moment;
use voltapile_protocol::layout::Direction;

/// What stands before the hex of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Heading {
    /// When: the clock of whoever wrote the log, in milliseconds since 1970 as if it were UTC.
    pub(crate) at: Option<i64>,
    /// Which way, where the line says so and not only by who writes it (`TX` of a pile is `RX` of a platform).
    pub(crate) direction: Option<Direction>,
}

/// Words that say which way bytes went, whoever writes the log.
const WAYS: [(&str, Direction); 6] = [
    ("上行", Direction::Up),
    ("下行", Direction::Down),
    ("uplink", Direction::Up),
    ("downlink", Direction::Down),
    ("pile->", Direction::Up),
    ("->pile", Direction::Down),
];

/// Longest part of a line that is looked at, in bytes: a heading stands at its begin.
const LOOKED_AT: usize = 256;

/// Reads what a line says beside its hex.
pub(crate) fn heading(line: &str) -> Heading {
    let end = (0..=LOOKED_AT.min(line.len())).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0);
    let head = line.get(..end).unwrap_or_default();
    let at = (0..head.len()).filter(|at| head.is_char_boundary(*at)).find_map(|at| moment(head.get(at..)?));
    let lower = head.to_ascii_lowercase();
    let direction = WAYS.iter().find(|(word, _)| lower.contains(word)).map(|(_, direction)| *direction);
    Heading { at, direction }
}

/// A date and a clock at the begin of a text: `2026-01-02 10:00:00.123`, with slashes, a `T`, a comma, or no fraction.
fn moment(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let shape = b"dddd-dd-dd dd:dd:dd";
    let head = bytes.first_chunk::<19>()?;
    for (byte, wanted) in head.iter().zip(shape) {
        let fits = match wanted {
            b'd' => byte.is_ascii_digit(),
            b'-' => matches!(byte, b'-' | b'/' | b'.'),
            b' ' => matches!(byte, b' ' | b'T' | b'_'),
            other => byte == other,
        };
        if !fits {
            return None;
        }
    }
    let date = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let mut moment = format!("{}-{}-{}T{}", date(0, 4), date(5, 7), date(8, 10), date(11, 19));
    let fraction: String = match bytes.get(19) {
        Some(b'.' | b',') => text.get(20..)?.chars().take_while(char::is_ascii_digit).take(3).collect(),
        _ => String::new(),
    };
    if !fraction.is_empty() {
        moment.push('.');
        moment.push_str(&fraction);
    }
    moment.push('Z');
    moment.parse::<Moment>().ok().map(Moment::unix_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_in_the_usual_dress() {
        let expected = "2026-01-02T10:00:00.120Z".parse::<Moment>().unwrap().unix_ms();
        for line in [
            "2026-01-02 10:00:00.120 [INFO] recv: 680D",
            "[2026/01/02 10:00:00,120] 680D",
            "INFO 2026-01-02T10:00:00.12Z 680D",
            "桩 2026-01-02_10:00:00.120 680D",
        ] {
            assert_eq!(heading(line).at, Some(expected), "{line}");
        }
        for line in ["680D25D30003", "12:00:00 680D", "2026-13-02 10:00:00 680D", ""] {
            assert_eq!(heading(line).at, None, "{line}");
        }
    }

    #[test]
    fn ways_are_found_where_they_are_certain() {
        assert_eq!(heading("上行 680D").direction, Some(Direction::Up));
        assert_eq!(heading("Downlink: 680D").direction, Some(Direction::Down));
        assert_eq!(heading("TX 680D").direction, None, "it depends on who writes the log");
    }
}

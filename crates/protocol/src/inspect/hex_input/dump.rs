//! Lines of a hex dump: an offset, up to 16 bytes, and the same bytes as text (`xxd`, `hexdump -C`, `od -t x1`,
//! `tcpdump -X`, Wireshark, and the table of Netty's log with bars around the offset).

/// Most bytes of a line; dumps with wider lines are read as plain hex.
pub(super) const WIDTH: usize = 16;
/// Spaces between the bytes and the text, where no bar stands.
const GAP: &str = "   ";
/// Digits of the offsets of `od`, which counts in octal unless asked otherwise.
const OD_DIGITS: usize = 7;

/// A line of a dump.
pub(super) struct DumpLine {
    /// Lines like the one before that were left out (`*`).
    pub(super) repeated: usize,
    /// Its bytes; none on a last line that only has the offset of the end.
    pub(super) bytes: Vec<u8>,
}

/// Reads a line whose offset is `expected`, or behind it by whole lines when lines were left out; else `None`.
pub(super) fn line(text: &str, expected: usize, left_out: bool) -> Option<DumpLine> {
    let text = text.trim_end();
    let repeated = |offset: &str, radixes: &[u32]| {
        radixes.iter().find_map(|radix| {
            let ahead = usize::from_str_radix(offset, *radix).ok()?.checked_sub(expected)?;
            (ahead == 0 || left_out && ahead.is_multiple_of(WIDTH)).then_some(ahead / WIDTH)
        })
    };
    // The last line of `hexdump` and `od` is the offset of the end alone.
    if expected > 0 && text.len() >= 4 && text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        let radixes: &[u32] = if text.len() == OD_DIGITS { &[8, 16, 10] } else { &[16] };
        return repeated(text, radixes).map(|repeated| DumpLine { repeated, bytes: Vec::new() });
    }
    let text = text.trim_start().trim_start_matches('|');
    let (offset, rest) = text.split_once([' ', '\t', ':', '|'])?;
    let colon = text.get(offset.len()..)?.starts_with(':');
    let offset = offset.strip_prefix("0x").unwrap_or(offset);
    let od = !colon && matches!(offset.len(), 6 | OD_DIGITS) && first_word(rest).len() == 2;
    let wide_gap = rest.starts_with([' ', '\t']);
    if !(4..=8).contains(&offset.len()) || !colon && !wide_gap && !od {
        return None;
    }
    let radixes: &[u32] = if od && offset.len() == OD_DIGITS { &[8, 16, 10] } else { &[16] };
    let repeated = repeated(offset, radixes)?;
    let bytes_part = rest.trim_start().split(['|', '>']).next().unwrap_or_default();
    let bytes_part = bytes_part.split(if colon { "  " } else { GAP }).next().unwrap_or_default();
    let mut bytes = Vec::new();
    for word in bytes_part.split_whitespace() {
        let (pairs, odd) = word.as_bytes().as_chunks::<2>();
        if !odd.is_empty() || bytes.len() + pairs.len() > WIDTH {
            break;
        }
        for pair in pairs {
            bytes.push(u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?);
        }
    }
    (!bytes.is_empty()).then_some(DumpLine { repeated, bytes })
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

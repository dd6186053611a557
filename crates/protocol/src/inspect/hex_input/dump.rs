//! Lines of a hex dump: an offset, up to 16 bytes, and the same bytes as text (`xxd`, `hexdump -C`, `tcpdump -X`,
//! Wireshark, and the table of Netty's log with bars around the offset).

/// Most bytes of a line; dumps with wider lines are read as plain hex.
const WIDTH: usize = 16;
/// Spaces between the bytes and the text, where no bar stands.
const GAP: &str = "   ";

/// The bytes of a line whose offset is `expected`, else `None`.
pub(super) fn line(text: &str, expected: usize) -> Option<Vec<u8>> {
    let text = text.trim_end();
    // The last line of `hexdump` is the offset of the end alone.
    if expected > 0 && text.len() >= 4 && usize::from_str_radix(text, 16) == Ok(expected) {
        return Some(Vec::new());
    }
    let text = text.trim_start().trim_start_matches('|');
    let (offset, rest) = text.split_once([' ', '\t', ':', '|'])?;
    let colon = text.get(offset.len()..)?.starts_with(':');
    let offset = offset.strip_prefix("0x").unwrap_or(offset);
    if !(4..=8).contains(&offset.len()) || usize::from_str_radix(offset, 16) != Ok(expected) {
        return None;
    }
    let wide_gap = rest.starts_with([' ', '\t']);
    if !colon && !wide_gap {
        return None;
    }
    let bytes_part = rest.trim_start().split('|').next().unwrap_or_default();
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
    (!bytes.is_empty()).then_some(bytes)
}

//! Masks a log: only the digits of frames change, and words that repeat what frames name.

use std::collections::{BTreeSet, HashMap};
use std::net::Ipv4Addr;
use std::ops::Range;

use voltapile_protocol::inspect::Chunk;
use voltapile_protocol::inspect::value::hex;

use super::address::Addresses;
use super::pseudonym::{Class, Form, Given, Pseudonyms};
use super::{Masking, stream};

/// Lines without a byte of a frame that may stand inside it: blank ones, and the `*` of hex dumps.
const MOST_LINES_BETWEEN: usize = 3;
/// Shorter names are only looked for as whole words: elsewhere they would be found in anything.
const SHORTEST_NAME: usize = 8;
/// Still shorter ones are not looked for at all.
const SHORTEST_WORD: usize = 3;
/// A run of so many digits and hex letters outside of frames is told, as it may name somebody: a card has eight.
const DOUBTFUL_RUN: usize = 8;
/// So are words as long as a VIN with so many digits.
const DOUBTFUL_VIN: (usize, usize) = (17, 3);

/// The text, masked. A text in UTF-16 becomes UTF-8.
pub(super) fn mask(input: &[u8], chunks: &[Chunk], masking: &mut Masking) -> Vec<u8> {
    let text = plain(input);
    let mut page = Page::new(&text);
    for chunk in chunks {
        let masked = stream::mask(&chunk.bytes, masking);
        page.chunk(chunk, &masked);
    }
    let Page { lines, mut edits, doubtful, .. } = page;
    let mut words = Words::new(masking);
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    edits.sort_by_key(|edit| edit.range.start);
    for edit in edits {
        if edit.range.start >= at {
            words.copy(&text, at..edit.range.start, &mut out);
            out.extend(edit.with);
            at = edit.range.end;
        }
    }
    words.copy(&text, at..text.len(), &mut out);
    let left = words.doubtful.iter().map(|offset| lines.partition_point(|line| line.start <= *offset));
    let all: BTreeSet<usize> = left.chain(doubtful).collect();
    masking.tally.doubtful_lines = all.into_iter().collect();
    out
}

/// The text in UTF-8, or in whatever has ASCII in its lower half.
fn plain(input: &[u8]) -> Vec<u8> {
    let unit = match input {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => return input.to_vec(),
    };
    let units: Vec<u16> = input.get(2..).unwrap_or_default().as_chunks::<2>().0.iter().map(|two| unit(*two)).collect();
    String::from_utf16_lossy(&units).into_bytes()
}

/// A change of the text.
struct Edit {
    range: Range<usize>,
    with: Vec<u8>,
}

/// A byte as it is written in a text.
#[derive(Debug, Clone)]
struct Written {
    value: u8,
    range: Range<usize>,
    decimal: bool,
}

struct Page<'a> {
    text: &'a [u8],
    lines: Vec<Range<usize>>,
    edits: Vec<Edit>,
    /// Behind what was found last.
    cursor: usize,
    /// Lines that had to be blanked, from 1.
    doubtful: Vec<usize>,
}

impl<'a> Page<'a> {
    fn new(text: &'a [u8]) -> Self {
        let mut lines = Vec::new();
        let mut begin = 0;
        for line in text.split_inclusive(|byte| *byte == b'\n') {
            lines.push(begin..begin + line.len());
            begin += line.len();
        }
        Self { text, lines, edits: Vec::new(), cursor: 0, doubtful: Vec::new() }
    }

    /// Writes a chunk's masked bytes over those that stand in the text from its line on.
    fn chunk(&mut self, chunk: &Chunk, masked: &[u8]) {
        let first = chunk.line.unwrap_or(1).saturating_sub(1);
        let (mut line, mut done, mut empty) = (first, 0, 0);
        let mut edits = Vec::new();
        while done < chunk.bytes.len() {
            let Some(range) = self.lines.get(line).cloned() else { break };
            let (before, after) = (chunk.bytes.get(done..).unwrap_or_default(), masked.get(done..).unwrap_or_default());
            match self.line(range, before, after, &mut edits) {
                0 => empty += 1,
                count => (done, empty) = (done + count, 0),
            }
            line += 1;
            if empty > MOST_LINES_BETWEEN {
                break;
            }
        }
        if done >= chunk.bytes.len() {
            self.edits.extend(edits);
            return;
        }
        // It was read, but not found again: nothing of these lines may stay.
        for line in first..line.max(first + 1) {
            if let Some(range) = self.lines.get(line).cloned() {
                self.blank(range);
                self.doubtful.push(line + 1);
            }
        }
    }

    fn blank(&mut self, range: Range<usize>) {
        let bytes = self.text.get(range.clone()).unwrap_or_default();
        let with = bytes.iter().map(|byte| if byte.is_ascii_alphanumeric() { b'x' } else { *byte }).collect();
        self.edits.retain(|edit| edit.range.start < range.start || edit.range.start >= range.end);
        self.edits.push(Edit { range, with });
    }

    /// Finds where most of the bytes stand in a line; gives back how many.
    fn line(&mut self, range: Range<usize>, before: &[u8], after: &[u8], edits: &mut Vec<Edit>) -> usize {
        let begin = self.cursor.clamp(range.start, range.end);
        let mut best: &[Written] = &[];
        let runs: Vec<Vec<Written>> =
            [false, true].iter().flat_map(|decimal| runs(self.text, begin..range.end, *decimal)).collect();
        for run in &runs {
            for start in 0..run.len() {
                let rest = run.get(start..).unwrap_or_default();
                let count = rest.iter().zip(before).take_while(|(written, byte)| written.value == **byte).count();
                if count > best.len() {
                    best = rest.get(..count).unwrap_or_default();
                }
            }
        }
        for (written, byte) in best.iter().zip(after) {
            edits.push(Edit { range: written.range.clone(), with: rewritten(self.text, written, *byte) });
        }
        if let Some(last) = best.last() {
            self.cursor = last.range.end;
            self.gutter(last.range.end..range.end, (before, after), best.len(), edits);
        }
        best.len()
    }

    /// The same bytes as characters beside a hex dump.
    fn gutter(&self, rest: Range<usize>, (before, after): (&[u8], &[u8]), count: usize, edits: &mut Vec<Edit>) {
        let shown = |bytes: &[u8]| -> Vec<u8> {
            let graphic = |byte: &u8| if (0x20..0x7F).contains(byte) { *byte } else { b'.' };
            bytes.iter().take(count).map(graphic).collect()
        };
        let (old, new) = (shown(before), shown(after));
        let text = self.text.get(rest.clone()).unwrap_or_default();
        if let Some(at) = text.windows(old.len().max(1)).position(|window| window == old.as_slice()) {
            edits.push(Edit { range: rest.start + at..rest.start + at + old.len(), with: new });
        }
    }
}

/// The bytes that are written in a part of a text, in runs without a word between them.
fn runs(text: &[u8], range: Range<usize>, decimal: bool) -> Vec<Vec<Written>> {
    let mut runs = vec![Vec::new()];
    let mut at = range.start;
    while at < range.end {
        let rest = text.get(at..range.end).unwrap_or_default();
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if length == 0 {
            at += 1;
            continue;
        }
        let minus = decimal && at > range.start && text.get(at - 1) == Some(&b'-');
        let word = at..at + length;
        let written = if decimal { decimal_byte(text, word, minus) } else { hex_bytes(text, word) };
        match (written, runs.last_mut()) {
            (Some(written), Some(run)) => run.extend(written),
            _ => runs.push(Vec::new()),
        }
        at += length;
    }
    runs.retain(|run| !run.is_empty());
    runs
}

fn decimal_byte(text: &[u8], word: Range<usize>, minus: bool) -> Option<Vec<Written>> {
    let digits = std::str::from_utf8(text.get(word.clone())?).ok()?;
    let number: i16 = digits.parse().ok().filter(|_| digits.len() <= 3)?;
    let number = if minus { -number } else { number };
    let value = u8::try_from(number).ok().or_else(|| i8::try_from(number).ok().map(i8::cast_unsigned))?;
    let range = if minus { word.start - 1..word.end } else { word };
    Some(vec![Written { value, range, decimal: true }])
}

/// The bytes of a word of hex: `68`, `0x68`, `x68`, `68h`, `6822…`, `0x680x22`.
fn hex_bytes(text: &[u8], word: Range<usize>) -> Option<Vec<Written>> {
    let bytes = text.get(word.clone())?;
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let rest = bytes.get(at..)?;
        let is_mark = |mark: &[u8]| rest.get(..mark.len()).is_some_and(|head| head.eq_ignore_ascii_case(mark));
        if is_mark(b"0x") {
            at += 2;
            continue;
        }
        let ends = matches!(rest, [b'h' | b'H' | b'u' | b'U' | b'l' | b'L', ..]) && !found.is_empty();
        if ends || (at == 0 && is_mark(b"x")) {
            at += 1;
            continue;
        }
        let digits = rest.iter().take(2).take_while(|byte| byte.is_ascii_hexdigit()).count();
        let value = u8::from_str_radix(std::str::from_utf8(rest.get(..digits)?).ok()?, 16).ok()?;
        found.push(Written { value, range: word.start + at..word.start + at + digits, decimal: false });
        at += digits;
    }
    Some(found).filter(|found| !found.is_empty())
}

/// A byte as the one before it was written.
fn rewritten(text: &[u8], written: &Written, byte: u8) -> Vec<u8> {
    if byte == written.value {
        return text.get(written.range.clone()).unwrap_or_default().to_vec();
    }
    if written.decimal {
        let signed = text.get(written.range.start) == Some(&b'-') || byte < 0x80;
        // Only one way of writing bytes has minus signs; where it is not known which, the number stays below 256.
        let minus = signed && byte >= 0x80;
        return if minus { byte.cast_signed().to_string() } else { byte.to_string() }.into_bytes();
    }
    let old = text.get(written.range.clone()).unwrap_or_default();
    let around = text.get(written.range.start.saturating_sub(40)..(written.range.end + 40).min(text.len()));
    let lower = around.unwrap_or(old).iter().filter(|byte| matches!(byte, b'a'..=b'f')).count();
    let upper = around.unwrap_or(old).iter().filter(|byte| matches!(byte, b'A'..=b'F')).count();
    if lower > upper { format!("{byte:02x}") } else { format!("{byte:02X}") }.into_bytes()
}

/// What stands between frames: copied, but for what frames have named and for addresses where asked.
struct Words<'m> {
    /// Names as they are written, and what they become.
    names: HashMap<Vec<u8>, Vec<u8>>,
    lengths: BTreeSet<usize>,
    pseudonyms: &'m Pseudonyms,
    addresses: Option<Addresses>,
    /// Where something is left that may name somebody.
    doubtful: Vec<usize>,
}

impl<'m> Words<'m> {
    fn new(masking: &'m Masking) -> Self {
        let pseudonyms = &masking.pseudonyms;
        let mut names = HashMap::new();
        for Given { class, form, from, to } in pseudonyms.given() {
            let is_word = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_graphic);
            let certain = form == Form::Text || !matches!(class, Class::Pile | Class::Transaction);
            if certain && is_word(from) && is_word(to) {
                names.insert(from.to_vec(), to.to_vec());
                if class == Class::Vin {
                    let backward = |name: &[u8]| name.iter().rev().copied().collect();
                    names.insert(backward(from), backward(to));
                }
            }
            if class != Class::Vin {
                names.insert(hex(from).into_bytes(), hex(to).into_bytes());
                names.insert(hex(from).to_ascii_lowercase().into_bytes(), hex(to).to_ascii_lowercase().into_bytes());
            }
        }
        names.retain(|name, _| name.len() >= SHORTEST_WORD);
        let lengths = names.keys().map(Vec::len).collect();
        let addresses = masking.addresses.then(Addresses::default);
        Self { names, lengths, pseudonyms, addresses, doubtful: Vec::new() }
    }

    fn copy(&mut self, text: &[u8], range: Range<usize>, out: &mut Vec<u8>) {
        let part = text.get(range.clone()).unwrap_or_default();
        let mut at = 0;
        // Where what stays of a word begins.
        let mut left = 0;
        while at < part.len() {
            let name = self.name(part, at).map(|(length, with)| (length, with.to_vec()));
            let rest = part.get(at..).unwrap_or_default();
            if let Some((length, with)) = name.or_else(|| self.address(rest).filter(|_| starts_word(part, at))) {
                self.doubt(part, left..at, range.start);
                out.extend(with);
                at += length;
                left = at;
                continue;
            }
            if rest.first().is_some_and(|byte| !byte.is_ascii_alphanumeric()) {
                self.doubt(part, left..at, range.start);
                left = at + 1;
            }
            out.extend(rest.first());
            at += 1;
        }
        self.doubt(part, left..at, range.start);
    }

    /// Remembers what stays of a word, if it may name somebody.
    fn doubt(&mut self, part: &[u8], word: Range<usize>, begin: usize) {
        if part.get(word.clone()).is_some_and(is_doubtful) {
            self.doubtful.push(begin + word.start);
        }
    }

    /// The longest name at a place of a text: its length, and what it becomes.
    fn name(&self, part: &[u8], at: usize) -> Option<(usize, &[u8])> {
        let rest = part.get(at..)?;
        let is_word =
            |length: usize| starts_word(part, at) && rest.get(length).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        self.lengths.iter().rev().find_map(|length| {
            let name = self.names.get(rest.get(..*length)?)?;
            (*length >= SHORTEST_NAME || is_word(*length)).then_some((*length, name.as_slice()))
        })
    }

    /// An IPv4 address at the begin of a text: its length, and the one in its place.
    fn address(&mut self, rest: &[u8]) -> Option<(usize, Vec<u8>)> {
        let addresses = self.addresses.as_mut()?;
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'.').count();
        let written = std::str::from_utf8(rest.get(..length)?).ok()?;
        let address: Ipv4Addr = written.parse().ok()?;
        let masked = addresses.of(&address.octets(), self.pseudonyms);
        let masked = Ipv4Addr::from(<[u8; 4]>::try_from(masked.as_slice()).ok()?);
        Some((length, masked.to_string().into_bytes()))
    }
}

fn starts_word(part: &[u8], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| part.get(before)).is_none_or(|byte| !byte.is_ascii_alphanumeric())
}

/// Whether a word may name somebody: it has a long number, with hex letters or without, or looks like a VIN. A date as
/// eight digits does not.
fn is_doubtful(word: &[u8]) -> bool {
    let digits = |part: &[u8]| part.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_date = |run: &[u8]| run.len() == DOUBTFUL_RUN && run.starts_with(b"20") && digits(run) == run.len();
    let mut runs = word.split(|byte| !byte.is_ascii_hexdigit());
    let is_padding = |run: &[u8]| run.iter().all(|byte| *byte == b'0');
    let has_number = runs.any(|run| run.len() >= DOUBTFUL_RUN && digits(run) > 0 && !is_date(run) && !is_padding(run));
    has_number || (word.len() == DOUBTFUL_VIN.0 && digits(word) >= DOUBTFUL_VIN.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_may_name_somebody_are_known() {
        for word in ["13812345678", "tel13812345678", "D14B0A54", "3511355988", "LFPHC7PE0K2A07972", "00AABBCCDDEE11"] {
            assert!(is_doubtful(word.as_bytes()), "{word}");
        }
        for word in ["20260131", "20260131T081530Z", "1234567", "feedface", "settled", "connection", "0000000000", ""] {
            assert!(!is_doubtful(word.as_bytes()), "{word}");
        }
    }
}

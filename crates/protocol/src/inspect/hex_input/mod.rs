//! Bytes from text as people have it: hex in any dress, log lines, tables, C arrays, hex dumps, lists of decimal bytes; or a binary file.
//!
//! Words and dates hold hex digits too. So in a line that holds anything but hex, only a run that begins like a frame and
//! is long enough for one counts.

mod decimal;
mod dump;
mod line;
mod start;

use line::{Hex, Line};
use start::{announced, is_likely, may_begin, whole};

/// Fewer bytes than this between words are not taken for a frame: the shortest has 8.
const SHORTEST_IN_TEXT: usize = 8;

/// Most lines of a hex dump that are made up for a `*`: more than the longest frame has.
const MOST_LEFT_OUT: usize = 64;

/// Bytes that belong together: a frame never goes from one chunk to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Line of the text where they begin, from 1; `None` for binary input.
    pub line: Option<usize>,
    /// Runs of hex that had a digit too many or too few.
    pub odd: Vec<OddDigits>,
}

/// A run of hex with an odd number of digits, whose last digit was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OddDigits {
    /// Bytes of the chunk before the dropped digit.
    pub at: usize,
    /// How many digits the run has.
    pub digits: usize,
    /// The digit that was dropped, 0–15.
    pub dropped: u8,
}

impl Chunk {
    /// Plain bytes, not from a text.
    #[must_use]
    pub fn binary(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), line: None, odd: Vec::new() }
    }
}

/// Why no bytes could be taken from an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// There is nothing.
    #[error("the input is empty")]
    Empty,
    /// There is text but no hex.
    #[error("no hex bytes found in the text")]
    NoHex,
    /// There is hex among words, but nothing that begins like a frame.
    #[error("there is hex in the text, but no run of at least 8 bytes that begins with 68 or AA F5")]
    NoStart,
}

/// Takes the bytes out of an input: text with hex in it, or the bytes themselves when the input is not text.
///
/// # Errors
/// [`InputError`] when the input is text without usable hex.
pub fn read_input(input: &[u8]) -> Result<Vec<Chunk>, InputError> {
    if input.is_empty() {
        return Err(InputError::Empty);
    }
    if let Some(text) = utf16(input) {
        return read_text(&text);
    }
    if is_text(input) {
        return read_text(&String::from_utf8_lossy(input));
    }
    Ok(vec![Chunk::binary(input)])
}

/// Text in UTF-16 with a byte order mark, as editors and shells on Windows write it.
fn utf16(input: &[u8]) -> Option<String> {
    let unit = match input.first_chunk()? {
        [0xFF, 0xFE] => u16::from_le_bytes,
        [0xFE, 0xFF] => u16::from_be_bytes,
        _ => return None,
    };
    let (units, _) = input.get(2..)?.as_chunks::<2>();
    let text = char::decode_utf16(units.iter().map(|bytes| unit(*bytes)));
    Some(text.map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// Whether bytes are text: no control character but those of line ends, tabs and terminal colours. Every frame holds
/// one, if only its encryption flag.
fn is_text(input: &[u8]) -> bool {
    input.iter().all(|byte| *byte >= 0x20 && *byte != 0x7F || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B))
}

fn read_text(text: &str) -> Result<Vec<Chunk>, InputError> {
    if text.trim().is_empty() {
        return Err(InputError::Empty);
    }
    let mut gathered = Gathered::default();
    for (index, text) in text.lines().enumerate() {
        let number = index + 1;
        if gathered.dumped > 0 && text.trim() == "*" {
            gathered.left_out = true;
        } else if let Some(line) = dump::line(text, gathered.dumped, gathered.left_out) {
            gathered.dump_line(number, line);
        } else if let Some(line) = dump::line(text, 0, false) {
            gathered.dumped = 0;
            gathered.dump_line(number, line);
        } else if !gathered.decimals(number, text) {
            gathered.line(number, line::read(text));
        }
    }
    gathered.finish()
}

#[derive(Default)]
struct Gathered {
    chunks: Vec<Candidate>,
    /// Bytes of the hex dump that the last line continued; 0 when it was none.
    dumped: usize,
    /// Whether the hex dump left out lines like the last.
    left_out: bool,
    /// Whether the last line with anything in it ended with a list of decimal bytes.
    in_decimals: bool,
    /// Whether the last line with anything in it ended with the last chunk's bytes.
    may_continue: bool,
    saw_hex: bool,
    saw_words: bool,
}

struct Candidate {
    chunk: Chunk,
    /// It came from between words, so it must look like a frame.
    among_words: bool,
    /// Up to here it was looked through for a frame that the next line may end.
    looked: usize,
}

impl Gathered {
    fn dump_line(&mut self, number: usize, line: dump::DumpLine) {
        self.saw_hex = true;
        let added = line.repeated * dump::WIDTH + line.bytes.len();
        match self.chunks.last_mut().filter(|_| self.dumped > 0) {
            Some(last) => {
                let bytes = &mut last.chunk.bytes;
                let like = bytes.last_chunk::<{ dump::WIDTH }>().copied().unwrap_or_default();
                bytes.extend(like.iter().cycle().take(line.repeated.min(MOST_LEFT_OUT) * dump::WIDTH));
                bytes.extend(line.bytes);
            }
            None => self.push(number, Hex { bytes: line.bytes, odd: Vec::new() }, false),
        }
        self.dumped += added;
        (self.left_out, self.may_continue, self.in_decimals) = (false, false, false);
    }

    /// Takes the lists of decimal bytes out of a line; false when it has none.
    fn decimals(&mut self, number: usize, text: &str) -> bool {
        if self.in_decimals
            && let Some(bytes) = decimal::bytes(text)
            && let Some(last) = self.chunks.last_mut()
            && let Some(begin) = unfinished_frame(&last.chunk.bytes, last.looked)
        {
            last.looked = begin;
            last.chunk.bytes.extend(bytes);
            return true;
        }
        let decimal::Lists { lists, alone } = decimal::lists(text);
        let whole = |list: &Vec<u8>| list.len() >= SHORTEST_IN_TEXT && (is_likely(list) || line::holds_frame(list));
        self.in_decimals = alone || lists.iter().any(whole);
        if !self.in_decimals {
            return false;
        }
        (self.dumped, self.may_continue, self.saw_hex) = (0, false, true);
        self.saw_words |= !alone;
        for bytes in lists {
            self.push(number, Hex { bytes, odd: Vec::new() }, true);
        }
        true
    }

    fn line(&mut self, number: usize, line: Line) {
        (self.dumped, self.left_out) = (0, false);
        self.in_decimals &= matches!(line, Line::Blank);
        match line {
            Line::Blank => {}
            Line::Pure(hex) => {
                self.saw_hex = true;
                if let Some(hex) = self.unless_continued(hex) {
                    self.push(number, hex, false);
                }
                self.may_continue = true;
            }
            Line::Mixed { runs, ends_in_hex } => {
                self.saw_words = true;
                self.saw_hex |= !runs.is_empty();
                let starting: Vec<Hex> = runs.into_iter().filter_map(line::Run::into_frame).collect();
                self.may_continue = ends_in_hex && !starting.is_empty();
                for hex in starting {
                    self.push(number, hex, true);
                }
            }
        }
    }

    fn push(&mut self, line: usize, hex: Hex, among_words: bool) {
        let chunk = Chunk { bytes: hex.bytes, line: Some(line), odd: hex.odd };
        self.chunks.push(Candidate { chunk, among_words, looked: 0 });
    }

    /// Appends a line of pure hex to an unfinished frame before it; gives it back when it begins a frame of its own.
    fn unless_continued(&mut self, hex: Hex) -> Option<Hex> {
        let Some(last) = self.chunks.last_mut().filter(|_| self.may_continue) else { return Some(hex) };
        if whole(&hex.bytes).is_some() {
            return Some(hex);
        }
        let Some(begin) = unfinished_frame(&last.chunk.bytes, last.looked) else { return Some(hex) };
        last.looked = begin;
        let before = last.chunk.bytes.len();
        last.chunk.odd.extend(hex.odd.into_iter().map(|odd| OddDigits { at: odd.at + before, ..odd }));
        last.chunk.bytes.extend(hex.bytes);
        None
    }

    fn finish(self) -> Result<Vec<Chunk>, InputError> {
        let words = self.saw_words;
        let usable = |candidate: &Candidate| {
            if candidate.among_words {
                candidate.chunk.bytes.len() >= SHORTEST_IN_TEXT
                    && (is_likely(&candidate.chunk.bytes) || line::holds_frame(&candidate.chunk.bytes))
            } else {
                // Among lines of words a line of digits may be anything.
                let bytes = &candidate.chunk.bytes;
                !words
                    || bytes.len() >= SHORTEST_IN_TEXT
                        && (0..bytes.len()).any(|at| bytes.get(at..).is_some_and(may_begin))
            }
        };
        let chunks: Vec<Chunk> = self.chunks.into_iter().filter(usable).map(|candidate| candidate.chunk).collect();
        match (chunks.is_empty(), self.saw_hex) {
            (false, _) => Ok(chunks),
            (true, true) => Err(InputError::NoStart),
            (true, false) => Err(InputError::NoHex),
        }
    }
}

/// Where the frame begins inside which bytes end, by its length; the look begins where `at` says one may.
fn unfinished_frame(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(start) =
        bytes.get(at..).and_then(|rest| (0..rest.len()).find(|at| rest.get(*at..).is_some_and(may_begin)))
    {
        at += start;
        match bytes.get(at..).and_then(announced).map(|length| at + length) {
            Some(end) if end <= bytes.len() => at = end,
            _ => return Some(at),
        }
    }
    None
}

#[cfg(test)]
mod tests;

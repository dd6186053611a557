//! One line of text: hex bytes, words, or both.

use super::OddDigits;
use super::start::{may_begin, whole};

/// Bytes of hex, and where a digit was left over.
#[derive(Default)]
pub(super) struct Hex {
    pub(super) bytes: Vec<u8>,
    pub(super) odd: Vec<OddDigits>,
}

impl Hex {
    /// Appends what follows.
    pub(super) fn append(&mut self, behind: Self) {
        let before = self.bytes.len();
        self.odd.extend(behind.odd.into_iter().map(|odd| OddDigits { at: odd.at + before, ..odd }));
        self.bytes.extend(behind.bytes);
    }

    fn joined(tokens: impl IntoIterator<Item = Self>) -> Self {
        tokens.into_iter().fold(Self::default(), |mut all, token| {
            all.append(token);
            all
        })
    }
}

/// What a line holds.
pub(super) enum Line {
    /// Nothing.
    Blank,
    /// Only hex bytes.
    Pure(Hex),
    /// Words, dates and numbers, perhaps with hex between them.
    Mixed {
        /// Hex between words.
        runs: Vec<Run>,
        /// Whether the last run ends the line.
        ends_in_hex: bool,
    },
}

/// Bytes without a word between them, by token.
#[derive(Default)]
pub(super) struct Run {
    tokens: Vec<Hex>,
}

impl Run {
    /// Whether a frame may begin with a token: its first two bytes may be two tokens.
    fn may_begin_at(&self, at: usize) -> bool {
        let tokens = self.tokens.get(at..).unwrap_or_default();
        let first: Vec<u8> = tokens.iter().take(2).flat_map(|token| token.bytes.iter().copied()).take(2).collect();
        tokens.first().is_some_and(|token| !token.bytes.is_empty()) && may_begin(&first)
    }

    /// The bytes from the first token that begins with a start byte on, or all of them where a sound frame stands inside.
    pub(super) fn into_frame(mut self) -> Option<Hex> {
        let Some(begin) = (0..self.tokens.len()).find(|at| self.may_begin_at(*at)) else {
            return Some(Hex::joined(self.tokens)).filter(|hex| holds_frame(&hex.bytes));
        };
        self.tokens.drain(..begin);
        // Behind a frame in one piece stand other columns of the line, or another frame.
        let whole = self.tokens.iter().take_while(|token| is_whole(&token.bytes)).count();
        if whole > 0 && !self.may_begin_at(whole) {
            self.tokens.truncate(whole);
        }
        Some(Hex::joined(self.tokens))
    }
}

/// Whether a sound frame stands somewhere in bytes.
pub(super) fn holds_frame(bytes: &[u8]) -> bool {
    (0..bytes.len()).any(|at| bytes.get(at..).is_some_and(|rest| whole(rest).is_some()))
}

/// Whether bytes are sound frames and nothing else.
fn is_whole(mut bytes: &[u8]) -> bool {
    while let Some(length) = whole(bytes) {
        bytes = bytes.get(length..).unwrap_or_default();
        if bytes.is_empty() {
            return true;
        }
    }
    false
}

/// Longest odd number of digits that is a number rather than hex with a digit missing.
const LONGEST_NUMBER: usize = 20;

/// Longest number with a colon behind it that is taken for a label.
const LONGEST_LABEL: usize = 8;

/// Reads a line.
pub(super) fn read(text: &str) -> Line {
    let text = without_colours(text);
    let mut runs = vec![Run::default()];
    let mut pure = true;
    let mut ends_in_hex = false;
    for atom in text.split(is_separator).flat_map(by_script) {
        for part in parts(atom) {
            match part.and_then(bytes_of) {
                Some(bytes) => {
                    ends_in_hex = true;
                    if let Some(run) = runs.last_mut() {
                        run.tokens.push(bytes);
                    }
                }
                None => {
                    (pure, ends_in_hex) = (false, false);
                    runs.push(Run::default());
                }
            }
        }
    }
    runs.retain(|run| !run.tokens.is_empty());
    match (pure, runs.is_empty()) {
        (true, true) => Line::Blank,
        (true, false) => Line::Pure(Hex::joined(runs.into_iter().flat_map(|run| run.tokens))),
        (false, _) => Line::Mixed { runs, ends_in_hex },
    }
}

/// What stands between words: anything but letters, digits and the marks inside dates, clocks and addresses.
fn is_separator(character: char) -> bool {
    !(character.is_ascii_alphanumeric() || matches!(character, '-' | ':' | '.' | '/' | '_') || is_letter(character))
}

/// A letter of another script: a word, not a separator. Chinese punctuation separates.
fn is_letter(character: char) -> bool {
    !character.is_ascii() && character.is_alphanumeric()
}

/// An atom cut where ASCII meets another script: in `收到680D…` the hex follows without a space.
fn by_script(mut atom: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    while let Some(first) = atom.chars().next() {
        let end = atom.find(|character: char| character.is_ascii() != first.is_ascii()).unwrap_or(atom.len());
        let (piece, rest) = atom.split_at(end);
        pieces.push(piece);
        atom = rest;
    }
    pieces
}

/// The parts of an atom at its inner marks; `None` where it is a label (`12:`), a date, a clock, an address or a decimal
/// number.
fn parts(atom: &str) -> Vec<Option<&str>> {
    if atom.ends_with(':') && atom.len() <= LONGEST_LABEL {
        return vec![None];
    }
    let is_mark = |character: char| matches!(character, '-' | ':' | '.' | '/');
    let parts: Vec<&str> = atom.split(is_mark).filter(|part| !part.is_empty()).collect();
    let pairs = parts.iter().all(|part| part.len() == 2) && parts.len() > 3;
    let numbers = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if parts.len() > 1 && numbers && !pairs { vec![None] } else { parts.into_iter().map(Some).collect() }
}

/// The bytes of a word: `68`, `0x68`, `x68` (of `\x68`), `68h`, `0x68u`, `6822…`, `0x680x22`.
fn bytes_of(word: &str) -> Option<Hex> {
    let lower = word.to_ascii_lowercase();
    if let Some(rest) = lower.strip_prefix("0x") {
        return rest
            .split("0x")
            .map(|digits| hex(digits.trim_end_matches(['u', 'l']), true))
            .collect::<Option<Vec<_>>>()
            .map(Hex::joined);
    }
    if let Some(digits) = lower.strip_prefix('x') {
        return hex(digits, false).filter(|hex| hex.bytes.len() == 1);
    }
    if let Some(digits) = lower.strip_suffix('h') {
        return hex(digits, true).filter(|hex| hex.bytes.len() == 1);
    }
    hex(&lower, true)
}

/// Hex digits to bytes; a single digit is a byte of its own. A long run with a digit too many loses its last.
fn hex(digits: &str, single: bool) -> Option<Hex> {
    let nibbles: Vec<u8> =
        digits.chars().map(|digit| digit.to_digit(16).map(|nibble| nibble as u8)).collect::<Option<_>>()?;
    match nibbles.as_slice() {
        [] => None,
        [one] => single.then(|| Hex { bytes: vec![*one], odd: Vec::new() }),
        many if many.len().is_multiple_of(2) || many.len() > LONGEST_NUMBER => {
            let (pairs, left) = many.as_chunks::<2>();
            let bytes: Vec<u8> = pairs.iter().map(|[high, low]| (high << 4) | low).collect();
            let odd = left.iter().map(|dropped| OddDigits { at: bytes.len(), digits: many.len(), dropped: *dropped });
            Some(Hex { odd: odd.collect(), bytes })
        }
        _ => None,
    }
}

/// The text without the escape sequences that colour it on a terminal.
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1B}' {
            characters.by_ref().skip(1).find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

//! Lists of decimal bytes as languages print them: `[104, 13, 37, -45, …]`. Java's bytes have signs.

use super::start::may_begin;

/// The lists of a line.
pub(super) struct Lists {
    /// From the begin of a frame on, each to its closing bracket or to the next word.
    pub(super) lists: Vec<Vec<u8>>,
    /// Whether the line holds nothing else.
    pub(super) alone: bool,
}

/// Reads the lists of a line that begin like a frame: 104 and 170 are no bytes in hex, so no line of hex has them.
pub(super) fn lists(text: &str) -> Lists {
    let mut lists = Vec::new();
    let mut alone = true;
    for part in text.split([']', '}', ')']) {
        let mut list: Option<Vec<u8>> = None;
        let mut words = part.split(is_separator).filter(|word| !word.is_empty()).peekable();
        while let Some(word) = words.next() {
            let next = words.peek().and_then(|next| byte(next));
            match (byte(word), &mut list) {
                (Some(byte), Some(list)) => list.push(byte),
                (Some(byte), None) if may_begin(&[byte, next.unwrap_or_default()]) => list = Some(vec![byte]),
                (Some(_), None) => alone = false,
                (None, _) => {
                    alone = false;
                    lists.extend(list.take());
                }
            }
        }
        lists.extend(list);
    }
    Lists { alone: alone && !lists.is_empty(), lists }
}

/// The bytes of a line that holds nothing but decimal bytes: one that may go on with a list.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    let words = text.split(|character| is_separator(character) || matches!(character, ']' | '}' | ')'));
    words.filter(|word| !word.is_empty()).map(byte).collect::<Option<Vec<u8>>>().filter(|bytes| !bytes.is_empty())
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, ',' | ';' | '[' | '{' | '(' | '=' | ':' | '，' | '：' | '"')
}

/// A byte with or without a sign.
fn byte(word: &str) -> Option<u8> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    if digits.len() > 3 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let number = word.parse::<i16>().ok()?;
    u8::try_from(number).ok().or_else(|| i8::try_from(number).ok().map(|signed| signed as u8))
}

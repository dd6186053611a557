//! Lists in pages. A cursor is opaque to callers: what it holds is between a list and its next page.

use super::StoreError;
use serde::{Deserialize, Serialize};
use voltapile_platform::identity::PileCode;

/// Items on the longest page.
pub const PAGE_LIMIT_MAX: usize = 500;

/// Where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// From text as a caller gives it back; looked at when the list is.
    #[must_use]
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As text to give out.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Of the list of piles, behind one of them: for a list that is filtered by more than the store knows.
    #[must_use]
    pub fn after_pile(code: PileCode) -> Self {
        Self::after_text(List::Piles, code.as_str())
    }

    /// Of a list whose items are ordered by text.
    fn after_text(list: List, key: &str) -> Self {
        let digits: String = key.bytes().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("{}{digits}", list.mark()))
    }

    /// Of a list whose items are ordered by number.
    fn after_number(list: List, key: i64) -> Self {
        Self(format!("{}{key:x}", list.mark()))
    }

    fn key(&self, list: List) -> Result<&str, StoreError> {
        self.0.strip_prefix(list.mark()).ok_or(StoreError::BadCursor)
    }

    fn text_key(&self, list: List) -> Result<String, StoreError> {
        let (pairs, rest) = self.key(list)?.as_bytes().as_chunks::<2>();
        let digit = |digit: u8| char::from(digit).to_digit(16);
        let byte = |[high, low]: &[u8; 2]| u8::try_from(digit(*high)? << 4 | digit(*low)?).ok();
        let bytes: Option<Vec<u8>> = pairs.iter().map(byte).collect();
        let text = bytes.filter(|_| rest.is_empty()).and_then(|bytes| String::from_utf8(bytes).ok());
        text.ok_or(StoreError::BadCursor)
    }

    fn number_key(&self, list: List) -> Result<i64, StoreError> {
        i64::from_str_radix(self.key(list)?, 16).map_err(|_| StoreError::BadCursor)
    }
}

/// The lists there are; a cursor of one is refused by the others.
#[derive(Debug, Clone, Copy)]
pub(super) enum List {
    Piles,
    Waiting,
    Tariffs,
    Records,
    Sessions,
}

impl List {
    const fn mark(self) -> char {
        match self {
            Self::Piles => 'p',
            Self::Waiting => 'w',
            Self::Tariffs => 't',
            Self::Records => 'r',
            Self::Sessions => 's',
        }
    }
}

/// Which page of a list.
#[derive(Debug, Clone)]
pub struct PageRequest {
    limit: usize,
    cursor: Option<Cursor>,
}

impl PageRequest {
    /// A page of at most `limit` items, brought into 1 to [`PAGE_LIMIT_MAX`]; from the list's beginning, or from where
    /// another page's `next_cursor` says.
    #[must_use]
    pub fn new(limit: usize, cursor: Option<Cursor>) -> Self {
        Self { limit: limit.clamp(1, PAGE_LIMIT_MAX), cursor }
    }

    /// The text after which the page begins; `""` for the first.
    pub(super) fn after_text(&self, list: List) -> Result<String, StoreError> {
        self.cursor.as_ref().map_or(Ok(String::new()), |cursor| cursor.text_key(list))
    }

    /// The number below which the page begins; the largest for the first.
    pub(super) fn before_number(&self, list: List) -> Result<i64, StoreError> {
        self.cursor.as_ref().map_or(Ok(i64::MAX), |cursor| cursor.number_key(list))
    }

    /// Rows to fetch: one more than the page has, to know whether there is a next one.
    pub(super) fn fetch(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX - 1) + 1
    }
}

/// Some items of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// Where the next page begins; `None` on the last.
    pub next_cursor: Option<Cursor>,
}

impl<T> Page<T> {
    /// From [`PageRequest::fetch`] rows of a list ordered by text.
    pub(super) fn by_text(request: &PageRequest, list: List, rows: Vec<T>, key: impl Fn(&T) -> &str) -> Self {
        Self::cut(request, rows, |last| Cursor::after_text(list, key(last)))
    }

    /// From [`PageRequest::fetch`] rows of a list ordered by number.
    pub(super) fn by_number(request: &PageRequest, list: List, rows: Vec<T>, key: impl Fn(&T) -> i64) -> Self {
        Self::cut(request, rows, |last| Cursor::after_number(list, key(last)))
    }

    fn cut(request: &PageRequest, mut rows: Vec<T>, cursor: impl Fn(&T) -> Cursor) -> Self {
        let is_last = rows.len() <= request.limit;
        rows.truncate(request.limit);
        let next_cursor = rows.last().filter(|_| !is_last).map(cursor);
        Self { items: rows, next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_by_its_own_list_only() {
        let request = |cursor| PageRequest::new(10, Some(cursor));
        let cursor = Cursor::after_text(List::Piles, "550é");
        assert_eq!(request(cursor.clone()).after_text(List::Piles).unwrap(), "550é");
        assert!(matches!(request(cursor).after_text(List::Waiting), Err(StoreError::BadCursor)));
        let cursor = Cursor::after_number(List::Records, 4711);
        assert_eq!(request(cursor).before_number(List::Records).unwrap(), 4711);
        for text in ["", "p", "r", "rx", "r+", "ré", "p0", "pgg", "pff", "r123456789123456789"] {
            let request = request(Cursor::from_text(text));
            assert!(request.before_number(List::Records).is_err(), "{text:?}");
            assert!(text == "p" || request.after_text(List::Piles).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_full_last_page_has_no_next() {
        let request = PageRequest::new(2, None);
        let page = |rows| Page::by_number(&request, List::Records, rows, |row| *row);
        assert_eq!(page(vec![9, 8]).next_cursor, None);
        assert_eq!(page(vec![9, 8, 7]).items, [9, 8]);
        assert_eq!(page(vec![9, 8, 7]).next_cursor, Some(Cursor::after_number(List::Records, 8)));
        assert_eq!(PageRequest::new(0, None).fetch(), 2);
        assert_eq!(PageRequest::new(usize::MAX, None).fetch(), 501);
    }
}

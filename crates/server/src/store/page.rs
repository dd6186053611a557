//! Lists in pages. A cursor is opaque to callers: what it holds is between a list and its next page.

use super::StoreError;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use voltapile_platform::book::Kind;

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

    /// Of a list of documents in the order of their ids, behind one of them: for a list that is filtered by more than
    /// the store knows.
    #[must_use]
    pub fn after_document(kind: Kind, id: &str) -> Self {
        let order = Order { field: "id", descending: kind.is_numbered() };
        Self::after_position(kind, order, &Position { value: Value::Null, id: id.to_owned() })
    }

    /// Of a list of documents.
    pub(super) fn after_position(kind: Kind, order: Order, position: &Position) -> Self {
        // Names of lists, JSON values and texts: nothing that could not be written.
        let text = serde_json::to_string(&(order.name(kind), &position.value, &position.id)).unwrap_or_default();
        Self::after_text(List::Documents, &text)
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

    /// Of a list whose items are ordered by a time and then by number.
    fn after_moment(list: List, (at, id): (i64, i64)) -> Self {
        Self(format!("{}{at}.{id}", list.mark()))
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

    fn moment_key(&self, list: List) -> Result<(i64, i64), StoreError> {
        let (at, id) = self.key(list)?.split_once('.').ok_or(StoreError::BadCursor)?;
        let number = |text: &str| text.parse().map_err(|_| StoreError::BadCursor);
        Ok((number(at)?, number(id)?))
    }

    fn position_key(&self, kind: Kind, order: Order) -> Result<Position, StoreError> {
        let text = self.text_key(List::Documents)?;
        match serde_json::from_str::<(String, Value, String)>(&text) {
            Ok((name, value, id)) if name == order.name(kind) => Ok(Position { value, id }),
            _ => Err(StoreError::BadCursor),
        }
    }
}

/// The lists there are; a cursor of one is refused by the others.
#[derive(Debug, Clone, Copy)]
pub(super) enum List {
    Waiting,
    Records,
    Sessions,
    Documents,
}

impl List {
    const fn mark(self) -> char {
        match self {
            Self::Waiting => 'w',
            Self::Records => 'r',
            Self::Sessions => 's',
            Self::Documents => 'd',
        }
    }
}

/// What a list of documents is ordered by; where that is the same, by id, the same way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    /// One of [`Kind::fields`], or `id`.
    pub(super) field: &'static str,
    /// Whether the greatest comes first.
    pub(super) descending: bool,
}

impl Order {
    /// A name for the list, so that no other one takes its cursors.
    fn name(self, kind: Kind) -> String {
        format!("{} by {}{}", kind.table(), self.field, if self.descending { " descending" } else { "" })
    }
}

/// Where a document stands in its list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Position {
    /// What the list is ordered by, as the store compares it; null where that is the id.
    pub(super) value: Value,
    /// Its id.
    pub(super) id: String,
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

    /// The time and number below which the page begins.
    pub(super) fn before_moment(&self, list: List) -> Result<Option<(i64, i64)>, StoreError> {
        self.cursor.as_ref().map(|cursor| cursor.moment_key(list)).transpose()
    }

    /// The document behind which the page begins.
    pub(super) fn after_position(&self, kind: Kind, order: Order) -> Result<Option<Position>, StoreError> {
        self.cursor.as_ref().map(|cursor| cursor.position_key(kind, order)).transpose()
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

    /// From [`PageRequest::fetch`] rows of a list ordered by time and number.
    pub(super) fn by_moment(request: &PageRequest, list: List, rows: Vec<T>, key: impl Fn(&T) -> (i64, i64)) -> Self {
        Self::cut(request, rows, |last| Cursor::after_moment(list, key(last)))
    }

    /// Each item made into something else.
    pub(super) fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(make).collect(), next_cursor: self.next_cursor }
    }

    /// From [`PageRequest::fetch`] rows, cut to the page's length; `cursor` says where a row stands.
    pub(super) fn cut(request: &PageRequest, mut rows: Vec<T>, cursor: impl Fn(&T) -> Cursor) -> Self {
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
        let cursor = Cursor::after_text(List::Waiting, "550é");
        assert_eq!(request(cursor.clone()).after_text(List::Waiting).unwrap(), "550é");
        assert!(matches!(request(cursor).before_number(List::Sessions), Err(StoreError::BadCursor)));
        let cursor = Cursor::after_number(List::Sessions, 4711);
        assert_eq!(request(cursor).before_number(List::Sessions).unwrap(), 4711);
        let cursor = Cursor::after_moment(List::Records, (-5, 4711));
        assert_eq!(request(cursor).before_moment(List::Records).unwrap(), Some((-5, 4711)));
        for text in
            ["", "w", "s", "sx", "s+", "sé", "w0", "wgg", "wff", "s123456789123456789", "r", "r1", "r1.", "d5b5d"]
        {
            let request = request(Cursor::from_text(text));
            assert!(request.before_number(List::Sessions).is_err(), "{text:?}");
            assert!(request.before_moment(List::Records).is_err(), "{text:?}");
            assert!(request.after_position(Kind::Pile, BY_ID).is_err(), "{text:?}");
            assert!(text == "w" || request.after_text(List::Waiting).is_err(), "{text:?}");
        }
    }

    const BY_ID: Order = Order { field: "id", descending: false };

    #[test]
    fn a_cursor_of_documents_belongs_to_a_kind_and_an_order() {
        let request = PageRequest::new(10, Some(Cursor::after_document(Kind::Pile, "5503")));
        let position = request.after_position(Kind::Pile, BY_ID).unwrap().unwrap();
        assert_eq!(position, Position { value: Value::Null, id: "5503".into() });
        assert!(request.after_position(Kind::Station, BY_ID).is_err());
        assert!(request.after_position(Kind::Pile, Order { descending: true, ..BY_ID }).is_err());
        assert!(request.after_position(Kind::Pile, Order { field: "name", ..BY_ID }).is_err());
    }

    #[test]
    fn a_full_last_page_has_no_next() {
        let request = PageRequest::new(2, None);
        let page = |rows| Page::by_number(&request, List::Sessions, rows, |row| *row);
        assert_eq!(page(vec![9, 8]).next_cursor, None);
        assert_eq!(page(vec![9, 8, 7]).items, [9, 8]);
        assert_eq!(page(vec![9, 8, 7]).next_cursor, Some(Cursor::after_number(List::Sessions, 8)));
        assert_eq!(PageRequest::new(0, None).fetch(), 2);
        assert_eq!(PageRequest::new(usize::MAX, None).fetch(), 501);
    }
}

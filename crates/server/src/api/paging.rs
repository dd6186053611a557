//! Lists in pages: `limit` and `cursor` in, `items` and `next_cursor` out.

use super::describe::schema;
use super::extract::{FromQuery, Parameter, Parameters};
use super::problem::Problem;
use crate::store::{Cursor, PAGE_LIMIT_MAX, PageRequest};

/// Items on a page when nobody says otherwise.
const LIMIT_DEFAULT: usize = 50;

/// Which page.
#[derive(Debug, Clone)]
pub(super) struct Paging {
    /// Items at most.
    pub(super) limit: usize,
    /// Where it begins; `None` for the first.
    pub(super) cursor: Option<Cursor>,
}

impl Paging {
    /// As the store takes it.
    pub(super) fn request(self) -> PageRequest {
        PageRequest::new(self.limit, self.cursor)
    }
}

/// How many items of the store's list are looked at at once, where only some of them are wanted and the store can't tell
/// which: as many as are shown, and ever more while few are found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stride(usize);

impl Stride {
    /// To begin with.
    pub(super) const fn new(limit: usize) -> Self {
        Self(limit)
    }

    /// The next items, from where a cursor says; at most so many.
    pub(super) fn request(self, cursor: Option<Cursor>, most: usize) -> PageRequest {
        PageRequest::new(self.0.min(most), cursor)
    }

    /// Few of them were wanted.
    pub(super) fn widen(&mut self) {
        self.0 = self.0.saturating_mul(2).min(PAGE_LIMIT_MAX);
    }

    /// More of them were wanted than fit, which is `room`: a cursor stands between looks, so they are looked at again.
    pub(super) fn narrow(&mut self, room: usize) {
        self.0 = (self.0 / 2).max(room);
    }
}

impl FromQuery for Paging {
    fn parameters() -> Vec<Parameter> {
        let limit = Parameter { name: "limit", about: "Items on a page; 50 when left out.", schema: schema::limit };
        let about = "The `next_cursor` of the page before; the first page when left out.";
        vec![limit, Parameter { name: "cursor", about, schema: schema::text }]
    }

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let takes = format!("a whole number from 1 to {PAGE_LIMIT_MAX}");
        let read = |text: &str| text.parse().ok().filter(|limit| (1..=PAGE_LIMIT_MAX).contains(limit));
        let limit = parameters.parse_with("limit", &takes, read)?.unwrap_or(LIMIT_DEFAULT);
        Ok(Self { limit, cursor: parameters.text("cursor").map(Cursor::from_text) })
    }
}

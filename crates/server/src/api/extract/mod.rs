//! What handlers take: bodies, queries, path parameters and headers, checked. What does not fit is a
//! [`Problem`](super::problem::Problem) that names it.

mod header;
mod json;
mod path;
mod query;
mod span;
mod text;

pub(super) use header::{AcceptsCsv, Key, LastEventId};
pub(super) use json::{Body, OptionalBody};
pub(super) use path::{CardNumber, FromPath, PathParameter, Vin};
pub(super) use query::{FromQuery, Parameter, Parameters, Query};
pub(super) use span::{Span, WAIT_MAX, Wait};
pub(super) use text::{Label, Note, given};

/// Bytes of the longest body that is read.
pub(super) const BODY_LIMIT: usize = 1024 * 1024;

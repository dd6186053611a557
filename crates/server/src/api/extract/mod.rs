//! What handlers take: bodies, queries and path parameters, checked. What does not fit is a
//! [`Problem`](super::problem::Problem) that names it.

mod json;
mod path;
mod query;

pub(super) use json::{Body, OptionalBody};
pub(super) use path::{FromPath, PathParameter};
pub(super) use query::{FromQuery, Parameters, Query};

/// Bytes of the longest body that is read.
pub(super) const BODY_LIMIT: usize = 1024 * 1024;

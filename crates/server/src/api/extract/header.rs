//! Headers.

use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT, HeaderName};
use axum::http::request::Parts;

use crate::api::describe::{Draft, Input, schema};
use crate::api::problem::{Kind, Problem};

/// Characters of the longest key.
const KEY_MAX: usize = 128;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// The `Idempotency-Key` of a request that acts, where it has one: the same request under the same key acts once.
#[derive(Debug, Clone)]
pub(in crate::api) struct Key(pub(in crate::api) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(value) = one(parts, &IDEMPOTENCY_KEY)? else { return Ok(Self(None)) };
        let fits = (1..=KEY_MAX).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic());
        if fits {
            return Ok(Self(Some(value)));
        }
        let detail = format!("Idempotency-Key takes 1 to {KEY_MAX} ASCII letters, digits and signs without spaces");
        Err(Problem::parameter("Idempotency-Key", detail))
    }
}

impl Input for Key {
    fn describe(draft: &mut Draft) {
        let about = "Any unique text. The same request under the same key acts once: a repeat is answered with what the \
                     first one made, as it is now. Another request under the key is a 409.";
        draft.header("Idempotency-Key", about, schema::pattern("^[!-~]{1,128}$"));
        draft.may_fail(&[409]);
    }
}

/// Where a reader of events broke off, where it says so.
#[derive(Debug, Clone, Copy)]
pub(in crate::api) struct LastEventId(pub(in crate::api) Option<i64>);

impl<S: Send + Sync> FromRequestParts<S> for LastEventId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let Some(value) = one(parts, &LAST_EVENT_ID)?.filter(|value| !value.is_empty()) else { return Ok(Self(None)) };
        let number = value.parse().ok().filter(|number| *number >= 0);
        let refused = || Problem::parameter("Last-Event-ID", "Last-Event-ID takes the id of an event");
        number.map(|number| Self(Some(number))).ok_or_else(refused)
    }
}

impl Input for LastEventId {
    fn describe(draft: &mut Draft) {
        let about = "The id of the last event that was read; what came after it is told first.";
        draft.header("Last-Event-ID", about, schema::count());
    }
}

/// Whether CSV is asked for by `Accept`.
#[derive(Debug, Clone, Copy)]
pub(in crate::api) struct AcceptsCsv(pub(in crate::api) bool);

impl<S: Send + Sync> FromRequestParts<S> for AcceptsCsv {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let accepts = parts.headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let first = accepts.flat_map(|text| text.split(',')).map(|media| media.split(';').next().unwrap_or_default());
        let first = first.map(str::trim).find(|media| !media.is_empty());
        Ok(Self(first.is_some_and(|media| media.eq_ignore_ascii_case("text/csv"))))
    }
}

impl Input for AcceptsCsv {
    fn describe(_draft: &mut Draft) {}
}

/// A header that may be given once.
fn one(parts: &Parts, name: &HeaderName) -> Result<Option<String>, Problem> {
    let mut values = parts.headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|_| values.next().is_none());
    let refused = || Problem::new(Kind::InvalidParameter, format!("the header {name} is given twice or is no text"));
    text.map(|text| Some(text.to_owned())).ok_or_else(refused)
}

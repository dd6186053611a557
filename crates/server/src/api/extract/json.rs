//! JSON bodies.

use std::fmt::Write;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use utoipa::ToSchema;

use super::BODY_LIMIT;
use crate::api::describe::{Draft, Input};
use crate::api::problem::{Kind, Problem};

/// Time in which a body must come.
const BODY_WITHIN: Duration = Duration::from_secs(20);

/// A JSON body.
#[derive(Debug)]
pub(in crate::api) struct Body<T>(pub(in crate::api) T);

/// A JSON body that may be left out.
#[derive(Debug)]
pub(in crate::api) struct OptionalBody<T>(pub(in crate::api) Option<T>);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        must_be_json(request.headers())?;
        let bytes = read(request, state).await?;
        Ok(Self(parse(&bytes)?))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for OptionalBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = must_be_json(request.headers());
        let bytes = read(request, state).await?;
        if bytes.is_empty() {
            return Ok(Self(None));
        }
        is_json?;
        Ok(Self(Some(parse(&bytes)?)))
    }
}

impl<T: ToSchema> Input for Body<T> {
    fn describe(draft: &mut Draft) {
        draft.takes::<T>(true);
    }
}

impl<T: ToSchema> Input for OptionalBody<T> {
    fn describe(draft: &mut Draft) {
        draft.takes::<T>(false);
    }
}

fn must_be_json(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = given.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") || essence.to_ascii_lowercase().ends_with("+json") {
        return Ok(());
    }
    let instead = if essence.is_empty() { String::new() } else { format!(" instead of {essence}") };
    let detail = format!("send the body with `Content-Type: application/json`{instead}");
    Err(Problem::new(Kind::UnsupportedMediaType, detail))
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    let Ok(read) = tokio::time::timeout(BODY_WITHIN, Bytes::from_request(request, state)).await else {
        let detail = format!("the body did not come within {} s", BODY_WITHIN.as_secs());
        return Err(Problem::new(Kind::BodyTooSlow, detail));
    };
    read.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Problem::new(Kind::BodyTooLarge, format!("a body takes at most {BODY_LIMIT} bytes: send less at once"))
        } else {
            Problem::new(Kind::MalformedJson, "the body broke off")
        }
    })
}

/// Every body is an object. Said here, because serde takes an array for a struct as well, and an empty one for a struct
/// of defaults.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    if matches!(first, Some(b'[')) {
        let detail = "the body takes a JSON object, not an array";
        return Err(Problem::new(Kind::InvalidBody, detail).at_pointer("", detail));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let pointer = pointer(error.path());
        refused(error.inner(), pointer)
    })?;
    deserializer.end().map_err(|error| refused(&error, String::new()))?;
    Ok(value)
}

/// serde_json says line and column itself.
fn refused(error: &serde_json::Error, pointer: String) -> Problem {
    if error.is_data() {
        let place = if pointer.is_empty() { String::new() } else { format!("{pointer}: ") };
        return Problem::new(Kind::InvalidBody, format!("{place}{error}")).at_pointer(pointer, error.to_string());
    }
    Problem::new(Kind::MalformedJson, format!("the body is not JSON: {error}"))
}

/// A path as RFC 6901 writes it.
fn pointer(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        // Writing to a string does not fail.
        let _ = match segment {
            Segment::Seq { index } => write!(pointer, "/{index}"),
            Segment::Map { key: name } | Segment::Enum { variant: name } => {
                write!(pointer, "/{}", name.replace('~', "~0").replace('/', "~1"))
            }
            Segment::Unknown => Ok(()),
        };
    }
    pointer
}

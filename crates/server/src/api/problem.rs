//! Errors as RFC 9457 `application/problem+json`.

use std::any::Any;
use std::fmt::{Display, Write};

use axum::Json;
use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::core::CoreError;
use crate::store::{Fault, StoreError};
use utoipa::ToSchema;
use voltapile_platform::business::Refusal;

/// The kinds of problems. A kind's slug never changes; clients decide by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The JSON text is broken.
    MalformedJson,
    /// The JSON is no such resource.
    InvalidBody,
    /// A parameter of the address, or a header.
    InvalidParameter,
    /// No token, or not one that counts; or a wrong password.
    Unauthorized,
    /// The token may not do that.
    InsufficientScope,
    /// What belongs to the platform, asked for by somebody of an operator.
    PlatformOnly,
    /// A resource that does not exist, for this caller.
    NotFound,
    /// An address that does not exist.
    NoSuchRoute,
    /// A route that exists, by another method.
    MethodNotAllowed,
    /// The body came too slowly.
    BodyTooSlow,
    /// It can't be done as things stand; the business's word for why.
    Conflict(&'static str),
    /// The body is too long.
    BodyTooLarge,
    /// The body is no JSON.
    UnsupportedMediaType,
    /// The body fits, but names something that does not exist or can't be meant.
    Unprocessable,
    /// Too many attempts.
    TooManyAttempts,
    /// A bug, or what one left behind.
    Internal,
    /// Too much to do.
    Busy,
    /// Starting, stopping, or the database failed.
    Unavailable,
}

impl Kind {
    /// Slug, title and status.
    const fn parts(self) -> (&'static str, &'static str, StatusCode) {
        match self {
            Self::MalformedJson => ("malformed-json", "The body is not JSON", StatusCode::BAD_REQUEST),
            Self::InvalidBody => ("invalid-body", "The body does not fit", StatusCode::BAD_REQUEST),
            Self::InvalidParameter => ("invalid-parameter", "A parameter does not fit", StatusCode::BAD_REQUEST),
            Self::Unauthorized => ("unauthorized", "A token is needed", StatusCode::UNAUTHORIZED),
            Self::InsufficientScope => ("insufficient-scope", "The token may not do that", StatusCode::FORBIDDEN),
            Self::PlatformOnly => ("platform-only", "Not for an operator's token", StatusCode::FORBIDDEN),
            Self::NotFound => ("not-found", "Not found", StatusCode::NOT_FOUND),
            Self::NoSuchRoute => ("no-such-route", "No such address", StatusCode::NOT_FOUND),
            Self::MethodNotAllowed => ("method-not-allowed", "Not by this method", StatusCode::METHOD_NOT_ALLOWED),
            Self::BodyTooSlow => ("body-too-slow", "The body came too slowly", StatusCode::REQUEST_TIMEOUT),
            Self::Conflict(reason) => (reason, "It can't be done now", StatusCode::CONFLICT),
            Self::BodyTooLarge => ("body-too-large", "The body is too large", StatusCode::PAYLOAD_TOO_LARGE),
            Self::UnsupportedMediaType => {
                ("unsupported-media-type", "The body must be JSON", StatusCode::UNSUPPORTED_MEDIA_TYPE)
            }
            Self::Unprocessable => ("unprocessable", "The body can't be acted on", StatusCode::UNPROCESSABLE_ENTITY),
            Self::TooManyAttempts => ("too-many-attempts", "Too many attempts", StatusCode::TOO_MANY_REQUESTS),
            Self::Internal => ("internal", "The server failed", StatusCode::INTERNAL_SERVER_ERROR),
            Self::Busy => ("busy", "Too much to do", StatusCode::SERVICE_UNAVAILABLE),
            Self::Unavailable => ("unavailable", "Not available now", StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

/// An error on its way to the caller.
#[derive(Debug)]
pub(super) struct Problem {
    kind: Kind,
    detail: String,
    errors: Vec<Culprit>,
    instance: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// What exactly is wrong: a place in the body, or a parameter of the address.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Culprit {
    /// A place in the body (RFC 6901).
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// A parameter of the path or query, or a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    /// What it takes.
    detail: String,
}

impl Problem {
    /// A problem that says what is wrong and what to do.
    pub(super) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), instance: None, headers: Vec::new() }
    }

    /// A parameter of the address that does not fit.
    pub(super) fn parameter(parameter: &str, detail: impl Into<String>) -> Self {
        let mut problem = Self::new(Kind::InvalidParameter, detail);
        problem.errors.push(Culprit {
            pointer: None,
            parameter: Some(parameter.to_owned()),
            detail: problem.detail.clone(),
        });
        problem
    }

    /// A resource that does not exist.
    pub(super) fn not_found(what: &str, key: impl Display) -> Self {
        Self::new(Kind::NotFound, format!("there is no {what} {key}"))
    }

    /// Something to try again after some seconds.
    pub(super) fn unavailable(detail: impl Into<String>, retry_after_seconds: u32) -> Self {
        Self::new(Kind::Unavailable, detail).retry_after(retry_after_seconds)
    }

    /// A failure of ours: the caller gets a number, the log gets the details under it.
    pub(super) fn internal(details: &dyn Display) -> Self {
        let mut random = [0; 8];
        if getrandom::fill(&mut random).is_err() {
            tracing::warn!("the system gives no random numbers");
        }
        let number = u64::from_le_bytes(random);
        let instance = format!("urn:voltapile:error:{number:016x}");
        tracing::error!(instance, error = %details, "a request failed");
        let mut problem = Self::new(Kind::Internal, format!("the details are in the server's log under {instance}"));
        problem.instance = Some(instance);
        problem
    }

    /// Names a place in the body, as a JSON pointer.
    #[must_use]
    pub(super) fn at_pointer(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        self.errors.push(Culprit { pointer: Some(pointer.into()), parameter: None, detail: detail.into() });
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub(super) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Says after how many seconds to try again.
    #[must_use]
    pub(super) fn retry_after(self, seconds: u32) -> Self {
        self.with_header(RETRY_AFTER, seconds.into())
    }

    /// What a panic becomes.
    #[allow(clippy::needless_pass_by_value, reason = "the layer that catches panics hands it over so")]
    pub(super) fn from_panic(panic: Box<dyn Any + Send>) -> Response {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
        Self::internal(&format_args!("panic: {text}")).into_response()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::NotFound { what, key } => Self::not_found(what, key),
            StoreError::BadCursor => {
                let hint = "take it from next_cursor of the same list, or leave it out";
                Self::parameter("cursor", format!("{error}: {hint}"))
            }
            StoreError::Full => Self::new(Kind::Busy, "more is being written than the disk takes").retry_after(1),
            StoreError::Closed => Self::unavailable("the server is stopping", 5),
            other if other.fault() == Fault::Dependency => {
                tracing::error!(error = %chain(other), "the database failed a request");
                Self::unavailable("the database failed; the server's log says why", 5)
            }
            other => Self::internal(&chain(other)),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotFound { what, key } => Self::not_found(what, key),
            Refusal::Conflict { reason, detail } => Self::new(Kind::Conflict(reason), detail),
            Refusal::Invalid { field, detail } => Self::new(Kind::Unprocessable, detail.clone())
                .at_pointer(format!("/{}", field.replace('.', "/")), detail),
        }
    }
}

impl From<CoreError> for Problem {
    fn from(error: CoreError) -> Self {
        match error {
            CoreError::Refused(refusal) => refusal.into(),
            CoreError::Store(error) => error.into(),
        }
    }
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Writing to a string does not fail.
        let _ = write!(text, ": {cause}");
        source = cause.source();
    }
    text
}

/// A problem's JSON (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct ProblemForm {
    /// Says which kind of problem it is, and never changes: decide by it.
    r#type: String,
    /// The kind for people.
    title: &'static str,
    /// The answer's status.
    status: u16,
    /// What is wrong here and what to do.
    detail: String,
    /// The number under which the server's log has the details.
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<String>,
    /// Each place that is wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Culprit>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (slug, title, status) = self.kind.parts();
        let form = ProblemForm {
            // The business's words have underscores.
            r#type: format!("/problems/{}", slug.replace('_', "-")),
            title,
            status: status.as_u16(),
            detail: self.detail,
            instance: self.instance,
            errors: self.errors,
        };
        let mut response = (status, Json(form)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in self.headers {
            headers.insert(name, value);
        }
        response
    }
}

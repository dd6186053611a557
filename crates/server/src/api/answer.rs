//! What handlers answer, besides problems.

use axum::Json;
use axum::http::header::{HeaderName, HeaderValue, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use voltapile_platform::business::registry::Saved;

use super::describe::{Draft, Output};
use crate::store::{Cursor, Page};

const JSON: &str = "application/json";
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

impl<T: ToSchema> Output for Json<T> {
    fn describe(draft: &mut Draft) {
        let schema = draft.refer::<T>();
        draft.answers(200, "What was asked for.", JSON, schema);
    }
}

/// A page of a list.
#[derive(Debug, Serialize)]
pub(super) struct Listing<T> {
    items: Vec<T>,
    next_cursor: Option<Cursor>,
}

impl<T> Listing<T> {
    /// All that there is, on one page.
    pub(super) const fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }

    /// A page of a store, each item made into what is shown.
    pub(super) fn of<U>(page: Page<U>, show: impl FnMut(U) -> T) -> Self {
        Self { items: page.items.into_iter().map(show).collect(), next_cursor: page.next_cursor }
    }
}

impl<T: Serialize> IntoResponse for Listing<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}

impl<T: ToSchema> Output for Listing<T> {
    fn describe(draft: &mut Draft) {
        let schema = Self::schema(draft);
        draft.answers(200, "A page of the list.", JSON, schema);
    }
}

impl<T: ToSchema> Listing<T> {
    /// What a page looks like.
    pub(super) fn schema(draft: &mut Draft) -> RefOr<Schema> {
        let cursor = ObjectBuilder::new()
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .description(Some("Where the next page begins; null on the last."));
        ObjectBuilder::new()
            .property("items", ArrayBuilder::new().items(draft.refer::<T>()))
            .required("items")
            .property("next_cursor", cursor)
            .required("next_cursor")
            .into()
    }
}

/// Something that was put: 201 when it is new, else 200.
#[derive(Debug)]
pub(super) struct Put<T> {
    is_new: bool,
    body: T,
}

impl<T> Put<T> {
    /// From what the register says, made into what is shown.
    pub(super) fn of<U>(saved: Saved<U>, show: impl FnOnce(U) -> T) -> Self {
        Self { is_new: matches!(saved, Saved::Created(_)), body: show(saved.into_inner()) }
    }

    /// Something put, new or not.
    pub(super) const fn new(is_new: bool, body: T) -> Self {
        Self { is_new, body }
    }
}

impl<T: Serialize> IntoResponse for Put<T> {
    fn into_response(self) -> Response {
        let status = if self.is_new { StatusCode::CREATED } else { StatusCode::OK };
        (status, Json(self.body)).into_response()
    }
}

impl<T: ToSchema> Output for Put<T> {
    fn describe(draft: &mut Draft) {
        let schema = draft.refer::<T>();
        draft.answers(200, "It is replaced.", JSON, schema.clone());
        draft.answers(201, "It is new.", JSON, schema);
    }
}

/// Something that was made, and where it is.
#[derive(Debug)]
pub(super) struct Made<T> {
    location: String,
    repeated: bool,
    body: T,
}

impl<T> Made<T> {
    /// Something made just now, below `/api/v1`.
    pub(super) fn at(location: &str, body: T) -> Self {
        Self { location: format!("/api/v1/{location}"), repeated: false, body }
    }

    /// Whether it was made by an earlier request under the same key.
    #[must_use]
    pub(super) fn repeated(self, repeated: bool) -> Self {
        Self { repeated, ..self }
    }
}

impl<T: Serialize> IntoResponse for Made<T> {
    fn into_response(self) -> Response {
        let location = [(LOCATION, self.location)];
        (StatusCode::CREATED, location, replayed(self.repeated), Json(self.body)).into_response()
    }
}

impl<T: ToSchema> Output for Made<T> {
    fn describe(draft: &mut Draft) {
        let schema = draft.refer::<T>();
        draft.answers(201, "It was made.", JSON, schema);
        draft.answers_header(201, "Location", "where it is");
    }
}

/// Something that was acted on.
#[derive(Debug)]
pub(super) struct Acted<T> {
    /// Whether an earlier request under the same key did it.
    pub(super) repeated: bool,
    /// What it is now.
    pub(super) body: T,
}

impl<T: Serialize> IntoResponse for Acted<T> {
    fn into_response(self) -> Response {
        (replayed(self.repeated), Json(self.body)).into_response()
    }
}

impl<T: ToSchema> Output for Acted<T> {
    fn describe(draft: &mut Draft) {
        let schema = draft.refer::<T>();
        draft.answers(200, "It was done.", JSON, schema);
    }
}

fn replayed(repeated: bool) -> HeaderMap {
    let header = (REPLAYED, HeaderValue::from_static("true"));
    repeated.then_some(header).into_iter().collect()
}

/// It is no more.
#[derive(Debug)]
pub(super) struct Gone;

impl IntoResponse for Gone {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl Output for Gone {
    fn describe(draft: &mut Draft) {
        draft.answers_nothing(204, "It is no more.");
    }
}

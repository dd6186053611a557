//! Schemas of parameters.

use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use crate::store::PAGE_LIMIT_MAX;

/// A schema in place, not by reference.
pub(in crate::api) fn of<T: PartialSchema>() -> RefOr<Schema> {
    T::schema()
}

/// Several of something, with commas between.
pub(in crate::api) fn some_of<T: ToSchema>() -> RefOr<Schema> {
    ArrayBuilder::new().items(T::schema()).min_items(Some(1)).into()
}

/// Items on a page.
pub(in crate::api) fn limit() -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1_u32))
        .maximum(Some(u32::try_from(PAGE_LIMIT_MAX).unwrap_or(u32::MAX)))
        .into()
}

/// A number of a document, from 1.
pub(in crate::api) fn number() -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(1_u32))
        .into()
}

/// A number that may be 0.
pub(in crate::api) fn count() -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(0_u32))
        .into()
}

/// Any text.
pub(in crate::api) fn text() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).into()
}

/// A text of a form.
pub(in crate::api) fn pattern(pattern: &str) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern)).into()
}

/// A text with a limit on its length.
pub(in crate::api) fn short_text(max: usize) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(max)).into()
}

/// One of some words.
pub(in crate::api) fn word(words: &[&str]) -> RefOr<Schema> {
    let words: Vec<serde_json::Value> = words.iter().map(|word| (*word).into()).collect();
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
}

/// Yes or no.
pub(in crate::api) fn truth() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::Boolean).into()
}

/// A time span like `10s`, `5m`, `1h`.
pub(in crate::api) fn span() -> RefOr<Schema> {
    pattern("^[0-9]{1,6}(s|m|h)$")
}

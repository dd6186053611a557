//! The platform's types as columns, both ways. A column that cannot be read names its row.

use crate::store::StoreError;
use rusqlite::{CachedStatement, Connection, Params, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;
use std::str::FromStr;
use voltapile_platform::timestamp::Timestamp;

/// All rows of a query, each made into a `T`.
pub(super) fn rows<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    make: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement: CachedStatement<'_> = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut made = Vec::new();
    while let Some(row) = rows.next()? {
        made.push(make(row)?);
    }
    Ok(made)
}

/// The first row of a query, if there is one.
pub(super) fn row<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    make: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    rows.next()?.map(make).transpose()
}

/// Runs a statement that returns no rows; how many rows it changed.
pub(super) fn execute(db: &Connection, sql: &str, params: impl Params) -> Result<usize, StoreError> {
    Ok(db.prepare_cached(sql)?.execute(params)?)
}

/// A text column as a type that is made from text.
pub(super) fn parsed<T: FromStr<Err: Display>>(row: &Row<'_>, column: &'static str) -> Result<T, StoreError> {
    let text = row.get_ref(column)?;
    let text = text.as_str().map_err(|error| corrupt(row, column, error))?;
    text.parse().map_err(|error| corrupt(row, column, error))
}

/// A text column that may be null.
pub(super) fn parsed_option<T: FromStr<Err: Display>>(
    row: &Row<'_>,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse().map_err(|error| corrupt(row, column, error))).transpose()
}

/// A text column that holds JSON.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: &'static str) -> Result<T, StoreError> {
    let text = row.get_ref(column)?;
    let text = text.as_str().map_err(|error| corrupt(row, column, error))?;
    serde_json::from_str(text).map_err(|error| corrupt(row, column, error))
}

/// A text column that holds JSON or nothing.
pub(super) fn json_option<T: DeserializeOwned>(row: &Row<'_>, column: &'static str) -> Result<Option<T>, StoreError> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text).map_err(|error| corrupt(row, column, error))).transpose()
}

/// JSON to store.
pub(super) fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(StoreError::backend)
}

/// A column of milliseconds.
pub(super) fn time(row: &Row<'_>, column: &'static str) -> Result<Timestamp, StoreError> {
    Ok(Timestamp::from_unix_ms(row.get(column)?))
}

/// An error that says which column of which row is bad; the first column of every query is its key.
pub(super) fn corrupt(row: &Row<'_>, column: &'static str, reason: impl Display) -> StoreError {
    let key = row.get_ref(0).map_or_else(
        |_| "?".into(),
        |key| match key {
            rusqlite::types::ValueRef::Integer(id) => id.to_string(),
            other => other.as_str().map_or_else(|_| "?".into(), ToOwned::to_owned),
        },
    );
    StoreError::Corrupt { what: column, key, reason: reason.to_string() }
}

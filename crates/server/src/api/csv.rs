//! Lists as CSV, streamed page by page so that a long one takes no more memory than a short one.

use std::future::Future;

use axum::body::Bytes;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokio::sync::mpsc;
use utoipa::ToSchema;

use super::answer::Listing;
use super::describe::{Draft, Output, schema};
use super::extract::{FromQuery, Parameter, Parameters};
use super::problem::Problem;
use super::stream::chunked;
use crate::store::{Cursor, PAGE_LIMIT_MAX, Page, PageRequest};

/// Pages that may wait for a slow reader.
const PAGES_AHEAD: usize = 2;
/// Excel takes a file for UTF-8 only when it begins so.
const BYTE_ORDER_MARK: &str = "\u{FEFF}";
const MEDIA: &str = "text/csv";

/// A row of a table. The names of columns never change; new ones are added at the end.
pub(super) trait Row {
    /// The columns.
    const COLUMNS: &'static [&'static str];

    /// What stands in them.
    fn cells(&self) -> Vec<String>;
}

/// Whether `format=csv` or `format=json` is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Format(Option<bool>);

impl Format {
    /// Whether it is CSV, given what `Accept` says.
    pub(super) fn is_csv(self, accepts_csv: bool) -> bool {
        self.0.unwrap_or(accepts_csv)
    }
}

impl FromQuery for Format {
    fn parameters() -> Vec<Parameter> {
        let about = "`csv` gives the whole list as CSV instead of a page; so does `Accept: text/csv`.";
        vec![Parameter { name: "format", about, schema: || schema::word(&["json", "csv"]) }]
    }

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let read = |text: &str| match text {
            "json" => Some(false),
            "csv" => Some(true),
            _ => None,
        };
        parameters.parse_with("format", "json or csv", read).map(Self)
    }
}

/// A page of a list, or all of it as CSV.
pub(super) enum Export<T> {
    /// A page.
    Page(Listing<T>),
    /// All of it from the cursor on.
    Csv(Response),
}

impl<T: Serialize> IntoResponse for Export<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Page(page) => page.into_response(),
            Self::Csv(response) => response,
        }
    }
}

impl<T: ToSchema> Output for Export<T> {
    fn describe(draft: &mut Draft) {
        Listing::<T>::describe(draft);
        draft.answers(200, "", MEDIA, schema::text());
    }
}

/// All items of a list as CSV, from a cursor on. The first page is read before the answer begins, so that what is wrong
/// with the request is told; when a later one fails, the answer breaks off.
pub(super) async fn whole<T, Fetch, Fetched>(
    name: &str,
    from: Option<Cursor>,
    fetch: Fetch,
) -> Result<Response, Problem>
where
    T: Row + Send + 'static,
    Fetch: Fn(PageRequest) -> Fetched + Send + 'static,
    Fetched: Future<Output = Result<Page<T>, Problem>> + Send,
{
    let first = fetch(PageRequest::new(PAGE_LIMIT_MAX, from)).await?;
    let (sender, receiver) = mpsc::channel(PAGES_AHEAD);
    tokio::spawn(async move {
        let mut text = format!("{BYTE_ORDER_MARK}{}\r\n", T::COLUMNS.join(","));
        let mut page = first;
        loop {
            page.items.iter().for_each(|row| write_row(row, &mut text));
            if sender.send(Ok(Bytes::from(std::mem::take(&mut text)))).await.is_err() {
                return;
            }
            let Some(cursor) = page.next_cursor else { return };
            match fetch(PageRequest::new(PAGE_LIMIT_MAX, Some(cursor))).await {
                Ok(next) => page = next,
                Err(problem) => {
                    tracing::warn!(?problem, "a list as CSV broke off");
                    let _ = sender.send(Err(std::io::Error::other("the list broke off"))).await;
                    return;
                }
            }
        }
    });
    let headers = [
        (CONTENT_TYPE, format!("{MEDIA}; charset=utf-8; header=present")),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    Ok((headers, chunked(receiver)).into_response())
}

fn write_row(row: &impl Row, text: &mut String) {
    for (position, cell) in row.cells().iter().enumerate() {
        if position > 0 {
            text.push(',');
        }
        write_cell(cell, text);
    }
    text.push_str("\r\n");
}

/// Quotes a cell where it must be. A text that a spreadsheet would compute (`=HYPERLINK(…)`) gets an apostrophe in front.
fn write_cell(cell: &str, text: &mut String) {
    let computes = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(cell);
    let quoted = computes || cell.contains([',', '"', '\r', '\n']);
    if quoted {
        text.push('"');
    }
    if computes {
        text.push('\'');
    }
    for letter in cell.chars() {
        if letter == '"' {
            text.push('"');
        }
        text.push(letter);
    }
    if quoted {
        text.push('"');
    }
}

fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, fraction].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A cell that may be empty.
pub(super) fn cell<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}

/// The word of an enumeration, as it stands in JSON.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_compute_nothing() {
        let written = |cell: &str| {
            let mut text = String::new();
            write_cell(cell, &mut text);
            text
        };
        assert_eq!(written("东门 1"), "东门 1");
        assert_eq!(written("a,b \"c\""), "\"a,b \"\"c\"\"\"");
        assert_eq!(written("=1+1"), "\"'=1+1\"");
        assert_eq!(written("@SUM(A1)"), "\"'@SUM(A1)\"");
        assert_eq!(written("-12.50"), "-12.50");
        assert_eq!(written("-cmd"), "\"'-cmd\"");
        assert_eq!(written(""), "");
    }
}

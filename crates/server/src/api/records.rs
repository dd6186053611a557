//! Transaction records.

use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use voltapile_platform::identity::{ConnectorNumber, PileCode, TransactionNumber};
use voltapile_platform::record::{RecordReading, RecordState, TransactionRecord};
use voltapile_platform::timestamp::Timestamp;

use super::ApiState;
use super::decoded::{hex, type_name};
use super::extract::{FromPath, FromQuery, Parameters, PathParameter, Query};
use super::paging::{self, Paging};
use super::problem::Problem;
use crate::store::{Page, PageRequest, RecordFilter, RecordId, RecordVariant, StoredRecord};

/// A record as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct RecordView {
    id: RecordId,
    received_at: Timestamp,
    last_received_at: Timestamp,
    duplicates: u32,
    variants: u32,
    pile_code: PileCode,
    connector: ConnectorNumber,
    transaction_number: TransactionNumber,
    frame_type: String,
    state: RecordState,
    parsed: Option<Box<TransactionRecord>>,
    unreadable_reason: Option<String>,
    raw: String,
}

impl From<StoredRecord> for RecordView {
    fn from(stored: StoredRecord) -> Self {
        let state = stored.reading.state();
        let (parsed, unreadable_reason) = match stored.reading {
            RecordReading::Parsed(parsed) => (Some(parsed), None),
            RecordReading::Unreadable { reason } => (None, Some(reason)),
        };
        Self {
            id: stored.id,
            received_at: stored.received_at,
            last_received_at: stored.last_received_at,
            duplicates: stored.duplicates,
            variants: stored.variants,
            pile_code: stored.pile_code,
            connector: stored.connector,
            transaction_number: stored.transaction_number,
            frame_type: type_name(stored.frame_type),
            state,
            parsed,
            unreadable_reason,
            raw: hex(&stored.raw),
        }
    }
}

/// Another body under a record's key, as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct VariantView {
    received_at: Timestamp,
    frame_type: String,
    raw: String,
}

impl From<RecordVariant> for VariantView {
    fn from(variant: RecordVariant) -> Self {
        let RecordVariant { received_at, frame_type, raw } = variant;
        Self { received_at, frame_type: type_name(frame_type), raw: hex(&raw) }
    }
}

/// Which records.
#[derive(Debug)]
pub(super) struct RecordQuery {
    paging: Paging,
    filter: RecordFilter,
}

impl FromQuery for RecordQuery {
    const NAMES: &'static [&'static str] =
        &["limit", "cursor", "pile", "transaction_number", "state", "received_from", "received_to"];

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        let moment = "a time like 2026-11-20T08:15:30Z (write the + of an offset as %2B)";
        Ok(Self {
            paging: Paging::read(parameters)?,
            filter: RecordFilter {
                pile_code: parameters.parse("pile", PileCode::TAKES)?,
                transaction_number: parameters.parse("transaction_number", "32 hex digits")?,
                state: parameters.parse_with("state", "parsed or unreadable", RecordState::from_name)?,
                received_from: parameters.parse("received_from", moment)?,
                received_to: parameters.parse("received_to", moment)?,
            },
        })
    }
}

/// How a path names a record.
#[derive(Debug, Clone, Copy)]
pub(super) enum RecordName {
    /// By its number in the store.
    Id(RecordId),
    /// By its transaction number.
    Transaction(TransactionNumber),
}

impl FromStr for RecordName {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if let Ok(number) = text.parse() {
            return Ok(Self::Transaction(number));
        }
        text.parse().ok().filter(|id| *id > 0).map(|id| Self::Id(RecordId(id))).ok_or(())
    }
}

impl PathParameter for RecordName {
    const NAME: &'static str = "id";
    const TAKES: &'static str = "a record's id, or a transaction number of 32 hex digits";
}

/// Records, newest first.
pub(super) async fn list(
    State(api): State<ApiState>,
    Query(query): Query<RecordQuery>,
) -> Result<Json<Page<RecordView>>, Problem> {
    let page = api.core.store.records(query.filter, query.paging.request()).await?;
    Ok(Json(paging::map(page, RecordView::from)))
}

/// One record; of several with one transaction number the newest.
pub(super) async fn show(
    State(api): State<ApiState>,
    FromPath(name): FromPath<RecordName>,
    Query(()): Query<()>,
) -> Result<Json<RecordView>, Problem> {
    Ok(Json(find(&api, name).await?.into()))
}

/// What else was sent under a record's key, oldest first. All of it is on one page.
pub(super) async fn variants(
    State(api): State<ApiState>,
    FromPath(name): FromPath<RecordName>,
    Query(()): Query<()>,
) -> Result<Json<Page<VariantView>>, Problem> {
    let record = find(&api, name).await?;
    let variants = api.core.store.record_variants(record.id).await?;
    Ok(Json(Page { items: variants.into_iter().map(VariantView::from).collect(), next_cursor: None }))
}

async fn find(api: &ApiState, name: RecordName) -> Result<StoredRecord, Problem> {
    let store = &api.core.store;
    match name {
        RecordName::Id(id) => store.record(id).await?.ok_or_else(|| Problem::not_found("record", id.0)),
        RecordName::Transaction(number) => {
            let filter = RecordFilter { transaction_number: Some(number), ..RecordFilter::default() };
            let newest = store.records(filter, PageRequest::new(1, None)).await?.items.into_iter().next();
            newest.ok_or_else(|| Problem::not_found("record with the transaction number", number))
        }
    }
}

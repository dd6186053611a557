//! Transaction records (交易记录): the piles' bills, exactly as they came.

use std::str::FromStr;
use std::sync::Arc;

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use voltapile_platform::identity::{ConnectorNumber, OrderId, PileCode, TRANSACTION_NUMBER_MAX, TransactionNumber};
use voltapile_platform::order::Order;
use voltapile_platform::record::{RecordReading, RecordState, TransactionRecord};
use voltapile_platform::settlement::Bill;
use voltapile_platform::timestamp::Timestamp;

use super::answer::Listing;
use super::auth::{Caller, Read};
use super::csv::{self, Export, Format, Row, cell};
use super::decoded::{hex, type_name};
use super::describe::{Routes, schema};
use super::extract::{AcceptsCsv, FromPath, FromQuery, Parameter, Parameters, PathParameter, Query};
use super::filter::MOMENT;
use super::paging::Paging;
use super::problem::Problem;
use crate::store::{Comparison, DocumentQuery, PageRequest, RecordFilter, RecordId, RecordVariant, StoredRecord, Test};

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::of("records", "交易记录: the piles' bills. What the pile sent is what is shown; nothing is corrected.")
        .get("/records", list, "Records, those received last first; also as CSV.")
        .get("/records/{id}", show, "One record; of several with one transaction number the newest.")
        .get("/records/{id}/variants", variants, "What else was sent for the same charge, oldest first.")
}

/// What a transaction number is made of.
pub(super) const NUMBER_TAKES: &str = "1 to 32 ASCII letters, digits, - and _";

/// A record as it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Record)]
struct RecordView {
    #[schema(value_type = i64, minimum = 1)]
    id: RecordId,
    received_at: Timestamp,
    last_received_at: Timestamp,
    /// How often it came again.
    duplicates: u32,
    /// How many other bodies came for the same charge.
    variants: u32,
    pile_code: PileCode,
    connector: ConnectorNumber,
    transaction_number: TransactionNumber,
    /// The protocol that it came by: `ykc` or `aaf5`.
    protocol: String,
    /// The frame's type, like `0x3B` in YKC and `202` in AA F5.
    frame_type: String,
    state: RecordState,
    /// What it says; `null` where it can't be read.
    parsed: Option<Box<TransactionRecord>>,
    unreadable_reason: Option<String>,
    /// The whole body as it came, in hex digits.
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
            frame_type: type_name(&stored.protocol, stored.frame_type),
            protocol: stored.protocol,
            state,
            parsed,
            unreadable_reason,
            raw: hex(&stored.raw),
        }
    }
}

/// A record alone, with what its order makes of it.
#[derive(Debug, Serialize, ToSchema)]
struct RecordDetail {
    #[serde(flatten)]
    record: RecordView,
    /// The order that it bills; `null` until it was judged.
    order: Option<OrderId>,
    /// Our bill by tier for the energies that it names, by tier or by half hour; `null` where the tariff is not known.
    bill: Option<Bill>,
}

/// Another body under a record's key, as it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordVariant)]
struct VariantView {
    received_at: Timestamp,
    frame_type: String,
    raw: String,
}

impl VariantView {
    /// Of a record that came by a protocol.
    fn new(protocol: &str, variant: &RecordVariant) -> Self {
        let RecordVariant { received_at, frame_type, raw, .. } = variant;
        Self { received_at: *received_at, frame_type: type_name(protocol, *frame_type), raw: hex(raw) }
    }
}

/// Which records, and in which form.
#[derive(Debug)]
struct RecordQuery {
    paging: Paging,
    filter: RecordFilter,
    format: Format,
}

impl FromQuery for RecordQuery {
    fn parameters() -> Vec<Parameter> {
        let parameter = |name, about, schema| Parameter { name, about, schema };
        let mut parameters = Paging::parameters();
        parameters.extend([
            parameter("pile", "Of one pile.", schema::of::<PileCode>),
            parameter("transaction_number", "Of one charge.", schema::of::<TransactionNumber>),
            parameter("state", "Whether it can be read.", schema::of::<RecordState>),
            parameter("received_from", "First received since this moment.", schema::of::<Timestamp>),
            parameter("received_to", "First received before this moment.", schema::of::<Timestamp>),
        ]);
        parameters.extend(Format::parameters());
        parameters
    }

    fn read(parameters: &Parameters) -> Result<Self, Problem> {
        Ok(Self {
            paging: Paging::read(parameters)?,
            filter: RecordFilter {
                pile_code: parameters.parse("pile", PileCode::TAKES)?,
                owner: None,
                transaction_number: parameters.parse("transaction_number", NUMBER_TAKES)?,
                state: parameters.parse_with("state", "parsed or unreadable", RecordState::from_name)?,
                received_from: parameters.parse("received_from", MOMENT)?,
                received_to: parameters.parse("received_to", MOMENT)?,
            },
            format: Format::read(parameters)?,
        })
    }
}

/// How a path names a record.
#[derive(Debug, Clone, Copy)]
enum RecordName {
    /// By its number in the store.
    Id(RecordId),
    /// By its transaction number.
    Transaction(TransactionNumber),
}

impl FromStr for RecordName {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        // A pile may number its charges as the store does; but the platform's own transaction numbers are long.
        let id = text.parse().ok().filter(|id| *id > 0 && text.len() < TRANSACTION_NUMBER_MAX);
        id.map(|id| Self::Id(RecordId(id))).or_else(|| text.parse().ok().map(Self::Transaction)).ok_or(())
    }
}

impl PathParameter for RecordName {
    const NAME: &'static str = "id";
    const TAKES: &'static str = "a record's id, or a transaction number";

    fn schema() -> RefOr<Schema> {
        schema::pattern("^[0-9A-Za-z_-]{1,32}$")
    }
}

async fn list(
    caller: Caller<Read>,
    AcceptsCsv(accepts_csv): AcceptsCsv,
    Query(RecordQuery { paging, filter, format }): Query<RecordQuery>,
) -> Result<Export<RecordView>, Problem> {
    if !format.is_csv(accepts_csv) {
        let page = caller.records(filter, paging.request()).await?;
        return Ok(Export::Page(Listing::of(page, RecordView::from)));
    }
    let caller = Arc::new(caller);
    let fetch = move |page: PageRequest| {
        let (caller, filter) = (Arc::clone(&caller), filter.clone());
        async move { caller.records(filter, page).await }
    };
    csv::whole("records", paging.cursor, fetch).await.map(Export::Csv)
}

async fn show(
    caller: Caller<Read>,
    FromPath(name): FromPath<RecordName>,
    Query(()): Query<()>,
) -> Result<Json<RecordDetail>, Problem> {
    let record = find(&caller, name).await?;
    let order = order_of(&caller, &record).await?;
    let id = order.as_ref().map(|order| order.id);
    let bill = order.and_then(|order| order.settlement?.ours);
    Ok(Json(RecordDetail { record: record.into(), order: id, bill }))
}

/// The order that was, or is to be, settled by a record.
async fn order_of(caller: &Caller<Read>, record: &StoredRecord) -> Result<Option<Order>, Problem> {
    let tests = vec![Test { field: "record", comparison: Comparison::Is(record.id.0.into()) }];
    let query = DocumentQuery { tests, ..DocumentQuery::default() };
    Ok(caller.list::<Order>(query, PageRequest::new(1, None)).await?.items.into_iter().next())
}

/// All of it is on one page.
async fn variants(
    caller: Caller<Read>,
    FromPath(name): FromPath<RecordName>,
    Query(()): Query<()>,
) -> Result<Listing<VariantView>, Problem> {
    let record = find(&caller, name).await?;
    let variants = caller.core.store.record_variants(record.id).await?;
    let view = |variant| VariantView::new(&record.protocol, variant);
    Ok(Listing::whole(variants.iter().map(view).collect()))
}

async fn find(caller: &Caller<Read>, name: RecordName) -> Result<StoredRecord, Problem> {
    match name {
        RecordName::Id(id) => {
            let missing = || Problem::not_found("record", id.0);
            let record = caller.core.store.record(id).await?.ok_or_else(missing)?;
            if caller.sees_record(&record).await? { Ok(record) } else { Err(missing()) }
        }
        RecordName::Transaction(number) => {
            let filter = RecordFilter { transaction_number: Some(number), ..RecordFilter::default() };
            let newest = caller.records(filter, PageRequest::new(1, None)).await?.items.into_iter().next();
            newest.ok_or_else(|| Problem::not_found("record with the transaction number", number))
        }
    }
}

/// Records as rows of a table.
impl Row for StoredRecord {
    const COLUMNS: &'static [&'static str] = &[
        "id",
        "received_at",
        "pile",
        "connector",
        "transaction_number",
        "state",
        "started_at",
        "ended_at",
        "meter_start_kwh",
        "meter_stop_kwh",
        "energy_kwh",
        "energy_with_loss_kwh",
        "amount_yuan",
        "vin",
        "start_source",
        "stop_reason",
        "physical_card",
        "duplicates",
        "variants",
        "unreadable_reason",
        "stop_reason_name",
        "protocol",
    ];

    fn cells(&self) -> Vec<String> {
        let (parsed, reason) = match &self.reading {
            RecordReading::Parsed(parsed) => (Some(parsed), None),
            RecordReading::Unreadable { reason } => (None, Some(reason)),
        };
        vec![
            self.id.0.to_string(),
            self.received_at.to_string(),
            self.pile_code.to_string(),
            self.connector.to_string(),
            self.transaction_number.to_string(),
            self.reading.state().name().to_owned(),
            cell(parsed.and_then(|record| record.started_at.as_ref())),
            cell(parsed.and_then(|record| record.ended_at.as_ref())),
            cell(parsed.map(|record| &record.meter_start)),
            cell(parsed.map(|record| &record.meter_stop)),
            cell(parsed.map(|record| &record.energy)),
            cell(parsed.map(|record| &record.energy_with_loss)),
            cell(parsed.map(|record| &record.amount)),
            cell(parsed.and_then(|record| record.vin.as_ref())),
            parsed.map(|record| record.start_source.name().to_owned()).unwrap_or_default(),
            cell(parsed.map(|record| record.stop_reason.code).as_ref()),
            cell(parsed.map(|record| &record.physical_card)),
            self.duplicates.to_string(),
            self.variants.to_string(),
            cell(reason),
            cell(parsed.and_then(|record| record.stop_reason.name.as_ref())),
            self.protocol.clone(),
        ]
    }
}

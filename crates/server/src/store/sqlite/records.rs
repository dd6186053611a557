//! Transaction records.

use super::SqliteStore;
use super::column::{corrupt, execute, json, parsed, row, rows, time, to_json};
use super::writer::Undo;
use crate::store::page::List;
use crate::store::{
    Answer, NewRecord, OnDurable, Page, PageRequest, RecordFilter, RecordId, RecordOutcome, RecordStore, RecordVariant,
    Rejected, StoreError, StoredRecord,
};
use rusqlite::types::Value;
use rusqlite::{Connection, Row};
use sha2::{Digest, Sha256};
use voltapile_platform::identity::{ConnectorNumber, TransactionNumber};
use voltapile_platform::record::{RecordReading, RecordState};

impl RecordStore for SqliteStore {
    fn submit_record(&self, record: NewRecord, on_durable: OnDurable) -> Result<(), Box<Rejected<NewRecord>>> {
        match self.writer.try_reserve() {
            Ok(place) => {
                let record = Prepared::from(record);
                place.submit(Undo::Statement, move |db| record?.insert(db), on_durable);
                Ok(())
            }
            Err(error) => Err(Box::new(Rejected { error, item: record })),
        }
    }

    fn store_record(&self, record: NewRecord) -> Answer<RecordOutcome> {
        let record = Prepared::from(record);
        self.writer.call(move |db| record?.insert(db))
    }

    fn records(&self, filter: RecordFilter, page: PageRequest) -> Answer<Page<StoredRecord>> {
        self.readers.call(move |db| {
            let before = page.before_number(List::Records)?;
            let (conditions, mut values) = conditions(&filter);
            let sql = format!("{SELECT} WHERE id < ? {conditions} ORDER BY id DESC LIMIT ?");
            values.insert(0, Value::Integer(before));
            values.push(Value::Integer(page.fetch()));
            let records = rows(db, &sql, rusqlite::params_from_iter(values), record_of)?;
            Ok(Page::by_number(&page, List::Records, records, |record| record.id.0))
        })
    }

    fn record(&self, id: RecordId) -> Answer<Option<StoredRecord>> {
        self.readers.call(move |db| row(db, &format!("{SELECT} WHERE id = ?1"), [id.0], record_of))
    }

    fn records_of_transaction(&self, number: TransactionNumber) -> Answer<Vec<StoredRecord>> {
        self.readers.call(move |db| {
            rows(db, &format!("{SELECT} WHERE transaction_number = ?1 ORDER BY id"), [number.0], record_of)
        })
    }

    fn record_variants(&self, id: RecordId) -> Answer<Vec<RecordVariant>> {
        self.readers.call(move |db| {
            let sql = "SELECT id, received_at, frame_type, raw FROM record_variants WHERE record_id = ?1
                 ORDER BY id LIMIT ?2";
            rows(db, sql, (id.0, VARIANTS_SHOWN), |row| {
                Ok(RecordVariant {
                    received_at: time(row, "received_at")?,
                    frame_type: row.get("frame_type")?,
                    raw: row.get("raw")?,
                })
            })
        })
    }
}

const SELECT: &str = "SELECT id, received_at, last_received_at, duplicates, pile_code, connector, transaction_number,
    frame_type, raw, state, parsed, unreadable_reason,
    (SELECT count(*) FROM record_variants WHERE record_id = records.id) AS variants
    FROM records";

/// Other bodies of one record that are shown; all are kept.
const VARIANTS_SHOWN: u32 = 500;

/// A record with its JSON and its hash made, outside the writer thread.
struct Prepared {
    record: NewRecord,
    discriminator: Vec<u8>,
    parsed: Option<String>,
}

impl Prepared {
    fn from(record: NewRecord) -> Result<Self, StoreError> {
        let parsed = match &record.reading {
            RecordReading::Parsed(parsed) => Some(to_json(parsed)?),
            RecordReading::Unreadable { .. } => None,
        };
        let number_is_key = !record.transaction_number.is_zero() && parsed.is_some();
        let discriminator = if number_is_key { Vec::new() } else { Sha256::digest(&record.raw).to_vec() };
        Ok(Self { record, discriminator, parsed })
    }

    fn insert(&self, db: &Connection) -> Result<RecordOutcome, StoreError> {
        let record = &self.record;
        let unreadable_reason = match &record.reading {
            RecordReading::Parsed(_) => None,
            RecordReading::Unreadable { reason } => Some(reason),
        };
        let inserted = execute(
            db,
            "INSERT INTO records (received_at, last_received_at, pile_code, connector, transaction_number,
                 discriminator, frame_type, raw, state, parsed, unreadable_reason)
             VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (transaction_number, pile_code, connector, discriminator) DO NOTHING",
            (
                record.received_at.unix_ms(),
                record.pile_code.as_str(),
                record.connector.0,
                record.transaction_number.0,
                &self.discriminator,
                record.frame_type,
                &record.raw,
                record.reading.state().name(),
                &self.parsed,
                unreadable_reason,
            ),
        )?;
        if inserted == 1 { Ok(RecordOutcome::Stored) } else { self.count_again(db) }
    }

    /// Counts a record whose key is stored, and keeps its body where that is another: each of them, because it will be
    /// acknowledged. A pile that gives all its bills one number loses none.
    fn count_again(&self, db: &Connection) -> Result<RecordOutcome, StoreError> {
        let record = &self.record;
        let received_at = record.received_at.unix_ms();
        let stored = row(
            db,
            "UPDATE records SET duplicates = duplicates + 1, last_received_at = max(last_received_at, ?1)
             WHERE transaction_number = ?2 AND pile_code = ?3 AND connector = ?4 AND discriminator = ?5
             RETURNING id, raw = ?6",
            (
                received_at,
                record.transaction_number.0,
                record.pile_code.as_str(),
                record.connector.0,
                &self.discriminator,
                &record.raw,
            ),
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)),
        )?;
        let Some((id, is_same)) = stored else {
            return Err(StoreError::NotFound { what: "record", key: record.transaction_number.to_string() });
        };
        if is_same {
            return Ok(RecordOutcome::Duplicate);
        }
        execute(
            db,
            "INSERT INTO record_variants (record_id, received_at, frame_type, raw) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (record_id, raw) DO NOTHING",
            (id, received_at, record.frame_type, &record.raw),
        )?;
        Ok(RecordOutcome::DuplicateDiffers)
    }
}

/// The filter as ` AND …` and the values for its question marks.
fn conditions(filter: &RecordFilter) -> (String, Vec<Value>) {
    let mut sql = String::new();
    let mut values = Vec::new();
    let mut demand = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            sql.push_str(" AND ");
            sql.push_str(condition);
            values.push(value);
        }
    };
    let text = |text: &str| Value::Text(text.to_owned());
    demand("pile_code = ?", filter.pile_code.map(|code| text(code.as_str())));
    demand("transaction_number = ?", filter.transaction_number.map(|number| Value::Blob(number.0.to_vec())));
    demand("received_at >= ?", filter.received_from.map(|from| Value::Integer(from.unix_ms())));
    demand("received_at < ?", filter.received_to.map(|to| Value::Integer(to.unix_ms())));
    // Written out, so that the index of unreadable records is found.
    match filter.state {
        Some(RecordState::Parsed) => sql.push_str(" AND state = 'parsed'"),
        Some(RecordState::Unreadable) => sql.push_str(" AND state = 'unreadable'"),
        None => {}
    }
    (sql, values)
}

fn record_of(row: &Row<'_>) -> Result<StoredRecord, StoreError> {
    let state: String = row.get("state")?;
    let reading = match RecordState::from_name(&state) {
        Some(RecordState::Parsed) => RecordReading::Parsed(json(row, "parsed")?),
        Some(RecordState::Unreadable) => RecordReading::Unreadable { reason: row.get("unreadable_reason")? },
        None => return Err(corrupt(row, "state", state)),
    };
    Ok(StoredRecord {
        id: RecordId(row.get("id")?),
        received_at: time(row, "received_at")?,
        last_received_at: time(row, "last_received_at")?,
        duplicates: row.get("duplicates")?,
        variants: row.get("variants")?,
        pile_code: parsed(row, "pile_code")?,
        connector: ConnectorNumber(row.get("connector")?),
        transaction_number: TransactionNumber(row.get("transaction_number")?),
        frame_type: row.get("frame_type")?,
        raw: row.get("raw")?,
        reading,
    })
}

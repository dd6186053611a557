//! Transaction records.

use super::SqliteStore;
use super::column::{execute, json_option, row, rows, time, to_json};
use super::record_list::{self, SELECT, record_of};
use super::writer::Undo;
use crate::store::{
    Answer, NewRecord, OnDurable, Page, PageRequest, RecordFilter, RecordId, RecordOutcome, RecordStore, RecordVariant,
    Rejected, StoreError, StoredRecord,
};
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use voltapile_platform::identity::TransactionNumber;
use voltapile_platform::record::RecordReading;

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
        self.readers.call(move |db| record_list::list(db, &filter, &page))
    }

    fn record(&self, id: RecordId) -> Answer<Option<StoredRecord>> {
        self.readers.call(move |db| row(db, &format!("{SELECT} WHERE id = ?1"), [id.0], record_of))
    }

    fn records_of_transaction(&self, number: TransactionNumber) -> Answer<Vec<StoredRecord>> {
        self.readers.call(move |db| {
            rows(db, &format!("{SELECT} WHERE transaction_number = ?1 ORDER BY id"), [number.as_str()], record_of)
        })
    }

    fn record_variants(&self, id: RecordId) -> Answer<Vec<RecordVariant>> {
        self.readers.call(move |db| {
            let sql = "SELECT id, received_at, frame_type, raw, parsed FROM record_variants WHERE record_id = ?1
                 ORDER BY id LIMIT ?2";
            rows(db, sql, (id.0, VARIANTS_SHOWN), |row| {
                Ok(RecordVariant {
                    received_at: time(row, "received_at")?,
                    frame_type: row.get("frame_type")?,
                    raw: row.get("raw")?,
                    parsed: json_option(row, "parsed")?,
                })
            })
        })
    }
}

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
                 discriminator, protocol, frame_type, raw, state, parsed, unreadable_reason, judged)
             VALUES (?1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0)
             ON CONFLICT (transaction_number, pile_code, connector, discriminator) DO NOTHING",
            (
                record.received_at.unix_ms(),
                record.pile_code.as_str(),
                record.connector.0,
                record.transaction_number.as_str(),
                &self.discriminator,
                record.protocol,
                record.frame_type,
                &record.raw,
                record.reading.state().name(),
                &self.parsed,
                unreadable_reason,
            ),
        )?;
        if inserted == 1 { Ok(RecordOutcome::Stored(RecordId(db.last_insert_rowid()))) } else { self.count_again(db) }
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
                record.transaction_number.as_str(),
                record.pile_code.as_str(),
                record.connector.0,
                &self.discriminator,
                &record.raw,
            ),
            |row| Ok((RecordId(row.get(0)?), row.get::<_, bool>(1)?)),
        )?;
        let Some((id, is_same)) = stored else {
            return Err(StoreError::NotFound { what: "record", key: record.transaction_number.to_string() });
        };
        if is_same {
            return Ok(RecordOutcome::Duplicate(id));
        }
        let added = execute(
            db,
            "INSERT INTO record_variants (record_id, received_at, frame_type, raw, parsed) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (record_id, raw) DO NOTHING",
            (id.0, received_at, record.frame_type, &record.raw, &self.parsed),
        )?;
        if added > 0 {
            // The business is to look at both.
            execute(db, "UPDATE records SET judged = 0 WHERE id = ?1", [id.0])?;
        }
        Ok(RecordOutcome::DuplicateDiffers(id))
    }
}

//! Tariffs.

use super::SqliteStore;
use super::column::{execute, json, parsed, row, rows, time, to_json};
use crate::store::page::List;
use crate::store::{Answer, Page, PageRequest, Put, StoreError, TariffStore};
use rusqlite::{Connection, Row};
use voltapile_platform::tariff::{Tariff, TariffId, TariffTerms};
use voltapile_platform::timestamp::Timestamp;

impl TariffStore for SqliteStore {
    fn tariffs(&self, page: PageRequest) -> Answer<Page<Tariff>> {
        self.readers.call(move |db| {
            let sql = "SELECT * FROM tariffs WHERE id > ?1 ORDER BY id LIMIT ?2";
            let tariffs = rows(db, sql, (page.after_text(List::Tariffs)?, page.fetch()), tariff_of)?;
            Ok(Page::by_text(&page, List::Tariffs, tariffs, |tariff| tariff.id.as_str()))
        })
    }

    fn all_tariffs(&self) -> Answer<Vec<Tariff>> {
        self.readers.call(|db| rows(db, "SELECT * FROM tariffs ORDER BY id", [], tariff_of))
    }

    fn tariff(&self, id: TariffId) -> Answer<Option<Tariff>> {
        self.readers.call(move |db| find(db, &id))
    }

    fn put_tariff(&self, id: TariffId, terms: TariffTerms, now: Timestamp) -> Answer<Put<Tariff>> {
        self.writer.call(move |db| put(db, id, terms, now))
    }
}

/// Fails when there is no such tariff.
pub(super) fn must_exist(db: &Connection, id: &TariffId) -> Result<(), StoreError> {
    match row(db, "SELECT 1 FROM tariffs WHERE id = ?1", [id.as_str()], |_| Ok(()))? {
        Some(()) => Ok(()),
        None => Err(StoreError::NotFound { what: "tariff", key: id.to_string() }),
    }
}

fn find(db: &Connection, id: &TariffId) -> Result<Option<Tariff>, StoreError> {
    row(db, "SELECT * FROM tariffs WHERE id = ?1", [id.as_str()], tariff_of)
}

fn put(db: &Connection, id: TariffId, terms: TariffTerms, now: Timestamp) -> Result<Put<Tariff>, StoreError> {
    let number = terms.number();
    let holder = row(db, "SELECT id FROM tariffs WHERE number = ?1 AND id <> ?2", (number.0, id.as_str()), |row| {
        parsed::<TariffId>(row, "id")
    })?;
    if let Some(holder) = holder {
        return Err(StoreError::TariffNumberTaken { number, holder });
    }
    let known = find(db, &id)?;
    if known.as_ref().is_some_and(|known| known.terms.number() == number && !known.terms.sells_like(&terms)) {
        return Err(StoreError::TariffNumberUnchanged { id, number });
    }
    let created_at = known.as_ref().map_or(now, |known| known.created_at);
    let tariff = Tariff { id, terms, created_at, updated_at: now };
    execute(
        db,
        "INSERT INTO tariffs (id, number, terms, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET
             number = excluded.number, terms = excluded.terms, updated_at = excluded.updated_at",
        (tariff.id.as_str(), number.0, to_json(&tariff.terms)?, created_at.unix_ms(), now.unix_ms()),
    )?;
    Ok(if known.is_some() { Put::Replaced(tariff) } else { Put::Created(tariff) })
}

fn tariff_of(row: &Row<'_>) -> Result<Tariff, StoreError> {
    Ok(Tariff {
        id: parsed(row, "id")?,
        terms: json(row, "terms")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
    })
}

//! Piles that knocked and are not registered.

use super::SqliteStore;
use super::column::{execute, json, parsed, row, rows, time, to_json};
use crate::store::page::List;
use crate::store::{Answer, Page, PageRequest, StoreError, WAITING_MAX, WaitingStore};
use rusqlite::{Connection, Row};
use voltapile_platform::identity::PileCode;
use voltapile_platform::pile::WaitingPile;

impl WaitingStore for SqliteStore {
    fn waiting_piles(&self, page: PageRequest) -> Answer<Page<WaitingPile>> {
        self.readers.call(move |db| {
            let sql = "SELECT * FROM waiting_piles WHERE code > ?1 ORDER BY code LIMIT ?2";
            let waiting = rows(db, sql, (page.after_text(List::Waiting)?, page.fetch()), waiting_of)?;
            Ok(Page::by_text(&page, List::Waiting, waiting, |pile| pile.code.as_str()))
        })
    }

    fn waiting_pile(&self, code: PileCode) -> Answer<Option<WaitingPile>> {
        self.readers.call(move |db| find(db, code))
    }

    fn note_waiting(&self, attempts: Vec<WaitingPile>) -> Answer<()> {
        self.writer.call(move |db| {
            for attempt in &attempts {
                note(db, attempt)?;
            }
            forget_beyond(db, WAITING_MAX)
        })
    }

    fn forget_waiting(&self, code: PileCode) -> Answer<bool> {
        self.writer.call(move |db| Ok(execute(db, "DELETE FROM waiting_piles WHERE code = ?1", [code.as_str()])? > 0))
    }
}

fn find(db: &Connection, code: PileCode) -> Result<Option<WaitingPile>, StoreError> {
    row(db, "SELECT * FROM waiting_piles WHERE code = ?1", [code.as_str()], waiting_of)
}

fn note(db: &Connection, attempt: &WaitingPile) -> Result<(), StoreError> {
    execute(
        db,
        "INSERT INTO waiting_piles (code, first_seen, last_seen, attempts, peer, declared)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE NOT EXISTS (SELECT 1 FROM piles WHERE id = ?1)
         ON CONFLICT (code) DO UPDATE SET
             last_seen = excluded.last_seen,
             attempts  = attempts + excluded.attempts,
             peer      = excluded.peer,
             declared  = excluded.declared",
        (
            attempt.code.as_str(),
            attempt.first_seen.unix_ms(),
            attempt.last_seen.unix_ms(),
            attempt.attempts,
            &attempt.peer,
            to_json(&attempt.declared)?,
        ),
    )?;
    Ok(())
}

/// Counting pages is quick and deleting is rare, so that a flood of invented codes does not hold up other writes.
pub(super) fn forget_beyond(db: &Connection, most: u32) -> Result<(), StoreError> {
    let count = row(db, "SELECT count(*) FROM waiting_piles", [], |row| Ok(row.get::<_, i64>(0)?))?;
    let excess = count.unwrap_or(0) - i64::from(most);
    if excess > 0 {
        execute(
            db,
            "DELETE FROM waiting_piles WHERE code IN (SELECT code FROM waiting_piles ORDER BY last_seen LIMIT ?1)",
            [excess],
        )?;
    }
    Ok(())
}

fn waiting_of(row: &Row<'_>) -> Result<WaitingPile, StoreError> {
    Ok(WaitingPile {
        code: parsed(row, "code")?,
        first_seen: time(row, "first_seen")?,
        last_seen: time(row, "last_seen")?,
        attempts: u32::try_from(row.get::<_, i64>("attempts")?).unwrap_or(u32::MAX),
        peer: row.get("peer")?,
        declared: json(row, "declared")?,
    })
}

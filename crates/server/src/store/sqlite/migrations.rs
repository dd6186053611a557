//! Brings a database to the newest version: numbered files, applied once, in order, never undone.

use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

/// A step from one version to the next. Once released it is never edited: its hash is kept with the database.
struct Migration {
    number: u32,
    sql: &'static str,
}

/// Every step, in order and without holes.
const MIGRATIONS: &[Migration] = &[
    Migration { number: 1, sql: include_str!("sql/0001_first.sql") },
    Migration { number: 2, sql: include_str!("sql/0002_books.sql") },
    Migration { number: 3, sql: include_str!("sql/0003_orders.sql") },
    Migration { number: 4, sql: include_str!("sql/0004_events.sql") },
    Migration { number: 5, sql: include_str!("sql/0005_protocols.sql") },
    Migration { number: 6, sql: include_str!("sql/0006_record_of_order.sql") },
    Migration { number: 7, sql: include_str!("sql/0007_ends_on_pile.sql") },
];

const HISTORY: &str = "CREATE TABLE IF NOT EXISTS migrations (
    number     INTEGER NOT NULL PRIMARY KEY,
    sha256     BLOB    NOT NULL,
    applied_at TEXT    NOT NULL DEFAULT (datetime('now'))
) STRICT";

/// Applies what is missing, each step in its own transaction.
pub(super) fn migrate(db: &mut Connection) -> Result<(), StoreError> {
    apply(db, MIGRATIONS)
}

/// Applies the first steps only, to make a database as an older program left it.
#[cfg(test)]
pub(super) fn migrate_to(db: &mut Connection, number: usize) -> Result<(), StoreError> {
    apply(db, &MIGRATIONS[..number])
}

fn apply(db: &mut Connection, migrations: &[Migration]) -> Result<(), StoreError> {
    db.execute_batch(HISTORY)?;
    refuse_newer(db, migrations)?;
    for migration in migrations {
        let hash: [u8; 32] = Sha256::digest(migration.sql).into();
        let transaction = db.transaction()?;
        let applied: Option<[u8; 32]> = transaction
            .query_row("SELECT sha256 FROM migrations WHERE number = ?1", [migration.number], |row| row.get(0))
            .optional()?;
        match applied {
            Some(applied) if applied == hash => {}
            Some(_) => return Err(StoreError::MigrationChanged { number: migration.number }),
            None => {
                transaction.execute_batch(migration.sql)?;
                transaction
                    .execute("INSERT INTO migrations (number, sha256) VALUES (?1, ?2)", (migration.number, hash))?;
                tracing::info!(number = migration.number, "database migrated");
            }
        }
        transaction.commit()?;
    }
    Ok(())
}

/// A newer program may have changed what this one would misread.
fn refuse_newer(db: &Connection, migrations: &[Migration]) -> Result<(), StoreError> {
    let known = migrations.last().map_or(0, |migration| migration.number);
    let found: u32 = db.query_row("SELECT coalesce(max(number), 0) FROM migrations", [], |row| row.get(0))?;
    if found > known {
        return Err(StoreError::NewerDatabase { found, known });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Migration = Migration { number: 1, sql: "CREATE TABLE a (x)" };
    const SECOND: Migration = Migration { number: 2, sql: "CREATE TABLE b (x); INSERT INTO b VALUES (1)" };

    #[test]
    fn each_step_is_applied_once() {
        let mut db = Connection::open_in_memory().unwrap();
        apply(&mut db, &[FIRST]).unwrap();
        apply(&mut db, &[FIRST, SECOND]).unwrap();
        apply(&mut db, &[FIRST, SECOND]).unwrap();
        let rows: u32 = db.query_row("SELECT count(*) FROM b", [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
    }

    #[test]
    fn newer_and_edited_databases_are_refused() {
        let mut db = Connection::open_in_memory().unwrap();
        apply(&mut db, &[FIRST, SECOND]).unwrap();
        let newer = apply(&mut db, &[FIRST]);
        assert!(matches!(newer, Err(StoreError::NewerDatabase { found: 2, known: 1 })));
        let edited = apply(&mut db, &[FIRST, Migration { number: 2, sql: "SELECT 1" }]);
        assert!(matches!(edited, Err(StoreError::MigrationChanged { number: 2 })));
    }

    #[test]
    fn a_step_that_fails_leaves_nothing_behind() {
        let mut db = Connection::open_in_memory().unwrap();
        let broken = Migration { number: 2, sql: "CREATE TABLE c (x); nonsense" };
        assert!(apply(&mut db, &[FIRST, broken]).is_err());
        apply(&mut db, &[FIRST, SECOND]).unwrap();
        assert!(db.prepare("SELECT * FROM c").is_err());
    }

    #[test]
    fn numbers_have_no_holes() {
        for (index, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(migration.number as usize, index + 1);
        }
    }
}

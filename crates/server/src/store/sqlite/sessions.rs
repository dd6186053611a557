//! Connections of piles, as history.

use super::SqliteStore;
use super::column::{execute, parsed, row, rows, time};
use super::writer::Undo;
use crate::store::page::List;
use crate::store::{
    Answer, Page, PageRequest, Rejected, Session, SessionChange, SessionFilter, SessionId, SessionStore, StoreError,
};
use rusqlite::{Connection, Row};
use std::sync::atomic::Ordering;
use voltapile_platform::timestamp::Timestamp;

impl SessionStore for SqliteStore {
    fn next_session_id(&self) -> SessionId {
        SessionId(self.next_session.fetch_add(1, Ordering::Relaxed))
    }

    fn submit_sessions(&self, changes: Vec<SessionChange>) -> Result<(), Rejected<Vec<SessionChange>>> {
        match self.writer.try_reserve() {
            Ok(place) => {
                place.submit(
                    // Each change stands for itself.
                    Undo::Statement,
                    move |db| apply(db, &changes),
                    |result| {
                        if let Err(error) = result {
                            tracing::warn!(%error, "session history not stored");
                        }
                    },
                );
                Ok(())
            }
            Err(error) => Err(Rejected { error, item: changes }),
        }
    }

    fn store_sessions(&self, changes: Vec<SessionChange>) -> Answer<()> {
        self.writer.call(move |db| apply(db, &changes))
    }

    fn close_all_sessions(&self, now: Timestamp, reason: String) -> Answer<u64> {
        self.writer.call(move |db| {
            let sql = "UPDATE sessions SET closed_at = ?1, close_reason = ?2 WHERE closed_at IS NULL";
            Ok(execute(db, sql, (now.unix_ms(), reason))? as u64)
        })
    }

    fn sessions(&self, filter: SessionFilter, page: PageRequest) -> Answer<Page<Session>> {
        self.readers.call(move |db| {
            let before = page.before_number(List::Sessions)?;
            let of_pile = if filter.pile_code.is_some() { "pile_code = ?2" } else { "?2 IS NULL" };
            let open = match filter.open {
                Some(true) => "closed_at IS NULL",
                Some(false) => "closed_at IS NOT NULL",
                None => "TRUE",
            };
            let sql =
                format!("SELECT * FROM sessions WHERE id < ?1 AND {of_pile} AND {open} ORDER BY id DESC LIMIT ?3");
            let pile_code = filter.pile_code.as_ref().map(|code| code.as_str());
            let sessions = rows(db, &sql, (before, pile_code, page.fetch()), session_of)?;
            Ok(Page::by_number(&page, List::Sessions, sessions, |session| session.id.0))
        })
    }
}

/// The highest id given to a stored session; 0 before the first.
pub(super) fn last_id(db: &Connection) -> Result<i64, StoreError> {
    let last = row(db, "SELECT coalesce(max(id), 0) FROM sessions", [], |row| Ok(row.get(0)?))?;
    Ok(last.unwrap_or(0))
}

/// Ended sessions that are kept of one pile: months of a steady one, and a flapping one cannot fill the disk.
const KEPT_PER_PILE: u32 = 1000;
/// Every how many sessions of all piles the one that opens is tidied up behind: a storm of logins hardly pays for it.
const TIDY_EVERY: i64 = 64;

fn apply(db: &Connection, changes: &[SessionChange]) -> Result<(), StoreError> {
    for change in changes {
        match change {
            SessionChange::Opened { id, pile_code, peer, at } => {
                execute(
                    db,
                    "INSERT INTO sessions (id, pile_code, peer, opened_at) VALUES (?1, ?2, ?3, ?4)",
                    (id.0, pile_code.as_str(), peer, at.unix_ms()),
                )?;
                if id.0 % TIDY_EVERY == 0 {
                    forget_old(db, pile_code.as_str())?;
                }
            }
            SessionChange::Closed { id, at, reason } => {
                execute(
                    db,
                    "UPDATE sessions SET closed_at = ?2, close_reason = ?3 WHERE id = ?1 AND closed_at IS NULL",
                    (id.0, at.unix_ms(), reason),
                )?;
            }
        }
    }
    Ok(())
}

fn forget_old(db: &Connection, pile_code: &str) -> Result<(), StoreError> {
    execute(
        db,
        "DELETE FROM sessions WHERE pile_code = ?1 AND closed_at IS NOT NULL AND id <=
             (SELECT id FROM sessions WHERE pile_code = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        (pile_code, KEPT_PER_PILE),
    )?;
    Ok(())
}

fn session_of(row: &Row<'_>) -> Result<Session, StoreError> {
    let closed_at: Option<i64> = row.get("closed_at")?;
    Ok(Session {
        id: SessionId(row.get("id")?),
        pile_code: parsed(row, "pile_code")?,
        peer: row.get("peer")?,
        opened_at: time(row, "opened_at")?,
        closed_at: closed_at.map(Timestamp::from_unix_ms),
        close_reason: row.get("close_reason")?,
    })
}

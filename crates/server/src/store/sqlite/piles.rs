//! Registered piles.

use super::column::{execute, parsed, parsed_option, row, rows, time};
use super::{SqliteStore, tariffs};
use crate::store::page::List;
use crate::store::{Answer, Page, PageRequest, PileFilter, PileStore, Put, StoreError};
use rusqlite::{Connection, Row};
use voltapile_platform::identity::PileCode;
use voltapile_platform::pile::Pile;
use voltapile_platform::tariff::TariffId;

impl PileStore for SqliteStore {
    fn piles(&self, filter: PileFilter, page: PageRequest) -> Answer<Page<Pile>> {
        self.readers.call(move |db| {
            let after = page.after_text(List::Piles)?;
            let pattern = filter.prefix.as_deref().map(prefix_pattern);
            let piles = rows(
                db,
                "SELECT * FROM piles
                 WHERE code > ?1
                   AND (?2 IS NULL OR code LIKE ?2 ESCAPE '\\' OR name LIKE ?2 ESCAPE '\\')
                   AND (?3 IS NULL OR enabled = ?3)
                 ORDER BY code LIMIT ?4",
                (after, pattern, filter.enabled, page.fetch()),
                pile_of,
            )?;
            Ok(Page::by_text(&page, List::Piles, piles, |pile| pile.code.as_str()))
        })
    }

    fn all_piles(&self) -> Answer<Vec<Pile>> {
        self.readers.call(|db| rows(db, "SELECT * FROM piles ORDER BY code", [], pile_of))
    }

    fn pile(&self, code: PileCode) -> Answer<Option<Pile>> {
        self.readers.call(move |db| find(db, code))
    }

    fn put_pile(&self, pile: Pile) -> Answer<Put<Pile>> {
        self.writer.call(move |db| put(db, pile))
    }

    fn enrol_pile(&self, pile: Pile) -> Answer<()> {
        self.writer.call(move |db| match find(db, pile.code)? {
            Some(_) => Ok(()),
            None => put(db, pile).map(drop),
        })
    }

    fn assign_tariff(&self, code: PileCode, tariff: Option<TariffId>) -> Answer<Pile> {
        self.writer.call(move |db| {
            if let Some(tariff) = &tariff {
                tariffs::must_exist(db, tariff)?;
            }
            assign(db, code, tariff.as_ref())
        })
    }

    fn assign_tariff_to_all(&self, codes: Vec<PileCode>, tariff: TariffId) -> Answer<Vec<Pile>> {
        self.writer.call(move |db| {
            tariffs::must_exist(db, &tariff)?;
            codes.iter().map(|code| assign(db, *code, Some(&tariff))).collect()
        })
    }
}

fn assign(db: &Connection, code: PileCode, tariff: Option<&TariffId>) -> Result<Pile, StoreError> {
    execute(db, "UPDATE piles SET tariff = ?2 WHERE code = ?1", (code.as_str(), tariff.map(TariffId::as_str)))?;
    find(db, code)?.ok_or_else(|| StoreError::NotFound { what: "pile", key: code.to_string() })
}

fn find(db: &Connection, code: PileCode) -> Result<Option<Pile>, StoreError> {
    row(db, "SELECT * FROM piles WHERE code = ?1", [code.as_str()], pile_of)
}

/// Inserts or replaces; a pile that is registered no longer waits.
pub(super) fn put(db: &Connection, mut pile: Pile) -> Result<Put<Pile>, StoreError> {
    if let Some(tariff) = &pile.tariff {
        tariffs::must_exist(db, tariff)?;
    }
    let known = find(db, pile.code)?;
    if let Some(known) = &known {
        pile.created_at = known.created_at;
    }
    execute(
        db,
        "INSERT OR REPLACE INTO piles (code, name, model, connector_count, tariff, enabled, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            pile.code.as_str(),
            &pile.name,
            &pile.model,
            pile.connector_count,
            pile.tariff.as_ref().map(TariffId::as_str),
            pile.enabled,
            pile.created_at.unix_ms(),
        ),
    )?;
    execute(db, "DELETE FROM waiting_piles WHERE code = ?1", [pile.code.as_str()])?;
    Ok(if known.is_some() { Put::Replaced(pile) } else { Put::Created(pile) })
}

fn pile_of(row: &Row<'_>) -> Result<Pile, StoreError> {
    Ok(Pile {
        code: parsed(row, "code")?,
        name: row.get("name")?,
        model: row.get("model")?,
        connector_count: row.get("connector_count")?,
        tariff: parsed_option(row, "tariff")?,
        enabled: row.get("enabled")?,
        created_at: time(row, "created_at")?,
    })
}

/// A `LIKE` pattern for texts that begin so; `\` escapes.
fn prefix_pattern(prefix: &str) -> String {
    let mut pattern = String::with_capacity(prefix.len() + 1);
    for character in prefix.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

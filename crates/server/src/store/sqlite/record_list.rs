//! Lists of transaction records, those received last first.

use super::column::{corrupt, json, parsed, row, rows, time};
use crate::store::page::List;
use crate::store::{Page, PageRequest, RecordFilter, RecordId, StoreError, StoredRecord};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use voltapile_platform::identity::{ConnectorNumber, OperatorId};
use voltapile_platform::record::{RecordReading, RecordState};
use voltapile_platform::timestamp::Timestamp;

/// Records with everything that [`record_of`] reads.
pub(super) const SELECT: &str = "SELECT id, received_at, last_received_at, duplicates, pile_code, connector,
    transaction_number, protocol, frame_type, raw, state, parsed, unreadable_reason,
    (SELECT count(*) FROM record_variants WHERE record_id = records.id) AS variants
    FROM records";

/// Up to so many piles, an operator's newest records are looked for pile by pile; of more piles, a walk along all records
/// may meet them sooner.
const FEW_PILES: i64 = 256;

/// Records that such a walk passes at most: some milliseconds of work. When that was not enough, the operator's are rare,
/// and looked for pile by pile after all.
const WALKED_MAX: u32 = 5000;

/// A page of records.
pub(super) fn list(
    db: &Connection,
    filter: &RecordFilter,
    page: &PageRequest,
) -> Result<Page<StoredRecord>, StoreError> {
    list_walking(db, filter, page, WALKED_MAX)
}

fn list_walking(
    db: &Connection,
    filter: &RecordFilter,
    page: &PageRequest,
    most: u32,
) -> Result<Page<StoredRecord>, StoreError> {
    let behind = page.before_moment(List::Records)?;
    let find = |filter: &RecordFilter, by_pile| {
        let (sql, values) = statement(filter, behind, page.fetch(), by_pile);
        rows(db, &sql, params_from_iter(values), record_of)
    };
    let records = match &filter.owner {
        Some(owner) if filter.pile_code.is_none() && filter.transaction_number.is_none() => {
            if has_few_piles(db, owner)? {
                find(filter, true)?
            } else if let Some(end) = walk_end(db, filter, behind, most)? {
                let near = find(&RecordFilter { received_from: Some(end), ..filter.clone() }, false)?;
                let is_full = i64::try_from(near.len()).is_ok_and(|found| found >= page.fetch());
                if is_full { near } else { find(filter, true)? }
            } else {
                find(filter, false)?
            }
        }
        _ => find(filter, false)?,
    };
    Ok(Page::by_moment(page, List::Records, records, |record| (record.received_at.unix_ms(), record.id.0)))
}

/// When the last record was received that a walk of so many passes; `None` when there are not so many.
fn walk_end(
    db: &Connection,
    filter: &RecordFilter,
    behind: Option<(i64, i64)>,
    most: u32,
) -> Result<Option<Timestamp>, StoreError> {
    let (conditions, mut values) = conditions(filter, behind);
    values.push(Value::Integer(most.into()));
    let sql = format!(
        "SELECT id, received_at FROM records WHERE {conditions} ORDER BY received_at DESC, id DESC LIMIT 1 OFFSET ?"
    );
    row(db, &sql, params_from_iter(values), |row| time(row, "received_at"))
}

/// Records that the business has not judged, oldest first.
pub(super) fn unjudged(db: &Connection, limit: usize) -> Result<Vec<StoredRecord>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    rows(db, &format!("{SELECT} WHERE judged = 0 ORDER BY id LIMIT ?1"), [limit], record_of)
}

fn has_few_piles(db: &Connection, owner: &OperatorId) -> Result<bool, StoreError> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM piles WHERE operator = ?1 LIMIT ?2)";
    let count = row(db, sql, (owner.as_str(), FEW_PILES + 1), |row| Ok(row.get::<_, i64>(0)?))?;
    Ok(count.unwrap_or(0) <= FEW_PILES)
}

/// The SQL of a list and its values: one walk along an index, or one for each pile of the owner.
pub(super) fn statement(
    filter: &RecordFilter,
    behind: Option<(i64, i64)>,
    fetch: i64,
    by_pile: bool,
) -> (String, Vec<Value>) {
    const NEWEST: &str = "ORDER BY received_at DESC, id DESC LIMIT ?";
    let (conditions, mut values) = conditions(filter, behind);
    values.push(Value::Integer(fetch));
    match &filter.owner {
        None => (format!("{SELECT} WHERE {conditions} {NEWEST}"), values),
        Some(owner) if by_pile => {
            values.push(Value::Text(owner.to_string()));
            values.push(Value::Integer(fetch));
            // Written in this order because the question marks inside come first.
            let of_pile = format!("SELECT id FROM records WHERE pile_code = piles.id AND {conditions} {NEWEST}");
            let of_owner = format!(
                "SELECT newest.id FROM piles CROSS JOIN records AS newest ON newest.id IN ({of_pile})
                 WHERE piles.operator = ?"
            );
            (format!("{SELECT} WHERE id IN ({of_owner}) {NEWEST}"), values)
        }
        Some(owner) => {
            values.insert(0, Value::Text(owner.to_string()));
            // No EXISTS: SQLite may make a join of that, and walk the piles first.
            let is_owned = "(SELECT TRUE FROM piles WHERE operator = ? AND piles.id = pile_code)";
            (format!("{SELECT} WHERE {is_owned} AND {conditions} {NEWEST}"), values)
        }
    }
}

/// The filter, all but the owner, with the values for its question marks.
fn conditions(filter: &RecordFilter, behind: Option<(i64, i64)>) -> (String, Vec<Value>) {
    // One end of the list, so that the walk begins there: a page's cursor lies within the time asked for.
    let end = filter.received_to.map_or((i64::MAX, i64::MAX), |to| (to.unix_ms(), i64::MIN));
    let (at, id) = behind.map_or(end, |behind| behind.min(end));
    let mut sql = "(received_at, id) < (?, ?)".to_owned();
    let mut values = vec![Value::Integer(at), Value::Integer(id)];
    let mut demand = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            sql.push_str(" AND ");
            sql.push_str(condition);
            values.push(value);
        }
    };
    demand("pile_code = ?", filter.pile_code.map(|code| Value::Text(code.to_string())));
    demand("transaction_number = ?", filter.transaction_number.map(|number| Value::Text(number.to_string())));
    demand("received_at >= ?", filter.received_from.map(|from| Value::Integer(from.unix_ms())));
    // Written out, so that the index of unreadable records is found.
    match filter.state {
        Some(RecordState::Parsed) => sql.push_str(" AND state = 'parsed'"),
        Some(RecordState::Unreadable) => sql.push_str(" AND state = 'unreadable'"),
        None => {}
    }
    (sql, values)
}

/// A row of [`SELECT`].
pub(super) fn record_of(row: &Row<'_>) -> Result<StoredRecord, StoreError> {
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
        transaction_number: parsed(row, "transaction_number")?,
        protocol: row.get("protocol")?,
        frame_type: row.get("frame_type")?,
        raw: row.get("raw")?,
        reading,
    })
}

#[cfg(test)]
mod tests {
    use super::super::migrations;
    use super::*;

    #[test]
    fn rare_records_of_many_piles_are_found_behind_the_end_of_the_walk() {
        let mut db = Connection::open_in_memory().unwrap();
        migrations::migrate(&mut db).unwrap();
        db.execute_batch(
            "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 599)
             INSERT INTO piles (id, operator, body) SELECT i, iif(i < 300, 'east', 'west'), '{}' FROM n;
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
             INSERT INTO records (received_at, last_received_at, pile_code, connector, transaction_number,
                 discriminator, frame_type, raw, state, unreadable_reason)
             SELECT i / 3, i / 3, iif(i % 40 = 0, i % 300, 300 + i % 300), 1, '0', randomblob(8), 59, x'00',
                 'unreadable', 'broken' FROM n",
        )
        .unwrap();
        let walk = |owner: &str, limit: usize, most: u32| -> Vec<i64> {
            let filter = RecordFilter { owner: owner.parse().ok(), ..RecordFilter::default() };
            let (mut found, mut cursor) = (Vec::new(), None);
            loop {
                let page = list_walking(&db, &filter, &PageRequest::new(limit, cursor), most).unwrap();
                found.extend(page.items.iter().map(|record| record.id.0));
                cursor = page.next_cursor;
                if cursor.is_none() {
                    return found;
                }
            }
        };
        let (east, west): (Vec<i64>, Vec<i64>) = (1..=400).rev().partition(|id| id % 40 == 0);
        for (limit, most) in [(1, 10), (3, 50), (50, 10), (2, 100), (500, 399), (500, 400), (7, 1000)] {
            assert_eq!(walk("east", limit, most), east, "{limit} {most}");
            assert_eq!(walk("west", limit, most), west, "{limit} {most}");
        }
    }
}

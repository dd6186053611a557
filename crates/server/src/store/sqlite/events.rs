//! Events: appended with the state they tell of, read in the order of their ids.

use super::column::{corrupt, execute, json, parsed_option, row, rows, time, to_json};
use crate::store::{EventQuery, StoreError, StoredEvent};
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};
use voltapile_platform::event::{Event, EventType};
use voltapile_platform::timestamp::Timestamp;

/// Appends an event; where it concerns a pile it gets the pile's next number. What is undone leaves no gap, because the
/// number is undone with it.
pub(super) fn append(db: &Connection, event: &Event) -> Result<(), StoreError> {
    let pile = event.pile.as_ref().map(|pile| pile.as_str());
    let number: Option<i64> = match pile {
        None => None,
        Some(pile) => {
            let sql = "INSERT INTO event_numbers (pile, last) VALUES (?1, 1)
                 ON CONFLICT (pile) DO UPDATE SET last = last + 1 RETURNING last";
            row(db, sql, [pile], |row| Ok(row.get(0)?))?
        }
    };
    execute(
        db,
        "INSERT INTO events (pile, number, type, at, operator, subject, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (
            pile,
            number,
            event.event_type.name(),
            event.at.unix_ms(),
            event.operator.as_ref().map(|operator| operator.as_str()),
            &event.subject,
            to_json(&event.data)?,
        ),
    )?;
    Ok(())
}

/// Events behind a number, oldest first.
pub(super) fn list(db: &Connection, query: &EventQuery, limit: usize) -> Result<Vec<StoredEvent>, StoreError> {
    let (sql, mut values) = statement(query);
    values.push(Value::Integer(i64::try_from(limit).unwrap_or(i64::MAX)));
    rows(db, &sql, params_from_iter(values), event_of)
}

/// The number of the newest event, also when it was forgotten since; 0 before the first.
pub(super) fn last(db: &Connection) -> Result<i64, StoreError> {
    let last = row(db, "SELECT seq FROM sqlite_sequence WHERE name = 'events'", [], |row| Ok(row.get(0)?))?;
    Ok(last.unwrap_or(0))
}

/// Forgets the oldest events from before a moment, at most so many. Their numbers are not given again.
pub(super) fn prune(db: &Connection, before: Timestamp, most: u32) -> Result<usize, StoreError> {
    execute(
        db,
        "DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < ?1 ORDER BY at LIMIT ?2)",
        (before.unix_ms(), most),
    )
}

/// The SQL of a list and its values, all but the limit. It walks along one index; several types are walked side by side,
/// so that the events stay in order and no others are looked at.
pub(super) fn statement(query: &EventQuery) -> (String, Vec<Value>) {
    let mut types: Vec<&str> = query.types.iter().map(|event_type| event_type.name()).collect();
    types.sort_unstable();
    types.dedup();
    let (index, each_type) = match (&query.pile, &query.owner) {
        (Some(_), _) => (" INDEXED BY events_by_pile", false),
        (None, Some(_)) if types.is_empty() => (" INDEXED BY events_by_operator", false),
        (None, Some(_)) => (" INDEXED BY events_by_operator_type", true),
        (None, None) if types.is_empty() => (" NOT INDEXED", false),
        (None, None) => (" INDEXED BY events_by_type", true),
    };
    let mut values = Vec::new();
    let mut arm = |types: &[&str]| {
        let mut sql = format!("SELECT * FROM events{index} WHERE id > ?");
        values.push(Value::Integer(query.after));
        if let Some(pile) = &query.pile {
            sql.push_str(" AND pile = ?");
            values.push(Value::Text(pile.to_string()));
        }
        if let Some(owner) = &query.owner {
            sql.push_str(" AND operator = ?");
            values.push(Value::Text(owner.to_string()));
        }
        if !types.is_empty() {
            sql.push_str(&format!(" AND type IN ({})", vec!["?"; types.len()].join(", ")));
            values.extend(types.iter().map(|name| Value::Text((*name).to_owned())));
        }
        sql
    };
    let arms: Vec<String> = if each_type { types.chunks(1).map(&mut arm).collect() } else { vec![arm(&types)] };
    (format!("{} ORDER BY 1 LIMIT ?", arms.join(" UNION ALL ")), values)
}

fn event_of(row: &Row<'_>) -> Result<StoredEvent, StoreError> {
    let name: String = row.get("type")?;
    let event_type = EventType::ALL.iter().find(|event_type| event_type.name() == name).copied();
    let number: Option<i64> = row.get("number")?;
    Ok(StoredEvent {
        id: row.get("id")?,
        number: number.and_then(|number| u64::try_from(number).ok()),
        event_type: event_type.ok_or_else(|| corrupt(row, "type", name))?,
        at: time(row, "at")?,
        pile: parsed_option(row, "pile")?,
        operator: parsed_option(row, "operator")?,
        subject: row.get("subject")?,
        data: json(row, "data")?,
    })
}

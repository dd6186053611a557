//! What was measured during orders.

use super::column::{corrupt, execute, json, rows, time, to_json};
use super::{SqliteStore, events};
use crate::store::{Answer, BmsMessage, Sample, SeriesStore, StoreError};
use rusqlite::{Connection, Row};
use voltapile_platform::identity::OrderId;
use voltapile_platform::timestamp::Timestamp;
use voltapile_platform::unit::{Amount, Current, Energy, Voltage};

/// Rows of a table that one call forgets: some milliseconds of the writer's time.
const PRUNED_MAX: u32 = 4096;

impl SeriesStore for SqliteStore {
    fn put_series(&self, samples: Vec<Sample>, messages: Vec<BmsMessage>) -> Answer<()> {
        self.writer.call(move |db| {
            samples.iter().try_for_each(|sample| put_sample(db, sample))?;
            messages.iter().try_for_each(|message| put_message(db, message))
        })
    }

    fn samples(&self, order: OrderId) -> Answer<Vec<Sample>> {
        self.readers.call(move |db| {
            let sql = "SELECT * FROM order_samples WHERE order_id = ?1 ORDER BY at";
            rows(db, sql, [key(order)?], sample_of)
        })
    }

    fn bms_messages(&self, order: OrderId) -> Answer<Vec<BmsMessage>> {
        self.readers.call(move |db| {
            let sql = "SELECT * FROM order_bms WHERE order_id = ?1 ORDER BY kind";
            rows(db, sql, [key(order)?], message_of)
        })
    }

    fn prune(&self, series_before: Timestamp, events_before: Timestamp) -> Answer<u64> {
        self.writer.call(move |db| {
            let limits = (series_before.unix_ms(), PRUNED_MAX);
            let samples = execute(
                db,
                "DELETE FROM order_samples WHERE (order_id, at) IN
                     (SELECT order_id, at FROM order_samples WHERE at < ?1 ORDER BY at LIMIT ?2)",
                limits,
            )?;
            let messages = execute(
                db,
                "DELETE FROM order_bms WHERE id IN (SELECT id FROM order_bms WHERE at < ?1 ORDER BY at LIMIT ?2)",
                limits,
            )?;
            let events = events::prune(db, events_before, PRUNED_MAX)?;
            Ok((samples + messages + events) as u64)
        })
    }
}

fn put_sample(db: &Connection, sample: &Sample) -> Result<(), StoreError> {
    execute(
        db,
        "INSERT INTO order_samples (order_id, at, voltage, current, power_w, soc, temperature, energy, amount)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
        (
            key(sample.order)?,
            sample.at.unix_ms(),
            sample.voltage.steps(),
            sample.current.steps(),
            sample.power_w,
            sample.soc,
            sample.temperature,
            signed(sample.energy.steps())?,
            sample.amount.steps(),
        ),
    )?;
    Ok(())
}

fn put_message(db: &Connection, message: &BmsMessage) -> Result<(), StoreError> {
    execute(
        db,
        "INSERT INTO order_bms (order_id, kind, at, count, data) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (order_id, kind) DO UPDATE SET
             at = excluded.at, count = count + excluded.count, data = excluded.data",
        (key(message.order)?, &message.kind, message.at.unix_ms(), message.count, to_json(&message.data)?),
    )?;
    Ok(())
}

fn sample_of(row: &Row<'_>) -> Result<Sample, StoreError> {
    Ok(Sample {
        order: order_of(row)?,
        at: time(row, "at")?,
        voltage: Voltage::from_steps(row.get("voltage")?),
        current: Current::from_steps(row.get("current")?),
        power_w: row.get("power_w")?,
        soc: row.get("soc")?,
        temperature: row.get("temperature")?,
        energy: Energy::from_steps(unsigned(row, "energy")?),
        amount: Amount::from_steps(row.get("amount")?),
    })
}

fn message_of(row: &Row<'_>) -> Result<BmsMessage, StoreError> {
    Ok(BmsMessage {
        order: order_of(row)?,
        kind: row.get("kind")?,
        at: time(row, "at")?,
        count: u32::try_from(unsigned(row, "count")?).unwrap_or(u32::MAX),
        data: json(row, "data")?,
    })
}

fn order_of(row: &Row<'_>) -> Result<OrderId, StoreError> {
    unsigned(row, "order_id").map(OrderId)
}

fn key(order: OrderId) -> Result<i64, StoreError> {
    signed(order.0)
}

/// The database's numbers have a sign.
fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(StoreError::backend)
}

fn unsigned(row: &Row<'_>, column: &'static str) -> Result<u64, StoreError> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|error| corrupt(row, column, error))
}

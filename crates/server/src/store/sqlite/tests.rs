//! The suite on SQLite, and what is SQLite's alone.

mod plans;
mod upgrade;

use super::{SqliteStore, connection, waiting};
use crate::store::conformance::{Bed, record, store_suite};
use crate::store::{Answer, BookStore, NewRecord, RecordId, RecordOutcome, RecordStore, Store, StoreError, TokenStore};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use voltapile_platform::book::Kind;
use voltapile_platform::identity::{ConnectorNumber, PileCode, TransactionNumber};
use voltapile_platform::record::{RecordReading, StartSource, StartedBy};

struct Directory(tempfile::TempDir);

impl Directory {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("data/voltapile.db")
    }
}

impl Bed for Directory {
    fn open(&self) -> Answer<Arc<dyn Store>> {
        let store = SqliteStore::open(&self.path(), None);
        Box::pin(async move { store.map(|store| Arc::new(store) as Arc<dyn Store>) })
    }
}

store_suite!(Directory::new());

fn record_number(index: u32) -> TransactionNumber {
    let mut number = [0x77; 16];
    number[..4].copy_from_slice(&index.to_le_bytes());
    TransactionNumber::from_bcd(&number)
}

#[tokio::test]
async fn a_database_is_opened_by_one_process_at_a_time() {
    let directory = Directory::new();
    let store = SqliteStore::open(&directory.path(), None).unwrap();
    let second = SqliteStore::open(&directory.path(), None).map(drop);
    assert!(matches!(second, Err(StoreError::InUse { .. })), "{second:?}");
    store.close().await.unwrap();
    SqliteStore::open(&directory.path(), None).unwrap();
}

/// The promise of the whole server: when the callback runs, another connection sees the record.
#[tokio::test]
async fn a_callback_runs_after_the_commit() {
    let directory = Directory::new();
    let store = SqliteStore::open(&directory.path(), None).unwrap();
    let (sender, mut seen) = tokio::sync::mpsc::unbounded_channel();
    let pile = PileCode::new("1").unwrap();
    for index in 0..1000 {
        let (sender, path) = (sender.clone(), directory.path());
        let on_durable = Box::new(move |_| {
            let other = connection::open_reader(&path).unwrap();
            let sql = "SELECT count(*) FROM records WHERE transaction_number = ?1";
            let count: u32 = other.query_row(sql, [record_number(index).as_str()], |row| row.get(0)).unwrap();
            sender.send(count).unwrap();
        });
        store.submit_record(record(pile, record_number(index)), on_durable).unwrap();
    }
    drop(sender);
    let mut called = 0;
    while let Some(count) = seen.recv().await {
        assert_eq!(count, 1);
        called += 1;
    }
    assert_eq!(called, 1000);
    assert!(store.writer_stats().commits() < 1000, "what waits during a commit shares the next one");
}

/// Prints what the budget asks for (20,000 a second in a release build); asserts only what holds on any machine.
#[tokio::test]
async fn records_share_their_commits() {
    const RECORDS: u32 = 20_000;
    let directory = Directory::new();
    let store = SqliteStore::open(&directory.path(), None).unwrap();
    let pile = PileCode::new("55031412782305").unwrap();
    let (sender, mut durable) = tokio::sync::mpsc::unbounded_channel();
    let begun = Instant::now();
    for index in 0..RECORDS {
        let mut next = record(pile, record_number(index));
        loop {
            let sender = sender.clone();
            match store.submit_record(next, Box::new(move |result| sender.send(result).unwrap())) {
                Ok(()) => break,
                Err(rejected) => {
                    assert!(matches!(rejected.error, StoreError::Full));
                    next = rejected.item;
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        }
    }
    drop(sender);
    while let Some(result) = durable.recv().await {
        result.unwrap();
    }
    let (elapsed, stats) = (begun.elapsed(), store.writer_stats());
    println!(
        "{:.0} records/s, {:.0} in a commit, {:.2} ms a commit",
        f64::from(RECORDS) / elapsed.as_secs_f64(),
        stats.jobs() as f64 / stats.commits() as f64,
        stats.commit_time().as_secs_f64() * 1000.0 / stats.commits() as f64,
    );
    assert_eq!(stats.jobs(), u64::from(RECORDS));
    assert!(stats.commits() <= u64::from(RECORDS) / 10);
}

#[tokio::test]
async fn a_hundred_thousand_piles_load_at_once() {
    let directory = Directory::new();
    SqliteStore::open(&directory.path(), None).unwrap().close().await.unwrap();
    let db = connection::open_writer(&directory.path()).unwrap();
    db.execute_batch(
        "INSERT INTO piles (id, body, enabled)
         WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99999)
         SELECT printf('5503%010d', i), json_object('code', printf('5503%010d', i)), 1 FROM n",
    )
    .unwrap();
    drop(db);
    let begun = Instant::now();
    let store = SqliteStore::open(&directory.path(), None).unwrap();
    assert_eq!(store.all_documents(Kind::Pile, None).await.unwrap().len(), 100_000);
    println!("opened and loaded in {:?}", begun.elapsed());
}

#[test]
fn waiting_piles_silent_the_longest_are_forgotten() {
    let directory = Directory::new();
    drop(SqliteStore::open(&directory.path(), None).unwrap());
    let db = connection::open_writer(&directory.path()).unwrap();
    for code in ["old", "older", "new"] {
        let seen = i64::from(code == "new") * 10 - i64::from(code == "older");
        db.execute("INSERT INTO waiting_piles VALUES (?1, 0, ?2, 1, '', 'null')", (code, seen)).unwrap();
    }
    waiting::forget_beyond(&db, 2).unwrap();
    waiting::forget_beyond(&db, 2).unwrap();
    let codes: String = db
        .query_row("SELECT group_concat(code, ' ') FROM (SELECT code FROM waiting_piles ORDER BY code)", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(codes, "new old");
}

#[tokio::test]
async fn readiness_waits_for_nobodys_list() {
    let directory = Directory::new();
    let store = SqliteStore::open(&directory.path(), None).unwrap();
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = Arc::new(std::sync::Mutex::new(held));
    let lists: Vec<_> = (0..super::reader::READERS_MAX)
        .map(|_| {
            let held = Arc::clone(&held);
            tokio::spawn(store.readers.call(move |_| {
                let _ = held.lock().unwrap().recv();
                Ok(())
            }))
        })
        .collect();
    assert_eq!(store.admin_token_hash().await.unwrap(), None);
    drop(release);
    for list in lists {
        list.await.unwrap().unwrap();
    }
}

use super::*;
use std::sync::mpsc as std_mpsc;

type Run = Box<dyn FnOnce(&Connection) -> Result<(), StoreError> + Send>;

fn writer() -> Writer {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch("PRAGMA foreign_keys = ON; CREATE TABLE t (x INTEGER UNIQUE)").unwrap();
    Writer::start(db, None).unwrap()
}

fn insert(x: i64) -> impl FnOnce(&Connection) -> Result<(), StoreError> + Send + 'static {
    move |db| Ok(db.execute("INSERT INTO t VALUES (?1)", [x]).map(drop)?)
}

async fn sum(writer: &Writer) -> i64 {
    let sum = |db: &Connection| Ok(db.query_row("SELECT coalesce(sum(x), 0) FROM t", [], |row| row.get(0))?);
    writer.call(sum).await.unwrap()
}

/// Holds the thread in a job, so that what comes next is one group.
fn hold(writer: &Writer) -> std_mpsc::Sender<()> {
    let (release, held) = std_mpsc::channel();
    let (reached, is_reached) = std_mpsc::channel();
    let wait = move |_: &Connection| {
        reached.send(()).unwrap();
        let _ = held.recv();
        Ok(())
    };
    writer.try_reserve().unwrap().submit(Undo::Savepoint, wait, drop);
    is_reached.recv().unwrap();
    release
}

#[tokio::test]
async fn a_job_that_fails_or_panics_harms_no_other() {
    let writer = writer();
    let release = hold(&writer);
    let (sender, results) = std_mpsc::channel();
    let submit = |run: Run| {
        let sender = sender.clone();
        writer
            .try_reserve()
            .unwrap()
            .submit(Undo::Savepoint, run, move |result: Result<(), _>| sender.send(result.is_ok()).unwrap());
    };
    submit(Box::new(insert(1)));
    submit(Box::new(insert(1)));
    submit(Box::new(|db| insert(100)(db).and_then(|()| Err(StoreError::Full))));
    submit(Box::new(|db| insert(200)(db).map(|()| panic!("a broken job"))));
    submit(Box::new(insert(2)));
    writer.try_reserve().unwrap().submit(Undo::Savepoint, insert(3), |_| panic!("a broken owner"));
    drop(release);
    assert_eq!(sum(&writer).await, 6);
    drop(sender);
    assert_eq!(results.try_iter().collect::<Vec<_>>(), [true, false, false, false, true]);
    assert_eq!(writer.stats().failed_groups(), 0);
}

#[tokio::test]
async fn a_group_that_cannot_commit_acknowledges_nothing() {
    struct Observer(std_mpsc::Sender<(usize, bool)>);
    impl CommitObserver for Observer {
        fn committed(&self, jobs: usize, _: Duration) {
            self.0.send((jobs, true)).unwrap();
        }
        fn failed(&self, jobs: usize, _: &StoreError) {
            self.0.send((jobs, false)).unwrap();
        }
    }
    let db = Connection::open_in_memory().unwrap();
    let schema = "PRAGMA foreign_keys = ON; CREATE TABLE t (x INTEGER UNIQUE);
        CREATE TABLE child (x REFERENCES t (x) DEFERRABLE INITIALLY DEFERRED)";
    db.execute_batch(schema).unwrap();
    let (seen, groups) = std_mpsc::channel();
    let writer = Writer::start(db, Some(Arc::new(Observer(seen)))).unwrap();

    let release = hold(&writer);
    let (sender, results) = std_mpsc::channel();
    // A dangling reference that is only checked at the end makes COMMIT itself fail, as a full disk would.
    let dangle = |db: &Connection| Ok(db.execute("INSERT INTO child VALUES (404)", []).map(drop)?);
    let jobs: [Run; 2] = [Box::new(insert(1)), Box::new(dangle)];
    for run in jobs {
        let sender = sender.clone();
        writer
            .try_reserve()
            .unwrap()
            .submit(Undo::Savepoint, run, move |result: Result<(), _>| sender.send(result).unwrap());
    }
    drop(sender);
    drop(release);
    for result in results {
        assert!(result.unwrap_err().is_retryable());
    }
    assert_eq!(sum(&writer).await, 0, "the thread lives on");
    writer.call(insert(5)).await.unwrap();
    assert_eq!(sum(&writer).await, 5);
    writer.close().await.unwrap();
    let groups: Vec<_> = groups.try_iter().collect();
    assert_eq!(groups[..2], [(1, true), (2, false)]);
    assert_eq!(writer.stats().failed_groups(), 1);
}

/// SQLite undoes a whole transaction by itself when a disk is full; then no earlier job may be acknowledged either.
#[tokio::test]
async fn a_transaction_that_sqlite_gave_up_acknowledges_nothing() {
    let writer = writer();
    let release = hold(&writer);
    let (sender, results) = std_mpsc::channel();
    let give_up = |db: &Connection| {
        db.execute_batch("ROLLBACK")?;
        Err(StoreError::Full)
    };
    let first = sender.clone();
    writer
        .try_reserve()
        .unwrap()
        .submit(Undo::Savepoint, insert(1), move |result| first.send(result.is_err()).unwrap());
    writer
        .try_reserve()
        .unwrap()
        .submit(Undo::Savepoint, give_up, move |result: Result<(), _>| sender.send(result.is_err()).unwrap());
    drop(release);
    assert_eq!(results.iter().collect::<Vec<_>>(), [true, true]);
    assert_eq!(sum(&writer).await, 0);
    writer.call(insert(5)).await.unwrap();
    assert_eq!(sum(&writer).await, 5);
}

#[tokio::test]
async fn a_full_queue_says_so_and_a_close_drains_it() {
    let writer = writer();
    let release = hold(&writer);
    for x in 0..QUEUE_MAX as i64 {
        writer.try_reserve().unwrap().submit(Undo::Savepoint, insert(x), drop);
    }
    assert!(matches!(writer.try_reserve().map(drop), Err(StoreError::Full)));
    let late = writer.call(insert(-1));
    let late = tokio::spawn(late);
    drop(release);
    late.await.unwrap().unwrap();
    writer.close().await.unwrap();
    assert_eq!(writer.stats().jobs(), QUEUE_MAX as u64 + 2);
    assert!(matches!(writer.try_reserve().map(drop), Err(StoreError::Closed)));
    assert!(matches!(writer.call(insert(9)).await, Err(StoreError::Closed)));
}

//! The one thread that writes.
//!
//! It takes all jobs that are queued (at most [`GROUP_MAX`]), runs each in a savepoint of one transaction, commits —
//! the disk has it now — and only then tells each job's owner. What is queued during a commit is the next group: no
//! timer, so a lone job waits for nobody and a flood shares its fsyncs.

use crate::store::{Answer, StoreError};
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Jobs that may wait. At 20,000 a second this is 0.2 s of work; more would only hide that the disk is too slow.
pub const QUEUE_MAX: usize = 4096;

/// Jobs in one commit. Bounds how long the first of a group waits for the last.
pub const GROUP_MAX: usize = 256;

/// Told of every group; called on the writer thread, so it must be quick.
pub trait CommitObserver: Send + Sync {
    /// A group of `jobs` is durable, `elapsed` after its first job began.
    fn committed(&self, jobs: usize, elapsed: Duration);

    /// A group of `jobs` could not be made durable; each of them was told.
    fn failed(&self, jobs: usize, error: &StoreError) {
        let _ = (jobs, error);
    }
}

/// What the writer has done since it started.
#[derive(Debug, Default)]
pub struct WriterStats {
    commits: AtomicU64,
    jobs: AtomicU64,
    failed_groups: AtomicU64,
    commit_micros: AtomicU64,
}

impl WriterStats {
    /// Groups committed.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Jobs in these groups.
    #[must_use]
    pub fn jobs(&self) -> u64 {
        self.jobs.load(Ordering::Relaxed)
    }

    /// Groups that could not be committed.
    #[must_use]
    pub fn failed_groups(&self) -> u64 {
        self.failed_groups.load(Ordering::Relaxed)
    }

    /// Time spent on groups that were committed.
    #[must_use]
    pub fn commit_time(&self) -> Duration {
        Duration::from_micros(self.commit_micros.load(Ordering::Relaxed))
    }
}

/// Hands jobs to the thread.
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    stats: Arc<WriterStats>,
    thread: Arc<Mutex<Option<JoinHandle<()>>>>,
}

enum Message {
    Job(Box<dyn Job>),
    Close,
}

impl Writer {
    /// Starts the thread on a connection that is ready to write.
    pub(super) fn start(db: Connection, observer: Option<Arc<dyn CommitObserver>>) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let stats = Arc::new(WriterStats::default());
        let thread = WriterThread { db, queue: jobs, stats: Arc::clone(&stats), observer };
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(|| thread.run())
            .map_err(StoreError::backend)?;
        Ok(Self { queue, stats, thread: Arc::new(Mutex::new(Some(thread))) })
    }

    /// What the thread has done.
    pub(super) fn stats(&self) -> &WriterStats {
        &self.stats
    }

    /// Takes a place in the queue, if there is one, before the job is even made.
    pub(super) fn try_reserve(&self) -> Result<Place<'_>, StoreError> {
        match self.queue.try_reserve() {
            Ok(permit) => Ok(Place(permit)),
            Err(mpsc::error::TrySendError::Full(())) => Err(StoreError::Full),
            Err(mpsc::error::TrySendError::Closed(())) => Err(StoreError::Closed),
        }
    }

    /// Queues a job and waits until it is durable.
    pub(super) fn call<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        let queue = self.queue.clone();
        Box::pin(async move {
            let (sender, answer) = oneshot::channel();
            let job = Task::boxed(Undo::Savepoint, run, move |result| {
                // Whoever no longer waits does not want to know.
                let _ = sender.send(result);
            });
            queue.send(Message::Job(job)).await.map_err(|_| StoreError::Closed)?;
            answer.await.unwrap_or(Err(StoreError::Closed))
        })
    }

    /// Lets the thread finish what is queued and waits for its end.
    pub(super) fn close(&self) -> Answer<()> {
        let (queue, thread) = (self.queue.clone(), Arc::clone(&self.thread));
        Box::pin(async move {
            // An error means that it has been closed before; its end is still to be waited for.
            let _ = queue.send(Message::Close).await;
            let join = move || {
                let mut thread = thread.lock().unwrap_or_else(PoisonError::into_inner);
                thread.take().map(JoinHandle::join)
            };
            match tokio::task::spawn_blocking(join).await {
                Ok(None | Some(Ok(()))) => Ok(()),
                Ok(Some(Err(_))) => Err(StoreError::backend(WriterDied)),
                Err(error) => Err(StoreError::backend(error)),
            }
        })
    }
}

/// The thread ended by a panic of its own.
#[derive(Debug, thiserror::Error)]
#[error("the writer thread died")]
struct WriterDied;

/// A job panicked; its changes are undone.
#[derive(Debug, thiserror::Error)]
#[error("a write job panicked")]
struct JobPanicked;

/// A place in the queue.
pub(super) struct Place<'a>(mpsc::Permit<'a, Message>);

impl Place<'_> {
    /// Queues a job; `done` is called on the writer thread once it is durable or has failed.
    pub(super) fn submit<T: Send + 'static>(
        self,
        undo: Undo,
        run: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        done: impl FnOnce(Result<T, StoreError>) + Send + 'static,
    ) {
        self.0.send(Message::Job(Task::boxed(undo, run, done)));
    }
}

/// How the changes of a job that fails are undone, without undoing its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undo {
    /// By a savepoint around all its statements.
    Savepoint,
    /// By SQLite itself: the job is one statement, or leaves nothing wrong behind when a later one fails. Spares the two
    /// statements and the page copies of a savepoint, a good part of the time of a small write.
    Statement,
}

/// One write and the one who waits for it.
trait Job: Send {
    /// How it is undone.
    fn undo(&self) -> Undo;

    /// Makes the changes; on an error they are to be undone.
    fn run(&mut self, db: &Connection) -> Result<(), StoreError>;

    /// Tells the owner how it went, after the group's end.
    fn finish(self: Box<Self>, group: Result<(), StoreError>);
}

struct Task<T, R, D> {
    undo: Undo,
    run: Option<R>,
    result: Result<T, StoreError>,
    done: D,
}

impl<T, R, D> Task<T, R, D>
where
    T: Send + 'static,
    R: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    D: FnOnce(Result<T, StoreError>) + Send + 'static,
{
    fn boxed(undo: Undo, run: R, done: D) -> Box<dyn Job> {
        Box::new(Self { undo, run: Some(run), result: Err(StoreError::Closed), done })
    }
}

impl<T, R, D> Job for Task<T, R, D>
where
    T: Send,
    R: FnOnce(&Connection) -> Result<T, StoreError> + Send,
    D: FnOnce(Result<T, StoreError>) + Send,
{
    fn undo(&self) -> Undo {
        self.undo
    }

    fn run(&mut self, db: &Connection) -> Result<(), StoreError> {
        if let Some(run) = self.run.take() {
            self.result =
                catch_unwind(AssertUnwindSafe(|| run(db))).unwrap_or_else(|_| Err(StoreError::backend(JobPanicked)));
        }
        self.result.as_ref().map(drop).map_err(Clone::clone)
    }

    fn finish(self: Box<Self>, group: Result<(), StoreError>) {
        (self.done)(group.and(self.result));
    }
}

struct WriterThread {
    db: Connection,
    queue: mpsc::Receiver<Message>,
    stats: Arc<WriterStats>,
    observer: Option<Arc<dyn CommitObserver>>,
}

impl WriterThread {
    fn run(mut self) {
        let mut messages = Vec::with_capacity(GROUP_MAX);
        let mut group: Vec<Box<dyn Job>> = Vec::with_capacity(GROUP_MAX);
        while self.queue.blocking_recv_many(&mut messages, GROUP_MAX) > 0 {
            for message in messages.drain(..) {
                match message {
                    Message::Job(job) => group.push(job),
                    // What is queued already still comes; nothing new does.
                    Message::Close => self.queue.close(),
                }
            }
            if !group.is_empty() {
                self.run_group(&mut group);
            }
        }
        if let Err(error) = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())) {
            tracing::warn!(%error, "the write-ahead log stays for the next start");
        }
    }

    /// Runs and commits a group, then tells everyone in it.
    fn run_group(&self, group: &mut Vec<Box<dyn Job>>) {
        let begun = Instant::now();
        let result = self.commit(group);
        let (jobs, elapsed) = (group.len(), begun.elapsed());
        match &result {
            Ok(()) => {
                let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
                self.stats.commits.fetch_add(1, Ordering::Relaxed);
                self.stats.jobs.fetch_add(jobs as u64, Ordering::Relaxed);
                self.stats.commit_micros.fetch_add(micros, Ordering::Relaxed);
            }
            Err(error) => {
                self.stats.failed_groups.fetch_add(1, Ordering::Relaxed);
                tracing::error!(%error, jobs, "nothing of this group was stored");
            }
        }
        for job in group.drain(..) {
            let result = result.clone();
            if catch_unwind(AssertUnwindSafe(|| job.finish(result))).is_err() {
                tracing::error!("the owner of a write panicked when told of its end");
            }
        }
        match (&self.observer, &result) {
            (Some(observer), Ok(())) => observer.committed(jobs, elapsed),
            (Some(observer), Err(error)) => observer.failed(jobs, error),
            (None, _) => {}
        }
    }

    /// One transaction with every job of the group. On an error nothing of it is stored.
    fn commit(&self, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        let result = self.transaction(group);
        if result.is_err() && !self.db.is_autocommit() {
            // Should this fail too, the next group's BEGIN does and comes here again.
            if let Err(error) = self.execute("ROLLBACK") {
                tracing::error!(%error, "a failed group could not be rolled back yet");
            }
        }
        result
    }

    fn transaction(&self, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        self.execute("BEGIN IMMEDIATE")?;
        for job in group {
            let undo = job.undo();
            if undo == Undo::Savepoint {
                self.execute("SAVEPOINT job")?;
            }
            let outcome = job.run(&self.db);
            if self.db.is_autocommit() {
                // A full disk or an I/O error makes SQLite undo the whole transaction, earlier jobs included.
                return Err(outcome.err().unwrap_or(StoreError::Closed));
            }
            if undo == Undo::Savepoint {
                if outcome.is_err() {
                    self.execute("ROLLBACK TO job")?;
                }
                self.execute("RELEASE job")?;
            }
        }
        self.execute("COMMIT")
    }

    fn execute(&self, sql: &str) -> Result<(), StoreError> {
        self.db.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;

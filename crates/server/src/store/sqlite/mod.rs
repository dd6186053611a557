//! The store in one SQLite file: write-ahead log, one writer that commits in groups, readers beside it.

mod books;
mod column;
mod condition;
mod connection;
mod documents;
mod events;
mod migrations;
mod plan;
mod reader;
mod record_list;
mod records;
mod series;
mod sessions;
mod tokens;
mod waiting;
mod writer;

pub use writer::{CommitObserver, GROUP_MAX, QUEUE_MAX, WriterStats};

use crate::store::{Answer, Store, StoreError};
use plan::Catalog;
use reader::Readers;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};
use writer::Writer;

/// The store in one SQLite file.
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    /// Settings are read apart: whether the server is ready must not depend on how long somebody's list takes.
    settings_readers: Readers,
    catalog: Arc<Catalog>,
    next_session: AtomicI64,
    lock: Arc<Mutex<Option<File>>>,
}

impl SqliteStore {
    /// Opens the database in a file, made and migrated where needed. Blocks; call it before serving.
    ///
    /// # Errors
    /// When another process has it open, when it was made by a newer program, or when the disk says no.
    pub fn open(path: &Path, observer: Option<Arc<dyn CommitObserver>>) -> Result<Self, StoreError> {
        if let Some(directory) = path.parent() {
            private_directory(directory).map_err(StoreError::backend)?;
        }
        let lock = lock(path)?;
        private_file(path).map_err(StoreError::backend)?;
        let mut db = connection::open_writer(path)?;
        migrations::migrate(&mut db)?;
        let catalog = Arc::new(Catalog::read(&db)?);
        let next_session = AtomicI64::new(sessions::last_id(&db)? + 1);
        Ok(Self {
            writer: Writer::start(db, observer)?,
            readers: Readers::new(path.to_owned(), reader::READERS_MAX),
            settings_readers: Readers::new(path.to_owned(), 1),
            catalog,
            next_session,
            lock: Arc::new(Mutex::new(Some(lock))),
        })
    }

    /// What the writer has done.
    #[must_use]
    pub fn writer_stats(&self) -> &WriterStats {
        self.writer.stats()
    }
}

impl Store for SqliteStore {
    fn close(&self) -> Answer<()> {
        self.readers.close();
        self.settings_readers.close();
        let (closed, lock) = (self.writer.close(), Arc::clone(&self.lock));
        Box::pin(async move {
            closed.await?;
            lock.lock().unwrap_or_else(PoisonError::into_inner).take();
            Ok(())
        })
    }
}

/// Makes a directory that only its owner reads: bills and card numbers are nobody else's business. One that is there
/// stays as it is.
fn private_directory(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Err(_) if path.is_file() => {
            Err(std::io::Error::other(format!("{} is a file, not a directory", path.display())))
        }
        result => result,
    }
}

/// Makes a file that only its owner reads; SQLite gives its own files beside it the same mode.
fn private_file(path: &Path) -> std::io::Result<()> {
    let mut options = File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Holds a file beside the database for as long as it is open: two servers on one database would close each other's
/// sessions.
fn lock(path: &Path) -> Result<File, StoreError> {
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let lock_path = PathBuf::from(lock_path);
    let file = File::create(&lock_path).map_err(StoreError::backend)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreError::InUse { path: lock_path.display().to_string() }),
        Err(std::fs::TryLockError::Error(error)) => Err(StoreError::backend(error)),
    }
}

#[cfg(test)]
mod tests;

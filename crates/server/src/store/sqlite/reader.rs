//! Reads, on a few read-only connections of their own: they see the last commit and never wait for the writer.

use super::connection;
use crate::store::{Answer, StoreError};
use rusqlite::Connection;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Lists and the like at the same time; each holds a thread and a connection with its page cache.
pub(super) const READERS_MAX: usize = 4;

/// Connections to read with, opened when first needed.
#[derive(Clone)]
pub(super) struct Readers(Arc<Pool>);

struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    places: Arc<Semaphore>,
}

impl Readers {
    /// Connections to a database, at most `most` at a time.
    pub(super) fn new(path: PathBuf, most: usize) -> Self {
        let places = Arc::new(Semaphore::new(most));
        Self(Arc::new(Pool { path, idle: Mutex::default(), places }))
    }

    /// Runs a read on a thread that may block.
    pub(super) fn call<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Answer<T> {
        let pool = Arc::clone(&self.0);
        Box::pin(async move {
            let places = Arc::clone(&pool.places);
            let place = places.acquire_owned().await.map_err(|_| StoreError::Closed)?;
            let read = move || {
                let _place = place;
                pool.read(read)
            };
            tokio::task::spawn_blocking(read).await.map_err(StoreError::backend)?
        })
    }

    /// Refuses reads from now on and closes the connections that are idle; one that is in use closes with its read.
    pub(super) fn close(&self) {
        self.0.places.close();
        self.0.idle().clear();
    }
}

impl Pool {
    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = self.idle().pop();
        let db = match idle {
            Some(db) => db,
            None => connection::open_reader(&self.path)?,
        };
        let result = read(&db);
        if !self.places.is_closed() {
            self.idle().push(db);
        }
        result
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! What can go wrong in a store, whose fault it is, and whether trying again helps.

use super::book::Undone;
use std::sync::Arc;
use voltapile_platform::book::BooksError;

/// A store did not do what it was asked for.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// As much is queued as may be.
    #[error("the store's queue is full")]
    Full,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// Something named does not exist.
    #[error("there is no {what} {key}")]
    NotFound {
        /// Its kind.
        what: &'static str,
        /// Its name.
        key: String,
    },
    /// A unit of work refused itself; nothing of it is kept.
    #[error("the work refused itself")]
    Refused,
    /// A list was asked for by something that its documents cannot be compared by.
    #[error("the list cannot be had so: {reason}")]
    BadQuery {
        /// What does not fit.
        reason: String,
    },
    /// A cursor that no page of this list gave out.
    #[error("the cursor does not belong to this list")]
    BadCursor,
    /// A stored row makes no sense.
    #[error("the stored {what} {key} can't be read: {reason}")]
    Corrupt {
        /// Its kind.
        what: &'static str,
        /// Its key.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The database was made by a newer program.
    #[error("the database has version {found}, this program knows up to {known}: use a newer program")]
    NewerDatabase {
        /// The database's version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// A migration does not read as it did when it was applied.
    #[error("migration {number} differs from the one applied to this database: use the program that made it")]
    MigrationChanged {
        /// Its number.
        number: u32,
    },
    /// Another process has the database open.
    #[error("{path} is in use by another process")]
    InUse {
        /// The lock file.
        path: String,
    },
    /// The database or the disk failed.
    #[error("the database failed: {0}")]
    Backend(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The caller asked for something impossible.
    Caller,
    /// This program, or what it wrote.
    Us,
    /// The database, the disk, or too much load.
    Dependency,
}

impl StoreError {
    /// Wraps the error of a database or a disk.
    pub(super) fn backend(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Backend(Arc::new(error))
    }

    /// Whose fault it is.
    #[must_use]
    pub const fn fault(&self) -> Fault {
        match self {
            Self::NotFound { .. } | Self::Refused | Self::BadQuery { .. } | Self::BadCursor => Fault::Caller,
            Self::Corrupt { .. } | Self::NewerDatabase { .. } | Self::MigrationChanged { .. } => Fault::Us,
            Self::Full | Self::Closed | Self::InUse { .. } | Self::Backend(_) => Fault::Dependency,
        }
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        matches!(self, Self::Full | Self::Backend(_))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::backend(error)
    }
}

impl From<StoreError> for BooksError {
    fn from(error: StoreError) -> Self {
        Self::Backend(Box::new(error))
    }
}

impl From<BooksError> for StoreError {
    fn from(error: BooksError) -> Self {
        match error {
            // What the store itself said goes back as it was.
            BooksError::Backend(error) => match error.downcast::<Self>() {
                Ok(error) => *error,
                Err(error) => Self::Backend(Arc::from(error)),
            },
            BooksError::Corrupt { kind, id, reason } => Self::Corrupt { what: kind.table(), key: id, reason },
        }
    }
}

impl From<Undone> for StoreError {
    fn from(undone: Undone) -> Self {
        match undone {
            Undone::Refused => Self::Refused,
            Undone::Failed(error) => error.into(),
        }
    }
}

/// Something that was not taken, given back with the reason.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct Rejected<T> {
    /// [`StoreError::Full`] or [`StoreError::Closed`].
    #[source]
    pub error: StoreError,
    /// What was not taken.
    pub item: T,
}

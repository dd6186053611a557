//! Runs the business: each thing that happens is one unit of work in the store, and what follows from it is done once
//! it is durable, in the same order.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use voltapile_platform::business::{Business, BusinessError, Reaction, Refusal};

use super::Core;
use super::mirror::{Refresh, Watching};
use crate::store::{OnWork, StoreError, Undone, Work};

/// Why a unit of work was not done; nothing of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// The business refuses it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a unit of work leaves for the time when it is durable.
struct Done<T> {
    result: Result<T, Refusal>,
    reaction: Reaction,
    refresh: Refresh,
}

type Slot<T> = Arc<Mutex<Option<Done<T>>>>;

/// Waits for room for work that the store had no room for.
type Crowded = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Core {
    /// Runs a unit of work; the answer comes once it is durable, and what follows from it has been set going by then.
    /// The work takes its place in the queue with the call, before the answer is awaited.
    ///
    /// # Errors
    /// What the business or the store says; nothing has changed then.
    pub fn business<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Business<'_>) -> Result<T, BusinessError> + Send + 'static,
    ) -> impl Future<Output = Result<T, CoreError>> + Send + 'static {
        let (sender, result) = tokio::sync::oneshot::channel();
        let submitted = self.submit(work, move |result| {
            // Whoever no longer waits does not want to know.
            let _ = sender.send(result);
        });
        async move {
            if let Err(waiting) = submitted {
                waiting.await;
            }
            result.await.unwrap_or(Err(CoreError::Store(StoreError::Closed)))
        }
    }

    /// Queues a unit of work without waiting; `done` is called on the store's thread and must be quick.
    ///
    /// # Errors
    /// When the store has no room, gives back the work as a future that waits for room.
    pub(super) fn submit<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Business<'_>) -> Result<T, BusinessError> + Send + 'static,
        done: impl FnOnce(Result<T, CoreError>) + Send + 'static,
    ) -> Result<(), Crowded> {
        let (work, on_durable) = self.prepare(work, done);
        let Err(rejected) = self.store.submit_work(work, on_durable) else { return Ok(()) };
        let (store, (work, on_durable)) = (Arc::clone(&self.store), rejected.item);
        Err(Box::pin(async move { on_durable(store.work(work).await) }))
    }

    /// The work as the store takes it, and what is to be done once it is durable.
    pub(super) fn prepare<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Business<'_>) -> Result<T, BusinessError> + Send + 'static,
        done: impl FnOnce(Result<T, CoreError>) + Send + 'static,
    ) -> (Work, OnWork) {
        let slot: Slot<T> = Arc::default();
        let filled = Arc::clone(&slot);
        let core = Arc::clone(self);
        let run: Work = Box::new(move |books| {
            let done = core.run(books, work)?;
            let undone = done.result.is_err();
            *filled.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
            if undone { Err(Undone::Refused) } else { Ok(()) }
        });
        let core = Arc::clone(self);
        let on_durable: OnWork = Box::new(move |stored| {
            let filled = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
            done(core.finish(stored, filled));
        });
        (run, on_durable)
    }

    fn run<T>(
        &self,
        books: &mut dyn voltapile_platform::book::Books,
        work: impl FnOnce(&mut Business<'_>) -> Result<T, BusinessError>,
    ) -> Result<Done<T>, Undone> {
        let mut watching = Watching::new(books);
        let mut business = Business {
            books: &mut watching,
            rules: &self.rules,
            presence: self,
            now: self.clock.now(),
            reaction: Reaction::default(),
        };
        let result = work(&mut business);
        let reaction = std::mem::take(&mut business.reaction);
        match result {
            Ok(value) => Ok(Done { result: Ok(value), reaction, refresh: watching.refresh()? }),
            Err(BusinessError::Refused(refusal)) => {
                Ok(Done { result: Err(refusal), reaction: Reaction::default(), refresh: Refresh::default() })
            }
            Err(BusinessError::Books(error)) => Err(Undone::Failed(error)),
        }
    }

    fn finish<T>(self: &Arc<Self>, stored: Result<(), StoreError>, filled: Option<Done<T>>) -> Result<T, CoreError> {
        let Some(Done { result, reaction, refresh }) = filled else {
            return Err(CoreError::Store(stored.err().unwrap_or(StoreError::Closed)));
        };
        match (stored, result) {
            (_, Err(refusal)) => Err(CoreError::Refused(refusal)),
            (Err(error), Ok(_)) => Err(CoreError::Store(error)),
            (Ok(()), Ok(value)) => {
                self.take_over(refresh);
                self.react(reaction);
                Ok(value)
            }
        }
    }
}

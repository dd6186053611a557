//! Work of one connection that waits for room in the store, in the order in which it came.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Core, Link};
use crate::store::{OnWork, Work};

type Waiting = VecDeque<(Work, OnWork)>;

/// The work that waits; `None` while the store takes everything at once, which costs an idle connection nothing.
#[derive(Default)]
pub struct Backlog(Mutex<Option<Box<Waiting>>>);

impl std::fmt::Debug for Backlog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Backlog").field("is_empty", &self.is_empty()).finish_non_exhaustive()
    }
}

impl Backlog {
    /// Whether nothing waits; else nothing more is to be read from the connection.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_none()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Box<Waiting>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next work; when there is none, from now on the store is tried first again.
    fn take(&self) -> Option<(Work, OnWork)> {
        let mut waiting = self.lock();
        let next = waiting.as_mut().and_then(|waiting| waiting.pop_front());
        if next.is_none() {
            *waiting = None;
        }
        next
    }
}

impl Core {
    /// Queues work of a connection behind all that came from it before. Where the store has no room, the connection is
    /// held up until there is.
    pub(super) fn queue(self: &Arc<Self>, link: &Arc<dyn Link>, work: Work, on_durable: OnWork) {
        let mut waiting = link.backlog().lock();
        if let Some(waiting) = waiting.as_mut() {
            return waiting.push_back((work, on_durable));
        }
        let Err(rejected) = self.store.submit_work(work, on_durable) else { return };
        *waiting = Some(Box::new(VecDeque::from([rejected.item])));
        drop(waiting);
        self.runtime.spawn(drain(Arc::clone(self), Arc::clone(link)));
    }
}

async fn drain(core: Arc<Core>, link: Arc<dyn Link>) {
    while let Some((work, on_durable)) = link.backlog().take() {
        on_durable(core.store.work(work).await);
    }
    link.wake();
}

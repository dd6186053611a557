//! What passes on the lines of piles, written down as pcapng: everything into a directory, or one pile's lines into a
//! file of their own.
//!
//! A connection shows what it has read and written to its [`Line`], which offers it to a bounded queue; one thread writes.
//! Where nothing is captured, a connection looks at one flag and does no more. Where the disk can't follow, bytes are
//! dropped and counted, and the file has a gap. Nothing that goes wrong here reaches a pile.

mod conversations;
mod line;
mod roll;
mod shelf;
#[cfg(test)]
mod tests;
mod word;
mod writer;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use voltapile_capture::Ends;
use voltapile_platform::identity::PileCode;
use voltapile_platform::timestamp::Timestamp;

use crate::clock::Clock;
use crate::metrics::Metrics;
pub use line::{Aboard, Line};
use shelf::Shelf;
pub use shelf::{CaptureId, Ending, Kept};
use word::{Queue, Word};

/// What is captured, and how much of it is kept.
#[derive(Debug, Clone)]
pub struct CaptureSettings {
    /// Where everything that passes is written; `None` for nowhere.
    pub directory: Option<PathBuf>,
    /// Bytes of a file there; then the next one begins.
    pub file_bytes: u64,
    /// Age of a file there at which the next one begins.
    pub file_age: Duration,
    /// Files there; the oldest go.
    pub files: usize,
    /// Where captures of single piles are kept.
    pub shelf: PathBuf,
    /// Captures of single piles that may run at once.
    pub piles_at_once: usize,
    /// Bytes of such captures that are kept in all; the oldest go.
    pub shelf_bytes: u64,
    /// How long such a capture is kept.
    pub shelf_age: Duration,
}

/// How much of a pile is to be captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Time after which the capture ends.
    pub time: Duration,
    /// Bytes at which it ends.
    pub bytes: u64,
}

/// A capture of a pile that runs, or is about to.
#[derive(Debug)]
pub struct Running {
    /// Its number.
    pub id: CaptureId,
    /// The pile.
    pub pile: PileCode,
    /// How much it takes.
    pub extent: Extent,
    /// Who started it, as the audit log names them.
    pub started_by: String,
    /// Until when, on the monotonic clock.
    until: Instant,
    /// Whether its file is there: lines feed it.
    is_fed: AtomicBool,
    written: AtomicU64,
}

impl Running {
    /// Bytes written so far.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written.load(Relaxed)
    }

    /// When it ends at the latest.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.id.started_at().plus_seconds(i64::try_from(self.extent.time.as_secs()).unwrap_or(i64::MAX))
    }
}

/// Why a capture can't start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CannotStart {
    /// One capture of a pile at a time.
    #[error("the pile is being captured already: stop that capture first, or take it")]
    Running,
    /// So many captures run.
    #[error("{0} captures run, and more are not taken at once: wait for one to end, or stop one")]
    TooMany(usize),
    /// Captures that run may fill all the room.
    #[error("captures that run may take all the room there is for them: ask for fewer MiB, or stop one")]
    NoRoom,
}

impl CannotStart {
    /// A stable word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "capture_running",
            Self::TooMany(_) => "too_many_captures",
            Self::NoRoom => "no_room_for_capture",
        }
    }
}

/// What lines, people and the writing thread share.
#[derive(Debug)]
struct Shared {
    settings: CaptureSettings,
    clock: Clock,
    metrics: Arc<Metrics>,
    shelf: Shelf,
    /// Whether anything is captured: all that a connection looks at where nothing is.
    is_on: AtomicBool,
    /// Whether everything is.
    takes_all: AtomicBool,
    running: RwLock<HashMap<PileCode, Arc<Running>>>,
    /// Bytes that wait to be written.
    waiting: AtomicUsize,
}

impl Shared {
    fn running(&self) -> RwLockReadGuard<'_, HashMap<PileCode, Arc<Running>>> {
        self.running.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn running_mut(&self) -> RwLockWriteGuard<'_, HashMap<PileCode, Arc<Running>>> {
        self.running.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says anew whether anything is captured: one at a time, so that the last word is about how things are.
    fn switch(&self) {
        let running = self.running_mut();
        let fed = running.values().filter(|capture| capture.is_fed.load(Relaxed)).count();
        let takes_all = self.takes_all.load(Relaxed);
        self.is_on.store(takes_all || fed > 0, Relaxed);
        self.metrics.captures.store(fed as u64 + u64::from(takes_all), Relaxed);
    }

    /// Takes a capture off the list; whoever waits for its place may have it.
    fn forget(&self, capture: &Running) {
        let mut running = self.running_mut();
        if running.get(&capture.pile).is_some_and(|listed| listed.id == capture.id) {
            running.remove(&capture.pile);
        }
        drop(running);
        self.switch();
    }
}

/// Everything that is captured.
#[derive(Debug)]
pub struct Captures {
    shared: Arc<Shared>,
    /// The way to the writing thread, which begins when it is first needed.
    queue: OnceLock<Queue>,
    lines: AtomicU64,
    last_id: AtomicU64,
}

impl Captures {
    /// Nothing is captured before [`begin`](Self::begin).
    #[must_use]
    pub fn new(settings: CaptureSettings, clock: Clock, metrics: Arc<Metrics>) -> Self {
        let shelf = Shelf::new(settings.shelf.clone());
        let (is_on, takes_all, running, waiting) = Default::default();
        let shared = Shared { settings, clock, metrics, shelf, is_on, takes_all, running, waiting };
        Self { shared: Arc::new(shared), queue: OnceLock::new(), lines: AtomicU64::new(0), last_id: AtomicU64::new(0) }
    }

    /// Begins to capture everything, where that is set, and to look after what is kept.
    pub fn begin(&self) {
        let settings = &self.shared.settings;
        if settings.directory.is_some() {
            self.shared.takes_all.store(true, Relaxed);
            self.shared.switch();
        }
        if settings.directory.is_some() || settings.shelf.is_dir() {
            self.queue();
        }
    }

    /// Whether anything is captured.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.shared.is_on.load(Relaxed)
    }

    /// A line that begins now.
    #[must_use]
    pub fn line_begins(&self, ends: Ends) -> Line {
        let at = self.shared.clock.capture_time();
        let mut line = Line::new(self.next_line(), ends, Some(at));
        line.begin(self);
        line
    }

    /// A line that was there before anything was captured.
    #[must_use]
    pub fn line_found(&self, ends: Ends) -> Line {
        Line::new(self.next_line(), ends, None)
    }

    fn next_line(&self) -> u64 {
        self.lines.fetch_add(1, Relaxed)
    }

    /// Takes a place for a capture, which is given back unless the capture [begins](Place::begin).
    ///
    /// # Errors
    /// [`CannotStart`] with what stands in the way.
    pub fn reserve(&self, pile: PileCode, extent: Extent, started_by: String) -> Result<Place, CannotStart> {
        let settings = &self.shared.settings;
        let mut running = self.shared.running_mut();
        if running.contains_key(&pile) {
            return Err(CannotStart::Running);
        }
        if running.len() >= settings.piles_at_once {
            return Err(CannotStart::TooMany(running.len()));
        }
        let promised: u64 = running.values().map(|capture| capture.extent.bytes).sum();
        if promised + extent.bytes > settings.shelf_bytes {
            return Err(CannotStart::NoRoom);
        }
        let (is_fed, written) = Default::default();
        let until = Instant::now() + extent.time;
        let capture = Arc::new(Running { id: self.next_id(), pile, extent, started_by, until, is_fed, written });
        running.insert(pile, Arc::clone(&capture));
        Ok(Place { capture, shared: Arc::clone(&self.shared), begun: false })
    }

    /// Moments are numbers that files can be sorted by; two captures never begin in the same one.
    fn next_id(&self) -> CaptureId {
        let now = u64::try_from(self.shared.clock.now().unix_ms()).unwrap_or_default();
        let next = |last| Some(now.max(last + 1));
        let last = self.last_id.fetch_update(Relaxed, Relaxed, next).unwrap_or_default();
        CaptureId(now.max(last + 1))
    }

    /// The capture of a pile that runs.
    #[must_use]
    pub fn of_pile(&self, pile: PileCode) -> Option<Arc<Running>> {
        self.shared.running().get(&pile).filter(|capture| capture.is_fed.load(Relaxed)).cloned()
    }

    /// Stops a pile's capture, if it runs, once all that has passed is written.
    pub async fn stop(&self, id: CaptureId) {
        let (done, stopped) = oneshot::channel();
        self.queue().send(Word::Stop { id, done });
        // An error means that the thread is gone, and all captures with it.
        let _ = stopped.await;
    }

    /// Whether anything is kept of a pile.
    #[must_use]
    pub fn has_any(&self, pile: PileCode) -> bool {
        self.shared.shelf.has_any(pile)
    }

    /// What is kept of a pile, newest first. Reads the disk.
    #[must_use]
    pub fn kept(&self, pile: PileCode) -> Vec<Kept> {
        self.shared.shelf.of_pile(pile)
    }

    /// One capture that is kept. Reads the disk.
    #[must_use]
    pub fn find(&self, pile: PileCode, id: CaptureId) -> Option<Kept> {
        self.shared.shelf.find(pile, id)
    }

    /// The file of a capture. Reads the disk.
    ///
    /// # Errors
    /// What opening it gives.
    pub fn open(&self, pile: PileCode, id: CaptureId) -> std::io::Result<std::fs::File> {
        self.shared.shelf.open(pile, id)
    }

    /// Removes a capture that has ended. Writes to the disk.
    ///
    /// # Errors
    /// What removing its file gives.
    pub fn remove(&self, pile: PileCode, id: CaptureId) -> std::io::Result<()> {
        self.shared.shelf.remove(pile, id)
    }

    /// Writes what waits and ends all captures.
    pub async fn close(&self) {
        if let Some(queue) = self.queue.get() {
            let (done, closed) = oneshot::channel();
            queue.send(Word::End { done });
            let _ = closed.await;
        }
    }

    fn queue(&self) -> &Queue {
        self.queue.get_or_init(|| writer::spawn(Arc::clone(&self.shared)))
    }
}

/// A place for a capture that has not begun.
#[derive(Debug)]
pub struct Place {
    capture: Arc<Running>,
    shared: Arc<Shared>,
    begun: bool,
}

impl Place {
    /// The capture's number.
    #[must_use]
    pub fn id(&self) -> CaptureId {
        self.capture.id
    }

    /// Makes the file; from then on the pile's lines are captured.
    ///
    /// # Errors
    /// What making the file gives.
    pub async fn begin(mut self, captures: &Captures) -> std::io::Result<Arc<Running>> {
        let (done, begun) = oneshot::channel();
        captures.queue().send(Word::Start { capture: Arc::clone(&self.capture), done });
        begun.await.unwrap_or_else(|_| Err(std::io::Error::other("the server is stopping")))?;
        self.begun = true;
        Ok(Arc::clone(&self.capture))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.begun && !self.capture.is_fed.load(Relaxed) {
            self.shared.forget(&self.capture);
        }
    }
}

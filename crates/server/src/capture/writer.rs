//! The thread that writes captures: the only one that waits for the disk.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::conversations::{Conversations, Output, most_bytes_of};
use super::roll::Roll;
use super::shelf::{CaptureId, Ending};
use super::word::{Passed, Queue, Target, Word, weight};
use super::{Running, Shared};

/// How often everything goes to the disk, and captures end whose time is up.
const TICK: Duration = Duration::from_secs(1);
/// How often old captures of piles are looked for.
const TIDY_EVERY: Duration = Duration::from_secs(60 * 60);

/// Starts the thread. It ends with a word, or when nobody can send one any more.
pub(super) fn spawn(shared: Arc<Shared>) -> Queue {
    let (sender, words) = mpsc::channel();
    let of_thread = Arc::clone(&shared);
    let spawned =
        thread::Builder::new().name("capture".to_owned()).spawn(move || CaptureWriter::new(of_thread).run(&words));
    if let Err(error) = spawned {
        tracing::error!(%error, "nothing can be captured: no thread for it");
        shared.takes_all.store(false, Relaxed);
        shared.switch();
    }
    Queue { words: sender, shared }
}

/// A capture of a pile that is being written.
struct Open {
    capture: Arc<Running>,
    output: Output,
    conversations: Conversations,
}

struct CaptureWriter {
    shared: Arc<Shared>,
    all: Option<Roll>,
    piles: HashMap<CaptureId, Open>,
    tidied: Instant,
}

impl CaptureWriter {
    fn new(shared: Arc<Shared>) -> Self {
        Self { shared, all: None, piles: HashMap::new(), tidied: Instant::now() }
    }

    fn run(mut self, words: &Receiver<Word>) {
        self.begin();
        let mut tick = Instant::now() + TICK;
        loop {
            match words.recv_timeout(tick.saturating_duration_since(Instant::now())) {
                Ok(word) => {
                    self.shared.waiting.fetch_sub(weight(&word), Relaxed);
                    if let Some(done) = self.handle(word) {
                        self.end();
                        let _ = done.send(());
                        return;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.end(),
            }
            if Instant::now() >= tick {
                self.tick();
                tick = Instant::now() + TICK;
            }
        }
    }

    fn begin(&mut self) {
        self.tidy(0);
        let shared = Arc::clone(&self.shared);
        let Some(directory) = shared.settings.directory.clone() else { return };
        match Roll::new(directory.clone(), &shared.settings, shared.clock.now()) {
            Ok(roll) => {
                tracing::info!(directory = %directory.display(), "capturing everything that passes between piles and server");
                self.all = Some(roll);
            }
            Err(error) => self.give_up(&error),
        }
    }

    /// Does as it is told; gives back whom to tell when that was to end.
    fn handle(&mut self, word: Word) -> Option<oneshot::Sender<()>> {
        match word {
            Word::Passed(Target::All, passed) => self.write_all(&passed),
            Word::Passed(Target::Pile(id), passed) => self.write_pile(id, &passed),
            Word::Start { capture, done } => {
                let _ = done.send(self.start(capture));
            }
            Word::Stop { id, done } => {
                self.finish(id, Ending::Stopped);
                let _ = done.send(());
            }
            Word::End { done } => return Some(done),
        }
        None
    }

    fn write_all(&mut self, passed: &Passed) {
        let Some(roll) = &mut self.all else { return };
        match roll.write(passed, self.shared.clock.now()) {
            Ok(bytes) => count(&self.shared, bytes),
            Err(error) => self.give_up(&error),
        }
    }

    /// The directory can't be written: nothing more goes there until the server starts again.
    fn give_up(&mut self, error: &io::Error) {
        let directory = self.shared.settings.directory.as_deref().unwrap_or_else(|| "".as_ref());
        tracing::error!(
            directory = %directory.display(), %error,
            "the capture of everything has stopped, piles are served on; mend the directory and restart the server"
        );
        self.all = None;
        self.shared.takes_all.store(false, Relaxed);
        self.shared.metrics.captures_ended.count(Ending::DiskFailed.name());
        self.shared.switch();
    }

    fn start(&mut self, capture: Arc<Running>) -> io::Result<()> {
        self.tidy(capture.extent.bytes);
        let output = self.shared.shelf.begin(&capture).inspect_err(|error| {
            tracing::error!(pile = %capture.pile, %error, "a capture can't be written");
            self.shared.metrics.captures_ended.count(Ending::DiskFailed.name());
        })?;
        tracing::info!(pile = %capture.pile, capture = %capture.id, by = capture.started_by, "capturing a pile");
        let open = Open { capture: Arc::clone(&capture), output, conversations: Conversations::default() };
        open.capture.written.store(open.output.written(), Relaxed);
        self.piles.insert(capture.id, open);
        capture.is_fed.store(true, Relaxed);
        self.shared.switch();
        Ok(())
    }

    fn write_pile(&mut self, id: CaptureId, passed: &Passed) {
        let Some(open) = self.piles.get_mut(&id) else { return };
        if open.output.written() + most_bytes_of(passed) > open.capture.extent.bytes {
            return self.finish(id, Ending::Size);
        }
        match open.conversations.write(passed, &mut open.output) {
            Ok(bytes) => {
                open.capture.written.store(open.output.written(), Relaxed);
                count(&self.shared, bytes);
            }
            Err(error) => self.fail(id, &error),
        }
    }

    fn tick(&mut self) {
        if let Some(roll) = &mut self.all
            && let Err(error) = roll.tick(self.shared.clock.now())
        {
            self.give_up(&error);
        }
        let now = Instant::now();
        let ids: Vec<CaptureId> = self.piles.keys().copied().collect();
        for id in ids {
            let Some(open) = self.piles.get_mut(&id) else { continue };
            match open.output.flush() {
                Err(error) => self.fail(id, &error),
                Ok(()) if open.capture.until <= now => self.finish(id, Ending::Time),
                Ok(()) => {}
            }
        }
        if self.tidied.elapsed() >= TIDY_EVERY {
            self.tidy(0);
        }
    }

    fn fail(&mut self, id: CaptureId, error: &io::Error) {
        if let Some(open) = self.piles.get(&id) {
            tracing::error!(pile = %open.capture.pile, capture = %id, %error, "a capture can't be written and ends");
        }
        self.finish(id, Ending::DiskFailed);
    }

    fn finish(&mut self, id: CaptureId, ending: Ending) {
        let Some(Open { capture, mut output, .. }) = self.piles.remove(&id) else { return };
        let flushed = output.flush();
        let told = self.shared.shelf.end(&capture, self.shared.clock.now(), ending);
        let (pile, bytes) = (capture.pile, output.written());
        match flushed.and(told) {
            Ok(()) => tracing::info!(%pile, capture = %id, bytes, reason = ending.name(), "a capture has ended"),
            Err(error) => tracing::error!(%pile, capture = %id, %error, "a capture has ended, and may not be whole"),
        }
        self.shared.metrics.captures_ended.count(ending.name());
        self.shared.forget(&capture);
    }

    fn end(&mut self) {
        let ids: Vec<CaptureId> = self.piles.keys().copied().collect();
        ids.into_iter().for_each(|id| self.finish(id, Ending::ServerStopped));
        if let Some(mut roll) = self.all.take()
            && let Err(error) = roll.tick(self.shared.clock.now())
        {
            tracing::error!(%error, "the capture of everything may not be whole");
        }
        self.shared.takes_all.store(false, Relaxed);
        self.shared.switch();
    }

    /// Removes captures of piles that are too old, or in the way of those that run and one that is about to.
    fn tidy(&mut self, wanted: u64) {
        self.tidied = Instant::now();
        let settings = &self.shared.settings;
        let promised: u64 = self.piles.values().map(|open| open.capture.extent.bytes).sum();
        let room = settings.shelf_bytes.saturating_sub(promised + wanted);
        let age = i64::try_from(settings.shelf_age.as_secs()).unwrap_or(i64::MAX);
        let running: Vec<CaptureId> = self.piles.keys().copied().collect();
        self.shared.shelf.make_room(room, self.shared.clock.now().plus_seconds(-age), &running);
    }
}

fn count(shared: &Shared, bytes: u64) {
    shared.metrics.capture_bytes.fetch_add(bytes, Relaxed);
}
